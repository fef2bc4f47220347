import { aggregateOf, type Embedded, moneyOf, type Scope } from '../model/fields.js';
import { Contract } from './contract.entity.js';
import { isOverdue, isReceivable, outstanding } from './contract.sql.js';

/** An aggregate over the customer's contracts that are not paid in full. */
const open = (customer: Scope, expression: (contract: Scope) => string): string =>
  aggregateOf(
    customer,
    Contract,
    expression,
    (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${isReceivable(contract)}`,
  );

const total = (sum: string): string => `case when count(*) = 0 then 0 else ${sum} end`;

/** What a customer owes: how many contracts, how much, and how much of it is overdue. */
export const receivableOf = (customer: Scope): ReturnType<Embedded['fields']> => ({
  count: open(customer, () => 'count(*)::int'),
  amount: moneyOf((row) => open(row, (contract) => total(`sum(${outstanding(contract)})`))),
  overdue: moneyOf((row) =>
    open(row, (contract) =>
      total(
        `sum(case when ${isOverdue(contract)} then ${outstanding(contract)} else ${outstanding(contract)} * 0 end)`,
      ),
    ),
  ),
});

/** SQL condition: a payment for a contract with the customer of that id. */
export function isOfCustomer(payment: Scope, customer: string): string {
  const { from, where, row: contract } = payment.rows(Contract);
  return `${payment.col('contract')} in (select ${contract.col('id')} from ${from} where ${where} and ${contract.col('customer')} = ${customer})`;
}

/** SQL condition: the contract that the payment is for. */
export const isFor = (contract: Scope, payment: Scope): string => `${contract.col('id')} = ${payment.col('contract')}`;
