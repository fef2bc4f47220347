import { refuse } from '../core/errors.js';
import type { ArgumentValue, Scope } from '../model/fields.js';
import { filterConditions } from '../read/filter.js';
import { isBlank, isGiven, type Value } from '../read/value.js';
import type { GroupKind, Measured } from './kind.js';
import { isTime, type Key } from './key.js';
import { maxGroups, maxGroupsWithOthers, maxKeys, maxMeasures, type Aggregation, type GroupBucket } from './types.js';

interface ByArgument {
  field: string;
  bucket?: string | null;
  fill?: boolean | null;
  level?: number | null;
}

const maxLevel = 50;

const outOfRange = (path: readonly string[], min: number, max: number): Error =>
  refuse('OUT_OF_RANGE', [...path], { min, max });

function checkWithin(given: unknown, path: readonly string[], min: number, max: number): void {
  if (isGiven(given) && ((given as number) < min || (given as number) > max)) throw outOfRange(path, min, max);
}

/** Refuses what a key cannot be: a stretch of the calendar of a text, say. */
function checkBy(given: unknown, path: readonly string[], kind: GroupKind): void {
  const list = (given ?? []) as ByArgument[];
  if (list.length > maxKeys) throw outOfRange(path, 0, maxKeys);
  for (const [index, { field, bucket, fill, level }] of list.entries()) {
    const at = [...path, String(index)];
    const dimension = kind.dimensions.get(field)!;
    if (list.slice(0, index).some((other) => isSame(other, list[index]!))) throw refuse('INVALID', at);
    if (isGiven(bucket) && !isTime(dimension)) throw refuse('INVALID', [...at, 'bucket']);
    if (fill && (!isTime(dimension) || list.slice(0, index).some((other) => other.fill)))
      throw refuse('INVALID', [...at, 'fill']);
    if (isGiven(level) && dimension.type !== 'department') throw refuse('INVALID', [...at, 'level']);
    checkWithin(level, [...at, 'level'], 0, maxLevel);
  }
}

const isSame = (one: ByArgument, other: ByArgument): boolean =>
  one.field === other.field &&
  (one.bucket ?? null) === (other.bucket ?? null) &&
  (one.level ?? null) === (other.level ?? null);

/** A value that is inspected, so that another one is refused where it is looked at again. */
const checked = (value: ArgumentValue, check: (given: unknown) => void): void =>
  void value.is((given) => {
    check(given);
    return true;
  });

/** The items of a list, each by its place. */
const itemsOf = (value: Value): Value[] =>
  value
    .names((given) => ((given ?? []) as unknown[]).map((_, index) => String(index)))
    .map((index) => value.field(index));

/** The name that a value is, or undefined if it says nothing. */
export const nameIn = (value: Value): string | undefined =>
  value.names((given) => (isGiven(given) ? [/^\w+$/.test(String(given)) ? String(given) : '?'] : []))[0];

/** The keys that an argument `by` names. */
export function keysIn(kind: GroupKind, by: Value, firstMonth: Value): Key[] {
  checked(by, (given) => checkBy(given, by.path, kind));
  checked(firstMonth, (given) => checkWithin(given, firstMonth.path, 1, 12));
  const month = firstMonth.is(isGiven) ? firstMonth.bind('int') : undefined;
  return itemsOf(by).map((item): Key => {
    const dimension = kind.dimensions.get(nameIn(item.field('field'))!)!;
    const level = item.field('level');
    return {
      dimension,
      fill: item.field('fill').is((given) => given === true),
      ...(isTime(dimension) && { bucket: (nameIn(item.field('bucket')) ?? 'DAY') as GroupBucket }),
      ...(level.is(isGiven) && { level: level.bind('int') }),
      ...(month !== undefined && { firstMonth: month }),
    };
  });
}

/** A filter as JSON, without what says nothing. */
export const saidBy = (filter: unknown): string =>
  JSON.stringify(filter, function (this: unknown, _, value: unknown) {
    return Array.isArray(this) || !isBlank(value) ? value : undefined;
  });

/** A measure as the caller asks for it. */
export interface Measure {
  key: string;
  as: Aggregation;
  /** undefined for the records themselves */
  of?: Measured;
  /** condition on rows; 'true' where there is none */
  where: (row: Scope) => string;
  /** the same as JSON, in a parameter; undefined where there is none */
  whereText?: string;
}

const takes: Record<Aggregation, ReadonlyArray<Measured['type'] | 'records'>> = {
  COUNT: ['records', 'number', 'day', 'instant', 'key'],
  SUM: ['amount', 'number'],
  AVERAGE: ['amount', 'number'],
  MINIMUM: ['amount', 'number', 'day', 'instant'],
  MAXIMUM: ['amount', 'number', 'day', 'instant'],
  COUNT_DISTINCT: ['number', 'day', 'instant', 'key'],
};

interface MeasureArgument {
  key: string;
  of?: string | null;
  as: Aggregation;
}

function checkMeasures(given: unknown, path: readonly string[], kind: GroupKind): void {
  const list = (given ?? []) as MeasureArgument[];
  if (list.length > maxMeasures) throw outOfRange(path, 0, maxMeasures);
  for (const [index, { key, of, as }] of list.entries()) {
    const at = [...path, String(index)];
    if (!/^[A-Za-z]\w{0,39}$/.test(key) || list.findIndex((one) => one.key === key) < index)
      throw refuse('INVALID', [...at, 'key']);
    const type = isGiven(of) ? kind.measured.get(of!)!.type : 'records';
    if (!takes[as].includes(type)) throw refuse('INVALID', [...at, type === 'records' ? 'of' : 'as']);
  }
}

/** The measures that the argument asks for. */
export function measuresIn(kind: GroupKind, value: Value): Measure[] {
  checked(value, (given) => checkMeasures(given, value.path, kind));
  return itemsOf(value).map((item): Measure => {
    const of = nameIn(item.field('of'));
    return {
      key: nameIn(item.field('key'))!,
      as: nameIn(item.field('as')) as Aggregation,
      ...(of !== undefined && { of: kind.measured.get(of)! }),
      where: (row) => filterConditions(kind.list.filter, row, item.field('where')).join(' and ') || 'true',
      ...(item.field('where').is((given) => saidBy(given ?? {}) !== '{}') && {
        whereText: item.field('where').bind('text', saidBy),
      }),
    };
  });
}

/** The place of the measure that a value names; undefined where it names none. Refuses a name that is none. */
function measureNamed(measures: readonly Measure[], value: Value): number | undefined {
  const name = nameIn(value);
  if (name === undefined) return undefined;
  const place = measures.findIndex(({ key }) => key === name);
  if (place < 0) throw refuse('INVALID', [...value.path]);
  return place;
}

/** A bound of what groups have: of a measure, or of the count. */
export interface Bounds {
  measure: number | undefined;
  min?: string;
  max?: string;
}

export const boundsIn = (measures: readonly Measure[], having: Value): Bounds[] =>
  itemsOf(having).map((item): Bounds => {
    const [min, max] = [item.field('min'), item.field('max')];
    return {
      measure: measureNamed(measures, item.field('measure')),
      ...(min.is(isGiven) && { min: min.bind('numeric') }),
      ...(max.is(isGiven) && { max: max.bind('numeric') }),
    };
  });

/** A step of the order of groups. */
export interface OrderStep {
  by: 'COUNT' | 'MEASURE' | 'KEY';
  descending: boolean;
  /** of a measure or a key: its place; of keys undefined for all of them */
  place?: number;
}

export const orderIn = (keys: readonly Key[], measures: readonly Measure[], orderBy: Value): OrderStep[] =>
  itemsOf(orderBy).map((item): OrderStep => {
    const by = nameIn(item.field('by')) as OrderStep['by'];
    const descending = item.field('direction').is((given) => given === 'DESC');
    if (by === 'MEASURE') {
      const place = measureNamed(measures, item.field('measure'));
      if (place === undefined) throw refuse('REQUIRED', [...item.field('measure').path]);
      return { by, descending, place };
    }
    const place = item.field('place');
    if (by !== 'KEY' || !place.is(isGiven)) return { by, descending };
    if (keys.length === 0) throw refuse('INVALID', [...place.path]);
    checked(place, (given) => checkWithin(given, place.path, 0, keys.length - 1));
    return { by, descending, place: Number(nameIn(place)) };
  });

/** Refuses more groups than an answer has, or can name in the filter of the others. */
export function checkFirst(first: Value, others: boolean): void {
  checked(first, (given) => checkWithin(given, first.path, 0, others ? maxGroupsWithOthers : maxGroups));
}
