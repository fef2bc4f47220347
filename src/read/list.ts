import { ArgsType, Field, InputType, Int, ObjectType } from 'type-graphql';
import { addValue, enumeration } from '../model/enumeration.js';
import type { Scope } from '../model/fields.js';
import { modelOf, type EntityClass } from '../model/model.js';
import { constantCase } from './filter.js';

/** Maximum number of rows of one page of the graph. */
export const maxPageSize = 500;
/** Rows of a page where the caller says nothing. */
export const defaultPageSize = 20;

/** A value that rows can be ordered by. */
export interface OrderTerm {
  description: string;
  sql: (row: Scope) => string;
  /** PostgreSQL type to read a cursor's text back with */
  cast: string;
  nullable: boolean;
}

export type Direction = 'ASC' | 'DESC';

/** A list of an entity's rows: who may be filtered and ordered how. One declaration serves root fields, nested fields and both executors. */
export interface ListSpec {
  name: string;
  entity: EntityClass;
  filter: new () => object;
  order: Map<string, OrderTerm>;
  /** order where the caller gives none */
  defaultOrder: Array<[string, Direction]>;
  /** whether callers who administer the tenant may ask for deleted rows as well */
  restorable: boolean;
  /** a right without which the list as a whole is refused; as a field of a record it is as visible as that record */
  right?: 'audit' | 'administer';
  /** what makes an order total: the record's number by default */
  tie: OrderTerm;
  /** the enumeration of its order fields */
  orderFields: Record<string, string>;
  /** GraphQL classes made from the above */
  connection: new () => object;
  args: new () => object;
}

const lists = new Map<string, ListSpec>();

export const listOf = (name: string): ListSpec => lists.get(name)!;

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

/** Description of the argument that shows deleted rows. */
export const deletedArgument = 'True shows deleted ones as well; only for those who administer the tenant.';

/** Whether the value of that argument asks for deleted rows. */
export const asksForDeleted = (value: unknown): boolean => value === true;

interface OrderOption {
  /** property, if the key of the option is not its constant form */
  by?: string;
  sql?: (row: Scope) => string;
  /** values of an enumeration in their order, the smallest first, where they are not ordered alphabetically */
  ranks?: readonly string[];
  cast?: string;
  nullable?: boolean;
  description: string;
}

/**
 * Declares the list of an entity: its filter class, its order fields (property names, or expressions), and the default
 * order. The record's number breaks ties, so every order is total. `restorable` gives the list an argument that shows
 * deleted rows as well. Creates the connection and argument types.
 */
export function list(
  entity: EntityClass,
  options: {
    filter: new () => object;
    order: Record<string, string | OrderOption>;
    defaultOrder: Array<[string, Direction]>;
    tie?: OrderTerm;
    restorable?: boolean;
    right?: 'audit' | 'administer';
  },
): ListSpec {
  const { name } = entity;
  const order = new Map(
    Object.entries(options.order).map(([property, option]) => [
      constantCase(property),
      termOf(entity, property, option),
    ]),
  );
  const spec: ListSpec = {
    name,
    entity,
    filter: options.filter,
    order,
    defaultOrder: options.defaultOrder,
    tie: options.tie ?? byNumber,
    restorable: options.restorable ?? false,
    ...(options.right && { right: options.right }),
    ...types(name, entity, options.filter, order, options.restorable ?? false),
  };
  lists.set(name, spec);
  return spec;
}

const termOf = (entity: EntityClass, property: string, option: string | OrderOption): OrderTerm =>
  typeof option === 'string'
    ? columnTerm(entity, property, option)
    : {
        description: option.description,
        sql: option.sql ?? ((row) => rankOf(row.shown(option.by ?? property), option.ranks)),
        cast: option.cast ?? (option.ranks ? 'int' : 'text'),
        nullable: option.nullable ?? !option.ranks,
      };

/** A column, or the place of its value among those that are ranked. */
const rankOf = (column: string, ranks?: readonly string[]): string =>
  ranks ? `array_position(array[${ranks.map((value) => `'${value}'`).join(',')}], ${column})` : column;

/** Lets a list be ordered by something of another capability, which calls this while it loads. */
export function addOrder(spec: ListSpec, property: string, option: OrderOption): void {
  const key = constantCase(property);
  spec.order.set(key, termOf(spec.entity, property, option));
  addValue(spec.orderFields, key, option.description);
}

/** A column as order; its type and nullability are looked up when first used, since the model is loaded later. */
function columnTerm(entity: EntityClass, property: string, description: string): OrderTerm {
  return {
    description,
    sql: (row) => row.shown(property),
    get cast() {
      return modelOf(entity).fields.get(property)!.sqlType;
    },
    get nullable() {
      const field = modelOf(entity).fields.get(property)!;
      return field.nullable || field.spec?.mask !== undefined;
    },
  };
}

function types(
  name: string,
  entity: EntityClass,
  filter: new () => object,
  order: Map<string, OrderTerm>,
  restorable: boolean,
): Pick<ListSpec, 'connection' | 'args' | 'orderFields'> {
  const Fields = enumeration(
    `${name}OrderField`,
    `What ${name} lists can be ordered by.`,
    Object.fromEntries([...order].map(([key, term]) => [key, term.description])),
  );

  @InputType(`${name}Order`, { description: `One step of the order of a ${name} list.` })
  class Order {
    @Field(() => Fields, { description: 'What to order by.' })
    field!: string;

    @Field(() => SortDirection, { defaultValue: 'ASC', description: 'Which end comes first.' })
    direction!: Direction;
  }

  @ObjectType(`${name}Edge`, { description: `A ${name} and its place in the list.` })
  class Edge {
    @Field(() => String, {
      description: 'Opaque place in this list with this order and filter; hand it to `after` or `before`.',
    })
    cursor!: string;

    @Field(() => entity as new () => object, { description: 'The record.' })
    node!: object;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a ${name} list.` })
  class Connection {
    @Field(() => [entity as new () => object], { description: 'The rows of the page.' })
    nodes!: object[];

    @Field(() => [Edge], { description: 'The rows of the page with their cursors.' })
    edges!: Edge[];

    @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many rows the whole list has.' })
    totalCount!: number;
  }

  @ArgsType()
  class Args {
    @Field(() => filter, { nullable: true, description: 'Only rows that meet all of these conditions.' })
    filter?: object;

    @Field(() => [Order], {
      nullable: true,
      description: 'Order of the list, the first step weighing most. Ties are broken by `number`.',
    })
    orderBy?: Order[];

    @Field(() => Int, {
      nullable: true,
      description: `Rows of the page, from the front: 0 to ${maxPageSize}; by default ${defaultPageSize}.`,
    })
    first?: number;

    @Field(() => String, { nullable: true, description: 'Start behind the row with this cursor.' })
    after?: string;

    @Field(() => Int, {
      nullable: true,
      description: `Rows of the page, from the back: 0 to ${maxPageSize}. Excludes \`first\`, \`after\` and \`offset\`.`,
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
  if (restorable) Field(() => Boolean, { nullable: true, description: deletedArgument })(Args.prototype, 'deleted');
  return { connection: Connection, args: Args, orderFields: Fields };
}

/** Makes an order total: the record's number. */
const byNumber: OrderTerm = { description: '', sql: (row) => row.col('number'), cast: 'int', nullable: false };
