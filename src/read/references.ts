import { entityRegistry } from '../model/entity.js';
import type { ArgumentValue, Scope } from '../model/fields.js';
import { parseKey } from '../core/id.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import type { EntityClass } from '../model/model.js';
import { namesNothing, namesNumber, type Condition } from './filter.js';
import type { Env, Reference } from './env.js';
import type { Query } from './query.js';
import { isBlank, type Value } from './value.js';

/** Whoever asks, in the place of their id. */
export const me = 'ME';

/** Where whoever asks works, in the place of the id of a department. */
export const myDepartment = 'MY_DEPARTMENT';

const isMyDepartment = (entity: EntityClass, text: string): boolean =>
  entity === entityRegistry.department && text === myDepartment;

/** SQL condition on an expression for an id: it is that of the department that the caller works in. */
const isOwnDepartment = (row: Scope, id: string): string =>
  `${id} = (select u.department_id from user_account u where u.tenant_id = ${row.tenant()} and u.id = ${row.me()})`;

/** The text column that users can be named by, beside id and number. */
const nameOf = (entity: EntityClass): string | undefined => (entity === entityRegistry.user ? 'login' : undefined);

/** The names in a list. */
export const namesIn = (given: unknown): string[] =>
  (Array.isArray(given) ? given : [given]).map((name) => String(name).trim());

const idIn = (entity: EntityClass, text: string, { ctx }: Env): string | null => {
  if (entity === entityRegistry.user && text === me) return ctx.user.id;
  const key = parseKey(text);
  return key && 'id' in key ? key.id : null;
};

const numberIn = (text: string): number | null => {
  const key = parseKey(text);
  return key && 'number' in key ? key.number : null;
};

/** SQL: the place in lists of what names records of the first name that names none, as `known` says of the columns of `u`; null if all of them do. */
export const firstUnknown = (lists: readonly string[], columns: readonly string[], known: string): string =>
  `(select min(u.place) from unnest(${lists.join(', ')}) with ordinality u(${columns.join(', ')}, place) where not (${known}))`;

/** In which ways a list names records; part of the key of a plan. */
function waysOf(entity: EntityClass, given: unknown): string[] {
  const ways = namesIn(given).map((text): string => {
    if (entity === entityRegistry.user && text === me) return 'id';
    if (isMyDepartment(entity, text)) return 'mine';
    const key = parseKey(text);
    if (key && 'id' in key) return 'id';
    return key ? 'number' : 'name';
  });
  return [...new Set(ways)].toSorted().concat(ways.length === 1 ? 'alone' : []);
}

/** Rows that can be named: what the caller sees, deleted ones as well where the caller may see them. */
const nameable = (row: Scope, entity: EntityClass): ReturnType<Scope['rows']> =>
  row.rows(entity, row.rights.administer);

/**
 * SQL condition on an expression for an id: it is that of one of the records that the names in a list name, by opaque id or
 * integer number, users by their login and `ME` as well, departments by `MY_DEPARTMENT`. An empty list holds for none.
 */
export function isNamed(row: Scope, value: Value, entity: EntityClass): (id: string) => string {
  const ways = value.names((given) => waysOf(entity, given));
  if (!ways.includes('mine')) return isNamedBy(ways, row, value, entity);
  const others = ways.filter((way) => way !== 'mine' && way !== 'alone');
  if (others.length === 0) return (id) => isOwnDepartment(row, id);
  const isOther = isNamedBy([...others, 'mine'], row, value, entity);
  return (id) => `(${isOther(id)} or ${isOwnDepartment(row, id)})`;
}

function isNamedBy(ways: readonly string[], row: Scope, value: Value, entity: EntityClass): (id: string) => string {
  const called = nameOf(entity);
  const ids = (): string => value.bind('uuid[]', (given, env) => namesIn(given).map((text) => idIn(entity, text, env)));
  const numbers = (): string => value.bind('int[]', (given) => namesIn(given).map(numberIn));
  const names = (): string => value.bind('text[]', namesIn);
  if (ways.length === 0) return () => 'false';
  value.mustNameSome(unknownPlace(row, entity, ways, { ids, numbers, names }));
  const byOther = (): string => {
    const { from, where, row: other } = nameable(row, entity);
    const terms = [
      ...(ways.includes('number') ? [`${other.col('number')} = any(${numbers()})`] : []),
      ...(called ? [`${other.col(called)} = any(${names()})`] : []),
    ];
    return `select ${other.alias}.id from ${from} where ${where} and (${terms.join(' or ')})`;
  };
  const others = ways.includes('number') || (ways.includes('name') && called !== undefined);
  if (!others && !ways.includes('id')) return () => 'false';
  // a single id is compared with `=`: an index then also provides the order
  if (!others && ways.includes('alone'))
    return (id) =>
      `${id} = ${value.bind('uuid', (given, env) => namesIn(given).map((text) => idIn(entity, text, env))[0])}`;
  if (!ways.includes('id')) return (id) => `${id} in (${byOther()})`;
  return (id) => `${id} = any(${ids()}${others ? ` || array(${byOther()})` : ''})`;
}

/** SQL: the place of the first name in the list under which the caller sees no record. */
function unknownPlace(
  row: Scope,
  entity: EntityClass,
  ways: readonly string[],
  given: Record<'ids' | 'numbers' | 'names', () => string>,
): string {
  const called = nameOf(entity);
  const ask = (column: string, part: string): string => {
    const { from, where, row: other } = nameable(row, entity);
    return `exists (select 1 from ${from} where ${where} and ${other.alias}."${column}" = u.${part})`;
  };
  const column = called && columnNamed(row, entity, called);
  const parts: Array<[name: string, list: string, known: string]> = [];
  if (ways.includes('id')) parts.push(['id', given.ids(), ask('id', 'id')]);
  if (ways.includes('number')) parts.push(['number', given.numbers(), ask('number', 'number')]);
  if (column !== undefined && ways.some((way) => way === 'name' || way === 'number'))
    parts.push(['name', given.names(), ask(column, 'name')]);
  if (ways.includes('mine')) parts.push(['own', given.names(), `u.own = '${myDepartment}'`]);
  if (parts.length === 0) return '1';
  return firstUnknown(
    parts.map(([, list]) => list),
    parts.map(([name]) => name),
    parts.map(([, , known]) => known).join(' or '),
  );
}

const columnNamed = (row: Scope, entity: EntityClass, property: string): string =>
  row.unscoped(entity).row.col(property).split('"')[1]!;

/** SQL for the id that the value of an `ID` argument names, whether the record is there or not; null if it can name none. */
export function idOf(entity: EntityClass, row: Scope, value: ArgumentValue): string {
  if (value.is(namesNumber)) {
    const { from, where, row: other } = row.rows(entity);
    return `(select ${other.alias}.id from ${from} where ${where} and ${other.alias}.number = ${value.bind('int')})`;
  }
  return value.is(namesNothing) ? 'null::uuid' : value.bind('uuid');
}

/** Refers to one of the records that a list names. */
export const refersTo =
  (property: string, entity: EntityClass): Condition =>
  (row, value) =>
    value.is(isBlank) ? 'true' : isNamed(row, value, entity)(row.col(property));

/**
 * Has a row of another entity whose text is one of a list, as a customer has tags. Which texts there are is what the caller
 * sees of these rows.
 */
export const hasNamed =
  (entity: EntityClass, join: (other: Scope, row: Scope) => string, property: string): Condition =>
  (row, value) => {
    if (value.is(isBlank)) return 'true';
    const names = (): string => value.bind('text[]', namesIn);
    const known = row.rows(entity);
    const isKnown = `exists (select 1 from ${known.from} where ${known.where} and ${known.row.col(property)} = u.name)`;
    value.mustNameSome(firstUnknown([names()], ['name'], isKnown));
    const { from, where, row: other } = row.rows(entity);
    return `exists (select 1 from ${from} where ${where} and ${join(other, row)} and ${other.col(property)} = any(${names()}))`;
  };

/** The dialects find nothing where a filter names what is not there, as their contracts say. */
const minds = ({ channel }: Context): boolean => channel === 'graphql' || channel === 'system';

/** Adds to a statement with one row a second column: not null where a filter in it names what is not there. */
export function withReferences(query: Query, text: string): string {
  if (query.references.length === 0) return text;
  const unknown = query.references.map((reference) => `${reference.unknown} is not null`).join(' or ');
  const minded = query.bind(({ ctx }) => minds(ctx), 'boolean');
  return `select answer.*, case when ${minded} and (${unknown}) then 1 end as unknown from (${text}) answer`;
}

/** The error for a name of a filter that names nothing, by its place in its list, counted from 1. */
export function refuseName({ path, source }: Reference, env: Env, place: number): Error {
  const given = source(env);
  const several = Array.isArray(given) && given.length > 1;
  return refuse('UNKNOWN_REFERENCE', several ? [...path, String(place - 1)] : [...path]);
}

/** Refuses UNKNOWN_REFERENCE for the first filter of a query that names what is not there; asks the database only if there is one that names something. */
export async function checkReferences(
  ctx: Context,
  query: Query,
  ask: (text: string) => Promise<ReadonlyArray<ReadonlyArray<string | null>>>,
): Promise<void> {
  if (query.references.length === 0 || !minds(ctx)) return;
  const [row] = await ask(`select ${query.references.map(({ unknown }) => unknown).join(', ')}`);
  const index = row!.findIndex((place) => place !== null);
  if (index >= 0) throw refuseName(query.references[index]!, { ctx, variables: {} }, Number(row![index]));
}
