import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql';
import { hostileTexts, hostileValues } from './hostile.js';
import { Random } from './operations.js';

/** An operation with one field at its root, whose arguments are anything. */
export interface Generated {
  query: string;
  variables: Record<string, unknown>;
}

const numbers = [0, 1, -1, 50, 501, 1.5, 2_147_483_647, 2_147_483_648, -2_147_483_649, 1e15, 1e308, 2 ** 53];

/** Writes operations of which each argument is what the schema describes, or close to it, or anything else. */
export class HostileWriter {
  private declared: string[] = [];
  private variables: Record<string, unknown> = {};

  constructor(
    private readonly ids: readonly string[],
    private readonly random: Random,
  ) {}

  /** An operation of the kind (`query`, `mutation` or `subscription`) that asks for this field. */
  operation(kind: string, field: GraphQLField<unknown, unknown>): Generated {
    this.declared = [];
    this.variables = {};
    const root = this.field(field, 0);
    const head = this.declared.length > 0 ? `${kind} (${this.declared.join(', ')})` : kind;
    return { query: `${head} { ${root} }`, variables: this.variables };
  }

  private field({ name, args, type }: GraphQLField<unknown, unknown>, depth: number): string {
    const given = args.filter(
      (argument) => this.random.once(2) || (isNonNullType(argument.type) && !this.random.once(12)),
    );
    const written = given.map((argument) => `${argument.name}: ${this.argument(argument.type)}`).join(', ');
    return `${depth > 0 && written ? `x${this.random.below(1e9)}: ` : ''}${name}${written && `(${written})`}${this.selection(type, depth)}`;
  }

  private argument(type: GraphQLInputType): string {
    const value = this.value(type);
    if (this.random.once(2)) return literal(value, type);
    const name = `v${this.declared.length}`;
    // now and then a variable of another type than the argument, without a value, or with a default one
    const declared = this.random.once(20) ? this.random.of(['String', 'Int', '[ID!]', 'Boolean!']) : String(type);
    this.declared.push(`$${name}: ${declared}${this.random.once(15) ? ` = ${literal(this.value(type), type)}` : ''}`);
    if (!this.random.once(15)) this.variables[name] = value;
    return `$${name}`;
  }

  /** Leaves, and a few of what lies below, with arguments of their own. */
  private selection(type: GraphQLOutputType, depth: number): string {
    const target = getNamedType(type);
    if (!isCompositeType(target)) return '';
    if (!isObjectType(target)) return ' { __typename }';
    const fields = Object.values(target.getFields());
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)) && field.args.length === 0);
    const others = fields.filter((field) => !leaves.includes(field));
    const shown = [
      ...this.random.some(leaves, 4).map(({ name }) => name),
      ...(depth < 4 && others.length > 0
        ? this.random.some(others, 3).map((field) => this.field(field, depth + 1))
        : []),
    ];
    return ` { ${shown.length > 0 ? shown.join(' ') : '__typename'} }`;
  }

  private value(type: GraphQLInputType, depth = 0): unknown {
    if (this.random.once(9)) return this.anything();
    if (!isNonNullType(type) && this.random.once(12)) return null;
    const bare = getNullableType(type);
    if (isListType(bare))
      return this.random.once(40)
        ? Array.from({ length: 600 }, () => this.value(bare.ofType, 9))
        : Array.from({ length: this.random.below(3) }, () => this.value(bare.ofType, depth + 1));
    if (isEnumType(bare)) return new Name(this.random.of(bare.getValues()).name);
    if (isInputObjectType(bare)) {
      const fields = Object.values(bare.getFields());
      const chosen = fields.filter((field) =>
        isNonNullType(field.type) ? !this.random.once(12) : this.random.below(fields.length) < (depth > 3 ? 1 : 3),
      );
      return Object.fromEntries(
        (bare.isOneOf ? this.random.some(fields, 1) : chosen).map((field) => [
          field.name,
          this.value(field.type, depth + 1),
        ]),
      );
    }
    return this.scalar(getNamedType(type).name);
  }

  private scalar(type: string): unknown {
    if (this.random.once(4)) return this.random.of(hostileTexts);
    if (type === 'ID') return this.random.of(this.ids);
    if (type === 'Boolean') return this.random.once(2);
    if (type === 'Date') return this.random.of(['2026-03-31', '0001-01-01', '9999-12-31']);
    if (type === 'DateTime') return this.random.of(['2026-03-31T23:30:00+14:00', '0001-01-01T00:00:00Z']);
    if (['Int', 'Float', 'Percent', 'Decimal'].includes(type)) return this.random.of(numbers);
    return this.random.of(['甲', '13800138000', 'a@b.example', 'https://x.example', 'CNY']);
  }

  private anything(depth = 0): unknown {
    if (this.random.once(30)) return Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1);
    if (this.random.once(4) && depth < 3)
      return this.random.of([
        [this.anything(depth + 1)],
        { [this.random.of(['name', 'id', 'not', 'and', 'amount'])]: this.anything(depth + 1) },
      ]);
    return this.random.of<unknown>(this.random.once(2) ? hostileTexts : hostileValues);
  }
}

/** The name of a value of an enumeration: in JSON a text, in a document a name. */
class Name {
  constructor(private readonly name: string) {}

  toJSON(): string {
    return this.name;
  }
}

/** Any value as a document can hold it, with the types that it should have as far as it has them. */
function literal(value: unknown, type: GraphQLInputType | undefined): string {
  if (value instanceof Name) return value.toJSON();
  if (Array.isArray(value)) {
    const bare = type && getNullableType(type);
    return `[${value.map((part) => literal(part, isListType(bare) ? bare.ofType : undefined)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, part]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : 'x'}: ${literal(part, undefined)}`)
      .join(', ')}}`;
  // numbers too large for JavaScript, which JSON calls null
  return typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value)
    ? BigInt(value).toString()
    : JSON.stringify(value);
}
