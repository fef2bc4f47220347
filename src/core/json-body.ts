import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { turns } from './turns.js';

/** How deep values of a parameter in JSON may lie within each other. */
export const maxNesting = 64;

/** Whether values lie more than so deep within each other; looks no further than that. */
export const isNestedDeeper = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, depth - 1)));

/** For how long a client may go on sending what nobody reads, once it has its answer, in milliseconds. */
const lingerMs = 1_000;

/** Leaves the rest of a body that was refused: a client that has its answer and still sends after a second is cut off. */
export function leaveRest(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  response.once('finish', () => {
    request.resume();
    setTimeout(() => request.complete || request.socket.destroy(), lingerMs).unref();
  });
}

type Decoder = (bytes: Buffer, options: { maxOutputLength: number; chunkSize: number }) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** How many bytes of a body are inflated at once: each piece is a round trip to another thread. */
const inflatedAtOnce = 262_144;

/** Until the compressed bodies that have arrived are inflated: one at a time, so that the processors are there for others. */
let inflating: Promise<unknown> = Promise.resolve();

const failed = (status: number, type: string, message = type): Error =>
  Object.assign(new Error(message), { status, type });

/**
 * The body of an operation, or of several at once, of which nobody asks what they are, since they are refused; throws as
 * `readJson` rejects for JSON that is neither.
 */
export function operationOf(bytes: Buffer): object {
  if (bytes[0] === openingBracket) return [{}];
  const body = jsonOf(bytes);
  if (typeof body === 'object' && body !== null) return body;
  throw failed(400, 'entity.parse.failed', 'neither an object nor a list');
}

/**
 * Reads the body of a request as JSON unless it is to be read otherwise, inflated where it is compressed. Rejects with `status` and `type`, as Express's
 * parser does: at once for a body that says that it is larger than `limit` bytes, and as soon as one proves to be; nothing
 * more of it is read.
 */
export async function readJson(
  request: IncomingMessage,
  limit: number,
  read: (bytes: Buffer) => unknown = jsonOf,
): Promise<unknown> {
  const { headers } = request;
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset)) throw failed(415, 'charset.unsupported');
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const decoder = decoders[encoding];
  if (encoding !== 'identity' && !decoder) throw failed(415, 'encoding.unsupported');
  if (Number(headers['content-length'] ?? 0) > limit) throw failed(413, 'entity.too.large');
  const bytes = await bytesOf(request, limit);
  return readLong(request, decoder ? await inflated(request, bytes, decoder, limit) : bytes, read);
}

/** Bodies of more bytes than that take milliseconds to be read. */
const longBody = 65_536;

const senderOf = ({ headers, socket }: IncomingMessage): string => headers.authorization ?? socket.remoteAddress ?? '';

/** Reads the bytes of a body, a long one when it is the turn of whoever sends it. Refuses RATE_LIMITED where too many of theirs wait. */
export async function readLong<T>(request: IncomingMessage, bytes: Buffer, read: (bytes: Buffer) => T): Promise<T> {
  if (bytes.length > longBody) await turns.next(senderOf(request));
  return read(bytes);
}

/**
 * The bytes of a body as JSON; a byte order mark may stand before it. Throws with `status` 400 and a `type` for what is not
 * UTF-8 (`charset.invalid`), is nested too deeply (`depth.exceeded`) or is not JSON (`entity.parse.failed`).
 */
export function jsonOf(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw failed(400, 'charset.invalid');
  if (isTooDeep(bytes)) throw failed(400, 'depth.exceeded');
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw failed(400, 'entity.parse.failed', (error as Error).message);
  }
}

/** Inflates a body when it is the turn of whoever sends it, for whom the time that it takes counts. Refuses RATE_LIMITED as `readLong`. */
async function inflated(
  request: IncomingMessage,
  bytes: Buffer,
  decoder: Decoder,
  maxOutputLength: number,
): Promise<Buffer> {
  const sender = senderOf(request);
  await turns.next(sender);
  const result = inflating.then(async () => {
    const since = performance.now();
    try {
      return await decoder(bytes, { maxOutputLength, chunkSize: inflatedAtOnce });
    } finally {
      turns.charge(sender, performance.now() - since);
    }
  });
  inflating = result.catch(() => {});
  return result.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_BUFFER_TOO_LARGE' ? failed(413, 'entity.too.large') : failed(400, 'encoding.invalid');
  });
}

function bytesOf(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: Error): void => {
      request.off('data', take);
      request.pause();
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) stop(failed(413, 'entity.too.large'));
      else chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('aborted', () => stop(failed(400, 'request.aborted')));
  });
}

/** How many levels of lists and objects a body may have: what walks through values calls itself for each. */
const maxDepth = 200;

const [quote, backslash, openingBracket] = [0x22, 0x5c, 0x5b];

/** How often a byte stands in JSON, counted no further than is needed. */
function countOf(json: Buffer, byte: number): number {
  let count = 0;
  for (let at = json.indexOf(byte); at >= 0 && count <= maxDepth; at = json.indexOf(byte, at + 1)) count += 1;
  return count;
}

/** Whether JSON has more levels than that, without reading it. */
function isTooDeep(json: Buffer): boolean {
  if (json.length <= 2 * maxDepth || countOf(json, 0x7b) + countOf(json, 0x5b) <= maxDepth) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]!;
    if (byte === backslash) at += 1;
    else if (byte === quote) isText = !isText;
    else if (isText || (byte | 0x20) < 0x7b) continue;
    // { and [ differ from each other, and } and ], in one bit
    else if ((byte | 0x20) === 0x7b) {
      if ((depth += 1) > maxDepth) return true;
    } else if ((byte | 0x20) === 0x7d) depth -= 1;
  }
  return false;
}
