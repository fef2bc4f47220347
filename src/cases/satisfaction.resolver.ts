import { Field, Int, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { aggregateOf, type Arguments, type Embedded, type Scope } from '../model/fields.js';
import { intervalOf, LookBack, Trend } from '../model/look-back.js';
import { Day, Decimal } from '../model/scalars.js';
import { addField } from '../graphql/fields.js';
import { Customer } from '../customers/customer.entity.js';
import { ratings, Case } from './case.entity.js';

const SatisfactionPart = enumeration('SatisfactionPart', 'A part of our work that customers judge.', {
  RESPONSE_TIME: 'How fast we were.',
  SOLUTION_QUALITY: 'How good the solution was.',
  COMMUNICATION: 'How well we talked with them.',
  PROFESSIONALISM: 'How well we knew our trade.',
});

const columnOf: Record<keyof typeof SatisfactionPart, keyof typeof ratings> = {
  RESPONSE_TIME: 'responseTime',
  SOLUTION_QUALITY: 'solutionQuality',
  COMMUNICATION: 'communication',
  PROFESSIONALISM: 'professionalism',
};

@ObjectType({
  description:
    'Means of how customers judged parts of our work, each from 1.00 (bad) to 5.00 (good); null where nobody judged it.',
})
class SatisfactionBreakdown {
  @Field(() => Decimal, { nullable: true, description: 'How fast we were.' })
  responseTime?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'How good the solutions were.' })
  solutionQuality?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'How well we talked with them.' })
  communication?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'How well we knew our trade.' })
  professionalism?: string | null;
}

@ObjectType({ description: 'Satisfaction in one month.' })
class MonthlySatisfaction {
  @Field(() => Day, { description: 'First day of the month, in the time zone of the tenant.' })
  month!: string;

  @Field(() => Decimal, { description: 'Mean satisfaction, 1.00 to 5.00.' })
  score!: string;

  @Field(() => Int, { description: 'How many cases were judged.' })
  count!: number;
}

@ObjectType({ description: 'How satisfied a customer was with the cases that were closed within a period and judged.' })
class Satisfaction {
  @Field(() => Decimal, { nullable: true, description: 'Mean satisfaction, 1.00 to 5.00; null if no case was judged.' })
  overall?: string | null;

  @Field(() => Int, { description: 'How many cases were judged.' })
  count!: number;

  @Field(() => Trend, {
    description:
      'The mean against that of the period of the same length before: UP or DOWN if they differ by 0.1 or more.',
  })
  trend!: string;

  @Field(() => SatisfactionBreakdown, { description: 'Means of the parts.' })
  parts!: SatisfactionBreakdown;

  @Field(() => [SatisfactionPart], { description: 'Parts whose mean is below 4, the worst first: where to improve.' })
  weakest!: string[];

  @Field(() => [MonthlySatisfaction], {
    description: 'By month of closing, the earliest first; months without a judged case are left out.',
  })
  history!: MonthlySatisfaction[];
}

const mean = (expression: string): string => `round(avg(${expression}), 2)::text`;

/** The customer's judged cases of the period; `ago` counts the periods back from now. */
const judged = (customer: Scope, one: Scope, length: string, ago = 1): string =>
  `${one.col('customer')} = ${customer.col('id')} and ${one.col('satisfaction')} is not null and ${one.col('closedAt')} > now() - ${ago} * ${length}${ago > 1 ? ` and ${one.col('closedAt')} <= now() - ${ago - 1} * ${length}` : ''}`;

const lengthOf = (args: Arguments): string =>
  args('period').bind('interval', (value) => intervalOf[(value as LookBack | null | undefined) ?? 'THREE_MONTHS']);

function satisfactionOf(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
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
      const parts = Object.entries(columnOf).map(([part, rating]) => `('${part}', avg(${row.col(ratings[rating])}))`);
      return `array(select p.part from (values ${parts.join(', ')}) p(part, mean) where p.mean < 4 order by p.mean, p.part)`;
    }),
    history: {
      select: `select ${month} as month, ${mean(one.col('satisfaction'))} as score, count(*)::int as count from ${from} where ${where} and ${judged(customer, one, length)} group by 1 order by 1`,
    },
  };
}

const OfCustomer = addField(
  Customer,
  'satisfaction',
  () => Satisfaction,
  { description: 'How satisfied the customer was, as far as the caller may see its cases.' },
  { kind: 'embed', present: () => 'true', fields: satisfactionOf },
  {
    period: [() => LookBack, 'How far back from now; THREE_MONTHS unless told.'],
  },
);

export const satisfactionResolvers = [OfCustomer];
