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
  const counted = (what: (customer: Scope) => string, rest: (customer: Scope) => string): string => {
    const { from, where, row } = tenant.rows(Customer, deleted);
    return `select ${what(row)} from ${from} where ${where}${andMeets(row, args)}${rest(row)}`;
  };
  const total = (): string =>
    `(${counted(
      () => 'count(*)::int',
      () => '',
    )})`;
  const by = (name: string): string =>
    counted(
      (customer) => `${customer.col(name)} as "${name}", count(*)::int as count`,
      (customer) => ` group by 1 order by 2 desc, ${customer.col(name)}`,
    );
  return {
    present: () => 'true',
    fields: () => ({
      totalCount: total(),
      ...Object.fromEntries(names.map((name) => [dimensions[name], { select: by(name) }])),
    }),
  };
}

/** The same counts in one select over customers with that alias: what they are counted by (null for all of them), its value, the count. */
export function countsSql(alias: string, from: string): string {
  const columns = names.map((name) => `${alias}."${modelOf(Customer).fields.get(name)!.column}"`);
  const which = columns.map((column, index) => `when grouping(${column}) = 0 then '${names[index]}'`).join(' ');
  return `select case ${which} end, coalesce(${columns.join(', ')}), count(*) ${from} group by grouping sets ((), ${columns.map((column) => `(${column})`).join(', ')})`;
}
