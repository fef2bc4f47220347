import { moneyJson, total } from '../model/money.js';
import type { ListSpec } from './list.js';
import type { Page } from './page.js';

/** What all rows of a list that meet its conditions add up to, in each currency: columns as the fields of the sums. */
export function sumsSelect({ sums = {} }: ListSpec, { from, where, row }: Page): string {
  const currency = row.col('currency');
  const amounts = Object.entries(sums).map(([name, { summand }]) => {
    const amount = total(summand(row));
    return `${moneyJson(`(${amount})`, currency)} as "${name}"`;
  });
  return `select ${currency} as currency, count(*)::int as count, ${amounts.join(', ')} from ${from} where ${where.join(' and ')} group by ${currency} order by ${currency}`;
}
