import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { log } from '../core/log.js';
import { observe, type Observed } from './observed.js';
import type { RequestMetrics } from './request-metrics.js';

const maxIdLength = 200;

/** An ASCII character in percent-encoding. */
const escape = /%[2-7][\da-f]/gi;

/** A mobile number within a path. */
const phone = /(?<!\d)1\d{10}(?!\d)/g;

/**
 * Gives every request an id: its own `X-Request-ID` or `X-Trace-Id`, or a new one, which then stands as `X-Trace-Id`
 * (an id of ours must not pass for a key against repetition). The answer returns it as `X-Request-ID`. Every answer,
 * whole or broken off, is counted; with `logs` it is logged as well: never the query string, a header or a body.
 */
export const identified =
  ({ metrics, logs }: { metrics: RequestMetrics; logs: boolean }): RequestHandler =>
  (request, response, next) => {
    const { headers, url } = request;
    const given = (headers['x-request-id'] ?? headers['x-trace-id']) as string | undefined;
    const id = given?.trim().slice(0, maxIdLength) || randomUUID();
    if (!given?.trim()) headers['x-trace-id'] = id;
    response.setHeader('X-Request-ID', id);
    const observed = observe(headers, id);
    response.once('close', () => {
      metrics.answered(observed, url, response.statusCode);
      if (logs) logAnswer(request, response, url, observed);
    });
    next();
  };

function logAnswer({ method }: Request, response: Response, url: string, observed: Observed): void {
  const { requestId, since, ctx, codes, trace } = observed;
  log.info(
    {
      event: 'request.answered',
      requestId,
      method,
      path: url
        .replace(/[?#].*$/s, '')
        .replaceAll(escape, decodeURIComponent)
        .replaceAll(phone, '***'),
      status: response.statusCode,
      milliseconds: Math.round((performance.now() - since) * 10) / 10,
      ...(codes.size > 0 && { codes: [...codes] }),
      ...trace,
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
}
