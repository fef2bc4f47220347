import type { Context } from '../core/context.js';
import type { EntityClass } from '../model/model.js';
import { prepared } from '../core/prepared.js';
import { ask } from './declared.js';
import { filterConditions } from './filter.js';
import { Query, Value } from './query.js';

/** Conditions on the records that are asked for: a filter class, and a value of it. */
export interface Wanted {
  filter: new () => object;
  value: object;
}

/**
 * Those of the ids whose records the caller may see at this moment, deleted ones included, and which meet the
 * conditions if there are any; asks the database only where that depends on the record.
 */
export async function visibleAmong(
  ctx: Context,
  entity: EntityClass | undefined,
  ids: readonly string[],
  wanted?: Wanted,
): Promise<ReadonlySet<string>> {
  if (ctx.rights.see === 'all' && !wanted) return new Set(ids);
  if (ctx.rights.see === 'none' || ids.length === 0 || !entity) return new Set();
  const query = new Query(ctx.rights);
  const { from, where, row } = query.known(entity);
  const conditions = wanted
    ? filterConditions(wanted.filter, row, new Value(query, () => wanted.value, wanted.value))
    : [];
  const text = `select ${row.alias}.id from ${from} where ${[where, `${row.alias}.id = any(${query.constant(ids, 'uuid[]')})`, ...conditions].join(' and ')}`;
  const rows = await ask(ctx, prepared({ text, values: query.values({ ctx, variables: {} }) }));
  return new Set(rows.map(([id]) => id!));
}
