import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { mayAdminister } from '../core/rights.js';
import { OwnerChange } from '../customers/history.entity.js';
import { writeUsers } from '../departments/administration.service.js';
import { reporting, type Hierarchy } from '../departments/tree.service.js';
import { keyPrefix, systemSubject, User } from '../identity/user.entity.js';
import { LeadOwnerChange } from '../leads/history.entity.js';
import type { EntityClass } from '../model/model.js';
import { command, type Change, type Stored } from '../write/command.js';
import { lockWhere, noteMany, updateMany } from '../write/many.js';
import type { HandOverInput, HandOverTo } from './hand-over.inputs.js';
import { handOverKinds, isLeft, lookedAfter, type HandOverKind, type LookedAfter } from './hand-over.sql.js';

/** Most users among whom something is shared. */
export const maxReceivers = 100;

export interface HandedOver {
  user: string;
  counts: Array<{ kind: HandOverKind; count: number }>;
}

/**
 * Hands over what a user looks after, in one transaction. Refuses FORBIDDEN to whoever does not administer the tenant,
 * NOT_FOUND, OUT_OF_RANGE for nobody or too many, and UNKNOWN_REFERENCE, INVALID for receivers who cannot look after anything
 * or are the user themselves.
 */
export async function handOver(ctx: Context, id: string, { to, kinds }: HandOverInput): Promise<HandedOver> {
  mayAdminister(ctx.rights);
  let counts: HandedOver['counts'] = [];
  const user = await command(ctx, 'user.handOver', async (change) => {
    // who reports to whom is decided by what others do at the same time
    const hierarchy = await reporting(change);
    const from = await change.get(User, id);
    const receivers = await receiversOf(change, from, to);
    counts = [];
    for (const kind of handOverKinds.filter((one) => kinds?.includes(one) ?? true))
      counts.push({ kind, count: await handKind(change, { kind, from, receivers, hierarchy }) });
    return from.id;
  });
  return { user, counts };
}

/** Who gets it, each once. */
async function receiversOf(
  change: Change,
  from: Stored<User>,
  { user, evenlyAmong }: HandOverTo,
): Promise<Array<Stored<User>>> {
  if (user) return [await receiverOf(change, from, user, ['to', 'user'])];
  const path = ['to', 'evenlyAmong'];
  const names = evenlyAmong ?? [];
  if (names.length < 1 || names.length > maxReceivers)
    throw refuse('OUT_OF_RANGE', path, { min: 1, max: maxReceivers });
  const found = new Map<string, Stored<User>>();
  for (const [place, name] of names.entries()) {
    const one = await receiverOf(change, from, name, [...path, String(place)]);
    found.set(one.id, one);
  }
  return [...found.values()];
}

async function receiverOf(change: Change, from: Stored<User>, name: string, field: string[]): Promise<Stored<User>> {
  const id = await change.reference(User, name, field, 'login');
  const user = await change.find(User, parseKey(id!), { lock: false });
  if (!user) throw refuse('UNKNOWN_REFERENCE', field);
  const isPerson = user.subject !== systemSubject && !user.subject.startsWith(keyPrefix);
  if (!user.active || !isPerson) throw refuse('INVALID', field, { reason: 'NOT_ASSIGNABLE' });
  if (user.id === from.id) throw refuse('INVALID', field, { reason: 'SAME_USER' });
  return user;
}

interface Handing {
  kind: HandOverKind;
  from: Stored<User>;
  receivers: ReadonlyArray<Stored<User>>;
  hierarchy: Hierarchy;
}

/** Hands over one kind; returns how much of it there was. */
async function handKind(change: Change, handing: Handing): Promise<number> {
  const { kind, from, receivers, hierarchy } = handing;
  const { entity, property }: LookedAfter = lookedAfter[kind];
  const records = await lockWhere(change, entity, property as never, [from.id], isLeft(kind, 't'));
  const given = records.map((record, place) => [record, receivers[place % receivers.length]!.id] as const);
  if (kind === 'REPORT')
    await writeUsers(
      change,
      given.map(([record, receiver]) => {
        const user = record as Stored<User>;
        return [user, { manager: managerOf(hierarchy, user.id, [receiver, from.manager ?? null]) }];
      }),
    );
  else
    await updateMany(
      change,
      entity,
      given.map(([record, receiver]) => [record, { [property]: receiver, ...heldSince(kind) }]),
    );
  await keepHistory(change, kind, from, given);
  return records.length;
}

/** The first of the managers whom a user can report to; null where that is none. */
function managerOf(hierarchy: Hierarchy, id: string, managers: ReadonlyArray<string | null>): string | null {
  for (const manager of managers)
    try {
      hierarchy.move(id, manager, ['to']);
      return manager;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  hierarchy.move(id, null, ['to']);
  return null;
}

/** Histories of who looks after records, by kind. */
const histories = {
  CUSTOMER: [OwnerChange, 'customer'],
  LEAD: [LeadOwnerChange, 'lead'],
} as const;

const isHeld = (kind: HandOverKind): kind is keyof typeof histories => kind in histories;

const heldSince = (kind: HandOverKind): { heldSince?: string } =>
  isHeld(kind) ? { heldSince: now().toISOString() } : {};

async function keepHistory(
  change: Change,
  kind: HandOverKind,
  from: Stored<User>,
  given: ReadonlyArray<readonly [record: object, receiver: string]>,
): Promise<void> {
  if (!isHeld(kind)) return;
  const [history, of] = histories[kind];
  await noteMany(
    change,
    history as EntityClass,
    given.map(([record, toOwner]) => {
      const id = (record as { id: string }).id;
      return { [of]: id, fromOwner: from.id, toOwner, kind: 'HAND_OVER', changedBy: change.ctx.user.id };
    }),
  );
}
