import { Field } from 'type-graphql';
import { snake } from '../model/columns.js';
import { startOfDay, type Scope } from '../model/fields.js';
import { candidates, candidatesOfAny, isTooCommon } from '../model/ngram-index.js';
import { isDialled, isNumberAlone } from '../model/texts.js';
import { parseKey } from '../core/id.js';
import type { EntityClass } from '../model/model.js';
import type { Value } from './query.js';

/** A field of a filter as an SQL condition on the row; the third argument is the whole filter. */
export type Condition = (row: Scope, value: Value, filter: Value) => string;

const conditions = new Map<unknown, Map<string, Condition>>();

/** Declares a field of a filter: its graph type, its meaning, and its condition on a row. Always optional. */
export function Where(condition: Condition, type: () => unknown, description: string): PropertyDecorator {
  return (target, key) => {
    const owner = target.constructor;
    if (!conditions.has(owner)) conditions.set(owner, new Map());
    conditions.get(owner)!.set(String(key), condition);
    Field(type as () => typeof String, { nullable: true, description })(target, key);
  };
}

/** The condition that a filter class, or a class that it extends, declares for a field. */
function conditionOf(filter: unknown, field: string): Condition {
  return conditions.get(filter)?.get(field) ?? conditionOf(Object.getPrototypeOf(filter), field);
}

/** The conditions of a filter value, in the order in which its fields were given. */
export function filterConditions(filter: unknown, row: Scope, value: Value): string[] {
  return value.entries().map(([field, part]) => conditionOf(filter, field)(row, part, value));
}

const trimmed = (value: unknown): string => String(value).trim();

/** Any of the columns contains the text, an SQL expression; or the digits of a phone among them, which the caller sees, contain what is `dialled`, if anything is. */
function containsText(row: Scope, properties: readonly string[], text: string, dialled?: string): string {
  const texts = properties.map((property) => `strpos(fold(${row.shown(property)}), (select fold(${text}))) > 0`);
  const phones = dialled === undefined ? [] : properties.filter((property) => isPhoneColumn(row, property));
  const digits = phones.flatMap((property) => {
    const [stored, shown, reach] = [row.col(property), row.shown(property), row.reach('phone')];
    const holds = `strpos(phone_digits(${stored}), (select ${dialled})) > 0`;
    if (reach === 'none') return [];
    return reach === 'all' ? [holds] : [`(${shown} = ${stored} and ${holds})`];
  });
  return `(${[...texts, ...digits].join(' or ')})`;
}

const isPhoneColumn = (row: Scope, property: string): boolean => row.model.fields.get(property)!.spec?.mask === 'phone';

/** A condition that a null makes a test for "has none". */
const orNull =
  (expression: (row: Scope) => string, condition: Condition): Condition =>
  (row, value, filter) =>
    value.isNull ? `${expression(row)} is null` : condition(row, value, filter);

/**
 * Contains the text in any of these columns, in whatever writing; a phone is found by its digits. Matches only what the
 * caller may see. Searched columns use the n-gram index.
 */
export const contains =
  (...properties: string[]): Condition =>
  (row, value) => {
    const text = value.bind('text', trimmed);
    const dialled = value.is((given) => isDialled(String(given))) ? `dialled(${text})` : undefined;
    const holds = containsText(row, properties, text, dialled);
    if (!properties.every((property) => row.model.fields.get(property)!.spec?.searched)) return holds;
    if (value.is((given) => isTooCommon(trimmed(given)))) return holds;
    const isAlone = dialled === undefined || value.is((given) => isNumberAlone(String(given)));
    return `(${row.col('id')} = any(${candidates(row.model, row.tenant(), text, ...(isAlone ? [] : [dialled]))}) and ${holds})`;
  };

const searchedOf = ({ model }: Scope): string[] => model.searched.map(({ property }) => property);

/**
 * Contains the text in any of these columns, ignoring case; matches only what the caller may see. Searched columns use
 * the n-gram index.
 */
export const found: Condition = (row, value, filter) => contains(...searchedOf(row))(row, value, filter);

/** As `found`, in those of the columns that another field of the filter names; in all of them where it names none. */
export const foundIn =
  (columns: Readonly<Record<string, string>>, field: string): Condition =>
  (row, value, filter) => {
    const named = Object.entries(columns).filter(([name]) =>
      filter.field(field).is((chosen) => !Array.isArray(chosen) || chosen.length === 0 || chosen.includes(name)),
    );
    return contains(...named.map(([, column]) => column))(row, value, filter);
  };

/** As `found`, for a text that is an SQL expression. */
export const foundBy = (row: Scope, text: string): string =>
  `${row.col('id')} = any(${candidatesOfAny(row.model, row.tenant(), text, `dialled(${text})`)}) and ${containsText(row, searchedOf(row), text, `dialled(${text})`)}`;

export const equals = (property: string): Condition =>
  orNull(
    (row) => row.shown(property),
    (row, value) => `${row.shown(property)} = ${value.bind(row.model.fields.get(property)!.sqlType)}`,
  );

/**
 * One of the given values. A null, or an empty list, matches no row. A single value is compared with `=`: an index
 * then also provides the order.
 */
export const among =
  (property: string): Condition =>
  (row, value) => {
    const column = row.shown(property);
    if (value.isNull) return `${column} is null`;
    return value.is(isSingle)
      ? `${column} = ${value.bind('text', (list) => (list as unknown[])[0])}`
      : `${column} = any(${value.bind('text[]')})`;
  };
const isSingle = (list: unknown): boolean => (list as unknown[]).length === 1;

export const atLeast =
  (property: string, cast: string): Condition =>
  (row, value) =>
    `${row.shown(property)} >= ${value.bind(cast)}`;
export const atMost =
  (property: string, cast: string): Condition =>
  (row, value) =>
    `${row.shown(property)} <= ${value.bind(cast)}`;

/** On or after a calendar day of the tenant's time zone. */
export const fromDay =
  (property: string): Condition =>
  (row, value) =>
    `${row.col(property)} >= ${startOfDay(value.bind('date'), row)}`;
/** On or before a calendar day of the tenant's time zone, that day included. */
export const untilDay =
  (property: string): Condition =>
  (row, value) =>
    `${row.col(property)} < ${startOfDay(`${value.bind('date')} + 1`, row)}`;

export const isTrue =
  (sql: (row: Scope) => string): Condition =>
  (row, value) =>
    value.is((given) => given === true) ? sql(row) : `not ${sql(row)}`;

/** Whether the text of an `ID` can name no record at all, or names one by its integer number. */
export const namesNothing = (text: unknown): boolean => parseKey(String(text)) === null;
export const namesNumber = (text: unknown): boolean => 'number' in (parseKey(String(text)) ?? {});

/** The row is the one that an `ID` value names. */
export function keyCondition(row: Scope, value: Value): string {
  if (value.is(namesNumber)) return `${row.col('number')} = ${value.bind('int')}`;
  return value.is(namesNothing) ? 'false' : `${row.col('id')} = ${value.bind('uuid')}`;
}

/** SQL for the id that an `ID` value names: the id itself, or the id behind an integer number; null if it names nothing. */
export function idOf(
  entity: EntityClass,
  row: Scope,
  value: Value | { is(test: (value: unknown) => boolean): boolean; bind(cast: string): string },
): string {
  if (value.is(namesNumber)) {
    const { from, where, row: other } = row.rows(entity);
    return `(select ${other.alias}.id from ${from} where ${where} and ${other.alias}.number = ${value.bind('int')})`;
  }
  return value.is(namesNothing) ? 'null::uuid' : value.bind('uuid');
}

/** The row is one of those that a list of `ID` values names. */
export const isOneOf: Condition = (row, value) => {
  const pick =
    (test: (text: unknown) => boolean) =>
    (given: unknown): unknown[] =>
      ((given ?? []) as unknown[]).filter((text) => !namesNothing(text) && test(text));
  return `(${row.col('id')} = any(${value.bind(
    'uuid[]',
    pick((text) => !namesNumber(text)),
  )}) or ${row.col('number')} = any(${value.bind('int[]', pick(namesNumber))}))`;
};

/** Refers to the record that the `ID` value names, or, where it can be named by one, by a unique text column; null means refers to none. */
export const refersTo = (property: string, entity: EntityClass, name?: string): Condition =>
  orNull(
    (row) => row.col(property),
    (row, value) => {
      if (name === undefined || value.is((text) => !namesNothing(text) && !namesNumber(text)))
        return `${row.col(property)} = ${idOf(entity, row, value)}`;
      const { from, where, row: other } = row.rows(entity);
      return `${row.col(property)} in (select ${other.alias}.id from ${from} where ${where} and ${value.bind('text')} in (${other.alias}.number::text, ${other.col(name)}))`;
    },
  );

/** Has at least one row of another entity for which the condition holds. */
export const hasSome =
  (entity: EntityClass, join: (other: Scope, row: Scope) => string, condition: Condition): Condition =>
  (row, value, filter) => {
    const { from, where, row: other } = row.rows(entity);
    return `exists (select 1 from ${from} where ${where} and ${join(other, row)} and ${condition(other, value, filter)})`;
  };

/** Name of an order's enum value from a property: `createdAt` → `CREATED_AT`. */
export const constantCase = (property: string): string => snake(property).toUpperCase();
