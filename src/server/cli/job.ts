import type { Context } from '../../core/context.js';
import { isUnavailable } from '../../core/database-faults.js';
import { isOutOfReach } from '../../core/out-of-reach.js';
import * as feed from '../../events/feed.service.js';
import * as webhooks from '../../events/webhook.service.js';
import { systemIn } from '../../identity/system.service.js';
import * as recycling from '../../ownership/recycling.service.js';
import * as health from '../../success/health.service.js';
import { activeTenants } from '../../tenants/tenant.service.js';
import { Failure } from './failure.js';
import { asServer } from './opened.js';

/** The jobs that can be run for a tenant; each reports what it did. Interrupted, it goes on where it was. */
export const jobs: Record<string, (ctx: Context) => Promise<string>> = {
  health: async (ctx) => {
    const run = await health.start(ctx);
    let progress = await health.advance(ctx, run);
    while (!progress.finished) {
      process.stdout.write(`${ctx.tenant.code}: ${progress.scored} of ${progress.total}\n`);
      progress = await health.advance(ctx, run);
    }
    return `${progress.scored} customers scored`;
  },
  recycle: async (ctx) => {
    const { recycled, reminded } = await recycling.recycleToday(ctx, ({ kind, done, total }) =>
      process.stdout.write(`${ctx.tenant.code}: ${done} of ${total}${kind === 'COMPUTE' ? ' computed' : ''}\n`),
    );
    return `${recycled} customers and leads recycled, ${reminded} reminders`;
  },
  restored: async (ctx) => `the feed goes on behind ${await feed.goOnAfterRestore(ctx)}`,
  encrypt: async (ctx) => `${await webhooks.encryptSecrets(ctx)} secrets encrypted`,
};

/** Runs a job in every active tenant, or in one. */
export async function job(name: string, { tenant }: { tenant?: string }): Promise<void> {
  const work = jobs[name];
  if (!work) throw new Failure(`There is no job ${name}; there are the jobs ${Object.keys(jobs).join(', ')}.`);
  await asServer(async ({ pool }) => {
    const all = await activeTenants(pool);
    const chosen = all.filter(({ code }) => tenant === undefined || code === tenant);
    if (chosen.length === 0 && tenant !== undefined)
      throw new Failure(`There is no active tenant ${tenant}; \`crm tenant list\` shows which there are.`);
    const missed: string[] = [];
    for (const one of chosen)
      try {
        process.stdout.write(`${one.code}: ${await work(await systemIn(pool, one))}\n`);
      } catch (error) {
        if (!isUnavailable(error) || (await isOutOfReach(pool, error))) throw error;
        missed.push(one.code);
      }
    if (missed.length > 0)
      throw new Failure(`The node of the database with these tenants cannot be reached: ${missed.join(', ')}.`);
  });
}
