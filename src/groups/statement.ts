import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { momentOf, rowsIn } from '../read/as-of.js';
import { andMeets } from '../read/filter.js';
import type { Value } from '../read/value.js';
import {
  boundsIn,
  checkFirst,
  keysIn,
  measuresIn,
  orderIn,
  saidBy,
  type Measure,
  type OrderStep,
} from './arguments.js';
import { cellsOf, emptyColumns, valuesJson } from './cells.js';
import type { GroupKind } from './kind.js';
import { isTime, labelOf, lengthOf, namedBy, orderOf, othersLabel, tuple, type Key } from './key.js';
import { defaultGroups, maxGroups } from './types.js';

/** Groups of the records of a list that meet its filter, as far as the caller may see them: one select reads the rows, the others what came of it. */
export function grouping(kind: GroupKind): (tenant: Scope, args: Arguments) => Embedded {
  return (tenant, args) => {
    const value = (name: string): Value => args(name) as Value;
    const others = value('others').is((given) => given === true);
    checkFirst(value('first'), others);
    const keys = keysIn(kind, value('by'), value('fiscalYearStart'));
    const measures = measuresIn(kind, value('measures'));
    const bounds = boundsIn(measures, value('having'));
    const steps = orderIn(keys, measures, value('orderBy'));
    const { instant, ...found } = rowsIn(tenant, kind.list.entity, args);
    const cells = cellsOf({ ...found, where: `${found.where}${andMeets(found.row, args)}` }, keys, measures);
    const first = value('first').bind('int', (given) => given ?? defaultGroups);
    const filters = filterTexts(args);

    const meets = bounds.flatMap(({ measure, min, max }) => {
      const column = measure === undefined ? 'n' : `a${measure}`;
      return [...(min ? [`${column} >= ${min}`] : []), ...(max ? [`${column} <= ${max}`] : [])];
    });
    const fillers = fillingOf(keys, measures);
    const shared: Record<string, string> = {
      cells: cells.cells(`(${cells.rows}) r`, 'groups and totals'),
      measured: cells.groups('cells'),
      ...(fillers && { filled: fillers }),
      kept: `select * from ${fillers ? 'filled' : 'measured'} where ${['not is_total', ...meets].join(' and ')}`,
      shown: `select kept.*, row_number() over (order by ${orderSql(tenant, keys, steps)}) as place from kept order by place limit ${first}`,
      ...(others && {
        other_cells: cells.cells(
          `(select * from (${cells.rows}) r where ${keys.length === 0 ? 'false' : `(${tuple(cells.keys)}) not in (select ${tuple(cells.keys)} from shown)`}) r`,
          'totals',
        ),
        other: `select * from (${cells.groups('other_cells')}) o where n > 0`,
      }),
    };
    const columns = (alias: string, keysJson: string, isOthers: boolean, filterOf: FilterText): string =>
      `${keysJson} as keys, ${alias}.n::int as count, ${valuesJson(measures, alias, filterOf)} as values, ${isOthers} as others, ${filterOf()} as filter`;
    const ofGroup = columns(
      'shown',
      keysJson(tenant, keys),
      false,
      filters.of(keys.map((_, index) => `shown.k${index}`)),
    );
    const ofOthers = columns('other', othersJson(tenant, keys), true, filters.ofOthers(cells.keys));
    const groups = others
      ? `select keys, count, values, others, filter from (select shown.place, ${ofGroup} from shown union all select null, ${ofOthers} from other) g order by place nulls last`
      : `select ${ofGroup} from shown order by place`;
    return {
      present: () => 'true',
      shared: () => shared,
      fields: () => ({
        groups: { select: groups },
        totals: {
          select: `select ${columns('measured', `'[]'::json`, false, filters.of([]))} from measured where is_total`,
        },
        asOf: momentOf(tenant, instant),
        groupCount: '(select count(*)::int from kept)',
        truncated: `(select count(*) > ${first} from kept)`,
      }),
    };
  };
}

/** The measured groups and, for the key that is to be filled, those without records in between; undefined where none is to be filled. */
function fillingOf(keys: readonly Key[], measures: readonly Measure[]): string | undefined {
  const filled = keys.findIndex(({ fill }) => fill);
  if (filled < 0) return undefined;
  const names = keys.map((_, index) => `k${index}`);
  const rest = names.filter((_, index) => index !== filled);
  const of = names.map((name, index) => (index === filled ? 'g.at::date' : `o.${name}`));
  const groups = 'measured where not is_total';
  const span = `(select min(k${filled}) as first, max(k${filled}) as last from ${groups}) b cross join lateral generate_series(b.first::timestamp, b.last::timestamp, ${lengthOf(keys[filled]!)}) g(at)`;
  const combinations = rest.length === 0 ? '' : ` cross join (select distinct ${rest.join(', ')} from ${groups}) o`;
  const columns = [
    ...of.map((value, index) => `${value} as k${index}`),
    'false as is_total',
    '0::bigint as n',
    ...emptyColumns(measures),
  ];
  return `select * from measured union all (select ${columns.join(', ')} from ${span}${combinations} where (${tuple(of)}) not in (select ${tuple(names)} from ${groups}) limit ${maxGroups + 1})`;
}

/** The order of groups; without steps the largest first, or those of the calendar as time goes. What is alike is ordered by its keys. */
function orderSql(row: Scope, keys: readonly Key[], steps: readonly OrderStep[]): string {
  const byKey = (index: number, descending: boolean): string =>
    `${orderOf(row, keys[index]!, `kept.k${index}`)} ${descending ? 'desc' : 'asc'} nulls last`;
  const chosen: readonly OrderStep[] =
    steps.length > 0
      ? steps
      : keys.some(({ dimension }) => isTime(dimension))
        ? [{ by: 'KEY', descending: false }]
        : [{ by: 'COUNT', descending: true }];
  const terms = chosen.flatMap(({ by, descending, place }) => {
    if (by === 'COUNT') return [`kept.n ${descending ? 'desc' : 'asc'}`];
    if (by === 'MEASURE') return [`kept.a${place} ${descending ? 'desc' : 'asc'} nulls last`];
    return (place === undefined ? keys.map((_, index) => index) : [place]).map((index) => byKey(index, descending));
  });
  // the names of records are looked up only where they are asked for
  const ties = keys.flatMap(({ dimension }, index) => [
    ...(namedBy(dimension) ? [] : [byKey(index, false)]),
    `kept.k${index}`,
  ]);
  return [...terms, ...ties].join(', ') || 'kept.n';
}

/** The keys of a group as a JSON list. */
function keysJson(row: Scope, keys: readonly Key[]): string {
  if (keys.length === 0) return `'[]'::json`;
  const one = (key: Key, index: number): string => {
    const value = `shown.k${index}`;
    const entity = namedBy(key.dimension);
    const record = entity
      ? `, 'record', case when ${value} is not null then json_build_object('type', '${row.unscoped(entity).row.model.name}', 'id', ${value}) end`
      : '';
    return `json_build_object('field', '${key.dimension.name}', 'value', ${value}::text, 'label', ${labelOf(row, key, value)}${record})`;
  };
  return `json_strip_nulls(json_build_array(${keys.map(one).join(', ')}))`;
}

/** The keys of the group of the others: names without values. */
const othersJson = (row: Scope, keys: readonly Key[]): string =>
  keys.length === 0
    ? `'[]'::json`
    : `json_build_array(${keys.map(({ dimension }) => `json_build_object('field', '${dimension.name}', 'label', ${othersLabel(row)})`).join(', ')})`;

/** A value of a key as the filter names it, as JSON. */
const valueJson = (value: string): string =>
  `case when ${value} is null then '{}' else '{"value":' || to_json(${value}::text)::text || '}' end`;

/** The filter of a group, as JSON; with the conditions of a measure where they are given. */
type FilterText = (whereText?: string) => string;

/** What makes the filters of groups: the filter that was given, with the condition that a record is in the group. */
function filterTexts(args: Arguments): {
  of: (values: readonly string[]) => FilterText;
  ofOthers: (keys: readonly string[]) => FilterText;
} {
  const open = args('filter').bind('text', (given) => {
    const { groups, ...rest } = (given ?? {}) as { groups?: unknown[] | null };
    const before = saidBy(rest).slice(0, -1);
    const already = (groups ?? []).map((one) => `${saidBy(one)},`).join('');
    return `${before}${before === '{' ? '' : ','}"groups":[${already}{`;
  });
  const by = args('by').bind(
    'text',
    (given) =>
      `"by":${JSON.stringify(((given ?? []) as object[]).map((one) => ({ ...one, fill: undefined })))},"values":[`,
  );
  const year = args('fiscalYearStart').bind('text', (given) =>
    typeof given === 'number' ? `"fiscalYearStart":${given},` : '',
  );
  const given = args('filter').bind('text', (filter) => saidBy(filter ?? {}));
  const end = (whereText?: string): string => (whereText ? `',"where":' || ${whereText} || '}]}'` : `'}]}'`);
  const whole: FilterText = (whereText) =>
    whereText ? `${open} || '"by":[],"values":[]' || ${end(whereText)}` : given;
  const around =
    (values: string, rest: string): FilterText =>
    (whereText) =>
      `${open} || ${year} || ${by} || ${values} || '${rest}' || ${end(whereText)}`;
  const list = (values: readonly string[]): string => values.map(valueJson).join(` || ',' || `);
  return {
    of: (values) => (values.length === 0 ? whole : around(list(values), ']')),
    ofOthers: (keys) =>
      keys.length === 0
        ? whole
        : around(
            `(select coalesce(string_agg(${list(keys.map((name) => `shown.${name}`))}, ',' order by place), '') from shown)`,
            '],"others":true',
          ),
  };
}
