import { Opportunity } from '../opportunities/opportunity.entity.js';
import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { likelihood } from '../opportunities/opportunity.entity.js';
import { addedUp, amountOf, noMoneyJson, sumColumns, sumJson } from '../model/money.js';
import { asOfIn, momentOf, rowsIn } from '../read/as-of.js';
import { andMeets } from '../read/filter.js';
import { fenceOf, summand, weightedSummand } from './sales.sql.js';

const closed = ['CLOSED_WON', 'CLOSED_LOST'];

/** Opportunities by stage with their sums; each opportunity's part of the forecast is its amount in cents times the weight of its stage, cut to whole cents. */
export function pipeline(tenant: Scope, args: Arguments): Embedded {
  const openOnly = args('openOnly').is((value) => value === true);
  const stages = Object.entries(likelihood).filter(([stage]) => !openOnly || !closed.includes(stage));
  const names = `array[${stages.map(([stage]) => `'${stage}'`).join(', ')}]`;
  const currency = tenant.currency();
  const sums = `${sumJson('amount', currency)} as amount, ${sumJson('weighted', currency)} as weighted`;
  const orNone = (name: string): string => `case when f.stage is null then ${noMoneyJson(currency)} else f.${name} end`;
  return {
    present: () => 'true',
    shared: () => ({ stage_totals: totals(tenant, args, names) }),
    fields: () => ({
      asOf: momentOf(tenant, asOfIn(args('asOf'))),
      stages: {
        select: `select s.stage, s.weight, coalesce(f.count, 0)::int as count, ${orNone('amount')} as amount, ${orNone('weighted')} as "weightedAmount"
          from unnest(${names}, array[${stages.map(([, weight]) => weight).join(', ')}]) with ordinality s(stage, weight, place)
          left join (select stage, sum(count) as count, ${sums} from stage_totals group by stage) f on f.stage = s.stage order by s.place`,
      },
      count: '(select coalesce(sum(count), 0)::int from stage_totals)',
      amount: ofAllStages('amount', currency),
      weightedAmount: ofAllStages('weighted', currency),
    }),
  };
}

/** SQL condition: at that stage, and one that the pipeline with these arguments is about. */
export const isAt = (opportunity: Scope, stage: string, args: Arguments): string =>
  `${opportunity.col('stage')} = ${stage}${andMeets(opportunity, args)}`;

/** The sum of that name over all stages: they are put together for each currency first. */
const ofAllStages = (name: string, currency: string): string =>
  `(select ${sumJson(name, currency)} from (select currency, ${addedUp(name)} from stage_totals group by currency) totals)`;

/** One row for each stage and currency that there are opportunities in. */
function totals(tenant: Scope, args: Arguments, stages: string): string {
  const { from, where, row: opportunity } = rowsIn(tenant, Opportunity, args);
  const { shown, seen } = amountOf(opportunity, 'expectedAmount');
  const opportunities = `select ${opportunity.col('stage')} as stage, ${opportunity.col('currency')} as currency, ${shown} as shown, ${seen} as seen from ${from} where ${where} and ${opportunity.col('stage')} = any(${stages})${andMeets(opportunity, args)}${fenceOf(seen)}`;
  return `select stage, currency, count(*) count, ${sumColumns('amount', summand)}, ${sumColumns('weighted', weightedSummand)} from (${opportunities}) opportunities group by stage, currency`;
}
