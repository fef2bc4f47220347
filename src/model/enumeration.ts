import { registerEnumType } from 'type-graphql';

type EnumValues<K extends string> = { [P in K]: P };

/**
 * Registers a GraphQL enumeration from its values and their descriptions; returns the values, for use as values and as
 * a type: `export const Tier = enumeration('Tier', 'How …', { GOLD: '…' }); export type Tier = keyof typeof Tier;`
 */
export function enumeration<K extends string>(
  name: string,
  description: string,
  meanings: Record<K, string>,
): EnumValues<K> {
  const values = Object.fromEntries(Object.keys(meanings).map((key) => [key, key])) as EnumValues<K>;
  const valuesConfig = Object.fromEntries(
    Object.entries<string>(meanings).map(([key, text]) => [key, { description: text }]),
  );
  registerEnumType(values, { name, description, valuesConfig: valuesConfig as never });
  configs.set(values, valuesConfig);
  named.set(values, name);
  return values;
}

const named = new WeakMap<object, string>();

/** The name under which an enumeration is registered, by its values. */
export const nameOfEnumeration = (values: object): string => named.get(values)!;

const configs = new WeakMap<object, Record<string, { description: string }>>();

/** Adds a value to a registered enumeration, before the schema is built. */
export function addValue(values: Record<string, string>, key: string, description: string): void {
  values[key] = key;
  configs.get(values)![key] = { description };
}
