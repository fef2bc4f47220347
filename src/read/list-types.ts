import { ArgsType, Field, InputType, Int, ObjectType } from 'type-graphql';
import { areVersionsKept } from '../model/kept.js';
import { asOfArgument, AsOf } from './as-of.js';
import { columnsOf } from '../model/columns.js';
import { enumeration } from '../model/enumeration.js';
import { Money, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import type { Summand } from '../model/money.js';

/** Most rows of one page of the graph. */
export const maxPageSize = 500;
/** Rows of a page where the caller says nothing. */
export const defaultPageSize = 20;

export type Direction = 'ASC' | 'DESC';

/** Amounts of a list's rows by the name under which they are added up. */
export type Sums = Record<string, { description: string; summand: (row: Scope) => Summand }>;

/** What the types of a list are made from. */
interface Declared {
  filter: new () => object;
  order: ReadonlyMap<string, { description: string }>;
  defaultOrder: ReadonlyArray<readonly [string, Direction]>;
  restorable?: boolean;
  sums?: Sums;
}

/** What is said of the argument that shows deleted rows. */
export const deletedArgument = 'True shows deleted ones as well; only for those who administer the tenant.';

export const SortDirection = enumeration('SortDirection', 'Which end comes first. Empty values count as the largest.', {
  ASC: 'Smallest first, empty values last.',
  DESC: 'Largest first, empty values first.',
});

@ObjectType('PageInfo', { description: 'Where a page lies in its list.' })
class PageInfo {
  @Field(() => Boolean, { description: 'True if rows follow this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True if rows precede this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  startCursor?: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last row; null on an empty page.' })
  endCursor?: string | null;
}

/** Makes the GraphQL types of a list: its connection and its arguments. */
export function typesOf(
  name: string,
  entity: EntityClass,
  { filter, order, defaultOrder, restorable, sums }: Declared,
): { connection: new () => object; args: new () => object; orderFields: Record<string, string> } {
  const Fields = enumeration(
    `${name}OrderField`,
    `What lists can be ordered by: ${inWords(name)}.`,
    Object.fromEntries([...order].map(([key, term]) => [key, term.description])),
  );

  @InputType(`${name}Order`, { description: `One step of the order of a list: ${inWords(name)}.` })
  class Order {
    @Field(() => Fields, { description: 'What to order by.' })
    field!: string;

    @Field(() => SortDirection, { defaultValue: 'ASC', description: 'Which end comes first.' })
    direction!: Direction;
  }

  @ArgsType()
  class Args {
    @Field(() => filter, { nullable: true, description: 'Only rows that meet all of these conditions.' })
    filter?: object;

    @Field(() => [Order], {
      nullable: true,
      defaultValue: defaultOrder.map(([field, direction]) => ({ field, direction })),
      description: 'Order of the list, the first step weighing most. Ties are broken by `number`.',
    })
    orderBy?: Order[];

    @Field(() => Int, {
      nullable: true,
      defaultValue: defaultPageSize,
      description: `Rows of the page, from the front: 0 to ${maxPageSize}. Passed over where \`last\` is given.`,
    })
    first?: number;

    @Field(() => String, { nullable: true, description: 'Start behind the row with this cursor.' })
    after?: string;

    @Field(() => Int, {
      nullable: true,
      description: `Rows of the page, from the back: 0 to ${maxPageSize}. Excludes \`after\`, \`offset\` and another \`first\` than ${defaultPageSize}.`,
    })
    last?: number;

    @Field(() => String, { nullable: true, description: 'End before the row with this cursor.' })
    before?: string;

    @Field(() => Int, {
      nullable: true,
      description: 'Rows to pass over from the front, for paging by number. Excludes cursors.',
    })
    offset?: number;
  }
  if (restorable)
    Field(() => Boolean, { nullable: true, defaultValue: false, description: deletedArgument })(
      Args.prototype,
      'deleted',
    );
  if (areVersionsKept(entity))
    Field(() => AsOf, { nullable: true, description: asOfArgument('Rows') })(Args.prototype, 'asOf');
  const connection = connectionOf(name, () => entity, {});
  if (sums) addSums(connection, name, sums);
  return { connection, args: Args, orderFields: Fields };
}

/** What the name of a type is called in a sentence: `SuccessTask` → `success task`. */
const inWords = (name: string): string => name.replace(/(?<!^)[A-Z]/g, ' $&').toLowerCase();
const withArticle = (name: string): string => `${/^[AEIO]/.test(name) ? 'An' : 'A'} ${inWords(name)}`;

/** Makes a connection and its edges; `fields` are further ones of the edges. */
function connectionOf(
  name: string,
  node: () => unknown,
  fields: Record<string, [type: () => unknown, nullable: boolean, description: string]>,
): new () => object {
  @ObjectType(`${name}Edge`, { description: `${withArticle(name)} and its place in the list.` })
  class Edge {
    @Field(() => String, {
      description: 'Opaque place in this list with this order and filter; hand it to `after` or `before`.',
    })
    cursor!: string;

    @Field(node as () => new () => object, { description: 'The record.' })
    node!: object;
  }
  for (const [field, [type, nullable, description]] of Object.entries(fields))
    Field(type as () => typeof String, { nullable, description })(Edge.prototype, field);

  @ObjectType(`${name}Connection`, { description: `A page of a list: ${inWords(name)}.` })
  class Connection {
    @Field(() => [node() as new () => object], { description: 'The rows of the page.' })
    nodes!: object[];

    @Field(() => [Edge], { description: 'The rows of the page with their cursors.' })
    edges!: Edge[];

    @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many rows the whole list has.' })
    totalCount!: number;
  }
  return Connection;
}

/**
 * The connection of a relation, seen from one of its sides: the node is the record at the other side, and the edge says
 * what the relation says of itself. `link` is the relation as a record of its own.
 */
export function relationConnection(
  name: string,
  entity: EntityClass,
  node: () => unknown,
  properties: readonly string[],
): new () => object {
  const columns = columnsOf(entity);
  const fields = properties.map((property) => {
    const { type, nullable, description } = columns.get(property)!;
    return [property, [type, nullable, description]] as const;
  });
  return connectionOf(name, node, {
    link: [() => entity, false, 'The relation as a record of its own, which is what changes of it name.'],
    ...Object.fromEntries(fields),
  } as Parameters<typeof connectionOf>[2]);
}

/** Adds to a connection what its rows add up to in each currency. */
function addSums(connection: new () => object, name: string, sums: Sums): void {
  @ObjectType(`${name}Sum`, { description: `Sums over the rows of a list in one currency: ${inWords(name)}.` })
  class CurrencySum {
    @Field(() => String, { description: 'ISO 4217 code of the currency, e.g. CNY.' })
    currency!: string;

    @Field(() => Int, { description: 'How many rows are in this currency.' })
    count!: number;
  }
  for (const [sum, { description }] of Object.entries(sums))
    Field(() => Money, { nullable: true, description: `${description} Null if hidden from the caller.` })(
      CurrencySum.prototype,
      sum,
    );
  Field(() => [CurrencySum], {
    description:
      'Sums over all rows that meet the filter, not just those of the page: one for each currency, in the order of their codes.',
  })(connection.prototype as object, 'sums');
}
