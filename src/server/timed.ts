import type { NextFunction, Request, Response } from 'express';

/** Says in `X-Response-Time` how many milliseconds went by until an answer's head was sent: of every answer, whoever gives it. */
export function timed(_request: Request, response: Response, next: NextFunction): void {
  const since = performance.now();
  const write = response.writeHead.bind(response) as (...head: unknown[]) => Response;
  response.writeHead = (...head: unknown[]) => {
    response.setHeader('X-Response-Time', String(Math.round(performance.now() - since)));
    return write(...head);
  };
  next();
}
