import { aggregateOf, type Embedded, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { CustomerContact } from '../contacts/contact.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { Payment } from '../contracts/payment.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { isOpen } from '../opportunities/opportunity.sql.js';
import { UsageEvent } from '../success/usage-event.entity.js';
import { sumOf } from './range.sql.js';

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

/** What a customer is worth. */
export function valueOf(customer: Scope): ReturnType<Embedded['fields']> {
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
