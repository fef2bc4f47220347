import { rootFields } from '../graphql/fields.js';
import { users } from './user.inputs.js';

export const UserQueries = rootFields(
  users,
  { one: 'user', many: 'users' },
  {
    one: 'One user of the tenant; null if there is none with this id.',
    many: 'Users of the tenant by name, those who may no longer sign in as well: `filter: { assignable: true }` gives those who records can be given to.',
  },
);
