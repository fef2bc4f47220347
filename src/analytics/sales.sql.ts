import { exists, type Arguments, type Listed, type Scope } from '../model/fields.js';
import { isOpen } from '../opportunities/opportunity.sql.js';
import { likelihood } from '../opportunities/opportunity.entity.js';
import { amountOf, moneyJson, sumColumns, sumJson, type Summand } from '../model/money.js';
import { between, given } from './range.sql.js';
import { rowsIn } from '../read/as-of.js';
import { andMeets } from '../read/filter.js';
import { Opportunity, StageChange } from '../opportunities/opportunity.entity.js';

const stages = Object.keys(likelihood).filter((stage) => !stage.startsWith('CLOSED'));
const day = (args: Arguments, name: string): string | null => (given(args, name) ? args(name).bind('date') : null);

/** What an opportunity is expected to bring: its amount times the weight of its stage, cut to whole cents. */
const weighted = (stage: string, amount: string): string =>
  `trunc(${amount} * (case ${stage} ${Object.entries(likelihood)
    .map(([name, weight]) => `when '${name}' then ${weight}`)
    .join(' ')} end)) * 0.01`;

/** The expected amount of a row with the columns `shown`, `seen` and `stage`, as it is and weighted. */
export const summand: Summand = { shown: 'shown', seen: 'seen' };
export const weightedSummand: Summand = { shown: weighted('stage', 'shown'), seen: 'seen' };

/** Keeps a mask from being looked up once for each sum; where there is none, the sums are left to several workers. */
export const fenceOf = (seen: string): string => (seen === 'true' ? '' : ' offset 0');

/** The month in which an opportunity is expected to close, as text; empty where none is. */
const monthOf = (opportunity: Scope): string =>
  `coalesce(to_char(${opportunity.col('expectedCloseOn')}, 'YYYY-MM'), '')`;

/** SQL condition: open, and expected to close in that month. */
export const closesIn = (opportunity: Scope, month: string, args: Arguments): string =>
  `${isOpen(opportunity)} and ${monthOf(opportunity)} = ${month}${andMeets(opportunity, args)}`;

/** SQL condition: was at that stage at some time. */
export const wasAt = (opportunity: Scope, stage: string, args: Arguments): string =>
  `${isInFunnel(opportunity, args)} and ${exists(
    opportunity,
    StageChange,
    (change) => `${change.col('opportunity')} = ${opportunity.col('id')} and ${change.col('toStage')} = ${stage}`,
    'unscoped',
  )}`;

/** Open opportunities by the month in which they are expected to close. */
export function forecast(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: opportunity } = rowsIn(tenant, Opportunity, args);
  const { shown, seen } = amountOf(opportunity, 'expectedAmount');
  const opportunities = `select date_trunc('month', ${opportunity.col('expectedCloseOn')}::timestamp) as month, ${opportunity.col('currency')} as currency, ${shown} as shown, ${seen} as seen, ${opportunity.col('stage')} as stage from ${from} where ${where} and ${isOpen(opportunity)}${andMeets(opportunity, args)}${fenceOf(seen)}`;
  const totals = `select month, currency, count(*) as count, ${sumColumns('amount', summand)}, ${sumColumns('weighted', weightedSummand)} from (${opportunities}) opportunities group by month, currency`;
  return {
    select: `select coalesce(to_char(month, 'YYYY-MM'), '') as month, sum(count)::int as count, ${sumJson('amount', tenant.currency())} as amount, ${sumJson('weighted', tenant.currency())} as "weightedAmount"
      from (${totals}) totals group by totals.month order by totals.month`,
  };
}

/** SQL condition: a funnel with these arguments is about the opportunity. */
const isInFunnel = (opportunity: Scope, args: Arguments): string =>
  `${between(opportunity, opportunity.col('createdAt'), day(args, 'from'), day(args, 'until'))}${andMeets(opportunity, args)}`;

/** How opportunities that were created in a range went through the stages, from their history. */
export function funnel(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: opportunity } = tenant.rows(Opportunity);
  const { from: changes, where: present, row: change } = tenant.unscoped(StageChange);
  const [id, at] = [change.col('opportunity'), change.col('createdAt')];
  const names = `array[${stages.map((stage) => `'${stage}'`).join(', ')}]`;
  const visits = `select ${id} as opportunity, ${change.col('toStage')} as stage, ${opportunity.col('stage')} as reached, ${at} as since, lead(${at}) over (partition by ${id} order by ${at}, ${change.col('number')}) as until
    from ${from} join ${changes} on ${present} and ${id} = ${opportunity.col('id')} where ${where} and ${isInFunnel(opportunity, args)}`;
  // an opportunity can come back to a stage, and counts there once
  const ofEach = `select stage, opportunity, reached, sum(extract(epoch from until - since)) as seconds, count(until) as times
    from (${visits}) v where stage = any(${names}) group by stage, opportunity, reached`;
  return {
    select: `select s.stage, coalesce(f.entered, 0)::int as entered, coalesce(f.won, 0)::int as won, coalesce(f.lost, 0)::int as lost, round(100.0 * f.won / nullif(f.won + f.lost, 0), 2) as "winRate", round(f.days, 1)::text as "averageDays"
      from unnest(${names}) with ordinality s(stage, place)
      left join (select stage, count(*) entered, count(*) filter (where reached = 'CLOSED_WON') won, count(*) filter (where reached = 'CLOSED_LOST') lost,
        sum(seconds) / nullif(sum(times), 0) / 86400 days from (${ofEach}) e group by stage) f on f.stage = s.stage
      order by s.place`,
  };
}

/** Sales velocity: how fast opportunities are turned into revenue: open ones, times how often and with how much they are won, over how long that takes. */
export function velocity(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: opportunity } = tenant.rows(Opportunity);
  const closed = between(tenant, opportunity.col('closedAt'), day(args, 'from'), day(args, 'until'));
  const won = `${opportunity.col('stage')} = 'CLOSED_WON' and ${closed}`;
  const lost = `${opportunity.col('stage')} = 'CLOSED_LOST' and ${closed}`;
  const inCurrency = `${opportunity.col('currency')} = ${tenant.currency()}`;
  return {
    select: `select open as "openCount", won as "wonCount", lost as "lostCount", round(100 * rate, 2) as "winRate", round(days, 1)::text as "averageDaysToWin",
        ${moneyJson('round(amount, 2)', tenant.currency())} as "averageWonAmount", ${moneyJson('round(comparable * rate * amount / nullif(days, 0), 2)', tenant.currency())} as "amountPerDay"
      from (select open, won, lost, comparable, won::numeric / nullif(won + lost, 0) as rate, amount, days from (
        select (count(*) filter (where ${isOpen(opportunity)}))::int open, (count(*) filter (where ${won}))::int won, (count(*) filter (where ${lost}))::int lost,
          count(*) filter (where ${isOpen(opportunity)} and ${inCurrency}) comparable, avg(${opportunity.shown('wonAmount')}) filter (where ${won} and ${inCurrency}) amount,
          (avg(greatest(0, extract(epoch from ${opportunity.col('closedAt')} - ${opportunity.col('createdAt')}))) filter (where ${won}) / 86400)::numeric days from ${from} where ${where}${andMeets(opportunity, args)}) counted) v`,
  };
}
