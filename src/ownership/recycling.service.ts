import { dayIn, now } from '../core/clock.js';
import type { Context, TenantInfo } from '../core/context.js';
import type { Database } from '../core/database.js';
import { newId } from '../core/id.js';
import { heldCustomers } from '../customers/customer.service.js';
import { heldLeads } from '../leads/lead.service.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { command, type Change } from '../write/command.js';
import { insertRows } from '../write/statements.js';
import { stored } from './recycling.consequences.js';
import {
  countDue,
  dueRecords,
  leaveRecycling,
  nextToCompute,
  nearRecords,
  runsUnderWay,
  startRecycling,
  takenBy,
  type RecordKind,
} from './recycling.sql.js';
import './recycling.events.js';

/** How many records are gone over in one transaction. */
const chunk = 1_000;

/** For how many seconds a process that takes a run further has it to itself; each step renews that. */
const heldSeconds = 20;

/** What a step of a run came to. */
export interface Progress {
  kind: 'COMPUTE' | 'RECYCLE';
  total: number;
  done: number;
  recycled: number;
  reminded: number;
  finished: boolean;
}

export { expected } from './recycling.consequences.js';

const heldOf = { CUSTOMER: heldCustomers, LEAD: heldLeads } as const;

/** What a step is at: the run, and how far it has come. */
interface Run {
  id: string;
  kind: Progress['kind'];
  day: string | null;
  part: Part;
  last: string | null;
}

/** What a step has done: how many of what, and the record behind which the next one goes on; null if nothing is left of its part. */
interface Done {
  done?: number;
  recycled?: number;
  reminded?: number;
  next: string | null;
}

type Part = RecordKind | `${RecordKind} REMINDERS`;

const partsOf: Record<Progress['kind'], readonly Part[]> = {
  COMPUTE: ['CUSTOMER', 'LEAD'],
  RECYCLE: ['CUSTOMER', 'LEAD', 'CUSTOMER REMINDERS', 'LEAD REMINDERS'],
};

/** What becomes of a run with its last step, and with any other. */
const finishing = 'held_until = null, finished_at = now()';
const holding = `held_until = now() + make_interval(secs => ${heldSeconds}), finished_at = null`;

/** Goes over the next records of a run. Steps at the same time wait for each other. */
export function advance(ctx: Context, id: string): Promise<Progress> {
  return command(ctx, 'poolRule.recycle', async (change) => {
    const [row] = await change.query(
      'select kind, day::text, part, last_record, status, total, done, recycled, reminded from recycling_run where tenant_id = $1 and id = $2 for no key update',
      [ctx.tenant.id, id],
    );
    const [kind, day, part, last, status] = row!;
    const run = { id, kind, day, part, last } as Run;
    const did = status === 'DONE' ? { next: null } : await step(change, run);
    const parts = partsOf[run.kind];
    const place = parts.indexOf(run.part) + (did.next === null ? 1 : 0);
    const finished = status === 'DONE' || place === parts.length;
    const [total, done, recycled, reminded] = row!.slice(5).map(Number) as [number, number, number, number];
    const counts = {
      done: done + (did.done ?? 0),
      recycled: recycled + (did.recycled ?? 0),
      reminded: reminded + (did.reminded ?? 0),
    };
    if (status !== 'DONE')
      await change.query(
        `update recycling_run set part = $3, last_record = $4::uuid, done = $5::int, recycled = $6::int, reminded = $7::int, status = $8, updated_at = now(),
          ${finished ? finishing : holding} where tenant_id = $1 and id = $2`,
        [
          ctx.tenant.id,
          id,
          // a run that is finished may be begun again
          parts[place] ?? parts[0],
          did.next,
          counts.done,
          counts.recycled,
          counts.reminded,
          finished ? 'DONE' : 'RUNNING',
        ],
      );
    if (finished && run.kind === 'COMPUTE') await endRecycling(change);
    return { kind: run.kind, total, ...counts, finished };
  });
}

/** Where no rule is left, and so no record has a day, changes are not followed any more. The counter is held first: nobody makes a rule until the commit. */
async function endRecycling(change: Change): Promise<void> {
  const { id } = change.ctx.tenant;
  await change.query('select 1 from feed_head where tenant_id = $1 for update', [id]);
  await change.query(leaveRecycling, [id]);
}

function step(change: Change, run: Run): Promise<Done> {
  if (run.kind === 'COMPUTE') return compute(change, run.part as RecordKind, run);
  return run.part === 'CUSTOMER' || run.part === 'LEAD'
    ? take(change, run.part, run)
    : remind(change, run.part.split(' ')[0] as RecordKind, run);
}

async function compute(change: Change, kind: RecordKind, { last }: Run): Promise<Done> {
  const ids = (await change.query(nextToCompute(kind), [change.ctx.tenant.id, last, chunk])).map(([id]) => id!);
  await look(change, kind, ids);
  return { done: ids.length, next: ids.length < chunk ? null : ids.at(-1)! };
}

/** Stores the days of records anew; nobody else changes them, or what these follow from, until the commit. */
async function look(change: Change, kind: RecordKind, ids: readonly string[]): Promise<void> {
  for (const statement of stored(kind, 'select unnest($2::uuid[])', [change.ctx.tenant.id, ids]))
    await change.send(statement);
}

/** Takes records whose day has come. Each is looked at again while nobody else can change it, so that those that are not due any more stay where they are. */
async function take(change: Change, kind: RecordKind, { day }: Run): Promise<Done> {
  const { tenant } = change.ctx;
  const ids = (await change.query(dueRecords(kind), [tenant.id, day, chunk])).map(([id]) => id!);
  if (ids.length === 0) return { next: null };
  await look(change, kind, ids);
  const rows = await change.query(takenBy(kind), [tenant.id, ids, day]);
  const taken = new Map(rows.map(([id, rule, name, pool]) => [id!, { rule: rule!, name: name!, pool: pool! }]));
  if (kind === 'CUSTOMER') await recycle(change, heldCustomers, taken);
  else await recycle(change, heldLeads, taken);
  // what is left is due no more: the next records are found by their day
  return { done: ids.length, recycled: taken.size, next: ids.at(-1)! };
}

/** By which rule a record is taken into which pool. */
interface Taking {
  rule: string;
  name: string;
  pool: string;
}

/** Takes records from their owners into pools: the history gives the name of the rule as the reason. */
async function recycle<E extends Held>(
  change: Change,
  records: HeldRecords<E>,
  taken: ReadonlyMap<string, Taking>,
): Promise<void> {
  const found = await change.findMany(records.entity, [...taken.keys()]);
  for (const [place, [id, { record }]] of [...found].entries()) {
    const { rule, name, pool } = taken.get(id)!;
    // what is added for many of them is sent together
    change.item = place;
    changeHeld(
      change,
      records,
      record,
      { owner: null, pool } as never,
      { kind: 'RECYCLE', reason: name },
      { data: { recycleRule: rule } },
    );
  }
  change.item = undefined;
}

/** Says of records whose day is near that it is: once for each day on which that is to be said. */
async function remind(change: Change, kind: RecordKind, { day, last }: Run): Promise<Done> {
  const { id: tenantId } = change.ctx.tenant;
  const rows = await change.query(nearRecords(kind), [tenantId, day, last, chunk]);
  const noted = new Set<string>();
  for (const statement of insertRows(
    'recycle_reminder (tenant_id, record_id, rule_id, remind_on)',
    [tenantId],
    rows.flatMap(([id, remindOn, , rule]) => (remindOn ? [[id, rule, remindOn]] : [])),
    ' on conflict (tenant_id, record_id, rule_id, remind_on) do nothing returning record_id',
  ))
    for (const [id] of await change.send(statement)) noted.add(id!);
  for (const [id, , owner, rule, pool, recycleOn] of rows)
    if (noted.has(id!))
      change.announce(heldOf[kind].entity, 'recycle-due', id!, { owner, recycleRule: rule, pool, recycleOn });
  return { reminded: noted.size, next: rows.length < chunk ? null : rows.at(-1)![0]! };
}

/** The last day on which it was that time (HH:MM) in the time zone of the tenant. */
function dayOf({ timeZone }: TenantInfo, time: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(now());
  return dayIn(timeZone, new Date(now().getTime() - (clock < time ? 24 * 3_600_000 : 0)));
}

/** What is to be done in a tenant now by whoever is free: to take a run further, or to begin to recycle for a day. */
type Waiting = Progress['kind'] | { day: string };

/**
 * What waits to be done in a tenant, if something does: what computes days anew, or what recycles, from `time` (HH:MM in the
 * time zone of the tenant) on, unless another process has it to itself.
 */
export async function waiting(database: Database, tenant: TenantInfo, time?: string): Promise<Waiting | null> {
  const [row] = await database.read(tenant.id, { name: 'recycling-waiting', text: runsUnderWay, values: [tenant.id] });
  const [computing, recycling, latest, hasRules] = row!;
  // days that are computed anew come first
  if (computing !== null) return computing === 't' ? 'COMPUTE' : null;
  if (time === undefined) return null;
  if (recycling !== null) return recycling === 't' ? 'RECYCLE' : null;
  const day = dayOf(tenant, time);
  return hasRules === 't' && (latest === null || latest! < day) ? { day } : null;
}

/** The run that waits to be taken further, which is the caller's from then on; null if there is none, or another process was faster. */
export async function due(ctx: Context, time?: string): Promise<string | null> {
  const what = await waiting(ctx.database, ctx.tenant, time);
  if (what === null) return null;
  if (typeof what === 'string') return taking(ctx, what);
  await start(ctx, what.day);
  return taking(ctx, 'RECYCLE');
}

/** Has a run to oneself for a while; null if another process was faster. */
const taking = (ctx: Context, kind: Progress['kind']): Promise<string | null> =>
  command(ctx, 'poolRule.recycle', async (change) => {
    const [run] = await change.query(
      `with free as (select id from recycling_run where tenant_id = $1 and kind = $2 and status = 'RUNNING' and coalesce(held_until <= now(), true) order by day limit 1 for no key update skip locked)
        update recycling_run r set held_until = now() + make_interval(secs => ${heldSeconds}) from free where r.tenant_id = $1 and r.id = free.id returning r.id`,
      [ctx.tenant.id, kind],
    );
    return run?.[0] ?? null;
  });

/** Begins to recycle for a day, or goes on where that was interrupted; returns the run, with what it has done so far. */
const start = (ctx: Context, day: string): Promise<{ id: string; recycled: number; reminded: number }> =>
  command(ctx, 'poolRule.recycle', async (change) => {
    const [count] = await change.query(countDue, [ctx.tenant.id, day]);
    const [run] = await change.query(startRecycling, [ctx.tenant.id, newId(), day, count![0]]);
    return { id: run![0]!, recycled: Number(run![1]), reminded: Number(run![2]) };
  });

/** Takes everything to its end: what is computed anew, then what is due today. `said` is called after each step but the last. Returns how many were taken and reminded of. */
export async function recycleToday(
  ctx: Context,
  said: (progress: Progress) => void,
): Promise<Pick<Progress, 'recycled' | 'reminded'>> {
  const [computing] = await ctx.database.read(ctx.tenant.id, {
    text: `select id from recycling_run where tenant_id = $1 and kind = 'COMPUTE' and status = 'RUNNING'`,
    values: [ctx.tenant.id],
  });
  if (computing) await untilEnd(ctx, computing[0]!, said);
  const before = await start(ctx, dayIn(ctx.tenant.timeZone));
  const { recycled, reminded } = await untilEnd(ctx, before.id, said);
  return { recycled: recycled - before.recycled, reminded: reminded - before.reminded };
}

async function untilEnd(ctx: Context, run: string, said: (progress: Progress) => void): Promise<Progress> {
  let progress = await advance(ctx, run);
  while (!progress.finished) {
    said(progress);
    progress = await advance(ctx, run);
  }
  return progress;
}
