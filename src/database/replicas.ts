import { ConfigurationError } from '../config.js';
import type { ClientConfig } from 'pg';
import type { Reading, Row, Statement } from '../core/database.js';
import { isStopped, isUnavailable } from '../core/database-faults.js';
import { DomainError } from '../core/errors.js';
import { log } from '../core/log.js';
import type { Presence } from '../core/presence.js';
import { Recent } from '../core/recent.js';
import { endOfLog, later, Positions, positionText, walOf, walText, type Position } from './positions.js';
import { Prober } from './prober.js';

/** How often replicas are looked at while reads come, in milliseconds. */
const lookMs = 1_000;
/** For how long a replica that lacked something of a tenant is not asked for it again: so long at first, doubled up to so long, in milliseconds. */
const pause = { first: 5, max: 250 };

/** Why a replica is not asked: it does not answer, is behind by more than a second, or is no replica any more. */
type State = 'up' | 'down' | 'lagging' | 'promoted';

/** It has not everything that is known of the tenant's changes, or is no replica any more. */
class Behind extends Error {}
/** It was found not to answer while it was asked. */
class Gone extends Error {}

/** The connections to one PostgreSQL. */
interface Connections {
  readBetween(
    tenantId: string,
    statement: Statement,
    presence: Presence | undefined,
    others: { before?: Statement[]; after?: Statement[] },
  ): Promise<Row[][]>;
  global(statement: Statement): Promise<Row[]>;
  address(): ClientConfig;
  cut(): void;
  end(timeoutMs: number): Promise<void>;
}

interface Replica {
  name: string;
  pool: Connections;
  prober: Prober;
  state: State;
  /** how many bytes of the log it lacks, as of the last look */
  lag: number;
  /** how many reads it has answered */
  reads: number;
  /** rejects when it is found to be gone */
  gone: { promise: Promise<never>; reject: (error: Error) => void };
  /** tenants for which it lacked something */
  paused: Recent<{ until: number; ms: number }>;
}

export interface ReplicasOptions {
  /** the connections to each of them */
  pools: readonly Connections[];
  primary: Connections;
}

/** Why the database itself was asked: nothing was known of the tenant, no replica was up, or the one that was asked lacked something. */
const reasons = ['unknown', 'left-out', 'behind', 'failed'] as const;
type Reason = (typeof reasons)[number];

const look: Statement = {
  text: 'select pg_is_in_recovery()::text, pg_last_wal_replay_lsn()::text',
  values: [],
};

/** What asks a replica first whether it has everything up to a position. */
const check = (tenantId: string, { seq, wal }: Position): Statement => ({
  name: 'replica-check',
  text: `select 1 / (case when pg_is_in_recovery() and pg_last_wal_replay_lsn() >= $2::pg_lsn and coalesce((select seq from feed_head where tenant_id = $1), 0) >= $3::bigint then 1 else 0 end)`,
  values: [tenantId, walText(wal), seq],
  missing: () => new Behind(),
});

/** How many events had been committed when an answer was complete. */
const seqOf = (tenantId: string): Statement => ({
  name: 'replica-seq',
  text: 'select coalesce((select seq from feed_head where tenant_id = $1), 0)',
  values: [tenantId],
});

/** The same, and where the log ended. */
const positionAfter = (tenantId: string): Statement => ({
  name: 'position',
  text: 'select coalesce((select seq from feed_head where tenant_id = $1), 0), pg_current_wal_insert_lsn()',
  values: [tenantId],
});

/**
 * Read replicas. A read is sent to one together with the question whether it has everything that is known of the tenant's
 * changes; if not, the database itself is asked, as it is for tenants of which nothing is known yet.
 */
export class Replicas {
  readonly positions = new Positions();
  private readonly replicas: Replica[];
  private readonly primaryProber: Prober;
  private readonly primaryReads: Record<Reason, number> = { unknown: 0, 'left-out': 0, behind: 0, failed: 0 };
  private lastIndex = 0;
  private timer: NodeJS.Timeout | undefined;
  private isUsed = false;
  private looking: Promise<void> | undefined;
  /** where the log of the database itself ended at the last look */
  private end: bigint | undefined;

  constructor(private readonly options: ReplicasOptions) {
    const { pools, primary } = options;
    this.primaryProber = new Prober(() => primary.address());
    this.replicas = pools.map((pool, index) => ({
      name: String(index + 1),
      pool,
      prober: new Prober(() => pool.address()),
      state: 'down',
      lag: 0,
      reads: 0,
      gone: rejectable(),
      paused: new Recent(1_000),
    }));
  }

  /** Answers a read of which a replica may be asked. */
  async read(tenantId: string, statement: Statement, presence: Presence | undefined): Promise<Row[]> {
    this.use();
    const { primary } = this.options;
    const reading = statement.reading!;
    const { rows, reason } = await this.tried(tenantId, statement, presence, reading);
    if (rows) return rows;
    this.primaryReads[reason] += 1;
    reading.by.add('primary');
    const learned = this.positions.learning(tenantId);
    const [answer, [found]] = (await primary.readBetween(tenantId, statement, presence, {
      after: [positionAfter(tenantId)],
    })) as [Row[], [Row]];
    learned({ seq: Number(found[0]), wal: walOf(found[1]!) });
    return answer;
  }

  private async tried(
    tenantId: string,
    statement: Statement,
    presence: Presence | undefined,
    reading: Reading,
  ): Promise<{ rows: Row[]; reason?: never } | { rows?: never; reason: Reason }> {
    const known = this.positions.certain(tenantId);
    if (!known) return { reason: 'unknown' };
    const replica = this.choose(tenantId);
    if (!replica) return { reason: 'left-out' };
    try {
      const asked = replica.pool.readBetween(tenantId, statement, presence, {
        before: [check(tenantId, later(known, reading.seen))],
        after: [seqOf(tenantId)],
      });
      // whoever waits no longer does not care how it ends
      asked.catch(() => {});
      const [, rows, end] = await Promise.race([asked, replica.gone.promise]);
      this.positions.raise(tenantId, { seq: Number(end![0]![0]) });
      replica.paused.delete(tenantId);
      replica.reads += 1;
      reading.by.add(replica.name);
      return { rows: rows! };
    } catch (error) {
      if (error instanceof DomainError || isStopped(error)) throw error;
      if (error instanceof Behind) {
        const ms = Math.min(2 * (replica.paused.get(tenantId)?.ms ?? pause.first / 2), pause.max);
        replica.paused.set(tenantId, { until: performance.now() + ms, ms });
        return { reason: 'behind' };
      }
      if (isUnavailable(error)) this.leaveOut(replica, 'down');
      return { reason: 'failed' };
    }
  }

  /** The next one that is up and lacked nothing of the tenant a moment ago. */
  private choose(tenantId: string): Replica | undefined {
    const now = performance.now();
    for (let tried = 0; tried < this.replicas.length; tried += 1) {
      const replica = this.replicas[(this.lastIndex += 1) % this.replicas.length]!;
      if (replica.state === 'up' && now >= (replica.paused.get(tenantId)?.until ?? 0)) return replica;
    }
    return undefined;
  }

  /** How far a caller may say that it has seen a tenant's changes, for its next requests. */
  positionOf(tenantId: string, seen: Position | undefined): string | undefined {
    const known = this.positions.of(tenantId);
    return (known ?? seen) ? positionText(later(known ?? seen!, seen)) : undefined;
  }

  /** Has the replicas looked at every second for as long as reads come. */
  private use(): void {
    this.isUsed = true;
    if (this.timer) return;
    this.timer = setInterval(() => {
      if (this.isUsed) void this.look();
      else {
        clearInterval(this.timer);
        this.timer = undefined;
      }
      this.isUsed = false;
    }, lookMs).unref();
    void this.look();
  }

  /** Looks how the replicas are. */
  look(): Promise<void> {
    return (this.looking ??= this.lookNow().finally(() => (this.looking = undefined)));
  }

  private async lookNow(): Promise<void> {
    const before = this.end;
    // a replica that lacks what was there a look ago is behind for longer than that; one that was idle meanwhile has it
    this.end = await this.primaryProber.ask(endOfLog).then(
      ([row]) => walOf(row![0]!),
      () => undefined,
    );
    await Promise.all(
      this.replicas.map(async (replica) => {
        try {
          const [row] = await replica.prober.ask(look);
          const [recovering, replayed] = row!;
          if (recovering !== 'true') return this.leaveOut(replica, 'promoted');
          const wal = walOf(replayed ?? '0/0');
          replica.lag = this.end === undefined ? replica.lag : Number(this.end > wal ? this.end - wal : 0n);
          if (before !== undefined && wal < before) this.leaveOut(replica, 'lagging');
          else this.takeIn(replica);
        } catch {
          this.leaveOut(replica, 'down');
        }
      }),
    );
  }

  private leaveOut(replica: Replica, state: Exclude<State, 'up'>): void {
    const was = replica.state;
    replica.state = state;
    if (state === 'down' && was !== 'down') {
      // what waits for its answers asks the database itself
      replica.gone.reject(new Gone());
      replica.gone = rejectable();
      replica.pool.cut();
    }
    if (was !== state)
      log.warn({ event: 'replica.leftOut', replica: replica.name, state }, `replica ${replica.name} is not asked`);
  }

  private takeIn(replica: Replica): void {
    if (replica.state === 'up') return;
    replica.state = 'up';
    log.info({ event: 'replica.back', replica: replica.name }, `replica ${replica.name} is asked`);
  }

  /** How each stands, and how many reads who has answered. */
  statistics(): {
    replicas: Array<{ name: string; state: State; lag: number; reads: number }>;
    primary: ReadonlyArray<readonly [Reason, number]>;
  } {
    return {
      replicas: this.replicas.map(({ name, state, lag, reads }) => ({ name, state, lag, reads })),
      primary: reasons.map((reason) => [reason, this.primaryReads[reason]] as const),
    };
  }

  async close(timeoutMs: number): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([
      this.primaryProber.end(),
      ...this.replicas.flatMap(({ pool, prober }) => [pool.end(timeoutMs), prober.end()]),
    ]);
  }
}

function rejectable(): Replica['gone'] {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, fail) => (reject = fail));
  promise.catch(() => {});
  return { promise, reject };
}

const identity: Statement = {
  text: 'select pg_is_in_recovery()::text, system_identifier::text from pg_control_system()',
  values: [],
};

/** Refuses addresses of what is no replica of the database; those that do not answer now are looked at later. */
export async function checkReplicas(primary: Connections, replicas: readonly Connections[]): Promise<void> {
  const [own] = await primary.global(identity);
  await Promise.all(
    replicas.map(async (replica, index) => {
      const [row] = await replica.global(identity).catch((error: unknown): Row[] => {
        if (isUnavailable(error)) return [];
        throw new ConfigurationError(
          `CRM_DATABASE_REPLICA_URLS: number ${index + 1} refuses: ${(error as Error).message}.`,
        );
      });
      if (!row) return;
      if (row[0] !== 'true' || row[1] !== own![1])
        throw new ConfigurationError(
          `CRM_DATABASE_REPLICA_URLS must be of streaming replicas of the database; number ${index + 1} is ${row[0] === 'true' ? 'a replica of another one' : 'none'}.`,
        );
    }),
  );
}
