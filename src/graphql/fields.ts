import { Arg, Args, Extensions, FieldResolver, ID, Query, Resolver } from 'type-graphql';
import type { Arguments, ParentCondition, ReadSpec } from '../model/fields.js';
import { areVersionsKept } from '../model/kept.js';
import { AsOf, asOfArgument } from '../read/as-of.js';
import type { EntityClass } from '../model/model.js';
import { relationConnection } from '../read/list-types.js';
import { deletedArgument, type ListSpec } from '../read/list.js';

/**
 * Makes the root fields of a list: one record by id, and the list itself. They have no code: the read engine answers
 * them from the list's declaration.
 */
export function rootFields(
  list: ListSpec,
  names: { one: string; many: string },
  descriptions: { one: string; many: string },
): new () => object {
  @Resolver()
  class Root {}
  const { entity } = list;
  declare(
    Root.prototype,
    names.one,
    () => entity,
    { description: descriptions.one },
    { kind: 'root', list: list.name, shape: 'one' },
    'query',
  );
  Arg('id', () => ID, { description: 'Opaque id or integer number.' })(Root.prototype, names.one, 0);
  const args: Record<string, ArgumentSpec> = {
    ...(list.restorable && { deleted: [() => Boolean, deletedArgument, { default: false }] as ArgumentSpec }),
    ...(areVersionsKept(entity) && { asOf: [() => AsOf, asOfArgument('The record'), 'optional'] as ArgumentSpec }),
  };
  declareArguments(Root.prototype, names.one, args, 1);
  declareList(Root.prototype, list, names.many, descriptions.many);
  return Root;
}

/** Makes the root field of a list whose records are not read one by one. */
export function rootList(list: ListSpec, name: string, description: string): new () => object {
  @Resolver()
  class Root {}
  declareList(Root.prototype, list, name, description);
  return Root;
}

function declareList(root: object, list: ListSpec, name: string, description: string): void {
  declare(
    root,
    name,
    () => list.connection,
    { description },
    { kind: 'root', list: list.name, shape: 'many' },
    'query',
  );
  Args(() => list.args)(root, name, 0);
}

/** An argument of a field: its type, what it means, and whether it may be left out; `{ default }` is the value that it then has. */
export type ArgumentSpec = [type: () => unknown, description: string, need?: 'optional' | { default: unknown }];

function declareArguments(prototype: object, field: string, args: Record<string, ArgumentSpec>, from = 0): void {
  for (const [index, [name, [type, description, need]]] of Object.entries(args).entries()) {
    const options = {
      nullable: need !== undefined,
      description,
      ...(typeof need === 'object' && { defaultValue: need.default }),
    };
    Arg(name, type as () => typeof String, options)(prototype, field, from + index);
  }
}

/** Makes a root field that is no list, from what it says it is; `args` are its arguments, required unless they say otherwise. */
export function rootField(
  name: string,
  type: () => unknown,
  options: { description: string },
  spec: ReadSpec,
  args: Record<string, ArgumentSpec> = {},
): new () => object {
  @Resolver()
  class Root {}
  declare(Root.prototype, name, type, options, spec, 'query');
  declareArguments(Root.prototype, name, args);
  return Root;
}

/**
 * Adds a list as a field to another capability's type: the rows that belong to the parent. `key` names the field that
 * identifies a parent without a record; `asOf` gives the instant (SQL) as of which the rows are read, from the value of that field.
 */
export function childList(
  parent: EntityClass,
  name: string,
  list: ListSpec,
  description: string,
  by: ParentCondition,
  key?: string,
  asOf?: (key: string, args: Arguments) => string | undefined,
): new () => object {
  class Child {}
  Resolver(() => parent as new () => object)(Child);
  declare(
    Child.prototype,
    name,
    () => list.connection,
    { description },
    { kind: 'many', list: list.name, by, ...(key && { key }), ...(asOf && { asOf }) },
    'field',
  );
  Args(() => list.args)(Child.prototype, name, 0);
  return Child;
}

/**
 * Adds a relation as a field to the type at one of its sides: a list whose rows stand for the relation. The nodes are the
 * records at the other side, which `node` refers to; the edges carry `properties` of the relation.
 */
export function relationList(
  parent: EntityClass,
  name: string,
  list: ListSpec,
  description: string,
  relation: { name: string; by: string; node: string; to: () => EntityClass; properties: readonly string[] },
): new () => object {
  class Related {}
  Resolver(() => parent as new () => object)(Related);
  const connection = relationConnection(relation.name, list.entity, relation.to, relation.properties);
  const spec: ReadSpec = { kind: 'many', list: list.name, by: relation.by, node: relation.node };
  declare(Related.prototype, name, () => connection, { description }, spec, 'field');
  Args(() => list.args)(Related.prototype, name, 0);
  return Related;
}

function declare(
  prototype: object,
  name: string,
  type: () => unknown,
  options: { nullable?: boolean; description: string },
  spec: ReadSpec,
  kind: 'query' | 'field',
): void {
  const descriptor: PropertyDescriptor = { value: () => undefined, configurable: true, writable: true };
  Object.defineProperty(prototype, name, descriptor);
  // a root field that is refused is null beside the others, with the error that says why
  if (kind === 'query') Query(type as () => typeof String, { ...options, nullable: true })(prototype, name, descriptor);
  else FieldResolver(type as () => typeof String, options)(prototype, name, descriptor);
  Extensions({ read: spec })(prototype, name, descriptor);
}

/** Adds a computed field to another capability's type; `args` are its arguments, required unless they say otherwise. */
export function addField(
  parent: EntityClass,
  name: string,
  type: () => unknown,
  options: { nullable?: boolean; description: string },
  spec: ReadSpec,
  args: Record<string, ArgumentSpec> = {},
): new () => object {
  class Added {}
  Resolver(() => parent as new () => object)(Added);
  declare(Added.prototype, name, type, options, spec, 'field');
  declareArguments(Added.prototype, name, args);
  return Added;
}
