import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';
import { modelOf } from '../model/model.js';
import type { Held } from '../pools/held.entity.js';
import type { HeldRecords } from '../pools/held.service.js';
import { poolsOf } from '../pools/pool.sql.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Change } from '../write/command.js';
import { lockHolders } from './holding.service.js';
import { seesAll } from './reveals.sql.js';

/** A record as far as it matters for showing it. */
interface Found {
  id: string;
  pool: string | null;
  /** nothing of it is hidden from the caller, or has been shown to them today */
  isShown: boolean;
  isMember: boolean;
  /** of how many records in its pool the caller is shown everything on one day; null for any number */
  max: number | null;
  /** of how many they were today */
  viewed: number;
}

/**
 * Shows the caller until the end of the day what pools hide of records in them. The caller is locked before it is counted
 * of how many they were shown it today, so that they never see more than they may; whoever is shown a record again, or sees
 * everything anyway, is counted nothing. Refuses FORBIDDEN to whoever reads nothing, and each record by itself NOT_FOUND,
 * NOT_IN_POOL, NOT_POOL_MEMBER, VIEW_LIMIT.
 */
export function reveal<E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
): Promise<ItemResult[]> {
  const day = dayIn(ctx.tenant.timeZone);
  let found: ReadonlyMap<string, Found>;
  /** of how many more records of each pool the caller has been shown everything by now */
  const taken = new Map<string, Set<string>>();
  return bulk(
    ctx,
    `${records.of}sReveal`,
    `${uncapitalized(records.entity.name)}.reveal`,
    'ids',
    ids,
    async (change, text) => {
      const one = found.get(text);
      if (!one) throw refuse('NOT_FOUND', ['id'], { record: records.entity.name });
      const { id, pool, isShown, isMember, max, viewed } = one;
      if (!pool) throw refuse('NOT_IN_POOL');
      const shown = taken.get(pool) ?? new Set();
      if (isShown || shown.has(id)) return id;
      if (!isMember) throw refuse('NOT_POOL_MEMBER');
      if (max !== null && viewed + shown.size >= max) throw refuse('VIEW_LIMIT', undefined, { max });
      taken.set(pool, shown.add(id));
      await note(change, records, { id, pool, day });
      return id;
    },
    async (change) => {
      await lockHolders(change, [ctx.user.id]);
      found = await find(change, records, ids, day);
    },
  );
}

async function note<E extends Held>(
  change: Change,
  { entity }: HeldRecords<E>,
  { id, pool, day }: { id: string; pool: string; day: string },
): Promise<void> {
  const { tenant, user } = change.ctx;
  await change.query(
    'insert into pool_reveal (tenant_id, user_id, day, record_id, pool_id) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [tenant.id, user.id, day, id, pool],
  );
  change.recordChange(entity, id, {}, null);
}

/** The records that the caller sees, by the texts that name them. */
async function find<E extends Held>(
  change: Change,
  { entity, of }: HeldRecords<E>,
  texts: readonly string[],
  day: string,
): Promise<Map<string, Found>> {
  const { tenant, user } = change.ctx;
  const visible = await change.references(entity, texts);
  const mine = (role?: 'ADMIN'): string => `p.id = any(${poolsOf('$1::uuid', '$3::uuid', role)})`;
  const viewed = 'from pool_reveal v where v.tenant_id = $1 and v.user_id = $3 and v.day = $4::date and v';
  const rows = await change.query(
    `select t.id, p.id, ${mine('ADMIN')} or p.hides_until_picked = '{}' or exists (select 1 ${viewed}.record_id = t.id), ${mine()}, p.daily_view_limit, (select count(*) ${viewed}.pool_id = p.id)
      from "${modelOf(entity).table}" t left join pool p on p.tenant_id = $1 and p.id = t.pool_id where t.tenant_id = $1 and t.id = any($2::uuid[])`,
    [tenant.id, [...new Set(visible.values())], user.id, day],
  );
  const isAll = seesAll(change.ctx, of);
  const byId = new Map(
    rows.map(([id, pool, isShown, isMember, max, count]): [string, Found] => [
      id!,
      {
        id: id!,
        pool: pool!,
        isShown: isAll || isShown === 't',
        isMember: isMember === 't',
        max: max === null ? null : Number(max),
        viewed: Number(count),
      },
    ]),
  );
  return new Map(
    texts.flatMap((text): Array<[string, Found]> => {
      const id = visible.get(text) ?? visible.get(text.toLowerCase());
      const one = id === undefined ? undefined : byId.get(id);
      return one ? [[text, one]] : [];
    }),
  );
}
