import { SeriesNumber } from './insert.js';
import { isChange } from './lookup.js';
import type { Changes } from './statements.js';
import type { EntityModel } from '../model/model.js';

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** The fields of a record that values change, as far as `isChange` says they do, with what each was and is. */
export function changesOf(
  { fields }: EntityModel,
  before: Record<string, unknown>,
  values: Record<string, unknown>,
): Changes {
  const changes: Changes = {};
  for (const [property, value] of Object.entries(values))
    if (isChange(before, fields.get(property)!, value)) changes[property] = [before[property] ?? null, value];
  return changes;
}

/** The fields of a record that is added; numbers of a series are not known yet. */
export const additionsOf = (given: Record<string, unknown>): Changes =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => isGiven(value) && !(value instanceof SeriesNumber))
      .map(([property, value]) => [property, [null, value]]),
  );

/** The fields of a record that is removed for good. */
export const removalsOf = (old: Record<string, unknown>): Changes =>
  Object.fromEntries(
    Object.entries(old)
      .filter(([, value]) => value !== null)
      .map(([property, value]) => [property, [value, null]]),
  );

/** The values that fields have after changes. */
export const afterOf = (changes: Changes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(changes).map(([property, [, value]]) => [property, value]));

/** Has a record that was found say what has been written of it. */
export function noteWritten({ versioned }: EntityModel, record: Record<string, unknown>, changes: Changes): void {
  Object.assign(record, afterOf(changes), versioned ? { version: Number(record['version']) + 1 } : {});
}
