import type { Scope } from '../model/fields.js';

/** The departments that the caller works in: their own and those above it. */
const departmentsOfCaller = (row: Scope): string =>
  `array(select p.ancestor_id from user_account u, department_path p where u.tenant_id = ${row.tenant()} and u.id = ${row.me()} and p.tenant_id = ${row.tenant()} and p.descendant_id = u.department_id)`;

/** The pools that the caller works with, or administers: an array that depends on no row, so that an index finds their records. */
const poolsOfCaller = (row: Scope, only = ''): string =>
  `array(select m.pool_id from pool_member m where m.tenant_id = ${row.tenant()}${only} and (m.user_id = ${row.me()} or m.department_id = any(${departmentsOfCaller(row)})))`;

/** SQL condition: the pool whose id an expression gives is one that the caller works with, as a member or as one of its administrators. */
export const isMemberOfPool = (row: Scope, pool: string): string => `${pool} = any(${poolsOfCaller(row)})`;

/** SQL condition: the pool whose id an expression gives is one that the caller administers. */
export const administersPool = (row: Scope, pool: string): string =>
  `${pool} = any(${poolsOfCaller(row, ` and m.role = 'ADMIN'`)})`;

/** SQL condition on a record that has an owner or lies in a pool: nobody looks after it, and it lies in no pool that the caller has nothing to do with. */
export const isFree = (row: Scope): string =>
  `${row.col('owner')} is null and (${row.col('pool')} is null or ${isMemberOfPool(row, row.col('pool'))})`;

/** SQL condition on such a record: the caller may change it although nobody looks after it: it lies in no pool, or in one that they administer. */
export const isFreeToChange = (row: Scope): string =>
  `${row.col('owner')} is null and (${row.col('pool')} is null or ${administersPool(row, row.col('pool'))})`;
