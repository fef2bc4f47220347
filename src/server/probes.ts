import { statfs } from 'node:fs/promises';
import { Router, type Response } from 'express';
import type { Row, Statement } from '../core/database.js';
import { migrations } from '../database/migrations/index.js';
import type { Workers, WorkerStates } from '../database/workers.js';
import { version } from '../version.js';
import type { Delivery } from './jobs/delivery.js';

const names = migrations.map(({ name }) => name);

/** A database that answers whether it is there, without waiting behind requests. */
interface Probed {
  probe(statement: Statement): Promise<Row[]>;
}

export interface ProbeOptions {
  database: Probed;
  /** the nodes that hold rows of tenants, where the database is distributed */
  workers?: Pick<Workers, 'states'> | undefined;
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
 *   database does not answer or only reads, the disk is full, migrations are missing (they are named). Where the database is distributed and
 *   some of its workers are down, but not all, 200 with the status `degraded` names these: the tenants on the others are served.
 * - `GET /startupz`: 200 from the first time on that the server was ready.
 * - `/health` under every given path: as readiness, for gateways, with the version and the state of the broker. A broker that is
 *   away makes nothing unready: events wait for it.
 */
export function probes({ database, workers, delivery: { broker }, paths, directory, stopping }: ProbeOptions): Router {
  const router = Router({ strict: true });
  let hasStarted = false;
  // has the connection made that probes use
  void stateOf(database, workers);
  const stateNow = (): Promise<[State, boolean]> => Promise.all([stateOf(database, workers), isFull(directory)]);
  const readiness = async (): Promise<Readiness> => {
    const [state, full] = await stateNow();
    const reasons = reasonsOf(state, full, stopping.aborted);
    hasStarted ||= Object.keys(reasons).length === 0;
    return { reasons, degraded: state.database === 'degraded' ? { workers: downOf(state.workers) } : {} };
  };
  router.get('/livez', (_request, response) => answer(response, good));
  router.get('/readyz', async (_request, response) => answer(response, await readiness()));
  router.get('/startupz', async (_request, response) => answer(response, hasStarted ? good : await readiness()));
  router.get(paths, async (_request, response) => {
    const [state, full] = await stateNow();
    const checks = {
      database: state.database,
      migrations: state.migrations,
      ...(Object.keys(state.workers).length > 0 && { workers: state.workers }),
      ...(full && { disk: 'full' }),
    };
    const isUp = state.database !== 'down' && state.migrations === 'up' && !full;
    response.status(isUp ? 200 : 503).json({
      status: isUp ? state.database : 'down',
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
  /** those that are down, where all of them are */
  workers?: string[];
}

interface Readiness {
  reasons: Reasons;
  /** what some tenants cannot be served without */
  degraded: { workers?: string[] };
}

const good: Readiness = { reasons: {}, degraded: {} };

function answer(response: Response, { reasons, degraded }: Readiness): void {
  const isReady = Object.keys(reasons).length === 0;
  const ready = Object.keys(degraded).length === 0 ? { status: 'ok' } : { status: 'degraded', reasons: degraded };
  response
    .status(isReady ? 200 : 503)
    .set('cache-control', 'no-store')
    .json(isReady ? ready : { status: 'unavailable', reasons });
}

interface State {
  /** `degraded` where some workers are down, and others not */
  database: 'up' | 'degraded' | 'down';
  /** none where the database is not distributed, or does not answer */
  workers: WorkerStates;
  /** `pending` where some are missing, `unknown` where the database cannot say */
  migrations: 'up' | 'pending' | 'unknown';
  missing: string[];
  isReadOnly: boolean;
}

const downOf = (workers: WorkerStates): string[] => Object.keys(workers).filter((name) => workers[name] === 'down');

function reasonsOf({ database, workers, missing, isReadOnly }: State, full: boolean, stopping: boolean): Reasons {
  return {
    ...(stopping && { server: 'stopping' }),
    ...(database === 'down'
      ? { database: 'unreachable', ...(downOf(workers).length > 0 && { workers: downOf(workers) }) }
      : isReadOnly && { database: 'read-only' }),
    ...(missing.length > 0 && { migrations: { missing } }),
    ...(full && { disk: 'full' }),
  };
}

const question = {
  text: "select array_to_json(array(select name from schema_migration where name = any($1)))::text, (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean)::text",
  values: [names],
};

async function stateOf(database: Probed, nodes: ProbeOptions['workers']): Promise<State> {
  try {
    const [[row], workers] = await Promise.all([database.probe(question), nodes?.states() ?? {}]);
    const down = downOf(workers).length;
    const known = new Set(JSON.parse(row![0]!) as string[]);
    const missing = names.filter((name) => !known.has(name));
    return {
      database: down === 0 ? 'up' : down < Object.keys(workers).length ? 'degraded' : 'down',
      workers,
      migrations: missing.length === 0 ? 'up' : 'pending',
      missing,
      isReadOnly: row![1] === 'true',
    };
  } catch {
    return { database: 'down', workers: {}, migrations: 'unknown', missing: [], isReadOnly: false };
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
