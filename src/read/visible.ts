import type { Context } from '../core/context.js';
import { isDisclosed, type Fact } from '../model/derived.js';
import type { EntityClass } from '../model/model.js';
import { prepared } from '../core/prepared.js';
import { isPersonal } from './access.js';
import { ask } from './declared.js';
import { filterConditions } from './filter.js';
import { statementOf } from './plain-rows.js';
import { Query } from './query.js';
import { checkReferences } from './references.js';
import { Value } from './value.js';

/** Conditions on the records that are asked for: a filter class, and a value of it. */
export interface Wanted {
  filter: new () => object;
  value: object;
}

/** Those of the ids of whose records the caller is disclosed that fact; asks the database only where that depends on the record. */
export async function disclosedAmong(
  ctx: Context,
  fact: Fact,
  entity: EntityClass,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const query = new Query(ctx.rights);
  const { from, where, row } = query.known(entity);
  const disclosed = isDisclosed(row, fact);
  if (disclosed === 'true' || disclosed === 'false' || ids.length === 0)
    return new Set(disclosed === 'true' ? ids : []);
  const text = `select ${row.alias}.id from ${from} where ${where} and ${row.alias}.id = any(${query.constant(ids, 'uuid[]')}) and ${disclosed}`;
  return idsOf(ctx, query, text);
}

/** Refuses UNKNOWN_REFERENCE where a filter of a list, which stands at that path, names what the caller sees no record of. */
export async function checkFilter(
  ctx: Context,
  entity: EntityClass,
  wanted: Wanted,
  path: readonly string[],
): Promise<void> {
  const query = new Query(ctx.rights);
  filterConditions(wanted.filter, query.known(entity).row, new Value(query, () => wanted.value, wanted.value, path));
  await checkReferences(ctx, query, (text) => ask(ctx, statementOf(ctx, query, text)));
}

async function idsOf(ctx: Context, query: Query, text: string): Promise<ReadonlySet<string>> {
  const { text: complete, sources } = query.complete(text);
  const values = sources.map((source) => source({ ctx, variables: {} }));
  return new Set((await ask(ctx, prepared({ text: complete, values }))).map(([id]) => id!));
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
  if (ctx.rights.see === 'all' && !wanted && !isPersonal(entity)) return new Set(ids);
  if (ctx.rights.see === 'none' || ids.length === 0 || !entity) return new Set();
  const query = new Query(ctx.rights);
  const { from, where, row } = query.known(entity);
  const conditions = wanted
    ? filterConditions(wanted.filter, row, new Value(query, () => wanted.value, wanted.value))
    : [];
  const text = `select ${row.alias}.id from ${from} where ${[where, `${row.alias}.id = any(${query.constant(ids, 'uuid[]')})`, ...conditions].join(' and ')}`;
  return idsOf(ctx, query, text);
}
