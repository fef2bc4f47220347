import { Int } from 'type-graphql';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { User } from '../identity/user.entity.js';
import { users } from '../identity/user.inputs.js';
import { counted } from '../model/fields.js';
import { Department } from './department.entity.js';
import { departments as departmentList } from './department.inputs.js';
import { depthOf, isAncestor } from './department.sql.js';

const Queries = rootFields(
  departmentList,
  { one: 'department', many: 'departments' },
  {
    one: 'One department; null if there is none with this id.',
    many: 'Departments of the tenant. `filter: { isEmpty: [PARENT] }` gives those at the top.',
  },
);
const Children = childList(
  Department,
  'children',
  departmentList,
  'The departments directly below this one.',
  'parent',
);
const Ancestors = childList(
  Department,
  'ancestors',
  departmentList,
  'The departments above this one, at any distance: `orderBy: [{ field: DEPTH }]` begins at the top.',
  isAncestor,
);
const Users = childList(
  Department,
  'users',
  users,
  'Who works directly in the department; `users(filter: { departmentAndBelow: … })` has those below it as well.',
  'department',
);
const Depth = addField(
  Department,
  'depth',
  () => Int,
  { description: 'How many departments are above it; 0 at the top.' },
  { kind: 'sql', sql: depthOf },
);
const UserCount = addField(
  Department,
  'userCount',
  () => Int,
  { description: 'How many active users work directly in the department.' },
  {
    kind: 'sql',
    sql: (department) => department.aggregate(User, 'department', (user) => user.col('active'), counted),
  },
);
const Reports = childList(User, 'reports', users, 'Who reports directly to the user.', 'manager');
const Led = childList(User, 'departmentsLed', departmentList, 'The departments that the user leads.', 'leader');

export const departmentResolvers = [Queries, Children, Ancestors, Users, Depth, UserCount, Reports, Led];
