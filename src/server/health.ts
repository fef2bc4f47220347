import { Router } from 'express';
import type { Database } from '../core/database.js';
import type { Delivery } from './delivery.js';

/** Under every path given: 200 while the database answers, 503 otherwise; needs no token. A broker that is away makes nobody unhealthy: it is told, with the number of events that wait for it. */
export function health(database: Database, { broker }: Delivery, paths: string[]): Router {
  const router = Router({ strict: true });
  router.get(paths, async (_request, response) => {
    const since = performance.now();
    const answer = (status: number, state: 'up' | 'down'): void => {
      response.set('X-Response-Time', String(Math.round(performance.now() - since)));
      response.status(status).json({ status: state, cell: 'crm', checks: { database: state, ...(broker && { broker: broker.state() }) }, ...(broker && { broker: { lag: broker.lag() } }) });
    };
    try {
      await database.global({ text: 'select 1', values: [] });
      answer(200, 'up');
    } catch {
      answer(503, 'down');
    }
  });
  return router;
}
