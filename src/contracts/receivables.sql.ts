import { exists, type Arguments, type Listed, type Scope, today } from '../model/fields.js';
import { andMeets } from '../read/filter.js';
import { Contract } from './contract.entity.js';
import { moneyJson, total } from '../model/money.js';
import {
  isReceivable,
  isReceivableAfter,
  paidInFact,
  receivedInFact,
  termsSelect,
  wasInForce,
} from './contract.sql.js';
import { Payment } from './payment.entity.js';

/** What is not paid of each term of contracts, with the days that it is late. */
function openTerms(tenant: Scope, args: Arguments): string {
  return [ofOneTerm(tenant, args), ofSeveralTerms(tenant, args)].join(' union all ');
}

const owedBy = (contract: Scope): string =>
  `${contract.col('currency')} as currency, ${contract.col('customer')} as customer, ${contract.col('id')} as contract`;

/** Contracts without renewals, which most are: their payments are gone through at once. */
function ofOneTerm(tenant: Scope, args: Arguments): string {
  const { from, where, row: contract } = tenant.rows(Contract);
  const { from: payments, where: present, row: payment } = tenant.unscoped(Payment);
  const paid = `coalesce(sum(${receivedInFact(payment)}), 0)`;
  const amount = contract.stored('agreedAmount');
  return `select ${owedBy(contract)}, ${amount} - ${paid} as open, ${today(contract)} - ${contract.col('dueOn')} as late
    from ${from} left join ${payments} on ${present} and ${payment.col('contract')} = ${contract.col('id')}
    where ${where} and ${contract.col('term')} = 1 and ${wasInForce(contract)}${andMeets(contract, args)}
    group by ${contract.alias}.tenant_id, ${contract.alias}.id having ${amount} > ${paid} and ${isReceivableAfter(contract, paid)}`;
}

/** The others: payments go to the oldest term first. */
function ofSeveralTerms(tenant: Scope, args: Arguments): string {
  const { from, where, row: contract } = tenant.rows(Contract);
  return `select ${owedBy(contract)}, t.open, ${today(contract)} - t.due_on
    from ${from} cross join lateral (select ${paidInFact(contract)} as paid offset 0) p cross join lateral (${termsSelect(contract, 'p.paid')}) t
    where ${where} and ${contract.col('term')} > 1 and ${isReceivableAfter(contract, 'p.paid')} and t.open > 0${andMeets(contract, args)}`;
}

/** What customers owe us, by currency; only of contracts whose amounts the caller sees. */
export function receivables(tenant: Scope, args: Arguments): Listed {
  const sum = (condition: string): string =>
    moneyJson(`(${total({ shown: 'open', seen: 'true' }, ` filter (where ${condition})`)})`, 'currency');
  return {
    select: `select currency, count(distinct contract)::int as count, count(distinct customer)::int as "customerCount", (count(distinct contract) filter (where late > 0))::int as "overdueCount",
        ${sum('true')} as amount, ${sum('late > 0')} as "overdueAmount", ${sum('late between 1 and 30')} as "overdueTo30Days", ${sum('late between 31 and 60')} as "overdueTo60Days",
        ${sum('late between 61 and 90')} as "overdueTo90Days", ${sum('late > 90')} as "overdueLonger"
      from (${openTerms(tenant, args)}) o group by currency order by count(distinct contract) desc, currency`,
  };
}

/** SQL condition: receivable, in that currency. */
export const isOf = (contract: Scope, currency: string, args: Arguments): string =>
  `${contract.col('currency')} = ${currency} and ${isReceivable(contract)}${andMeets(contract, args)}`;

/** SQL condition: owes us for a contract in that currency. */
export const owesIn = (customer: Scope, currency: string, args: Arguments): string =>
  exists(
    customer,
    Contract,
    (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${isOf(contract, currency, args)}`,
  );
