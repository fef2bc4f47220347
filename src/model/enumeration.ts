import { registerEnumType } from 'type-graphql';

type EnumValues<K extends string> = { [P in K]: P };

/**
 * Registers a GraphQL enumeration from its members and what each means; returns the members to use as values and type:
 * `export const Tier = enumeration('Tier', 'How …', { GOLD: '…' }); export type Tier = keyof typeof Tier;`
 */
export function enumeration<K extends string>(
  name: string,
  description: string,
  meanings: Record<K, string>,
): EnumValues<K> {
  const values = Object.fromEntries(Object.keys(meanings).map((key) => [key, key])) as EnumValues<K>;
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries<string>(meanings).map(([key, text]) => [key, { description: text }]),
    ) as never,
  });
  return values;
}
