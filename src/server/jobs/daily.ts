import type { Database } from '../../core/database.js';
import { log } from '../../core/log.js';
import { systemIn } from '../../identity/system.service.js';
import * as health from '../../success/health.service.js';
import { activeTenants } from '../../tenants/tenant.service.js';
import { type Failure, Failures, forEachTenant, whole } from './for-each-tenant.js';

const minute = 60_000;

/**
 * Computes the health of all customers once a day, in each tenant from that time of its day on; what was missed while no
 * server ran is made up for. Of several processes one does it, and another takes it up if that one is gone. Returns what
 * stops it, behind the step that is under way.
 */
export function healthDaily(database: Database, time: string | undefined, every = minute): () => Promise<void> {
  if (time === undefined) return () => Promise.resolve();
  let stopped = false;
  let round: Promise<void> | undefined;

  const failures = new Failures('health');
  const failure: Failure = {
    event: 'job.healthFailed',
    message: 'the daily computation of health was interrupted; it is taken up again',
  };
  const look = async (): Promise<void> =>
    forEachTenant(database, await activeTenants(database), failures, failure, async (tenant) => {
      const ctx = await systemIn(database, tenant);
      const run = stopped ? null : await health.due(ctx, time);
      if (run === null) return;
      let progress = await health.advance(ctx, run);
      while (!progress.finished && !stopped) progress = await health.advance(ctx, run);
      log.info(
        { event: 'job.healthDone', tenant: tenant.code, ...progress },
        'the health of all customers was computed',
      );
    });
  const begin = (): void => {
    if (failures.wait(whole) > 0) return;
    round ??= look()
      .then(() => failures.succeeded(whole))
      .catch((error: unknown) => failures.failed(whole, error, failure))
      .finally(() => (round = undefined));
  };
  begin();
  const timer = setInterval(begin, every);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await round;
  };
}
