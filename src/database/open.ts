import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Options } from '@mikro-orm/postgresql';
import pg from 'pg';
import { ConfigurationError, type Config } from '../config.js';
import { log } from '../core/log.js';
import { runMigrations } from './migrating.js';
import { Pool, type PoolOptions } from './pool.js';
import { carriesPrepared, checkListening, checkPooler, checkSettings } from './pooler.js';
import { checkReplicas, Replicas } from './replicas.js';
import { Workers } from './workers.js';

export interface OpenDatabase {
  pool: Pool;
  /** the nodes that hold rows of tenants, where the database is distributed */
  workers?: Workers;
  /** connection string of the role that owns the database */
  ownerUrl: string;
  /** closes the pool and stops an embedded PostgreSQL; one that ran before is left running if `guest` says that we are only visiting */
  close(guest?: 'guest'): Promise<void>;
}

/** Where the database is, without opening it. */
export interface DatabasePlace {
  ownerUrl: string;
  serverUrl: string;
  /** role to take on after connecting; set where one address serves both roles */
  role?: string;
  /** true for an embedded PostgreSQL that ran already */
  adopted?: boolean;
  /** brings the database back if it is ours and has died; gives its address for the server's role */
  revive?: () => Promise<string>;
  stop(): Promise<void>;
}

/** Finds the configured database, or starts the embedded one. */
export async function findDatabase(config: Config, durable = true): Promise<DatabasePlace> {
  if (config.CRM_DATABASE_URL) {
    const stop = async (): Promise<void> => {};
    if (config.CRM_DATABASE_OWNER_URL)
      return { ownerUrl: config.CRM_DATABASE_OWNER_URL, serverUrl: config.CRM_DATABASE_URL, stop };
    return { ownerUrl: config.CRM_DATABASE_URL, serverUrl: config.CRM_DATABASE_URL, role: 'crm_server', stop };
  }
  const { startEmbedded } = await import('./embedded.js');
  const start = (): ReturnType<typeof startEmbedded> =>
    startEmbedded({
      dir: path.resolve(config.CRM_DATA_DIR!),
      durable,
      log: (line) => log.info({ event: 'database.embedded' }, line),
    });
  let running = await start();
  const revive = async (): Promise<string> => {
    running = await start();
    return running.serverUrl;
  };
  return {
    ownerUrl: running.ownerUrl,
    serverUrl: running.serverUrl,
    adopted: running.adopted,
    revive,
    stop: () => running.stop(),
  };
}

/** Opens the connections to the database and its replicas, as the configuration has them, and refuses what cannot work. */
async function openPool(config: Config, place: DatabasePlace): Promise<Pool> {
  const distributed = config.CRM_CITUS ?? (await hasCitus(place.ownerUrl));
  if (distributed && config.CRM_DATABASE_POOLER)
    throw new ConfigurationError('CRM_DATABASE_POOLER does not work with a database that Citus has distributed.');
  if (distributed && config.CRM_DATABASE_REPLICA_URLS.length > 0)
    throw new ConfigurationError('CRM_DATABASE_REPLICA_URLS do not work with a database that Citus has distributed.');
  const carries = config.CRM_DATABASE_POOLER && (await carriesPrepared({ connectionString: place.serverUrl }));
  if (config.CRM_DATABASE_POOLER)
    log.info(
      { event: 'database.pooler', carriesPrepared: carries },
      carries ? 'the pooler carries prepared statements' : 'the pooler carries no prepared statements',
    );
  const options: PoolOptions = {
    url: place.serverUrl,
    distributed,
    size: config.CRM_DATABASE_POOL,
    share: config.CRM_DATABASE_TENANT_SHARE ?? config.CRM_DATABASE_POOL >> 1,
    deadlines: config.CRM_STATEMENT_SECONDS,
    ...(place.role && { role: place.role }),
    ...(config.CRM_DATABASE_POOLER && { pooler: { carriesPrepared: carries } }),
    ...(config.CRM_DATABASE_LISTEN_URL && { listenUrl: config.CRM_DATABASE_LISTEN_URL }),
  };
  const pool = new Pool({ ...options, ...(place.revive && { revive: place.revive }) });
  try {
    await checkSettings(pool);
    if (config.CRM_DATABASE_LISTEN_URL) await checkListening(pool, pool.listenAddress());
    if (config.CRM_DATABASE_REPLICA_URLS.length > 0) {
      const pools = config.CRM_DATABASE_REPLICA_URLS.map((url) => new Pool({ ...options, url }));
      pool.replicas = new Replicas({ pools, primary: pool });
      await checkReplicas(pool, pools);
      await pool.replicas.look();
    }
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Opens the database: finds it, brings it up to date and connects as the server's role. */
export async function openDatabase(config: Config, orm: Options): Promise<OpenDatabase> {
  checkPooler(config);
  const place = await findDatabase(config);
  if (place.role) await ensureServerRole(place.ownerUrl);
  await migrate(place.ownerUrl, orm);
  const pool = await openPool(config, place);
  const workers = (await hasCitus(place.ownerUrl)) ? new Workers(() => pool.address()) : undefined;
  return {
    pool,
    ...(workers && { workers }),
    ownerUrl: place.ownerUrl,
    close: async (guest) => {
      await Promise.all([pool.end(), workers?.end()]);
      if (!guest || !place.adopted) await place.stop();
    },
  };
}

/** Runs the migrations that are missing, one process at a time; `progress` hears how far those are that take long. */
export const migrate = (ownerUrl: string, options: Options, progress?: (text: string) => void): Promise<void> =>
  withLock(ownerUrl, () => runMigrations(ownerUrl, options, progress));

const hasCitus = (ownerUrl: string): Promise<boolean> =>
  connected(
    ownerUrl,
    async (client) => (await client.query("select 1 from pg_extension where extname = 'citus'")).rowCount === 1,
  );

/** Where one address serves for both roles: the server's role is created if it is missing, and the owner may take it on. */
async function ensureServerRole(ownerUrl: string): Promise<void> {
  await withLock(ownerUrl, async (client) => {
    const { rowCount } = await client.query("select 1 from pg_roles where rolname = 'crm_server'");
    if (rowCount === 0) await client.query('create role crm_server nologin nosuperuser nobypassrls');
    await client.query('grant crm_server to current_user');
  });
}

const withLock = (ownerUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> =>
  connected(ownerUrl, async (client) => {
    const key = createHash('sha256').update('crm-graph migrations').digest().readInt32BE();
    // whoever waits for the lock keeps a snapshot, and an index that is built concurrently waits for its end: so nobody waits
    while (!(await locked(client, key))) await pause(200);
    await work(client);
    await client.query('commit');
  });

/** Whether a lock was got, until the end of a transaction: a pooler may give whatever follows one to another connection. */
async function locked(client: pg.Client, key: number): Promise<boolean> {
  await client.query('begin');
  await client.query('set local idle_in_transaction_session_timeout = 0');
  // without parameters: what would keep them keeps a snapshot too
  const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_xact_lock(${key}) as got`);
  if (!rows[0]!.got) await client.query('rollback');
  return rows[0]!.got;
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
