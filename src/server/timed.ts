import type { NextFunction, Request, Response } from 'express';
import { beforeHead } from './head.js';

const header = 'X-Response-Time';

/** After how many seconds to try again, where nobody knows better. */
const soon = '2';

/** Sets `X-Response-Time`, milliseconds until the head of an answer was sent, for every answer, and `Retry-After` for what passes by waiting. */
export function timed(_request: Request, response: Response, next: NextFunction): void {
  const since = performance.now();
  beforeHead(response, (status) => ({
    ...((status === 503 || status === 429) && !response.hasHeader('Retry-After') && { 'Retry-After': soon }),
    [header]: String(Math.round(performance.now() - since)),
  }));
  next();
}
