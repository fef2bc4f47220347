import {
  buildSchema,
  getNamedType,
  getNullableType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/** The schema that a text in the schema language is of, for what is below: other packages may have a GraphQL of their own. */
export const schemaOf = (text: string): GraphQLSchema => buildSchema(text);

/** Numbers that look random and are the same for the same seed. */
export class Random {
  constructor(private state: number) {}

  /** from 0, less than 1 (mulberry32) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** true once in so many throws */
  once(inSo: number): boolean {
    return this.below(inSo) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  some<T>(list: readonly T[], max: number): T[] {
    const left = [...list];
    return Array.from(
      { length: Math.min(1 + this.below(max), left.length) },
      () => left.splice(this.below(left.length), 1)[0]!,
    );
  }
}

/** An element of a list that is gone through again and again. */
export const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** Values that arguments are made of. */
export interface Words {
  ids: readonly string[];
  /** names of records that there are, by the conditions of filters that take them */
  named?: Readonly<Record<string, readonly string[]>>;
  texts: readonly string[];
  days: readonly string[];
  numbers: readonly string[];
}

/** A query and several sets of variables for it; the sets differ in what is absent, null, or has which members. */
export interface Written {
  query: string;
  variables: Array<Record<string, unknown>>;
}

/** Writes a valid random query over the schema: aliases, arguments, variables with and without defaults, fragments, directives, merged fields. */
export function randomQuery(schema: GraphQLSchema, words: Words, seed: number): Written {
  return new Writer(schema, words, new Random(seed)).query();
}

const variableSets = 3;

class Writer {
  private readonly declared: string[] = [];
  private readonly fragments: string[] = [];
  private readonly variables: Array<Record<string, unknown>> = Array.from({ length: variableSets }, () => ({}));
  private names = 0;
  private readonly sqlNames = [
    'r',
    't1',
    't2',
    't3',
    't4',
    'once',
    'page_t1',
    'page_t2',
    'f0',
    'row',
    'json',
    'select',
    'tenant_id',
  ];
  private budget = 60;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly words: Words,
    private readonly random: Random,
  ) {}

  query(): Written {
    const selection = this.selection(this.schema.getQueryType()!, 0);
    const head = this.declared.length > 0 ? `query Random(${this.declared.join(', ')})` : 'query Random';
    return { query: [`${head} ${selection}`, ...this.fragments].join('\n'), variables: this.variables };
  }

  /** A name for a field: now and then one that statements use themselves, each once in a query, so that no two fields get it. */
  private alias(): string {
    return (this.random.once(4) ? this.sqlNames.pop() : undefined) ?? this.name('a');
  }

  private name(prefix: string): string {
    this.names += 1;
    return `${prefix}${this.names}`;
  }

  /** `apart` gives every field a name of its own: under one key, fields of two types of an interface must be of one type. */
  private selection(type: GraphQLCompositeType, depth: number, apart = false): string {
    const parts: string[] = [];
    const fields = isObjectType(type) || 'getFields' in type ? Object.values(type.getFields()) : [];
    const wanted = this.random.some(this.reachable(fields, depth), depth === 0 ? 3 : 6);
    for (const field of wanted) parts.push(this.selected(type, field, depth, apart));
    if (this.random.once(6)) parts.push(this.random.once(2) ? '__typename' : `${this.name('y')}: __typename`);
    if (isAbstractType(type))
      for (const possible of this.random.some(this.schema.getPossibleTypes(type), 3))
        parts.push(`... on ${possible.name} ${this.selection(possible, depth + 1, true)}`);
    if (isObjectType(type) && depth > 0 && type.getInterfaces().length > 0 && this.random.once(8))
      parts.push(`... on ${type.getInterfaces()[0]!.name} { ${this.name('i')}: id }`);
    return `{ ${(parts.length > 0 ? parts : ['__typename']).join(' ')} }`;
  }

  /** Fields that may still be asked for: leaves always, objects while there is room. */
  private reachable(
    fields: Array<GraphQLField<unknown, unknown>>,
    depth: number,
  ): Array<GraphQLField<unknown, unknown>> {
    if (depth < 7 && this.budget > 0) return fields;
    return fields.filter(({ type, args }) => !isCompositeType(getNamedType(type)) && args.length === 0);
  }

  private selected(
    type: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    depth: number,
    apart: boolean,
  ): string {
    const text = this.field(field, depth, apart);
    if (depth === 0 || this.random.below(10) > 1) return text;
    if (this.random.once(2))
      return `... ${this.random.once(2) ? `on ${type.name} ` : ''}${this.directive()} { ${text} }`;
    const fragment = this.name('F');
    this.fragments.push(`fragment ${fragment} on ${type.name} { ${text} }`);
    return this.random.once(3) ? `...${fragment} ...${fragment}` : `...${fragment}${this.directive()}`;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number, apart: boolean): string {
    this.budget -= 1;
    const target = getNamedType(field.type);
    const args = this.args(field.args);
    // fields with arguments are always renamed: two of them under one key would not be valid
    const alias = args || apart || this.random.once(5) ? `${this.alias()}: ` : '';
    const start = `${alias}${field.name}${args}${this.directive()}`;
    if (!isCompositeType(target))
      return this.random.once(12) ? `${start} ${this.alias()}: ${field.name}${args}` : start;
    const twice = this.random.once(8) ? ` ${alias}${field.name}${args} ${this.selection(target, depth + 1)}` : '';
    const selected = this.selection(target, depth + 1);
    const again = this.random.once(16) ? ` ${this.alias()}: ${field.name}${args} ${selected}` : '';
    return `${start} ${selected}${twice}${again}`;
  }

  private directive(): string {
    if (this.random.below(12) > 0) return '';
    const name = this.random.of(['skip', 'include']);
    if (this.random.once(2)) return ` @${name}(if: ${this.random.once(2)})`;
    return ` @${name}(if: ${this.variable('Boolean!', () => this.random.once(2), false)})`;
  }

  /** A new variable with a value in each set; one that may be absent is left out of some. */
  private variable(type: string, value: () => unknown, optional: boolean, fallback = ''): string {
    const name = this.name('v');
    this.declared.push(`$${name}: ${type}${fallback}`);
    for (const set of this.variables) if (!optional || this.random.below(4) > 0) set[name] = value();
    return `$${name}`;
  }

  private args(declared: readonly GraphQLArgument[]): string {
    const paging = this.random.of([
      ['first', 'after'],
      ['first'],
      ['last'],
      ['first', 'offset'],
      ['last', 'before'],
      [],
      ['first', 'last'],
    ]);
    const given = declared.filter(
      ({ name, type }) =>
        isNonNullType(type) ||
        (['first', 'after', 'last', 'before', 'offset'].includes(name)
          ? paging.includes(name) && !(/after|before/.test(name) && this.random.below(4) > 0)
          : this.random.once(name === 'deleted' ? 8 : 2)), // only those who administer may ask for deleted ones
    );
    if (given.length === 0) return '';
    return `(${given.map((argument) => `${argument.name}: ${this.argument(argument)}`).join(', ')})`;
  }

  private argument({ name, type }: GraphQLArgument): string {
    const value = (): unknown => this.value(type, name);
    if (this.random.once(2)) return literal(value(), type);
    const optional = !isNonNullType(type);
    const fallback = optional && this.random.once(4) ? ` = ${literal(value(), type)}` : '';
    return this.variable(String(type), value, optional, fallback);
  }

  private value(type: GraphQLInputType, name: string): unknown {
    if (!isNonNullType(type) && this.random.once(9)) return null;
    const bare = getNullableType(type);
    if (isListType(bare)) {
      const words = this.namesFor(name, getNamedType(bare).name);
      if (words)
        return Array.from({ length: Math.min(this.random.below(3), words.length) }, () => this.random.of(words));
      return Array.from({ length: this.random.below(4) }, () => this.value(bare.ofType, name));
    }
    if (isEnumType(bare)) return this.random.of(bare.getValues()).name;
    if (isInputObjectType(bare) && bare.isOneOf) {
      const [field] = this.random.some(Object.values(bare.getFields()), 1);
      return { [field!.name]: this.scalar(getNamedType(field!.type).name, field!.name) };
    }
    if (isInputObjectType(bare)) {
      const fields = Object.values(bare.getFields()).filter((field) => isNonNullType(field.type));
      const chosen = new Set([...fields, ...this.random.some(Object.values(bare.getFields()), 3)]);
      return Object.fromEntries([...chosen].map((field) => [field.name, this.value(field.type, field.name)]));
    }
    return this.scalar(isScalarType(bare) ? bare.name : '', name);
  }

  /** What a filter names is there as a rule: else little is left of the query. Undefined for what names nothing, and now and then. */
  private namesFor(name: string, type: string): readonly string[] | undefined {
    const { named } = this.words;
    const names = (type === 'ID' && name !== 'ids') || name === 'tag';
    return named && names && !this.random.once(12) ? (named[name] ?? []) : undefined;
  }

  private scalar(type: string, name: string): unknown {
    if (type === 'Int')
      return name === 'first' || name === 'last'
        ? this.random.of([0, 1, 2, 3, 5, 20, 50, this.random.once(10) ? 501 : 4])
        : this.random.of([0, 1, 2, 5, 10, 40, this.random.once(8) ? -1 : 3]);
    if (type === 'Boolean') return this.random.once(2);
    if (type === 'ID') return this.random.of(this.words.ids);
    if (type === 'Date') return this.random.of(this.words.days);
    if (type === 'DateTime') return this.random.of(['2020-02-29T23:59:59Z', '2026-03-01T00:00:00+08:00']);
    if (type === 'Decimal') return this.random.of(this.words.numbers);
    return this.random.of(this.words.texts);
  }
}

/** The fields that a document selects, as `Type.field`. */
export function fieldsIn(schema: GraphQLSchema, document: DocumentNode): Set<string> {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: () => {
        const [parent, field] = [info.getParentType(), info.getFieldDef()];
        if (parent && field && !field.name.startsWith('__')) found.add(`${parent.name}.${field.name}`);
      },
    }),
  );
  return found;
}

/** Every field of every object that a query can reach, as `Type.field`. */
export function fieldsBelow(schema: GraphQLSchema): Set<string> {
  const found = new Set<string>();
  const types = new Set<GraphQLNamedType>([schema.getQueryType()!]);
  for (const type of types) {
    if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) types.add(possible);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      found.add(`${type.name}.${field.name}`);
      types.add(getNamedType(field.type));
    }
  }
  return found;
}

/** A value as GraphQL writes it in a query. */
function literal(value: unknown, type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (value === null) return 'null';
  if (isListType(bare)) return `[${(value as unknown[]).map((part) => literal(part, bare.ofType)).join(', ')}]`;
  if (isInputObjectType(bare))
    return `{${Object.entries(value as object)
      .map(([name, part]) => `${name}: ${literal(part, bare.getFields()[name]!.type)}`)
      .join(', ')}}`;
  return isEnumType(bare) ? String(value) : JSON.stringify(value);
}

/** The selection of all there is in a report; of the lists of records in it only what is said. */
export function everythingOf(of: GraphQLOutputType, ofLists = '{ totalCount nodes { id } }'): string {
  const type = getNamedType(of);
  if (isInterfaceType(type)) return '{ id }';
  if (!isObjectType(type)) return '';
  const fields = type.getFields();
  if (fields['nodes']) return ofLists;
  if (type.getInterfaces().length > 0) return '{ id }';
  return `{ ${Object.values(fields)
    .map(({ name, type: inner }) => `${name} ${everythingOf(inner, ofLists)}`)
    .join(' ')} }`;
}
