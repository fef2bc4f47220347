import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { idOf } from '../read/filter.js';
import { User } from '../identity/user.entity.js';
import { likelihood } from '../opportunities/opportunity.entity.js';
import { sumOf } from './range.sql.js';
import { weighted } from './sales.sql.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';

const closed = ['CLOSED_WON', 'CLOSED_LOST'];

/** Opportunities by stage with their sums; each opportunity's part of the forecast is its amount in cents times the weight of its stage, cut to whole cents. */
export function pipeline(tenant: Scope, args: Arguments): Embedded {
  const openOnly = args('openOnly').is((value) => value === true);
  const stages = Object.entries(likelihood).filter(([stage]) => !openOnly || !closed.includes(stage));
  const names = `array[${stages.map(([stage]) => `'${stage}'`).join(', ')}]`;
  return {
    present: () => 'true',
    shared: () => ({ stage_totals: expressions(tenant, args, names) }),
    fields: () => ({
      stages: {
        select: `select s.stage, s.weight, coalesce(f.count, 0)::int as count, (case when f.stage is null then 0.00 else f.amount end)::text as amount, (case when f.stage is null then 0.00 else f.weighted end)::text as "weightedAmount"
          from unnest(${names}, array[${stages.map(([, weight]) => weight).join(', ')}]) with ordinality s(stage, weight, place) left join stage_totals f on f.stage = s.stage order by s.place`,
      },
      count: '(select coalesce(sum(count), 0)::int from stage_totals)',
      amount: `(select (${sumOf('amount', 'priced > 0')})::numeric(18,2)::text from stage_totals)`,
      weightedAmount: `(select (${sumOf('weighted', 'priced > 0')})::numeric(18,2)::text from stage_totals)`,
    }),
  };
}

/** One row for each stage that has opportunities; `priced` counts those with an amount, whoever may see it. */
function expressions(tenant: Scope, args: Arguments, stages: string): string {
  const { from, where, row: opportunity } = tenant.rows(Opportunity);
  const owner = args('owner').is((value) => value === null || value === undefined)
    ? ''
    : ` and ${opportunity.col('owner')} = ${idOf(User, opportunity, args('owner'))}`;
  const [stored, shown] = [opportunity.col('expectedAmount'), opportunity.shown('expectedAmount')];
  // keeps a mask from being looked up once for each sum; where there is none, the sums are left to several workers
  const fence = shown === stored ? '' : ' offset 0';
  const opportunities = `select ${opportunity.col('stage')} as stage, ${shown} as amount, ${stored} is not null as priced from ${from} where ${where} and ${opportunity.col('stage')} = any(${stages})${owner}${fence}`;
  return `select stage, count(*) count, count(*) filter (where priced) priced, (${sumOf('amount', 'priced')})::numeric(18,2) amount, (${sumOf(weighted('stage', 'amount'), 'priced')})::numeric(18,2) weighted
    from (${opportunities}) opportunities group by stage`;
}
