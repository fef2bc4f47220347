import type { OwnedKind, RightUse, RecordReach } from '../core/rights.js';
import type { Scope } from '../model/fields.js';
import { eitherOf } from '../read/access.js';

/** Departments that the caller works in or leads. */
const departments = (row: Scope): string =>
  `select department_id from user_account where tenant_id = ${row.tenant()} and id = ${row.me()} and department_id is not null union all select id from department where tenant_id = ${row.tenant()} and leader_id = ${row.me()} and deleted_at is null`;

/** Everybody who reports to the caller, directly or through others. */
const subordinates = (row: Scope): string =>
  `with recursive reporting (id) as (select id from user_account where tenant_id = ${row.tenant()} and manager_id = ${row.me()} union select u.id from user_account u join reporting r on r.id = u.manager_id where u.tenant_id = ${row.tenant()}) select id from reporting`;

/** Those departments and all below them. */
const departmentsAndBelow = (row: Scope): string =>
  `select descendant_id from department_path where tenant_id = ${row.tenant()} and ancestor_id in (${departments(row)})`;

const isOwner = (row: Scope): string => `${row.col('owner')} = ${row.me()}`;

/**
 * Each reach as conditions on rows with `owner` and `ownerDepartment`, one of which holds. What somebody reaches is looked up
 * once for a statement, as a list that an index can be searched with.
 */
const conditions: Readonly<Record<RecordReach, (row: Scope) => readonly string[]>> = {
  NONE: () => [],
  OWN: (row) => [isOwner(row)],
  SUBORDINATES: (row) => [isOwner(row), `${row.col('owner')} = any(array(${subordinates(row)}))`],
  DEPARTMENT: (row) => [isOwner(row), `${row.col('ownerDepartment')} = any(array(${departments(row)}))`],
  DEPARTMENT_AND_BELOW: (row) => [
    isOwner(row),
    `${row.col('ownerDepartment')} = any(array(${departmentsAndBelow(row)}))`,
  ],
  ALL: () => ['true'],
};

/** The conditions that indexes answer, of which one holds for every record within a reach of the caller. */
export const waysWithinReach = (row: Scope, kind: OwnedKind, use: RightUse | 'own'): string[] => [
  ...new Set(row.rights.reaches[kind][use].flatMap((reach) => conditions[reach](row))),
];

/**
 * SQL condition on records of a kind: those within a reach of the caller, be it to see them, to change them or to be shown
 * their contact data and amounts (`own`).
 */
export const isWithinReach = (row: Scope, kind: OwnedKind, use: RightUse | 'own'): string =>
  eitherOf(...waysWithinReach(row, kind, use)) || 'false';

const workingIn = (row: Scope, selected: string): string =>
  `select id from user_account where tenant_id = ${row.tenant()} and department_id = any(array(${selected}))`;

/** Whose records a reach takes in beside the caller's own, as a select of the ids of users. */
const colleagues: Readonly<Partial<Record<RecordReach, (row: Scope) => string>>> = {
  SUBORDINATES: subordinates,
  DEPARTMENT: (row) => workingIn(row, departments(row)),
  DEPARTMENT_AND_BELOW: (row) => workingIn(row, departmentsAndBelow(row)),
};

/**
 * SQL condition on records that hang on customers, or on leads, and have somebody of their own who works on them, whom the
 * property `by` names: that is the caller, or somebody whose customers or leads they reach. Who that is is looked up once for
 * a statement as well.
 */
export function isWorkedOnWithinReach(
  row: Scope,
  by: string,
  use: RightUse | 'own',
  kind: OwnedKind = 'customer',
): string {
  const reaches = row.rights.reaches[kind][use];
  if (reaches[0] === 'ALL') return 'true';
  const others = reaches.flatMap((reach) => colleagues[reach]?.(row) ?? []);
  return [`${row.col(by)} = ${row.me()}`, ...others.map((ids) => `${row.col(by)} = any(array(${ids}))`)].join(' or ');
}
