import type { ArgumentValue } from '../model/fields.js';
import { modelOf, type EntityClass } from '../model/model.js';

// What previews are asked of: a record that is stored, or one that is described as it could be stored.

/** Whether an argument names a record. */
export const isNamed = (id: ArgumentValue): boolean => id.is((given) => given !== null && given !== undefined);

/** A field of an argument that describes a record. */
export function fieldIn(input: ArgumentValue, name: string): ArgumentValue {
  const field = (whole: unknown): unknown => (whole as Record<string, unknown> | null | undefined)?.[name];
  return {
    is: (test) => input.is((whole) => test(field(whole))),
    bind: (cast, map = (value) => value) => input.bind(cast, (whole) => map(field(whole))),
  };
}

/** Properties of an entity with the columns and types that they are stored in. */
export const storedAs = (
  entity: EntityClass,
  properties: readonly string[],
): Array<[property: string, column: string, cast: string]> =>
  properties.map((property) => {
    const { column, sqlType } = modelOf(entity).fields.get(property)!;
    return [property, column, sqlType];
  });
