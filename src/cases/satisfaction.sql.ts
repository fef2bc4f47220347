import { aggregateOf, type Arguments, type Embedded, type Scope } from '../model/fields.js';
import { intervalOf, LookBack } from '../model/periods.js';
import { constantCase } from '../model/graph-names.js';
import { Case, ratings } from './case.entity.js';

const mean = (expression: string): string => `round(avg(${expression}), 2)::text`;

/** The customer's judged cases of the period; `ago` counts the periods back from now. */
const judged = (customer: Scope, one: Scope, length: string, ago = 1): string =>
  `${one.col('customer')} = ${customer.col('id')} and ${one.col('satisfaction')} is not null and ${one.col('closedAt')} > now() - ${ago} * ${length}${ago > 1 ? ` and ${one.col('closedAt')} <= now() - ${ago - 1} * ${length}` : ''}`;

const lengthOf = (args: Arguments): string =>
  args('period').bind('interval', (value) => intervalOf[(value as LookBack | null | undefined) ?? 'THREE_MONTHS']);

/** How satisfied a customer was with the cases of a period that were judged. */
export function satisfactionOf(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
  const length = lengthOf(args);
  const over = (expression: (one: Scope) => string, ago?: number): string =>
    aggregateOf(customer, Case, expression, (one) => judged(customer, one, length, ago));
  const average = (one: Scope): string => `avg(${one.col('satisfaction')})`;
  const change = `${over(average)} - ${over(average, 2)}`;
  const { from, where, row: one } = customer.rows(Case);
  const month = `date_trunc('month', ${one.col('closedAt')} at time zone ${customer.zone()})::date::text`;
  return {
    overall: over((row) => mean(row.col('satisfaction'))),
    count: over(() => 'count(*)::int'),
    trend: `case when ${change} >= 0.1 then 'UP' when ${change} <= -0.1 then 'DOWN' else 'STABLE' end`,
    parts: {
      present: () => 'true',
      fields: () =>
        Object.fromEntries(
          Object.entries(ratings).map(([part, column]) => [part, over((row) => mean(row.col(column)))]),
        ),
    },
    weakest: over((row) => {
      const parts = Object.entries(ratings).map(
        ([part, column]) => `('${constantCase(part)}', avg(${row.col(column)}))`,
      );
      return `array(select p.part from (values ${parts.join(', ')}) p(part, mean) where p.mean < 4 order by p.mean, p.part)`;
    }),
    history: {
      select: `select ${month} as month, ${mean(one.col('satisfaction'))} as score, count(*)::int as count from ${from} where ${where} and ${judged(customer, one, length)} group by 1 order by 1`,
    },
  };
}
