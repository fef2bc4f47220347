import { Field, Int, ObjectType } from 'type-graphql';
import { Money } from '../model/fields.js';
import { filterOf } from '../graphql/arguments.js';
import { childList } from '../graphql/fields.js';
import { liveReport } from '../graphql/reports.js';
import { customers } from '../customers/customer.inputs.js';
import { contracts } from './contract.inputs.js';
import { isOf, owesIn, receivables } from './receivables.sql.js';

@ObjectType({
  description:
    'What customers owe us in one currency, for contracts that are in force or have expired and are not paid in full.',
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

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of the contracts, all their terms together.',
  })
  amount?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of terms that were due before today, in the time zone of the tenant.',
  })
  overdueAmount?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of terms that are overdue by 1 to 30 days.',
  })
  overdueTo30Days?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of terms that are overdue by 31 to 60 days.',
  })
  overdueTo60Days?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of terms that are overdue by 61 to 90 days.',
  })
  overdueTo90Days?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'What is not paid of terms that are overdue by more than 90 days.',
  })
  overdueLonger?: Money | null;
}

const Sums = liveReport(
  'receivables',
  () => [ReceivableTotal],
  {
    description:
      'What customers owe us, by currency, the one with the most contracts first; only for contracts whose amounts the caller may see.',
  },
  { kind: 'report', of: receivables },
  { filter: filterOf(contracts, 'contracts', 'the lists below') },
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

export const receivablesResolvers = [...Sums, Contracts, Customers];
