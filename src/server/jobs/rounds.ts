import type { TenantInfo } from '../../core/context.js';
import type { Database } from '../../core/database.js';
import { activeTenants } from '../../tenants/tenant.service.js';
import { type Failure, Failures, forEachTenant, whole } from './for-each-tenant.js';

/** How often it is looked in the tenants in which something is expected, in milliseconds. */
const soon = 1_000;

/** Work that is looked for again and again. */
interface Round {
  /** name of the job, in the metrics */
  job: string;
  failure: Failure;
  /** how often it is looked in every tenant, in milliseconds */
  everywhere: number;
  /** the tenants in which it is looked every second */
  near: () => Promise<Array<TenantInfo | null>>;
  work: (tenant: TenantInfo, isStopped: () => boolean) => Promise<void>;
}

/**
 * Does work in one tenant after another, again and again: in some of them every second, and in all of them in longer rounds,
 * however long these take. What fails is left alone for longer and longer, and logged each time. Returns a function that
 * stops it, behind what is under way.
 */
export function rounds(database: Database, { job, failure, everywhere, near, work }: Round): () => Promise<void> {
  let stopped = false;
  const failures = new Failures(job);

  /** Looks in these tenants, and again so many milliseconds after each time. */
  const again = (
    name: string,
    pause: number,
    tenants: () => Promise<Array<TenantInfo | null>>,
  ): (() => Promise<void>) => {
    let looking: Promise<void> = Promise.resolve();
    let timer: NodeJS.Timeout;
    const look = async (): Promise<void> =>
      forEachTenant(database, await tenants(), failures, failure, async (tenant) => {
        if (!stopped) await work(tenant, () => stopped);
      });
    const next = (): void => {
      looking = look()
        .then(() => {
          failures.succeeded(name);
          return pause;
        })
        .catch((error: unknown) => {
          failures.failed(name, error, failure);
          return Math.max(soon, failures.wait(name));
        })
        .then((ms) => {
          if (!stopped) timer = setTimeout(next, ms);
        });
    };
    next();
    return async () => {
      clearTimeout(timer);
      await looking;
    };
  };
  const stops = [again(whole, everywhere, () => activeTenants(database)), again('near', soon, near)];

  return async () => {
    stopped = true;
    await Promise.all(stops.map((stop) => stop()));
  };
}
