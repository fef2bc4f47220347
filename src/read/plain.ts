import DataLoader from 'dataloader';
import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { perRequest, type Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { type Arguments, type ReadSpec } from '../model/fields.js';
import { parseKey } from '../core/id.js';
import { entityNamed, modelOf, type EntityClass } from '../model/model.js';
import { entityOf, isPagePart, nodeModels, readSpec } from './declared.js';
import { asOfIn, rowsAsOf } from './as-of.js';
import { leaf } from './leaf.js';
import { asksForDeleted, listOf } from './list.js';
import { permissionIn, refusalSql } from './permissions.js';
import { childPage, rootPage, type Connection } from './plain-pages.js';
import { embedJson, fieldJson, light, plainQuery, rowColumns, askFor, type Row } from './plain-rows.js';
import { Query, type RowScope } from './query.js';
import { Value } from './value.js';

/**
 * The plain executor's side of the read engine: resolvers, attached to the schema, that fetch rows through batching
 * loaders. They use the same declarations as the compiler, and answer what it does not.
 */
export function attachResolvers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type) && type.name === 'Node')
      type.resolveType = (value: { __typename?: string }) => value.__typename;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) attach(schema, type, field);
  }
}

type Resolver = GraphQLField<Record<string, unknown>, Context>['resolve'];

function attach(schema: GraphQLSchema, type: GraphQLObjectType, field: GraphQLField<never, Context>): void {
  const spec = readSpec(field);
  const target = getNamedType(field.type).name;
  const set = (resolve: Resolver): void => void (field.resolve = resolve as never);
  if (spec?.kind === 'root' && spec.shape === 'one')
    set((_root, args, ctx) =>
      byKey(schema, ctx, target, String(args['id']), asksForDeleted(args['deleted']), args['asOf']),
    );
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
        (parent as { [ofReport]?: Record<string, unknown> })[ofReport],
      ).then((found) => (spec.node === undefined ? found : related(schema, ctx, spec.list, spec.node, found))),
    );
  else if (spec?.kind === 'one' || spec?.kind === 'single')
    set(async (parent, args, ctx) =>
      byId(schema, ctx, target, (await derived(ctx, type, field, spec, parent, args)) as string | null),
    );
  else if (spec?.kind === 'permission')
    set(async (parent, args, ctx) => {
      const { refusal, action } = spec;
      const found = refusal ? await derived(ctx, type, field, spec, parent, args) : parent[field.name];
      return permissionIn(found, action, args, ctx.locale);
    });
  else if (spec?.kind === 'any') set((parent, _args, ctx) => named(schema, ctx, parent[field.name]));
  else if (spec && !light(spec)) set((parent, args, ctx) => derived(ctx, type, field, spec, parent, args));
  else if (entityNamed(target) && isObjectType(getNamedType(field.type)) && !isPagePart(type))
    set((parent, _args, ctx, info) =>
      readElsewhere.has(info.fieldNodes[0]!)
        ? stub(parent[field.name])
        : reference(schema, ctx, target, parent[field.name]),
    );
  else if (entityNamed(type.name)) set((parent) => parent[field.name]);
  else if (field.name === 'sums' && isPagePart(type)) set((parent) => (parent['sums'] as () => Promise<unknown>)());
  else if (field.name === 'totalCount' && isPagePart(type))
    set((parent) => (parent['total'] as () => Promise<number>)());
}

/** A record that the row names by type and id. */
function named(schema: GraphQLSchema, ctx: Context, value: unknown): unknown {
  const { type = '', id = null } = (value ?? {}) as { type?: string; id?: string | null };
  return nodeModels(schema).some(({ name }) => name === type) ? byId(schema, ctx, type, id) : null;
}

/** Fields of a rewritten operation of which only the id is wanted, because a compiled plan reads the record afterwards. */
export const readElsewhere = new WeakSet<FieldNode>();

const stub = (value: unknown): unknown => (typeof value === 'string' ? { id: value } : value);

function reference(schema: GraphQLSchema, ctx: Context, target: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? byId(schema, ctx, target, value) : value;
}

/** The page of a relation: the nodes are the records at its other end, the edges carry what the relation says of itself. */
function related(schema: GraphQLSchema, ctx: Context, list: string, node: string, found: Connection): Connection {
  const target = modelOf(listOf(list).entity).fields.get(node)!.refersTo!.name;
  const other = (link: Row): unknown => byId(schema, ctx, target, (link[node] ?? null) as string | null);
  const links = found.nodes as Row[];
  return {
    ...found,
    nodes: links.map(other),
    edges: links.map((link) => ({ ...link, cursor: link.__cursor!, node: other(link), link })),
  };
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
  asOf?: unknown,
): Promise<Row | null> {
  const key = parseKey(text);
  return key ? rowLoader(schema, ctx, type, deleted, asOf).load('id' in key ? key.id : String(key.number)) : null;
}

/** Where objects that are no records keep the arguments of the report that they are of, for the lists in them. */
const ofReport = Symbol('arguments of the report');

/** Aggregates over the rows of the tenant. */
async function report(
  ctx: Context,
  field: GraphQLField<never, Context>,
  spec: ReadSpec & { kind: 'report' },
  args: Record<string, unknown>,
): Promise<unknown> {
  const query = plainQuery(ctx);
  query.purpose = 'report';
  const { from, where, row } = query.ownTenant();
  const values: Arguments = (name) => new Value(query, () => args[name], args[name], [name]);
  const [found] = await askFor(
    ctx,
    query,
    `select ${fieldJson(field.type, spec.of(row, values), row, values)} from ${from} where ${where}`,
  );
  return JSON.parse(found![0]!, (_, value: unknown) =>
    typeof value === 'object' && value !== null ? Object.defineProperty(value, ofReport, { value: args }) : value,
  );
}

function rowLoader(
  schema: GraphQLSchema,
  ctx: Context,
  type: string,
  deleted = false,
  asOf?: unknown,
): DataLoader<string, Row | null> {
  return perRequest(
    ctx,
    `${deleted ? 'any ' : ''}row ${type} ${JSON.stringify(asOf ?? null)}`,
    () =>
      new DataLoader<string, Row | null>(async (keys) => {
        const query = plainQuery(ctx);
        const instant = asOfIn(new Value(query, () => asOf, asOf, ['asOf']));
        const { from, where, row } =
          instant === undefined
            ? query.rows(entityNamed(type)!, deleted)
            : rowsAsOf(query, entityNamed(type)!, instant);
        const ids = keys.filter((key) => key.includes('-'));
        const numbers = keys.filter((key) => !key.includes('-'));
        const wanted = [
          ids.length > 0 ? `${row.alias}.id = any(${query.constant(ids, 'uuid[]')})` : '',
          numbers.length > 0 ? `${row.alias}.number = any(${query.constant(numbers, 'int[]')})` : '',
        ].filter(Boolean);
        const rows = await askFor(
          ctx,
          query,
          `select row_to_json(r) from (select ${rowColumns(schema, row)} from ${from} where ${where} and (${wanted.join(' or ')})) r`,
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
  parent: Record<string, unknown>,
  args: Record<string, unknown>,
): Promise<unknown> {
  // a row of the past says of when it is
  const then = parent['__asOf'] as string | undefined;
  const loader = perRequest(
    ctx,
    `derived ${type.name} ${then ?? ''}`,
    () =>
      new DataLoader<DerivedKey, unknown, string>(
        async (keys) => {
          const query = plainQuery(ctx);
          // callers who may see deleted rows may have read this one as deleted
          const { from, where, row } =
            then === undefined
              ? query.rows(entityOf(type), ctx.rights.administer)
              : rowsAsOf(query, entityOf(type), query.constant(then, 'timestamptz'));
          const columns = new Map<string, string>();
          for (const key of keys) {
            const name = columnKey(key);
            if (!columns.has(name)) columns.set(name, derivedSql(key, row, query));
          }
          const names = [...columns.keys()];
          const list = names.map((name, index) => `${columns.get(name)} as "${index}"`).join(', ');
          const ids = [...new Set(keys.map((key) => key.id))];
          const rows = await askFor(
            ctx,
            query,
            `select ${row.alias}.id, row_to_json(r) from ${from} cross join lateral (select ${list}) r where ${where} and ${row.alias}.id = any(${query.constant(ids, 'uuid[]')})`,
          );
          const found = new Map(rows.map(([rowId, text]) => [rowId, JSON.parse(text!) as Record<string, unknown>]));
          return keys.map((key) => found.get(key.id)?.[names.indexOf(columnKey(key))] ?? null);
        },
        { cacheKeyFn: (key) => `${key.id} ${columnKey(key)}` },
      ),
  );
  return loader.load({ id: String(parent['id']), field, spec, args });
}

const columnKey = (key: DerivedKey): string => `${key.field.name} ${JSON.stringify(key.args)}`;

function derivedSql({ field, spec, args }: DerivedKey, row: RowScope, query: Query): string {
  const values: Arguments = (name) => new Value(query, () => args[name], args[name], [name]);
  if (spec.kind === 'sql') return leaf(field.type, spec.sql(row, values));
  if (spec.kind === 'embed') return embedJson(field.type, spec, row, values);
  if (spec.kind === 'listed') return fieldJson(field.type, spec.of(row, values), row, values);
  if (spec.kind === 'one') return spec.id(row, values);
  if (spec.kind === 'permission') return refusalSql(row, spec);
  if (spec.kind === 'single') return onlyId(entityNamed(getNamedType(field.type).name)!, spec, row);
  throw new Error(`A field of kind ${spec.kind} is not an expression.`);
}

/** Whether the caller may see it is asked where the record itself is read. */
function onlyId(entity: EntityClass, spec: ReadSpec & { kind: 'single' }, parent: RowScope): string {
  const { from, where, row } = parent.unscoped(entity);
  return `(select ${row.col('id')} from ${from} where ${where} and ${row.col(spec.by)} = ${parent.col('id')} and ${spec.where(row)})`;
}

/** Any record by its opaque id: one statement looks it up in every table that has ids of its own. */
export async function anyRecord(schema: GraphQLSchema, ctx: Context, text: string): Promise<Row | null> {
  const key = parseKey(text);
  if (!key) return null;
  if (!('id' in key)) throw refuse('BAD_REQUEST', ['id'], { reason: 'OPAQUE_ID' });
  const query = plainQuery(ctx);
  const id = query.constant(key.id, 'uuid');
  const parts = nodeModels(schema).map((model) => {
    const { from, where, row } = query.rows(model.type);
    return `select '${model.name}' from ${from} where ${where} and ${row.alias}.id = ${id}`;
  });
  const [found] = await askFor(ctx, query, parts.join(' union all '));
  return found ? byId(schema, ctx, found[0]!, key.id) : null;
}
