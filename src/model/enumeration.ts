import { registerEnumType } from 'type-graphql';

type Members<K extends string> = { [P in K]: P };

/**
 * Registers a GraphQL enumeration from its members and what each means; returns the members to use as values and type:
 * `export const Tier = enumeration('Tier', 'How …', { GOLD: '…' }); export type Tier = keyof typeof Tier;`
 */
export function enumeration<K extends string>(
  name: string,
  description: string,
  members: Record<K, string>,
): Members<K> {
  const values = Object.fromEntries(Object.keys(members).map((key) => [key, key])) as Members<K>;
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries<string>(members).map(([key, text]) => [key, { description: text }]),
    ) as never,
  });
  return values;
}
