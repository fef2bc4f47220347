import { startOfDay, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { OwnerChange } from '../customers/history.entity.js';
import { LeadOwnerChange } from '../leads/history.entity.js';
import { Pool, type PoolKind } from '../pools/pool.entity.js';
import { administersPool, isMemberOfPool } from '../pools/pool.sql.js';
import { held, limitOf } from './holding.sql.js';

/** Where it is noted who came to look after records of a kind, and by which reference. */
const ledgers: Record<PoolKind, { history: EntityClass; of: string }> = {
  CUSTOMER: { history: OwnerChange, of: 'customer' },
  LEAD: { history: LeadOwnerChange, of: 'lead' },
};

/** How many records the caller has picked from a pool today, given back or not. */
function pickedToday(pool: Scope, history: EntityClass): string {
  const { from, where, row } = pool.unscoped(history);
  return `(select count(*) from ${from} where ${where} and ${row.col('toOwner')} = ${row.me()} and ${row.col('kind')} = 'PICK' and ${row.col('createdAt')} >= ${startOfDay(row.today(), row)} and ${row.col('pool')} = ${pool.col('id')})`;
}

/** What the caller has looked after until after the former owner's days of the pool began. */
function isFormer(row: Scope, pool: Scope, { history, of }: { history: EntityClass; of: string }): string {
  const { from, where, row: change } = row.unscoped(history);
  return `exists (select 1 from ${from} where ${where} and ${change.col(of)} = ${row.col('id')} and ${change.col('fromOwner')} = ${row.me()} and ${change.col('createdAt')} > now() - make_interval(secs => ${pool.col('formerOwnerDays')} * 86400))`;
}

/** Whoever has the record has picked it, or it was taken out of its pool for them. */
function isPicked(row: Scope, { history, of }: { history: EntityClass; of: string }): string {
  const { from, where, row: change } = row.unscoped(history);
  return `exists (select 1 from ${from} where ${where} and ${change.col(of)} = ${row.col('id')} and ${change.col('toOwner')} = ${row.col('owner')} and ${change.col('pool')} is not null)`;
}

/** Why the caller cannot pick a record, as a key of `permissionReasons`; null if they can. In the order of `pick`. */
export function pickRefusal(kind: PoolKind, row: Scope): string {
  const ledger = ledgers[kind];
  const { from, where, row: pool } = row.unscoped(Pool, true);
  const limits = [
    `when not ${isMemberOfPool(pool, pool.col('id'))} then 'NOT_POOL_MEMBER'`,
    `when ${row.col('pooledAt')} > now() - make_interval(hours => ${pool.col('restHours')}) then 'RESTING'`,
    `when ${pool.col('formerOwnerDays')} > 0 and ${isFormer(row, pool, ledger)} then 'FORMER_OWNER'`,
    `when ${pool.col('dailyPickLimit')} <= ${pickedToday(pool, ledger.history)} then 'PICK_LIMIT'`,
  ];
  const tenant = row.tenant();
  const isTooMuch = `exists (select 1 from (${limitOf(kind, row.me(), tenant)}) l where exists (${held(kind, '1', `r.id = ${row.col('id')}`, tenant)}) and (${held(kind, 'count(*)', `r.owner_id = ${row.me()}`, tenant)}) >= l.max)`;
  const inPool = row.rights.administer
    ? [`when not ${pool.col('enabled')} then 'POOL_DISABLED'`]
    : [
        `when not ${pool.col('enabled')} then 'POOL_DISABLED'`,
        `when ${administersPool(pool, pool.col('id'))} then null`,
        ...limits,
      ];
  return `(case when ${row.col('owner')} is not null and ${isPicked(row, ledger)} then 'ALREADY_PICKED' when ${row.col('pool')} is null then 'NOT_IN_POOL'
    else coalesce((select case ${inPool.join(' ')} end from ${from} where ${where} and ${pool.col('id')} = ${row.col('pool')}), case when ${isTooMuch} then 'HOLDING_LIMIT' end) end)`;
}

/** How many records the caller may still pick from a pool today; null for as many as they like. */
export function picksLeft(pool: Scope): string {
  if (pool.rights.administer) return 'null::int';
  const id = pool.col('id');
  const limit = pool.col('dailyPickLimit');
  const picked = `case ${pool.col('kind')} when 'LEAD' then ${pickedToday(pool, LeadOwnerChange)} else ${pickedToday(pool, OwnerChange)} end`;
  return `(case when ${administersPool(pool, id)} then null when not ${isMemberOfPool(pool, id)} then 0 when ${limit} is not null then greatest(0, ${limit} - ${picked})::int end)`;
}
