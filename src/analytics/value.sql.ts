import { unlessHidden } from '../model/derived.js';
import { aggregateOf, type Arguments, type Embedded, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { CustomerContact } from '../contacts/contact.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { Payment } from '../contracts/payment.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { isOpen } from '../opportunities/opportunity.sql.js';
import { UsageEvent } from '../success/usage-event.entity.js';
import { dueDayOf, received, receivedInFact } from '../contracts/contract.sql.js';
import { amountOf, currencyOfSums, sumOfSelect, total, type Summand } from '../model/money.js';

/** The customer's payments: those for its contracts. */
function paymentsOf(
  customer: Scope,
  condition: (payment: Scope) => string = () => 'true',
): { payment: Scope; rows: string } {
  const { from: contracts, where: existing, row: contract } = customer.unscoped(Contract);
  const { from, where, row: payment } = customer.rows(Payment);
  const own = `select ${contract.col('id')} from ${contracts} where ${existing} and ${contract.col('customer')} = ${customer.col('id')}`;
  return {
    payment,
    rows: `from ${from} where ${where} and ${payment.col('contract')} in (${own}) and ${condition(payment)}`,
  };
}

/** An aggregate over the customer's payments. */
function overPayments(
  customer: Scope,
  expression: (payment: Scope) => string,
  condition?: (payment: Scope) => string,
): string {
  const { payment, rows } = paymentsOf(customer, condition);
  return `(select ${expression(payment)} ${rows})`;
}

const isPayment = (payment: Scope): string => `${payment.col('kind')} = 'PAYMENT'`;

/** An aggregate over the customer's payments that were due some day: `day` is the one on which each came, `due_on` the one of the term that it was for. */
function overDuePayments(customer: Scope, expression: string): string {
  const { payment, rows } = paymentsOf(customer);
  const { from, where, row: contract } = customer.unscoped(Contract);
  const each = `select ${payment.col('contract')} as contract, ${isPayment(payment)} as is_payment, (${payment.col('paidAt')} at time zone ${customer.zone()})::date as day,
      coalesce(sum(${receivedInFact(payment)}) over (partition by ${payment.col('contract')} order by ${payment.col('paidAt')}, ${payment.col('number')} rows between unbounded preceding and 1 preceding), 0) as before ${rows}`;
  const due = `select day, (select ${dueDayOf(contract, 'paid.before')} from ${from} where ${where} and ${contract.col('id')} = paid.contract) as due_on from (${each}) paid where is_payment`;
  return `(select ${expression} from (${due}) due where due_on is not null)`;
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

/** The payments that meet a condition as amounts to add up, each divided by a number. */
const amounts =
  (condition?: (payment: Scope) => string, divisor: (customer: Scope) => string = () => '1') =>
  (customer: Scope): string => {
    const { payment, rows } = paymentsOf(customer, condition);
    const { shown, seen } = received(payment);
    return `select ${shown} / ${divisor(customer)} as shown, ${seen} as seen, ${payment.col('currency')} as currency ${rows}`;
  };

/** The sum of the payments in a currency that meet a condition. */
const revenue = (customer: Scope, currency: string, condition: (payment: Scope) => string = () => 'true'): string =>
  overPayments(
    customer,
    (payment) => total(received(payment)),
    (payment) => `${payment.col('currency')} = ${currency} and ${condition(payment)}`,
  );

const since =
  (months: number) =>
  (payment: Scope): string =>
    `${payment.col('paidAt')} > now() - interval '${months} months'`;

function rank(customer: Scope, currency: string): string {
  const { from: payments, where: paid, row: payment } = customer.rows(Payment);
  const { from: contracts, where: signed, row: contract } = customer.rows(Contract);
  const { from: customers, where: visible } = customer.rows(Customer);
  const mine = revenue(customer, currency);
  const larger = `select ${contract.col('customer')} from ${payments} join ${contracts} on ${signed} and ${contract.col('id')} = ${payment.col('contract')} where ${paid} and ${payment.col('currency')} = ${currency} group by 1 having sum(${received(payment).shown}) > ${mine}`;
  return `case when ${mine} is not null then ceil(100.0 * (1 + (select count(*) from (${larger}) l)) / (select count(*) from ${customers} where ${visible}))::int end`;
}

function users(customer: Scope): string {
  const people = ofCustomer(customer, UsageEvent, (event) => `count(distinct ${event.col('person')})`);
  const contacts = ofCustomer(customer, CustomerContact, () => 'count(*)');
  return `greatest(1, coalesce(nullif(${people}, 0), ${contacts}))::int`;
}

/** What a customer is worth. */
export function valueOf(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
  const currency = currencyOfSums(customer, args);
  const [recent, earlier] = [
    revenue(customer, currency, since(6)),
    revenue(customer, currency, (payment) => `${since(12)(payment)} and not ${since(6)(payment)}`),
  ];
  const inForce = (contract: Scope): string =>
    `(${contract.col('status')} in ('IN_FORCE', 'EXPIRED') or ${contract.col('status')} = 'TERMINATED' and ${contract.col('signedOn')} is not null)`;
  const expected = (opportunity: Scope): Summand => {
    const { shown, seen } = amountOf(opportunity, 'expectedAmount');
    return { shown: `${shown} * ${opportunity.col('probability')} / 100`, seen };
  };
  const growth = ofCustomer(
    customer,
    Opportunity,
    (opportunity) => total(expected(opportunity)),
    (opportunity) => `${opportunity.col('currency')} = ${currency} and ${isOpen(opportunity)}`,
  );
  return {
    totalRevenue: sumOfSelect(amounts()),
    paymentCount: overPayments(customer, () => 'count(*)::int', isPayment),
    monthlyRevenue: sumOfSelect(amounts(since(12), () => '12')),
    revenueTrend: unlessHidden(
      customer,
      'ValueAnalysis.revenueTrend',
      `case when ${recent} > 1.1 * ${earlier} or ${recent} > 0 and ${earlier} = 0 then 'UP' when ${recent} < 0.9 * ${earlier} then 'DOWN' else 'STABLE' end`,
    ),
    userCount: users(customer),
    revenuePerUser: sumOfSelect(amounts(undefined, users)),
    rank: unlessHidden(customer, 'ValueAnalysis.rank', rank(customer, currency)),
    duePaymentCount: unlessHidden(
      customer,
      'ValueAnalysis.duePaymentCount',
      overDuePayments(customer, 'count(*)::int'),
    ),
    paymentPunctuality: unlessHidden(
      customer,
      'ValueAnalysis.paymentPunctuality',
      overDuePayments(customer, 'round(100 * avg((day <= due_on)::int), 2)'),
    ),
    contractCount: ofCustomer(customer, Contract, () => 'count(*)::int', inForce),
    contractStability: ofCustomer(
      customer,
      Contract,
      (contract) =>
        `round(100.0 * sum(${contract.col('term')} - (${contract.col('status')} = 'TERMINATED')::int) / sum(${contract.col('term')}), 2)`,
      inForce,
    ),
    openOpportunityCount: ofCustomer(customer, Opportunity, () => 'count(*)::int', isOpen),
    upsellProbability: ofCustomer(
      customer,
      Opportunity,
      (opportunity) => `round(avg(${opportunity.col('probability')}), 2)`,
      isOpen,
    ),
    expansionOpportunities: ofCustomer(
      customer,
      Opportunity,
      (opportunity) =>
        `coalesce(array_agg(${opportunity.col('name')} order by ${opportunity.col('probability')} desc, ${opportunity.col('number')}), '{}')`,
      isOpen,
    ),
    estimatedGrowth: unlessHidden(
      customer,
      'ValueAnalysis.estimatedGrowth',
      `round(100 * ${growth} / nullif(${revenue(customer, currency)}, 0), 2)`,
    ),
  };
}
