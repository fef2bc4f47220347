import type { Database } from '../../core/database.js';
import { log } from '../../core/log.js';
import { systemIn } from '../../identity/system.service.js';
import * as recycling from '../../ownership/recycling.service.js';
import { findTenant } from '../../tenants/tenant.service.js';
import { rounds } from './rounds.js';

/**
 * Computes the days on which pool rules take records anew where rules were changed, and takes records whose day has come, in
 * each tenant from that time of its day on; what was missed while no server ran is made up for. Of several processes one does
 * it, and another takes it up if that one is gone. Returns what stops it, behind the step that is under way.
 */
export const recyclingRounds = (
  database: Database,
  time: string | undefined,
  everywhere: number,
): (() => Promise<void>) =>
  rounds(database, {
    job: 'recycling',
    failure: {
      event: 'job.recyclingFailed',
      message: 'the work on the days of pool rules was interrupted; it is taken up again',
    },
    everywhere,
    near: () => Promise.all(recycling.expected().map((id) => findTenant(database, id, false))),
    work: async (tenant, isStopped) => {
      while (!isStopped() && (await recycling.waiting(database, tenant, time))) {
        const ctx = await systemIn(database, tenant);
        const run = await recycling.due(ctx, time);
        if (run === null) return;
        let progress = await recycling.advance(ctx, run);
        while (!progress.finished && !isStopped()) progress = await recycling.advance(ctx, run);
        if (progress.kind === 'RECYCLE' && progress.finished)
          log.info(
            { event: 'job.recyclingDone', tenant: tenant.code, ...progress },
            'customers and leads whose day had come were taken into pools',
          );
      }
    },
  });
