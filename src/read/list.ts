import { Field } from 'type-graphql';
import type { Scope } from '../model/fields.js';
import { addValue } from '../model/enumeration.js';
import { columnsOf } from '../model/columns.js';
import { modelOf, type EntityClass, type FieldModel } from '../model/model.js';
import { DateTime } from '../model/scalars.js';
import { constantCase } from '../model/graph-names.js';
import { emptyLast, inUnits, lastOf, rankOf } from '../model/comparable.js';
import { completeFilter, isTrue, Where } from './filter.js';
import { typesOf, type Direction, type Sums } from './list-types.js';
import { uncapitalized } from '../core/names.js';

/** A value that rows can be ordered by. */
export interface OrderTerm {
  description: string;
  /** what cursors hold of a row */
  sql: (row: Scope) => string;
  /** PostgreSQL type to read a cursor's text back with */
  cast: string;
  nullable: boolean;
  /** what is compared of a row, which is never null: an empty value is the last one */
  compared: (row: Scope) => string;
  /** what that is compared with: the parameter with a cursor's value, null for an empty one */
  bound: (parameter: string | null) => string;
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
    ...(options.sums && { sums: options.sums }),
    ...typesOf(name, entity, { ...options, order }),
  };
  completeFilter(name, options.filter, entity);
  if (options.restorable) showDeletion(options.filter, entity);
  lists.set(name, spec);
  return spec;
}

function termOf(entity: EntityClass, property: string, option: string | OrderOption): OrderTerm {
  if (typeof option === 'string') return columnTerm(entity, property, option);
  const { description, by = property, sql, ranks } = option;
  if (ranks) return expressionTerm(description, (row) => rankOf(row.shown(by), ranks), 'int', false);
  if (sql) return expressionTerm(description, sql, option.cast ?? 'text', option.nullable ?? true);
  return columnTerm(entity, by, description);
}

/** An expression over the row as order. */
export const expressionTerm = (
  description: string,
  sql: (row: Scope) => string,
  cast: string,
  nullable: boolean,
): OrderTerm => ({
  description,
  sql,
  cast,
  nullable,
  compared: nullable ? (row) => emptyLast(sql(row), cast) : sql,
  bound: (parameter) => parameter ?? lastOf(cast),
});

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
  const field = (): FieldModel => modelOf(entity).fields.get(property)!;
  const type = (): string => (field().units ? 'bigint' : field().sqlType);
  return {
    description,
    // a cursor says where its row was in the order, also while what is compared has not been put right
    sql: (row) => {
      const { units, sqlType } = field();
      return units ? `(${row.compared(property)} / ${10 ** units.scale}::numeric)::${sqlType}` : row.shown(property);
    },
    compared: (row) => {
      const { nullable, units } = field();
      const compared = row.compared(property);
      return nullable || units || compared !== row.stored(property) ? emptyLast(compared, type()) : compared;
    },
    bound: (parameter) => {
      const { units } = field();
      if (parameter === null) return lastOf(type());
      return units ? inUnits(parameter, units.scale) : parameter;
    },
    get cast() {
      return field().sqlType;
    },
    get nullable() {
      const { nullable, spec } = field();
      return nullable || spec?.mask !== undefined;
    },
  };
}

/** Makes an order total: the record's number. */
const byNumber: OrderTerm = expressionTerm('', (row) => row.col('number'), 'int', false);
