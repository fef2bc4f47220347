import { type Listed, type Scope, today } from '../model/fields.js';
import { amountOf, moneyJson, sumOfRows, summand, total, type Summand } from '../model/money.js';
import type { Condition } from '../read/filter.js';
import { Contract } from './contract.entity.js';
import { Payment } from './payment.entity.js';
import { ContractRenewal } from './renewal.entity.js';

const hasStatus = (contract: Scope, statuses: readonly string[]): string =>
  `${contract.shown('status')} in (${statuses.map((status) => `'${status}'`).join(', ')})`;

export const isInForce = (contract: Scope): string => hasStatus(contract, ['IN_FORCE']);
/** In force now, or until its last day. */
export const wasInForce = (contract: Scope): string => hasStatus(contract, ['IN_FORCE', 'EXPIRED']);

/** What the terms of a contract before the present one come to, as far as they meet a condition: 0 where it was never renewed. */
export function formerTerms(contract: Scope, condition: (renewal: Scope) => string = () => 'true'): string {
  const { from, where, row: renewal } = contract.unscoped(ContractRenewal);
  return `(case when ${contract.col('term')} > 1 then (select coalesce(sum(${renewal.col('oldAmount')}), 0) from ${from} where ${where} and ${renewal.col('contract')} = ${contract.col('id')} and ${condition(renewal)}) else 0 end)`;
}

/** What all terms of a contract come to; null where the present one has no amount, or none to be seen. */
export const agreed = (contract: Scope): Summand =>
  summand(
    () => `(${contract.shown('agreedAmount')} + ${formerTerms(contract)})`,
    () => `(${contract.col('agreedAmount')} + ${formerTerms(contract)})`,
  );

/** The sum of the amounts of all terms of the contracts that came into force. */
export const lifetimeValue = sumOfRows(Contract, 'customer', agreed, wasInForce);

/** The same as a number in the currency of the customer: what customers are ordered by. */
export const lifetimeAmount = (customer: Scope): string =>
  customer.aggregate(
    Contract,
    'customer',
    (contract) => `${wasInForce(contract)} and ${contract.col('currency')} = ${customer.col('currency')}`,
    (contract, only) => total(agreed(contract), only),
  );

/** The first last day of its contracts in force. */
export const nextRenewal = (customer: Scope): string =>
  customer.aggregate(Contract, 'customer', isInForce, (contract, only) => `min(${contract.col('endsOn')})${only}`);

/** What a payment adds to what was received: a refund takes away. */
export function received(payment: Scope): Summand {
  const signed = (amount: string): string =>
    `(case when ${payment.col('kind')} = 'REFUND' then - ${amount} else ${amount} end)`;
  return summand(
    () => signed(payment.shown('paidAmount')),
    () => signed(payment.col('paidAmount')),
  );
}

function overPayments(contract: Scope, expression: (payment: Scope) => string): string {
  const { from, where, row: payment } = contract.unscoped(Payment);
  return `(select ${expression(payment)} from ${from} where ${where} and ${payment.col('contract')} = ${contract.col('id')})`;
}

/** What was received for a contract, as stored. Payments are as visible as the contract, so they need no rule of their own here. */
export const paidInFact = (contract: Scope): string =>
  overPayments(contract, (payment) => `coalesce(sum(${received(payment).stored}), 0)`);

/** What was received for a contract; null where amounts are hidden. */
export const paid = (contract: Scope): string => overPayments(contract, (payment) => total(received(payment)));

/** What of one sum another one does not cover, from 0; null where the first is (`least` passes nulls over, the difference does not). */
const uncovered = (amount: string, by: string): string => `(${amount} - least(${amount}, ${by}))`;

const eachOf = (of: Summand, make: (amount: string) => string): Summand =>
  summand(
    () => make(of.shown),
    () => make(of.stored),
  );

/** What is not paid of all terms of a contract, where what was received is known. */
export const outstandingAfter = (contract: Scope, inFact: string): Summand =>
  eachOf(agreed(contract), (amount) => uncovered(amount, inFact));

/** What is not paid of all terms of a contract, from 0; null where there is no amount or none to be seen. */
export const outstanding = (contract: Scope): Summand => outstandingAfter(contract, paidInFact(contract));

/** What was received for a contract beyond all its terms, from 0; null where there is no amount or none to be seen. */
export const creditBalance = (contract: Scope): Summand =>
  eachOf(
    agreed(contract),
    (amount) => `(${paidInFact(contract)} - least(${amount}, ${paidInFact(contract)}) + 0 * ${amount})`,
  );

/** What was to be paid before today: the present term and those before it, each from its own day on. */
function due(contract: Scope): Summand {
  const isPast = (day: string): string => `coalesce(${day} < ${today(contract)}, false)`;
  const former = formerTerms(contract, (renewal) => isPast(renewal.col('fromDueOn')));
  const amount = (present: string): string =>
    `(case when ${isPast(contract.col('dueOn'))} then ${present} else 0 * ${present} end + ${former})`;
  return summand(
    () => amount(contract.shown('agreedAmount')),
    () => amount(contract.col('agreedAmount')),
  );
}

/** What of the terms that were due before today is not paid; payments go to the oldest term first. */
export const overdueAmount = (contract: Scope): Summand =>
  eachOf(due(contract), (amount) => uncovered(amount, paidInFact(contract)));

/** SQL condition: came into force at some time, and is not paid in full. */
export const isReceivable = (contract: Scope): string => isReceivableAfter(contract, paidInFact(contract));

/** As `isReceivable`, where what was received is known. */
export const isReceivableAfter = (contract: Scope, inFact: string): string =>
  `${wasInForce(contract)} and coalesce(${agreed(contract).stored} > ${inFact}, false)`;

/** SQL condition: receivable, and a part of it was due before today. */
export const isOverdue = (contract: Scope): string =>
  `(${wasInForce(contract)} and (${contract.col('term')} > 1 or coalesce(${contract.col('dueOn')} < ${today(contract)}, false)) and coalesce(${due(contract).stored} > ${paidInFact(contract)}, false))`;

/**
 * The terms of a contract, the oldest first, as a select: number, days and amount of each, and what is still open of it,
 * where what was received is known. Payments go to the oldest term first.
 */
export function termsSelect(contract: Scope, inFact: string): string {
  const { from, where, row: renewal } = contract.unscoped(ContractRenewal);
  const id = contract.col('id');
  const former = `select row_number() over (order by ${renewal.col('number')})::int as term, ${renewal.col('fromEndsOn')} as ends_on, ${renewal.col('fromDueOn')} as due_on, ${renewal.col('oldAmount')} as stored
    from ${from} where ${contract.col('term')} > 1 and ${where} and ${renewal.col('contract')} = ${id}`;
  const present = `select ${contract.col('term')}, ${contract.col('endsOn')}, ${contract.col('dueOn')}, ${contract.col('agreedAmount')}`;
  const running = `select *, sum(stored) over (order by term) as until_then, lag(ends_on) over (order by term) as previous_end from (${former} union all ${present}) each_term`;
  return `select term, case when term = 1 then ${contract.col('startsOn')} else previous_end + 1 end as starts_on, ends_on, due_on, stored,
      greatest(0, least(stored, until_then - ${inFact})) as open from (${running}) running`;
}

/** SQL condition: the caller may see the amounts of the contract. */
export function isAmountSeen(contract: Scope): string {
  const [shown, stored] = [contract.shown('agreedAmount'), contract.col('agreedAmount')];
  return shown === stored ? 'true' : `(${shown} is not null or ${stored} is null)`;
}

/** Days of the years 1 to 9999: nothing ends further away, and PostgreSQL's calendar ends some day. */
const furthest = 3_652_059;

/** In force and ending within so many days from today. */
export const endsWithin: Condition = (contract, value) =>
  `${contract.col('status')} = 'IN_FORCE' and ${contract.col('endsOn')} between ${today(contract)} and ${today(contract)} + least(${value.bind('int')}, ${furthest})`;

/** As `nextRenewal`, in wire form. */
export const nextRenewalAsText = (customer: Scope): string => `${nextRenewal(customer)}::text`;

/** The amount of the present term. */
export const presentAmount = (contract: Scope): Summand => amountOf(contract, 'agreedAmount');

/** The terms of a contract, the oldest first, in wire form. */
export function termsOf(contract: Scope): Listed {
  const currency = contract.col('currency');
  const seen = (amount: string): string =>
    moneyJson(`(case when ${isAmountSeen(contract)} then ${amount} end)`, currency);
  return {
    select: `select term, starts_on::text as "startsOn", ends_on::text as "endsOn", due_on::text as "dueOn", ${seen('stored')} as amount, ${seen('open')} as "outstandingAmount",
      (${wasInForce(contract)} and coalesce(due_on < ${today(contract)} and open > 0, false)) as overdue from (${termsSelect(contract, paidInFact(contract))}) terms order by term`,
  };
}
