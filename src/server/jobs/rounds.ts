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
 * Does work in one tenant after another, again and again: in some of them every second, and in all of them in longer rounds.
 * What fails is left alone for longer and longer, and logged each time. Returns a function that stops it, behind what is under way.
 */
export function rounds(database: Database, { job, failure, everywhere, near, work }: Round): () => Promise<void> {
  let looked = 0;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout;
  const failures = new Failures(job);

  const look = async (): Promise<void> => {
    const all = Date.now() - looked >= everywhere;
    const tenants = all ? await activeTenants(database) : await near();
    await forEachTenant(tenants, failures, failure, async (tenant) => {
      if (!stopped) await work(tenant, () => stopped);
    });
    if (all) looked = Date.now();
  };
  const next = (): void => {
    looking = look()
      .then(() => failures.succeeded(whole))
      .catch((error: unknown) => failures.failed(whole, error, failure))
      .finally(() => {
        if (!stopped) timer = setTimeout(next, Math.max(soon, failures.wait(whole)));
      });
  };
  next();

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await looking;
  };
}
