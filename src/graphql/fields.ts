import { Arg, Args, Extensions, FieldResolver, ID, Query, Resolver } from 'type-graphql';
import type { ParentCondition, ReadSpec } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
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
    { nullable: true, description: descriptions.one },
    { kind: 'root', list: list.name, shape: 'one' },
    'query',
  );
  Arg('id', () => ID, { description: 'Opaque id or integer number.' })(Root.prototype, names.one, 0);
  if (list.restorable)
    Arg('deleted', () => Boolean, { nullable: true, description: deletedArgument })(Root.prototype, names.one, 1);
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

/** Makes a root field that is no list, from what it says it is; `args` are its arguments, required unless they say `optional`. */
export function rootField(
  name: string,
  type: () => unknown,
  options: { nullable?: boolean; description: string },
  spec: ReadSpec,
  args: Record<string, [type: () => unknown, description: string, need?: 'optional']> = {},
): new () => object {
  @Resolver()
  class Root {}
  declare(Root.prototype, name, type, options, spec, 'query');
  for (const [index, [argument, [argumentType, description, need]]] of Object.entries(args).entries()) {
    Arg(argument, argumentType as () => typeof String, { nullable: need === 'optional', description })(
      Root.prototype,
      name,
      index,
    );
  }
  return Root;
}

/**
 * Adds a list as a field to another capability's type: the rows that belong to the parent. `key` names the field that
 * identifies a parent without a record.
 */
export function childList(
  parent: EntityClass,
  name: string,
  list: ListSpec,
  description: string,
  by: ParentCondition,
  key?: string,
): new () => object {
  class Child {}
  Resolver(() => parent as new () => object)(Child);
  declare(
    Child.prototype,
    name,
    () => list.connection,
    { description },
    { kind: 'many', list: list.name, by, ...(key && { key }) },
    'field',
  );
  Args(() => list.args)(Child.prototype, name, 0);
  return Child;
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
  const decorate = kind === 'query' ? Query : FieldResolver;
  decorate(type as () => typeof String, options)(prototype, name, descriptor);
  Extensions({ read: spec })(prototype, name, descriptor);
}

/** Adds a computed field to another capability's type; `args` are its arguments, all optional. */
export function addField(
  parent: EntityClass,
  name: string,
  type: () => unknown,
  options: { nullable?: boolean; description: string },
  spec: ReadSpec,
  args: Record<string, [type: () => unknown, description: string]> = {},
): new () => object {
  class Added {}
  Resolver(() => parent as new () => object)(Added);
  declare(Added.prototype, name, type, options, spec, 'field');
  for (const [index, [argument, [argumentType, description]]] of Object.entries(args).entries()) {
    Arg(argument, argumentType as () => typeof String, { nullable: true, description })(Added.prototype, name, index);
  }
  return Added;
}
