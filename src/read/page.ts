import { createHash } from 'node:crypto';
import { refuse } from '../core/errors.js';
import { isPermitted } from '../core/needs.js';
import { all, counted, type Scope } from '../model/fields.js';
import { areVersionsKept } from '../model/kept.js';
import { asOfIn, rowsAsOf } from './as-of.js';
import { canCast } from './cast-check.js';
import { filterConditions } from './filter.js';
import { asksForDeleted, defaultPageSize, maxPageSize, type Direction, type ListSpec, type OrderTerm } from './list.js';
import { maxFound, type Found } from './found.js';
import { type Query, type RowScope } from './query.js';
import { isBlank, type Value } from './value.js';

/** The arguments of a page as the client gave them. */
export interface PageArgs {
  filter?: Record<string, unknown> | null;
  orderBy?: Array<{ field: string; direction: Direction }> | null;
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  offset?: number | null;
  /** deleted rows as well */
  deleted?: boolean | null;
  /** rows as they were then */
  asOf?: object | null;
}

/** A page under construction: everything between `from` and `limit`, and what each row gives for its cursor. */
export interface Page {
  from: string;
  row: RowScope;
  /** conditions without the cursor's: what `totalCount` counts */
  where: string[];
  /** how these rows are found where the caller sees few */
  found: Found | undefined;
  /** conditions of `after` and `before` */
  bounds: string[];
  orderBy: string;
  /** one row more than asked, to see whether there are more; bound when used, as the next ones are */
  limit: () => string;
  offset: () => string;
  /** number of rows asked for */
  size: () => string;
  /** how many rows the whole list has */
  count: () => string;
  /** SQL of a row's cursor */
  cursor: () => string;
  /** rows come back to front and must be turned round */
  backward: boolean;
  /** whether rows lie beyond the end that the page starts from, and beyond the far end although all rows were read */
  nearMore: boolean;
  farMore: boolean;
}

/** The parent of a list's rows: the condition that they belong to it, and the reference of theirs whose record the caller is known to see. */
export interface Owner {
  by: (row: Scope) => string;
  knownVisible?: string | undefined;
  /** the parent itself and the property that refers to it, where all that refers to it belongs to it */
  parent?: RowScope;
  property?: string;
  /** of rows that stand for a relation: the reference to the record at its other end, which is the node */
  node?: string | undefined;
  /** the instant (SQL) as of which its rows are read */
  asOf?: string | undefined;
}

/** Checks the arguments that belong together. */
export function checkPageArgs(args: PageArgs): void {
  const bad = (field: string, reason: string, params: Record<string, string | number> = {}): Error =>
    refuse('BAD_REQUEST', [field], { reason, ...params });
  for (const key of ['first', 'last'] as const) {
    const value = args[key];
    if (value !== undefined && value !== null && (value < 0 || value > maxPageSize))
      throw bad(key, 'PAGE_SIZE', { max: maxPageSize });
  }
  if (args.offset !== undefined && args.offset !== null) {
    if (args.offset < 0) throw bad('offset', 'NEGATIVE');
    if (given(args.after) || given(args.before) || given(args.last))
      throw bad('offset', 'COMBINATION', { others: 'after, before or last' });
  }
  if (given(args.last) && ((given(args.first) && args.first !== defaultPageSize) || given(args.after)))
    throw bad('last', 'COMBINATION', { others: 'first or after' });
  if (given(args.before) && given(args.after)) throw bad('before', 'COMBINATION', { others: 'after' });
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

/** The steps of the order with the tie-breaker at the end. */
function orderSteps(spec: ListSpec, args: PageArgs): Array<{ term: OrderTerm; descending: boolean }> {
  const chosen: Array<[string, Direction]> =
    args.orderBy && args.orderBy.length > 0
      ? args.orderBy.map(({ field, direction }) => [field, direction])
      : spec.defaultOrder;
  const steps = chosen.map(([field, direction]) => ({
    term: spec.order.get(field)!,
    descending: direction === 'DESC',
  }));
  return [...steps, { term: spec.tie, descending: steps.at(-1)?.descending ?? false }];
}

/** What cursors of this list are signed with: another order, filter or parent gives another mark. */
export function cursorMark(spec: ListSpec, args: PageArgs, place: string): string {
  const order =
    args.orderBy && args.orderBy.length > 0
      ? args.orderBy.map(({ field, direction }) => `${field} ${direction}`)
      : spec.defaultOrder.map((step) => step.join(' '));
  return createHash('sha256')
    .update(JSON.stringify([spec.name, place, order, saidOf(args.filter ?? {}), ...(args.asOf ? [args.asOf] : [])]))
    .digest('base64url')
    .slice(0, 10);
}

/** What a filter says, in one order of its fields; what says nothing is left out. */
const saidOf = (filter: object): unknown[] =>
  Object.entries(filter)
    .filter(([, value]) => !isBlank(value))
    .map(([field, value]) => [field, field === 'not' ? saidOf(value as object) : value] as const)
    .filter(([field, value]) => field !== 'not' || (value as unknown[]).length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** The values a cursor carries, one for each of the order's terms, after checking that it belongs to this list. */
export function readCursor(cursor: unknown, mark: string, terms: readonly OrderTerm[]): Array<string | null> {
  const [sign, body] = String(cursor).split('.');
  if (sign !== mark || !body) throw refuse('CURSOR_INVALID');
  try {
    const values: unknown = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
    if (
      Array.isArray(values) &&
      values.length === terms.length &&
      values.every((value, index) => isValueOf(terms[index]!, value))
    )
      return values as Array<string | null>;
  } catch {
    // falls through to the refusal below
  }
  throw refuse('CURSOR_INVALID');
}

const isValueOf = (term: OrderTerm, value: unknown): boolean =>
  value === null ? term.nullable : typeof value === 'string' && canCast(value, term.cast);

/** An order's value as a cursor holds it: instants in UTC, whatever the time zone of the node that has the row. */
const textOf = (sql: string, type: string): string =>
  type.startsWith('timestamptz') ? `(${sql} at time zone 'UTC')::text || '+00'` : `${sql}::text`;

/**
 * Builds a page of a list. `args` are the present values (their form decides the SQL), `value` gives the same as
 * parameters; `owner` restricts the rows to those of one parent; `place` names the field for the cursor's mark.
 */
export function page(query: Query, spec: ListSpec, args: PageArgs, value: Value, place: string, owner?: Owner): Page {
  if (!owner && !isPermitted(query.rights, place.replace(/^Query\./, ''))) throw refuse('FORBIDDEN');
  const withDeleted = spec.restorable && value.field('deleted').is(asksForDeleted);
  const asOf = owner?.asOf ?? (areVersionsKept(spec.entity) ? asOfIn(value.field('asOf')) : undefined);
  const { from, where, row } =
    asOf === undefined ? query.rows(spec.entity, withDeleted, owner?.knownVisible) : rowsAsOf(query, spec.entity, asOf);
  const filtered = filterConditions(spec.filter, row, value.field('filter'));
  const isWhole = asOf === undefined && !withDeleted && filtered.length === 0;
  const found = owner || asOf !== undefined || withDeleted ? undefined : query.found(row);
  const conditions = [where, ...(owner ? [owner.by(row)] : []), ...filtered];

  const orderKey = (argument: unknown): string => JSON.stringify(argument ?? null);
  value.field('orderBy').is((now) => orderKey(now) === orderKey(args.orderBy));
  const steps = orderSteps(spec, args);
  const backward = value.is(
    (now) => given((now as PageArgs).last) || (given((now as PageArgs).before) && !given((now as PageArgs).first)),
  );
  const texts = steps.map(({ term }) => textOf(term.sql(row), term.cast));
  const markOf = (now: unknown): string => cursorMark(spec, now as PageArgs, place);

  const bounds: string[] = [];
  for (const [key, follows] of [
    ['after', true],
    ['before', false],
  ] as const) {
    if (!value.field(key).is(given)) continue;
    const valuesOf = (now: unknown): Array<string | null> =>
      readCursor(
        (now as PageArgs)[key],
        markOf(now),
        steps.map(({ term }) => term),
      );
    const nulls = valuesOf(args).map((part) => part === null);
    value.is((now) => valuesOf(now).every((part, index) => (part === null) === nulls[index]));
    const parts = steps.map(({ term }, index) =>
      nulls[index] ? null : value.bind(term.cast, (now) => valuesOf(now)[index]),
    );
    bounds.push(
      beyond(
        steps.map((step, index) => ({
          sql: step.term.compared(row),
          ascending: step.descending !== follows,
          bound: step.term.bound(parts[index]!),
        })),
      ),
    );
  }
  const sizeOf = (now: unknown): number => (now as PageArgs).last ?? (now as PageArgs).first ?? defaultPageSize;
  return {
    from,
    row,
    where: conditions,
    found,
    bounds,
    orderBy: steps
      .map(({ term, descending }) => `${term.compared(row)} ${descending !== backward ? 'desc' : 'asc'}`)
      .join(', '),
    limit: () => value.bind('bigint', (now) => sizeOf(now) + 1),
    size: () => value.bind('bigint', sizeOf),
    offset: () => (value.field('offset').is(given) ? value.field('offset').bind('bigint') : ''),
    count: () =>
      owner?.parent && isWhole
        ? owner.parent.aggregate(spec.entity, owner.property!, all, counted)
        : counting(from, conditions, partsOf(found, row.alias)),
    cursor: () =>
      `${value.bind('text', markOf)} || '.' || translate(encode(convert_to(json_build_array(${texts.join(', ')})::text, 'UTF8'), 'base64'), E'\\n', '')`,
    backward,
    nearMore: value.is((now) =>
      backward
        ? given((now as PageArgs).before)
        : given((now as PageArgs).after) || ((now as PageArgs).offset ?? 0) > 0,
    ),
    farMore: value.is((now) => !backward && given((now as PageArgs).before)),
  };
}

/** The conditions of the parts that a list is read in, of which one has all of its rows, and what they read, as a part of the statement. */
const partsOf = (found: Found | undefined, alias: string): { given: string; parts: string[][] } => {
  if (!found) return { given: '', parts: [[]] };
  const name = `few_${alias}`;
  const isFew = [
    `cardinality(ids) <= ${maxFound}`,
    ...found.seen.map((ids) => `not exists (select 1 from (${ids}) s offset ${maxFound})`),
  ].join(' and ');
  return {
    given: `with ${name} as materialized (select ids, ${isFew} as few from (select array(${found.ids}) as ids offset 0) f) `,
    parts: [
      [`(select few from ${name})`, `${alias}.id = any((select ids from ${name})::uuid[])`],
      [`not (select few from ${name})`],
    ],
  };
};

/** How many rows meet the conditions, in whichever part they are. */
function counting(from: string, conditions: readonly string[], { given, parts }: ReturnType<typeof partsOf>): string {
  const counts = parts.map(
    (part) => `(select count(*)::int from ${from} where ${[...conditions, ...part].join(' and ')})`,
  );
  return counts.length > 1 ? `(${given}select ${counts.join(' + ')})` : counts[0]!;
}

/** The select of a page's rows, in their order. */
export function pageRows(one: Page, limit: string): string {
  const { alias } = one.row;
  const offset = one.offset();
  const order = `order by ${one.orderBy} limit ${limit}`;
  const within = (part: readonly string[]): string =>
    `select ${alias}.* from ${one.from} where ${[...one.where, ...one.bounds, ...part].join(' and ')} ${order}`;
  const { given, parts } = partsOf(one.found, alias);
  if (parts.length === 1) return `${within([])}${offset && ` offset ${offset}`}`;
  const read = parts.map((part) => `(${within(part)}${offset && ` + ${offset}`})`).join(' union all ');
  return `${given}select ${alias}.* from (${read}) ${alias} ${order}${offset && ` offset ${offset}`}`;
}

interface Bound {
  sql: string;
  /** rows wanted are larger (true) or smaller (false) */
  ascending: boolean;
  bound: string;
}

/** The condition "lies strictly beyond the cursor": lexicographic. It begins with one that an index finds rows by, whatever the directions. */
function beyond(steps: Bound[]): string {
  const [{ sql, ascending, bound }, ...rest] = steps as [Bound, ...Bound[]];
  const sign = ascending ? '>' : '<';
  if (rest.length === 0) return `${sql} ${sign} ${bound}`;
  if (rest.every((step) => step.ascending === ascending))
    return `(${steps.map((step) => step.sql).join(', ')}) ${sign} (${steps.map((step) => step.bound).join(', ')})`;
  return `(${sql} ${sign}= ${bound} and (${sql} ${sign} ${bound} or ${beyond(rest)}))`;
}
