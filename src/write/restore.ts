import { command, type Change, type Stored } from './command.js';
import type { Context } from '../core/context.js';
import type { Action } from '../model/actions.js';
import { modelOf, parentsOf, type EntityClass } from '../model/model.js';
import { uncapitalized } from '../core/names.js';

/** Brings a deleted record back as it was; `check` may refuse what has become impossible meanwhile, and say what is different by now. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, and what `bringBack` refuses. */
export function restoreRecord<E extends object>(
  ctx: Context,
  action: Action<E>,
  id: string,
  version?: number | null,
  check: (change: Change, record: Stored<E>) => Promise<Partial<Stored<E>> | void> = () => Promise.resolve(),
): Promise<string> {
  action.demand(ctx.rights);
  const { entity } = action;
  const { name } = entity;
  return command(ctx, `${uncapitalized(name)}.restore`, async (change) => {
    const record = await change.get(entity, id, { deleted: true, version });
    const different = await check(change, record);
    await bringBack(change, entity, record, different ?? {});
    return (record as { id: string }).id;
  });
}

/**
 * Shows a deleted record again, inside a change that is under way. What it belongs to must be there: UNKNOWN_REFERENCE
 * else, which names it. References that must agree are looked at as for a new record, and so are unique values.
 */
export async function bringBack<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  record: Stored<E>,
  different: Partial<Stored<E>> = {},
): Promise<void> {
  const values = { ...record, ...different } as Record<string, unknown>;
  for (const { property, refersTo } of parentsOf(modelOf(entity), values))
    await change.reference(refersTo!, values[property], [property]);
  change.update(entity, record, { ...different, deletedAt: null } as never, { event: 'restored' });
}
