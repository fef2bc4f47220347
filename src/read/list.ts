import { Field } from 'type-graphql';
import type { Scope } from '../model/fields.js';
import { addValue } from '../model/enumeration.js';
import { columnsOf } from '../model/columns.js';
import { modelOf, type EntityClass } from '../model/model.js';
import { DateTime } from '../model/scalars.js';
import { constantCase } from '../model/graph-names.js';
import { completeFilter, isTrue, Where } from './filter.js';
import { typesOf, type Direction, type Sums } from './list-types.js';
import { uncapitalized } from '../core/names.js';

/** A value that rows can be ordered by. */
export interface OrderTerm {
  description: string;
  sql: (row: Scope) => string;
  /** PostgreSQL type to read a cursor's text back with */
  cast: string;
  nullable: boolean;
}

export { deletedArgument, defaultPageSize, maxPageSize, SortDirection, type Direction } from './list-types.js';

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
  /**
   * a right without which the list as a whole is refused, beside the one that each row takes (`only` of `access`); as a field
   * of a record it is as visible as that record
   */
  right?: 'audit' | 'platform';
  /** what makes an order total: the record's number by default */
  tie: OrderTerm;
  /** the enumeration of its order fields */
  orderFields: Record<string, string>;
  /** amounts of its rows that a list adds up by currency */
  sums?: Sums;
  /** GraphQL classes made from the above */
  connection: new () => object;
  args: new () => object;
}

const lists = new Map<string, ListSpec>();

export const listOf = (name: string): ListSpec => lists.get(name)!;

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
 * Declares the list of an entity: its filter class, its order fields beside the columns that say `order` (property names,
 * or expressions), and the default order. The record's number breaks ties, so every order is total. `restorable` gives the list an argument that shows
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
    right?: 'audit' | 'platform';
    sums?: Sums;
  },
): ListSpec {
  const { name } = entity;
  const columns = [...columnsOf(entity).values()].filter((column) => column.order);
  const fromColumns = Object.fromEntries(columns.map(({ property, description }) => [property, description]));
  const order = new Map(
    Object.entries({ ...fromColumns, ...options.order }).map(([property, option]) => [
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
    ...(options.sums && { sums: options.sums }),
    ...typesOf(name, entity, { ...options, order }),
  };
  completeFilter(name, options.filter, entity);
  if (options.restorable) showDeletion(options.filter, entity);
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

/** Lets deleted rows be distinguished from others, where the list can show them. */
function showDeletion(filter: new () => object, entity: EntityClass): void {
  const { name } = entity;
  Field(() => DateTime, {
    nullable: true,
    description: `When it was deleted; null while it is not. \`${uncapitalized(name)}Restore\` brings it back.`,
  })(entity.prototype as object, 'deletedAt');
  Where(
    isTrue((row) => `(${row.col('deletedAt')} is not null)`),
    () => Boolean,
    'Deleted ones, or those that are not. Deleted ones are only there where the argument `deleted` shows them.',
  )(filter.prototype as object, 'deleted');
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

/** Makes an order total: the record's number. */
const byNumber: OrderTerm = { description: '', sql: (row) => row.col('number'), cast: 'int', nullable: false };
