import type { Scope } from '../model/fields.js';
import { wireForm } from '../model/model.js';
import type { Measure } from './arguments.js';
import { joinedKey, type Key } from './key.js';

/** The rows that are grouped, and what is worked out of them, as parts of a statement. */
export interface Cells {
  /** a select of the rows that meet the filter: columns `k0`… for the keys, `c` for the currency, and those of the measures */
  rows: string;
  /** a select over rows of that form: what the measures give in each group, and in each currency of it */
  cells: (rows: string, sets: 'groups and totals' | 'totals') => string;
  /** a select over such cells: one row for each group, with `n` and `a0`… */
  groups: (cells: string) => string;
  keys: readonly string[];
}

const isMoney = ({ of }: Measure): boolean => of?.type === 'amount';

/** What a measure gives, over the columns of the rows. */
function aggregate({ as, of }: Measure, index: number, only: string): string {
  const value = `m${index}`;
  switch (as) {
    case 'COUNT':
      return `count(${of ? value : '*'})${only}`;
    case 'COUNT_DISTINCT':
      return `count(distinct ${value})${only}`;
    case 'SUM':
      return of?.type === 'amount' ? `sum(${value})${only}` : `coalesce(sum(${value})${only}, 0)`;
    case 'AVERAGE':
      return `trunc(avg(${value})${only}, ${of?.type === 'amount' ? 2 : 4})`;
    case 'MINIMUM':
      return `min(${value})${only}`;
    case 'MAXIMUM':
      return `max(${value})${only}`;
  }
}

/** What the smallest parts of groups have of a measure: columns that add up. */
function partsOf(measure: Measure, index: number, only: string, seen: string | undefined): string[] {
  const { as, of } = measure;
  const value = `m${index}`;
  const summed = as === 'SUM' || as === 'AVERAGE';
  const part =
    as === 'COUNT' ? `count(${of ? value : '*'})` : `${summed ? 'sum' : as === 'MINIMUM' ? 'min' : 'max'}(${value})`;
  return [
    `${part}${only} as a${index}`,
    ...(as === 'AVERAGE' ? [`count(${value})${only} as q${index}`] : []),
    ...(isMoney(measure) ? countsOf(index, only, seen) : []),
  ];
}

/** How many rows an amount is of, and of how many the caller sees it. */
const countsOf = (index: number, only: string, seen: string | undefined): string[] => [
  `count(*)${only} as n${index}`,
  `${seen === undefined ? `count(*)${only}` : `count(case when s${index} then 1 end)${only}`} as s${index}`,
];

/** What a measure comes to, over the columns of its parts. */
function addedUp(measure: Measure, index: number): string[] {
  const { as, of } = measure;
  const part = `a${index}`;
  const results: Partial<Record<Measure['as'], string>> = {
    COUNT: `coalesce(sum(${part}), 0)::bigint`,
    SUM: isMoney(measure) ? `sum(${part})` : `coalesce(sum(${part}), 0)`,
    AVERAGE: `trunc(sum(${part})::numeric / nullif(sum(q${index}), 0), ${of?.type === 'amount' ? 2 : 4})`,
    MINIMUM: `min(${part})`,
    MAXIMUM: `max(${part})`,
  };
  return [
    `${results[as]} as a${index}`,
    ...(isMoney(measure)
      ? [`coalesce(sum(n${index}), 0) as n${index}`, `coalesce(sum(s${index}), 0) as s${index}`]
      : []),
  ];
}

/** Puts together what groups of rows come to: the rows are read once, whatever is asked of them. */
export function cellsOf(
  found: { from: string; where: string; row: Scope },
  keys: readonly Key[],
  measures: readonly Measure[],
): Cells {
  const { from, where, row } = found;
  const joined = keys.map((key, index) => joinedKey(row, key, `key${index}`));
  const hasMoney = measures.some(isMoney);
  const conditions = measures.map((measure) => measure.where(row));
  const summands = measures.map(({ of }) => of?.summand?.(row));
  const measureKeys = measures.map(({ of }, index) => {
    if (!of?.dimension || of.type !== 'key') return undefined;
    return joinedKey(row, { dimension: of.dimension, fill: false }, `measure${index}`);
  });
  const values = measures.map(({ of }, index) =>
    of === undefined ? undefined : (summands[index]?.shown ?? measureKeys[index]?.sql ?? row.shown(of.property!)),
  );
  const seen = summands.map((summand) => (summand && summand.seen !== 'true' ? summand.seen : undefined));
  const columns = [
    ...joined.map(({ sql }, index) => `${sql} as k${index}`),
    ...(hasMoney ? [`${row.col('currency')} as c`] : []),
    ...values.flatMap((value, index) => (value === undefined ? [] : [`${value} as m${index}`])),
    ...seen.flatMap((value, index) => (value === undefined ? [] : [`(${value}) as s${index}`])),
    ...conditions.flatMap((condition, index) => (condition === 'true' ? [] : [`(${condition}) as w${index}`])),
  ];
  const joins = [...joined, ...measureKeys].map((one) => one?.joins ?? '').join('');
  // keeps a mask from being looked up once for each measure; where there is none, the rows are left to several workers
  const fence = seen.every((value) => value === undefined) ? '' : ' offset 0';
  const names = keys.map((_, index) => `k${index}`);
  const onlyOf = (index: number): string => (conditions[index] === 'true' ? '' : ` filter (where w${index})`);
  const results = measures.flatMap((measure, index) => [
    `${aggregate(measure, index, onlyOf(index))} as a${index}`,
    ...(isMoney(measure) ? countsOf(index, onlyOf(index), seen[index]) : []),
  ]);
  // what is worked out for the smallest parts adds up to the rest; how many different values there are does not
  const isAdditive = measures.every(({ as }) => as !== 'COUNT_DISTINCT');
  return {
    rows: `select ${columns.join(', ') || '1 as one'} from ${from}${joins} where ${where}${fence}`,
    keys: names,
    cells: (rows, sets) => {
      const grouped = sets === 'totals' || names.length === 0 ? [] : [names];
      const all = [...grouped, []].flatMap((set) => (hasMoney ? [set, [...set, 'c']] : [set]));
      const shownKeys = sets === 'totals' ? names.map((name) => `null as ${name}`) : names;
      const isTotal = sets === 'totals' || names.length === 0 ? 'true' : `grouping(${names[0]}) = 1`;
      const finest = [...(sets === 'totals' ? [] : names), ...(hasMoney ? ['c'] : [])];
      const parts = finest.length > 0 ? ` group by ${finest.join(', ')}` : '';
      const from = isAdditive
        ? `(select ${[...finest, 'count(*) as n', ...measures.flatMap((measure, index) => partsOf(measure, index, onlyOf(index), seen[index]))].join(', ')} from ${rows}${parts}) f`
        : rows;
      return `select ${[
        ...shownKeys,
        `${isTotal} as is_total`,
        `${hasMoney ? 'grouping(c) = 1' : 'true'} as is_whole`,
        ...(hasMoney ? ['c'] : []),
        isAdditive ? 'coalesce(sum(n), 0)::bigint as n' : 'count(*) as n',
        ...(isAdditive ? measures.flatMap(addedUp) : results),
      ].join(', ')} from ${from} group by grouping sets (${all.map((set) => `(${set.join(', ')})`).join(', ')})`;
    },
    groups: (cells) => {
      const shown = [...names, 'is_total'];
      if (!hasMoney)
        return `select ${[...shown, 'n', ...measures.map((_, i) => `a${i} as a${i}`)].join(', ')} from ${cells}`;
      const own = `filter (where not is_whole and c = ${row.currency()})`;
      const whole = 'filter (where is_whole)';
      const parts = measures.flatMap((measure, index) =>
        isMoney(measure)
          ? [`max(a${index}) ${own} as a${index}`, `${moneyOf(index, whole)} as j${index}`]
          : [`max(a${index}) ${whole} as a${index}`],
      );
      return `select ${[...shown, `max(n) ${whole} as n`, ...parts].join(', ')} from ${cells} group by ${shown.join(', ')}`;
    },
  };
}

/** Amounts currency by currency as JSON; null where there are records and the caller sees the amounts of none of them. */
function moneyOf(index: number, whole: string): string {
  const amounts = `json_agg(json_build_object('amount', a${index}::numeric(18,2)::text, 'currency', c) order by c) filter (where not is_whole and a${index} is not null)`;
  return `case when max(s${index}) ${whole} > 0 or max(n${index}) ${whole} = 0 then json_build_object('amounts', coalesce(${amounts}, '[]'::json)) end`;
}

/** What a group without records has in the columns of the measures. */
export const emptyColumns = (measures: readonly Measure[]): string[] =>
  measures.flatMap((measure, index) => {
    if (isMoney(measure))
      return [`null::numeric as a${index}`, `json_build_object('amounts', '[]'::json) as j${index}`];
    if (measure.as.startsWith('COUNT')) return [`0::bigint as a${index}`];
    if (measure.as === 'SUM') return [`0 as a${index}`];
    return [`null as a${index}`];
  });

/** The measures of a group as a JSON list, over its columns; `filterOf` is the filter of the group with the conditions of a measure. */
export function valuesJson(
  measures: readonly Measure[],
  alias: string,
  filterOf: (whereText: string) => string,
): string {
  if (measures.length === 0) return `'[]'::json`;
  const one = (measure: Measure, index: number): string => {
    const { as, of, key, whereText } = measure;
    const value = `${alias}.a${index}`;
    const filter = whereText ? `, 'filter', ${filterOf(whereText)}` : '';
    if (isMoney(measure)) return `json_build_object('key', '${key}', 'money', ${alias}.j${index}${filter})`;
    const isTime = !as.startsWith('COUNT') && (of?.type === 'day' || of?.type === 'instant');
    if (isTime)
      return `json_build_object('key', '${key}', 'time', ${wireForm(value, of.type === 'day' ? 'date' : 'timestamptz')}${filter})`;
    return `json_build_object('key', '${key}', 'number', trim_scale(${value}::numeric)::text${filter})`;
  };
  return `json_strip_nulls(json_build_array(${measures.map(one).join(', ')}))`;
}
