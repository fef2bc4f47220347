import { onNotify } from '../feed/bus.js';
import type { Database } from '../core/database.js';
import { isUnavailable } from '../core/database-faults.js';
import { isOutOfReach } from '../core/out-of-reach.js';
import { log } from '../core/log.js';
import { holder, Lease, LeaseLost } from './lease.js';

/** A kind of outbox relay: what it does with the events of a tenant while it holds the lease. */
export interface RelayKind {
  matches: (name: string) => boolean;
  /** name of the relay that every tenant has; absent where relays are created by users */
  tenantDefault?: string;
  /** maximum number of leases of this kind that this process holds at once */
  maxLeases: number;
  /** false while no lease could achieve anything */
  isReady: () => boolean;
  /** Passes on events and releases the lease. Any error releases the lease as well, and is retried later. */
  relay: (lease: Lease) => Promise<void>;
}

export interface Relays {
  /** looks at all tenants, as when the broker has come back */
  checkAll: () => void;
  /** number of events that relays with such names have not passed on yet, in all tenants, as far as known */
  lagOf: (isMeant: (name: string) => boolean) => number;
  stop: () => Promise<void>;
}

/** Notifications within so many milliseconds count as one. */
const batchMs = 20;
/** How long a tenant without relays is left alone, in milliseconds. */
const quietMs = 2_000;
/** Pause after a failed lease, in milliseconds. */
const retryMs = 1_000;
/** How many tenants are remembered as quiet. */
const maxQuietTenants = 10_000;

/** Runs the outbox relays of all tenants: when notified, when a relay asked for it, and every `pollMs` milliseconds. */
export function startRelays(database: Database, kinds: readonly RelayKind[], pollMs: number): Relays {
  const scheduled = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  const quietUntil = new Map<string, number>();
  const behind = new Map<string, Map<string, number>>();
  const running = new Map<string, Promise<void>>();
  const notifiedDuring = new Set<string>();
  const limits = new Map(kinds.map((kind) => [kind, concurrencyLimit(kind.maxLeases)]));
  let stopped = false;
  let rounding: Promise<void> | undefined;

  const schedule = (tenantId: string, ms: number): void => {
    const at = Date.now() + ms;
    const earlier = scheduled.get(tenantId);
    if (stopped || (earlier && earlier.at <= at)) return;
    clearTimeout(earlier?.timer);
    const timer = setTimeout(
      () => {
        scheduled.delete(tenantId);
        look(tenantId).catch((error: unknown) => {
          log[isUnavailable(error) ? 'debug' : 'warn'](
            { event: 'relay.checkFailed', error: String(error) },
            'the outbox relays of a tenant could not be looked up; retrying',
          );
          schedule(tenantId, retryMs);
        });
      },
      Math.min(ms, pollMs),
    );
    scheduled.set(tenantId, { at, timer });
  };

  const look = async (tenantId: string): Promise<void> => {
    const rows = await relaysOf(database, tenantId, kinds);
    if (rows.length === 0) {
      if (quietUntil.size > maxQuietTenants) quietUntil.clear();
      quietUntil.set(tenantId, Date.now() + quietMs);
    } else quietUntil.delete(tenantId);
    for (const { name, lag: count, waitMs: wait } of rows) {
      const kind = kinds.find(({ matches: is }) => is(name));
      if (!kind) continue;
      recordLag(behind, name, tenantId, count);
      if (wait === null || !kind.isReady()) continue;
      if (wait <= 0) begin(kind, tenantId, name);
      else schedule(tenantId, wait);
    }
  };

  /** One lease at a time for each relay; a notification meanwhile leads to a check afterwards. */
  const begin = (kind: RelayKind, tenantId: string, name: string): void => {
    const key = `${tenantId} ${name}`;
    if (stopped || running.has(key)) {
      notifiedDuring.add(key);
      return;
    }
    const work = limits.get(kind)!(() => holdLease(kind, tenantId, name)).finally(() => {
      running.delete(key);
      schedule(tenantId, notifiedDuring.delete(key) ? 0 : batchMs);
    });
    running.set(key, work);
  };

  const holdLease = async (kind: RelayKind, tenantId: string, name: string): Promise<void> => {
    try {
      const lease = stopped ? null : await Lease.acquire(database, tenantId, name);
      if (lease) await kind.relay(lease);
    } catch (error) {
      if (!(error instanceof LeaseLost))
        log[isUnavailable(error) ? 'debug' : 'warn'](
          { event: 'relay.failed', error: String(error), relay: name },
          'an outbox relay could not pass its events on; retrying',
        );
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  };

  const lookAtAll = (): void => {
    rounding ??= (async () => {
      try {
        for (const [tenantId] of await database.global({ text: 'select id from tenant order by id', values: [] })) {
          if (stopped) return;
          await look(tenantId!).catch(async (error: unknown) => {
            if (await isOutOfReach(database, error)) throw error;
          });
        }
      } catch (error) {
        log.debug(
          { event: 'relay.checkFailed', error: String(error) },
          'the outbox relays of all tenants could not be looked up; retrying',
        );
      } finally {
        rounding = undefined;
      }
    })();
  };

  const unsubscribe = onNotify((tenantId) =>
    schedule(tenantId, Math.max(batchMs, (quietUntil.get(tenantId) ?? 0) - Date.now())),
  );
  const timer = setInterval(lookAtAll, pollMs);
  lookAtAll();

  return {
    checkAll: lookAtAll,
    lagOf: (isMeant) =>
      [...behind].reduce(
        (sum, [name, tenants]) =>
          isMeant(name) ? [...tenants.values()].reduce((all, count) => all + count, sum) : sum,
        0,
      ),
    stop: async () => {
      stopped = true;
      unsubscribe();
      clearInterval(timer);
      for (const { timer: waiting } of scheduled.values()) clearTimeout(waiting);
      await rounding;
      await Promise.all(running.values());
    },
  };
}

interface RelayState {
  name: string;
  lag: number;
  /** milliseconds until there is something to do; null if there is nothing */
  waitMs: number | null;
}

/** The relays of a tenant; those that every tenant has are added where there are events. */
async function relaysOf(database: Database, tenantId: string, kinds: readonly RelayKind[]): Promise<RelayState[]> {
  const found = await statesOf(database, tenantId);
  const missing = kinds.flatMap(({ tenantDefault: everywhere }) =>
    everywhere && !found.some(({ name }) => name === everywhere) ? [everywhere] : [],
  );
  if (missing.length === 0) return found;
  const made = await database.read(tenantId, {
    name: 'relay-add',
    text: 'insert into feed_reader (tenant_id, name) select tenant_id, name from feed_head, unnest($2::text[]) name where tenant_id = $1 on conflict (tenant_id, name) do nothing returning name',
    values: [tenantId, missing],
  });
  return made.length > 0 ? statesOf(database, tenantId) : found;
}

async function statesOf(database: Database, tenantId: string): Promise<RelayState[]> {
  const rows = await database.read(tenantId, {
    name: 'relays-due',
    text: `select name, behind, round(1000 * extract(epoch from greatest(case when behind > 0 then now() else wake_at end, case when behind > 0 or wake_at is not null then rest_until end,
        case when (behind > 0 or wake_at is not null) and holder <> $2 then held_until end) - now()))
      from (select r.*, greatest(coalesce(h.seq, 0) - r.seq, 0) as behind from feed_reader r left join feed_head h on h.tenant_id = $1 where r.tenant_id = $1 and not r.paused) r`,
    values: [tenantId, holder],
  });
  return rows.map(([name, count, wait]) => ({
    name: name!,
    lag: Number(count),
    waitMs: wait === null || wait === undefined ? null : Number(wait),
  }));
}

function recordLag(behind: Map<string, Map<string, number>>, name: string, tenantId: string, count: number): void {
  const tenants = behind.get(name) ?? new Map<string, number>();
  behind.set(name, tenants);
  if (count > 0) tenants.set(tenantId, count);
  else tenants.delete(tenantId);
}

/** Limits how much work runs at once; the rest waits in a queue. */
function concurrencyLimit(max: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: Array<() => void> = [];
  let busy = 0;
  return async (work) => {
    if (busy >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  };
}
