import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import type { RequestHandler } from 'express';
import { badRequest } from '../core/errors.js';
import { isUtf8Url } from '../core/utf8.js';

/** Known to Node from version 24.9 on, and not yet to its types. */
interface Options extends ServerOptions {
  shouldUpgradeCallback: (request: IncomingMessage) => boolean;
}

/**
 * The HTTP server. An `Upgrade` to anything but WebSocket is ignored, as RFC 9110 allows, so that clients that offer HTTP/2
 * over plain text are answered over HTTP/1.1. Idle connections are kept for `keepAliveSeconds`.
 */
export function httpServer(keepAliveSeconds: number): Server {
  const options: Options = {
    keepAliveTimeout: keepAliveSeconds * 1_000,
    shouldUpgradeCallback: (request) => {
      normalise(request);
      return request.headers.upgrade?.trim().toLowerCase() === 'websocket';
    },
  };
  return createServer(options);
}

/**
 * Stops listening, and resolves when what was under way has been answered, or after so many milliseconds, when the
 * connections are cut.
 */
export async function drained(http: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  // connections that are kept become idle one by one
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const timer = setTimeout(() => http.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
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

/** Normalises a request before anybody looks at it; what is answered is what its type says. */
export const normalised: RequestHandler = (request, response, next) => {
  normalise(request);
  response.setHeader('x-content-type-options', 'nosniff');
  next();
};

/** Refuses addresses whose percent-encoded bytes are not UTF-8; the facade does so itself, each dialect in its format. */
export const utf8Url: RequestHandler = (request, _response, next) =>
  next(isUtf8Url(request.originalUrl) ? undefined : badRequest('URL_CHARSET'));
