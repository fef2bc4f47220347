import { type Listed, type Scope, today } from '../model/fields.js';
import { isDisclosed, unlessHidden, type Fact } from '../model/derived.js';
import { amountOf, moneyJson, sumOfRows, total, type Summand } from '../model/money.js';
import type { Condition } from '../read/filter.js';
import { Contract } from './contract.entity.js';
import { Payment } from './payment.entity.js';
import { dueDayFor, withOpen } from './terms.sql.js';
import { ContractRenewal } from './renewal.entity.js';

const hasStatus = (contract: Scope, statuses: readonly string[]): string =>
  `${contract.shown('status')} in (${statuses.map((status) => `'${status}'`).join(', ')})`;

export const isInForce = (contract: Scope): string => hasStatus(contract, ['IN_FORCE']);
/** In force now, or until its last day. */
export const wasInForce = (contract: Scope): string => hasStatus(contract, ['IN_FORCE', 'EXPIRED']);

/** An amount as the caller may see it, or as it is stored. */
type Form = 'shown' | 'stored';

const overAmounts = (row: Scope, form: (of: Form) => string): Summand => ({
  shown: form('shown'),
  seen: row.unmasked('amount'),
});

function allTerms(contract: Scope, of: Form): string {
  const { from, where, row: renewal } = contract.unscoped(ContractRenewal);
  const [present, former] = [contract[of]('agreedAmount'), renewal[of]('oldAmount')];
  const all = `select case when count(${former}) > 0 then coalesce(${present}, 0) + sum(${former}) else ${present} end from ${from} where ${where} and ${renewal.col('contract')} = ${contract.col('id')}`;
  return `(case when ${contract.col('term')} > 1 then (${all}) else ${present} end)`;
}

/** What all terms of a contract come to; null where none has an amount, or none to be seen. */
export const agreed = (contract: Scope): Summand => overAmounts(contract, (of) => allTerms(contract, of));

/** The sum of the amounts of all terms of the contracts that came into force. */
export const lifetimeValue = sumOfRows(Contract, 'customer', agreed, wasInForce);

/** The same as a number in a currency: what customers are ordered by. */
export const lifetimeAmount = (customer: Scope, currency: string): string =>
  customer.aggregate(
    Contract,
    'customer',
    (contract) => `${wasInForce(contract)} and ${contract.col('currency')} = ${currency}`,
    (contract, only) => total(agreed(contract), only),
  );

/** The first last day of its contracts in force. */
export const nextRenewal = (customer: Scope): string =>
  customer.aggregate(Contract, 'customer', isInForce, (contract, only) => `min(${contract.col('endsOn')})${only}`);

function signed(payment: Scope, of: Form): string {
  const amount = payment[of]('paidAmount');
  return `(case when ${payment.col('kind')} = 'REFUND' then - ${amount} else ${amount} end)`;
}

/** What a payment adds to what was received: a refund takes away. */
export const received = (payment: Scope): Summand => overAmounts(payment, (of) => signed(payment, of));

/** The same as stored: only for what is worked out of it for those who see amounts. */
export const receivedInFact = (payment: Scope): string => signed(payment, 'stored');

function overPayments(contract: Scope, expression: (payment: Scope) => string): string {
  const { from, where, row: payment } = contract.unscoped(Payment);
  return `(select ${expression(payment)} from ${from} where ${where} and ${payment.col('contract')} = ${contract.col('id')})`;
}

/** What was received for a contract, as stored. Payments are as visible as the contract, so they need no rule of their own here. */
export const paidInFact = (contract: Scope): string =>
  overPayments(contract, (payment) => `coalesce(sum(${receivedInFact(payment)}), 0)`);

/** What was received for a contract; null where amounts are hidden. */
export const paid = (contract: Scope): string => overPayments(contract, (payment) => total(received(payment)));

/** What of one sum another one does not cover, from 0; null where the first is (`least` passes nulls over, the difference does not). */
const uncovered = (amount: string, by: string): string => `(${amount} - least(${amount}, ${by}))`;

/** What is not paid of all terms of a contract, from 0; null where there is no amount or none to be seen. */
export function outstanding(contract: Scope): Summand {
  const { shown, seen } = agreed(contract);
  return { shown: uncovered(shown, paidInFact(contract)), seen };
}

/** What was received for a contract beyond all its terms, from 0; null where the present one has no amount or none to be seen. */
export function creditBalance(contract: Scope): Summand {
  const inFact = paidInFact(contract);
  return overAmounts(
    contract,
    (of) => `(${inFact} - least(${allTerms(contract, of)}, ${inFact}) + 0 * ${contract[of]('agreedAmount')})`,
  );
}

/** SQL condition: that day was before today. */
const isPast = (contract: Scope, day: string): string => `coalesce(${day} < ${today(contract)}, false)`;

/** What is not paid of the terms that were due before today, of a contract that came into force; payments go to the oldest term first. */
export const overdueAmount = (contract: Scope): Summand => overAmounts(contract, (of) => lateAmount(contract, of));

function lateAmount(contract: Scope, of: Form): string {
  const inFact = paidInFact(contract);
  const amount = contract[of]('agreedAmount');
  const open = of === 'shown' ? 'case when seen then open end' : 'open';
  const all = `select case when count(${open}) > 0 then coalesce(sum(${open}) filter (where ${isPast(contract, 'due_on')}), 0) end from (${withOpen(eachTerm(contract), inFact)}) terms`;
  const present = uncovered(
    `(case when ${isPast(contract, contract.col('dueOn'))} then ${amount} else 0 * ${amount} end)`,
    inFact,
  );
  return `(case when not ${wasInForce(contract)} then 0 * ${amount} when ${contract.col('term')} > 1 then (${all}) else ${present} end)`;
}

/** SQL condition: came into force at some time, and is not paid in full; null where the amounts are hidden from the caller. */
export const isReceivable = (contract: Scope): string => isReceivableAfter(contract, paidInFact(contract));

/** As `isReceivable`, where what was received is known. */
export const isReceivableAfter = (contract: Scope, inFact: string): string =>
  condition(
    contract,
    'ContractFilter.receivable',
    `${wasInForce(contract)} and coalesce(${allTerms(contract, 'stored')} > ${inFact}, false)`,
  );

/** SQL condition: receivable, and a part of it was due before today; null where the amounts are hidden from the caller. */
export const isOverdue = (contract: Scope): string =>
  condition(
    contract,
    'Contract.overdue',
    `${wasInForce(contract)} and (${contract.col('term')} > 1 or ${isPast(contract, contract.col('dueOn'))}) and coalesce(${lateAmount(contract, 'stored')} > 0, false)`,
  );

const condition = (row: Scope, fact: Fact, sql: string): string => `(${unlessHidden(row, fact, `(${sql})`)})::boolean`;

/** The terms of a contract as a select: number, last day, day by which it is due, amount, and whether that may be seen. */
function eachTerm(contract: Scope): string {
  const { from, where, row: renewal } = contract.unscoped(ContractRenewal);
  return `select row_number() over (order by ${renewal.col('number')})::int as term, ${renewal.col('fromEndsOn')} as ends_on, ${renewal.col('fromDueOn')} as due_on, ${renewal.stored('oldAmount')} as stored, ${isDisclosed(renewal, 'ContractTerm.overdue')} as seen
      from ${from} where ${contract.col('term')} > 1 and ${where} and ${renewal.col('contract')} = ${contract.col('id')}
    union all select ${contract.col('term')}, ${contract.col('endsOn')}, ${contract.col('dueOn')}, ${contract.stored('agreedAmount')}, ${isDisclosed(contract, 'ContractTerm.overdue')}`;
}

/**
 * The terms of a contract, the oldest first, as a select: number, days and amount of each, whether that may be seen, and
 * what is still open of it, where what was received is known. Payments go to the oldest term first.
 */
export const termsSelect = (contract: Scope, inFact: string): string =>
  `select term, case when term = 1 then ${contract.col('startsOn')} else lag(ends_on) over (order by term) + 1 end as starts_on, ends_on, due_on, stored, seen, open
    from (${withOpen(eachTerm(contract), inFact)}) terms`;

/** The day by which a payment for a contract was due, where what was received before it is known (SQL). */
export const dueDayOf = (contract: Scope, before: string): string => dueDayFor(eachTerm(contract), before);

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
  const seen = (amount: string): string => moneyJson(`(case when seen then ${amount} end)`, contract.col('currency'));
  return {
    select: `select term, starts_on::text as "startsOn", ends_on::text as "endsOn", due_on::text as "dueOn", ${seen('stored')} as amount, ${seen('open')} as "outstandingAmount",
      case when seen then (${wasInForce(contract)} and coalesce(due_on < ${today(contract)} and open > 0, false)) end as overdue from (${termsSelect(contract, paidInFact(contract))}) terms order by term`,
  };
}
