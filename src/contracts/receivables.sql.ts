import { exists, type Arguments, type Listed, type Scope, today } from '../model/fields.js';
import { andMeets } from '../read/filter.js';
import { Contract } from './contract.entity.js';
import { moneyJson, total } from '../model/money.js';
import { isReceivable, isReceivableAfter, paidInFact, termsSelect } from './contract.sql.js';

/** What customers owe us, by currency; only of contracts whose amounts the caller sees. */
export function receivables(tenant: Scope, args: Arguments): Listed {
  const { from, where, row: contract } = tenant.rows(Contract);
  const currency = contract.col('currency');
  const open = `select ${currency} as currency, ${contract.col('customer')} as customer, ${contract.col('id')} as contract,
      t.open, ${today(contract)} - t.due_on as late
    from ${from} cross join lateral (select ${paidInFact(contract)} as paid offset 0) p cross join lateral (${termsSelect(contract, 'p.paid')}) t
    where ${where} and ${isReceivableAfter(contract, 'p.paid')} and t.open > 0${andMeets(contract, args)}`;
  const sum = (condition: string): string =>
    moneyJson(`(${total({ shown: 'open', seen: 'true' }, ` filter (where ${condition})`)})`, 'currency');
  return {
    select: `select currency, count(distinct contract)::int as count, count(distinct customer)::int as "customerCount", (count(distinct contract) filter (where late > 0))::int as "overdueCount",
        ${sum('true')} as amount, ${sum('late > 0')} as "overdueAmount", ${sum('late between 1 and 30')} as "overdueTo30Days", ${sum('late between 31 and 60')} as "overdueTo60Days",
        ${sum('late between 61 and 90')} as "overdueTo90Days", ${sum('late > 90')} as "overdueLonger"
      from (${open}) o group by currency order by count(distinct contract) desc, currency`,
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
