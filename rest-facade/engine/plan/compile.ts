import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { as } from '../shapes.js';
import type { Dialect, Leaf, Nested, Reads, Row } from '../types.js';
import type { Before, Data, Needs, Operation, Plan, ReadFirst, Source, Whole } from './plan.js';
import { readers, segments, Selection, shaped } from './selection.js';
import { pathOf, placesOf, targetsOf } from './targets.js';

/** Compiles a row against the schema. Throws an Error that names the row and what is wrong with it. */
export function compile(row: Row, dialect: Dialect, client: InProcessClient): Plan {
  try {
    const instead = Object.entries(row.instead ?? {}).flatMap(([field, rows]) =>
      rows.map(([value, other]) => ({ field, value, plan: compile(other, dialect, client) })),
    );
    return { ...new Compiler(row, dialect, client).plan(), ...(instead.length > 0 && { instead }) };
  } catch (error) {
    throw new Error(
      `${dialect.name}: ${row.method} ${row.pattern}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Where a row's shape begins. */
interface Spot {
  rows?: Plan['rows'];
  selection: Selection;
  isConnection: boolean;
  type: GraphQLObjectType;
  record: Plan['record'];
}

const pageArguments = ['first', 'offset'];

const ofTheLast = new Set([...pageArguments, 'after', 'filter', 'orderBy', 'input', 'version']);
/** Relations say of themselves what they say on the edges. */
function rowsOf(connection: GraphQLObjectType): Plan['rows'] {
  const edge = getNamedType(connection.getFields()['edges']?.type ?? connection);
  return isObjectType(edge) && 'link' in edge.getFields() ? 'edges' : 'nodes';
}

const isWrite = ({ kind }: Row): boolean =>
  kind === 'write' || kind === 'update' || kind === 'remove' || kind === 'batch';

class Compiler {
  private readonly offered: Set<string>;

  constructor(
    private readonly row: Row,
    private readonly dialect: Dialect,
    private readonly client: InProcessClient,
  ) {
    this.offered = new Set(
      this.shapes().flatMap(([, shape, base]) =>
        Object.values(shape).flatMap((field) => placesOf(field).map((place) => pathOf(place, base)[0]!)),
      ),
    );
    for (const name of this.implied()) this.offered.add(name);
  }

  plan(): Plan {
    const { row, dialect } = this;
    const { path, field } = this.operation();
    const selection = new Selection();
    const { below, read } = selection.add(path);
    const spot = isWrite(row) ? this.payload(field, below) : this.page(field, below);
    const reader = shaped(row.shape, spot.selection, dialect.plain);
    if (spot.isConnection) below.add('totalCount');
    const isVersioned = ['one', 'write', 'update'].includes(row.kind) && 'version' in spot.type.getFields();
    const version = isVersioned ? (spot.selection.add('version').read as Plan['version']) : () => undefined;
    const operation = this.store(isWrite(row) ? 'mutation' : 'query', selection);
    const needs = row.needs && this.needs(row.needs);
    const before = row.kind === 'update' ? this.before(field, operation) : undefined;
    const types = new Map([...(needs?.types ?? []), ...(before?.types ?? []), ...operation.types]);
    const targets = this.shapes().flatMap(([source, shape, base]) =>
      targetsOf(shape, source, base, types, dialect.plain),
    );
    this.checkArguments(operation);
    const plan: Plan = {
      ...operation,
      row,
      dialect,
      targets,
      result: read as Plan['result'],
      read: reader,
      record: spot.record,
      version,
      isConnection: spot.isConnection,
      rows: spot.rows ?? 'nodes',
      type: spot.type,
      description: field?.description ?? '',
      ...(needs && { needs }),
      ...(before && { before }),
      ...(row.reads && { reads: this.readFirst(row.reads) }),
    };
    return row.file ? { ...plan, whole: this.whole() } : plan;
  }

  /** Each source of values with its shape and where plain paths of it begin. */
  private shapes(): Array<[Source, NonNullable<Row['params'][Source]>, string[]]> {
    const { params, pattern } = this.row;
    const named = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => name!);
    const own = Object.fromEntries(
      named.map((name) => [name, this.dialect.key ? as(`$${name}`, this.dialect.key) : `$${name}`]),
    );
    const inside = isWrite(this.row) ? ['input'] : ['filter'];
    return [
      ['path', { ...own, ...params.path }, inside],
      ['query', params.query ?? {}, inside],
      ['headers', params.headers ?? {}, inside],
      ['body', params.body ?? {}, ['input']],
    ];
  }

  /** Variables that the engine itself fills. */
  private implied(): string[] {
    if (this.row.kind === 'list' || this.row.kind === 'all') return pageArguments;
    return isWrite(this.row) ? ['version'] : [];
  }

  /** The operation's path with its arguments put in, and the field at its end. */
  private operation(): { path: string; field: GraphQLField<unknown, unknown> | undefined } {
    const names = segments(this.row.operation);
    let type: GraphQLObjectType = (
      isWrite(this.row) ? this.client.schema.getMutationType() : this.client.schema.getQueryType()
    )!;
    let field: GraphQLField<unknown, unknown> | undefined;
    const path = names.map((name, index) => {
      field = this.fieldOf(type, /^\w+/.exec(name)?.[0] ?? name);
      if (index < names.length - 1) type = getNamedType(field.type) as GraphQLObjectType;
      return name === field.name ? this.called(field, index === names.length - 1) : name;
    });
    return { path: path.join('.'), field };
  }

  private fieldOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (!field) throw new Error(`${String(type)} has no field ${name}.`);
    return field;
  }

  /** The field with every argument that something is offered for. */
  private called(field: GraphQLField<unknown, unknown>, last: boolean): string {
    const taken = field.args
      .filter(({ name }) => this.offered.has(name) && (last || !ofTheLast.has(name)))
      .map(({ name }) => `${name}: $${name}`);
    return taken.length > 0 ? `${field.name}(${taken.join(', ')})` : field.name;
  }

  private page(field: GraphQLField<unknown, unknown> | undefined, below: Selection): Spot {
    const type = field && getNamedType(field.type);
    const isConnection = isObjectType(type) && 'nodes' in type.getFields() && 'totalCount' in type.getFields();
    const many = this.row.kind === 'list' || this.row.kind === 'all';
    if (many && !isConnection && !(field && isListType(getNullableType(field.type))))
      throw new Error(`${this.row.operation} gives no list.`);
    const rows = isConnection ? rowsOf(type) : 'nodes';
    const selection = isConnection && many ? below.add(rows).below : below;
    const item = isConnection && many ? getNamedType(type.getFields()[rows]!.type) : type;
    return {
      selection,
      isConnection: isConnection && many,
      rows,
      type: (item ?? this.client.schema.getQueryType()) as GraphQLObjectType,
      record: (data) => data,
    };
  }

  private payload(field: GraphQLField<unknown, unknown> | undefined, below: Selection): Spot {
    const type = getNamedType(field!.type) as GraphQLObjectType;
    if ('userErrors' in type.getFields())
      for (const name of ['code', 'message', 'field']) below.add(`userErrors.${name}`);
    if (this.row.kind === 'batch') return this.results(type, below);
    if (this.row.kind === 'remove' || this.row.record === '')
      return { selection: below, isConnection: false, type, record: (payload) => payload };
    const recordField = this.recordField(type);
    const { below: selection, read } = below.add(recordField.name);
    return {
      selection,
      isConnection: false,
      type: getNamedType(recordField.type) as GraphQLObjectType,
      record: read as Plan['record'],
    };
  }

  /** What came of each item of a batch: the shape lies in its record. */
  private results(payload: GraphQLObjectType, below: Selection): Spot {
    const { below: result } = below.add('results');
    const type = getNamedType(this.fieldOf(payload, 'results').type) as GraphQLObjectType;
    for (const name of ['index', 'userErrors.code', 'userErrors.message', 'userErrors.field']) result.add(name);
    if (Object.keys(this.row.shape).length === 0)
      return { selection: result, isConnection: false, type, record: () => null };
    const record = this.recordField(type);
    const { below: selection, read } = result.add(record.name);
    return {
      selection,
      isConnection: false,
      type: getNamedType(record.type) as GraphQLObjectType,
      record: read as Plan['record'],
    };
  }

  private recordField(payload: GraphQLObjectType): GraphQLField<unknown, unknown> {
    if (this.row.record) return this.fieldOf(payload, this.row.record);
    const records = Object.values(payload.getFields()).filter(
      ({ name, type }) => name !== 'userErrors' && isObjectType(getNamedType(type)),
    );
    if (records.length !== 1)
      throw new Error(`${payload.name} has ${records.length} records; say with \`record\` which one is meant.`);
    return records[0]!;
  }

  /** Reads those fields of the row's shape that its body may send back. */
  private before(mutation: GraphQLField<unknown, unknown> | undefined, { types }: Operation): Before {
    const { row, dialect } = this;
    const record = this.recordField(getNamedType(mutation!.type) as GraphQLObjectType);
    const field = this.fieldOf(this.client.schema.getQueryType()!, row.read ?? record.name);
    const selection = new Selection();
    const { below, read } = selection.add(this.called(field, true));
    const sendable = Object.fromEntries(
      Object.entries(row.shape).filter(([name]) => Object.hasOwn({ ...row.params.body, ...row.instead }, name)),
    );
    const fields = readers(sendable, below, dialect.plain);
    const values = new Map(
      Object.entries(sendable).map(
        ([name, one]) => [name, below.add(typeof one === 'string' ? one : ((one as Leaf).path ?? '')).read] as const,
      ),
    );
    const versioned = types.has('version') && 'version' in (getNamedType(field.type) as GraphQLObjectType).getFields();
    below.add(versioned ? 'version' : '__typename');
    return { ...this.store('query', selection), fields, values, record: read as Before['record'], versioned };
  }

  /** The same list without its count, along a cursor instead of by offset. */
  private whole(): Whole {
    this.offered.delete('offset');
    this.offered.add('after');
    const selection = new Selection();
    const { below, read } = selection.add(this.operation().path);
    const nodes = below.add('nodes');
    const cursor = below.add('pageInfo.endCursor').read;
    const reader = shaped(this.row.shape, nodes.below, this.dialect.plain);
    const portion: Whole['portion'] = (connection) => ({
      nodes: nodes.read(connection) as Data[],
      cursor: cursor(connection) as string | null,
    });
    return { ...this.store('query', selection), result: read as Plan['result'], portion, read: reader };
  }

  private readFirst({ list, shape }: Reads): ReadFirst {
    const selection = new Selection();
    const { below, read } = selection.add(`${list}(filter: { ids: $ids }, first: 500).nodes`);
    const [items] = Object.values(this.row.params.body!) as Nested[];
    const sendable = Object.entries(shape).filter(([name]) => Object.hasOwn(items!.shape, name));
    const fields = readers(Object.fromEntries(sendable), below, this.dialect.plain);
    for (const name of ['id', 'number']) below.add(name);
    return { ...this.store('query', selection), fields, records: read as ReadFirst['records'] };
  }

  private needs(paths: NonNullable<Row['needs']>): Needs {
    const selection = new Selection();
    const found = new Map<string, Needs['found'] extends ReadonlyMap<string, infer R> ? R : never>();
    for (const [parameter, path] of Object.entries(paths)) {
      const { below, read } = selection.add(path);
      below.add('__typename');
      found.set(parameter, read);
    }
    return { ...this.store('query', selection), found };
  }

  /** Finds the variables' types where they are used, declares them, and has the whole validated. */
  private store(kind: 'query' | 'mutation', selection: Selection): Operation {
    const text = `${kind} ${selection.toString()}`;
    const types = new Map<string, GraphQLInputType>();
    const typeInfo = new TypeInfo(this.client.schema);
    visit(
      parse(text),
      visitWithTypeInfo(typeInfo, {
        Variable({ name }) {
          const type = typeInfo.getInputType();
          if (type && !isNonNullType(types.get(name.value))) types.set(name.value, type);
        },
      }),
    );
    const declared = [...types].map(([name, type]) => `$${name}: ${String(type)}`).join(', ');
    return { stored: this.client.store(declared ? text.replace(kind, `${kind} (${declared})`) : text), types };
  }

  private checkArguments({ types }: Operation): void {
    for (const [name, type] of types)
      if (isNonNullType(type) && !this.offered.has(name)) throw new Error(`nothing fills $${name}.`);
    if (this.row.kind === 'list' && !pageArguments.every((name) => types.has(name)))
      throw new Error(`${this.row.operation} cannot be paged.`);
  }
}
