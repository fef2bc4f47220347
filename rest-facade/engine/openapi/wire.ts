import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { type JsonSchema, merged, nullable, objectOf, schemaOf } from '../json-schema.js';
import type { Target } from '../plan/plan.js';
import { segments } from '../plan/selection.js';
import { forRest } from './texts.js';
import type { Call, Converter, Derived, Dialect, Field, Shape } from '../types.js';

/** How a value looks, with one that looks so. */
export interface Described {
  schema: JsonSchema;
  sample: unknown;
  /** the same for callers who may see as little as possible */
  hidden?: unknown;
}

/** Sample texts, by the graph's name of the field. */
const texts: Readonly<Record<string, string>> = {
  name: '华信科技',
  email: 'li.na@huaxin.example',
  phone: '13800138000',
  mobile: '13800138000',
  fax: '021-68880000',
  industry: '软件',
  region: '华东',
  address: '上海市浦东新区世纪大道 100 号',
  website: 'https://huaxin.example',
  fileUrl: 'https://huaxin.example/contract.pdf',
  position: '采购经理',
  department: '采购部',
  currency: 'CNY',
  login: 'sales',
  code: 'CUST-20260301-0001',
  accountNo: 'ACC001',
};

/** Values of the graph's scalars, in the form that its answers have. */
const scalars: Readonly<Record<string, unknown[]>> = {
  Boolean: [true, false],
  Int: [7],
  Float: [12.5],
  ID: ['01957d3c-8f5e-7b6a-9c1d-2e3f4a5b6c7d'],
  Date: ['2026-03-01'],
  DateTime: ['2026-03-01T08:30:00.000Z'],
  Decimal: ['1234.56'],
  Percent: [12.5],
};

const request: Call['request'] = {
  method: 'GET',
  path: '/',
  url: '/',
  origin: 'http://localhost',
  headers: {},
  params: {},
  query: {},
  body: {},
  requestId: '3f1c9a52-6f0e-4c39-9a57-1d2f6b7c8e90',
};

const user = { id: scalars['ID']![0], number: 7, login: 'sales', name: '李娜' };
const tenant = {
  id: scalars['ID']![0],
  number: 1,
  code: 'demo',
  name: '演示租户',
  timeZone: 'Asia/Shanghai',
  currency: 'CNY',
};

const callWith = (rights: object): Call => ({
  ctx: { user, tenant, rights, roles: ['tenant_admin'] } as unknown as Call['ctx'],
  request,
});

/** The call that samples are made with: of somebody who may see everything. */
export const sampleCall = callWith({
  see: 'all',
  write: 'all',
  contactData: 'all',
  amounts: 'all',
  audit: true,
  export: true,
  administer: true,
});

const calls = [sampleCall, callWith({})];

/** What the function gives; nothing where a sample is no fair value for it. */
function attempt(give: () => unknown): unknown {
  try {
    return give();
  } catch {
    return undefined;
  }
}

const samplesOf = (type: GraphQLNamedType, name: string): unknown[] =>
  isEnumType(type)
    ? type.getValues().map((value) => value.name)
    : (scalars[type.name] ?? (type.name === 'String' ? [texts[name] ?? '文本'] : []));

/** How values of a graph type look behind a converter: derived from samples, for callers with all rights and with none. */
function leaf(converter: Converter, type: GraphQLNamedType, name: string, isNullable: boolean): Described {
  const values = calls
    .flatMap((call) => samplesOf(type, name).map((value) => attempt(() => converter.out(value, call))))
    .filter((value) => value !== undefined);
  const shown = [...new Set(values)];
  const isClosed =
    (isEnumType(type) || type.name === 'Boolean') &&
    shown.every((value) => typeof value !== 'boolean' && value !== null);
  const base = shown
    .map((value) => schemaOf(value))
    .map((schema) => (isClosed && shown.length > 0 ? { type: schema.type! } : schema))
    .reduce<JsonSchema>(merged, {});
  const present = isClosed && shown.length > 0 ? { ...base, enum: shown } : base;
  const absent = isNullable ? [...new Set(calls.map((call) => attempt(() => converter.out(null, call))))] : [];
  return {
    schema: absent.reduce<JsonSchema>(orAbsent, present),
    sample: values[0] ?? null,
    hidden: isNullable ? (absent.at(-1) ?? null) : (values[0] ?? null),
  };
}

function orAbsent(schema: JsonSchema, value: unknown): JsonSchema {
  if (value === undefined || Object.keys(schema).length === 0) return schema;
  if (value === null) return nullable(schema);
  const own = schemaOf(value);
  const fits = [schema.type].flat().includes(own.type as string) && !schema.enum && !schema.format;
  return fits ? schema : { anyOf: [...(schema.anyOf ?? [schema]), { ...own, enum: [value] }] };
}

/** Describes answers and requests of one dialect, and collects the schemas that have names. */
export class Wire {
  readonly schemas: Record<string, JsonSchema> = {};
  /** schema of every object and list in samples, by identity */
  readonly known = new Map<unknown, JsonSchema>();
  private readonly names: ReadonlyMap<Shape, string>;

  constructor(
    private readonly dialect: Dialect,
    /** where named schemas lie in the document */
    private readonly place: (name: string) => string,
    private readonly graph: Pick<InProcessClient, 'schema' | 'maxLengthOf'>,
  ) {
    this.names = new Map(
      Object.entries(dialect.schemas ?? {}).flatMap(([name, shapes]) =>
        ([shapes].flat() as Shape[]).map((shape) => [shape, name] as const),
      ),
    );
  }

  /** A record of the graph in the form of a shape. */
  answer(shape: Shape, type: GraphQLObjectType): Described {
    const wire = wireNames(shape);
    const fields = Object.entries(shape).map(([name, field]) => [name, this.field(field, type, wire)] as const);
    const sample = Object.fromEntries(fields.map(([name, { sample: value }]) => [name, value]));
    const schema = this.named(shape, objectOf(fields.map(([name, described]) => [name, described.schema])));
    const hidden = Object.fromEntries(fields.map(([name, described]) => [name, described.hidden ?? described.sample]));
    this.known.set(sample, schema).set(hidden, schema);
    return { schema, sample, hidden };
  }

  private named(shape: Shape, schema: JsonSchema): JsonSchema {
    const name = this.names.get(shape);
    if (name === undefined) return schema;
    const before = this.schemas[name];
    this.schemas[name] = before ? merged(before, schema) : schema;
    return { $ref: this.place(name) };
  }

  private field(field: Field, type: GraphQLObjectType, wire: ReadonlyMap<string, string>): Described {
    if (typeof field === 'string') return this.leaf(field, this.dialect.plain, type, wire);
    switch (field.kind) {
      case 'leaf':
        return this.leaf(field.path, field.converter ?? this.dialect.plain, type, wire);
      case 'computed': {
        const sample = attempt(() => field.value(sampleCall)) ?? null;
        return { sample, schema: field.wire ?? (sample === null ? {} : schemaOf(sample)) };
      }
      case 'derived':
        return this.derived(field, type);
      case 'object':
      case 'list':
        return this.nested(field.kind, field.path, field.shape, type);
    }
  }

  private leaf(
    path: string,
    converter: Converter,
    type: GraphQLObjectType,
    wire: ReadonlyMap<string, string>,
  ): Described {
    const end = follow(type, path);
    const one = leaf(converter, end.type, end.name, end.isNullable && !end.isList);
    const { schema, sample } = end.isList
      ? { schema: { type: 'array', items: one.schema }, sample: [one.sample] }
      : one;
    const description = forRest(end.description, this.graph.schema, wire, one.schema.enum);
    return {
      sample,
      ...(!end.isList && { hidden: one.hidden }),
      schema: { ...schema, ...(description && { description }) },
    };
  }

  private nested(kind: 'object' | 'list', path: string, shape: Shape, type: GraphQLObjectType): Described {
    const end = follow(type, path);
    const { schema, sample, hidden } = this.answer(shape, end.type as GraphQLObjectType);
    if (kind === 'object') return { sample, hidden, schema: end.isNullable || end.isList ? nullable(schema) : schema };
    const listed = { schema: { type: 'array', items: schema }, sample: [sample], hidden: [hidden] };
    this.known.set(listed.sample, listed.schema).set(listed.hidden, listed.schema);
    return listed;
  }

  private derived({ from, out, wire }: Derived, type: GraphQLObjectType): Described {
    const parts = Object.entries(from).map(([name, path]) => {
      const end = follow(type, path);
      const [first = null] = samplesOf(end.type, end.name);
      return { name, end, value: end.isList ? [first] : first };
    });
    const made = (values: ReadonlyArray<readonly [string, unknown]>): unknown =>
      attempt(() => out(Object.fromEntries(values), sampleCall));
    const sample = made(parts.map(({ name, value }) => [name, value]));
    const without = made(parts.map(({ name, end, value }) => [name, end.isNullable && !end.isList ? null : value]));
    const isOpen = sample !== null && typeof sample === 'object';
    const seen = isOpen
      ? Array.isArray(sample)
        ? { type: 'array', items: {} }
        : { type: 'object' }
      : merged(schemaOf(sample ?? undefined), schemaOf(without));
    return { sample: sample ?? null, schema: wire ?? seen };
  }

  /** What a client sends for a target; a body's fields may be null where they need not be sent. */
  sent(
    target: Target,
    type: GraphQLInputType,
    field?: GraphQLInputField,
    wire: ReadonlyMap<string, string> = new Map(),
  ): Described {
    const { fields, converter, maxItems } = target;
    const bare = getNullableType(type);
    const isList = isListType(bare);
    const one = fields
      ? this.fields(fields, isList ? (bare.ofType as GraphQLInputType) : type)
      : this.bounded(this.value(converter, getNamedType(type), target.path.at(-1)!), field);
    const { schema, sample } = isList
      ? {
          schema: { type: 'array', items: one.schema, ...(maxItems !== undefined && { maxItems }) },
          sample: [one.sample],
        }
      : one;
    const isFree = target.source === 'body' && !isDemanded(target);
    const description = forRest(field?.description ?? '', this.graph.schema, wire, one.schema.enum);
    return {
      sample,
      schema: {
        ...(isFree ? nullable(schema) : schema),
        ...(description && { description }),
        ...(isPlain(target.unset) && { default: isList ? [target.unset] : target.unset }),
      },
    };
  }

  /** The same with the number of characters that its column, or the purpose of the text, allows. */
  private bounded(described: Described, field: GraphQLInputField | undefined): Described {
    const { schema } = described;
    if (!field || ![schema.type].flat().includes('string') || schema.enum || schema.format) return described;
    const maxLength = this.graph.maxLengthOf(field);
    return maxLength === undefined ? described : { ...described, schema: { ...schema, maxLength } };
  }

  /** The schema of a body, by its name where it has one. */
  body(shape: Shape, schema: JsonSchema): JsonSchema {
    return this.named(shape, schema);
  }

  private fields(fields: readonly Target[], type: GraphQLInputType): Described {
    const wire = wireNames(Object.fromEntries(fields.map((field) => [field.wire, field.path.join('.')])));
    const described = fields.map(
      (field) => [field, this.sent(field, field.type, inputField(type, field.path), wire)] as const,
    );
    return {
      schema: objectOf(
        described.map(([{ wire }, { schema }]) => [wire, schema]),
        fields.filter(isDemanded).map(({ wire }) => wire),
      ),
      sample: Object.fromEntries(described.map(([{ wire }, { sample }]) => [wire, sample])),
    };
  }

  private value(converter: Converter, type: GraphQLNamedType, name: string): Described {
    // a list of orders is sent as one text, which only its converter understands
    if (isInputObjectType(type))
      return { schema: converter.wire ?? { type: 'string' }, sample: converter.wire?.enum?.[0] ?? '' };
    const { schema, sample } = leaf(converter, type, name, false);
    // what is masked in answers is sent as it is
    return { schema: converter.wire ?? schema, sample: texts[name] ?? sample };
  }
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Whether a request without it is refused. */
export const isDemanded = ({ required, type, unset, partOf }: Target): boolean =>
  required || (isNonNullType(type) && unset === undefined && !partOf);

/** Where a path of fields ends. */
interface End {
  type: GraphQLNamedType;
  name: string;
  isNullable: boolean;
  isList: boolean;
  description: string;
}

function follow(from: GraphQLObjectType, path: string): End {
  return segments(path).reduce<End>(
    (at, segment) => {
      const name = /^\w+/.exec(segment)![0];
      const field = isObjectType(at.type) ? at.type.getFields()[name] : undefined;
      if (!field) throw new Error(`${at.type.name} has no field ${name}.`);
      return {
        type: getNamedType(field.type),
        name,
        isNullable: at.isNullable || (!isNonNullType(field.type) && !isWholeAnswer(at.type, field)),
        isList: at.isList || isListType(getNullableType(field.type)),
        description: field.description ?? '',
      };
    },
    { type: from, name: '', isNullable: false, isList: false, description: '' },
  );
}

/** Whether a field is a list or a report of the root: it is null with an error only, and that is what is answered then. */
const isWholeAnswer = (of: GraphQLNamedType, { args }: GraphQLField<unknown, unknown>): boolean =>
  of.name === 'Query' && !args.some(({ name }) => name === 'id');

/** The field of an input that a path leads to. */
export function inputField(type: GraphQLInputType | undefined, path: readonly string[]): GraphQLInputField | undefined {
  let at = type && getNamedType(type);
  let field: GraphQLInputField | undefined;
  for (const name of path) {
    field = isInputObjectType(at) ? at.getFields()[name] : undefined;
    if (!field) return undefined;
    at = getNamedType(field.type);
  }
  return field;
}

/** Names on the wire by the names that the graph has for them. */
export const wireNames = (shape: Shape): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(shape).flatMap(([wire, field]) => {
      const path = typeof field === 'string' ? field : 'path' in field ? field.path : '';
      const last = segments(path).at(-1);
      return last ? [[last, wire] as const] : [];
    }),
  );
