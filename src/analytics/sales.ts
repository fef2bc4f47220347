import type { Arguments, Listed, Scope } from '../model/fields.js';
import { isOpen } from '../opportunities/opportunity.inputs.js';
import { likelihood } from '../opportunities/opportunity.service.js';
import { between, given, sumOf } from './range.js';

const stages = Object.keys(likelihood).filter((stage) => !stage.startsWith('CLOSED'));
const day = (args: Arguments, name: string): string | null => (given(args, name) ? args(name).bind('date') : null);

/** What a deal is expected to bring: its amount times the weight of its stage, cut to whole cents. */
export const weighted = (stage: string, amount: string): string =>
  `trunc(${amount} * (case ${stage} ${Object.entries(likelihood)
    .map(([name, weight]) => `when '${name}' then ${weight}`)
    .join(' ')} end)) / 100`;

/** The month in which a deal is expected to close, as text; empty where none is. */
export const monthOf = (deal: Scope): string => `coalesce(to_char(${deal.col('expectedCloseOn')}, 'YYYY-MM'), '')`;

/** Open deals by the month in which they are expected to close. */
export function forecast(tenant: Scope): Listed {
  const { from, where, row: deal } = tenant.rows('Opportunity');
  const deals = `select ${monthOf(deal)} as month, ${deal.shown('expectedAmount')} as amount, ${deal.col('expectedAmount')} is not null as priced, ${deal.col('stage')} as stage from ${from} where ${where} and ${isOpen(deal)} offset 0`;
  return {
    select: `select month, count(*)::int as count, (${sumOf('amount', 'priced')})::numeric(18,2)::text as amount, (${sumOf(weighted('stage', 'amount'), 'priced')})::numeric(18,2)::text as "weightedAmount"
      from (${deals}) d group by month order by nullif(month, '')`,
  };
}

/** How deals that were created in a range went through the stages, from their history. */
export function funnel(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: deal } = tenant.rows('Opportunity');
  const { from: changes, where: present, row: change } = tenant.unscoped('StageChange');
  const [id, at] = [change.col('opportunity'), change.col('createdAt')];
  const visits = `select ${id} as deal, ${change.col('toStage')} as stage, ${deal.col('stage')} as reached, ${at} as since, lead(${at}) over (partition by ${id} order by ${at}, ${change.col('number')}) as until
    from ${from} join ${changes} on ${present} and ${id} = ${deal.col('id')} where ${where} and ${between(tenant, deal.col('createdAt'), day(args, 'from'), day(args, 'until'))}`;
  return {
    select: `select s.stage, coalesce(f.entered, 0)::int as entered, coalesce(f.won, 0)::int as won, coalesce(f.lost, 0)::int as lost, round(100.0 * f.won / nullif(f.won + f.lost, 0), 2)::text as "winRate", round(f.days, 1)::text as "averageDays"
      from unnest(array[${stages.map((stage) => `'${stage}'`).join(', ')}]) with ordinality s(stage, place)
      left join (select stage, count(distinct deal) entered, count(distinct deal) filter (where reached = 'CLOSED_WON') won, count(distinct deal) filter (where reached = 'CLOSED_LOST') lost,
        (avg(extract(epoch from until - since)) / 86400)::numeric days from (${visits}) v group by stage) f on f.stage = s.stage
      order by s.place`,
  };
}

/** How fast deals turn into money: open ones, times how often and with how much they are won, over how long that takes. */
export function velocity(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: deal } = tenant.rows('Opportunity');
  const closed = between(tenant, deal.col('closedAt'), day(args, 'from'), day(args, 'until'));
  const won = `${deal.col('stage')} = 'CLOSED_WON' and ${closed}`;
  const lost = `${deal.col('stage')} = 'CLOSED_LOST' and ${closed}`;
  return {
    select: `select open as "openCount", won as "wonCount", lost as "lostCount", round(100 * rate, 2)::text as "winRate", round(amount, 2)::text as "averageWonAmount", round(days, 1)::text as "averageDaysToWin",
        round(open * rate * amount / nullif(days, 0), 2)::text as "amountPerDay"
      from (select open, won, lost, won::numeric / nullif(won + lost, 0) as rate, amount, days from (
        select (count(*) filter (where ${isOpen(deal)}))::int open, (count(*) filter (where ${won}))::int won, (count(*) filter (where ${lost}))::int lost, avg(${deal.shown('wonAmount')}) filter (where ${won}) amount,
          (avg(extract(epoch from ${deal.col('closedAt')} - ${deal.col('createdAt')})) filter (where ${won}) / 86400)::numeric days from ${from} where ${where}) counted) v`,
  };
}
