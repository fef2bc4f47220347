import { columnsOf, snake } from './columns.js';
import { moneyField } from './fields.js';
import type { EntityClass } from './model.js';

/** Name of an enumeration's value from a property: `createdAt` → `CREATED_AT`. */
export const constantCase = (property: string): string => snake(property).toUpperCase();

const known = new WeakMap<EntityClass, ReadonlyMap<string, readonly string[]>>();

/**
 * What the graph calls the columns of an entity, as values of the enumeration of its stored fields: a column that another
 * field shows goes by that field's name (an amount by the `Money` field, whose currency changes only with it), and one that
 * the graph does not show at all by none.
 */
export function graphNames(entity: EntityClass): ReadonlyMap<string, readonly string[]> {
  let names = known.get(entity);
  if (!names) known.set(entity, (names = namesOf(entity)));
  return names;
}

function namesOf(entity: EntityClass): Map<string, string[]> {
  const names = new Map([['deletedAt', ['deletedAt']]]);
  for (const { property, kind, shown, shownIn } of columnsOf(entity).values()) {
    const money = moneyField(entity, property);
    if (money) names.set(property, [money]);
    else if (shown || (kind === 'decimal' && !shownIn)) names.set(property, [property]);
    else if (shownIn) names.set(property, [shownIn]);
  }
  return new Map([...names].map(([property, fields]) => [property, fields.map(constantCase)]));
}
