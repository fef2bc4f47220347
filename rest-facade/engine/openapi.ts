import { getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isObjectType, type GraphQLField, type GraphQLNamedType, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema, type GraphQLType } from 'graphql';
import type { Plan } from './compile.js';
import type { Dialect } from './dialect.js';
import type { Row } from './rows.js';
import { segments } from './select.js';
import type { Converter, Member, Shape, WireSchema } from './shapes.js';
import type { Target } from './targets.js';

/** What a dialect says of itself where its rows cannot: everything else of its document is made from them. */
export interface Documentation {
  /** version of OpenAPI */
  openapi: '3.1.0' | '3.0.3';
  title: string;
  /** version of the interface */
  version: string;
  /** absolute paths under which the document lies */
  paths: readonly string[];
  /** absolute paths of pages that show it; each begins the document's own path, which is the first of `paths` */
  pages: readonly string[];
  /** the body of an answer with this value */
  success?: (value: WireSchema) => WireSchema;
  /** the body of a page with these items */
  page: (item: WireSchema) => WireSchema;
  error: WireSchema;
  /** statuses with which requests are refused */
  refusals: readonly number[];
  /** headers that every request may carry */
  headers?: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

/** Makes the OpenAPI document of a dialect from its compiled rows and the graph's types. */
export function openapi(dialect: Dialect, plans: readonly Plan[], schema: GraphQLSchema): Json {
  const about = dialect.document!;
  const paths: Record<string, Json> = {};
  for (const plan of plans) (paths[pathOf(plan.row)] ??= {})[plan.row.method.toLowerCase()] = operation(plan, schema, about);
  return {
    openapi: about.openapi,
    info: { title: about.title, version: about.version },
    servers: [{ url: dialect.mounts[0]!.base || '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(plans.map(({ row }) => tagOf(row)))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Error: about.error },
    },
  };
}

const pathOf = ({ pattern }: Row): string => pattern.replace(/:(\w+)/g, '{$1}');
const tagOf = ({ pattern }: Row): string => pattern.split('/')[1] || 'root';

/** Unique and stable: `GET /customers/:id` is `getCustomersById`. */
const idOf = ({ method, pattern }: Row): string =>
  method.toLowerCase() +
  pattern
    .split('/')
    .filter(Boolean)
    .map((part) => (part.startsWith(':') ? `By-${part.slice(1)}` : part))
    .join('-')
    .replace(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/[^\w]/g, '');

function operation(plan: Plan, schema: GraphQLSchema, about: Documentation): Json {
  const { row, targets } = plan;
  const inBody = targets.filter(({ source }) => source === 'body');
  return {
    operationId: idOf(row),
    tags: [tagOf(row)],
    summary: row.message ?? fieldOf(row, schema)?.description ?? `${row.method} ${row.pattern}`,
    parameters: parameters(plan, about),
    ...(inBody.length > 0 && { requestBody: { required: inBody.some(({ required }) => required), content: { 'application/json': { schema: inputs(inBody, about) } } } }),
    responses: {
      [row.status ?? 200]: { description: 'Success', content: { 'application/json': { schema: answer(plan, schema, about) }, ...(row.file && { 'text/csv': { schema: { type: 'string' } } }) } },
      ...Object.fromEntries(about.refusals.map((status) => [status, { description: 'Refused', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }])),
    },
  };
}

function parameters(plan: Plan, about: Documentation): Json[] {
  const { row, targets, dialect } = plan;
  const named = new Set([...row.pattern.matchAll(/:(\w+)/g)].map(([, name]) => name));
  const places = { path: 'path', query: 'query', headers: 'header' } as const;
  const own = distinct(targets.filter(({ source, wire }) => source !== 'body' && (source !== 'path' || named.has(wire)))).map((target) => ({
    name: target.wire,
    in: places[target.source as keyof typeof places],
    required: target.source === 'path' || target.required,
    schema: input(target, about),
  }));
  const known = new Set(own.map(({ name }) => name));
  const missing = [...named].filter((name) => !known.has(name!)).map((name) => ({ name: name!, in: 'path', required: true, schema: { type: 'string' } }));
  const paging = { ...dialect.paging, ...row.paging };
  const pages = row.kind === 'list' ? [
    { name: paging.page, in: 'query', required: false, schema: { type: 'integer', minimum: 1, default: 1 } },
    ...paging.size.map((name) => ({ name, in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: paging.most, default: paging.usual } })),
  ] : [];
  const format = row.file ? [{ name: 'format', in: 'query', required: false, schema: { type: 'string' } }] : [];
  const headers = Object.entries(about.headers ?? {}).filter(([name]) => !known.has(name.toLowerCase())).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } }));
  return [...own, ...missing, ...pages, ...format, ...headers];
}

/** Each wire name once, however many places it fills. */
const distinct = (targets: readonly Target[]): Target[] => targets.filter(({ wire, source }, index) => targets.findIndex((other) => other.wire === wire && other.source === source) === index);

function inputs(targets: readonly Target[], about: Documentation): WireSchema {
  const own = distinct(targets);
  const required = own.filter((target) => target.required).map(({ wire }) => wire);
  return { type: 'object', properties: Object.fromEntries(own.map((target) => [target.wire, input(target, about)])), ...(required.length > 0 && { required }) };
}

function input(target: Target, about: Documentation): WireSchema {
  const listed = isListType(getNullableType(target.type));
  if (target.members) {
    const item = inputs(target.members, about);
    return listed ? { type: 'array', items: item, ...(target.most !== undefined && { maxItems: target.most }) } : item;
  }
  const item = wireOf(target.converter, getNamedType(target.type), true);
  return listed && target.source === 'body' ? { type: 'array', items: item } : item;
}

/** How a value of the graph looks on the wire: as the converter says; where it does not, as the graph's type has it. */
function wireOf(converter: Converter | undefined, type: GraphQLNamedType, isPlain: boolean): WireSchema {
  if (converter?.wire) return converter.wire;
  return isPlain ? scalar(type) : {};
}

const scalars: Record<string, WireSchema> = {
  Int: { type: 'integer' },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time' },
  Date: { type: 'string', format: 'date' },
};

function scalar(type: GraphQLNamedType): WireSchema {
  if (isEnumType(type)) return { type: 'string', enum: type.getValues().map(({ name }) => name) };
  if (isObjectType(type) || isInputObjectType(type)) return { type: 'object' };
  return scalars[type.name] ?? { type: 'string' };
}

function answer(plan: Plan, schema: GraphQLSchema, about: Documentation): WireSchema {
  const { row, dialect } = plan;
  const item = row.answers ?? (row.answer || row.finish ? {} : shaped(row.shape, recordType(row, schema), dialect.plain, about));
  if (row.kind === 'list') return about.page(item);
  const value = row.kind === 'all' && !row.answers ? { type: 'array', items: item } : item;
  return about.success?.(value) ?? value;
}

function shaped(shape: Shape, type: GraphQLObjectType | null, plain: Converter, about: Documentation): WireSchema {
  return { type: 'object', properties: Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, memberOf(member, type, plain, about)])) };
}

function memberOf(member: Member, type: GraphQLObjectType | null, plain: Converter, about: Documentation): WireSchema {
  if (typeof member === 'string') return described(member, undefined, type, plain, about);
  switch (member.kind) {
    case 'leaf':
      return described(member.path, member.converter, type, plain, about);
    case 'told':
    case 'derived':
      return member.wire ?? {};
    case 'object':
    case 'list': {
      const below = fieldAt(type, member.path);
      const target = member.path === '' ? type : below && getNamedType(below.type);
      const item = shaped(member.shape, isObjectType(target) ? target : null, plain, about);
      return member.kind === 'list' ? { type: 'array', items: item } : item;
    }
  }
}

function described(path: string, converter: Converter | undefined, type: GraphQLObjectType | null, plain: Converter, about: Documentation): WireSchema {
  const field = fieldAt(type, path);
  if (!field) return converter?.wire ?? {};
  const wire = wireOf(converter ?? (plain.wire ? plain : undefined), getNamedType(field.type), converter === undefined || converter === plain);
  const listed = isListOf(field.type) && !converter?.wire ? { type: 'array', items: wire } : wire;
  const whole = about.openapi === '3.1.0' || !('$ref' in listed) ? listed : wire;
  return field.description ? { ...whole, description: field.description } : whole;
}

const isListOf = (type: GraphQLOutputType): boolean => isListType(getNullableType(type as GraphQLType));

/** The field at the end of a path, arguments aside. */
function fieldAt(type: GraphQLObjectType | null, path: string): GraphQLField<unknown, unknown> | undefined {
  let at: GraphQLNamedType | null = type;
  let field: GraphQLField<unknown, unknown> | undefined;
  for (const segment of segments(path)) {
    field = isObjectType(at) ? at.getFields()[/^\w+/.exec(segment)?.[0] ?? ''] : undefined;
    if (!field) return undefined;
    at = getNamedType(field.type);
  }
  return field;
}

const reads = new Set<Row['kind']>(['list', 'all', 'one']);

const rootOf = ({ kind }: Row, schema: GraphQLSchema): GraphQLObjectType => (reads.has(kind) ? schema.getQueryType() : schema.getMutationType())!;
const fieldOf = (row: Row, schema: GraphQLSchema): GraphQLField<unknown, unknown> | undefined => fieldAt(rootOf(row, schema), row.operation);

/** The type in which the row's shape lies. */
function recordType(row: Row, schema: GraphQLSchema): GraphQLObjectType | null {
  const field = fieldOf(row, schema);
  const type = field ? getNamedType(field.type) : rootOf(row, schema);
  if (!isObjectType(type)) return null;
  if (reads.has(row.kind)) return row.kind !== 'one' && 'nodes' in type.getFields() ? objectAt(type, 'nodes') : type;
  if (row.kind === 'remove' || row.record === '') return type;
  const holder = row.kind === 'batch' ? objectAt(type, 'results') : type;
  return row.record ? objectAt(holder, row.record) : onlyRecord(holder);
}

function objectAt(type: GraphQLObjectType | null, path: string): GraphQLObjectType | null {
  const field = fieldAt(type, path);
  const found = field && getNamedType(field.type);
  return isObjectType(found) ? found : null;
}

const onlyRecord = (type: GraphQLObjectType | null): GraphQLObjectType | null =>
  Object.values(type?.getFields() ?? {})
    .filter(({ name }) => name !== 'userErrors')
    .map((field) => getNamedType(field.type))
    .find(isObjectType) ?? null;
