import { type Scope, today } from '../model/fields.js';
import type { Condition } from '../read/filter.js';
import { Contract } from './contract.entity.js';
import { Payment } from './payment.entity.js';

/** An aggregate over the customer's contracts that are in force, or in one of the given states; `only` follows each aggregate function. */
export const overContracts = (
  customer: Scope,
  aggregate: (contract: Scope, only: string) => string,
  states: readonly string[] = ['IN_FORCE'],
): string =>
  customer.aggregate(
    Contract,
    'customer',
    (contract) => `${contract.col('status')} in (${states.map((state) => `'${state}'`).join(', ')})`,
    aggregate,
  );

/** What all contracts that ever came into force amount to: 0 where there is none, null where amounts are hidden. */
export const lifetimeValue = (customer: Scope): string =>
  overContracts(
    customer,
    (contract, only) => `case when count(*)${only} = 0 then 0 else sum(${contract.shown('agreedAmount')})${only} end`,
    ['IN_FORCE', 'EXPIRED'],
  );

/** The first last day of its contracts in force. */
export const nextRenewal = (customer: Scope): string =>
  overContracts(customer, (contract, only) => `min(${contract.col('endsOn')})${only}`);

/** Sum of a contract's payments as stored. They are as visible as the contract, so they need no rule of their own here. */
export function paidInFact(contract: Scope): string {
  const { from, where, row: payment } = contract.unscoped(Payment);
  return `(select coalesce(sum(${payment.col('paidAmount')}), 0) from ${from} where ${where} and ${payment.col('contract')} = ${contract.col('id')})`;
}

/** Sum of a contract's payments that the caller may see; null where amounts are hidden. */
export function paid(contract: Scope): string {
  const { from, where, row: payment } = contract.unscoped(Payment);
  return `(select case when count(*) = 0 then 0 else sum(${payment.shown('paidAmount')}) end from ${from} where ${where} and ${payment.col('contract')} = ${contract.col('id')})`;
}

/** As `outstanding`, where the sum of the payments is known. */
export const outstandingAfter = (contract: Scope, inFact: string): string =>
  `(${contract.shown('agreedAmount')} - least(${contract.shown('agreedAmount')}, ${inFact}))`;

/** What of a contract's amount is not paid, from 0; null where there is no amount or none to be seen (`least` passes nulls over, the difference does not). */
export const outstanding = (contract: Scope): string => outstandingAfter(contract, paidInFact(contract));

/** As `isReceivable`, where the sum of the payments is known. */
export const isReceivableAfter = (contract: Scope, inFact: string): string =>
  `${contract.col('status')} in ('IN_FORCE', 'EXPIRED') and coalesce(${contract.col('agreedAmount')} > ${inFact}, false)`;

/** SQL condition: came into force at some time, and is not paid in full. */
export const isReceivable = (contract: Scope): string => isReceivableAfter(contract, paidInFact(contract));

/** SQL condition: receivable, and was due before today. */
export const isOverdue = (contract: Scope): string =>
  `(coalesce(${contract.col('dueOn')} < ${today(contract)}, false) and ${isReceivable(contract)})`;

/** In force and ending within so many days from today. */
export const endsWithin: Condition = (contract, value) =>
  `${contract.col('status')} = 'IN_FORCE' and ${contract.col('endsOn')} between ${today(contract)} and ${today(contract)} + ${value.bind('int')}`;

/** As `nextRenewal`, in wire form. */
export const nextRenewalAsText = (customer: Scope): string => `${nextRenewal(customer)}::text`;

/** What the contracts in force have not yet been paid: 0 where there is none, null where amounts are hidden. */
export const creditUsed = (customer: Scope): string =>
  overContracts(
    customer,
    (contract, only) => `case when count(*)${only} = 0 then 0 else sum(${outstanding(contract)})${only} end`,
  );

/** The sum of the amounts of the contracts in force. */
export const contractAmount = (customer: Scope): string =>
  overContracts(customer, (contract, only) => `sum(${contract.shown('agreedAmount')})${only}`);
