import type { Context } from '../core/context.js';
import { DomainError, refuse } from '../core/errors.js';
import { mayAdminister } from '../core/rights.js';
import { heldCustomers } from '../customers/customer.service.js';
import { writeUsers } from '../departments/administration.service.js';
import { reporting, type Hierarchy } from '../departments/tree.service.js';
import { User } from '../identity/user.entity.js';
import { heldLeads } from '../leads/lead.service.js';
import { receiversOf } from '../ownership/assign.service.js';
import { giveMany } from '../pools/held.service.js';
import { command, type Change, type Stored } from '../write/command.js';
import { lockWhere, updateMany } from '../write/many.js';
import type { HandOverInput } from './hand-over.inputs.js';
import { handOverKinds, isLeft, lookedAfter, type HandOverKind, type LookedAfter } from './hand-over.sql.js';

export interface HandedOver {
  user: string;
  counts: Array<{ kind: HandOverKind; count: number }>;
}

/**
 * Hands over what a user looks after, in one transaction. Refuses FORBIDDEN to whoever does not administer the tenant,
 * NOT_FOUND, OUT_OF_RANGE for nobody or too many, HOLDING_LIMIT, and UNKNOWN_REFERENCE, INVALID for receivers who cannot look after anything
 * or are the user themselves.
 */
export async function handOver(ctx: Context, id: string, { to, kinds }: HandOverInput): Promise<HandedOver> {
  mayAdminister(ctx.rights);
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
      counts.push({ kind, count: await handKind(change, { kind, from, receivers, hierarchy }) });
    return from.id;
  });
  return { user, counts };
}

interface Handing {
  kind: HandOverKind;
  from: Stored<User>;
  receivers: readonly string[];
  hierarchy: Hierarchy;
}

/** Hands over one kind; returns how much of it there was. */
async function handKind(change: Change, handing: Handing): Promise<number> {
  const { kind, from, receivers, hierarchy } = handing;
  const { entity, property }: LookedAfter = lookedAfter[kind];
  const records = await lockWhere(change, entity, property as never, [from.id], isLeft(kind, 't'));
  const given = records.map((record, place) => [record, receivers[place % receivers.length]!] as const);
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
