import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { RequestHandler } from 'express';
import { badRequest } from '../core/errors.js';
import { isUtf8Url } from '../core/utf8.js';
import { cutUnread } from './unread.js';

/** Known to Node from version 24.9 on, and not yet to its types. */
interface Options extends ServerOptions {
  shouldUpgradeCallback: (request: IncomingMessage) => boolean;
}

/** In how many seconds the headers of a request must have arrived. */
const maxHeaderSeconds = 15;

/**
 * The HTTP server. An `Upgrade` to anything but WebSocket is ignored, as RFC 9110 allows, so that clients that offer HTTP/2
 * over plain text are answered over HTTP/1.1. Idle connections are kept for `keepAliveSeconds`; a request must have arrived
 * after `clientSeconds`, and no client may leave what is sent to it unread for longer.
 */
export function httpServer(keepAliveSeconds: number, clientSeconds: number): Server {
  const options: Options = {
    keepAliveTimeout: keepAliveSeconds * 1_000,
    headersTimeout: Math.min(clientSeconds, maxHeaderSeconds) * 1_000,
    requestTimeout: clientSeconds * 1_000,
    connectionsCheckingInterval: Math.min(clientSeconds * 250, 5_000),
    shouldUpgradeCallback: (request) => {
      normalise(request);
      return request.headers.upgrade?.trim().toLowerCase() === 'websocket';
    },
  };
  const http = createServer(options);
  cutUnread(http, clientSeconds * 1_000);
  return http;
}

/** For how long connections that are kept are still read from once nobody listens any more, in milliseconds; at most a quarter of the time to drain. */
const lastRequestsMs = 1_000;

/**
 * Stops listening, and resolves when what was under way has been answered, or after so many milliseconds, when the
 * connections are cut. Answers say that their connections end with them, so that a client does not send its next request
 * on one that is being closed; those that stay idle for a second are closed then.
 */
export async function drained(http: Server, timeoutMs: number): Promise<void> {
  http.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  // Node's own end of the server would close idle connections at once, under requests that are on their way
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(http, () => resolve()));
  const timer = setTimeout(() => http.closeAllConnections(), timeoutMs);
  let idle: NodeJS.Timeout | undefined;
  const last = setTimeout(
    () => (idle = setInterval(() => http.closeIdleConnections(), 50)),
    Math.min(lastRequestsMs, timeoutMs / 4),
  );
  await closed;
  clearTimeout(last);
  clearInterval(idle);
  clearTimeout(timer);
  // what watches over its connections ends as well
  http.close(() => {});
}

/**
 * Brings a request into the one form that everything behind expects: a target in absolute form (RFC 9112, 3.2.2) into
 * origin form, where its authority counts instead of `Host`, and the widespread `charset=utf8` into `charset=utf-8`.
 */
function normalise(request: IncomingMessage): void {
  const { url, headers } = request;
  if (!url!.startsWith('/')) {
    const [start, authority] = /^https?:\/\/([^/?#]*)/i.exec(url!) ?? [];
    if (start) {
      const rest = url!.slice(start.length);
      request.url = rest.startsWith('/') ? rest : `/${rest}`;
      if (authority) headers.host = authority.replace(/^.*@/, '');
    }
  }
  const type = headers['content-type'];
  if (type && /charset\s*=\s*"?utf8\b/i.test(type))
    headers['content-type'] = type.replace(/(charset\s*=\s*"?)utf8\b/i, '$1utf-8');
}

/** Normalises a request before anybody looks at it. */
export const normalised: RequestHandler = (request, _response, next) => {
  normalise(request);
  next();
};

/** Refuses addresses whose percent-encoded bytes are not UTF-8; the facade does so itself, each dialect in its format. */
export const utf8Url: RequestHandler = (request, _response, next) =>
  next(isUtf8Url(request.originalUrl) ? undefined : badRequest('URL_CHARSET'));
