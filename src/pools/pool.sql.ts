import type { Scope } from '../model/fields.js';
import { constantCase } from '../model/graph-names.js';
import { departmentsAbove } from '../departments/department.sql.js';
import type { OwnedKind } from '../core/rights.js';
import type { Way } from '../read/access.js';
import type { PoolRole } from './pool.entity.js';

/** The pools that a user works with, or only administers: an array that depends on no row, so that an index finds their records. */
export const poolsOf = (tenant: string, user: string, role?: PoolRole): string =>
  `array(select m.pool_id from pool_member m where m.tenant_id = ${tenant}${role ? ` and m.role = '${role}'` : ''} and (m.user_id = ${user} or m.department_id = any(${departmentsAbove(tenant, user)})))`;

/** SQL condition: the pool whose id an expression gives is one that the caller works with, as a member or as one of its administrators. */
export const isMemberOfPool = (row: Scope, pool: string): string => `${pool} = any(${poolsOf(row.tenant(), row.me())})`;

/** SQL condition: the pool whose id an expression gives is one that the caller administers. */
export const administersPool = (row: Scope, pool: string): string =>
  `${pool} = any(${poolsOf(row.tenant(), row.me(), 'ADMIN')})`;

/**
 * SQL condition on a record that has an owner or lies in a pool: nobody looks after it, and it lies in no pool that the caller
 * has nothing to do with. To be changed it lies in none, or in one that they administer: what lies in a pool is picked first.
 */
const isFree = (row: Scope): string => {
  const belongs = row.rights.asked === 'write' ? administersPool : isMemberOfPool;
  return `${row.col('owner')} is null and (${row.col('pool')} is null or ${belongs(row, row.col('pool'))})`;
};

/** Ways to find such records, and those that nobody looks after, for whoever reaches some but not all. */
export const andFree = (row: Scope, kind: OwnedKind, reached: Way[]): Way[] => {
  const { asked, reaches } = row.rights;
  return reached.includes('true') || reaches[kind][asked].length === 0 ? reached : [...reached, isFree(row)];
};

/** SQL condition on such a record: it lies in a pool. */
export const liesInPool = (row: Scope): string => `(${row.col('pool')} is not null)`;

/** SQL condition on a pool: the caller works with it, as a member or as one of its administrators. */
export const isWorkedWith = (pool: Scope): string => `(${isMemberOfPool(pool, pool.col('id'))})`;

/** SQL over what the caller was shown today of what pools hide, under the name `v`. */
export const revealedToday = (row: Scope): string =>
  `from pool_reveal v where v.tenant_id = ${row.tenant()} and v.user_id = ${row.me()} and v.day = ${row.today()}`;

/** SQL condition on such a record: the caller was shown today what its pool hides of it. */
export const isRevealed = (row: Scope): string =>
  `${row.col('id')} = any(array(select v.record_id ${revealedToday(row)}))`;

/** SQL condition on such a record, for callers who do not see all of them: the column is one that its pool hides, they do not administer the pool, and were not shown it today. */
export const isHiddenInPool = (row: Scope, property: string): string =>
  `(${row.col('pool')} is not null and not ${isRevealed(row)} and ${row.col('pool')} = any(array(select p.id from pool p where p.tenant_id = ${row.tenant()} and '${constantCase(property)}' = any(p.hides_until_picked) and p.id <> all(${poolsOf(row.tenant(), row.me(), 'ADMIN')}))))`;
