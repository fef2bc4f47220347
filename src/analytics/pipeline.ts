import type { Arguments, Embedded, Scope } from '../core/fields.js';
import { idOf } from '../read/filter.js';
import { User } from '../identity/user.entity.js';
import { likelihood } from '../opportunities/opportunity.service.js';
import { sumOf } from './range.js';

const closed = ['CLOSED_WON', 'CLOSED_LOST'];
const weightOf = (stage: string): string => `(case ${stage} ${Object.entries(likelihood).map(([name, weight]) => `when '${name}' then ${weight}`).join(' ')} end)`;

/** Deals by stage with their sums; each deal's part of the forecast is its amount in cents times the weight of its stage, cut to whole cents. */
export function pipeline(tenant: Scope, args: Arguments): Embedded {
  const openOnly = args('openOnly').is((value) => value === true);
  const stages = Object.entries(likelihood).filter(([stage]) => !openOnly || !closed.includes(stage));
  const names = `array[${stages.map(([stage]) => `'${stage}'`).join(', ')}]`;
  const figures = (): { columns: string; source: string; stage: string } => {
    const { from, where, row: deal } = tenant.rows('Opportunity');
    const [stage, amount] = [deal.col('stage'), deal.shown('expectedAmount')];
    const mine = args('owner').is((value) => value === null || value === undefined) ? '' : ` and ${deal.col('owner')} = ${idOf(User, deal, args('owner'))}`;
    const known = `${deal.col('expectedAmount')} is not null`;
    return {
      columns: `count(*)::int count, (${sumOf(amount, known)})::numeric(18,2) amount, (${sumOf(`trunc(${amount} * ${weightOf(stage)}) / 100`, known)})::numeric(18,2) weighted`,
      source: `from ${from} where ${where} and ${stage} = any(${names})${mine}`,
      stage,
    };
  };
  const total = (column: string): string => {
    const { columns, source } = figures();
    return `(select ${column}::text from (select ${columns} ${source}) f)`;
  };
  const { columns, source, stage } = figures();
  return {
    present: () => 'true',
    members: () => ({
      stages: {
        select: `select s.stage, s.weight, coalesce(f.count, 0) as count, (case when f.stage is null then 0.00 else f.amount end)::text as amount, (case when f.stage is null then 0.00 else f.weighted end)::text as "weightedAmount"
          from unnest(${names}, array[${stages.map(([, weight]) => weight).join(', ')}]) with ordinality s(stage, weight, place)
          left join (select ${stage} stage, ${columns} ${source} group by 1) f on f.stage = s.stage order by s.place`,
      },
      count: total('count').replace('count::text', 'count'),
      amount: total('amount'),
      weightedAmount: total('weighted'),
    }),
  };
}
