import { Router } from 'express';
import type { Database } from '../core/database.js';

/** `GET /health`: 200 while the database answers, 503 otherwise; needs no token. */
export function health(database: Database): Router {
  const router = Router({ strict: true });
  router.get('/health', async (_request, response) => {
    try {
      await database.global({ text: 'select 1', values: [] });
      response.json({ status: 'up', cell: 'crm', checks: { database: 'up' } });
    } catch {
      response.status(503).json({ status: 'down', cell: 'crm', checks: { database: 'down' } });
    }
  });
  return router;
}
