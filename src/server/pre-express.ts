import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Facade } from '../../rest-facade/index.js';
import { readLong, operationOf } from '../core/json-body.js';
import { isUtf8Url } from '../core/utf8.js';
import type { FastPath } from './graphql/fast-path.js';

/** Maximum size of an operation's body in bytes, here and in Express. */
export const maxBodyBytes = 2 * 1024 * 1024;

/** Errors of reading a body, with a status, by request. */
const bodyErrors = new WeakMap<object, Error>();

export interface PreExpressOptions {
  fastPath: FastPath;
  facade: Facade;
  /** Express */
  express: RequestListener;
  /** middleware for every request */
  middleware: readonly RequestHandler[];
}

/**
 * Runs before Express: what the fast path or the facade answers here never reaches Express. A body that was read for
 * the fast path stays on a request that is passed on.
 */
export function preExpressHandler({ fastPath, facade, express, middleware }: PreExpressOptions): RequestListener {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const body = request.method === 'POST' ? await bodyOf(request) : undefined;
      if (await fastPath.handle(request, response, body)) return;
    } catch (error) {
      bodyErrors.set(request, error as Error);
    }
    express(request, response);
  };
  const last: RequestListener = (request, response) => {
    if (isForFastPath(request)) return void handle(request, response);
    const read = facade.read(request, response);
    // if even the refusal failed, the request is read again by Express, which reports the error
    if (read) read.catch(() => express(request, response));
    else express(request, response);
  };
  return middleware.reduceRight<RequestListener>(
    (next, step) => (request, response) =>
      void step(request as never, response as never, () => next(request, response)),
    last,
  );
}

/** Hands the error of a body that was read before Express to Express. */
export const reportBodyError: RequestHandler = (request, _response, next) => next(bodyErrors.get(request));

/** JSON by POST in one piece and of bounded size, or a GET that no web page can send without asking first; and an answer in JSON is wanted. */
function isForFastPath({ method, url, headers }: IncomingMessage): boolean {
  if (method === 'POST') return url === '/graphql' && isWanted(headers.accept) && isPlain(headers);
  if (method !== 'GET' || !url!.startsWith('/graphql?') || !isUtf8Url(url!)) return false;
  return isWanted(headers.accept) && Boolean(headers['apollo-require-preflight'] ?? headers['x-apollo-operation-name']);
}

const isWanted = (accept: string | undefined): boolean =>
  accept === undefined ||
  accept === '*/*' ||
  accept === 'application/json' ||
  (accept.split(',').some((kind) => jsonKind.test(kind)) && !accept.includes('graphql-response'));

/** JSON among the kinds that are accepted, unless it is refused there. */
const jsonKind = /^\s*application\/json\s*(?:;\s*q=(?:1(?:\.0*)?|0\.0*[1-9]\d*)\s*)?$/i;

const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

function isPlain(headers: IncomingMessage['headers']): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= maxBodyBytes &&
    headers['content-encoding'] === undefined &&
    jsonType.test(headers['content-type'] ?? '')
  );
}

/** The body as JSON; left on the request for those behind. Rejects with a status for what is no object and no list. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  await new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', resolve);
  });
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  const body = await readLong(request, bytes, operationOf);
  (request as { body?: unknown }).body = body;
  return body;
}
