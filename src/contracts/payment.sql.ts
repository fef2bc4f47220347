import { aggregateOf, type Embedded, type Scope } from '../model/fields.js';
import { sumOfRows } from '../model/money.js';
import { Contract } from './contract.entity.js';
import { isOverdue, isReceivable, outstanding, overdueAmount } from './contract.sql.js';

/** What a customer owes: how many contracts, how much, and how much of it is overdue. */
export const receivableOf = (customer: Scope): ReturnType<Embedded['fields']> => ({
  count: aggregateOf(
    customer,
    Contract,
    () => 'count(*)::int',
    (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${isReceivable(contract)}`,
  ),
  amount: sumOfRows(Contract, 'customer', outstanding, isReceivable),
  overdue: sumOfRows(Contract, 'customer', overdueAmount, isOverdue),
});

/** SQL condition: a payment for a contract with the customer of that id. */
export function isOfCustomer(payment: Scope, customer: string, isVisible: boolean): string {
  const { from, where, row: contract } = payment.rows(Contract, false, isVisible ? 'customer' : undefined);
  return `${payment.col('contract')} in (select ${contract.col('id')} from ${from} where ${where} and ${contract.col('customer')} = ${customer})`;
}

/** SQL condition: the contract that the payment is for. */
export const isFor = (contract: Scope, payment: Scope): string => `${contract.col('id')} = ${payment.col('contract')}`;
