import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { At, columnsOf, snake, To } from './columns.js';
import { areAstray, comparedColumn, rankOf } from './comparable.js';
import { keepVersions } from './kept.js';
import type { EntityClass } from './model.js';

/** Classes that every record refers to and that capabilities own; they register themselves here when they load. */
export const entityRegistry: { tenant?: new () => object; user?: new () => object; department?: new () => object } = {};

/** The tenant that a row belongs to: the first part of its primary key, so that a reference can never leave the tenant. */
export const OfTenant = (): PropertyDecorator =>
  ManyToOne({
    entity: () => entityRegistry.tenant as never,
    primary: true,
    joinColumn: 'tenant_id',
    deleteRule: 'no action',
    updateRule: 'no action',
  }) as PropertyDecorator;

// without the flag the abstract classes below would be types of the graph too
@InterfaceType({
  autoRegisterImplementations: false,
  description: 'Anything that has an id of its own and can be fetched by it with `node`.',
})
export abstract class Node {
  @Field(() => ID, {
    description: 'Opaque id (a UUID, version 7). Arguments that take an id take the integer `number` as well.',
  })
  id!: string;
}

/**
 * What every tenant-owned record has. The primary key starts with the tenant, so that a reference can never leave it.
 * `R` in subclasses: references are declared with `@To`.
 */
@ObjectType({ implements: Node })
export abstract class Owned extends Node {
  @OfTenant()
  tenant!: { id: string };

  @PrimaryKey({ type: 'uuid' })
  override id!: string;

  @Property({ type: 'integer', generated: 'identity' })
  @Field(() => Int, { description: 'Counts up; what clients with integer keys use. Unique among records of its kind.' })
  number!: number;

  @At({ description: 'When it was created.', default: 'now()' })
  createdAt!: string;
}

/** A record that people change: it also knows its version, who wrote it and whether it was deleted. */
@ObjectType({ implements: Node })
export abstract class Editable extends Owned {
  @Property({ type: 'integer', default: 1 })
  @Field(() => Int, {
    description: 'Rises by one with each change; send it back with an update to detect a change in between.',
  })
  version!: number;

  @To(() => entityRegistry.user as never, { nullable: true, description: 'Who created it; null if the server did.' })
  createdBy?: object | null;

  @At({ description: 'When it was last changed.', default: 'now()' })
  updatedAt!: string;

  @To(() => entityRegistry.user as never, {
    nullable: true,
    description: 'Who changed it last; null if the server did.',
  })
  updatedBy?: object | null;

  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  deletedAt?: string | null;
}

const audited = new Set<unknown>();

/** Whether changes of the entity's records are audited. */
export const isAudited = (entity: EntityClass): boolean => audited.has(entity);

const links = new Map<unknown, readonly [one: string, other: string]>();

/** The two references of a row that links records: the record that `one` names belongs to the one that `other` names. */
export const linksOf = (entity: EntityClass): readonly [one: string, other: string] | undefined => links.get(entity);

/**
 * Declares a table and its graph type on one class; `uniqueActive` holds among records that are not deleted; `links` names
 * the two references of a row that makes records of the one belong to records of the other. All keys
 * and indexes start with the tenant. Changes of the records are audited unless `audited` is false, which is for rows
 * that record changes of other, audited records.
 */
export function Table(options: {
  description: string;
  table?: string;
  unique?: string[][];
  uniqueActive?: string[][];
  uniqueWhere?: Record<string, [properties: string[], where: string]>;
  indexes?: string[][];
  indexesWhere?: Record<string, [properties: string[], where: string]>;
  /** what lists are ordered by, each with an index that gives the rows in that order; of those that are ranked with their values, the smallest first */
  orders?: Array<string | readonly [property: string, ranks: readonly string[]]>;
  links?: [one: string, other: string];
  audited?: false;
  /** versions of the records are kept: what they were can be read as of a day */
  kept?: true;
}): ClassDecorator {
  return (target) => {
    const type = target as unknown as new () => object;
    const table = options.table ?? snake(type.name).replace(/^_/, '');
    Entity({ tableName: table })(type);
    ObjectType(type.name, { implements: Node, description: options.description })(type);
    if (options.audited !== false) audited.add(type);
    if (options.kept) keepVersions(type);
    if (options.links) links.set(type, options.links);
    Unique({ properties: ['tenant', 'number'] as never, name: `${table}_number` })(type);
    for (const properties of options.unique ?? [])
      Unique({ properties: ['tenant', ...properties] as never, name: `${table}_${properties.map(snake).join('_')}` })(
        type,
      );
    for (const properties of options.uniqueActive ?? []) {
      Unique({
        properties: ['tenant', ...properties] as never,
        name: `${table}_living_${properties.map(snake).join('_')}`,
        where: 'deleted_at is null',
      })(type);
    }
    for (const [name, [properties, where]] of Object.entries(options.uniqueWhere ?? {}))
      Unique({ properties: ['tenant', ...properties] as never, name, where })(type);
    for (const [name, [properties, where]] of Object.entries(options.indexesWhere ?? {}))
      Index({ properties: ['tenant', ...properties] as never, name, where })(type);
    for (const { property, units, scale } of columnsOf(type).values())
      if (units)
        Index({
          properties: ['tenant', 'id'] as never,
          name: `${table}_astray_${snake(property)}`,
          where: areAstray(snake(property), snake(units), scale!),
        })(type);
    for (const order of options.orders ?? []) Index(orderIndex(type, table, order) as never)(type);
    for (const properties of options.indexes ?? [])
      Index({ properties: ['tenant', ...properties] as never, name: `${table}_by_${properties.map(snake).join('_')}` })(
        type,
      );
  };
}

/** The index that gives the rows of a table in the order of what is compared of a column, and of their numbers where that is the same. */
function orderIndex(
  type: EntityClass,
  table: string,
  order: string | readonly [property: string, ranks: readonly string[]],
): object {
  const [property, ranks] = typeof order === 'string' ? [order] : order;
  const spec = columnsOf(type).get(property)!;
  const name = `${table}_in_order_of_${snake(property)}`;
  const column = `"${snake(spec.units ?? property)}"`;
  const compared = ranks ? rankOf(column, ranks) : comparedColumn(column, spec);
  return compared === column
    ? { name, properties: ['tenant', property, 'number'] }
    : { name, expression: `create index "${name}" on "${table}" ("tenant_id", (${compared}), "number")` };
}
