import type { Context } from '../core/context.js';
import type { Row } from '../core/database.js';
import { modelOf } from '../core/model.js';
import { ask } from '../read/declared.js';
import { filterConditions } from '../read/filter.js';
import { asksForDeleted } from '../read/list.js';
import { Query, Value } from '../read/query.js';
import { Customer } from './customer.entity.js';
import { CustomerFilter } from './customer.inputs.js';
import { dimensions, type CustomerStatistics } from './statistics.inputs.js';

type Dimension = keyof typeof dimensions;
const names = Object.keys(dimensions) as Dimension[];

/** Counts the customers that the caller may see, in one pass over them. Refuses FORBIDDEN for `deleted` from who does not administer the tenant. */
export async function customerStatistics(ctx: Context, filter: object | null, deleted: boolean | null): Promise<CustomerStatistics> {
  const query = new Query(ctx.rights);
  const { from, where, row } = query.rows(Customer.name, asksForDeleted(deleted));
  const conditions = filter ? filterConditions(CustomerFilter, row, new Value(query, () => filter, filter)) : [];
  const text = countsSql(row.alias, `from ${from} where ${[where, ...conditions].join(' and ')}`);
  return statisticsOf([await ask(ctx, { text, values: query.values({ ctx, variables: {} }) })]);
}

/** A select of counts over customers with that alias: what they are counted by (null for all of them), its value, the count. */
export function countsSql(alias: string, from: string): string {
  const columns = names.map((name) => `${alias}."${modelOf(Customer).fields.get(name)!.column}"`);
  const which = columns.map((column, index) => `when grouping(${column}) = 0 then '${names[index]}'`).join(' ');
  return `select case ${which} end, coalesce(${columns.join(', ')}), count(*) ${from} group by grouping sets ((), ${columns.map((column) => `(${column})`).join(', ')})`;
}

/** Counts of one or several tenants, added up. */
export function statisticsOf(counted: readonly Row[][]): CustomerStatistics {
  const rows = counted.flat();
  const lists = names.map((name) => [dimensions[name], addedUp(rows, name).map(([value, count]) => ({ [name]: value, count }))]);
  return { totalCount: addedUp(rows, null)[0]?.[1] ?? 0, ...Object.fromEntries(lists) } as CustomerStatistics;
}

/** The values of one dimension with their counts over all rows, the largest first. */
export function addedUp(rows: readonly Row[], dimension: string | null): Array<[value: string | null, count: number]> {
  const counts = new Map<string | null, number>();
  for (const [of, value, count] of rows) if (of === dimension) counts.set(value!, (counts.get(value!) ?? 0) + Number(count));
  return [...counts].sort(([a, many], [b, more]) => more - many || String(a).localeCompare(String(b)));
}
