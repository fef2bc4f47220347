import { command } from '../write/command.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { heldCustomers } from '../customers/customer.service.js';
import { heldLeads } from '../leads/lead.service.js';
import { modelOf } from '../model/model.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { Pool } from '../pools/pool.entity.js';
import { poolActions as can } from '../pools/pool.policy.js';
import { maxItems } from '../write/bulk.js';
import { recordsWhere } from '../write/many.js';
import { openPool } from './return.service.js';

/**
 * Hides a pool; what lies in it is moved into another one. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, IN_USE while records
 * lie in it that are to go nowhere, or too many of them, and UNKNOWN_REFERENCE, INVALID, POOL_DISABLED of the other pool.
 */
export function remove(ctx: Context, id: string, moveTo?: string | null, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'pool.delete', async (change) => {
    const pool = await change.get(Pool, id, { version });
    const records = (pool.kind === 'LEAD' ? heldLeads : heldCustomers) as unknown as HeldRecords<Held>;
    const other = moveTo ? await openPool(change, records, moveTo, 'moveTo') : undefined;
    if (other === pool.id) throw refuse('INVALID', ['moveTo']);
    const { table } = modelOf(records.entity);
    const [counted] = await change.query(
      `select count(*) from (select 1 from "${table}" t where t.tenant_id = $1 and t.pool_id = $2 and t.deleted_at is null limit ${maxItems + 1}) counted`,
      [ctx.tenant.id, pool.id],
    );
    const count = Number(counted![0]);
    if (count > (other ? maxItems : 0)) throw refuse('IN_USE');
    if (other)
      for (const record of await recordsWhere(change, records.entity, 't.pool_id = $2', [pool.id]))
        changeHeld(change, records, record, { pool: other }, { kind: 'MOVE' });
    // what was deleted in it comes back without a pool
    await change.query(
      `update "${table}" set pool_id = null, pooled_at = null where tenant_id = $1 and pool_id = $2 and deleted_at is not null`,
      [ctx.tenant.id, pool.id],
    );
    change.hide(Pool, pool);
    return pool.id;
  });
}
