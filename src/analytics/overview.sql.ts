import { Activity } from '../activities/activity.entity.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import type { EntityClass } from '../model/model.js';
import { startOfDay, today, type Arguments, type Listed, type Scope } from '../model/fields.js';
import { amountOf, moneyJson, noMoneyJson, sumColumns, sumJson, total } from '../model/money.js';
import { lengthOf, type CalendarPeriod } from '../model/periods.js';
import { andMeets } from '../read/filter.js';
import { between, given } from './range.sql.js';

/** First and last day asked for, as SQL; null where the range is open. */
function days(tenant: Scope, args: Arguments): { from: string | null; until: string | null } {
  const until = given(args, 'until') ? args('until').bind('date') : null;
  if (given(args, 'from')) return { from: args('from').bind('date'), until };
  return {
    from: given(args, 'period')
      ? `date_trunc(${args('period').bind('text')}, ${today(tenant)}::timestamp)::date`
      : null,
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
  const isNew = between(tenant, created, from ?? `date_trunc('month', ${today(tenant)}::timestamp)::date`, until);
  const won = `${stage} = 'CLOSED_WON' and ${between(tenant, closed, from, until)}`;
  const lost = `${stage} = 'CLOSED_LOST' and ${between(tenant, closed, from, until)}`;
  const open = `${stage} not in ('CLOSED_WON', 'CLOSED_LOST') and ${between(tenant, opportunity.col('createdAt'), null, until)}`;
  const started =
    [from && `${campaign.col('startsOn')} >= ${from}`, until && `${campaign.col('startsOn')} <= ${until}`]
      .filter(Boolean)
      .join(' and ') || 'true';
  const currency = tenant.currency();
  const amount = amountOf(opportunity, 'wonAmount');
  // a row for each currency: only the tenant's can be set against counts
  const byCurrency = `select ${opportunity.col('currency')} as currency, count(*) filter (where ${open}) open, count(*) filter (where ${won}) won, count(*) filter (where ${lost}) lost,
      count(*) filter (where ${won} and ${amount.seen}) seen, ${total(amount, ` filter (where ${won})`)} total, ${sumColumns('revenue', amount, ` filter (where ${won})`)}
    from ${opportunities} where ${visibleOpportunities}${andMeets(opportunity, args, 'opportunities')} group by 1`;
  const own = (column: string): string => `max(${column}) filter (where currency = ${currency})`;
  const spent = total(amountOf(campaign, 'spentAmount'), ` filter (where ${campaign.col('currency')} = ${currency})`);
  return {
    select: `select c.total as "totalCustomers", c.new as "newCustomers", c.active as "activeCustomers", (o.open + o.won + o.lost)::int as "totalOpportunities",
        o.open::int as "openOpportunities", o.won::int as "wonOpportunities", o.lost::int as "lostOpportunities",
        coalesce(round(100.0 * o.won / nullif(o.open + o.won + o.lost, 0), 2), 0) as "conversionRate", o.revenue as "totalRevenue",
        ${moneyJson('coalesce(trunc(o.total / nullif(o.seen, 0), 2), case when o.total = 0 then 0 end)', currency)} as "averageWonAmount",
        ${moneyJson('round(k.cost / nullif(c.new, 0), 2)', currency)} as "customerAcquisitionCost", ${moneyJson('round(o.total / nullif(c.total, 0), 2)', currency)} as "revenuePerCustomer"
      from (select count(*)::int total, (count(*) filter (where ${isNew}))::int as new, (count(*) filter (where ${customer.col('status')} = 'ACTIVE'))::int active
        from ${customers} where ${visible} and ${between(tenant, created, null, until)}${andMeets(customer, args, 'customers')}) c
      cross join (select coalesce(sum(open), 0) open, coalesce(sum(won), 0) won, coalesce(sum(lost), 0) lost, ${own('seen')} seen,
          case when count(*) filter (where currency = ${currency}) = 0 then 0 else ${own('total')} end total, ${sumJson('revenue', currency)} revenue from (${byCurrency}) o) o
      cross join (select ${spent} cost from ${campaigns} where ${visibleCampaigns} and ${started}) k`,
  };
}

/** What a trend can be of: where its rows come from, which argument filters them, when each counts (the first of the instants that it has), and what it adds up. */
const metrics: Record<
  string,
  {
    entity: EntityClass;
    filter: string;
    at: readonly string[];
    where?: (row: Scope) => string;
    amount?: string;
    runs?: true;
  }
> = {
  CUSTOMERS: { entity: Customer, filter: 'customers', at: ['createdAt'], runs: true },
  OPPORTUNITIES: { entity: Opportunity, filter: 'opportunities', at: ['createdAt'] },
  REVENUE: {
    entity: Opportunity,
    filter: 'opportunities',
    at: ['closedAt'],
    where: (row) => `${row.col('stage')} = 'CLOSED_WON'`,
    amount: 'wonAmount',
  },
  ACTIVITIES: { entity: Activity, filter: 'activities', at: ['startsAt', 'createdAt'] },
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
    filter,
    at,
    where = () => 'true',
    amount,
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
    ? ` + (select count(*) from ${before.from} where ${before.where} and ${counts(before.row, at, (instant) => `${instant} < ${startOfDay(from, tenant)}`)}${andMeets(before.row, args, filter)})`
    : '';
  const currency = amount ? tenant.currency() : '';
  const count = 'coalesce(b.count, 0)';
  const sum = amount && `case when b.begins is null then ${noMoneyJson(currency)} else b.amount end`;
  const ofPeriod = `date_trunc(${unit}, ${instantOf(row, at)} at time zone ${tenant.zone()})`;
  const rows = `from ${source} where ${visible} and ${where(row)} and ${counts(row, at, (instant) => between(tenant, instant, from, until))}${andMeets(row, args, filter)}`;
  const periods = amount
    ? `select begins, sum(count) as count, ${sumJson('amount', currency)} as amount
        from (select ${ofPeriod} begins, ${row.col('currency')} as currency, count(*) as count, ${sumColumns('amount', amountOf(row, amount))} ${rows} group by 1, 2) c group by begins`
    : `select ${ofPeriod} begins, count(*) as count ${rows} group by 1`;
  return {
    select: `select p.begins::date::text as "startsOn", (${runs ? `sum(${count}) over (order by p.begins)${base}` : count})::int as count, ${sum ?? 'null::json'} as amount
      from generate_series(date_trunc(${unit}, ${from}::timestamp), ${until}::timestamp, ${step}) p(begins)
      left join (${periods}) b on b.begins = p.begins
      order by p.begins limit ${maxPoints}`,
  };
}
