import { constraintOf, refusalOfViolation } from './constraints.js';
import type { Row } from '../core/database.js';
import { sqlState } from '../core/database-faults.js';
import { DomainError, type Issue } from '../core/errors.js';
import type { PendingEntry, PendingReference, PendingInsert, VisibleCondition } from './batching.js';
import { SeriesNumber } from './insert.js';
import { snake } from '../model/columns.js';
import { allModels, type EntityModel } from '../model/model.js';

/** What is known about the items of a part that the database refused as a whole. */
export interface RefusalAttribution {
  /** items that are refused whatever becomes of the others, each with its reason */
  refused: Map<number, readonly Issue[]>;
  /** items that collide with an earlier one: refused only if that one is kept */
  later: Set<number>;
}

/** What the attribution needs: queries inside the tenant, and the condition under which records can be referred to. */
interface AttributionContext {
  tenantId: string;
  query: (text: string, values: unknown[]) => Promise<Row[]>;
  visibleCondition: VisibleCondition;
}

/**
 * Finds in one statement which of many items made the database refuse them: those that refer to missing records, or
 * whose unique values are taken. Finds none where the error does not allow it.
 */
export async function attributeRefusal(
  entries: readonly PendingEntry[],
  error: unknown,
  context: AttributionContext,
): Promise<RefusalAttribution> {
  if (error instanceof DomainError && error.code === 'UNKNOWN_REFERENCE')
    return findMissing(entries.filter(isPendingReference), context);
  if (sqlState(error) !== '23505') return noAttribution();
  const unique = uniqueOf(constraintOf(error));
  const refusal = refusalOfViolation(error);
  return unique && refusal
    ? findTaken(unique, entries.filter(isPendingInsert), refusal.issues, context)
    : noAttribution();
}

const noAttribution = (): RefusalAttribution => ({ refused: new Map(), later: new Set() });
const isPendingReference = (entry: PendingEntry): entry is PendingReference => entry.kind === 'expectation';
const isPendingInsert = (entry: PendingEntry): entry is PendingInsert => entry.kind === 'insertion';

async function findMissing(
  expected: readonly PendingReference[],
  { tenantId, query, visibleCondition }: AttributionContext,
): Promise<RefusalAttribution> {
  const found = noAttribution();
  for (const model of new Set(expected.map((one) => one.model))) {
    const of = expected.filter((one) => one.model === model);
    const values: unknown[] = [tenantId, [...new Set(of.map(({ id }) => id))]];
    const where = ['t.tenant_id = $1', 't.id = any($2::uuid[])', visibleCondition(model, 't', values)];
    const known = new Set(
      (await query(`select t.id from "${model.table}" t where ${where.filter(Boolean).join(' and ')}`, values)).map(
        ([id]) => id,
      ),
    );
    for (const { item, id, field } of of)
      if (!known.has(id) && !found.refused.has(item)) found.refused.set(item, [{ code: 'UNKNOWN_REFERENCE', field }]);
  }
  return found;
}

interface Unique {
  model: EntityModel;
  properties: readonly string[];
  activeOnly: boolean;
}

/** The unique constraint that was violated, if it holds for all records or for all that are not deleted. */
function uniqueOf(name: string): Unique | undefined {
  for (const model of allModels()) {
    const unique = model.uniques.find((one) => one.name === name);
    if (unique)
      return unique.where === undefined || unique.where === 'deleted_at is null'
        ? { model, properties: unique.properties, activeOnly: unique.where !== undefined }
        : undefined;
  }
  return undefined;
}

async function findTaken(
  { model, properties, activeOnly }: Unique,
  added: readonly PendingInsert[],
  issues: readonly Issue[],
  { tenantId, query }: AttributionContext,
): Promise<RefusalAttribution> {
  const rows = added.filter(
    (one) => one.model === model && properties.every((property) => isComparable(one.row[property])),
  );
  const fields = properties.map((property) => model.fields.get(property)!);
  const columns = fields.map((_, index) => `c${index}`);
  const sources = fields.map(({ sqlType }, index) => `$${index + 2}::${sqlType}[]`);
  const forms = fields.map(({ spec }, index) => (spec?.key ? `text_key(v.c${index})` : `v.c${index}`));
  const same = fields.map(({ column, spec }, index) => `t."${spec?.key ? snake(spec.key) : column}" = ${forms[index]}`);
  const found = await query(
    `select exists (select 1 from "${model.table}" t where ${['t.tenant_id = $1', ...same, ...(activeOnly ? ['t.deleted_at is null'] : [])].join(' and ')}), json_build_array(${forms.join(', ')})::text
      from unnest(${sources.join(', ')}) with ordinality v(${columns.join(', ')}, n) order by v.n`,
    [tenantId, ...properties.map((property) => rows.map(({ row }) => row[property]))],
  );
  const refused = new Map(
    rows.flatMap(({ item }, place) => (found[place]![0] === 't' ? [[item, issues] as const] : [])),
  );
  const first = new Map<string, number>();
  const later = new Set<number>();
  for (const [place, { item }] of rows.entries()) {
    const key = found[place]![1]!;
    if (refused.has(item)) continue;
    const earlier = first.get(key) ?? item;
    if (earlier !== item) later.add(item);
    first.set(key, earlier);
  }
  return { refused, later };
}

const isComparable = (value: unknown): boolean =>
  value !== null && value !== undefined && !(value instanceof SeriesNumber);
