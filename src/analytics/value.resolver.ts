import { Field, Int, ObjectType } from 'type-graphql';
import { aggregateOf, type Embedded, type Scope } from '../model/fields.js';
import { Trend } from '../model/look-back.js';
import { Decimal } from '../model/scalars.js';
import type { EntityClass } from '../model/model.js';
import { addField } from '../graphql/fields.js';
import { Customer } from '../customers/customer.entity.js';
import { isOpen } from '../opportunities/opportunity.inputs.js';
import { sumOf } from './range.js';
import { Contract } from '../contracts/contract.entity.js';
import { CustomerContact } from '../contacts/contact.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Payment } from '../contracts/payment.entity.js';
import { UsageEvent } from '../success/usage-event.entity.js';

const hidden = 'null if hidden from the caller';

@ObjectType({
  description:
    'What a customer is worth, with the facts behind each figure. Amounts are numbers in the currency of the customer.',
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

/** Over the customer's payments: those for its contracts. */
function overPayments(
  customer: Scope,
  expression: (payment: Scope) => string,
  condition: (payment: Scope) => string = () => 'true',
): string {
  const { from, where, row: contract } = customer.unscoped(Contract);
  const contracts = `select ${contract.col('id')} from ${from} where ${where} and ${contract.col('customer')} = ${customer.col('id')}`;
  return aggregateOf(
    customer,
    Payment,
    expression,
    (payment) => `${payment.col('contract')} in (${contracts}) and ${condition(payment)}`,
  );
}

const ofCustomer = (
  customer: Scope,
  entity: EntityClass,
  expression: (row: Scope) => string,
  condition: (row: Scope) => string = () => 'true',
): string =>
  aggregateOf(
    customer,
    entity,
    expression,
    (row) => `${row.col('customer')} = ${customer.col('id')} and ${condition(row)}`,
  );

const revenue = (customer: Scope, condition?: (payment: Scope) => string): string =>
  overPayments(customer, (payment) => sumOf(payment.shown('paidAmount')), condition);
const since =
  (months: number) =>
  (payment: Scope): string =>
    `${payment.col('paidAt')} > now() - interval '${months} months'`;
const money = (sql: string): string => `(${sql})::numeric(18,2)::text`;

/** What contracts in force are still to bring: their amounts less their payments. */
function outstanding(customer: Scope): string {
  return ofCustomer(
    customer,
    Contract,
    (contract) =>
      sumOf(
        `greatest(${contract.shown('agreedAmount')} - ${aggregateOf(
          contract,
          Payment,
          (payment) => `coalesce(sum(${payment.shown('paidAmount')}), 0)`,
          (payment) => `${payment.col('contract')} = ${contract.col('id')}`,
        )}, 0)`,
      ),
    (contract) => `${contract.col('status')} = 'IN_FORCE' and ${contract.col('agreedAmount')} is not null`,
  );
}

function rank(customer: Scope): string {
  const { from: payments, where: paid, row: payment } = customer.rows(Payment);
  const { from: contracts, where: signed, row: contract } = customer.rows(Contract);
  const { from: customers, where: visible } = customer.rows(Customer);
  const mine = revenue(customer);
  const larger = `select ${contract.col('customer')} from ${payments} join ${contracts} on ${signed} and ${contract.col('id')} = ${payment.col('contract')} where ${paid} group by 1 having sum(${payment.shown('paidAmount')}) > ${mine}`;
  return `case when ${mine} is not null then ceil(100.0 * (1 + (select count(*) from (${larger}) l)) / (select count(*) from ${customers} where ${visible}))::int end`;
}

function users(customer: Scope): string {
  const people = ofCustomer(customer, UsageEvent, (event) => `count(distinct ${event.col('person')})`);
  const contacts = ofCustomer(customer, CustomerContact, () => 'count(*)');
  return `greatest(1, coalesce(nullif(${people}, 0), ${contacts}))::int`;
}

function valueOf(customer: Scope): ReturnType<Embedded['fields']> {
  const [recent, earlier] = [
    revenue(customer, since(6)),
    revenue(customer, (payment) => `${since(12)(payment)} and not ${since(6)(payment)}`),
  ];
  const inForce = (contract: Scope): string =>
    `(${contract.col('status')} in ('IN_FORCE', 'EXPIRED') or ${contract.col('status')} = 'TERMINATED' and ${contract.col('signedOn')} is not null)`;
  const dueOn = (payment: Scope): string =>
    aggregateOf(
      payment,
      Contract,
      (contract) => `max(${contract.col('dueOn')})`,
      (contract) => `${contract.col('id')} = ${payment.col('contract')}`,
    );
  const inTime = (payment: Scope): string =>
    `(${payment.col('paidAt')} at time zone ${customer.zone()})::date <= ${dueOn(payment)}`;
  return {
    totalRevenue: money(revenue(customer)),
    paymentCount: overPayments(customer, () => 'count(*)::int'),
    monthlyRevenue: money(`${revenue(customer, since(12))} / 12`),
    revenueTrend: `case when ${recent} > 1.1 * ${earlier} or ${recent} > 0 and ${earlier} = 0 then 'UP' when ${recent} < 0.9 * ${earlier} then 'DOWN' else 'STABLE' end`,
    lifetimeValue: money(`${revenue(customer)} + ${outstanding(customer)}`),
    userCount: users(customer),
    revenuePerUser: money(`${revenue(customer)} / ${users(customer)}`),
    profitMargin: 'null::text',
    rankPercent: rank(customer),
    duePaymentCount: overPayments(
      customer,
      () => 'count(*)::int',
      (payment) => `${dueOn(payment)} is not null`,
    ),
    paymentPunctuality: overPayments(customer, (payment) => `round(avg((${inTime(payment)})::int), 4)::text`),
    contractCount: ofCustomer(customer, Contract, () => 'count(*)::int', inForce),
    contractStability: ofCustomer(
      customer,
      Contract,
      (contract) => `round(avg((${contract.col('status')} <> 'TERMINATED')::int), 4)::text`,
      inForce,
    ),
    openOpportunityCount: ofCustomer(customer, Opportunity, () => 'count(*)::int', isOpen),
    upsellProbability: ofCustomer(
      customer,
      Opportunity,
      (opportunity) => `round(avg(${opportunity.col('probability')}) / 100, 4)::text`,
      isOpen,
    ),
    expansionOpportunities: ofCustomer(
      customer,
      Opportunity,
      (opportunity) =>
        `coalesce(array_agg(${opportunity.col('name')} order by ${opportunity.col('probability')} desc, ${opportunity.col('number')}), '{}')`,
      isOpen,
    ),
    estimatedGrowth: `round(${ofCustomer(customer, Opportunity, (opportunity) => sumOf(`${opportunity.shown('expectedAmount')} * ${opportunity.col('probability')} / 100`, `${opportunity.col('expectedAmount')} is not null`), isOpen)} / nullif(${revenue(customer)}, 0), 4)::text`,
  };
}

const OfCustomer = addField(
  Customer,
  'valueAnalysis',
  () => ValueAnalysis,
  { description: 'What the customer is worth, as far as the caller may see its records.' },
  { kind: 'embed', present: () => 'true', fields: valueOf },
);

export const valueResolvers = [OfCustomer];
