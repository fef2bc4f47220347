import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { wasThen } from '../model/kept.js';
import { intervalOf, LookBack } from '../model/periods.js';
import { Customer } from '../customers/customer.entity.js';
import { HealthScore } from './health-score.entity.js';

// the score of the latest day that had one by then, as it was then; before the first it is what a new customer has
wasThen(
  Customer,
  'healthScore',
  (id, instant, tenant) =>
    `coalesce((select case when h.created_at <= ${instant} then h.overall else (select e.overall from unnest(h.earlier_from, h.earlier_overall) with ordinality e(since, overall, place) where e.since <= ${instant} order by e.place desc limit 1) end
      from health_score h where h.tenant_id = ${tenant} and h.customer_id = ${id} and least(h.created_at, h.earlier_from[1]) <= ${instant} order by h.scored_on desc limit 1), 75.0)`,
);

/** The customer's latest health score: its id, as SQL. */
export function latestScore(customer: Scope): string {
  const { from, where, row: score } = customer.referring(HealthScore, 'customer');
  return `(select ${score.col('id')} from ${from} where ${where} order by ${score.col('scoredOn')} desc limit 1)`;
}

/** How the customer's health scores of a period developed. */
export function healthTrend(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
  const length = args('period').bind(
    'interval',
    (value) => intervalOf[(value as LookBack | null | undefined) ?? 'SIX_MONTHS'],
  );
  const { from, where, row: score } = customer.referring(HealthScore, 'customer');
  const scores = `from ${from} where ${where} and ${score.col('scoredOn')} > ((now() at time zone ${customer.zone()}) - ${length})::date`;
  const [overall, day] = [score.col('overall'), score.col('scoredOn')];
  const first = `(array_agg(${overall} order by ${day}))[1]`;
  const last = `(array_agg(${overall} order by ${day} desc))[1]`;
  const change = `coalesce((${last} - ${first}) / nullif(${first}, 0), 0)`;
  return {
    points: {
      select: `select ${day}::text as "scoredOn", ${overall}::text as overall, ${score.col('riskLevel')} as "riskLevel" ${scores} order by ${day}`,
    },
    direction: `(select case when ${change} >= 0.05 then 'UP' when ${change} <= -0.05 then 'DOWN' else 'STABLE' end ${scores})`,
    changeRate: `(select round(100 * ${change}, 2) ${scores})`,
    stability: `(select case when coalesce(stddev_pop(${overall}), 0) < 5 then 'STABLE' when stddev_pop(${overall}) < 10 then 'FLUCTUATING' else 'VOLATILE' end ${scores})`,
  };
}
