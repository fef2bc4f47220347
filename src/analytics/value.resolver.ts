import { Field, Int, ObjectType } from 'type-graphql';
import { Trend } from '../model/periods.js';
import { MoneySum } from '../model/money.js';
import { Percent } from '../model/scalars.js';
import { sumsIn } from '../graphql/arguments.js';
import { addField } from '../graphql/fields.js';
import { Customer } from '../customers/customer.entity.js';
import { valueOf } from './value.sql.js';

const hidden = 'null if hidden from the caller';

@ObjectType({
  description:
    'What a customer is worth, with the facts behind each value. Sums, and what is made of them, are in the currency that `sumsIn` says.',
})
class ValueAnalysis {
  @Field(() => MoneySum, { nullable: true, description: `What was received so far, refunds taken away; ${hidden}.` })
  totalRevenue?: MoneySum | null;

  @Field(() => Int, { description: 'How many payments were received; refunds are not counted.' })
  paymentCount!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `What was received in the past twelve months, refunds taken away, per month; ${hidden}.`,
  })
  monthlyRevenue?: MoneySum | null;

  @Field(() => Trend, {
    nullable: true,
    description: `Payments of the past six months against the six before: UP or DOWN if they differ by 10 % or more; ${hidden}.`,
  })
  revenueTrend?: string | null;

  @Field(() => Int, {
    description: 'People at the customer: those in its usage events; where there are none, its contacts; at least 1.',
  })
  userCount!: number;

  @Field(() => MoneySum, { nullable: true, description: `Total revenue per person at the customer; ${hidden}.` })
  revenuePerUser?: MoneySum | null;

  @Field(() => Percent, {
    nullable: true,
    description: `Among which part of the customers it is by total revenue in that currency, rounded up to a whole number: 10 is the top tenth; ${hidden}.`,
  })
  rank?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Payments for terms of contracts that have a day by which they are due; a payment is for the oldest term that is not paid in full; ${hidden}.`,
  })
  duePaymentCount?: number | null;

  @Field(() => Percent, {
    nullable: true,
    description: `Payments that came by the day on which the term that they were for was due, of those for terms with such a day; null if there are none, ${hidden}.`,
  })
  paymentPunctuality?: number | null;

  @Field(() => Int, {
    description: 'Contracts that were ever in force; of contracts ended before their term, the signed ones.',
  })
  contractCount!: number;

  @Field(() => Percent, {
    nullable: true,
    description:
      'Terms that were not ended early, of all terms of the contracts that were ever in force; null if there are none.',
  })
  contractStability?: number | null;

  @Field(() => Int, { description: 'How many opportunities with the customer are open.' })
  openOpportunityCount!: number;

  @Field(() => Percent, {
    nullable: true,
    description: 'Mean likelihood of the open opportunities; null if there are none.',
  })
  upsellProbability?: number | null;

  @Field(() => [String], { description: 'Names of the open opportunities, the likeliest first.' })
  expansionOpportunities!: string[];

  @Field(() => Percent, {
    nullable: true,
    description: `Expected amounts of the open opportunities times their likelihood, of total revenue; null without revenue, ${hidden}.`,
  })
  estimatedGrowth?: number | null;
}

const OfCustomer = addField(
  Customer,
  'valueAnalysis',
  () => ValueAnalysis,
  { description: 'What the customer is worth, as far as the caller may see its records.' },
  { kind: 'embed', present: () => 'true', fields: valueOf },
  sumsIn,
);

export const valueResolvers = [OfCustomer];
