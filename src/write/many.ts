import { inPieces } from '../core/pieces.js';
import type { Change, Stored } from './change.js';
import { additionsOf, changesOf, noteWritten } from './changes.js';
import { insertMany as insertStatement, rowsOfStatement, writersOf } from './insert.js';
import { fromText, inOrder, settings, type Changes } from './statements.js';
import { changedAt, plainVersions, withVersions } from './versions.js';
import type { Statement } from '../core/database.js';
import { newId } from '../core/id.js';
import { modelOf, wireForm, type EntityClass, type FieldModel } from '../model/model.js';

/**
 * Records that are not deleted and meet a condition on the row `t`, of which `$2` and on are the values; in the order of
 * their ids, and locked until the commit unless `lock` says that something else keeps others from changing them. For
 * callers who may change all records.
 */
export async function recordsWhere<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  where: string,
  values: readonly unknown[] = [],
  { lock = true }: { lock?: boolean } = {},
): Promise<Array<Stored<E>>> {
  const model = modelOf(entity);
  const fields = [...model.fields.values()].filter((field) => field.property !== 'tenant');
  const columns = fields.map((field) => wireForm(`t."${field.column}"`, field.sqlType));
  const rows = await change.query(
    `select ${columns.join(', ')} from "${model.table}" t where t.tenant_id = $1${model.soft ? ' and t.deleted_at is null' : ''} and (${where}) order by t.id${lock ? ' for no key update of t' : ''}`,
    [change.ctx.tenant.id, ...values],
  );
  return rows.map(
    (row) =>
      Object.fromEntries(fields.map((field, place) => [field.property, fromText(row[place]!, field)])) as Stored<E>,
  );
}

/** Records that are not deleted and of which a column has one of the values, locked until the commit; `where` is a further condition on the row `t`. */
export function lockWhere<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  property: keyof E & string,
  values: readonly string[],
  where = 'true',
): Promise<Array<Stored<E>>> {
  const { column, sqlType } = modelOf(entity).fields.get(property)!;
  return recordsWhere(change, entity, `t."${column}" = any($2::${sqlType}[]) and (${where})`, [values]);
}

/** What of each changed record is published, and under which name; null publishes nothing. */
interface Published<E> {
  event?: (record: Stored<E>) => string | null;
  /** what the event says beside the changed fields */
  data?: (record: Stored<E>) => object;
}

/**
 * Changes fields of many records that the caller has locked, a thousand with each statement; each is audited and published
 * as by `Change.update`, and left alone where nothing is to be changed. For columns that neither belong to other records
 * nor are searched by. Returns how many were changed.
 */
export async function updateMany<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  records: ReadonlyArray<readonly [before: Stored<E>, values: Partial<Stored<E>>]>,
  { event = () => 'updated', data = () => ({}) }: Published<E> = {},
): Promise<number> {
  const changed = records.flatMap(([before, values]) => {
    const changes = changesOf(modelOf(entity), before as Record<string, unknown>, values as Record<string, unknown>);
    return Object.keys(changes).length > 0 ? [{ before, changes }] : [];
  });
  const properties = [...new Set(changed.flatMap(({ changes }) => Object.keys(changes)))];
  const fields = properties.map((property) => plainField(entity, property));
  for (const part of inPieces(changed, rowsOfStatement)) {
    await change.send(updateOf(change, entity, fields, part));
    for (const { before, changes } of part) {
      const record = before as Record<string, unknown>;
      noteWritten(modelOf(entity), record, changes);
      change.recordChange(entity, String(record['id']), changes, event(before), {
        changed: Object.keys(changes),
        ...data(before),
      });
    }
  }
  return changed.length;
}

/** A column that can be written without a look at other records. Fails for another one: a mistake in the program. */
function plainField(entity: EntityClass, property: string): FieldModel {
  const field = modelOf(entity).fields.get(property);
  if (!field || field.spec?.belongs || field.spec?.searched)
    throw new Error(`${entity.name}.${property} is not changed for many records at once.`);
  return field;
}

/** One statement for many records: each row has a value for every column, its own where that one is not changed. */
function updateOf(
  { ctx }: Change,
  entity: EntityClass,
  fields: readonly FieldModel[],
  records: ReadonlyArray<{ before: object; changes: Changes }>,
): Statement {
  const model = modelOf(entity);
  const values: unknown[] = [ctx.tenant.id, records.map(({ before }) => (before as { id: string }).id)];
  const sets = fields.flatMap((field) => settings(field, `v."${field.column}"`));
  const sources = fields.map(({ property, sqlType }) => {
    values.push(
      records.map(({ before, changes }) =>
        property in changes ? changes[property]![1] : (before as Record<string, unknown>)[property],
      ),
    );
    return `$${values.length}::${sqlType}[]`;
  });
  if (model.versioned) {
    values.push(ctx.user.id);
    sets.push('version = t.version + 1', changedAt(model, 't.'), `updated_by_id = $${values.length}::uuid`);
  }
  const columns = fields.map(({ column }) => `"${column}"`);
  const where = 't.id = any($2::uuid[])';
  const update = `update "${model.table}" t set ${sets.join(', ')} from unnest(${['$2::uuid[]', ...sources].join(', ')}) v(${['id', ...columns].join(', ')}) where t.tenant_id = $1 and t.id = v.id`;
  return {
    text: withVersions(model, where, update),
    values,
    plain: () => inOrder([...plainVersions(model, where, values), { text: update, values }]),
  };
}

/** Adds many records, a thousand with each statement; each is audited and published as by `Change.insert`. Returns their ids in the order given. */
export async function insertMany<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  rows: ReadonlyArray<Partial<Record<keyof E, unknown>>>,
): Promise<string[]> {
  const model = modelOf(entity);
  const writers = writersOf(model, change.ctx.user.id);
  const added = rows.map((row) => ({ id: newId(), ...row }) as Record<string, unknown> & { id: string });
  for (const part of inPieces(added, rowsOfStatement)) {
    await change.send(
      insertStatement(
        model,
        change.ctx.tenant.id,
        part.map((row) => ({ ...writers, ...row })),
      ),
    );
    for (const { id, ...given } of part) change.recordChange(entity, id, additionsOf(given), 'created');
  }
  return added.map(({ id }) => id);
}

/** Adds many rows to a history, as `Change.note` does for one. */
export async function noteMany<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  rows: ReadonlyArray<Partial<Record<keyof E, unknown>>>,
): Promise<void> {
  for (const part of inPieces(rows, rowsOfStatement))
    await change.send(
      insertStatement(
        modelOf(entity),
        change.ctx.tenant.id,
        part.map((row) => ({ id: newId(), ...row })),
      ),
    );
}
