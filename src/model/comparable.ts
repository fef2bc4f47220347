import type { ColumnSpec } from './columns.js';

// What is compared where rows are ordered and filtered: only comparisons that PostgreSQL calls leakproof are conditions of an
// index under row level security (docs/decisions/037-what-is-compared.md).

/** Of each type, as SQL, a value that comes behind all others: it stands for an empty one. */
const last: Record<string, string> = {
  bigint: '9223372036854775807',
  boolean: 'true',
  date: `'infinity'::date`,
  int: '2147483647',
  numeric: `'Infinity'::numeric`,
  // no character, and behind all of them in the order of names
  text: `U&'\\FFFF'`,
  timestamptz: `'infinity'::timestamptz`,
  uuid: `'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`,
};

/** The last value of a PostgreSQL type, as SQL. */
export function lastOf(sqlType: string): string {
  const found = last[/^\w+/.exec(sqlType)![0]];
  if (!found) throw new Error(`No value of ${sqlType} stands for an empty one.`);
  return found;
}

/**
 * An expression with the last value in the place of an empty one: of a column by `case`, as its index has it, since PostgreSQL does
 * not take `coalesce` for leakproof; of anything longer, which no index has, by `coalesce`, which says it once.
 */
export const emptyLast = (expression: string, sqlType: string): string =>
  /^(?:\w+\.)?"\w+"$/.test(expression)
    ? `case when ${expression} is null then ${lastOf(sqlType)} else ${expression} end`
    : `coalesce(${expression}, ${lastOf(sqlType)})`;

/** The place of a value among those that are ranked, the smallest first. PostgreSQL does not take `array_position` for leakproof. */
export const rankOf = (column: string, ranks: readonly string[]): string =>
  `case ${column} ${ranks.map((value, index) => `when '${value}' then ${index + 1}`).join(' ')} end`;

/** An exact number as a whole number of units of its last decimal: comparisons of `numeric` are not leakproof. */
export const inUnits = (value: string, scale: number): string => `(${value} * ${10 ** scale})::bigint`;

/** The condition that the units beside an exact number are not those of that number; all three as SQL. */
export const areAstray = (number: string, units: string, scale: number): string =>
  `${units} is distinct from ${inUnits(number, scale)}`;

const types: Record<ColumnSpec['kind'], string> = {
  text: 'text',
  integer: 'int',
  decimal: 'bigint',
  flag: 'boolean',
  day: 'date',
  instant: 'timestamptz',
  enum: 'text',
  reference: 'uuid',
};

/** What is compared of a column with that name: the expression that lists are ordered by, where nothing is hidden. */
export function comparedColumn(column: string, { kind, units, optional }: ColumnSpec): string {
  return units || optional ? emptyLast(column, types[kind]) : column;
}
