import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { accessOf, isFoundBy, type Way } from './access.js';

/** Most records that a list finds by their ids. */
export const maxFound = 200;

/** How visible rows are found where there are few of them. */
export interface Found {
  /** a select of their ids */
  ids: string;
  /** selects of what they are seen through, which has to be few as well */
  seen: readonly string[];
}

/** What is asked of a statement under construction. */
interface Source {
  alias(): string;
  unscoped(entity: EntityClass): Rows;
}

interface Rows {
  from: string;
  where: string;
  row: Scope;
}

/** How rows of an entity are found by indexes where the caller sees few of them; none where there is no such way. */
export function foundBy(query: Source, entity: EntityClass): Found | undefined {
  const seen: string[] = [];
  const ids = fewIds(query, entity, seen);
  return ids === undefined ? undefined : { ids, seen };
}

/**
 * A select of the ids of records that the caller may see, as long as these are few: some may be missing where it gives more
 * than those. `seen` gets the same selects for the records that others are seen through, which have to be few as well.
 * Each way is one look into an index: none costs more than what it finds, whatever the planner expects of it.
 */
function fewIds(query: Source, entity: EntityClass, seen: string[]): string | undefined {
  const rows = query.unscoped(entity);
  const { row } = rows;
  const ways = accessOf(entity)?.found?.(row, (property) => {
    const among = fewIds(query, row.model.fields.get(property)!.refersTo!, seen);
    if (among === undefined) return 'true';
    seen.push(among);
    return { property, among };
  });
  if (!ways || ways.includes('true')) return undefined;
  const parts = new Map(ways.map((way) => [isFoundBy(row, way), way]));
  return [...parts.values()].map((way) => idsBy(query, way, rows)).join(' union all ');
}

function idsBy(query: Source, way: Way, { from, where, row }: Rows): string {
  const some = (condition: string): string =>
    `(select ${row.alias}.id from ${from} where ${where} and ${condition} limit ${maxFound + 1})`;
  if (typeof way === 'string') return some(way);
  const one = query.alias();
  return `(select x.id from (${way.among}) ${one}(id) cross join lateral ${some(`${row.stored(way.property)} = ${one}.id`)} x limit ${maxFound + 1})`;
}
