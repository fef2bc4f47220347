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

/** SQL: what a change of stage says of the time before it, or what its history says where it has yet to be worked out. */
function beforeChange(change: Scope): { seconds: string; isReturn: string } {
  const { from, where, row: earlier } = change.unscoped(StageChange);
  const known = `from ${from} where ${where} and ${earlier.col('opportunity')} = ${change.col('opportunity')} and ${earlier.col('number')} < ${change.col('number')}`;
  const workedOut = (column: string, sql: string): string =>
    `case when ${change.col('fromStage')} is null or ${column} is not null then ${column} else ${sql} end`;
  return {
    seconds: workedOut(
      change.col('stayed'),
      `greatest(0, extract(epoch from ${change.col('createdAt')} - (select ${earlier.col('createdAt')} ${known} order by ${earlier.col('number')} desc limit 1)))`,
    ),
    isReturn: `coalesce(${workedOut(change.col('returned'), `exists (select 1 ${known} and ${earlier.col('toStage')} = ${change.col('toStage')})`)}, false)`,
  };
}

/**
 * How opportunities that were created in a range went through the stages, from their history. Each change says what it has ended
 * and whether the stage is a new one, so that one pass without an order is enough: an opportunity can come back to a stage, and
 * counts there once.
 */
export function funnel(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: opportunity } = tenant.rows(Opportunity);
  const { from: changes, where: present, row: change } = tenant.unscoped(StageChange);
  const { seconds, isReturn } = beforeChange(change);
  const names = `array[${stages.map((stage) => `'${stage}'`).join(', ')}]`;
  const moves = `select ${opportunity.col('stage')} as reached, ${change.col('fromStage')} as "from", ${change.col('toStage')} as "to", ${isReturn} as is_return, ${seconds} as seconds
    from ${from} join ${changes} on ${present} and ${change.col('opportunity')} = ${opportunity.col('id')} where ${where} and ${isInFunnel(opportunity, args)}`;
  const ways = `select reached, "from", "to", count(*) filter (where not is_return) as entered, sum(seconds) as seconds, count(seconds) as times from (${moves}) m group by reached, "from", "to"`;
  return {
    select: `select s.stage, coalesce(f.entered, 0)::int as entered, coalesce(f.won, 0)::int as won, coalesce(f.lost, 0)::int as lost, round(100.0 * f.won / nullif(f.won + f.lost, 0), 2) as "winRate", round(f.days, 1)::text as "averageDays"
      from unnest(${names}) with ordinality s(stage, place)
      left join (select v.stage, sum(v.entered) entered, coalesce(sum(v.entered) filter (where reached = 'CLOSED_WON'), 0) won, coalesce(sum(v.entered) filter (where reached = 'CLOSED_LOST'), 0) lost,
        sum(v.seconds) / nullif(sum(v.times), 0) / 86400 days from (${ways}) w cross join lateral (values ("to", w.entered, null, 0), ("from", 0, w.seconds, w.times)) v(stage, entered, seconds, times) group by v.stage) f on f.stage = s.stage
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
