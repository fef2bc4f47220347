import { Field, Int, ObjectType } from 'type-graphql';
import { Decimal } from '../model/scalars.js';
import { childList, rootField } from '../graphql/fields.js';
import { customers } from '../customers/customer.inputs.js';
import { contracts } from './contract.inputs.js';
import { isOf, owesIn, receivables } from './receivables.sql.js';

@ObjectType({
  description:
    'What customers owe us in one currency, for contracts that are in force or have expired and are not paid in full. Amounts are null if hidden from the caller.',
})
class ReceivableTotal {
  @Field(() => String, { description: 'ISO 4217 code of the currency.' })
  currency!: string;

  @Field(() => Int, { description: 'How many contracts are not paid in full.' })
  count!: number;

  @Field(() => Int, { description: 'How many customers they are with.' })
  customerCount!: number;

  @Field(() => Int, { description: 'How many of the contracts were due before today.' })
  overdueCount!: number;

  @Field(() => Decimal, { nullable: true, description: 'What has not been paid yet.' })
  amount?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'That part of it which was due before today, in the time zone of the tenant.',
  })
  overdueAmount?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'What is overdue by 1 to 30 days.' })
  overdueTo30Days?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'What is overdue by 31 to 60 days.' })
  overdueTo60Days?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'What is overdue by 61 to 90 days.' })
  overdueTo90Days?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'What is overdue by more than 90 days.' })
  overdueLonger?: string | null;
}

const Sums = rootField(
  'receivables',
  () => [ReceivableTotal],
  {
    description:
      'What customers owe us, by currency, the one with the most contracts first; only what the caller may see.',
  },
  { kind: 'report', of: receivables },
);
const Contracts = childList(
  ReceivableTotal,
  'contracts',
  contracts,
  'The contracts that are not paid in full; `filter: {overdue: true}` leaves those that were due before today.',
  isOf,
  'currency',
);
const Customers = childList(
  ReceivableTotal,
  'customers',
  customers,
  'The customers they are with; each says by itself what it owes, and for which contracts.',
  owesIn,
  'currency',
);

export const receivablesResolvers = [Sums, Contracts, Customers];
