import type { Scope } from '../model/fields.js';
import type { Condition } from '../read/filter.js';
import { isNamed } from '../read/references.js';
import { isBlank } from '../read/value.js';
import { Department } from './department.entity.js';

/** The department with the id `above` is above the one with the id `below`, at any distance, or is the same one. */
export const isAbove = (row: Scope, above: (ancestor: string) => string, below: string): string =>
  `exists (select 1 from department_path path where path.tenant_id = ${row.tenant()} and path.descendant_id = ${below} and ${above('path.ancestor_id')})`;

/** The department that the row is, or names with `property`, is one of those that a list names, or below one of them: which these are is looked up once. */
export const isWithin =
  (property: string): Condition =>
  (row, value) =>
    value.is(isBlank)
      ? 'true'
      : `${row.col(property)} = any(array(select path.descendant_id from department_path path where path.tenant_id = ${row.tenant()} and ${isNamed(row, value, Department)('path.ancestor_id')}))`;

/** The departments that a user works in, by expressions for the ids of tenant and user: their own and those above it, as an array. */
export const departmentsAbove = (tenant: string, user: string): string =>
  `array(select p.ancestor_id from user_account u, department_path p where u.tenant_id = ${tenant} and u.id = ${user} and p.tenant_id = ${tenant} and p.descendant_id = u.department_id)`;

/** How many departments are above one. */
export const depthOf = (department: Scope): string =>
  `(select count(*)::int - 1 from department_path path where path.tenant_id = ${department.tenant()} and path.descendant_id = ${department.col('id')})`;

/** The department `other` is above the one with that id. */
export const isAncestor = (other: Scope, id: string): string =>
  `${isAbove(other, (ancestor) => `${ancestor} = ${other.col('id')}`, id)} and ${other.col('id')} <> ${id}`;
