import { getNamedType, getNullableType, isInputObjectType, isListType, type GraphQLInputType } from 'graphql';
import { mutations } from './mutations.js';
import type { Data } from './tenant.js';

/** The places in an input, down to what is no object, with their types: `inputs.0.amount.amount`. */
function leavesOf(type: GraphQLInputType, path: string[]): Array<[path: string, type: string]> {
  const present = getNullableType(type);
  if (isListType(present)) return leavesOf(present.ofType, [...path, '0']);
  if (isInputObjectType(present))
    return Object.values(present.getFields()).flatMap((field) => leavesOf(field.type, [...path, field.name]));
  return [[path.join('.'), getNamedType(type).name]];
}

/** Where mutations take something: each with the path from its arguments on. */
export const placesWhere = (is: (path: string, type: string) => boolean): Array<[mutation: string, path: string]> =>
  Object.entries(mutations).flatMap(([mutation, { args }]) =>
    args
      .flatMap(({ name, type }) => leavesOf(type, [name]))
      .filter(([path, type]) => is(path, type))
      .map(([path]): [string, string] => [mutation, path]),
  );

/** A copy of an object with a value at a path, the objects and lists along it included. */
export function put(into: Data, path: string, value: unknown): Data {
  const copy: Data = structuredClone(into ?? {});
  const steps = path.split('.');
  let at = copy;
  for (const [index, step] of steps.slice(0, -1).entries()) at = at[step] ??= /^\d+$/.test(steps[index + 1]!) ? [] : {};
  at[steps.at(-1)!] = value;
  return copy;
}
