import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Stored } from '../write/command.js';
import { changeable, type Found } from './found.js';

/**
 * Keeps rules from taking records away from their owners until a day, or no longer does. Refuses FORBIDDEN whoever may not
 * change all records, and each record by itself NOT_FOUND, FORBIDDEN, IN_POOL.
 */
export async function protect<E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  until: string | null,
): Promise<ItemResult[]> {
  let found: Found<E>;
  return bulk(
    ctx,
    `${records.of}sProtect`,
    `${uncapitalized(records.entity.name)}.protect`,
    'ids',
    ids,
    (change, text) => {
      const held = changeable(found, records.entity, text);
      const { id, pool } = held as unknown as Stored<Held>;
      if (pool) throw refuse('IN_POOL');
      changeHeld(change, records, held, { protectedUntil: until } as never);
      return Promise.resolve(id);
    },
    async (change) => {
      found = await change.findMany(records.entity, ids);
    },
  );
}
