import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { uncapitalized } from '../core/names.js';
import { Customer } from '../customers/customer.entity.js';
import { CustomerMember, type MemberAccess } from '../customers/member.entity.js';
import { isPerson, User } from '../identity/user.entity.js';
import type { EntityClass } from '../model/model.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { isClosed } from '../opportunities/opportunity.policy.js';
import type { Held, OwnerChangeKind } from '../pools/held.entity.js';
import { changeHeld, type HeldRecords } from '../pools/held.service.js';
import { bulk, type ItemResult } from '../write/bulk.js';
import type { Change, Stored } from '../write/command.js';
import { recordsWhere } from '../write/many.js';
import { reasonIn } from '../write/validation.js';
import { changeable, type Found } from './found.js';
import { lockHolders, roomOf, type Room } from './holding.service.js';
import type { AssignTo, TransferredRecord } from './ownership.inputs.js';
import { openTasks, type OpenTasks } from './tasks.service.js';

/** Most users among whom records are assigned evenly. */
export const maxReceivers = 500;

const mutationOf = { ASSIGN: 'Assign', TRANSFER: 'Transfer' } as const;

/** What becomes of records that somebody is given. */
interface Giving {
  kind: Extract<OwnerChangeKind, keyof typeof mutationOf>;
  reason: string | null;
  to: AssignTo;
  /** what goes along beside the record and its contacts */
  along: readonly TransferredRecord[];
  /** the former owner goes on as a collaborator who may do that */
  keepFormerAs?: MemberAccess | null;
}

interface Given<E extends Held> {
  found: Found<E>;
  /** what has been given to each so far, the first of those named first */
  receivers: ReadonlyMap<string, Set<string>>;
  /** which records have been given: the place of the item, by the id of the record */
  done: Map<string, number | undefined>;
  room: Room;
  tasks: OpenTasks;
  opportunities: ReadonlyMap<string, ReadonlyArray<Stored<Opportunity>>>;
  members: readonly Stored<CustomerMember>[];
}

/**
 * Assigns records to somebody, or evenly among several: each goes to the one of them who has got the fewest so far and may
 * look after more, the first named of those. What their last owner has planned with them goes along. Refuses REQUIRED,
 * OUT_OF_RANGE, UNKNOWN_REFERENCE and INVALID of receivers, TOO_LONG, and each record by itself NOT_FOUND, FORBIDDEN, HOLDING_LIMIT.
 */
export const assign = <E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  to: AssignTo,
  reason?: string | null,
): Promise<ItemResult[]> => give(ctx, records, ids, { kind: 'ASSIGN', reason: reasonIn(reason), to, along: ['TASKS'] });

/** What a transfer says beside to whom. */
export interface TransferOptions {
  along?: readonly TransferredRecord[];
  keepFormerAs?: MemberAccess | null | undefined;
  reason?: string | null | undefined;
}

/** Hands records to somebody else with what hangs on them, as named. Refuses as `assign` does. */
export const transfer = <E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  owner: string,
  { along = [], keepFormerAs, reason }: TransferOptions,
): Promise<ItemResult[]> =>
  give(ctx, records, ids, {
    kind: 'TRANSFER',
    reason: reasonIn(reason),
    to: { owner },
    along,
    keepFormerAs: keepFormerAs ?? null,
  });

function give<E extends Held>(
  ctx: Context,
  records: HeldRecords<E>,
  ids: readonly string[],
  giving: Giving,
): Promise<ItemResult[]> {
  let given: Given<E>;
  const operation = `${uncapitalized(records.entity.name)}.${giving.kind.toLowerCase()}`;
  return bulk(
    ctx,
    `${records.of}s${mutationOf[giving.kind]}`,
    { operation, reason: giving.reason },
    'ids',
    ids,
    (change, id) => Promise.resolve(giveOne(change, records, given, giving, id)),
    async (change) => {
      given = await begin(change, records, ids, giving);
    },
  );
}

function giveOne<E extends Held>(
  change: Change,
  records: HeldRecords<E>,
  { found, receivers, done, room, tasks, opportunities, members }: Given<E>,
  { kind, reason, keepFormerAs }: Giving,
  text: string,
): string {
  const record = changeable(found, records.entity, text);
  const { id, owner } = record as unknown as { id: string; owner: string | null };
  if (done.has(id) && done.get(id) !== change.item) return id;
  const countOf = (got: ReadonlySet<string>): number => got.size - (got.has(id) ? 1 : 0);
  const [receiver] = [...receivers]
    .toSorted(([, a], [, b]) => countOf(a) - countOf(b))
    .find(([user]) => user === owner || room.has(user, id)) ?? [undefined];
  if (receiver === undefined) throw refuse('HOLDING_LIMIT');
  done.set(id, change.item);
  receivers.get(receiver)!.add(id);
  if (receiver === owner) return id;
  room.take(receiver, id);
  if (keepFormerAs && owner) keepAs(change, members, { customer: id, user: owner, access: keepFormerAs });
  changeHeld(change, records, record, { owner: receiver } as never, { kind, reason });
  tasks.hand(change, id, receiver);
  for (const opportunity of opportunities.get(id) ?? [])
    if (opportunity.owner === owner) change.update(Opportunity, { ...opportunity }, { owner: receiver });
  return id;
}

/** Makes a former owner a collaborator of a customer; while they are still its owner, so that whoever may change it lets them. */
function keepAs(
  change: Change,
  members: readonly Stored<CustomerMember>[],
  { customer, user, access }: { customer: string; user: string; access: MemberAccess },
): void {
  const known = members.find((member) => member.customer === customer && member.user === user);
  if (known) change.update(CustomerMember, { ...known }, { access, until: null });
  else
    change.insert(CustomerMember, { customer, user, access, addedBy: change.ctx.user.id } as never, {
      event: 'added',
      data: { customer, user },
    });
}

async function begin<E extends Held>(
  change: Change,
  records: HeldRecords<E>,
  ids: readonly string[],
  { kind, to, along, keepFormerAs }: Giving,
): Promise<Given<E>> {
  const receivers = await receiversOf(change, to, ['input'], kind === 'TRANSFER' ? ['to'] : undefined);
  await lockHolders(change, receivers);
  const found = await change.findMany(records.entity, ids);
  const held = [...new Set([...found.values()].map(({ record }) => record))];
  const heldIds = (held as unknown as Array<Stored<Held>>).map(({ id }) => id);
  return {
    found,
    receivers: new Map(receivers.map((user) => [user, new Set()])),
    done: new Map(),
    room: await roomOf(change, records.kind, receivers, heldIds),
    tasks: await openTasks(change, records, along.includes('TASKS') ? held : []),
    opportunities: await openOpportunities(change, records, along.includes('OPPORTUNITIES') ? heldIds : []),
    members: keepFormerAs
      ? await recordsWhere(change, CustomerMember, 't.customer_id = any($2::uuid[])', [heldIds])
      : [],
  };
}

/**
 * The users who are to get something, each once, in the order named. Refuses REQUIRED, INVALID where both ways are given,
 * OUT_OF_RANGE, UNKNOWN_REFERENCE, and INVALID of who is no active person, with fields below `place`.
 */
export async function receiversOf(
  change: Change,
  { owner, evenlyAmong }: AssignTo,
  place: readonly string[],
  ownerPlace: string[] = [...place, 'owner'],
): Promise<string[]> {
  const one = owner === undefined || owner === null ? [] : [await receiver(change, owner, ownerPlace)];
  const several = [...place, 'evenlyAmong'];
  if (evenlyAmong && (evenlyAmong.length < 1 || evenlyAmong.length > maxReceivers))
    throw refuse('OUT_OF_RANGE', several, { min: 1, max: maxReceivers });
  const found = new Set(one);
  for (const [index, name] of (evenlyAmong ?? []).entries())
    found.add(await receiver(change, name, [...several, String(index)]));
  if (found.size === 0) throw refuse('REQUIRED', ownerPlace);
  if (one.length > 0 && evenlyAmong) throw refuse('INVALID', several);
  return [...found];
}

async function receiver(change: Change, name: string, field: string[]): Promise<string> {
  const id = await change.reference(User, name, field, 'login');
  const user = await change.find(User, parseKey(id!), { lock: false });
  if (!user) throw refuse('UNKNOWN_REFERENCE', field);
  if (!user.active || !isPerson(user.subject)) throw refuse('INVALID', field, { reason: 'NOT_ASSIGNABLE' });
  return user.id;
}

/** The open opportunities of customers, locked. */
async function openOpportunities<E extends Held>(
  change: Change,
  { entity }: HeldRecords<E>,
  ids: readonly string[],
): Promise<Map<string, Array<Stored<Opportunity>>>> {
  const found = new Map<string, Array<Stored<Opportunity>>>();
  if ((entity as EntityClass) !== Customer || ids.length === 0) return found;
  for (const opportunity of await recordsWhere(change, Opportunity, 't.customer_id = any($2::uuid[])', [ids])) {
    if (isClosed(opportunity.stage as never)) continue;
    const { customer } = opportunity;
    found.set(customer!, [...(found.get(customer!) ?? []), opportunity]);
  }
  return found;
}
