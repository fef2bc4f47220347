import type { Context } from '../core/context.js';
import type { Row } from '../core/database.js';
import { parseKey, type Key } from '../core/id.js';
import { modelOf, wireForm, type EntityClass, type EntityModel } from '../model/model.js';
import { fromText } from './statements.js';

/** SQL condition on the rows of an entity that the caller may see, with `deleted` also of those that belong to something deleted; the capability's policy gives it. */
export type Visibility = (model: EntityModel, alias: string, params: unknown[], deleted?: boolean) => string;

let visibilityOf: (ctx: Context) => Visibility = () => () => '';

/** Sets, once at start, which rows of an entity a caller may see and change. The write engine knows no policy itself. */
export function setVisibility(make: (ctx: Context) => Visibility): void {
  visibilityOf = make;
}

/** Which rows of an entity that caller may see and change. */
export const visibilityFor = (ctx: Context): Visibility => visibilityOf(ctx);

/** Where records are looked up: in one tenant, among the rows that the caller may see. */
export interface LookupScope {
  tenantId: string;
  visibility: Visibility;
}

/** SQL condition on records that are not deleted and that the caller may see. */
export const visibleCondition =
  ({ visibility }: LookupScope): Visibility =>
  (model, alias, params) =>
    [model.soft && `${alias}.deleted_at is null`, visibility(model, alias, params)].filter(Boolean).join(' and ');

/** Reads a record by its key and, unless `lock` is false, locks it; `record` turns the row found into the record. */
export function findStatement(
  entity: EntityClass,
  key: Key,
  { tenantId, visibility }: LookupScope,
  options: { lock?: boolean; deleted?: boolean },
): { text: string; values: unknown[]; record: (row: Row) => Record<string, unknown> } {
  const model = modelOf(entity);
  const fields = [...model.fields.values()].filter((field) => field.property !== 'tenant');
  const values: unknown[] = [tenantId, 'id' in key ? key.id : key.number];
  const where = [`t.tenant_id = $1`, 'id' in key ? 't.id = $2' : 't.number = $2'];
  if (model.soft) where.push(`t.deleted_at is ${options.deleted ? 'not null' : 'null'}`);
  where.push(visibility(model, 't', values, options.deleted));
  const list = fields.map((field) => wireForm(`t."${field.column}"`, field.sqlType)).join(', ');
  return {
    text: `select ${list} from "${model.table}" t where ${where.filter(Boolean).join(' and ')}${options.lock === false ? '' : ' for no key update of t'}`,
    values,
    record: (row) => Object.fromEntries(fields.map((field, index) => [field.property, fromText(row[index]!, field)])),
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

/** Reads the ids of many records by the texts that name them; `ids` turns the rows found into ids by text. */
export function idsStatement(
  entity: EntityClass,
  texts: readonly string[],
  scope: LookupScope,
): { text: string; values: unknown[]; ids: (rows: readonly Row[]) => Map<string, string> } {
  const model = modelOf(entity);
  const keys = texts.map((text) => [text, parseKey(text)] as const);
  const values: unknown[] = [
    scope.tenantId,
    keys.flatMap(([, key]) => (key && 'id' in key ? [key.id] : [])),
    keys.flatMap(([, key]) => (key && 'number' in key ? [key.number] : [])),
  ];
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
      return new Map(
        keys.flatMap(([text, key]) => {
          const id = key && found.get('id' in key ? key.id : String(key.number));
          return id ? [[text, id]] : [];
        }),
      );
    },
  };
}
