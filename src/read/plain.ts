import DataLoader from 'dataloader';
import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { perRequest, type Context } from '../core/context.js';
import type { Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import {
  parentCondition,
  type Arguments,
  type Embedded,
  type Listed,
  type ReadSpec,
  type Scope,
} from '../model/fields.js';
import { parseKey } from '../core/id.js';
import { isEntity, wireForm } from '../model/model.js';
import { ask, isPagePart, nodeModels, readSpec } from './declared.js';
import { leaf } from './leaf.js';
import { asksForDeleted, checkPageArgs, listOf, page, defaultPageSize, type ListSpec, type PageArgs } from './list.js';
import { origin, sharing } from './parts.js';
import { Query, Value, type RowScope } from './query.js';

/**
 * The plain executor's side of the read engine: resolvers, attached to the schema, that fetch rows through batching
 * loaders. They know columns and expressions from the same declarations as the compiler, and answer what it does not.
 */
export function attachResolvers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type) && type.name === 'Node')
      type.resolveType = (value: { __typename?: string }) => value.__typename;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) attach(schema, type, field);
  }
}

type Row = Record<string, unknown> & { id: string; __typename: string; __cursor?: string };
type Resolver = GraphQLField<Record<string, unknown>, Context>['resolve'];

function attach(schema: GraphQLSchema, type: GraphQLObjectType, field: GraphQLField<never, Context>): void {
  const spec = readSpec(field);
  const target = getNamedType(field.type).name;
  const set = (resolve: Resolver): void => void (field.resolve = resolve as never);
  if (spec?.kind === 'root' && spec.shape === 'one')
    set((_root, args, ctx) => byKey(schema, ctx, target, String(args['id']), asksForDeleted(args['deleted'])));
  else if (spec?.kind === 'root')
    set((_root, args, ctx) => rootPage(schema, ctx, listOf(spec.list), args, `${type.name}.${field.name}`));
  else if (spec?.kind === 'node') set((_root, args, ctx) => anyRecord(schema, ctx, String(args['id'])));
  else if (spec?.kind === 'caller') set((_root, _args, ctx) => spec.of(ctx));
  else if (spec?.kind === 'report') set((_root, args, ctx) => report(ctx, field, spec, args));
  else if (spec?.kind === 'many')
    set((parent, args, ctx) =>
      childPage(
        schema,
        ctx,
        listOf(spec.list),
        spec,
        args,
        `${type.name}.${field.name}`,
        String(parent[spec.key ?? 'id']),
      ),
    );
  else if (spec?.kind === 'one' || spec?.kind === 'single')
    set(async (parent, args, ctx) =>
      byId(schema, ctx, target, (await derived(ctx, type, field, spec, String(parent['id']), args)) as string | null),
    );
  else if (spec?.kind === 'any') set((parent, _args, ctx) => named(schema, ctx, parent[field.name]));
  else if (spec && !light(spec))
    set((parent, args, ctx) => derived(ctx, type, field, spec, String(parent['id']), args));
  else if (isEntity(target) && isObjectType(getNamedType(field.type)) && !isPagePart(type))
    set((parent, _args, ctx, info) =>
      readElsewhere.has(info.fieldNodes[0]!)
        ? stub(parent[field.name])
        : reference(schema, ctx, target, parent[field.name]),
    );
  else if (isEntity(type.name)) set((parent) => parent[field.name]);
  else if (field.name === 'totalCount' && isPagePart(type))
    set((parent) => (parent['total'] as () => Promise<number>)());
}

/** Part of every row: cheap enough to be fetched whether asked for or not. */
const light = (spec: ReadSpec): boolean => spec.kind === 'embed' && spec.light === true;

/** A record that the row names by type and id. */
function named(schema: GraphQLSchema, ctx: Context, value: unknown): unknown {
  const { type, id } = value as { type: string; id: string | null };
  return nodeModels(schema).some(({ name }) => name === type) ? byId(schema, ctx, type, id) : null;
}

/** Fields of a rewritten operation of which only the id is wanted, because a compiled plan reads the record afterwards. */
export const readElsewhere = new WeakSet<FieldNode>();

const stub = (value: unknown): unknown => (typeof value === 'string' ? { id: value } : value);

function reference(schema: GraphQLSchema, ctx: Context, target: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? byId(schema, ctx, target, value) : value;
}

const byId = (schema: GraphQLSchema, ctx: Context, type: string, id: string | null): Promise<Row | null> | null =>
  id === null ? null : rowLoader(schema, ctx, type).load(id);

/** A record by the text of an `ID`: the id itself or an integer number. Deleted ones only where `deleted` asks for them. */
export async function byKey(
  schema: GraphQLSchema,
  ctx: Context,
  type: string,
  text: string,
  deleted = false,
): Promise<Row | null> {
  const key = parseKey(text);
  return key ? rowLoader(schema, ctx, type, deleted).load('id' in key ? key.id : String(key.number)) : null;
}

const plainQuery = (ctx: Context): Query => new Query(ctx.rights);
const statementOf = (ctx: Context, query: Query, text: string): Statement => ({
  text,
  values: query.values({ ctx, variables: {} }),
});

/** The select list of a row: every column that the graph shows, in wire form and masked, and the light objects. */
function rowColumns(schema: GraphQLSchema, row: RowScope): string {
  const type = schema.getType(row.model.name) as GraphQLObjectType;
  const list = [`'${type.name}' as "__typename"`];
  for (const field of Object.values(type.getFields())) {
    const spec = readSpec(field);
    const column = row.model.fields.get(field.name);
    if (spec && light(spec))
      list.push(`${embedJson(field.type, spec as Embedded & ReadSpec, row, noArguments)} as "${field.name}"`);
    else if (spec?.kind === 'any')
      list.push(`json_build_object('type', ${spec.type(row)}, 'id', ${spec.id(row)}) as "${field.name}"`);
    else if (!spec && column)
      list.push(
        `${column.refersTo ? row.col(field.name) : wireForm(row.shown(field.name), column.sqlType)} as "${field.name}"`,
      );
  }
  return list.join(', ');
}

const noArguments: Arguments = (name) => {
  throw new Error(`A field that is part of every row takes no arguments, so there is no ${name}.`);
};

function embedJson(type: GraphQLOutputType, spec: Embedded, row: Scope, args: Arguments): string {
  const fields = (getNamedType(type) as GraphQLObjectType).getFields();
  const entries = Object.entries(spec.fields(row, args)).map(
    ([name, part]) => `'${name}', ${fieldJson(fields[name]!.type, part, row, args)}`,
  );
  return `(${sharing(spec.shared?.(row, args), `select json_build_object(${entries.join(', ')})${origin(spec, row, args)}`)})`;
}

function fieldJson(type: GraphQLOutputType, part: string | Embedded | Listed, row: Scope, args: Arguments): string {
  if (typeof part === 'string') return leaf(type, part);
  if (!('select' in part)) return embedJson(type, part, row, args);
  return isListType(getNullableType(type))
    ? `(select coalesce(json_agg(row_to_json(l)), '[]') from (${part.select}) l)`
    : `(select row_to_json(l) from (${part.select}) l)`;
}

/** Figures over the rows of the tenant. */
async function report(
  ctx: Context,
  field: GraphQLField<never, Context>,
  spec: ReadSpec & { kind: 'report' },
  args: Record<string, unknown>,
): Promise<unknown> {
  const query = plainQuery(ctx);
  const { from, where, row } = query.unscoped('Tenant');
  const values: Arguments = (name) => new Value(query, () => args[name], args[name]);
  const [found] = await ask(
    ctx,
    statementOf(
      ctx,
      query,
      `select ${fieldJson(field.type, spec.of(row, values), row, values)} from ${from} where ${where}`,
    ),
  );
  return JSON.parse(found![0]!);
}

function rowLoader(schema: GraphQLSchema, ctx: Context, type: string, deleted = false): DataLoader<string, Row | null> {
  return perRequest(
    ctx,
    `${deleted ? 'any ' : ''}row ${type}`,
    () =>
      new DataLoader<string, Row | null>(async (keys) => {
        const query = plainQuery(ctx);
        const { from, where, row } = query.rows(type, deleted);
        const ids = keys.filter((key) => key.includes('-'));
        const numbers = keys.filter((key) => !key.includes('-'));
        const wanted = [
          ids.length > 0 ? `${row.alias}.id = any(${query.constant(ids, 'uuid[]')})` : '',
          numbers.length > 0 ? `${row.alias}.number = any(${query.constant(numbers, 'int[]')})` : '',
        ].filter(Boolean);
        const rows = await ask(
          ctx,
          statementOf(
            ctx,
            query,
            `select row_to_json(r) from (select ${rowColumns(schema, row)} from ${from} where ${where} and (${wanted.join(' or ')})) r`,
          ),
        );
        const found = new Map<string, Row>();
        for (const [text] of rows) {
          const record = JSON.parse(text!) as Row;
          found.set(record.id, record).set(String(record['number']), record);
        }
        return keys.map((key) => found.get(key) ?? null);
      }),
  );
}

interface DerivedKey {
  id: string;
  field: GraphQLField<never, Context>;
  spec: ReadSpec;
  args: Record<string, unknown>;
}

/** A field that is an expression over its row: all that are asked of one type at one moment become one statement. */
function derived(
  ctx: Context,
  type: GraphQLObjectType,
  field: GraphQLField<never, Context>,
  spec: ReadSpec,
  id: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const loader = perRequest(
    ctx,
    `derived ${type.name}`,
    () =>
      new DataLoader<DerivedKey, unknown, string>(
        async (keys) => {
          const query = plainQuery(ctx);
          // whoever may see deleted rows may have read this one as such
          const { from, where, row } = query.rows(type.name, ctx.rights.administer);
          const columns = new Map<string, string>();
          for (const key of keys) {
            const name = columnKey(key);
            if (!columns.has(name)) columns.set(name, derivedSql(key, row, query));
          }
          const names = [...columns.keys()];
          const list = names.map((name, index) => `${columns.get(name)} as "${index}"`).join(', ');
          const ids = [...new Set(keys.map((key) => key.id))];
          const rows = await ask(
            ctx,
            statementOf(
              ctx,
              query,
              `select ${row.alias}.id, row_to_json(r) from ${from} cross join lateral (select ${list}) r where ${where} and ${row.alias}.id = any(${query.constant(ids, 'uuid[]')})`,
            ),
          );
          const found = new Map(rows.map(([rowId, text]) => [rowId, JSON.parse(text!) as Record<string, unknown>]));
          return keys.map((key) => found.get(key.id)?.[names.indexOf(columnKey(key))] ?? null);
        },
        { cacheKeyFn: (key) => `${key.id} ${columnKey(key)}` },
      ),
  );
  return loader.load({ id, field, spec, args });
}

const columnKey = (key: DerivedKey): string => `${key.field.name} ${JSON.stringify(key.args)}`;

function derivedSql({ field, spec, args }: DerivedKey, row: RowScope, query: Query): string {
  const values: Arguments = (name) => new Value(query, () => args[name], args[name]);
  if (spec.kind === 'sql') return leaf(field.type, spec.sql(row, values));
  if (spec.kind === 'embed') return embedJson(field.type, spec, row, values);
  if (spec.kind === 'listed') return fieldJson(field.type, spec.of(row, values), row, values);
  if (spec.kind === 'one') return spec.id(row, values);
  if (spec.kind === 'single') return onlyId(getNamedType(field.type).name, spec, row);
  throw new Error(`A field of kind ${spec.kind} is not an expression.`);
}

/** Whether the caller may see it is asked where the record itself is read. */
function onlyId(entity: string, spec: ReadSpec & { kind: 'single' }, parent: RowScope): string {
  const { from, where, row } = parent.unscoped(entity);
  return `(select ${row.col('id')} from ${from} where ${where} and ${row.col(spec.by)} = ${parent.col('id')} and ${spec.where(row)})`;
}

interface Connection {
  nodes: Row[];
  edges: Array<{ cursor: string; node: Row }>;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  total: () => Promise<number>;
}

async function rootPage(
  schema: GraphQLSchema,
  ctx: Context,
  spec: ListSpec,
  args: PageArgs,
  place: string,
): Promise<Connection> {
  checkPageArgs(args);
  const query = plainQuery(ctx);
  const one = page(query, spec, args, new Value(query, () => args, args), place);
  const rows = await ask(ctx, statementOf(ctx, query, `select row_to_json(r) from (${pageSelect(schema, one)}) r`));
  const total = async (): Promise<number> => {
    const counting = plainQuery(ctx);
    const all = page(counting, spec, counted(args), new Value(counting, () => args, counted(args)), place);
    const [row] = await ask(ctx, {
      text: `select count(*) from ${all.from} where ${all.where.join(' and ')}`,
      values: counting.values({ ctx, variables: {} }),
    });
    return Number(row![0]);
  };
  return connection(
    one,
    args,
    rows.map(([text]) => JSON.parse(text!) as Row),
    total,
  );
}

/** What decides how many rows there are in all. */
const counted = ({ filter, deleted }: PageArgs): PageArgs => ({ filter: filter ?? null, deleted: deleted ?? null });

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
  };
}

/** The pages of one field for all its parents: one statement for the rows, one more for the counts where asked. */
function childPage(
  schema: GraphQLSchema,
  ctx: Context,
  spec: ListSpec,
  read: ReadSpec & { kind: 'many' },
  args: PageArgs,
  place: string,
  parentId: string,
): Promise<Connection> {
  checkPageArgs(args);
  const key = `${place} ${JSON.stringify(args)}`;
  const owner = { by: (row: Scope) => parentCondition(read.by, row, 'p.id') };
  const counts = perRequest(
    ctx,
    `count ${key}`,
    () =>
      new DataLoader<string, number>(async (ids) => {
        const query = plainQuery(ctx);
        const all = page(query, spec, counted(args), new Value(query, () => args, counted(args)), place, owner);
        const found = await perParent(
          ctx,
          query,
          ids,
          read.key,
          `select count(*) as n from ${all.from} where ${all.where.join(' and ')}`,
        );
        return ids.map((id) => Number((found.get(id)?.[0] as { n: number } | undefined)?.n ?? 0));
      }),
  );
  const pages = perRequest(
    ctx,
    `page ${key}`,
    () =>
      new DataLoader<string, Connection>(async (ids) => {
        const query = plainQuery(ctx);
        const one = page(query, spec, args, new Value(query, () => args, args), place, owner);
        const found = await perParent(ctx, query, ids, read.key, pageSelect(schema, one));
        return ids.map((id) => connection(one, args, (found.get(id) ?? []) as Row[], () => counts.load(id)));
      }),
  );
  return pages.load(parentId);
}

/** Runs a select once per parent id (`p.id` inside it) in one statement; gives each parent's rows in their order. */
async function perParent(
  ctx: Context,
  query: Query,
  ids: readonly string[],
  key: string | undefined,
  select: string,
): Promise<Map<string, object[]>> {
  const rows = await ask(
    ctx,
    statementOf(
      ctx,
      query,
      `select p.id, (select json_agg(row_to_json(r)) from (${select}) r) from unnest(${query.constant(ids, key ? 'text[]' : 'uuid[]')}) p(id)`,
    ),
  );
  return new Map(rows.map(([id, text]) => [id!, text === null ? [] : (JSON.parse(text!) as object[])]));
}

/** Any record by its opaque id: one statement looks it up in every table that has ids of its own. */
export async function anyRecord(schema: GraphQLSchema, ctx: Context, text: string): Promise<Row | null> {
  const key = parseKey(text);
  if (!key) return null;
  if (!('id' in key)) throw refuse('BAD_REQUEST', ['id'], { reason: 'node takes opaque ids only.' });
  const query = plainQuery(ctx);
  const id = query.constant(key.id, 'uuid');
  const parts = nodeModels(schema).map((model) => {
    const { from, where, row } = query.rows(model.name);
    return `select '${model.name}' from ${from} where ${where} and ${row.alias}.id = ${id}`;
  });
  const [found] = await ask(ctx, statementOf(ctx, query, parts.join(' union all ')));
  return found ? byId(schema, ctx, found[0]!, key.id) : null;
}
