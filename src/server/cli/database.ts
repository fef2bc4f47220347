// The commands npm run db:migrate, db:down, db:check, db:url and db:demo.
import { parseArgs, styleText } from 'node:util';
import { ConfigurationError, readConfig } from '../../config.js';
import { log } from '../../core/log.js';
import { DatabaseNotEmpty, loadDemo, defaults } from '../../demo/load.js';
import { findDatabase, migrate } from '../../database/open.js';
import { openOrm } from '../../database/orm.js';
import ormOptions from '../../../mikro-orm.config.js';

/** A wrong call or an expected failure: one sentence for people, exit code 1. */
class Failure extends Error {}

const commands: Record<string, (ownerUrl: string, args: string[]) => Promise<string>> = {
  migrate: async (ownerUrl) => {
    await migrate(ownerUrl, ormOptions);
    return 'The database is up to date.';
  },

  down: async (ownerUrl) => {
    const [reverted] = await withOrm(ownerUrl, (orm) => orm.migrator.down());
    return reverted ? `Reverted ${reverted.name}.` : 'There is no migration to revert.';
  },

  check: async (ownerUrl) => {
    const difference = (await withOrm(ownerUrl, (orm) => orm.schema.getUpdateSchemaSQL())).trim();
    if (difference) throw new Failure(`Entities and database differ; this would bring them together:\n${difference}`);
    return 'Entities and database agree.';
  },

  url: (ownerUrl) => Promise.resolve(ownerUrl),

  demo: async (ownerUrl, args) => {
    const options = demoOptions(args);
    await migrate(ownerUrl, ormOptions);
    const began = Date.now();
    let rows = 0;
    await loadDemo(ownerUrl, {
      ...options,
      progress: (done, total, tenant, written) => {
        rows = written;
        showProgress(
          done / total,
          `${tenant}, ${Math.round(written / ((Date.now() - began) / 1000)).toLocaleString('en')} rows/s`,
        );
      },
    });
    return `Loaded ${options.customers} customers into ${options.tenants} tenants: ${rows.toLocaleString('en')} rows in ${((Date.now() - began) / 1000).toFixed(1)} s.`;
  },
};

async function withOrm<T>(ownerUrl: string, work: (orm: ReturnType<typeof openOrm>) => Promise<T>): Promise<T> {
  const orm = openOrm(ormOptions, ownerUrl);
  try {
    return await work(orm);
  } finally {
    await orm.close(true);
  }
}

function demoOptions(args: string[]): {
  tenants: number;
  customers: number;
  largest?: number;
  activities?: number;
  add: boolean;
} {
  const { values } = parseArgs({
    args,
    options: {
      tenants: { type: 'string' },
      customers: { type: 'string' },
      largest: { type: 'string' },
      activities: { type: 'string' },
      add: { type: 'boolean', default: false },
    },
  });
  const tenants = whole('--tenants', values.tenants ?? String(defaults.tenants));
  const customers = whole('--customers', values.customers ?? String(defaults.customers), tenants);
  return {
    tenants,
    customers,
    ...(values.largest !== undefined && { largest: whole('--largest', values.largest, 1, customers - tenants + 1) }),
    ...(values.activities !== undefined && { activities: whole('--activities', values.activities, 1, 1000) }),
    add: values.add,
  };
}

function whole(name: string, text: string, least = 1, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > max)
    throw new Failure(
      `${name} must be a whole number of at least ${least}${max < Number.MAX_SAFE_INTEGER ? ` and at most ${max}` : ''}.`,
    );
  return value;
}

let reported = -1;
/** One line that is written over on a terminal; elsewhere a line for each tenth. */
function showProgress(share: number, text: string): void {
  const percent = Math.floor(100 * share);
  if (process.stdout.isTTY)
    process.stdout.write(`\r\x1b[K${styleText('bold', `${percent} %`)} ${text}${share === 1 ? '\n' : ''}`);
  else if (Math.floor(percent / 10) !== reported) process.stdout.write(`${percent} % ${text}\n`);
  reported = Math.floor(percent / 10);
}

async function main([name = '', ...args]: string[]): Promise<void> {
  const command = commands[name];
  if (!command) throw new Failure(`There are the commands ${Object.keys(commands).join(', ')}.`);
  const config = readConfig();
  log.level = config.LOG_LEVEL!;
  const place = await findDatabase(config);
  try {
    process.stdout.write(`${await command(place.ownerUrl, args)}\n`);
  } finally {
    // a database that ran before belongs to somebody else, who would lose it
    if (!place.adopted) await place.stop();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected =
    error instanceof Failure ||
    error instanceof DatabaseNotEmpty ||
    error instanceof ConfigurationError ||
    (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = 1;
});
