import { statfs } from 'node:fs/promises';
import { Router, type Response } from 'express';
import type { Row, Statement } from '../core/database.js';
import { migrations } from '../database/migrations/index.js';
import { version } from '../version.js';
import type { Delivery } from './jobs/delivery.js';

const names = migrations.map(({ name }) => name);

/** A database that answers whether it is there, without waiting behind requests. */
interface Probed {
  probe(statement: Statement): Promise<Row[]>;
}

export interface ProbeOptions {
  database: Probed;
  delivery: Delivery;
  /** where `/health` is answered */
  paths: string[];
  /** directory of the embedded database and of files: the disk below it must not be full */
  directory: string;
  /** aborted when the server is told to stop */
  stopping: AbortSignal;
}

/**
 * The probes. None needs a token or waits for anything longer than a second, whatever the database does.
 * - `GET /livez`: 200 as long as the process answers at all; what it depends on does not count, since a restart would not help.
 * - `GET /readyz`: 200 while requests can be answered, else 503 with the reasons: the server is being stopped, the
 *   database does not answer or only reads, the disk is full, migrations are missing (they are named).
 * - `GET /startupz`: 200 from the first time on that the server was ready.
 * - `/health` under every given path: as readiness, for gateways, with the version and the state of the broker. A broker that is
 *   away makes nothing unready: events wait for it.
 */
export function probes({ database, delivery: { broker }, paths, directory, stopping }: ProbeOptions): Router {
  const router = Router({ strict: true });
  let hasStarted = false;
  // has the connection made that probes use
  void stateOf(database);
  const reasonsNow = async (): Promise<Reasons> => {
    const reasons = reasonsOf(...(await Promise.all([stateOf(database), isFull(directory)])), stopping.aborted);
    hasStarted ||= Object.keys(reasons).length === 0;
    return reasons;
  };
  router.get('/livez', (_request, response) => answer(response, {}));
  router.get('/readyz', async (_request, response) => answer(response, await reasonsNow()));
  router.get('/startupz', async (_request, response) => answer(response, hasStarted ? {} : await reasonsNow()));
  router.get(paths, async (_request, response) => {
    const [state, full] = await Promise.all([stateOf(database), isFull(directory)]);
    const checks = { database: state.database, migrations: state.migrations, ...(full && { disk: 'full' }) };
    const isUp = state.database === 'up' && state.migrations === 'up' && !full;
    response.status(isUp ? 200 : 503).json({
      status: isUp ? 'up' : 'down',
      cell: 'crm',
      version,
      checks: { ...checks, ...(broker && { broker: broker.state() }) },
      ...(broker && { broker: { lag: broker.lag() } }),
    });
  });
  return router;
}

/** What keeps the server from being ready. */
interface Reasons {
  server?: 'stopping';
  database?: 'unreachable' | 'read-only';
  migrations?: { missing: string[] };
  disk?: 'full';
}

function answer(response: Response, reasons: Reasons): void {
  const isGood = Object.keys(reasons).length === 0;
  response
    .status(isGood ? 200 : 503)
    .set('cache-control', 'no-store')
    .json(isGood ? { status: 'ok' } : { status: 'unavailable', reasons });
}

interface State {
  database: 'up' | 'down';
  /** `pending` where some are missing, `unknown` where the database cannot say */
  migrations: 'up' | 'pending' | 'unknown';
  missing: string[];
  isReadOnly: boolean;
}

function reasonsOf({ database, missing, isReadOnly }: State, full: boolean, stopping: boolean): Reasons {
  return {
    ...(stopping && { server: 'stopping' }),
    ...(database === 'down' ? { database: 'unreachable' } : isReadOnly && { database: 'read-only' }),
    ...(missing.length > 0 && { migrations: { missing } }),
    ...(full && { disk: 'full' }),
  };
}

const question = {
  text: "select array_to_json(array(select name from schema_migration where name = any($1)))::text, (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean)::text",
  values: [names],
};

async function stateOf(database: Probed): Promise<State> {
  try {
    const [row] = await database.probe(question);
    const known = new Set(JSON.parse(row![0]!) as string[]);
    const missing = names.filter((name) => !known.has(name));
    return {
      database: 'up',
      migrations: missing.length === 0 ? 'up' : 'pending',
      missing,
      isReadOnly: row![1] === 'true',
    };
  } catch {
    return { database: 'down', migrations: 'unknown', missing: [], isReadOnly: false };
  }
}

/** Bytes that must be left on the disk. */
const minFree = 16 * 1024 * 1024;
/** How long a disk is waited for, in milliseconds: a network's may hang. */
const diskTimeoutMs = 500;

async function isFull(directory: string): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, diskTimeoutMs, false).unref());
  const asked = statfs(directory).then(
    ({ bavail, blocks, bsize }) => blocks > 0 && bavail * bsize < minFree,
    // without a directory nothing is kept in it
    () => false,
  );
  return Promise.race([asked, late]);
}
