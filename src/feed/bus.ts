import type { Database } from '../core/database.js';
import { isUnavailable } from '../core/database-faults.js';
import { log } from '../core/log.js';
import { wireForm } from '../model/model.js';

/** One event of the outbox: what happened, to which record, in which order within its tenant. */
export interface DomainEvent {
  id: string;
  tenantId: string;
  /** position in the tenant's feed: gapless, in the order of commits */
  seq: number;
  /** e.g. `crm.opportunity.updated` */
  type: string;
  /** id of the record */
  subject: string;
  traceId: string;
  at: string;
  data: Record<string, unknown>;
}

type Listener = (event: DomainEvent) => void;

/** A tenant whose outbox this process reads as it grows. */
interface FollowedTenant {
  tenantId: string;
  /** the last event that was handed on; null until the feed's end has been looked up */
  seen: number | null;
  listeners: Set<Listener>;
  /** number of holders that keep it followed; without holders nothing is read */
  references: number;
  reading: Promise<void> | undefined;
  /** events may have been committed since the current read began */
  pending: boolean;
}

/** What the bus needs: the database with the outbox, and a way to notify the other processes. */
interface BusConnection {
  database: Database;
  notifyOthers: (tenantId: string) => void;
  /** told up to where events have been read, before anybody gets them */
  seen?: (tenantId: string, seq: number) => void;
}

const followed = new Map<string, FollowedTenant>();
const notifyHandlers = new Set<(tenantId: string) => void>();
/** Maximum number of events per read of the outbox. */
const batchSize = 500;
let connection: BusConnection | undefined;

/** Connects the process to the outbox, once, at start. */
export function connectBus(to: BusConnection): void {
  connection = to;
}

/** Says that a tenant has new committed events, to this process and the others. */
export function notify(tenantId: string): void {
  checkOutbox(tenantId);
  connection?.notifyOthers(tenantId);
}

/**
 * Registers a handler that is called with each tenant that may have new events, whichever process wrote them; a hint
 * that can be lost. The returned function unregisters it.
 */
export function onNotify(handler: (tenantId: string) => void): () => void {
  notifyHandlers.add(handler);
  return () => void notifyHandlers.delete(handler);
}

/** Checks the outbox of a tenant, if this process follows it. */
export function checkOutbox(tenantId: string): void {
  for (const handler of notifyHandlers) handler(tenantId);
  const one = followed.get(tenantId);
  if (one)
    read(one).catch((error: unknown) =>
      log.warn(
        { event: 'outbox.readFailed', error: String(error), unavailable: isUnavailable(error) },
        'the outbox could not be read; retrying',
      ),
    );
}

/** Checks the outboxes of all tenants that this process follows; makes up for lost notifications. */
export function checkAllOutboxes(): void {
  for (const tenantId of followed.keys()) checkOutbox(tenantId);
}

/**
 * Follows a tenant from the current end of its feed; resolves when every later commit will be seen and everything
 * committed before has been. The returned function stops following.
 */
export async function follow(tenantId: string): Promise<() => void> {
  const one = retain(tenantId);
  const release = releaseOnce(one);
  try {
    await read(one);
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** The position in a followed tenant's feed up to which everything has been seen; null before the first read. */
export const lastSeenOf = (tenantId: string): number | null => followed.get(tenantId)?.seen ?? null;

/** The tenants that this process follows. */
export const followedTenants = (): string[] => [...followed.keys()];

/** Listens to the committed events of one tenant, wherever they were made; the returned function stops it. */
export function listen(tenantId: string, listener: Listener): () => void {
  const one = retain(tenantId);
  one.listeners.add(listener);
  if (one.seen === null) checkOutbox(tenantId);
  const release = releaseOnce(one);
  return () => {
    one.listeners.delete(listener);
    release();
  };
}

function retain(tenantId: string): FollowedTenant {
  const one = followed.get(tenantId) ?? {
    tenantId,
    seen: null,
    listeners: new Set(),
    references: 0,
    reading: undefined,
    pending: false,
  };
  one.references += 1;
  followed.set(tenantId, one);
  return one;
}

function releaseOnce(one: FollowedTenant): () => void {
  let held = true;
  return () => {
    if (held) one.references -= 1;
    held = false;
    if (one.references === 0 && followed.get(one.tenantId) === one) followed.delete(one.tenantId);
  };
}

/** Passes new events to the listeners. One read at a time; a call during a read starts another one afterwards. */
function read(one: FollowedTenant): Promise<void> {
  one.pending = true;
  one.reading ??= (async () => {
    try {
      while (one.pending) {
        one.pending = false;
        await readNew(one);
      }
    } finally {
      one.reading = undefined;
    }
  })();
  return one.reading;
}

async function readNew(one: FollowedTenant): Promise<void> {
  const { database } = connection!;
  const { tenantId } = one;
  if (one.seen === null) {
    const [head] = await database.read(tenantId, {
      name: 'feed-end',
      text: 'select seq from feed_head where tenant_id = $1',
      values: [tenantId],
    });
    one.seen = Number(head?.[0] ?? 0);
    return;
  }
  for (;;) {
    const events = await eventsAfter(database, tenantId, one.seen, batchSize);
    for (const event of events) {
      one.seen = event.seq;
      for (const listener of one.listeners) listener(event);
    }
    if (events.length < batchSize) return;
  }
}

/** Committed events of a tenant behind a place in its feed, in the order of their commits. */
export async function eventsAfter(
  database: Database,
  tenantId: string,
  seq: number,
  max: number,
): Promise<DomainEvent[]> {
  const rows = await database.read(tenantId, {
    name: 'feed',
    text: `select seq, id, type, subject, trace_id, ${wireForm('at', 'timestamptz(3)')}, data from outbox where tenant_id = $1 and seq > $2::bigint order by seq limit $3::int`,
    values: [tenantId, seq, max],
  });
  if (rows.length > 0) connection?.seen?.(tenantId, Number(rows.at(-1)![0]));
  return rows.map(([place, id, type, subject, traceId, at, data]) => ({
    id: id!,
    tenantId,
    seq: Number(place),
    type: type!,
    subject: subject!,
    traceId: traceId!,
    at: at!,
    data: JSON.parse(data!) as Record<string, unknown>,
  }));
}
