import type { Context } from '../core/context.js';
import { DomainError, refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { heldCustomers } from '../customers/customer.service.js';
import { writeUsers } from '../departments/administration.service.js';
import { reporting, type Hierarchy } from '../departments/tree.service.js';
import { User } from '../identity/user.entity.js';
import { heldLeads } from '../leads/lead.service.js';
import { lockHolders, roomOf } from '../ownership/holding.service.js';
import { receiversOf } from '../ownership/assign.service.js';
import { giveMany } from '../pools/held.service.js';
import { command, type Change, type Stored } from '../write/command.js';
import { lockWhere, updateMany } from '../write/many.js';
import type { HandOverInput, OverLimit } from './hand-over.inputs.js';
import { handOverKinds, isLeft, lookedAfter, type HandOverKind, type LookedAfter } from './hand-over.sql.js';

export interface HandedOver {
  user: string;
  /** how much was handed over, and how much stays because of holding limits */
  counts: Array<{ kind: HandOverKind; count: number; left: number }>;
}

/**
 * Hands over what a user looks after, in one transaction. Refuses FORBIDDEN to whoever does not administer the tenant,
 * NOT_FOUND, OUT_OF_RANGE for nobody or too many, HOLDING_LIMIT unless what is over a limit is to be left, and UNKNOWN_REFERENCE, INVALID for receivers who cannot look after anything
 * or are the user themselves.
 */
export async function handOver(ctx: Context, id: string, { to, kinds, overLimit }: HandOverInput): Promise<HandedOver> {
  permit(ctx.rights, 'userHandOver');
  let counts: HandedOver['counts'] = [];
  const user = await command(ctx, 'user.handOver', async (change) => {
    // who reports to whom is decided by what others do at the same time
    const hierarchy = await reporting(change);
    const from = await change.get(User, id);
    const receivers = await receiversOf(change, to, ['to']);
    if (receivers.includes(from.id))
      throw refuse('INVALID', typeof to.owner === 'string' ? ['to', 'owner'] : ['to', 'evenlyAmong'], {
        reason: 'SAME_USER',
      });
    counts = [];
    for (const kind of handOverKinds.filter((one) => kinds?.includes(one) ?? true))
      counts.push({ kind, ...(await handKind(change, { kind, from, receivers, hierarchy, overLimit })) });
    return from.id;
  });
  return { user, counts };
}

interface Handing {
  kind: HandOverKind;
  from: Stored<User>;
  receivers: readonly string[];
  hierarchy: Hierarchy;
  overLimit: OverLimit;
}

/** Hands over one kind; returns how much of it went, and how much is left. */
async function handKind(change: Change, handing: Handing): Promise<{ count: number; left: number }> {
  const { kind, from, hierarchy } = handing;
  const { entity, property }: LookedAfter = lookedAfter[kind];
  const records = await lockWhere(change, entity, property as never, [from.id], isLeft(kind, 't'));
  const given = await shared(change, handing, records as unknown as ReadonlyArray<{ id: string }>);
  if (kind === 'REPORT')
    await writeUsers(
      change,
      given.map(([record, receiver]) => {
        const user = record as Stored<User>;
        return [user, { manager: managerOf(hierarchy, user.id, [receiver, from.manager ?? null]) }];
      }),
    );
  else if (kind === 'CUSTOMER') await giveMany(change, heldCustomers, given as never, { kind: 'HAND_OVER' });
  else if (kind === 'LEAD') await giveMany(change, heldLeads, given as never, { kind: 'HAND_OVER' });
  else
    await updateMany(
      change,
      entity,
      given.map(([record, receiver]) => [record, { [property]: receiver }]),
    );
  return { count: given.length, left: records.length - given.length };
}

/** Who gets which record: in turn, or of customers and leads, where holding limits may leave some, of those who have room the one who has got the fewest. */
async function shared<R extends { id: string }>(
  change: Change,
  { kind, receivers, overLimit }: Handing,
  records: readonly R[],
): Promise<Array<readonly [R, string]>> {
  if (overLimit === 'REFUSE' || (kind !== 'CUSTOMER' && kind !== 'LEAD'))
    return records.map((record, place) => [record, receivers[place % receivers.length]!]);
  await lockHolders(change, receivers);
  const room = await roomOf(
    change,
    kind,
    receivers,
    records.map(({ id }) => id),
  );
  const got = new Map(receivers.map((user) => [user, 0]));
  return records.flatMap((record) => {
    const [first] = [...got].toSorted(([, a], [, b]) => a - b).filter(([user]) => room.has(user, record.id));
    if (!first) return [];
    const [receiver, count] = first;
    got.set(receiver, count + 1);
    room.take(receiver, record.id);
    return [[record, receiver] as const];
  });
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
