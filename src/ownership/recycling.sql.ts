// On which day a pool rule takes a record: one definition for what is stored on records, for the job that stores it anew, and
// for previews. It goes by what is stored alone and never by the present moment, so that it only changes with a record.
import type { Statement } from '../core/database.js';
import { newId } from '../core/id.js';
import { isOwed } from '../contracts/terms.sql.js';
import { Customer } from '../customers/customer.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { modelOf, type EntityClass } from '../model/model.js';
import { PoolRule, valuesOf } from './pool-rule.entity.js';

/** What stands for what in a statement: aliases of the record and of the rule, and expressions for tenant and time zone. */
export interface Names {
  record: string;
  rule: string;
  tenant: string;
  zone: string;
}

const tables = { CUSTOMER: 'customer', LEAD: 'lead' } as const;
export type RecordKind = keyof typeof tables;

/** The last day that can be stored. */
const furthest = `date '9999-12-31'`;

const onDay = (instant: string, zone: string): string => `(${instant} at time zone ${zone})::date`;

/** The day from which on the owner has the record. */
const heldOn = ({ record, zone }: Names): string => onDay(`coalesce(${record}.held_since, ${record}.created_at)`, zone);

/** Rows of a table (`o`) that are with a record. */
const hangingOn = (kind: RecordKind, table: string, { record, tenant }: Names): string =>
  `from ${table} o where o.tenant_id = ${tenant} and o.${tables[kind]}_id = ${record}.id and o.deleted_at is null`;

const ofCustomer = (table: string, names: Names): string => hangingOn('CUSTOMER', table, names);

const isOpen = `o.stage <> 'CLOSED_WON' and o.stage <> 'CLOSED_LOST'`;

/** The latest follow-up: one that was entered beforehand as completed is none before it was entered. */
const lastFollowUp = (kind: RecordKind, names: Names): string =>
  `(select max(least(coalesce(o.starts_at, o.completed_at, o.created_at), coalesce(o.completed_at, o.created_at))) ${hangingOn(kind, 'activity', names)} and o.status = 'COMPLETED' and o.kind <> 'NOTE')`;

/** From the last follow-up, or from when the owner has the record. */
const sinceFollowUp = (kind: RecordKind, names: Names): string =>
  `greatest(${heldOn(names)}, ${onDay(lastFollowUp(kind, names), names.zone)})`;

/** For each trigger the day from which on the days of a rule are counted; null where it takes no record. */
const since = {
  CUSTOMER: (names: Names): Record<string, string> => ({
    NO_FOLLOW_UP: sinceFollowUp('CUSTOMER', names),
    NO_OPEN_OPPORTUNITY: `(select case when not coalesce(bool_or(${isOpen}), false) then greatest(${heldOn(names)}, ${onDay('max(o.closed_at)', names.zone)}) end ${ofCustomer('opportunity', names)})`,
    NOTHING_WON: `case when not exists (select 1 ${ofCustomer('opportunity', names)} and o.stage = 'CLOSED_WON' and ${onDay('o.closed_at', names.zone)} >= ${heldOn(names)}) then ${heldOn(names)} end`,
    HELD: heldOn(names),
    CONTRACT_ENDED: `(select case when not bool_or(o.status = 'IN_FORCE' and o.ends_on is null) and max(o.ends_on) is not null then greatest(${heldOn(names)}, max(o.ends_on)) end
      ${ofCustomer('contract', names)} and (o.status in ('IN_FORCE', 'EXPIRED') or o.status = 'TERMINATED' and o.signed_on is not null))`,
  }),
  LEAD: (names: Names): Record<string, string> => ({
    NO_FOLLOW_UP: sinceFollowUp('LEAD', names),
    HELD: heldOn(names),
  }),
} as const satisfies Record<RecordKind, unknown>;

/** What keeps a customer from a rule, by exemption: never while `forever` holds, and not before `until`. */
const exemptions: Record<string, { forever: (names: Names) => string; until?: (names: Names) => string }> = {
  OPEN_OPPORTUNITY: { forever: (names) => `exists (select 1 ${ofCustomer('opportunity', names)} and ${isOpen})` },
  CONTRACT_IN_FORCE: {
    forever: (names) =>
      `exists (select 1 ${ofCustomer('contract', names)} and o.status = 'IN_FORCE' and o.ends_on is null)`,
    // what is marked as expired ends on the same day as before
    until: (names) =>
      `(select max(o.ends_on) + 1 ${ofCustomer('contract', names)} and o.status in ('IN_FORCE', 'EXPIRED'))`,
  },
  MONEY_OUTSTANDING: {
    forever: (names) => `exists (select 1 ${ofCustomer('contract', names)} and ${isOwed('o', names.tenant)})`,
  },
};

const exempts = ({ rule }: Names, exemption: string): string => `'${exemption}' = any(${rule}.exemptions)`;

const columnOf = (entity: EntityClass, property: string): string => modelOf(entity).fields.get(property)!.column;

/** SQL condition: somebody looks after the record, and the rule is for it. */
export function isFor(kind: RecordKind, { record, rule }: Names): string {
  const values = Object.entries(valuesOf[kind]).map(([list, property]) => {
    const among = `${rule}.${columnOf(PoolRule, list)}`;
    return `(${among} = '{}' or coalesce(${record}.${columnOf(entities[kind], property)} = any(${among}), false))`;
  });
  const open = kind === 'LEAD' ? [`${record}.status <> 'CONVERTED'`] : [];
  return [`${record}.owner_id is not null`, `${record}.deleted_at is null`, ...open, ...values].join(' and ');
}

/** The day from which on the days of a rule are counted for a record that it is for; null if it does not take it. */
export const sinceDay = (kind: RecordKind, names: Names): string =>
  `(case ${Object.entries(since[kind](names))
    .map(([trigger, day]) => `when ${names.rule}.trigger = '${trigger}' then ${day}`)
    .join(' ')} end)`;

/** The day on which a rule takes a record that it is for; null if it does not. */
export function dueDay(kind: RecordKind, names: Names): string {
  const { record, rule } = names;
  const known = kind === 'CUSTOMER' ? Object.entries(exemptions) : [];
  const kept = known.map(([exemption, { forever }]) => ` and not (${exempts(names, exemption)} and ${forever(names)})`);
  const until = known.flatMap(([exemption, { until: day }]) =>
    day ? [`case when ${exempts(names, exemption)} then ${day(names)} end`] : [],
  );
  const days = [`d.since + ${rule}.days`, `${record}.protected_until + 1`, ...until];
  return `(select least(greatest(${days.join(', ')}), ${furthest}) from (select ${sinceDay(kind, names)} as since offset 0) d where d.since is not null${kept.join('')})`;
}

export const entities: Record<RecordKind, EntityClass> = { CUSTOMER: Customer, LEAD: Lead };

// Statements of the server itself: `$1` is the tenant.

/** Locks the records with the ids that a select gives, in the order of their ids: what has been changed of what hangs on them is seen by the next statement. */
export const lockRecords = (kind: RecordKind, ids: string): string =>
  `select t.id from ${tables[kind]} t where t.tenant_id = $1 and t.id in (${ids}) order by t.id for no key update of t`;

/** Stores on which day which rule takes the records with the ids that a select gives; of several rules the one with the earliest day, then the first by position. To be sent behind `lockRecords`. */
export function storeDays(kind: RecordKind, ids: string, values: unknown[]): Statement {
  const table = tables[kind];
  const names: Names = { record: 't', rule: 'r', tenant: '$1', zone: 'z.time_zone' };
  const found = `select t.id, earliest.due_on, earliest.rule_id
      from ${table} t cross join (select time_zone from tenant where id = $1) z
      left join lateral (
        select d.due_on, r.id as rule_id
        from pool_rule r join pool p on p.tenant_id = $1 and p.id = r.pool_id and p.kind = '${kind}' and p.enabled and p.deleted_at is null
        cross join lateral (select ${dueDay(kind, names)} as due_on offset 0) d
        where r.tenant_id = $1 and r.enabled and r.deleted_at is null and d.due_on is not null and ${isFor(kind, names)}
        order by d.due_on, r.position, r.id limit 1
      ) earliest on true
      where t.tenant_id = $1 and t.id in (${ids})`;
  const store = `update ${table} t set recycle_on = found.due_on, recycle_rule_id = found.rule_id from `;
  const differs =
    'where t.tenant_id = $1 and t.id = found.id and (t.recycle_on is distinct from found.due_on or t.recycle_rule_id is distinct from found.rule_id)';
  return {
    text: `with found as materialized (
      ${found}
    )
    ${store}found
    ${differs}`,
    values,
    plain: () => ({
      before: [{ text: found, values }],
      inPlace: true,
      rest: ([rows]) => ({
        statements: [
          {
            text: `${store}unnest($2::uuid[], $3::date[], $4::uuid[]) found (id, due_on, rule_id) ${differs}`,
            values: [values[0], ...[0, 1, 2].map((column) => rows!.map((row) => row[column]))],
          },
        ],
      }),
    }),
  };
}

/** Records that the days are of: those that somebody looks after, and those that have a day. */
const hasDay = '(t.owner_id is not null or t.recycle_on is not null)';

const countOf = (condition: string): string =>
  Object.values(tables)
    .map((table) => `(select count(*)::int from ${table} t where t.tenant_id = $1 and ${condition})`)
    .join(' + ');

/** Has the days of all records computed anew, from the first of them on where that is under way. There is nothing to compute where no rule was ever made. */
export function startComputing(tenantId: string): Statement {
  const counted = `${countOf(hasDay)} from (select 1 from pool_rule where tenant_id = $1 limit 1) r`;
  const insert = (rows: string): string => `insert into recycling_run (tenant_id, id, kind, total) ${rows}
    on conflict (tenant_id) where kind = 'COMPUTE' and status = 'RUNNING'
    do update set part = excluded.part, last_record = excluded.last_record, total = excluded.total, done = excluded.done, updated_at = excluded.updated_at`;
  const values = [tenantId, newId()];
  return {
    text: insert(`select $1::uuid, $2::uuid, 'COMPUTE', ${counted}`),
    values,
    plain: () => ({
      before: [{ text: `select ${counted}`, values: [tenantId] }],
      inPlace: true,
      rest: ([rows]) => ({
        statements: rows!.map(([total]) => ({
          text: insert("values ($1, $2, 'COMPUTE', $3)"),
          values: [...values, total],
        })),
      }),
    }),
  };
}

/** The tenant has no rule any more that is in use. To be sent while its counter of the feed is held. */
export const leaveRecycling = `update feed_head set premises = array_remove(premises, 'RECYCLING') where tenant_id = $1 and not exists (select 1 from pool_rule where tenant_id = $1 and enabled and deleted_at is null)`;

/** How many records a rule takes by the day `$2`. */
export const countDue = `select ${countOf('t.recycle_on <= $2::date and t.deleted_at is null')}`;

/** Begins to recycle so many records (`$4`) for the day `$3`, or goes on where that was interrupted; `$2` is a new id. */
export const startRecycling = `insert into recycling_run (tenant_id, id, kind, day, total) values ($1, $2, 'RECYCLE', $3, $4)
  on conflict (tenant_id, day) where kind = 'RECYCLE' do update set status = excluded.status, finished_at = excluded.finished_at returning id, recycled, reminded`;

/** Ids of the next records after `$2`, at most `$3`, for which days are computed. */
export const nextToCompute = (kind: RecordKind): string =>
  `select t.id from ${tables[kind]} t where t.tenant_id = $1 and ${hasDay} and ($2::uuid is null or t.id > $2::uuid) order by t.id limit $3::int`;

/** Ids of records whose day is `$2` or an earlier one, at most `$3`. */
export const dueRecords = (kind: RecordKind): string =>
  `select t.id from ${tables[kind]} t where t.tenant_id = $1 and t.recycle_on <= $2::date order by t.recycle_on, t.id limit $3::int`;

/** Of the records of a list (`$2`) those whose day is `$3` or an earlier one, with rule, name of the rule, and pool. */
export const takenBy = (kind: RecordKind): string =>
  `select t.id, r.id, r.name, r.pool_id from ${tables[kind]} t join pool_rule r on r.tenant_id = $1 and r.id = t.recycle_rule_id
    where t.tenant_id = $1 and t.id = any($2::uuid[]) and t.recycle_on <= $3::date order by t.id`;

/**
 * The next records after `$3` in the order of their ids, at most `$4`, whose day is near, locked: of each the latest day on
 * which it was to be said by the day `$2` (or null), with owner, rule, pool and day of the record.
 */
export const nearRecords = (kind: RecordKind): string =>
  `select t.id, (select max(t.recycle_on - n) from unnest(r.reminder_days) n where t.recycle_on - n <= $2::date)::text, t.owner_id, r.id, r.pool_id, t.recycle_on::text
    from ${tables[kind]} t join pool_rule r on r.tenant_id = $1 and r.id = t.recycle_rule_id
    where t.tenant_id = $1 and t.recycle_on > $2::date and t.recycle_on <= $2::date + (select coalesce(max(n), 0) from pool_rule x, unnest(x.reminder_days) n where x.tenant_id = $1)
      and ($3::uuid is null or t.id > $3::uuid)
    order by t.id limit $4::int for no key update of t`;

/** What is to be done in the background: the computation and the recycling under way that no process has to itself (`true`), or has; the day for which it was last recycled; whether there are rules. */
export const runsUnderWay = `select
    (select coalesce(held_until <= now(), true) from recycling_run where tenant_id = $1 and kind = 'COMPUTE' and status = 'RUNNING'),
    (select coalesce(held_until <= now(), true) from recycling_run where tenant_id = $1 and kind = 'RECYCLE' and status = 'RUNNING' order by day limit 1),
    (select max(day)::text from recycling_run where tenant_id = $1 and kind = 'RECYCLE'),
    exists (select 1 from pool_rule where tenant_id = $1 and deleted_at is null)`;
