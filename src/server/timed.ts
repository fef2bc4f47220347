import type { OutgoingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';

const header = 'X-Response-Time';

/** Sets `X-Response-Time`: milliseconds until the head of an answer was sent, for every answer. */
export function timed(_request: Request, response: Response, next: NextFunction): void {
  const since = performance.now();
  const write = response.writeHead.bind(response) as (...head: unknown[]) => Response;
  response.writeHead = (status: number, ...rest: unknown[]) => {
    const took = String(Math.round(performance.now() - since));
    const [given] = rest;
    if (rest.length === 1 && isHeaders(given)) return write(status, { ...given, [header]: took });
    response.setHeader(header, took);
    return write(status, ...rest);
  };
  next();
}

const isHeaders = (given: unknown): given is OutgoingHttpHeaders =>
  given !== null && typeof given === 'object' && !Array.isArray(given);
