import { randomUUID } from 'node:crypto';
import type { Database, Statement } from '../core/database.js';

/** The id of this process as the holder of leases. */
export const holder = randomUUID();

/** Duration of a lease in seconds; each recorded position renews it. What is done in between must not take longer. */
export const leaseSeconds = 20;

/** Another process holds the lease now, or has moved the position: what was not recorded is its work. */
export class LeaseLost extends Error {
  constructor() {
    super('The lease on an outbox relay is lost.');
  }
}

/**
 * The lease of one process on one outbox relay of a tenant, held in a row: of several processes one works at a time,
 * and another continues where a killed one stopped. What was passed on but not recorded is passed on again.
 */
export class Lease {
  private succeededNow = false;
  /** the recorded position */
  private recorded: number;

  private constructor(
    readonly database: Database,
    readonly tenantId: string,
    readonly name: string,
    seq: number,
    /** attempts that have failed since one succeeded */
    public failures: number,
    /** since when they do */
    public failingSince: Date | null,
    private lastError: string | null,
  ) {
    this.recorded = seq;
  }

  /** Acquires the lease; null if another process holds it, or if the relay is paused. */
  static async acquire(database: Database, tenantId: string, name: string): Promise<Lease | null> {
    const [row] = await database.read(tenantId, {
      name: 'lease-acquire',
      // seconds since 1970 by what is immutable, as a distributed database wants it of what is returned
      text: `update feed_reader set holder = $3, held_until = now() + make_interval(secs => $4::int) where tenant_id = $1 and name = $2 and not paused
        and (held_until is null or held_until <= now() or holder = $3) and (rest_until is null or rest_until <= now())
        returning seq, failures, extract(epoch from failing_since - timestamptz 'epoch'), last_error`,
      values: [tenantId, name, holder, leaseSeconds],
    });
    if (!row) return null;
    const [seq, failures, since, lastError] = row;
    return new Lease(
      database,
      tenantId,
      name,
      Number(seq),
      Number(failures),
      since ? new Date(Number(since) * 1_000) : null,
      lastError ?? null,
    );
  }

  /** the last event that needs no more work */
  get seq(): number {
    return this.recorded;
  }

  /** what went wrong with the latest attempt that failed */
  get error(): string | null {
    return this.lastError;
  }

  succeeded(): void {
    this.failures = 0;
    this.failingSince = null;
    this.succeededNow = true;
  }

  failed(error: string): void {
    this.failures += 1;
    this.failingSince ??= new Date();
    this.lastError = error.slice(0, 500);
  }

  /** Records a new position together with other statements, and renews the lease. Throws LeaseLost. */
  async advanceTo(seq: number, statements: Statement[] = []): Promise<void> {
    await this.write(seq, statements, [holder, leaseSeconds, null, null]);
  }

  /**
   * Records everything and releases the lease: nothing is tried for `rest` milliseconds, and the relay is due again in
   * `wake`.
   */
  async release({ rest = null, wake = null }: { rest?: number | null; wake?: number | null } = {}): Promise<void> {
    await this.write(this.recorded, [], [null, null, rest, wake]);
  }

  private async write(
    seq: number,
    statements: Statement[],
    [keeps, seconds, rest, wake]: [string | null, number | null, number | null, number | null],
  ): Promise<void> {
    const { tenantId, name, failures, failingSince, lastError, succeededNow } = this;
    const update = `update feed_reader set seq = $5::bigint, holder = $6, held_until = now() + make_interval(secs => $7::int), rest_until = now() + make_interval(secs => $8::float8 / 1000),
        wake_at = now() + make_interval(secs => $9::float8 / 1000), failures = $10::int, failing_since = $11::timestamptz, last_error = $12, last_success_at = coalesce($13::timestamptz, last_success_at)
        where tenant_id = $1 and name = $2 and holder = $3 and seq = $4::bigint returning 1`;
    const values = [
      tenantId,
      name,
      holder,
      this.recorded,
      seq,
      keeps,
      seconds,
      rest,
      wake,
      failures,
      failingSince?.toISOString() ?? null,
      lastError,
      succeededNow ? new Date().toISOString() : null,
    ];
    const move: Statement = {
      name: 'lease-write',
      text: `with moved as (${update}) select 1 / count(*) from moved`,
      values,
      missing: () => new LeaseLost(),
      plain: () => ({
        before: [{ name: 'lease-move', text: update, values }],
        inPlace: true,
        rest: ([moved]) => {
          if (moved!.length === 0) throw new LeaseLost();
          return { statements: [] };
        },
      }),
    };
    await this.database.transaction(tenantId, async () => ({
      result: undefined,
      last: [move, ...statements],
      final: [],
      committed: () => {},
    }));
    this.recorded = seq;
    this.succeededNow = false;
  }
}
