import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import { migrations } from '../../database/migrations/index.js';
import { migrate } from '../../database/open.js';
import { openOrm } from '../../database/orm.js';
import { defaults, loadDemo } from '../../demo/load.js';
import ormOptions from '../../../mikro-orm.config.js';
import { Failure } from './failure.js';
import { asOwner } from './opened.js';
import { say } from './say.js';

/** Runs the migrations that are missing. */
export const up = (): Promise<void> =>
  asOwner(async ({ ownerUrl }) => {
    await migrate(ownerUrl, ormOptions, say);
    say('The database is up to date.');
  });

/** Takes the last migration back, once somebody has agreed to what is lost. */
export const down = ({ yes }: { yes?: boolean }): Promise<void> =>
  asOwner(async ({ ownerUrl }) =>
    withOrm(ownerUrl, async (orm) => {
      const done = await orm.migrator.getExecuted();
      const last = migrations.map(({ name }) => name).findLast((name) => done.some((one) => one.name === name));
      if (last === undefined) return say('There is no migration to revert.');
      if (!yes) await agreed(last, ownerUrl);
      const [reverted] = await orm.migrator.down();
      say(`Reverted ${reverted!.name}.`);
    }),
  );

async function agreed(migration: string, ownerUrl: string): Promise<void> {
  const { host, pathname } = new URL(ownerUrl);
  const what = `takes migration ${migration} back on ${host}${pathname} and drops what it added, with its data`;
  if (!process.stdin.isTTY) throw new Failure(`This ${what}: say --yes to do so.`);
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question(`This ${what}. Go on? [y/N] `).finally(() => asking.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('Nothing was changed.');
}

/** Says whether entities and database agree. */
export const check = (): Promise<void> =>
  asOwner(async ({ ownerUrl }) => {
    const difference = (await withOrm(ownerUrl, (orm) => orm.schema.getUpdateSchemaSQL())).trim();
    if (difference) throw new Failure(`Entities and database differ; this would bring them together:\n${difference}`);
    say('Entities and database agree.');
  });

/** Prints the address of the database for its owner. */
export const url = (): Promise<void> => asOwner(({ ownerUrl }) => Promise.resolve(say(ownerUrl)));

export interface DemoOptions {
  tenants?: string;
  customers?: string;
  largest?: string;
  activities?: string;
  add?: boolean;
}

/** Loads demo data. */
export async function demo(given: DemoOptions): Promise<void> {
  const options = demoOptions(given);
  await asOwner(async ({ ownerUrl }) => {
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
    say(
      `Loaded ${options.customers} customers into ${options.tenants} tenants: ${rows.toLocaleString('en')} rows in ${((Date.now() - began) / 1000).toFixed(1)} s.`,
    );
  });
}

async function withOrm<T>(ownerUrl: string, work: (orm: ReturnType<typeof openOrm>) => Promise<T>): Promise<T> {
  const orm = openOrm(ormOptions, ownerUrl);
  try {
    return await work(orm);
  } finally {
    await orm.close(true);
  }
}

function demoOptions({ add = false, ...given }: DemoOptions): {
  tenants: number;
  customers: number;
  largest?: number;
  activities?: number;
  add: boolean;
} {
  const tenants = whole('--tenants', given.tenants ?? String(defaults.tenants));
  const customers = whole('--customers', given.customers ?? String(defaults.customers), tenants);
  return {
    tenants,
    customers,
    ...(given.largest !== undefined && { largest: whole('--largest', given.largest, 1, customers - tenants + 1) }),
    ...(given.activities !== undefined && { activities: whole('--activities', given.activities, 1, 1000) }),
    add,
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
