import { refuse } from '../core/errors.js';
import type { Scope } from '../model/fields.js';
import { filterConditions, Where } from '../read/filter.js';
import { isBlank, type Value } from '../read/value.js';
import { keysIn } from './arguments.js';
import type { GroupKind } from './kind.js';
import { keyOf, tuple, type Key } from './key.js';

interface Given {
  by: readonly unknown[];
  values: ReadonlyArray<{ value?: string | null }>;
}

/** The values of one key, those of one group after the other. */
const valuesOf = (given: unknown, place: number): Array<string | null> => {
  const { by, values } = given as Given;
  return values.filter((_, index) => index % by.length === place).map(({ value }) => value ?? null);
};

/** Adds to the filter of a list the condition that a record is in certain groups, as `filter` of a group gives it. */
export function filterByGroups(kind: GroupKind): void {
  Where(
    (row, value) => {
      if (value.is(isBlank)) return 'true';
      const places = value.names((given) => (given as unknown[]).map((_, index) => String(index)));
      return places.map((place) => isInGroups(kind, row, value.field(place))).join(' and ') || 'false';
    },
    () => [kind.GroupFilter],
    'In groups, as the `filter` of a `Group` names them; in each of these sets of groups if there are several.',
  )(kind.list.filter.prototype as object, 'groups');
}

function isInGroups(kind: GroupKind, row: Scope, value: Value): string {
  const conditions = [hasKeys(kind, row, value), ...filterConditions(kind.list.filter, row, value.field('where'))];
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' and ')})`;
}

function hasKeys(kind: GroupKind, row: Scope, value: Value): string {
  const keys = keysIn(kind, value.field('by'), value.field('fiscalYearStart'));
  const path = [...value.path, 'values'];
  const isOne = value.is((given) => {
    const { by, values } = given as Given;
    if (by.length === 0 ? values.length > 0 : values.length % by.length > 0) throw refuse('INVALID', path);
    return values.length === by.length;
  });
  const others = value.field('others').is((given) => given === true);
  if (keys.length === 0) return others ? 'false' : 'true';
  if (value.field('values').is((given) => (given as unknown[]).length === 0)) return others ? 'true' : 'false';
  if (isOne && !others) return `(${keys.map((key, place) => hasValue(row, key, value, place)).join(' and ')})`;
  const lists = keys.map((_, place) => value.bind('text[]', (given) => valuesOf(given, place)));
  const columns = keys.map((_, place) => `v${place}`);
  const named = `select ${tuple(columns.map((column) => `u.${column}`))} from unnest(${lists.join(', ')}) u(${columns.join(', ')})`;
  return `(${tuple(keys.map((key) => keyOf(row, key)))}) ${others ? 'not in' : 'in'} (${named})`;
}

/** The key of the row has the value that is given: compared as it is stored where that can be, so that an index serves. */
function hasValue(row: Scope, key: Key, value: Value, place: number): string {
  const sql = keyOf(row, key);
  if (value.is((given) => valuesOf(given, place)[0] === null)) return `(${sql}) is null`;
  const sought = value.bind('text', (given) => valuesOf(given, place)[0]);
  const { type } = key.dimension;
  return type === 'text' || type === 'enum' ? `${sql} = ${sought}` : `(${sql})::text = ${sought}`;
}
