import { refuse } from '../core/errors.js';
import type { EntityClass } from '../model/model.js';
import type { Stored } from '../write/command.js';

/** Records that were named and locked, by the texts that named them, with whether the caller may change them. */
export type Found<E extends object> = ReadonlyMap<string, { record: Stored<E>; changeable: boolean }>;

/** The record that a text names, as it was found: what the database refuses is tried again. Refuses NOT_FOUND, FORBIDDEN. */
export function changeable<E extends object>(found: Found<E>, entity: EntityClass<E>, text: string): Stored<E> {
  const one = found.get(text);
  if (!one) throw refuse('NOT_FOUND', ['id'], { record: entity.name });
  if (!one.changeable) throw refuse('FORBIDDEN');
  return { ...one.record };
}
