import { beginningOf, dayIn, now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse, type DomainError, type ErrorCode } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';
import { modelOf } from '../model/model.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { poolsOf } from '../pools/pool.sql.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Change, Stored } from '../write/command.js';
import { lockHolders, roomOf, type Room } from './holding.service.js';
import { openTasks, type OpenTasks } from './tasks.service.js';

/** A pool as whoever picks from it goes by it. */
interface Source {
  enabled: boolean;
  isMember: boolean;
  /** its limits do not hold for the caller */
  isExempt: boolean;
  dailyPickLimit: number | null;
  formerOwnerDays: number;
  restHours: number;
  /** how many the caller has picked today before, given back or not */
  picked: number;
  /** what is picked now: the place of the item, by the id of the record */
  taken: Map<string, number | undefined>;
}

/** What is known when the records have been locked. */
interface Picking<E extends Held> {
  free: ReadonlyMap<string, Stored<E>>;
  /** why those that are not free cannot be picked */
  refused: ReadonlyMap<string, ErrorCode>;
  pools: ReadonlyMap<string, Source>;
  /** how many seconds ago the caller ceased to look after records */
  former: ReadonlyMap<string, number>;
  room: Room;
  tasks: OpenTasks;
}

/**
 * Picks records from pools for the caller. Of several who pick the same record at once one gets it: it is locked only if
 * nobody looks after it then, and the caller is before, so that nobody picks more than they may. Refuses, each record by
 * itself, NOT_FOUND, ALREADY_PICKED, NOT_IN_POOL, POOL_DISABLED, NOT_POOL_MEMBER, RESTING, FORMER_OWNER, PICK_LIMIT,
 * HOLDING_LIMIT.
 */
export function pick<E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
): Promise<ItemResult[]> {
  let picking: Picking<E>;
  return bulk(
    ctx,
    `${records.of}sPick`,
    `${uncapitalized(records.entity.name)}.pick`,
    'ids',
    ids,
    (change, id) => Promise.resolve(pickOne(change, records, picking, id)),
    async (change) => {
      picking = await begin(change, records, ids);
    },
  );
}

const notPicked = (code: ErrorCode, { entity }: HeldRecords): DomainError =>
  code === 'NOT_FOUND' ? refuse(code, ['id'], { record: entity.name }) : refuse(code);

function pickOne<E extends Held>(
  change: Change,
  records: HeldRecords<E>,
  { free, refused, pools, former, room, tasks }: Picking<E>,
  text: string,
): string {
  const found = free.get(text);
  if (!found) throw notPicked(refused.get(text) ?? 'NOT_FOUND', records as never);
  // as it was before: what the database refuses is tried again
  const record = { ...found };
  const { id, pool, pooledAt } = record as unknown as { id: string; pool: string; pooledAt: string };
  const source = pools.get(pool)!;
  if (source.taken.has(id) && source.taken.get(id) !== change.item) throw refuse('ALREADY_PICKED');
  checkSource(source, id, pooledAt, former.get(id) ?? Infinity);
  const me = change.ctx.user.id;
  if (!room.has(me, id)) throw refuse('HOLDING_LIMIT');
  source.taken.set(id, change.item);
  room.take(me, id);
  changeHeld(change, records, record, { owner: me } as never, { kind: 'PICK' });
  tasks.hand(change, id, me);
  return id;
}

function checkSource(source: Source, id: string, pooledAt: string, secondsSince: number): void {
  const { restHours: hours, formerOwnerDays: days, dailyPickLimit: max, picked, taken } = source;
  if (!source.enabled) throw refuse('POOL_DISABLED');
  if (source.isExempt) return;
  if (!source.isMember) throw refuse('NOT_POOL_MEMBER');
  if (now().getTime() - Date.parse(pooledAt) < hours * 3_600_000) throw refuse('RESTING', undefined, { hours });
  if (secondsSince < days * 86_400) throw refuse('FORMER_OWNER', undefined, { days });
  if (max !== null && picked + taken.size - (taken.has(id) ? 1 : 0) >= max)
    throw refuse('PICK_LIMIT', undefined, { max });
}

async function begin<E extends Held>(
  change: Change,
  records: HeldRecords<E>,
  ids: readonly string[],
): Promise<Picking<E>> {
  const me = change.ctx.user.id;
  await lockHolders(change, [me]);
  const found = await change.findMany(records.entity, ids, 't.owner_id is null and t.pool_id is not null');
  const free = new Map([...found].map(([text, { record }]) => [text, record]));
  const held = [...free.values()] as unknown as Array<Stored<Held>>;
  const freeIds = held.map(({ id }) => id);
  return {
    free,
    refused: await refusals(
      change,
      records,
      ids.filter((text) => !free.has(text)),
    ),
    pools: await sources(change, records, [...new Set(held.map(({ pool }) => pool!))]),
    former: await formerly(change, records, freeIds),
    room: await roomOf(change, records.kind, [me], freeIds),
    tasks: await openTasks(change, records, [...free.values()]),
  };
}

/**
 * Why records cannot be picked that are not in a pool, or not any more: who works with the pool that one was taken out of
 * may know that it was. Of what the caller has never seen nothing is said.
 */
async function refusals<E extends Held>(
  change: Change,
  { entity, history, of }: HeldRecords<E>,
  texts: readonly string[],
): Promise<Map<string, ErrorCode>> {
  if (texts.length === 0) return new Map();
  const { tenant, user } = change.ctx;
  const visible = await change.references(entity, texts);
  const [record, ledger] = [modelOf(entity), modelOf(history)];
  const rows = await change.query(
    `select t.id, t.number from "${record.table}" t where t.tenant_id = $1 and t.deleted_at is null and t.owner_id is not null and (t.id::text = any($2::text[]) or t.number::text = any($2::text[]))
      and exists (select 1 from "${ledger.table}" h where h.tenant_id = $1 and h."${ledger.fields.get(of)!.column}" = t.id and h.to_owner_id = t.owner_id and h.pool_id is not null
        and (t.id = any($4::uuid[]) or h.pool_id = any(${poolsOf('$1::uuid', '$3::uuid')})))`,
    [tenant.id, texts.map((text) => text.toLowerCase()), user.id, [...new Set(visible.values())]],
  );
  const picked = new Set(rows.flat());
  return new Map(
    texts.flatMap((text): Array<[string, ErrorCode]> => {
      if (picked.has(text.toLowerCase())) return [[text, 'ALREADY_PICKED']];
      return visible.has(text) ? [[text, 'NOT_IN_POOL']] : [];
    }),
  );
}

/** The pools, with what the caller may do in them and has picked from them today; locked against their deletion. */
async function sources(
  change: Change,
  { history }: HeldRecords,
  pools: readonly string[],
): Promise<Map<string, Source>> {
  const { tenant, user, rights } = change.ctx;
  const beganAt = beginningOf(dayIn(tenant.timeZone), tenant.timeZone).toISOString();
  const mine = (role?: 'ADMIN'): string => `p.id = any(${poolsOf('$1::uuid', '$3::uuid', role)})`;
  const rows = await change.query(
    `select p.id, p.enabled, ${mine()}, ${mine('ADMIN')}, p.daily_pick_limit, p.former_owner_days, p.rest_hours,
        (select count(*) from "${modelOf(history).table}" h where h.tenant_id = $1 and h.to_owner_id = $3 and h.kind = 'PICK' and h.created_at >= $4::timestamptz and h.pool_id = p.id)
      from pool p where p.tenant_id = $1 and p.id = any($2::uuid[])`,
    [tenant.id, pools, user.id, beganAt],
  );
  return new Map(
    rows.map(([id, enabled, isMember, isAdmin, max, days, hours, picked]) => [
      id!,
      {
        enabled: enabled === 't',
        isMember: isMember === 't',
        isExempt: isAdmin === 't' || rights.administer,
        dailyPickLimit: max === null ? null : Number(max),
        formerOwnerDays: Number(days),
        restHours: Number(hours),
        picked: Number(picked),
        taken: new Map(),
      },
    ]),
  );
}

/** How many seconds ago the caller last ceased to look after each of the records that they have looked after. */
async function formerly(
  change: Change,
  { history, of }: HeldRecords,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const { table, fields } = modelOf(history);
  const column = `h."${fields.get(of)!.column}"`;
  const rows = await change.query(
    `select ${column}, extract(epoch from now() - max(h.created_at)) from "${table}" h where h.tenant_id = $1 and ${column} = any($2::uuid[]) and h.from_owner_id = $3 group by 1`,
    [change.ctx.tenant.id, ids, change.ctx.user.id],
  );
  return new Map(rows.map(([id, seconds]) => [id!, Number(seconds)]));
}
