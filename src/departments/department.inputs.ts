import { ID, InputType } from 'type-graphql';
import { User } from '../identity/user.entity.js';
import { UserFilter } from '../identity/user.inputs.js';
import { filterFrom } from '../read/column-filter.js';
import { containsWords, isOneOf, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { refersTo } from '../read/references.js';
import { Department } from './department.entity.js';
import { depthOf, isWithin } from './department.sql.js';

@InputType({ description: 'Conditions on departments; all given ones hold.' })
export class DepartmentFilter extends filterFrom('DepartmentColumnFilter', Department) {
  @Where(isOneOf, () => [ID], 'One of these departments.')
  ids?: string[];

  @Where(refersTo('parent', Department), () => [ID], 'Directly below one of these departments.')
  parent?: string[];

  @Where(isWithin('id'), () => [ID], 'One of these departments, or below one of them at any distance.')
  ancestor?: string[];

  @Where(containsWords('name', 'code'), () => String, 'Each of its words is contained in name or code.')
  search?: string;

  @Where(refersTo('leader', User), () => [ID], 'Led by one of these users, by id, number or login; `ME` is the caller.')
  leader?: string[];
}

export const departments = list(Department, {
  filter: DepartmentFilter,
  order: {
    position: 'Place among the departments directly below the same one.',
    name: 'Name.',
    depth: { sql: depthOf, cast: 'int', nullable: false, description: 'How many departments are above it.' },
    number: 'The integer `number`.',
    createdAt: 'When it was created.',
  },
  defaultOrder: [
    ['POSITION', 'ASC'],
    ['NAME', 'ASC'],
  ],
});

// what users can be found by of the department that they work in, which identity does not know
const ofUsers = UserFilter.prototype;
Where(
  refersTo('department', Department),
  () => [ID],
  'Works directly in one of these departments.',
)(ofUsers, 'department');
Where(
  isWithin('department'),
  () => [ID],
  'Works in one of these departments, or below one of them at any distance.',
)(ofUsers, 'departmentAndBelow');
