import { Field } from 'type-graphql';
import { columnsOf } from '../model/columns.js';
import { graphNames } from '../model/graph-names.js';
import { enumeration } from '../model/enumeration.js';
import { startOfDay, type Arguments, type Scope } from '../model/fields.js';
import { candidates, candidatesOfWords, isTooCommon } from '../model/ngram-index.js';
import { isDialled, isNumberAlone } from '../model/texts.js';
import { badRequest } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import type { EntityClass } from '../model/model.js';
import { isBlank, type Value } from './value.js';

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

/** The conditions of a filter value, in the order in which its fields were given; null and the empty text are as good as none. */
export function filterConditions(filter: unknown, row: Scope, value: Value): string[] {
  return value
    .entries()
    .map(([field, part]) => conditionOf(filter, field)(row, part, value))
    .filter((condition) => condition !== 'true');
}

/** The filters of lists, by the entities of their rows. */
const filters = new Map<EntityClass, new () => object>();

/** What an argument of a report that is the filter of a list asks of a row of it, to be added to its conditions; empty where it asks nothing. */
export const andMeets = (row: Scope, args: Arguments, argument = 'filter'): string =>
  filterConditions(filters.get(row.model.type), row, args(argument) as Value)
    .map((condition) => ` and ${condition}`)
    .join('');

/** Most filters within each other. */
export const maxDepth = 8;

const depthOf = (filter: unknown): number => {
  let depth = 0;
  for (let at = filter; at && typeof at === 'object' && depth <= maxDepth; depth += 1)
    at = (at as { not?: unknown }).not;
  return depth;
};

const storedFields = new Map<EntityClass, object>();

/** The enumeration of the stored fields of the records of a list: see `graphNames`. */
export const storedFieldsOf = (entity: EntityClass): object => storedFields.get(entity)!;

/**
 * Adds to the filter of a list what every filter can say: `not`, that a row does not meet conditions, and `isEmpty`, which
 * of its fields are empty as far as the caller may see them.
 */
export function completeFilter(name: string, filter: new () => object, entity: EntityClass): void {
  filters.set(entity, filter);
  const without: Condition = (row, value) => {
    if (value.is((given) => depthOf(given) > maxDepth)) throw badRequest('NESTING', ['filter'], { max: maxDepth });
    const inner = filterConditions(filter, row, value);
    return inner.length === 0 ? 'true' : `((${inner.join(' and ')}) is not true)`;
  };
  Where(
    without,
    () => filter,
    `Leaves out rows that meet all of these conditions; has no effect without conditions. At most ${maxDepth} within each other.`,
  )(filter.prototype as object, 'not');
  const columns = [...columnsOf(entity).values()];
  const properties = new Map<string, string[]>();
  for (const { property } of columns)
    for (const name of graphNames(entity).get(property) ?? [])
      properties.set(name, [...(properties.get(name) ?? []), property]);
  const Fields = enumeration(
    `${name}Field`,
    `Fields of ${name} that are stored, by their names in the graph.`,
    Object.fromEntries([...properties].map(([key, [first]]) => [key, columnsOf(entity).get(first!)!.description])),
  );
  storedFields.set(entity, Fields);
  if (!columns.some(({ property, optional }) => optional && graphNames(entity).has(property))) return;
  const empty: Condition = (row, value) =>
    value
      .names((given) => given as string[])
      .flatMap((key) => properties.get(key)!.map((property) => `${row.shown(property)} is null`))
      .join(' and ') || 'false';
  Where(
    empty,
    () => [Fields],
    'All of these fields are empty, or hidden from the caller.',
  )(filter.prototype as object, 'isEmpty');
}

const trimmed = (value: unknown): string => String(value).trim();

/**
 * Any of the columns, as the caller may see them, contains what `folded` gives (see the database function `fold`); or the
 * digits of a phone among them, which the caller sees, contain what is `dialled`, if anything is.
 */
function containsText(row: Scope, properties: readonly string[], folded: string, dialled?: string): string {
  const texts = properties.map((property) => `strpos(fold(${row.shown(property)}), ${folded}) > 0`);
  const phones = dialled === undefined ? [] : properties.filter((property) => isPhoneColumn(row, property));
  const digits = phones.flatMap((property) => {
    const unmasked = row.unmasked('phone');
    if (unmasked === 'false') return [];
    const holds = `strpos(phone_digits(${row.stored(property)}), ${dialled}) > 0`;
    const hidden = row.hidden(property);
    const guards = [unmasked, ...(hidden === 'false' ? [] : [`(${hidden}) is not true`])].filter(
      (one) => one !== 'true',
    );
    return guards.length === 0 ? [holds] : [`(${[...guards, holds].join(' and ')})`];
  });
  return `(${[...texts, ...digits].join(' or ')})`;
}

const isPhoneColumn = (row: Scope, property: string): boolean => row.model.fields.get(property)!.spec?.mask === 'phone';

/** SQL: the condition holds for each word of an array. */
const eachWord = (words: string, holds: (word: string) => string): string =>
  `not exists (select 1 from unnest(${words}) w(word) where ${holds('w.word')} is not true)`;

/** Each word of an array is contained in any of the columns. */
const containsEach = (row: Scope, properties: readonly string[], words: string): string =>
  eachWord(words, (word) => containsText(row, properties, word, `dialled(${word})`));

/** SQL: each word of a text is contained in any of the columns, or is (a part of) one of the phones; both are expressions. */
export const wordsIn = (columns: readonly string[], phones: readonly string[], text: string): string =>
  eachWord(`search_words(${text})`, (word) => {
    const texts = columns.map((column) => `strpos(fold(${column}), ${word}) > 0`);
    const digits = phones.map((column) => `strpos(phone_digits(${column}), dialled(${word})) > 0`);
    return `(${[...texts, ...digits].join(' or ')})`;
  });

const isSearched = (row: Scope, properties: readonly string[]): boolean =>
  row.asOf === undefined && properties.every((property) => row.model.fields.get(property)!.spec?.searched);

/**
 * Contains the text as it is in any of these columns, in whatever writing; a phone is found by its digits. Matches only what
 * the caller may see. Searched columns use the n-gram index.
 */
export const contains =
  (...properties: string[]): Condition =>
  (row, value) => {
    const text = value.bind('text', trimmed);
    const dialled = value.is((given) => isDialled(String(given))) ? `dialled(${text})` : undefined;
    const holds = containsText(row, properties, `(select fold(${text}))`, dialled && `(select ${dialled})`);
    if (!isSearched(row, properties) || value.is((given) => isTooCommon(trimmed(given)))) return holds;
    const isAlone = dialled === undefined || value.is((given) => isNumberAlone(String(given)));
    return `(${row.col('id')} = any(${candidates(row.model, row.tenant(), text, ...(isAlone ? [] : [dialled]))}) and ${holds})`;
  };

/** Contains one of the texts of a list, as `contains` does for one. */
export const containsOne =
  (property: string): Condition =>
  (row, value, filter) => {
    if (value.is(isBlank)) return 'true';
    if (value.is(isSingle)) return contains(property)(row, value.field('0'), filter);
    return `exists (select 1 from unnest(${value.bind('text[]', (list) => (list as string[]).map(trimmed).filter(Boolean))}) w(text) where strpos(fold(${row.shown(property)}), fold(w.text)) > 0)`;
  };

/** Contains each word of the text in any of these columns, as `contains` does for one. */
export const containsWords =
  (...properties: string[]): Condition =>
  (row, value, filter) => {
    if (value.is(isOneWord)) return contains(...properties)(row, value, filter);
    const words = `search_words(${value.bind('text')})`;
    const holds = containsEach(row, properties, words);
    return isSearched(row, properties)
      ? `(${row.col('id')} = any(${candidatesOfWords(row.model, row.tenant(), words)}) and ${holds})`
      : holds;
  };
const isOneWord = (text: unknown): boolean => !/\s/.test(trimmed(text));

const searchedOf = ({ model }: Scope): string[] => model.searched.map(({ property }) => property);

/** Contains each word of the text in any of the entity's searched columns. */
export const found: Condition = (row, value, filter) => containsWords(...searchedOf(row))(row, value, filter);

/** As `found`, in those of the columns that another field of the filter names; in all of them where it names none. */
export const foundIn =
  (columns: Readonly<Record<string, string>>, field: string): Condition =>
  (row, value, filter) => {
    const named = Object.entries(columns).filter(([name]) =>
      filter.field(field).is((chosen) => !Array.isArray(chosen) || chosen.length === 0 || chosen.includes(name)),
    );
    return containsWords(...named.map(([, column]) => column))(row, value, filter);
  };

/** As `found`, for a text that is an SQL expression. */
export function foundBy(row: Scope, text: string): string {
  const words = `search_words(${text})`;
  return `${row.col('id')} = any(${candidatesOfWords(row.model, row.tenant(), words)}) and ${containsEach(row, searchedOf(row), words)}`;
}

export const equals =
  (property: string): Condition =>
  (row, value) => {
    const { sqlType } = row.model.fields.get(property)!;
    // a whole number is no fraction, however the fraction is asked for
    if (isWhole(sqlType) && !value.is((given) => Number.isInteger(Number(given)))) return 'false';
    return `${row.shown(property)} = ${value.bind(sqlType)}`;
  };

const isWhole = (sqlType: string): boolean => ['int', 'int4', 'integer', 'bigint', 'smallint'].includes(sqlType);

/**
 * One of the given values. A null, or an empty list, matches no row. A single value is compared with `=`: an index
 * then also provides the order.
 */
export const among =
  (property: string): Condition =>
  (row, value) => {
    const column = row.shown(property);
    return value.is(isSingle)
      ? `${column} = ${value.bind('text', (list) => (list as unknown[])[0])}`
      : `${column} = any(${value.bind('text[]')})`;
  };
const isSingle = (list: unknown): boolean => (list as unknown[]).length === 1;

/** A bound of what is compared of a column, rounded where the column has fewer decimals. */
function boundOf(row: Scope, property: string, cast: string, value: Value, rounded: 'ceil' | 'floor'): string {
  if (isWhole(cast)) return value.bind(cast, (given) => Math[rounded](Number(given)));
  if (cast !== 'numeric') return value.bind(cast);
  const { units } = row.model.fields.get(property)!;
  if (!units) throw new Error(`${row.model.name}.${property} is not \`compared\`.`);
  return `${rounded}(${value.bind(cast)} * ${10 ** units.scale})::bigint`;
}

/** At least so much; of a whole number, from a fraction on the next whole one. */
export const atLeast =
  (property: string, cast: string): Condition =>
  (row, value) =>
    `${row.compared(property)} >= ${boundOf(row, property, cast, value, 'ceil')}`;
/** At most so much; of a whole number, from a fraction on the whole one before. */
export const atMost =
  (property: string, cast: string): Condition =>
  (row, value) =>
    `${row.compared(property)} <= ${boundOf(row, property, cast, value, 'floor')}`;

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

/** Has at least one row of another entity for which the condition holds. */
export const hasSome =
  (entity: EntityClass, join: (other: Scope, row: Scope) => string, condition: Condition): Condition =>
  (row, value, filter) => {
    const { from, where, row: other } = row.rows(entity);
    const holds = condition(other, value, filter);
    return holds === 'true'
      ? holds
      : `exists (select 1 from ${from} where ${where} and ${join(other, row)} and ${holds})`;
  };
