import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { modelOf } from '../model/model.js';
import { andMeets } from '../read/filter.js';
import { asksForDeleted } from '../read/list.js';
import { Customer } from './customer.entity.js';

/** The values that customers are counted by, and the field that carries the counts. */
export const dimensions = { status: 'byStatus', kind: 'byKind', tier: 'byTier', size: 'bySize' } as const;

export const names = Object.keys(dimensions) as Array<keyof typeof dimensions>;

/** How many customers the caller may see, in all and by value; with the argument `deleted` deleted ones as well. */
export function breakdown(tenant: Scope, args: Arguments): Embedded {
  const deleted = args('deleted').is(asksForDeleted);
  const { from, where, row } = tenant.rows(Customer, deleted);
  const counted = (): string => `from ${from} where ${where}${andMeets(row, args)}`;
  const by = (name: string): string =>
    `select value as "${name}", count from customer_counts where counted_by = '${name}' order by 2 desc, 1`;
  return {
    present: () => 'true',
    // one look at the customers for all that they are counted by
    shared: () => ({ customer_counts: countsSql(row.alias, counted()) }),
    fields: () => ({
      totalCount: `(select count(*)::int ${counted()})`,
      ...Object.fromEntries(names.map((name) => [dimensions[name], { select: by(name) }])),
    }),
  };
}

/** The same counts in one select over customers with that alias: what they are counted by (null for all of them), its value, the count. */
export function countsSql(alias: string, from: string): string {
  const columns = names.map((name) => `${alias}."${modelOf(Customer).fields.get(name)!.column}"`);
  const which = columns.map((column, index) => `when grouping(${column}) = 0 then '${names[index]}'`).join(' ');
  return `select case ${which} end as counted_by, coalesce(${columns.join(', ')}) as value, count(*)::int as count ${from} group by grouping sets ((), ${columns.map((column) => `(${column})`).join(', ')})`;
}
