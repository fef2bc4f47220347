import type { EntityClass } from '../model/model.js';
import { beginningOf, today, type Arguments, type Listed, type Scope } from '../model/fields.js';
import { lengthOf, type CalendarPeriod } from '../model/periods.js';
import { between, given, sumOf } from './range.sql.js';
import { Activity } from '../activities/activity.entity.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';

/** First and last day asked for, as SQL; null where the range is open. */
function days(tenant: Scope, args: Arguments): { from: string | null; until: string | null } {
  const until = given(args, 'until') ? args('until').bind('date') : null;
  if (given(args, 'from')) return { from: args('from').bind('date'), until };
  return {
    from: given(args, 'period') ? `date_trunc(${args('period').bind('text')}, ${today(tenant)})::date` : null,
    until,
  };
}

/** The values of the overview in one row. */
export function overview(tenant: Scope, args: Arguments): Listed {
  const { from, until } = days(tenant, args);
  const { from: customers, where: visible, row: customer } = tenant.rows(Customer);
  const { from: opportunities, where: visibleOpportunities, row: opportunity } = tenant.rows(Opportunity);
  const { from: campaigns, where: visibleCampaigns, row: campaign } = tenant.rows(Campaign);
  const [created, stage, closed] = [customer.col('createdAt'), opportunity.col('stage'), opportunity.col('closedAt')];
  const isNew = between(tenant, created, from ?? `date_trunc('month', ${today(tenant)})::date`, until);
  const won = `${stage} = 'CLOSED_WON' and ${between(tenant, closed, from, until)}`;
  const lost = `${stage} = 'CLOSED_LOST' and ${between(tenant, closed, from, until)}`;
  const open = `${stage} not in ('CLOSED_WON', 'CLOSED_LOST') and ${between(tenant, opportunity.col('createdAt'), null, until)}`;
  const started =
    [from && `${campaign.col('startsOn')} >= ${from}`, until && `${campaign.col('startsOn')} <= ${until}`]
      .filter(Boolean)
      .join(' and ') || 'true';
  return {
    select: `select c.total as "totalCustomers", c.new as "newCustomers", c.active as "activeCustomers", o.open + o.won + o.lost as "totalOpportunities",
        o.open as "openOpportunities", o.won as "wonOpportunities", o.lost as "lostOpportunities",
        coalesce(round(100.0 * o.won / nullif(o.open + o.won + o.lost, 0), 2), 0.00)::text as "conversionRate",
        o.revenue::numeric(18,2)::text as "totalRevenue", coalesce(trunc(o.revenue / nullif(o.priced, 0)), case when o.revenue = 0 then 0 end)::text as "averageWonAmount",
        round(k.cost / nullif(c.new, 0), 2)::text as "customerAcquisitionCost", round(o.revenue / nullif(c.total, 0), 2)::text as "customerLifetimeValue"
      from (select count(*)::int total, (count(*) filter (where ${isNew}))::int as new, (count(*) filter (where ${customer.col('status')} = 'ACTIVE'))::int active
        from ${customers} where ${visible} and ${between(tenant, created, null, until)}) c
      cross join (select (count(*) filter (where ${open}))::int open, (count(*) filter (where ${won}))::int won, (count(*) filter (where ${lost}))::int lost, count(*) filter (where ${won} and (${opportunity.shown('wonAmount')} is not null or ${opportunity.col('wonAmount')} is null)) priced, ${sumOf(opportunity.shown('wonAmount'), won)} revenue
        from ${opportunities} where ${visibleOpportunities}) o
      cross join (select ${sumOf(campaign.shown('spentAmount'), `${campaign.col('spentAmount')} is not null`)} cost from ${campaigns} where ${visibleCampaigns} and ${started}) k`,
  };
}

/** What a trend can be of: where its rows come from, when each counts (the first of the instants that it has), and what it adds. */
const metrics: Record<
  string,
  {
    entity: EntityClass;
    at: readonly string[];
    where?: (row: Scope) => string;
    value: (row: Scope) => string;
    runs?: true;
  }
> = {
  CUSTOMERS: { entity: Customer, at: ['createdAt'], value: () => 'count(*)', runs: true },
  OPPORTUNITIES: { entity: Opportunity, at: ['createdAt'], value: () => 'count(*)' },
  REVENUE: {
    entity: Opportunity,
    at: ['closedAt'],
    where: (row) => `${row.col('stage')} = 'CLOSED_WON'`,
    value: (row) => `sum(${row.shown('wonAmount')})`,
  },
  ACTIVITIES: { entity: Activity, at: ['startsAt', 'createdAt'], value: () => 'count(*)' },
};

/** The instant at which a row counts. */
const instantOf = (row: Scope, at: readonly string[]): string =>
  `coalesce(${at.map((property) => row.col(property)).join(', ')})`;

/** The row counts within the range: a condition for each of its instants, so that their indexes serve. */
const counts = (row: Scope, at: readonly string[], within: (instant: string) => string): string =>
  `(${at.map((property, place) => [within(row.col(property)), ...at.slice(0, place).map((earlier) => `${row.col(earlier)} is null`)].join(' and ')).join(' or ')})`;

/** Most points of a trend. */
export const maxPoints = 400;

/** A value for each period of a range, periods without rows included. */
export function trend(tenant: Scope, args: Arguments): Listed {
  const {
    entity,
    at,
    where = () => 'true',
    value,
    runs,
  } = Object.entries(metrics).find(([name]) => args('metric').is((wanted) => wanted === name))![1];
  const unit = args('period').bind('text', (period) => period ?? 'MONTH');
  const step = args('period').bind('interval', (period) => lengthOf[(period ?? 'MONTH') as CalendarPeriod]);
  const until = given(args, 'until') ? args('until').bind('date') : today(tenant);
  const from = given(args, 'from')
    ? args('from').bind('date')
    : `greatest((date_trunc(${unit}, ${until}::timestamp) - 5 * ${step})::date, date '0001-01-01')`;
  const { from: source, where: visible, row } = tenant.rows(entity);
  const before = tenant.rows(entity);
  const base = runs
    ? ` + (select ${value(before.row)} from ${before.from} where ${before.where} and ${counts(before.row, at, (instant) => `${instant} < ${beginningOf(from, tenant)}`)})`
    : '';
  const expression = 'case when b.begins is null then 0 else b.value end';
  return {
    select: `select p.begins::date::text as "startsOn", (${runs ? `sum(${expression}) over (order by p.begins)${base}` : expression})::text as value
      from generate_series(date_trunc(${unit}, ${from}::timestamp), ${until}::timestamp, ${step}) p(begins)
      left join (select date_trunc(${unit}, ${instantOf(row, at)} at time zone ${tenant.zone()}) begins, ${value(row)} value
        from ${source} where ${visible} and ${where(row)} and ${counts(row, at, (instant) => between(tenant, instant, from, until))} group by 1) b on b.begins = p.begins
      order by p.begins limit ${maxPoints}`,
  };
}
