import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { amountOf, noMoneyJson, sumColumns, sumJson } from '../model/money.js';
import { asOfIn, asOfUntil, momentOf, rowsAsOf } from '../read/as-of.js';
import { andMeets } from '../read/filter.js';
import type { RowScope } from '../read/query.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { isOpen } from '../opportunities/opportunity.sql.js';
import { given } from './range.sql.js';

/** By what a pipeline grows and shrinks, in the order in which they are listed. */
export const movements = {
  CREATED: 1,
  REOPENED: 1,
  RESTORED: 1,
  PULLED_IN: 1,
  ENTERED: 1,
  INCREASED: 1,
  DECREASED: -1,
  PUSHED_OUT: -1,
  LEFT: -1,
  DELETED: -1,
  LOST: -1,
  WON: -1,
} as const;

/** Both ends of the range as SQL. */
function rangeOf(args: Arguments): { from: string; until: string } {
  return { from: asOfIn(args('from'))!, until: asOfUntil(args('from'), args('until')) };
}

/** The opportunities at one end of the range, with whether they are in the pipeline, and why not. */
function end(tenant: RowScope, instant: string, args: Arguments): string {
  const { from, where, row } = rowsAsOf(tenant.query, Opportunity, instant);
  const { shown, seen } = amountOf(row, 'expectedAmount');
  const day = row.col('expectedCloseOn');
  const within = [
    ...(given(args, 'closeFrom') ? [`${day} >= ${args('closeFrom').bind('date')}`] : []),
    ...(given(args, 'closeUntil') ? [`${day} <= ${args('closeUntil').bind('date')}`] : []),
  ].join(' and ');
  const columns = {
    id: row.col('id'),
    currency: row.col('currency'),
    shown: `coalesce(${shown}, 0)`,
    seen,
    stage: row.col('stage'),
    created_at: row.col('createdAt'),
    is_open: isOpen(row),
    is_within: `coalesce(${within || 'true'}, false)`,
    meets: `coalesce(true${andMeets(row, args)}, false)`,
  };
  const list = Object.entries(columns).map(([name, sql]) => `${sql} as ${name}`);
  return `select *, is_open and is_within and meets as counted from (select ${list.join(', ')} from ${from} where ${where} offset 0) e`;
}

/**
 * One row for each opportunity that makes the pipeline grow or shrink: what it adds in `shown`, or takes away; from both ends of the range, and its beginning. What was closed meanwhile was
 * worth what it was when it was closed, so that it can have grown before; what came and was closed meanwhile counts twice.
 */
function moves(before: string, after: string, from: string): string {
  const entry = `case when a.id is null then case when b.created_at > ${from} then 'CREATED' else 'RESTORED' end when not a.is_open then 'REOPENED' when not a.is_within then 'PULLED_IN' else 'ENTERED' end`;
  const exit = `case when b.id is null then 'DELETED' when b.stage = 'CLOSED_WON' then 'WON' when b.stage = 'CLOSED_LOST' then 'LOST' when not b.is_within then 'PUSHED_OUT' else 'LEFT' end`;
  return `select m.id, m.kind, m.currency, m.shown, m.seen from ${before} a
    full join ${after} b on b.id = a.id
    cross join lateral (select coalesce(a.counted, false) as was, coalesce(b.counted, false) as is_now, coalesce(not b.is_open, false) as is_closed,
      coalesce(not b.is_open and b.is_within and b.meets and coalesce(a.is_open, true), false) as came_and_went) s
    cross join lateral (
      select b.id, ${entry}, b.currency, b.shown, b.seen where not s.was and (s.is_now or s.came_and_went)
      union all
      select b.id, case when b.shown > a.shown then 'INCREASED' else 'DECREASED' end, b.currency, abs(b.shown - a.shown), b.seen
        where s.was and (s.is_now or s.is_closed) and a.currency = b.currency and b.shown <> a.shown
      union all
      select b.id, x.kind, x.currency, x.shown, x.seen from (values ('DECREASED', a.currency, a.shown, a.seen), ('INCREASED', b.currency, b.shown, b.seen)) x(kind, currency, shown, seen)
        where s.was and (s.is_now or s.is_closed) and a.currency <> b.currency
      union all
      select coalesce(b.id, a.id), ${exit}, case when s.is_closed then b.currency else a.currency end, case when s.is_closed then b.shown else a.shown end, a.seen
        where s.was and not s.is_now
      union all
      select b.id, ${exit}, b.currency, b.shown, b.seen where not s.was and s.came_and_went
    ) m(id, kind, currency, shown, seen)`;
}

/** What a pipeline was worth at both ends of a range, and what happened in between: what came less what went is the difference, in each currency. */
export function pipelineChange(tenant: Scope, args: Arguments): Embedded {
  const row = tenant as RowScope;
  const currency = tenant.currency();
  const { from, until } = rangeOf(args);
  const summed = sumColumns('amount', { shown: 'shown', seen: 'seen' });
  const total = (name: string): Embedded => ({
    present: () => 'true',
    fields: () => ({
      count: `(select coalesce(sum(count), 0)::int from ${name})`,
      amount: `(select ${sumJson('amount', currency)} from ${name})`,
    }),
  });
  const ofEnd = (name: string): string =>
    `select currency, count(*) as count, ${summed} from ${name} where counted group by currency`;
  const kinds = Object.entries(movements);
  return {
    present: () => 'true',
    shared: () => ({
      before: end(row, from, args),
      after: end(row, until, args),
      started: ofEnd('before'),
      ended: ofEnd('after'),
      moved: `select kind, currency, count(*) as count, ${summed} from (${moves('before', 'after', from)}) m group by kind, currency`,
    }),
    fields: () => ({
      from: momentOf(tenant, from),
      until: momentOf(tenant, until),
      start: total('started'),
      end: total('ended'),
      movements: {
        select: `select k.kind, k.adds, coalesce(f.count, 0)::int as count, case when f.kind is null then ${noMoneyJson(currency)} else f.amount end as amount
          from unnest(array[${kinds.map(([kind]) => `'${kind}'`).join(', ')}], array[${kinds.map(([, sign]) => sign > 0).join(', ')}]) with ordinality k(kind, adds, place)
          left join (select kind, sum(count) as count, ${sumJson('amount', currency)} as amount from moved group by kind) f on f.kind = k.kind order by k.place`,
      },
    }),
  };
}

/** SQL condition: the opportunity makes the pipeline grow or shrink in that way. */
export function movedSo(opportunity: Scope, kind: string, args: Arguments): string {
  const { from, until } = rangeOf(args);
  const [before, after] = [from, until].map((instant) => `(${end(opportunity as RowScope, instant, args)})`);
  return `${opportunity.col('id')} in (select m.id from (${moves(before!, after!, from)}) m where m.kind = ${kind})`;
}

/** The opportunities behind a movement as they were at the end of the range; deleted ones at its start. */
export function whenMoved(kind: string, args: Arguments): string {
  const { from, until } = rangeOf(args);
  return `case when ${kind} = 'DELETED' then ${from} else ${until} end`;
}
