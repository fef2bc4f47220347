import { Router } from 'express';
import type { Row, Statement } from '../core/database.js';
import { migrations } from '../database/migrations/index.js';
import { version } from '../version.js';
import type { Delivery } from './jobs/delivery.js';

const names = migrations.map(({ name }) => name);

/** A database that answers whether it is there, without waiting behind requests. */
interface Probed {
  probe(statement: Statement): Promise<Row[]>;
}

/**
 * Under every given path: 200 while the database answers and has every migration that this server needs, 503
 * otherwise, within a second or so whatever else the database does; needs no token. Includes the server's version. An unavailable broker does not make the server unhealthy:
 * it is reported with the number of events that wait for it.
 */
export function health(database: Probed, { broker }: Delivery, paths: string[]): Router {
  const router = Router({ strict: true });
  router.get(paths, async (_request, response) => {
    const checks = await stateOf(database);
    const isUp = Object.values(checks).every((state) => state === 'up');
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

interface State {
  database: 'up' | 'down';
  /** `pending` where some are missing, `unknown` where the database cannot say */
  migrations: 'up' | 'pending' | 'unknown';
}

async function stateOf(database: Probed): Promise<State> {
  try {
    const [row] = await database.probe({
      text: 'select count(*) from schema_migration where name = any($1)',
      values: [names],
    });
    return { database: 'up', migrations: Number(row![0]) === names.length ? 'up' : 'pending' };
  } catch {
    return { database: 'down', migrations: 'unknown' };
  }
}
