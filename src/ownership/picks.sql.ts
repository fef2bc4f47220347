import { startOfDay, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { OwnerChange } from '../customers/history.entity.js';
import { LeadOwnerChange } from '../leads/history.entity.js';
import { administersPool, isMemberOfPool } from '../pools/pool.sql.js';

/** How many records the caller has picked from a pool today, given back or not. */
function pickedToday(pool: Scope, history: EntityClass): string {
  const { from, where, row } = pool.unscoped(history);
  return `(select count(*) from ${from} where ${where} and ${row.col('toOwner')} = ${row.me()} and ${row.col('kind')} = 'PICK' and ${row.col('createdAt')} >= ${startOfDay(row.today(), row)} and ${row.col('pool')} = ${pool.col('id')})`;
}

/** How many records the caller may still pick from a pool today; null for as many as they like. */
export function picksLeft(pool: Scope): string {
  if (pool.rights.administer) return 'null::int';
  const id = pool.col('id');
  const limit = pool.col('dailyPickLimit');
  const picked = `case ${pool.col('kind')} when 'LEAD' then ${pickedToday(pool, LeadOwnerChange)} else ${pickedToday(pool, OwnerChange)} end`;
  return `(case when ${administersPool(pool, id)} then null when not ${isMemberOfPool(pool, id)} then 0 when ${limit} is not null then greatest(0, ${limit} - ${picked})::int end)`;
}
