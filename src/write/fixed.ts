import type { Change } from './command.js';
import { refuse } from '../core/errors.js';
import type { EntityClass } from '../model/model.js';

/** A reference that stays as it is may be given again, but no other: refuses INVALID, naming the field, and UNKNOWN_REFERENCE. */
export async function staysAsItIs(
  change: Change,
  entity: EntityClass,
  given: unknown,
  stored: unknown,
  field: string,
): Promise<void> {
  if (given !== undefined && (await change.reference(entity, given, [field])) !== stored)
    throw refuse('INVALID', [field]);
}
