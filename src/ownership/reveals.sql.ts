import type { OwnedKind, Rights } from '../core/rights.js';
import type { Scope } from '../model/fields.js';
import { Pool } from '../pools/pool.entity.js';
import { administersPool, isMemberOfPool, isRevealed, revealedToday } from '../pools/pool.sql.js';

/** Whether the caller sees all records of a kind, with whatever pools hide of them. */
export const seesAll = ({ rights }: { rights: Rights }, kind: OwnedKind): boolean =>
  rights.administer || rights.reaches[kind].see[0] === 'ALL';

/** Of how many records in a pool the caller was shown today what it hides. */
const viewed = (pool: Scope): string => `(select count(*) ${revealedToday(pool)} and v.pool_id = ${pool.col('id')})`;

const hidesNothing = (pool: Scope): string => `${pool.col('hidesUntilPicked')} = '{}'`;

/** Why the caller cannot be shown what its pool hides of a record, as a key of `permissionReasons`; null if they can. In the order of `reveal`. */
export function revealRefusal(kind: OwnedKind, row: Scope): string {
  const { from, where, row: pool } = row.unscoped(Pool, true);
  const id = pool.col('id');
  const inPool = seesAll(row, kind)
    ? 'null'
    : `(select case when ${hidesNothing(pool)} or ${administersPool(pool, id)} or ${isRevealed(row)} then null when not ${isMemberOfPool(pool, id)} then 'NOT_POOL_MEMBER' when ${pool.col('dailyViewLimit')} <= ${viewed(pool)} then 'VIEW_LIMIT' end
      from ${from} where ${where} and ${id} = ${row.col('pool')})`;
  return `(case when ${row.col('pool')} is null then 'NOT_IN_POOL' else ${inPool} end)`;
}

/** Of how many more records in a pool the caller may be shown today what it hides; null for any number. */
export function viewsLeft(pool: Scope): string {
  const id = pool.col('id');
  const limit = pool.col('dailyViewLimit');
  const everything = (['customer', 'lead'] as const)
    .filter((kind) => seesAll(pool, kind))
    .map((kind) => `when ${pool.col('kind')} = '${kind.toUpperCase()}' then null`);
  if (everything.length === 2) return 'null::int';
  return `(case ${everything.join(' ')} when ${hidesNothing(pool)} or ${administersPool(pool, id)} then null when not ${isMemberOfPool(pool, id)} then 0 when ${limit} is not null then greatest(0, ${limit} - ${viewed(pool)})::int end)`;
}
