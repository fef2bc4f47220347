import type { OwnedKind, RightUse, RecordReach } from '../core/rights.js';
import type { Scope } from '../model/fields.js';
import { isFoundByAny, type Way } from '../read/access.js';

/** Departments that a user works in or leads, by expressions for the ids of tenant and user. */
const departmentsOf = (tenant: string, user: string): string =>
  `select department_id from user_account where tenant_id = ${tenant} and id = ${user} and department_id is not null union all select id from department where tenant_id = ${tenant} and leader_id = ${user} and deleted_at is null`;

/** Those departments and all below them. */
export const departmentsAndBelowOf = (tenant: string, user: string): string =>
  `select descendant_id from department_path where tenant_id = ${tenant} and ancestor_id in (${departmentsOf(tenant, user)})`;

const departments = (row: Scope): string => departmentsOf(row.tenant(), row.me());
const departmentsAndBelow = (row: Scope): string => departmentsAndBelowOf(row.tenant(), row.me());

/** Everybody who reports to the caller, directly or through others. */
const subordinates = (row: Scope): string =>
  `with recursive reporting (id) as (select id from user_account where tenant_id = ${row.tenant()} and manager_id = ${row.me()} union select u.id from user_account u join reporting r on r.id = u.manager_id where u.tenant_id = ${row.tenant()}) select id from reporting`;

/** SQL condition: the caller has entered the record. */
export const hasEntered = (row: Scope): string => `${row.col('createdBy')} = ${row.me()}`;

const isOwner = (row: Scope): string => `${row.col('owner')} = ${row.me()}`;

/**
 * Each reach as ways to find rows with `owner` and `ownerDepartment`. What somebody reaches is looked up once for a statement,
 * as a list that an index can be searched with.
 */
const reached: Readonly<Record<RecordReach, (row: Scope) => readonly Way[]>> = {
  NONE: () => [],
  OWN: (row) => [isOwner(row)],
  SUBORDINATES: (row) => [isOwner(row), { property: 'owner', among: subordinates(row) }],
  DEPARTMENT: (row) => [isOwner(row), { property: 'ownerDepartment', among: departments(row) }],
  DEPARTMENT_AND_BELOW: (row) => [isOwner(row), { property: 'ownerDepartment', among: departmentsAndBelow(row) }],
  ALL: () => ['true'],
};

/** The ways to find all records of a kind that are within a reach of the caller. */
export const waysWithinReach = (row: Scope, kind: OwnedKind, use: RightUse | 'own'): Way[] =>
  row.rights.reaches[kind][use].flatMap((reach) => reached[reach](row));

/**
 * SQL condition on records of a kind: those within a reach of the caller, be it to see them, to change them or to be shown
 * their contact data and amounts (`own`).
 */
export const isWithinReach = (row: Scope, kind: OwnedKind, use: RightUse | 'own'): string =>
  isFoundByAny(row, waysWithinReach(row, kind, use));

const workingIn = (row: Scope, selected: string): string =>
  `select id from user_account where tenant_id = ${row.tenant()} and department_id = any(array(${selected}))`;

/** Whose records a reach takes in beside the caller's own, as a select of the ids of users. */
const colleagues: Readonly<Partial<Record<RecordReach, (row: Scope) => string>>> = {
  SUBORDINATES: subordinates,
  DEPARTMENT: (row) => workingIn(row, departments(row)),
  DEPARTMENT_AND_BELOW: (row) => workingIn(row, departmentsAndBelow(row)),
};

/**
 * The ways to find records that hang on customers, or on leads, and have somebody of their own who works on them, whom the
 * property `by` names: that is the caller, or somebody whose customers or leads they reach. Who that is is looked up once for
 * a statement as well.
 */
export function waysToWork(row: Scope, by: string, use: RightUse | 'own', kind: OwnedKind = 'customer'): Way[] {
  const reaches = row.rights.reaches[kind][use];
  if (reaches[0] === 'ALL') return ['true'];
  const others = reaches.flatMap((reach) => colleagues[reach]?.(row) ?? []);
  return [`${row.col(by)} = ${row.me()}`, ...others.map((among) => ({ property: by, among }))];
}

/** SQL condition on such records: they are found in one of these ways. */
export const isWorkedOnWithinReach = (row: Scope, by: string, use: RightUse | 'own', kind?: OwnedKind): string =>
  isFoundByAny(row, waysToWork(row, by, use, kind));
