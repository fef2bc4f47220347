import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Streamed } from '../files/streamed.js';
import { jsonOf } from '../json-bytes.js';
import type { Answered } from './serve.js';

interface Sending {
  dialect: string;
  /** headers that say that the row is deprecated */
  deprecation: Readonly<Record<string, string>> | undefined;
  production: boolean;
  failed: (error: unknown) => void;
}

/** Writes the answer with the headers that every dialect sends. */
export function send(
  response: ServerResponse,
  { status, headers, body, statements }: Answered,
  { dialect, deprecation, production, failed }: Sending,
): void {
  const head: OutgoingHttpHeaders = {
    'X-API-Dialect': dialect,
    ...(!production && { 'x-crm-statements': String(statements) }),
    ...deprecation,
    ...headers,
  };
  if (status === 304) return void response.writeHead(status, head).end();
  if (body instanceof Streamed) {
    response.statusCode = status;
    for (const [name, value] of Object.entries(head)) response.setHeader(name, value!);
    return void sendChunks(response, body, failed);
  }
  const { bytes } = jsonOf(body);
  head['Content-Type'] = 'application/json; charset=utf-8';
  head['Content-Length'] = bytes.length;
  response.writeHead(status, head).end(bytes);
}

/** How long a client may read nothing before the connection is closed, in milliseconds. */
const readTimeout = 120_000;

/** Streams a body with backpressure. A failure on the way closes the connection, because the status has been sent. */
export async function sendChunks(
  response: ServerResponse,
  body: Streamed,
  failed: (error: unknown) => void,
): Promise<void> {
  for (const [name, value] of Object.entries(body.headers)) response.setHeader(name, value);
  try {
    if (response.req.method === 'HEAD') {
      await body.close();
      response.end();
      return;
    }
    response.setTimeout(readTimeout);
    await pipeline(Readable.from(flushed(body.chunks, response)), response);
  } catch (error) {
    if (!clientGone.has((error as { code?: unknown }).code)) failed(error);
  } finally {
    await body.close().catch(failed);
  }
}

/** Has what is compressed on the way sent at once, so that the first rows arrive while the last are being read. */
async function* flushed(chunks: Streamed['chunks'], response: ServerResponse): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    (response as { flush?: () => void }).flush?.();
  }
}

/** Codes of errors that mean that the client closed the connection. */
const clientGone = new Set<unknown>(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ECONNRESET', 'EPIPE']);
