import { now } from '../core/clock.js';
import { changed, orNull, recordId, sometimes, text } from '../feed/event-types.js';
import type { EntityClass } from '../model/model.js';
import type { Change, Stored } from '../write/command.js';
import { noteMany, updateMany } from '../write/many.js';
import { Held, OwnerChangeKind, type OwnerHistory } from './held.entity.js';
import type { PoolKind } from './pool.entity.js';

/** A kind of records that somebody looks after or that lie in pools. */
export interface HeldRecords<E extends Held = Held> {
  entity: EntityClass<E>;
  kind: PoolKind;
  /** what is kept of each change of owner or pool */
  history: EntityClass<OwnerHistory>;
  /** the property of the history that names the record */
  of: 'customer' | 'lead';
}

/** By what a record gets another owner or pool, and why. */
export interface Move {
  kind: OwnerChangeKind;
  reason?: string | null;
}

const eventOf: Record<Exclude<OwnerChangeKind, 'CHANGE'>, string> = {
  PICK: 'picked',
  ASSIGN: 'assigned',
  RETURN: 'returned',
  RECYCLE: 'recycled',
  MOVE: 'moved',
  TRANSFER: 'transferred',
  HAND_OVER: 'handedOver',
};

/** What an event says of a change of owner or pool, beside the fields. */
const moved = {
  fromOwner: orNull(recordId('Id of the user who looked after it before; null for nobody.')),
  toOwner: orNull(recordId('Id of the user who looks after it since; null for nobody.')),
  pool: orNull(recordId('Id of the pool that it came into, or else was taken out of; null if it was in none.')),
  reason: sometimes(orNull(text('Why, as far as it was said.'))),
};

/** The types of events of a record that gets another owner or pool otherwise than by an update. */
export const ownerEvents = {
  picked: changed('Somebody picked the record from a pool.', moved),
  assigned: changed('The record was assigned to somebody.', moved),
  returned: changed('The record was given back into a pool.', moved),
  recycled: changed('A rule took the record back into a pool.', {
    ...moved,
    recycleRule: recordId('Id of the rule.'),
  }),
  moved: changed('The record was moved into another pool.', moved),
  transferred: changed('The record was handed to somebody else, with what hangs on it.', moved),
  handedOver: changed('The record was handed over with everything of its former owner.', moved),
};

/** What is stored of a new record of that owner. */
export const heldFrom = (owner: unknown): { heldSince?: string } => (owner ? { heldSince: now().toISOString() } : {});

/** What of a record changes with its owner or pool, and what its event and its history say of that. */
function moving(
  before: Stored<Held>,
  given: Partial<Stored<Held>>,
): { isMoved: boolean; values: Partial<Stored<Held>>; said: Record<'fromOwner' | 'toOwner' | 'pool', string | null> } {
  const [fromOwner, fromPool] = [before.owner ?? null, before.pool ?? null];
  const toOwner = given.owner === undefined ? fromOwner : given.owner;
  const toPool = given.pool ?? (toOwner === fromOwner && given.pool === undefined ? fromPool : null);
  const at = now().toISOString();
  return {
    isMoved: toOwner !== fromOwner || toPool !== fromPool,
    values: {
      ...(toOwner !== fromOwner && { heldSince: toOwner ? at : null }),
      ...(toPool !== fromPool && { pool: toPool, pooledAt: toPool ? at : null }),
      ...(toPool && toPool !== fromPool && { protectedUntil: null }),
    },
    said: { fromOwner, toOwner, pool: toPool ?? fromPool },
  };
}

/**
 * The one place where a stored record gets another owner or pool, with whatever else changes: whoever comes to look after
 * it takes it out of its pool, and the history and the event say so. Who may is asked before. `data` is what the event of
 * an update says beside.
 */
export function changeHeld<E extends Held>(
  change: Change,
  { entity, history, of }: HeldRecords<E>,
  record: Stored<E>,
  values: Partial<Stored<E>>,
  { kind, reason = null }: Move = { kind: 'CHANGE' },
  options: { event?: string; data?: Record<string, unknown> } = {},
): void {
  const { id } = record as Stored<Held>;
  const { isMoved, said, values: moves } = moving(record as Stored<Held>, values as Partial<Stored<Held>>);
  change.update(
    entity,
    record,
    { ...values, ...moves } as never,
    isMoved && kind !== 'CHANGE' ? { event: eventOf[kind], data: { ...options.data, ...said, reason } } : options,
  );
  if (isMoved) change.note(history, { [of]: id, ...said, kind, reason, changedBy: change.ctx.user.id } as never);
}

/** As `changeHeld`, for many records that get another owner and nothing else: with a few statements. */
export async function giveMany<E extends Held>(
  change: Change,
  { entity, history, of }: HeldRecords<E>,
  given: ReadonlyArray<readonly [record: Stored<E>, owner: string]>,
  { kind, reason = null }: Move & { kind: Exclude<OwnerChangeKind, 'CHANGE'> },
): Promise<void> {
  const moved = given.flatMap(([record, owner]) => {
    const { isMoved, said, values } = moving(record as Stored<Held>, { owner });
    return isMoved ? [{ record, said, values: { owner, ...values } as Partial<Stored<E>> }] : [];
  });
  const said = new Map<unknown, object>(moved.map((one) => [one.record, { ...one.said, reason }]));
  await updateMany(
    change,
    entity,
    moved.map(({ record, values }) => [record, values]),
    { event: () => eventOf[kind], data: (record) => said.get(record)! },
  );
  const changedBy = change.ctx.user.id;
  await noteMany(
    change,
    history,
    moved.map(({ record, said: words }) => ({
      [of]: (record as Stored<Held>).id,
      ...words,
      kind,
      reason,
      changedBy,
    })),
  );
}
