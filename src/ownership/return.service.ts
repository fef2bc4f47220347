import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { uncapitalized } from '../core/names.js';
import type { Held } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { Pool } from '../pools/pool.entity.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Change, Stored } from '../write/command.js';
import { reasonIn } from '../write/validation.js';
import { changeable, type Found } from './found.js';

/**
 * Gives records back into a pool: nobody looks after them any more. Contacts go along, everything else stays as it is. Refuses
 * UNKNOWN_REFERENCE, INVALID and POOL_DISABLED of the pool, TOO_LONG, and each record by itself NOT_FOUND, FORBIDDEN, IN_POOL.
 */
export const giveBack = <E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  pool: string,
  reason?: string | null,
): Promise<ItemResult[]> => into(ctx, records, ids, pool, 'RETURN', reasonIn(reason));

/** Moves records from one pool into another one. Refuses as `giveBack` does, and NOT_IN_POOL for what lies in none. */
export const movePool = <E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  pool: string,
  reason?: string | null,
): Promise<ItemResult[]> => into(ctx, records, ids, pool, 'MOVE', reasonIn(reason));

const verbOf = { RETURN: 'return', MOVE: 'movePool' } as const;
const mutationOf = { RETURN: 'Return', MOVE: 'MovePool' } as const;

function into<E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  name: string,
  kind: 'RETURN' | 'MOVE',
  reason: string | null,
): Promise<ItemResult[]> {
  const record = uncapitalized(records.entity.name);
  let pool: string;
  let found: Found<E>;
  /** what has come into the pool already: the place of the item, by the id of the record */
  let done: Map<string, number | undefined>;
  return bulk(
    ctx,
    `${records.of}s${mutationOf[kind]}`,
    { operation: `${record}.${verbOf[kind]}`, reason },
    'ids',
    ids,
    (change, text) => {
      const held = changeable(found, records.entity, text);
      const { id, pool: from } = held as unknown as Stored<Held>;
      const isAgain = done.has(id) && done.get(id) !== change.item;
      if (kind === 'RETURN' && (from || isAgain)) throw refuse('IN_POOL');
      if (kind === 'MOVE' && !from) throw refuse('NOT_IN_POOL');
      if (isAgain) return Promise.resolve(id);
      done.set(id, change.item);
      changeHeld(change, records, held, { owner: null, pool } as never, { kind, reason });
      return Promise.resolve(id);
    },
    async (change) => {
      pool = await openPool(change, records, name);
      found = await change.findMany(records.entity, ids);
      done = new Map();
    },
  );
}

/** The pool into which records of that kind can come, kept from being deleted until the commit. */
export async function openPool<E extends Held>(
  change: Change,
  { kind }: HeldRecords<E>,
  name: string,
  field = 'pool',
): Promise<string> {
  const id = await change.reference(Pool, name, [field]);
  const [row] = await change.query(
    'select kind, enabled from pool where tenant_id = $1 and id = $2 and deleted_at is null for share',
    [change.ctx.tenant.id, id],
  );
  if (!row) throw refuse('UNKNOWN_REFERENCE', [field]);
  if (row[0] !== kind) throw refuse('INVALID', [field]);
  if (row[1] !== 't') throw refuse('POOL_DISABLED', [field]);
  return id!;
}
