import { ID, InputType } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
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
  @Where(isOneOf, () => [ID], 'One of these departments; `MY_DEPARTMENT` is where the caller works.')
  ids?: string[];

  @Where(
    refersTo('parent', Department),
    () => [ID],
    'Directly below one of these departments; `MY_DEPARTMENT` is where the caller works.',
  )
  parent?: string[];

  @Where(
    isWithin('id'),
    () => [ID],
    'One of these departments, or below one of them at any distance; `MY_DEPARTMENT` is where the caller works.',
  )
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
  restorable: true,
});

@InputType({
  description:
    'What to store of a department. Fields left out stay unchanged; null clears a field. Its place in the tree is changed by `departmentMove`.',
})
export class DepartmentInput extends inputFrom(
  'DepartmentMembers',
  Department,
  written<Department, Exclude<keyof Department, keyof Editable | 'parent'>>(Department),
  'Fields of a department that are written as they are.',
) {}

@InputType({ description: 'What a new department is, and where in the tree.' })
export class DepartmentCreateInput extends inputFrom(
  'DepartmentCreateMembers',
  Department,
  [...written<Department, Exclude<keyof Department, keyof Editable | 'parent'>>(Department), 'parent'],
  'Fields of a new department that are written as they are.',
  { required: ['name'], defaults: { position: 0 } },
) {}

// what users can be found by of the department that they work in, which identity does not know
const ofUsers = UserFilter.prototype;
Where(
  refersTo('department', Department),
  () => [ID],
  'Works directly in one of these departments; `MY_DEPARTMENT` is where the caller works.',
)(ofUsers, 'department');
Where(
  isWithin('department'),
  () => [ID],
  'Works in one of these departments, or below one of them at any distance; `MY_DEPARTMENT` is where the caller works.',
)(ofUsers, 'departmentAndBelow');
