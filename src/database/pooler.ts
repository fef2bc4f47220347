import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ConfigurationError, type Config } from '../config.js';
import type { Database } from '../core/database.js';

// A pooler between this server and PostgreSQL that gives each transaction another connection, such as PgBouncer.

/** Refuses what cannot work through a pooler, before anything is connected. */
export function checkPooler(config: Config): void {
  if (!config.CRM_DATABASE_POOLER) return;
  if (!config.CRM_DATABASE_URL)
    throw new ConfigurationError('CRM_DATABASE_POOLER needs CRM_DATABASE_URL, the address of the pooler.');
  if (!config.CRM_DATABASE_OWNER_URL)
    throw new ConfigurationError(
      'CRM_DATABASE_POOLER needs CRM_DATABASE_OWNER_URL: a connection of a pooler cannot keep the role that the server works as, so that CRM_DATABASE_URL has to log in as it.',
    );
  if (!config.CRM_DATABASE_LISTEN_URL)
    throw new ConfigurationError(
      'CRM_DATABASE_POOLER needs CRM_DATABASE_LISTEN_URL, an address without the pooler: notifications of other servers do not come through it.',
    );
}

/** How long it is waited for another connection of the pooler, in milliseconds. */
const probeMs = 3_000;
/** How many connections it is given to get to another one. */
const probes = 4;

/**
 * Whether a pooler carries prepared statements: whether one that was prepared is still there on another connection to
 * PostgreSQL. Only what was seen counts, since a statement of somebody else's under the same name would be carried out instead.
 */
export async function carriesPrepared(address: pg.ClientConfig): Promise<boolean> {
  const clients: pg.Client[] = [];
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ ...address, connectionTimeoutMillis: probeMs, query_timeout: probeMs });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  };
  const statement = { name: `probe-${randomUUID()}`, text: 'select pg_backend_pid() as pid' };
  const pidOf = async (client: pg.Client, asked: { text: string; name?: string } = statement): Promise<number> =>
    (await client.query<{ pid: number }>(asked)).rows[0]!.pid;
  try {
    const client = await connect();
    const first = await pidOf(client);
    for (let probe = 0; probe < probes; probe += 1) {
      const other = await connect();
      await other.query('begin');
      if ((await pidOf(other, { text: statement.text })) !== first) continue;
      // the other one has taken the connection: this one has to go elsewhere
      return (await pidOf(client)) !== first;
    }
    return false;
  } catch {
    return false;
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

/** How long a notification may take at start, in milliseconds. */
const notificationMs = 5_000;

/** Refuses an address for notifications at which none arrives. */
export async function checkListening(database: Database, address: pg.ClientConfig): Promise<void> {
  const channel = `crm_probe_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ ...address, connectionTimeoutMillis: notificationMs, query_timeout: notificationMs });
  client.on('error', () => {});
  const arrived = new Promise<boolean>((resolve) => client.once('notification', () => resolve(true)));
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
  } catch (error) {
    await client.end().catch(() => {});
    throw new ConfigurationError(
      `CRM_DATABASE_LISTEN_URL must be an address of the database without a pooler; it cannot be listened at: ${(error as Error).message}.`,
    );
  }
  try {
    await database.global({ text: `select pg_notify($1, '')`, values: [channel] });
    if (!(await Promise.race([arrived, wait(notificationMs, false, { ref: false })])))
      throw new ConfigurationError(
        'CRM_DATABASE_LISTEN_URL must be an address of the same database without a pooler: a notification did not arrive there.',
      );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Refuses a database at which the settings do not arrive that connections begin with. */
export async function checkSettings(database: Database): Promise<void> {
  const [row] = await database.global({ text: "select current_setting('random_page_cost')", values: [] });
  if (row![0] !== '1.1')
    throw new ConfigurationError(
      'CRM_DATABASE_POOLER must be 1: the settings that connections begin with do not reach PostgreSQL, so that a pooler stands before it.',
    );
}
