import type { TenantInfo } from '../../core/context.js';
import type { Database } from '../../core/database.js';
import { isUnavailable } from '../../core/database-faults.js';
import { log, type LogEvent } from '../../core/log.js';
import { isOutOfReach } from '../../core/out-of-reach.js';

/** How long what has failed is left alone, in milliseconds: at first, and at most; doubled in between. */
const firstWait = 1_000;
const longestWait = 300_000;

/** How a failure of a job is logged. */
export interface Failure {
  event: LogEvent;
  message: string;
}

/** How the jobs of this process have failed, by their names. */
const jobs = new Map<string, { failures: number; waiting: () => number }>();

/** How often each job has failed, and for how many tenants it is left alone now. */
export const jobCounts = (): Array<{ job: string; failures: number; waiting: number }> =>
  [...jobs].map(([job, { failures, waiting }]) => ({ job, failures, waiting: waiting() }));

/** What of a job has failed again and again, and until when it is left alone. */
export class Failures {
  private readonly known = new Map<string, { count: number; until: number }>();
  private readonly counts = {
    failures: 0,
    waiting: () => [...this.known.keys()].filter((key) => this.wait(key) > 0).length,
  };

  constructor(job: string) {
    jobs.set(job, this.counts);
  }

  /** How many milliseconds it is still left alone. */
  wait(key: string): number {
    return Math.max(0, (this.known.get(key)?.until ?? 0) - Date.now());
  }

  succeeded(key: string): void {
    this.known.delete(key);
  }

  /** Says so in the log unless that is left out, with how often it has failed in a row and when it is tried again. */
  failed(key: string, error: unknown, what?: Failure & { tenant?: string }): void {
    const count = (this.known.get(key)?.count ?? 0) + 1;
    this.counts.failures += 1;
    const retryMs = Math.min(firstWait * 2 ** Math.min(count - 1, 20), longestWait);
    this.known.set(key, { count, until: Date.now() + retryMs });
    if (!what) return;
    const { event, message, tenant } = what;
    log.warn({ event, ...(tenant && { tenant }), err: error, failures: count, retryMs }, message);
  }
}

/** The work of a job as a whole, beside that for each tenant. */
export const whole = '';

/**
 * Does a job's work for one tenant after another. Where it fails for one, the others go on, and that one is left alone for
 * a while; of those whose node of a distributed database cannot be reached, the first is logged. A database that cannot be
 * reached at all is thrown.
 */
export async function forEachTenant(
  database: Database,
  tenants: ReadonlyArray<TenantInfo | null>,
  failures: Failures,
  failure: Failure,
  work: (tenant: TenantInfo) => Promise<void>,
): Promise<void> {
  let isNodeLost = false;
  for (const tenant of tenants) {
    if (!tenant || failures.wait(tenant.id) > 0) continue;
    try {
      await work(tenant);
      failures.succeeded(tenant.id);
    } catch (error) {
      if (!isNodeLost && (await isOutOfReach(database, error))) throw error;
      const isLogged = !isNodeLost || !isUnavailable(error);
      isNodeLost ||= isUnavailable(error);
      failures.failed(tenant.id, error, isLogged ? { ...failure, tenant: tenant.code } : undefined);
    }
  }
}
