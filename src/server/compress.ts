import type { IncomingMessage, ServerResponse } from 'node:http';
import compression from 'compression';
import type { RequestHandler } from 'express';

/** Answers smaller than this are not compressed, in bytes. */
const threshold = 1_024;

const compress = compression({ threshold, filter: isCompressible });

/**
 * Compresses answers for clients that accept it, streamed files included. Requests that accept no compression pass it
 * untouched.
 */
export const compressed: RequestHandler = (request, response, next) =>
  request.headers['accept-encoding'] === undefined ? next() : compress(request, response, next);

/** Neither event streams, of which thousands may be open and each would hold a compressor, nor files of which ranges can be asked for. */
function isCompressible(request: IncomingMessage, response: ServerResponse): boolean {
  if (response.hasHeader('accept-ranges') || String(response.getHeader('content-type')).startsWith('text/event-stream'))
    return false;
  return compression.filter(request as never, response as never);
}
