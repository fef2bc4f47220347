import type { TLSSocket } from 'node:tls';
import cors from 'cors';
import type { RequestHandler } from 'express';

/** What is answered to programs is nothing that a browser may show, run or frame. Pages say for themselves what they need. */
const closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For how long a browser that was once served over TLS asks no other way: two years, in seconds. */
const strictTransport = 'max-age=63072000; includeSubDomains';

/** The headers that keep browsers from doing harm with an answer, on every one. */
export const guarded =
  (trustsProxy: boolean): RequestHandler =>
  ({ socket, headers }, response, next) => {
    response
      .setHeader('X-Content-Type-Options', 'nosniff')
      .setHeader('X-Frame-Options', 'DENY')
      .setHeader('Referrer-Policy', 'no-referrer')
      .setHeader('Content-Security-Policy', closed);
    const scheme =
      trustsProxy &&
      String(headers['x-forwarded-proto'] ?? '')
        .split(',', 1)[0]!
        .trim();
    if ((socket as TLSSocket).encrypted || scheme === 'https')
      response.setHeader('Strict-Transport-Security', strictTransport);
    next();
  };

/** Headers of answers that pages of other origins may read. */
const exposedHeaders = [
  'content-disposition',
  'deprecation',
  'etag',
  'idempotency-replayed',
  'link',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'sunset',
  'x-api-dialect',
  'x-crm-executor',
  'x-crm-position',
  'x-crm-replica',
  'x-crm-statements',
  'x-request-id',
  'x-response-time',
];

/** For how long a browser remembers what it may ask, in seconds. */
const preflightSeconds = 7_200;

/** Lets pages of these origins use the server. */
export const shared = (origins: readonly string[] | '*'): RequestHandler[] =>
  origins.length === 0
    ? []
    : [
        cors({
          origin: origins === '*' ? true : [...origins],
          credentials: true,
          exposedHeaders,
          maxAge: preflightSeconds,
        }),
      ];
