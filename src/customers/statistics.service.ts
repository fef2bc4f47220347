import type { Row } from '../core/database.js';
import type { CustomerBreakdown } from './statistics.inputs.js';
import { dimensions, names } from './statistics.sql.js';

/** Such counts of one or several tenants, added up. */
export function breakdownOf(rows: readonly Row[]): CustomerBreakdown {
  const lists = names.map((name) => [
    dimensions[name],
    addedUp(rows, name).map(([value, count]) => ({ [name]: value, count })),
  ]);
  return { totalCount: addedUp(rows, null)[0]?.[1] ?? 0, ...Object.fromEntries(lists) } as CustomerBreakdown;
}

/** The values of one dimension with their counts over all rows, the largest first. */
export function addedUp(rows: readonly Row[], dimension: string | null): Array<[value: string | null, count: number]> {
  const counts = new Map<string | null, number>();
  for (const [of, value, count] of rows)
    if (of === dimension) counts.set(value!, (counts.get(value!) ?? 0) + Number(count));
  return [...counts].sort(([a, many], [b, more]) => more - many || String(a).localeCompare(String(b)));
}
