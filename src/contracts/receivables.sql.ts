import { exists, type Listed, type Scope, today } from '../model/fields.js';
import { Contract } from './contract.entity.js';
import { isReceivable, isReceivableAfter, outstandingAfter, paidInFact } from './contract.sql.js';

/** What customers owe us, by currency. */
export function receivables(tenant: Scope): Listed {
  const { from, where, row: contract } = tenant.rows(Contract);
  const open = `select ${contract.col('currency')} as currency, ${contract.col('customer')} as customer, ${outstandingAfter(contract, 'p.paid')} as amount, ${today(contract)} - ${contract.col('dueOn')} as late
    from ${from} cross join lateral (select ${paidInFact(contract)} as paid offset 0) p where ${where} and ${isReceivableAfter(contract, 'p.paid')}`;
  // 0 where there is none, null where there are some but their amounts are hidden
  const sum = (condition: string): string =>
    `(case when count(*) filter (where ${condition}) = 0 then 0 else sum(amount) filter (where ${condition}) end)::numeric(18,2)::text`;
  return {
    select: `select currency, count(*)::int as count, count(distinct customer)::int as "customerCount", (count(*) filter (where late > 0))::int as "overdueCount",
        ${sum('true')} as amount, ${sum('late > 0')} as "overdueAmount", ${sum('late between 1 and 30')} as "overdueTo30Days", ${sum('late between 31 and 60')} as "overdueTo60Days",
        ${sum('late between 61 and 90')} as "overdueTo90Days", ${sum('late > 90')} as "overdueLonger"
      from (${open}) o group by currency order by count(*) desc, currency`,
  };
}

/** SQL condition: receivable, in that currency. */
export const isOf = (contract: Scope, currency: string): string =>
  `${contract.col('currency')} = ${currency} and ${isReceivable(contract)}`;

/** SQL condition: owes us for a contract in that currency. */
export const owesIn = (customer: Scope, currency: string): string =>
  exists(
    customer,
    Contract,
    (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${isOf(contract, currency)}`,
  );
