import { Field, Int, ObjectType } from 'type-graphql';
import { Trend } from '../model/periods.js';
import { Decimal } from '../model/scalars.js';
import { addField } from '../graphql/fields.js';
import { Customer } from '../customers/customer.entity.js';
import { valueOf } from './value.sql.js';

const hidden = 'null if hidden from the caller';

@ObjectType({
  description:
    'What a customer is worth, with the facts behind each value. Amounts are numbers in the currency of the customer.',
})
class ValueAnalysis {
  @Field(() => Decimal, { nullable: true, description: `Payments received so far; ${hidden}.` })
  totalRevenue?: string | null;

  @Field(() => Int, { description: 'How many payments these were.' })
  paymentCount!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: `Payments received in the past twelve months, per month; ${hidden}.`,
  })
  monthlyRevenue?: string | null;

  @Field(() => Trend, {
    description: 'Payments of the past six months against the six before: UP or DOWN if they differ by 10 % or more.',
  })
  revenueTrend!: string;

  @Field(() => Decimal, {
    nullable: true,
    description: `Lifetime value: payments received, and what is still to be paid for contracts in force; ${hidden}.`,
  })
  lifetimeValue?: string | null;

  @Field(() => Int, {
    description: 'People at the customer: those in its usage events; where there are none, its contacts; at least 1.',
  })
  userCount!: number;

  @Field(() => Decimal, { nullable: true, description: `Total revenue per person at the customer; ${hidden}.` })
  revenuePerUser?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Profit as a fraction of revenue; null, since no costs of a customer are recorded.',
  })
  profitMargin?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `Among which percent of the customers it is by total revenue: 10 is the top tenth; ${hidden}.`,
  })
  rankPercent?: number | null;

  @Field(() => Int, { description: 'Payments for contracts that have a day by which they are due.' })
  duePaymentCount!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Of these, how many came in time, as a fraction; null if there are none.',
  })
  paymentPunctuality?: string | null;

  @Field(() => Int, {
    description: 'Contracts that were ever in force; of those ended before their term, the signed ones.',
  })
  contractCount!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Of these, how many were not ended before their term, as a fraction; null if there are none.',
  })
  contractStability?: string | null;

  @Field(() => Int, { description: 'Open opportunities.' })
  openOpportunityCount!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Mean likelihood of the open opportunities, as a fraction; null if there are none.',
  })
  upsellProbability?: string | null;

  @Field(() => [String], { description: 'Names of the open opportunities, the likeliest first.' })
  expansionOpportunities!: string[];

  @Field(() => Decimal, {
    nullable: true,
    description: `Expected amounts of the open opportunities times their likelihood, as a fraction of total revenue; null without revenue, ${hidden}.`,
  })
  estimatedGrowth?: string | null;
}

const OfCustomer = addField(
  Customer,
  'valueAnalysis',
  () => ValueAnalysis,
  { description: 'What the customer is worth, as far as the caller may see its records.' },
  { kind: 'embed', present: () => 'true', fields: valueOf },
);

export const valueResolvers = [OfCustomer];
