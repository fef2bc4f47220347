import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { perRequest, type Context } from '../core/context.js';
import { parentCondition, type Arguments, type ReadSpec } from '../model/fields.js';

import { defaultPageSize, type ListSpec } from './list.js';
import { checkPageArgs, page, type Owner, type PageArgs } from './page.js';
import { plainQuery, rowColumns, askFor, type Row } from './plain-rows.js';
import { type Query } from './query.js';
import { Value } from './value.js';
import { sumsSelect } from './sums.js';

/** A page as the resolvers of a connection's fields take it. */
export interface Connection {
  nodes: unknown[];
  edges: Array<{ cursor: string; node: unknown }>;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  total: () => Promise<number>;
  sums: () => Promise<unknown>;
}

/** Sums over the rows of a page's list as JSON. */
const sumsJson = (spec: ListSpec, one: PageSql): string =>
  `select coalesce(json_agg(row_to_json(l)), '[]') as n from (${sumsSelect(spec, one)}) l`;

export async function rootPage(
  schema: GraphQLSchema,
  ctx: Context,
  spec: ListSpec,
  args: PageArgs,
  place: string,
): Promise<Connection> {
  checkPageArgs(args);
  const query = plainQuery(ctx);
  const one = page(query, spec, args, new Value(query, () => args, args), place);
  const rows = await askFor(ctx, query, `select row_to_json(r) from (${pageSelect(schema, one)}) r`);
  /** Asks something of all rows of the list, whatever page is shown. */
  const overall = async (select: (all: PageSql) => string): Promise<string> => {
    const counting = plainQuery(ctx);
    const all = page(counting, spec, counted(args), new Value(counting, () => args, counted(args)), place);
    const [row] = await askFor(ctx, counting, select(all));
    return row![0]!;
  };
  return connection(
    one,
    args,
    rows.map(([text]) => JSON.parse(text!) as Row),
    async () => Number(await overall(countOf)),
    async () => JSON.parse(await overall((all) => sumsJson(spec, all))) as unknown,
  );
}

const countOf = ({ from, where }: PageSql): string => `select count(*) as n from ${from} where ${where.join(' and ')}`;

/** What decides how many rows there are in all. */
const counted = ({ filter, deleted, asOf }: PageArgs): PageArgs => ({
  filter: filter ?? null,
  deleted: deleted ?? null,
  asOf: asOf ?? null,
});

type PageSql = ReturnType<typeof page>;

function pageSelect(
  schema: GraphQLSchema,
  { row, from, where, bounds, orderBy, limit, offset, cursor }: PageSql,
): string {
  const skip = offset();
  return `select ${rowColumns(schema, row)}, ${cursor()} as "__cursor" from ${from} where ${[...where, ...bounds].join(' and ')} order by ${orderBy} limit ${limit()}${skip && ` offset ${skip}`}`;
}

function connection(
  { backward, nearMore, farMore }: PageSql,
  args: PageArgs,
  rows: Row[],
  total: () => Promise<number>,
  sums: () => Promise<unknown>,
): Connection {
  const size = args.last ?? args.first ?? defaultPageSize;
  const more = rows.length > size || farMore;
  const nodes = rows.slice(0, size);
  if (backward) nodes.reverse();
  return {
    nodes,
    edges: nodes.map((node) => ({ cursor: node.__cursor!, node })),
    pageInfo: {
      hasNextPage: backward ? nearMore : more,
      hasPreviousPage: backward ? more : nearMore,
      startCursor: nodes[0]?.__cursor ?? null,
      endCursor: nodes.at(-1)?.__cursor ?? null,
    },
    total,
    sums,
  };
}

/** The pages of one field for all its parents: one statement for the rows, one more for the counts where asked. */
export function childPage(
  schema: GraphQLSchema,
  ctx: Context,
  spec: ListSpec,
  read: ReadSpec & { kind: 'many' },
  args: PageArgs,
  place: string,
  parentId: string,
  report?: Record<string, unknown>,
): Promise<Connection> {
  checkPageArgs(args);
  const key = `${place} ${JSON.stringify([args, report])}`;
  const ownerIn = (query: Query): Owner => {
    const values: Arguments | undefined =
      report && ((name) => new Value(query, () => report[name], report[name], [name]));
    return {
      by: (row) => parentCondition(read.by, row, 'parents.id', values),
      asOf: values && read.asOf?.('parents.id', values),
    };
  };
  const overall = <T>(what: string, select: (all: PageSql) => string, unless: T): DataLoader<string, T> =>
    perRequest(
      ctx,
      `${what} ${key}`,
      () =>
        new DataLoader<string, T>(async (ids) => {
          const query = plainQuery(ctx);
          const all = page(
            query,
            spec,
            counted(args),
            new Value(query, () => args, counted(args)),
            place,
            ownerIn(query),
          );
          const found = await perParent(ctx, query, ids, read.key, select(all));
          return ids.map((id) => (found.get(id)?.[0] as { n: T } | undefined)?.n ?? unless);
        }),
    );
  const pages = perRequest(
    ctx,
    `page ${key}`,
    () =>
      new DataLoader<string, Connection>(async (ids) => {
        const query = plainQuery(ctx);
        const one = page(query, spec, args, new Value(query, () => args, args), place, ownerIn(query));
        const found = await perParent(ctx, query, ids, read.key, pageSelect(schema, one));
        return ids.map((id) =>
          connection(
            one,
            args,
            (found.get(id) ?? []) as Row[],
            () => overall('count', countOf, 0).load(id),
            () => overall<unknown>('sums', (all) => sumsJson(spec, all), []).load(id),
          ),
        );
      }),
  );
  return pages.load(parentId);
}

/** Runs a select once per parent id (`parents.id` inside it) in one statement; gives each parent's rows in their order. */
async function perParent(
  ctx: Context,
  query: Query,
  ids: readonly string[],
  key: string | undefined,
  select: string,
): Promise<Map<string, object[]>> {
  const rows = await askFor(
    ctx,
    query,
    `select parents.id, (select json_agg(row_to_json(r)) from (${select}) r) from unnest(${query.constant(ids, key ? 'text[]' : 'uuid[]')}) parents(id)`,
  );
  return new Map(rows.map(([id, text]) => [id!, text === null ? [] : (JSON.parse(text!) as object[])]));
}
