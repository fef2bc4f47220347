import { Field, Int, ObjectType } from 'type-graphql';
import { exists, today, type Listed, type Scope } from '../model/fields.js';
import { Decimal } from '../model/scalars.js';
import { childList, rootField } from '../graphql/fields.js';
import { customers } from '../customers/customer.inputs.js';
import { contracts, isReceivable, isReceivableAfter, outstandingAfter, paidInFact } from './contract.inputs.js';
import { Contract } from './contract.entity.js';

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

function receivables(tenant: Scope): Listed {
  const { from, where, row: contract } = tenant.rows(Contract);
  const open = `select ${contract.col('currency')} as currency, ${contract.col('customer')} as customer, ${outstandingAfter(contract, 'p.paid')} as amount, ${today(contract)} - ${contract.col('dueOn')} as late
    from ${from} cross join lateral (select ${paidInFact(contract)} as paid offset 0) p where ${where} and ${isReceivableAfter(contract, 'p.paid')}`;
  // 0 where there is none, null where there are some but their amounts are hidden
  const sum = (condition: string): string =>
    `(case when count(*) filter (where ${condition}) = 0 then 0 else sum(amount) filter (where ${condition}) end)::numeric(18,2)::text`;
  return {
    select: `select currency, count(*)::int as count, count(distinct customer)::int as "customerCount", (count(*) filter (where late > 0))::int as "overdueCount",
        ${sum('true')} as amount, ${sum('late > 0')} as "overdueAmount", ${sum('late between 1 and 30')} as "overdueTo30Days", ${sum('late between 31 and 60')} as "overdueTo60Days",
        ${sum('late between 61 and 90')} as "overdueTo90Days", ${sum('late > 90')} as "overdueLonger"
      from (${open}) o group by currency order by count(*) desc, currency`,
  };
}

/** SQL condition: receivable, in that currency. */
const isOf = (contract: Scope, currency: string): string =>
  `${contract.col('currency')} = ${currency} and ${isReceivable(contract)}`;

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
  (customer, currency) =>
    exists(
      customer,
      Contract,
      (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${isOf(contract, currency)}`,
    ),
  'currency',
);

export const receivablesResolvers = [Sums, Contracts, Customers];
