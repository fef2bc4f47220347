import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { dropDatabase, makeDatabase, type DatabaseWish } from './control.js';
import type { Data } from './tenant.js';

const project = resolve(__dirname, '../..');

/** A database of a test file's own, for what cannot be done beside others: changing the structure, looking at all tenants. */
export interface OwnDatabase {
  ownerUrl: string;
  serverUrl: string;
  /** for what even the owner may not do, or see; only of a database in the cluster of the run */
  superuserUrl?: string;
  /** an empty data directory, for files */
  directory: string;
  stop: () => Promise<void>;
}

/** One tenant that is large enough for PostgreSQL to plan as in any large one; loaded once for all files that look at plans. */
export const grown: DatabaseWish = { demo: { tenants: 1, customers: 1_000 } };

/** A copy of a database that is made once for the run: migrated unless something else is wished for. */
export async function ownDatabase(wish: DatabaseWish = {}): Promise<OwnDatabase> {
  const { name, ownerUrl, serverUrl, superuserUrl } = await makeDatabase(wish);
  const directory = ownDirectory();
  return {
    ownerUrl,
    serverUrl,
    superuserUrl,
    directory,
    stop: async () => {
      await dropDatabase(name);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A PostgreSQL of a test's own with an empty database: for what stops PostgreSQL, or starts it by itself. */
export async function ownCluster(options: { durable: boolean }): Promise<OwnDatabase> {
  const directory = ownDirectory();
  const { startEmbedded } = await import('../../src/database/embedded.js');
  const cluster = await startEmbedded({
    dir: directory,
    durable: options.durable,
    log: () => {},
  });
  return {
    ownerUrl: cluster.ownerUrl,
    serverUrl: cluster.serverUrl,
    directory,
    stop: async () => {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ownDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-own-')));
  // as root, PostgreSQL runs as another account, which must be able to enter the directory
  chmodSync(directory, 0o711);
  return directory;
}

export type Sql = (text: string, values?: unknown[]) => Promise<Data[]>;

/** One connection with everything inside one transaction that is rolled back at the end; days and instants come as text. */
export async function rolledBack<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: (id, format) => ([1082, 1184].includes(id) ? String : pg.types.getTypeParser(id, format)) },
  });
  await client.connect();
  try {
    await client.query("begin; set local timezone = 'UTC'");
    return await work(async (text, values) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs one of the commands `crm db …` on that database. */
export const databaseCommand = (database: OwnDatabase, ...args: string[]): Promise<Ended> =>
  crm(environmentOf(database), 'db', ...args, ...(args[0] === 'down' ? ['--yes'] : []));

/** What makes a command or a server work on that database. */
export const environmentOf = ({
  ownerUrl,
  serverUrl,
  directory,
}: Pick<OwnDatabase, 'ownerUrl' | 'serverUrl' | 'directory'>): Record<string, string> => ({
  CRM_DATA_DIR: directory,
  CRM_DATABASE_URL: serverUrl,
  CRM_DATABASE_OWNER_URL: ownerUrl,
});

/** Runs one of the database commands with that environment and nothing else of configuration. */
export const commandIn = (environment: Record<string, string>, ...args: string[]): Promise<Ended> =>
  crm(environment, 'db', ...args);

/** As `commandIn`, for one of the jobs. */
export const jobIn = (environment: Record<string, string>, ...args: string[]): Promise<Ended> =>
  crm(environment, 'job', ...args);

/** Runs the command line with that environment and nothing else of configuration, without a terminal. */
export function crm(environment: Record<string, string>, ...args: string[]): Promise<Ended> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [join(project, 'bin/crm.mjs'), ...args], {
    cwd: project,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)));
  return new Promise((settle) => child.once('close', (code) => settle({ code, ...text })));
}
