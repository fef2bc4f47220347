// npm run job -- health [--tenant demo]: for a scheduler (cron, a CronJob), once a day. Interrupted, it goes on where it was.
import { parseArgs } from 'node:util';
import { ConfigurationError, readConfig } from '../../config.js';
import type { Context } from '../../core/context.js';
import { setVisibility } from '../../write/lookup.js';
import { log } from '../../core/log.js';
import { openDatabase } from '../../database/open.js';
import { systemIn } from '../../identity/system.service.js';
import { changeableRows, ownRows, visibleRows } from '../../read/query.js';
import * as health from '../../success/health.service.js';
import { allTenants } from '../../tenants/tenant.service.js';
import ormOptions from '../../../mikro-orm.config.js';

/** The jobs that can be run for a tenant; each reports what it did. */
const jobs: Record<string, (ctx: Context) => Promise<string>> = {
  health: async (ctx) => {
    const run = await health.start(ctx);
    let progress = await health.advance(ctx, run);
    while (!progress.finished) {
      process.stdout.write(`${ctx.tenant.code}: ${progress.scored} of ${progress.total}\n`);
      progress = await health.advance(ctx, run);
    }
    return `${progress.scored} customers scored`;
  },
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { tenant: { type: 'string' } }, allowPositionals: true });
  const job = jobs[positionals[0] ?? ''];
  if (!job) throw new ConfigurationError(`There are the jobs ${Object.keys(jobs).join(', ')}.`);
  const config = readConfig();
  log.level = config.LOG_LEVEL!;
  const database = await openDatabase(config, ormOptions);
  setVisibility({ visible: visibleRows, changeable: changeableRows, own: ownRows });
  try {
    const tenants = (await allTenants(database.pool)).filter(
      ({ code }) => values.tenant === undefined || code === values.tenant,
    );
    if (tenants.length === 0 && values.tenant !== undefined) throw new ConfigurationError('There is no such tenant.');
    for (const tenant of tenants)
      process.stdout.write(`${tenant.code}: ${await job(await systemIn(database.pool, tenant))}\n`);
  } finally {
    await database.close('guest');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigurationError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exitCode = 1;
});
