import { followedTenants } from '../../feed/bus.js';
import type { Database } from '../../core/database.js';
import { isUnavailable } from '../../core/errors.js';
import { log } from '../../core/log.js';
import { systemIn } from '../../identity/system.service.js';
import { anythingDue, publishWhatIsDue } from '../../success/due.service.js';
import { allTenants, findTenant } from '../../tenants/tenant.service.js';

/** How often due records are looked for, in milliseconds: in tenants with subscribers, and in every tenant. */
const soon = 1_000;
const everywhere = 30_000;

/**
 * Publishes tasks as they fall due, including those that did while no server ran; several processes may do so at once.
 * Returns a function that stops it.
 */
export function watchDue(database: Database): () => Promise<void> {
  let looked = 0;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout;

  const look = async (): Promise<void> => {
    const all = Date.now() - looked >= everywhere;
    const tenants = all
      ? await allTenants(database)
      : await Promise.all(followedTenants().map((id) => findTenant(database, id, false)));
    for (const tenant of tenants)
      if (tenant && !stopped && (await anythingDue(database, tenant.id)))
        await publishWhatIsDue(await systemIn(database, tenant));
    if (all) looked = Date.now();
  };
  const next = (): void => {
    looking = look()
      .catch((error: unknown) => {
        if (!isUnavailable(error))
          log.warn({ event: 'job.dueFailed', err: error }, 'due records could not be published; retrying');
      })
      .finally(() => {
        if (!stopped) timer = setTimeout(next, soon);
      });
  };
  next();

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await looking;
  };
}
