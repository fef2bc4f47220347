import { InputType } from 'type-graphql';
import { User } from '../identity/user.entity.js';
import { inputFrom, written } from '../model/inputs.js';

@InputType({
  description:
    'What to store of a user. Fields left out stay unchanged; null clears a field. Where the token of the user has a name, an e-mail address or a phone, it stays the authority on it: their next request with it writes what it says.',
})
export class UserInput extends inputFrom(
  'UserMembers',
  User,
  written<User, 'name' | 'email' | 'phone' | 'department' | 'manager'>(User),
  'Fields of a user that are written as they are.',
) {}

@InputType({ description: 'A user to enter before their first token is seen.' })
export class UserCreateInput extends inputFrom(
  'UserCreateMembers',
  User,
  ['login', ...written<User, 'name' | 'email' | 'phone' | 'department' | 'manager'>(User)],
  'Fields of a new user that are written as they are; `login` is what their token will have as its subject, and `name` is the login where it is left out.',
  { required: ['login'] },
) {}
