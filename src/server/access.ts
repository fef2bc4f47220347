import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Context } from '../core/context.js';
import { log } from '../core/log.js';

/** Who made a request, by its headers: known once its token has been checked. */
const callers = new WeakMap<IncomingHttpHeaders, Context>();

/** Keeps who made a request for its line in the access log. */
export const noteCaller = (headers: IncomingHttpHeaders, ctx: Context): void => void callers.set(headers, ctx);

const maxIdLength = 200;

/** A mobile number within a path. */
const phone = /(?<!\d)1\d{10}(?!\d)/g;

/**
 * Gives every request an id: its own `X-Request-ID` or `X-Trace-Id`, or a new one, which then stands as `X-Trace-Id`
 * (an id of ours must not pass for a key against repetition). The answer returns it as `X-Request-ID`. With `logs`
 * every answer is logged, whole or broken off: never the query string, a header or a body.
 */
export const identified =
  (logs: boolean): RequestHandler =>
  (request, response, next) => {
    const { headers } = request;
    const given = (headers['x-request-id'] ?? headers['x-trace-id']) as string | undefined;
    const id = given?.trim().slice(0, maxIdLength) || randomUUID();
    if (!given?.trim()) headers['x-trace-id'] = id;
    response.setHeader('X-Request-ID', id);
    if (logs) logWhenAnswered(request, response, id, performance.now());
    next();
  };

function logWhenAnswered(request: Request, response: Response, requestId: string, since: number): void {
  const { method, url } = request;
  response.once('close', () => {
    const ctx = callers.get(request.headers);
    log.info(
      {
        event: 'request.answered',
        requestId,
        method,
        path: url.replace(/[?#].*$/s, '').replaceAll(phone, '***'),
        status: response.statusCode,
        milliseconds: Math.round((performance.now() - since) * 10) / 10,
        ...(!response.writableFinished && { aborted: true }),
        ...(ctx && {
          tenant: ctx.tenant.code,
          user: ctx.user.login,
          channel: ctx.channel,
          operation: ctx.stats.operation,
          statements: ctx.stats.statements,
        }),
      },
      'answered',
    );
  });
}
