import { Extensions, Field, ObjectType } from 'type-graphql';
import { Node } from './entity.js';
import type { Mask } from './columns.js';
import type { Action } from './actions.js';
import { Decimal } from './scalars.js';
import type { Context } from '../core/context.js';
import type { Locale } from '../core/errors.js';
import type { Reach, Rights } from '../core/rights.js';
import type { EntityClass, EntityModel } from './model.js';

/** One row in a statement under construction: gives its columns as SQL. The read engine implements it. */
export interface Scope {
  readonly model: EntityModel;
  readonly alias: string;
  /** a reference of the row whose record is known to be one that the caller sees */
  readonly knownVisible?: string | undefined;
  /** the instant (SQL) as of which the row is read; undefined for what it is now */
  readonly asOf?: string | undefined;
  /** the column as stored; for a reference the id column. Columns that have a mask are `shown` or, on purpose, `stored`. */
  col(property: string): string;
  /** a column that has a mask as it is stored, whoever asks: only for what `unmasked` guards, or what is public on purpose (see `derived.ts`) */
  stored(property: string): string;
  /** the column as the caller may see it: masked where rights demand. Filters, orders and sums use this form. */
  shown(property: string): string;
  /** the same for comparisons: of an exact number the units of its last decimal */
  compared(property: string): string;
  /** the tenant's id */
  tenant(): string;
  /** the caller's user id */
  me(): string;
  /** the caller's roles as in the graph, those that may do most first */
  roles(): string;
  /** SQL expression for a path (an SQL text) that whoever has it can fetch as the caller for a while; null where the caller has no token */
  signed(path: string): string;
  /** the tenant's IANA time zone */
  zone(): string;
  /** today in that time zone */
  today(): string;
  /** words in the language of the caller as a `jsonb` value; `key` names what they are for within the statement */
  words(key: string, of: (locale: Locale) => unknown): string;
  /** whether the record that a reference of the row names is known to be one that the caller sees */
  sees(property: string): boolean;
  /** the tenant's currency, in which reports give their sums */
  currency(): string;
  /** what the caller may do at all */
  readonly rights: Rights;
  /**
   * another row: visible rows of an entity that are not deleted (with `deleted` deleted ones as well); the alias is
   * new in the statement. `knownVisible` names a reference of theirs whose record the caller is known to see.
   */
  rows(entity: EntityClass, deleted?: boolean, knownVisible?: string): { from: string; where: string; row: Scope };
  /** visible rows of an entity that refer to this row with the property `by` */
  referring(entity: EntityClass, by: string): { from: string; where: string; row: Scope };
  /**
   * an aggregate over the rows of an entity that refer to this row with the property `by` and meet a condition; `only`
   * must follow each aggregate function. Selected aggregates over the same rows are computed together.
   */
  aggregate(
    entity: EntityClass,
    by: string,
    condition: (child: Scope) => string,
    aggregate: (child: Scope, only: string) => string,
  ): string;
  /** scope of the caller's right to see fields with that mask */
  reach(mask: Mask): Reach;
  /** SQL condition: the caller sees what has that mask in this row; `true` or `false` where it is so in every row */
  unmasked(mask: Mask): string;
  /** SQL condition: the column is hidden from the caller in this row, whatever masks say; 'false' where it is in no row */
  hidden(property: string): string;
  /** SQL condition: the record of that entity with that id is the caller's own, so that what is masked otherwise is shown */
  owns(entity: EntityClass, id: string): string;
  /**
   * as `rows`, but for every caller: rows of the tenant that are not deleted (with `deleted`, all), without regard to visibility; for use in
   * policies
   */
  unscoped(entity: EntityClass, deleted?: boolean): { from: string; where: string; row: Scope };
}

/**
 * The SQL of a graph field that is neither a column nor a reference of its entity. Kept in the field's GraphQL
 * extensions under `read`, beside its declaration.
 */
export type ReadSpec =
  /** a scalar expression over the row */
  | { kind: 'sql'; sql: (row: Scope, args: Arguments) => string }
  /**
   * an object whose fields are expressions over the row; null where `present` is false; `light` ones are read with
   * every row
   */
  | ({ kind: 'embed'; light?: boolean } & Embedded)
  /** another record, by an expression that gives its id; `isVisible` where that is only of records that the caller sees */
  | { kind: 'one'; id: (row: Scope, args: Arguments) => string; isVisible?: true }
  /** another record, the only one that refers to this row with the property `by` and meets the condition */
  | { kind: 'single'; by: string; where: (other: Scope) => string }
  /** a record of whatever kind, by expressions that give the name of its type and its id */
  | { kind: 'any'; type: (row: Scope) => string; id: (row: Scope) => string }
  /** objects that are no records, made of the row */
  | { kind: 'listed'; of: (row: Scope, args: Arguments) => Listed }
  /**
   * a connection: the list's rows that belong to this row; `node` names the reference to the record at the other end,
   * where the rows stand for a relation; `key` names the field that identifies an object without a record
   */
  | {
      kind: 'many';
      list: string;
      by: ParentCondition;
      key?: string;
      node?: string;
      /** the instant (SQL) as of which the rows are read, from the value of `key` (SQL) and the arguments of the report */
      asOf?: (key: string, args: Arguments) => string | undefined;
    }
  /**
   * whether the caller may do something with the record; with `refusal` it is not for those who may change it, and SQL says
   * what stands in the way: a key of `permissionReasons`, null where nothing does
   */
  | { kind: 'permission'; action: Action; refusal?: ((row: Scope) => string) | undefined }
  /** a root field: one record by its `id` argument, or a connection over all rows of the list */
  | { kind: 'root'; list: string; shape: 'one' | 'many' }
  /** a root field: aggregates over the visible rows of the tenant; its function gets the tenant's own row */
  | { kind: 'report'; of: (tenant: Scope, args: Arguments) => Embedded | Listed }
  /** a root field: any record by its `id` argument, an opaque id */
  | { kind: 'node' }
  /** a root field: what is known of the caller without a query; fields that are records are given as ids */
  | { kind: 'caller'; of: (ctx: Context) => Record<string, unknown> };

/**
 * Which rows belong to a parent: those that refer to it with a property, or that meet a condition, which gets the arguments of
 * the report that the parent is part of; `knownVisible` then names
 * the reference of which the condition makes sure that the caller sees its record, and the condition gets whether the parent is known to be
 * one that the caller sees.
 */
export type ParentCondition =
  | string
  | ((child: Scope, parentId: string, args: Arguments) => string)
  | { knownVisible: string; where: (child: Scope, parentId: string, isVisible: boolean) => string };

/** The condition that a row belongs to the parent with that id. */
export function parentCondition(
  by: ParentCondition,
  child: Scope,
  parentId: string,
  args = noArguments,
  isVisible = false,
): string {
  if (typeof by === 'string') return `${child.col(by)} = ${parentId}`;
  return typeof by === 'function' ? by(child, parentId, args) : by.where(child, parentId, isVisible);
}

/** The arguments of a field, by name. */
export type Arguments = (name: string) => ArgumentValue;

/** For what takes none. */
export const noArguments: Arguments = (name) => {
  throw new Error(`There are no arguments, so there is no ${name}.`);
};

/**
 * An object made of expressions over the row; its fields can be such objects themselves, or lists of objects without
 * records.
 */
export interface Embedded {
  fields: (row: Scope, args: Arguments) => Record<string, string | Embedded | Listed>;
  /**
   * selects that several fields share, by the name under which they read them; each is run once, and only if one of
   * these fields is selected
   */
  shared?: (row: Scope, args: Arguments) => Record<string, string>;
  /** an expression that the fields and `present` read as `sharedValue`: computed once per object */
  sharedValue?: (row: Scope, args: Arguments) => string;
  /** no field is null where there is an object */
  whole?: boolean;
  /** SQL condition under which there is an object at all */
  present: (row: Scope, args: Arguments) => string;
}

/** How the fields of an object refer to the value of its expression `sharedValue`. */
export const sharedValue = 'shared.value';

/**
 * Objects without records: an ordered select whose columns are named after the objects' fields and are in wire form. A
 * field that is not a list shows its only row.
 */
export interface Listed {
  select: string;
}

/** The value of an argument in a statement under construction. */
export interface ArgumentValue {
  /** inspects the value; the result becomes part of the key of the compiled plan */
  is(test: (value: unknown) => boolean): boolean;
  /** the value as a parameter of that PostgreSQL type */
  bind(cast: string, map?: (value: unknown) => unknown): string;
}

const read = (spec: ReadSpec): { read: ReadSpec } => ({ read: spec });

@ObjectType('Money', { description: 'An exact amount of money.' })
export class Money {
  @Field(() => Decimal, { description: 'The amount, with two decimals.' })
  amount!: string;

  @Field(() => String, { description: 'ISO 4217 code of the currency, e.g. CNY.' })
  currency!: string;
}

/** An amount (a numeric expression, null where nothing may be shown) in the row's `currency`. */
export const moneyOf = (sql: (row: Scope) => string): Embedded => ({
  sharedValue: sql,
  whole: true,
  fields: (row) => ({ amount: `${sharedValue}::numeric(18,2)::text`, currency: row.col('currency') }),
  present: () => `${sharedValue} is not null`,
});

/** Today in the time zone of the tenant, as SQL. */
export const today = (row: Scope): string => row.today();

/** The instant at which a day (SQL) begins in the time zone of the tenant: where the clocks show its first moment twice, the first of the two, as `instantOf` has it. */
export function startOfDay(day: string, row: Scope): string {
  const local = `(${day})::timestamp`;
  const latest = `(${local} at time zone ${row.zone()})`;
  // an hour is taken off where that does not depend on the session, so that a plan for known values has the instant itself
  const earlier = `((${latest} at time zone 'UTC' - interval '1 hour') at time zone 'UTC')`;
  return `(case when ${earlier} at time zone ${row.zone()} = ${local} then ${earlier} else ${latest} end)`;
}

/**
 * An existence test for a row of another entity: visible rows, or with `unscoped` any row of the tenant that is not
 * deleted.
 */
export function exists(
  row: Scope,
  entity: EntityClass,
  condition: (other: Scope) => string,
  reach: 'rows' | 'unscoped' = 'rows',
): string {
  const { from, where, row: other } = row[reach](entity);
  return `exists (select 1 from ${from} where ${where} and ${condition(other)})`;
}

/** The record that a reference names is one that the caller sees. */
export function referenceIsVisible(row: Scope, property: string): string {
  if (row.knownVisible === property) return 'true';
  return exists(row, row.model.fields.get(property)!.refersTo!, (other) => `${other.col('id')} = ${row.col(property)}`);
}

/** For `aggregate`: every row counts. */
export const all = (): string => 'true';
/** For `aggregate`: the number of rows. */
export const counted = (_: Scope, only: string): string => `count(*)${only}::int`;

/** An aggregate over the visible rows of another entity that meet a condition, e.g. `sum(…)` or `count(*)`. */
export function aggregateOf(
  row: Scope,
  entity: EntityClass,
  expression: (other: Scope) => string,
  condition: (other: Scope) => string,
): string {
  const { from, where, row: other } = row.rows(entity);
  return `(select ${expression(other)} from ${from} where ${where} and ${condition(other)})`;
}

/** Shows a stored amount as `Money`; null where there is none or the caller may not see it. */
export function MoneyOf(property: string, options: { description: string }): PropertyDecorator {
  return (target, key) => {
    moneyFields.set(`${target.constructor.name} ${property}`, String(key));
    embedded(() => Money, options.description, {
      kind: 'embed',
      light: true,
      ...moneyOf((row) => row.shown(property)),
    })(target, key);
  };
}

const moneyFields = new Map<string, string>();

/** Name of the field that shows a stored amount as `Money`, if there is one. */
export const moneyField = (entity: EntityClass, property: string): string | undefined =>
  moneyFields.get(`${entity.name} ${property}`);

/** A scalar field that is an SQL expression over the row. */
export function Computed(
  type: () => unknown,
  options: { description: string; nullable?: boolean; sql: (row: Scope) => string },
): PropertyDecorator {
  return (target, key) => {
    Field(type as () => typeof String, { nullable: options.nullable ?? false, description: options.description })(
      target,
      key,
    );
    Extensions(read({ kind: 'sql', sql: options.sql }))(target, key);
  };
}

/** An object field whose fields are SQL expressions over the row. */
export function embedded(type: () => unknown, description: string, spec: ReadSpec): PropertyDecorator {
  return (target, key) => {
    Field(type as () => typeof Money, { nullable: true, description })(target, key);
    Extensions(read(spec))(target, key);
  };
}

/** A record of whatever kind, by expressions that give the name of its type and its id; null if it is deleted or hidden from the caller. */
export function AnyRecord(options: {
  description: string;
  type: (row: Scope) => string;
  id: (row: Scope) => string;
}): PropertyDecorator {
  return (target, key) => {
    Field(() => Node as never, { nullable: true, description: options.description })(target, key);
    Extensions(read({ kind: 'any', type: options.type, id: options.id }))(target, key);
  };
}
