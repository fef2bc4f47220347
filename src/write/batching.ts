import type { Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { formOf, insertMany, insertStatement, type NewRow } from './insert.js';
import type { EntityModel } from '../model/model.js';

/** A record that an item of a bulk adds. */
export interface PendingInsert {
  kind: 'insertion';
  /** the item's place */
  item: number;
  model: EntityModel;
  row: NewRow;
}

/** A record that an item of a bulk refers to and that must therefore exist. */
export interface PendingReference {
  kind: 'expectation';
  item: number;
  model: EntityModel;
  id: string;
  /** the caller's name of the reference */
  field: string[];
}

export type PendingEntry = PendingInsert | PendingReference;

/** Statements and entries that a change has not sent yet. */
export type Pending = Statement | PendingEntry;

/** Condition on the records of an entity that can be referred to: not deleted, and visible to the caller. */
export type VisibleCondition = (model: EntityModel, alias: string, params: unknown[]) => string;

interface Batch {
  model: EntityModel;
  form: string;
  entries: PendingEntry[];
}

/**
 * The statements for what is pending: what many items add to one table, or look for in one, is a single statement. An
 * entry moves forward to those of its kind, but never past a record that it may refer to or past any other statement.
 */
export function statementsOf(
  pending: readonly Pending[],
  tenantId: string,
  visibleCondition: VisibleCondition,
): Statement[] {
  const groups: Array<Statement | Batch> = [];
  for (const one of pending) {
    if (!('kind' in one)) groups.push(one);
    else addToBatch(groups, one);
  }
  return groups.map((group) => ('text' in group ? group : statementOf(group, tenantId, visibleCondition)));
}

function addToBatch(groups: Array<Statement | Batch>, entry: PendingEntry): void {
  const form = entry.kind === 'insertion' ? formOf(entry.model, entry.row) : '';
  const known = form === null ? undefined : batchFor(groups, entry, form);
  if (known) known.entries.push(entry);
  else groups.push({ model: entry.model, form: form ?? 'alone', entries: [entry] });
}

function batchFor(groups: ReadonlyArray<Statement | Batch>, entry: PendingEntry, form: string): Batch | undefined {
  for (let at = groups.length - 1; at >= 0; at -= 1) {
    const group = groups[at]!;
    if ('text' in group) return undefined;
    const { kind } = group.entries[0]!;
    if (group.model === entry.model && kind === entry.kind) return group.form === form ? group : undefined;
    if (kind === 'insertion' && mayDependOn(entry, group.model)) return undefined;
  }
  return undefined;
}

const mayDependOn = ({ kind, model }: PendingEntry, added: EntityModel): boolean =>
  kind === 'expectation' ? model === added : [...model.fields.values()].some(({ refersTo }) => refersTo === added.type);

function statementOf({ model, entries }: Batch, tenantId: string, visibleCondition: VisibleCondition): Statement {
  const [first] = entries;
  if (first!.kind === 'expectation')
    return referenceCheck(model, entries as PendingReference[], tenantId, visibleCondition);
  const rows = (entries as PendingInsert[]).map(({ row }) => row);
  return rows.length === 1 ? insertStatement(model, tenantId, rows[0]!) : insertMany(model, tenantId, rows);
}

/** Divides by zero unless all of the records are there. */
function referenceCheck(
  model: EntityModel,
  entries: readonly PendingReference[],
  tenantId: string,
  visibleCondition: VisibleCondition,
): Statement {
  const values: unknown[] = [tenantId, [...new Set(entries.map(({ id }) => id))]];
  const where = ['t.tenant_id = $1', 't.id = any($2::uuid[])', visibleCondition(model, 't', values)];
  return {
    text: `select 1 / (count(*) = cardinality($2::uuid[]))::int from "${model.table}" t where ${where.filter(Boolean).join(' and ')}`,
    values,
    missing: () => refuse('UNKNOWN_REFERENCE', entries[0]!.field),
  };
}
