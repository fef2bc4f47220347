import { ID, InputType } from 'type-graphql';
import { filterFrom } from '../read/column-filter.js';
import { containsWords, isTrue, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { refersTo } from '../read/references.js';
import { User } from './user.entity.js';
import { isAssignable } from './user.sql.js';

@InputType({ description: 'Conditions on users; all given ones hold.' })
export class UserFilter extends filterFrom('UserColumnFilter', User) {
  @Where(containsWords('name', 'login'), () => String, 'Each of its words is contained in name or login.')
  search?: string;

  @Where(
    isTrue(isAssignable),
    () => Boolean,
    'Whether records can be looked after by them: active people are, the server itself and the users of API keys are not.',
  )
  assignable?: boolean;

  @Where(
    refersTo('manager', User),
    () => [ID],
    'Reports directly to one of these users, by id, number or login; `ME` is the caller.',
  )
  manager?: string[];
}

export const users = list(User, {
  filter: UserFilter,
  order: {
    name: 'Display name.',
    login: 'Login name.',
    createdAt: 'When the user was first seen.',
    number: 'The integer `number`.',
    seenAt: 'When the server last saw a token of the user.',
  },
  defaultOrder: [['NAME', 'ASC']],
});
