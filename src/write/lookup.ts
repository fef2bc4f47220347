import type { Context } from '../core/context.js';
import type { Row } from '../core/database.js';
import type { Reach, Rights } from '../core/rights.js';
import { parseKey, type Key } from '../core/id.js';
import { modelOf, wireForm, type EntityClass, type EntityModel, type FieldModel } from '../model/model.js';
import { isMaskOf, reachOf } from '../model/masks.js';
import { isMasked } from '../model/texts.js';
import { refuse } from '../core/errors.js';
import { fromText, same } from './statements.js';

/** SQL condition on the rows of an entity that the caller may see, with `deleted` also of those that belong to something deleted; the capability's policy gives it. */
export type Visibility = (model: EntityModel, alias: string, params: unknown[], deleted?: boolean) => string;

let visibilityOf: (ctx: Context) => Visibility = () => () => '';
let changeabilityOf: (ctx: Context) => Visibility = () => () => '';
let ownershipOf: (ctx: Context) => Visibility = () => () => 'false';

/**
 * Sets, once at start, which rows of an entity a caller may see, which of these they may change, and which are their own.
 * The write engine knows no policy itself.
 */
export function setVisibility(
  conditions: Record<'visible' | 'changeable' | 'own', (ctx: Context) => Visibility>,
): void {
  visibilityOf = conditions.visible;
  changeabilityOf = conditions.changeable;
  ownershipOf = conditions.own;
}

/** Where records are looked up: in one tenant, among the rows that the caller may see. */
export interface LookupScope {
  tenantId: string;
  rights: Rights;
  visibility: Visibility;
  /** of the visible rows those that the caller may change; empty where that is all of them */
  changeability: Visibility;
  ownership: Visibility;
}

/** Where that caller's records are looked up. */
export const lookupScopeOf = (ctx: Context): LookupScope => ({
  tenantId: ctx.tenant.id,
  rights: ctx.rights,
  visibility: visibilityOf(ctx),
  changeability: changeabilityOf(ctx),
  ownership: ownershipOf(ctx),
});

/** Properties of the records found whose values the caller sees as null. */
const hidden = new WeakMap<object, ReadonlySet<string>>();

/**
 * Whether a value is a change of a record that was found: not if it is equal, or what the caller sees instead of the
 * stored value (its mask, or null). Refuses INVALID what looks like the mask of another value.
 */
export function isChange(before: Record<string, unknown>, field: FieldModel, value: unknown): boolean {
  const { property, spec } = field;
  const stored = before[property];
  if (value === undefined || same(stored, value, field) || isMaskOf(value, stored, spec?.mask)) return false;
  if (value === null && hidden.get(before)?.has(property)) return false;
  if (typeof value === 'string' && isMasked(value, spec?.mask)) throw refuse('INVALID', [property]);
  return true;
}

/** SQL condition on records that are not deleted and that the caller may see. */
export const visibleCondition =
  ({ visibility }: LookupScope): Visibility =>
  (model, alias, params) =>
    [model.soft && `${alias}.deleted_at is null`, visibility(model, alias, params)].filter(Boolean).join(' and ');

/** A statement that reads whole records; `record` turns a row found into the record, and `changeable` says whether the caller may change it. */
interface Finding {
  text: string;
  values: unknown[];
  record: (row: Row) => Record<string, unknown>;
  changeable: (row: Row) => boolean;
}

/** Reads a record by its key and, unless `lock` is false, locks it. */
export const findStatement = (
  entity: EntityClass,
  key: Key,
  scope: LookupScope,
  options: { lock?: boolean; deleted?: boolean },
): Finding =>
  finding(entity, scope, 'id' in key ? [key.id] : [key.number], 'id' in key ? 't.id = $2' : 't.number = $2', options);

/**
 * Reads and locks many records by the texts that name them, in the order of their ids; `condition` is SQL over the row `t`, and
 * holds when they are locked. `found` turns the rows into records by text, with whether the caller may change them.
 */
export function findManyStatement(
  entity: EntityClass,
  texts: readonly string[],
  scope: LookupScope,
  condition: string,
): Pick<Finding, 'text' | 'values'> & {
  found: (rows: readonly Row[]) => Map<string, { record: Record<string, unknown>; changeable: boolean }>;
} {
  const named = '(t.id = any($2::uuid[]) or t.number = any($3::int[]))';
  const { text, values, record, changeable } = finding(entity, scope, keysIn(texts), `${named} and ${condition}`, {
    order: 't.id',
  });
  return {
    text,
    values,
    found: (rows) => {
      const records = rows.map((row) => ({ record: record(row), changeable: changeable(row) }));
      return byText(
        texts,
        new Map(records.flatMap((one) => [one.record['id'], one.record['number']].map((key) => [String(key), one]))),
      );
    },
  };
}

/** The ids and the numbers among texts that name records. */
function keysIn(texts: readonly string[]): [ids: string[], numbers: number[]] {
  const keys = texts.map(parseKey);
  return [
    keys.flatMap((key) => (key && 'id' in key ? [key.id] : [])),
    keys.flatMap((key) => (key && 'number' in key ? [key.number] : [])),
  ];
}

function finding(
  entity: EntityClass,
  { tenantId, rights, visibility, changeability, ownership }: LookupScope,
  keys: readonly unknown[],
  named: string,
  options: { lock?: boolean; deleted?: boolean; order?: string },
): Finding {
  const model = modelOf(entity);
  const fields = [...model.fields.values()].filter((field) => field.property !== 'tenant');
  const values: unknown[] = [tenantId, ...keys];
  const where = [`t.tenant_id = $1`, named];
  if (model.soft) where.push(`t.deleted_at is ${options.deleted ? 'not null' : 'null'}`);
  where.push(visibility(model, 't', values, options.deleted));
  const nulled = fields.filter(({ spec }) => spec?.mask === 'contact' || spec?.mask === 'amount');
  const depends = nulled.some(({ spec }) => reachOf(rights, spec!.mask!) === 'own');
  const mayChange = options.lock === false ? '' : changeability(model, 't', values);
  const list = [
    ...fields.map((field) => wireForm(`t."${field.column}"`, field.sqlType)),
    depends ? `coalesce(${ownership(model, 't', values)}, false)` : 'false',
    ...(mayChange ? [`coalesce(${mayChange}, false)`] : []),
  ].join(', ');
  return {
    text: `select ${list} from "${model.table}" t where ${where.filter(Boolean).join(' and ')}${options.order ? ` order by ${options.order}` : ''}${options.lock === false ? '' : ' for no key update of t'}`,
    values,
    record(row) {
      const found = Object.fromEntries(fields.map((field, index) => [field.property, fromText(row[index]!, field)]));
      const sees = (reach: Reach): boolean => reach === 'all' || (reach === 'own' && row[fields.length] === 't');
      const unseen = nulled.filter(({ spec }) => !sees(reachOf(rights, spec!.mask!)));
      hidden.set(found, new Set(unseen.map(({ property }) => property)));
      return found;
    },
    changeable: (row) => mayChange === '' || row[fields.length + 1] === 't',
  };
}

/** Reads the id of a record by the value of a unique text column. */
export function idByStatement(
  entity: EntityClass,
  property: string,
  value: string,
  scope: LookupScope,
): { text: string; values: unknown[] } {
  const model = modelOf(entity);
  const values: unknown[] = [scope.tenantId, value];
  const where = [
    't.tenant_id = $1',
    `t."${model.fields.get(property)!.column}" = $2`,
    visibleCondition(scope)(model, 't', values),
  ];
  return { text: `select t.id from "${model.table}" t where ${where.filter(Boolean).join(' and ')}`, values };
}

/** Locks the records that texts name, of those that the caller may change, in the order of their ids: whoever does so waits in one order with all others. */
export function lockStatement(
  entity: EntityClass,
  texts: readonly string[],
  scope: LookupScope,
): { text: string; values: unknown[] } {
  const model = modelOf(entity);
  const values: unknown[] = [scope.tenantId, ...keysIn(texts)];
  const where = [
    't.tenant_id = $1',
    '(t.id = any($2::uuid[]) or t.number = any($3::int[]))',
    visibleCondition(scope)(model, 't', values),
    scope.changeability(model, 't', values),
  ];
  return {
    text: `select t.id from "${model.table}" t where ${where.filter(Boolean).join(' and ')} order by t.id for no key update of t`,
    values,
  };
}

/** Reads the ids of many records by the texts that name them; `ids` turns the rows found into ids by text. */
export function idsStatement(
  entity: EntityClass,
  texts: readonly string[],
  scope: LookupScope,
): { text: string; values: unknown[]; ids: (rows: readonly Row[]) => Map<string, string> } {
  const model = modelOf(entity);
  const values: unknown[] = [scope.tenantId, ...keysIn(texts)];
  const where = [
    't.tenant_id = $1',
    '(t.id = any($2::uuid[]) or t.number = any($3::int[]))',
    visibleCondition(scope)(model, 't', values),
  ];
  return {
    text: `select t.id, t.number from "${model.table}" t where ${where.filter(Boolean).join(' and ')}`,
    values,
    ids: (rows) => {
      const found = new Map(
        rows.flatMap(([id, number]) => [
          [id!, id!],
          [number!, id!],
        ]),
      );
      return byText(texts, found);
    },
  };
}

/** What was found under ids and numbers, by the texts that name it. */
const byText = <T>(texts: readonly string[], found: ReadonlyMap<string, T>): Map<string, T> =>
  new Map(
    texts.flatMap((text) => {
      const key = parseKey(text);
      const one = key && found.get('id' in key ? key.id : String(key.number));
      return one === undefined || one === null ? [] : [[text, one] as const];
    }),
  );
