// What each report is compared with: the SQL that somebody would write for the same numbers of one tenant, without the wall between tenants
// and without rights. `query` asks for the numbers alone, `rowsOf` puts an answer into the form of the rows that `sql` gives.

import { handwrittenGroups } from './handwritten-groups.mjs';

const zone = 'Asia/Shanghai';
const money = '{ amount currency otherCurrencies { amount } }';
const weight = `case stage when 'NEEDS_ANALYSIS' then 20 when 'PROPOSAL' then 40 when 'NEGOTIATION' then 60 when 'CLOSED_WON' then 100 when 'CLOSED_LOST' then 0 else 10 end`;
const isOpen = `stage not in ('CLOSED_WON', 'CLOSED_LOST')`;
const customers = `customer c where c.tenant_id = $1 and c.deleted_at is null`;
/** Records of customers that are not deleted. */
const of = (table, alias = table) =>
  `${table} ${alias} where ${alias}.tenant_id = $1 and ${alias}.deleted_at is null and not exists (select 1 from customer d where d.tenant_id = $1 and d.id = ${alias}.customer_id and d.deleted_at is not null)`;
const opportunities = of('opportunity', 'o');

const amount = (sum) => {
  if (sum.currency !== 'CNY' || sum.otherCurrencies.length > 0) throw new Error('The demo data are in one currency.');
  return sum.amount;
};
const cents = (sum) => `coalesce(${sum}, 0)::numeric(18,2)::text`;
const sorted = (rows) => rows.map((row) => row.map(String)).toSorted((a, b) => (a.join() < b.join() ? -1 : 1));

const trend = (metric, period, from, at, sum) => ({
  field: `analyticsTrend(metric: ${metric}, period: ${period})`,
  query: `{ startsOn count amount ${money} }`,
  rowsOf: (points) =>
    points
      .filter(({ count }) => count > 0)
      .map((point) => [point.startsOn, point.count, sum ? amount(point.amount) : '']),
  values: (points) => [points[0].startsOn],
  sql: `select to_char(date_trunc('${period.toLowerCase()}', ${at} at time zone '${zone}'), 'YYYY-MM-DD'), count(*), ${sum ? cents(sum) : `''`}
    from ${from} and ${at} >= $2::timestamp at time zone '${zone}' and ${at} < (date_trunc('day', now() at time zone '${zone}') + interval '1 day') at time zone '${zone}' group by 1`,
});

const segments = (dimension, column) => ({
  field: `analyticsSegments(by: ${dimension})`,
  query: `{ name count revenue ${money} }`,
  rowsOf: (rows) => rows.map(({ name, count, revenue }) => [name ?? '', count, amount(revenue)]),
  sql: `select coalesce(n.name, ''), n.count, ${cents('r.revenue')} from (select c.${column} as name, count(*) from ${customers} group by 1) n
    left join (select c.${column} as name, sum(o.won_amount) as revenue from opportunity o join customer c on c.tenant_id = $1 and c.id = o.customer_id and c.deleted_at is null
      where o.tenant_id = $1 and o.deleted_at is null and o.stage = 'CLOSED_WON' and o.currency = 'CNY' group by 1) r on r.name is not distinct from n.name`,
});

export const handwritten = [
  {
    field: 'analyticsOverview',
    query: `{ totalCustomers newCustomers activeCustomers openOpportunities wonOpportunities lostOpportunities totalRevenue ${money} customerAcquisitionCost { amount } }`,
    rowsOf: (o) => [
      [
        o.totalCustomers,
        o.newCustomers,
        o.activeCustomers,
        o.openOpportunities,
        o.wonOpportunities,
        o.lostOpportunities,
        amount(o.totalRevenue),
        o.customerAcquisitionCost?.amount ?? '',
      ],
    ],
    sql: `select c.total, c.new, c.active, o.open, o.won, o.lost, ${cents('o.revenue')}, coalesce(round(k.spent / nullif(c.new, 0), 2)::text, '')
      from (select count(*) total, count(*) filter (where created_at >= date_trunc('month', now() at time zone '${zone}') at time zone '${zone}') as new, count(*) filter (where status = 'ACTIVE') active from ${customers}) c,
        (select count(*) filter (where ${isOpen}) open, count(*) filter (where stage = 'CLOSED_WON') won, count(*) filter (where stage = 'CLOSED_LOST') lost, sum(won_amount) filter (where stage = 'CLOSED_WON' and currency = 'CNY') revenue from ${opportunities}) o,
        (select coalesce(sum(spent_amount) filter (where currency = 'CNY'), 0) spent from campaign where tenant_id = $1 and deleted_at is null) k`,
  },
  {
    field: 'analyticsTrend(metric: CUSTOMERS, period: MONTH)',
    query: '{ startsOn count }',
    rowsOf: (points) => points.map(({ startsOn, count }) => [startsOn, count]),
    values: (points) => [points[0].startsOn],
    sql: `select to_char(p, 'YYYY-MM-DD'), (sum(coalesce(n.count, 0)) over (order by p) + (select count(*) from ${customers} and c.created_at < $2::timestamp at time zone '${zone}'))::int
      from generate_series($2::timestamp, now() at time zone '${zone}', interval '1 month') p
      left join (select date_trunc('month', c.created_at at time zone '${zone}') as month, count(*) from ${customers} and c.created_at >= $2::timestamp at time zone '${zone}' group by 1) n on n.month = p`,
  },
  trend('OPPORTUNITIES', 'WEEK', opportunities, 'o.created_at'),
  trend(
    'REVENUE',
    'QUARTER',
    `${opportunities} and o.stage = 'CLOSED_WON' and o.currency = 'CNY'`,
    'o.closed_at',
    'sum(o.won_amount)',
  ),
  trend(
    'ACTIVITIES',
    'YEAR',
    `(select coalesce(starts_at, created_at) as at from ${of('activity', 'a')}) a where true`,
    'a.at',
  ),
  segments('INDUSTRY', 'industry'),
  segments('REGION', 'region'),
  segments('SIZE', 'size'),
  segments('TIER', 'tier'),
  {
    field: 'analyticsLoyalty',
    query: `{ levels { tier count kept lost revenue ${money} } }`,
    rowsOf: ({ levels }) =>
      levels.map(({ tier, count, kept, lost, revenue }) => [tier, count, kept, lost, amount(revenue)]),
    sql: `select n.tier, n.count, n.kept, n.lost, ${cents('r.revenue')} from (select c.tier, count(*), count(*) filter (where c.status in ('ACTIVE', 'INACTIVE')) kept, count(*) filter (where c.status = 'LOST') lost from ${customers} group by 1) n
      left join (select c.tier, sum(o.won_amount) revenue from opportunity o join customer c on c.tenant_id = $1 and c.id = o.customer_id and c.deleted_at is null
        where o.tenant_id = $1 and o.deleted_at is null and o.stage = 'CLOSED_WON' and o.currency = 'CNY' group by 1) r using (tier)`,
  },
  {
    field: 'customerStatistics',
    query: '{ totalCount byStatus { status count } byKind { kind count } byTier { tier count } bySize { size count } }',
    rowsOf: ({ totalCount, ...by }) => [
      ['', totalCount],
      ...Object.values(by).flatMap((rows) =>
        rows.map(({ count, ...value }) => [Object.values(value)[0] ?? 'none', count]),
      ),
    ],
    sql: `select case when grouping(status, kind, tier, size) = 15 then '' else coalesce(status, kind, tier, size, 'none') end, count(*)
      from ${customers} group by grouping sets ((), (status), (kind), (tier), (size))`,
  },
  {
    field: 'pipeline',
    query: `{ stages { stage count amount ${money} weightedAmount ${money} } }`,
    rowsOf: ({ stages }) =>
      stages
        .filter(({ count }) => count > 0)
        .map((s) => [s.stage, s.count, amount(s.amount), amount(s.weightedAmount)]),
    sql: `select stage, count(*), ${cents('sum(expected_amount)')}, ${cents(`sum(trunc(expected_amount * ${weight}) / 100)`)} from ${opportunities} group by stage, currency`,
  },
  {
    field: 'forecast',
    query: `{ month count amount ${money} weightedAmount ${money} }`,
    rowsOf: (months) => months.map((m) => [m.month ?? '', m.count, amount(m.amount), amount(m.weightedAmount)]),
    sql: `select coalesce(to_char(m, 'YYYY-MM'), ''), sum(count), ${cents('sum(amount)')}, ${cents('sum(weighted)')} from (
      select date_trunc('month', expected_close_on) m, count(*), sum(expected_amount) amount, sum(trunc(expected_amount * ${weight}) / 100) weighted from ${opportunities} and ${isOpen} group by 1, currency) f group by m`,
  },
  {
    field: 'funnel',
    query: '{ stage entered won lost averageDays }',
    rowsOf: (stages) =>
      stages.map(({ stage, entered, won, lost, averageDays }) => [stage, entered, won, lost, averageDays ?? '']),
    sql: `select stage, count(distinct id), count(distinct id) filter (where reached = 'CLOSED_WON'), count(distinct id) filter (where reached = 'CLOSED_LOST'), coalesce(round((avg(extract(epoch from until - since)) / 86400)::numeric, 1)::text, '')
      from (select s.to_stage as stage, o.id, o.stage as reached, s.created_at as since, lead(s.created_at) over (partition by s.opportunity_id order by s.created_at, s.number) as until
        from stage_change s join opportunity o on o.tenant_id = $1 and o.id = s.opportunity_id where s.tenant_id = $1 and o.deleted_at is null
          and not exists (select 1 from customer d where d.tenant_id = $1 and d.id = o.customer_id and d.deleted_at is not null)) v where stage not like 'CLOSED%' group by stage`,
  },
  {
    field: 'salesVelocity',
    query: '{ openCount wonCount lostCount averageDaysToWin averageWonAmount { amount } }',
    rowsOf: (v) => [[v.openCount, v.wonCount, v.lostCount, v.averageDaysToWin ?? '', v.averageWonAmount?.amount ?? '']],
    sql: `select count(*) filter (where ${isOpen}), count(*) filter (where stage = 'CLOSED_WON'), count(*) filter (where stage = 'CLOSED_LOST'),
        coalesce(round((avg(greatest(0, extract(epoch from closed_at - created_at))) filter (where stage = 'CLOSED_WON') / 86400)::numeric, 1)::text, ''),
        coalesce(round(avg(won_amount) filter (where stage = 'CLOSED_WON' and currency = 'CNY'), 2)::text, '') from ${opportunities}`,
  },
  {
    field: 'receivables',
    query:
      '{ currency count customerCount overdueCount amount { amount } overdueAmount { amount } overdueLonger { amount } }',
    rowsOf: (totals) =>
      totals.map((t) => [
        t.currency,
        t.count,
        t.customerCount,
        t.overdueCount,
        t.amount.amount,
        t.overdueAmount.amount,
        t.overdueLonger.amount,
      ]),
    sql: `select currency, count(distinct id), count(distinct customer_id), count(distinct id) filter (where late > 0), ${cents('sum(open)')}, ${cents('sum(open) filter (where late > 0)')}, ${cents('sum(open) filter (where late > 90)')}
      from (select id, customer_id, currency, greatest(0, least(stored, until_then - paid)) as open, (now() at time zone '${zone}')::date - due_on as late
        from (select c.id, c.customer_id, c.currency, t.due_on, t.stored, coalesce(p.paid, 0) as paid, sum(coalesce(t.stored, 0)) over (partition by c.id order by t.term) as until_then
          from ${of('contract', 'c').replace(
            ' where ',
            ` join (
              select contract_id, number as term, from_due_on as due_on, old_amount as stored from contract_renewal where tenant_id = $1
              union all select id, 2147483647, due_on, agreed_amount from contract where tenant_id = $1) t on t.contract_id = c.id
            left join (select contract_id, sum(case when kind = 'REFUND' then - paid_amount else paid_amount end) as paid from payment where tenant_id = $1 and deleted_at is null group by contract_id) p on p.contract_id = c.id
            where c.status in ('IN_FORCE', 'EXPIRED') and `,
          )}) terms) o where open > 0 group by currency`,
  },
  ...handwrittenGroups,
];

/** Throws where an answer and the rows of the SQL that was written by hand are not the same numbers. */
export function expectSame(field, answered, rows) {
  const [a, b] = [sorted(answered), sorted(rows)];
  if (JSON.stringify(a) !== JSON.stringify(b))
    throw new Error(
      `${field}: the server and what was written by hand differ:\n${JSON.stringify(a).slice(0, 1500)}\n${JSON.stringify(b).slice(0, 1500)}`,
    );
}
