import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';
import { mayWriteAll } from '../core/rights.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Stored } from '../write/command.js';

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
  mayWriteAll(ctx.rights);
  let found: ReadonlyMap<string, { record: Stored<E>; changeable: boolean }>;
  return bulk(
    ctx,
    `${uncapitalized(records.entity.name)}.protect`,
    'ids',
    ids,
    (change, text) => {
      const one = found.get(text);
      if (!one) throw refuse('NOT_FOUND', ['id'], { record: records.entity.name });
      if (!one.changeable) throw refuse('FORBIDDEN');
      const { id, pool } = one.record as unknown as Stored<Held>;
      if (pool) throw refuse('IN_POOL');
      // as it was before: what the database refuses is tried again
      changeHeld(change, records, { ...one.record }, { protectedUntil: until } as never);
      return Promise.resolve(id);
    },
    async (change) => {
      found = await change.findMany(records.entity, ids);
    },
  );
}
