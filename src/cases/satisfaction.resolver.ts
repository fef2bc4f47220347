import { Field, Int, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { LookBack, Trend } from '../model/periods.js';
import { Day, Decimal } from '../model/scalars.js';
import { addField } from '../graphql/fields.js';
import { Customer } from '../customers/customer.entity.js';
import { satisfactionOf } from './satisfaction.sql.js';

const SatisfactionPart = enumeration('SatisfactionPart', 'A part of our work that customers judge.', {
  RESPONSE_TIME: 'How fast we were.',
  SOLUTION_QUALITY: 'How good the solution was.',
  COMMUNICATION: 'How well we talked with them.',
  PROFESSIONALISM: 'How well we knew our trade.',
});

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

const OfCustomer = addField(
  Customer,
  'satisfaction',
  () => Satisfaction,
  { description: 'How satisfied the customer was, as far as the caller may see its cases.' },
  { kind: 'embed', present: () => 'true', fields: satisfactionOf },
  {
    period: [() => LookBack, 'How far back from now.', { default: 'THREE_MONTHS' }],
  },
);

export const satisfactionResolvers = [OfCustomer];
