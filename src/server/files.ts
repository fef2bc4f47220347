import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { Router, type Request, type Response } from 'express';
import type { Config } from '../config.js';
import type { Context, Channel } from '../core/context.js';
import { badRequest, messageOf, refuse } from '../core/errors.js';
import { newId } from '../core/id.js';
import { leaveRest } from '../core/json-body.js';
import { log } from '../core/log.js';
import { keyOf, type IdempotencyGuard, type IdempotentAnswer } from '../write/idempotency.js';
import * as files from '../files/file.service.js';
import { mediaTypeOf, safeName, seenBytes } from '../files/file.types.js';
import { localStorage } from '../files/local-storage.js';
import { s3Storage } from '../files/s3-storage.js';
import type { Storage } from '../files/storage.js';
import type { InProcessClient } from '../schema/in-process-client.js';
import { asRefusal } from '../graphql/errors.js';
import { callerOf, localeFor, type Caller } from './request.js';
import { File } from '../files/file.entity.js';

export interface FilesOptions {
  client: InProcessClient;
  /** keeps uploads that carry a key from being recorded twice */
  idempotent: IdempotencyGuard;
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  storage: Storage;
  /** where uploads are put together before they are kept; on the disk of a local storage */
  incoming: string;
  /** maximum size of one file in bytes */
  maxBytes: number;
}

/** The configured storage, and the directory for uploads under way. */
export async function openStorage(config: Config): Promise<Pick<FilesOptions, 'storage' | 'incoming' | 'maxBytes'>> {
  const directory = path.resolve(config.CRM_DATA_DIR!, 'files');
  const storage = config.CRM_S3_BUCKET
    ? await s3Storage({
        bucket: config.CRM_S3_BUCKET,
        region: config.CRM_S3_REGION!,
        endpoint: config.CRM_S3_ENDPOINT,
        accessKey: config.CRM_S3_ACCESS_KEY,
        secretKey: config.CRM_S3_SECRET_KEY,
      })
    : localStorage(directory);
  return { storage, incoming: path.join(directory, 'incoming'), maxBytes: config.CRM_FILE_MAX_BYTES };
}

/** What a multipart body may carry beside the one file, in bytes. */
const besides = 65_536;

/** `POST /api/v1/files` (multipart, one file) and `GET /api/v1/files/{id}`. Answers as the dialect that documents them does. */
export function filesRouter(options: FilesOptions): Router {
  const router = Router({ strict: true });
  const about = options.client.store('query ($id: ID!) { file(id: $id) { id name mediaType bytes sha256 url } }');
  const find = async (ctx: Context, id: string): Promise<files.Uploaded & { url: string }> => {
    const { data, errors } = await options.client.run(about, { id }, ctx);
    if (errors) throw errors[0]!.originalError ?? errors[0]!;
    const file = data!['file'] as (files.Uploaded & { url: string }) | null;
    if (!file) throw refuse('NOT_FOUND', ['id'], { record: File.name });
    return file;
  };
  const answered =
    (work: (ctx: Context, request: Request, response: Response) => Promise<void>) =>
    async (request: Request, response: Response): Promise<void> => {
      response.set('X-API-Dialect', 'erp');
      try {
        await work(await options.identify(callerOf(request.headers), 'erp'), request, response);
      } catch (error) {
        refused(error, request, response);
      }
    };
  router.post(
    '/api/v1/files',
    answered(async (ctx, request, response) => {
      const add = files.adding(ctx);
      const { body, replayed } = await upload(ctx, request, options, async (inside, uploaded, to) => {
        const id = await add(inside, uploaded, to);
        const { name, mediaType, bytes, sha256, url } = await find(inside, id);
        return JSON.stringify({ code: 200, message: 'success', data: { id, name, mediaType, bytes, sha256, url } });
      });
      response
        .type('json')
        .set(replayed ? { 'Idempotency-Replayed': 'true' } : {})
        .send(body);
    }),
  );
  router.get(
    '/api/v1/files/:id',
    answered(async (ctx, request, response) => {
      await send(options.storage, ctx, await find(ctx, String(request.params['id'])), request, response);
    }),
  );
  return router;
}

function refused(error: unknown, request: Request, response: Response): void {
  const refusal = asRefusal(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  leaveRest(request, response);
  response.status(refusal.status).json({
    code: refusal.status,
    message: messageOf(refusal.issues[0]!, localeFor(request.headers)),
    data: null,
  });
}

/**
 * Receives, checks and stores a file; `record` records it and renders the answer. A failure leaves nothing behind,
 * and neither does an upload that repeats another one under its key: the same name, content and fields get its answer.
 */
async function upload(
  ctx: Context,
  request: Request,
  { storage, incoming, maxBytes, idempotent }: FilesOptions,
  record: (ctx: Context, uploaded: files.Uploaded, to: Received['fields']) => Promise<string>,
): Promise<IdempotentAnswer> {
  const key = keyOf((name) => request.header(name));
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const place = path.join(incoming, randomUUID());
  try {
    const { given, fields, bytes, sha256 } = await receive(request, place, maxBytes);
    const name = safeName(given);
    const mediaType = mediaTypeOf(name, await startOf(place));
    if (!mediaType) throw refuse('FILE_TYPE_NOT_ALLOWED', ['file']);
    const id = newId();
    await storage.keep(files.keyOf(ctx, id), { path: place, bytes, mediaType });
    const uploaded = { id, name, mediaType, bytes, sha256 };
    try {
      if (!key) return { status: 200, body: await record(ctx, uploaded, fields), replayed: false };
      const outcome = await idempotent(
        ctx,
        { key, content: ['upload', name, sha256, fields], other: 'refuse' },
        async (inside) => ({ status: 200, body: await record(inside.ctx, uploaded, fields), done: true }),
      );
      if (outcome.replayed) await storage.remove(files.keyOf(ctx, id));
      return outcome;
    } catch (error) {
      await storage.remove(files.keyOf(ctx, id));
      throw error;
    }
  } finally {
    await rm(place, { force: true });
  }
}

interface Received {
  /** name as the client gave it */
  given: string;
  fields: { activity?: string; case?: string; contract?: string };
  bytes: number;
  sha256: string;
}

/** A size as the largest unit says it exactly. */
function sizeInWords(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MB`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10} KB` : `${bytes} B`;
}

/** Writes the one file of a multipart body to `place`. Refuses REQUIRED, PAYLOAD_TOO_LARGE, BAD_REQUEST. */
async function receive(request: Request, place: string, maxBytes: number): Promise<Received> {
  const tooLarge = refuse('PAYLOAD_TOO_LARGE', ['file'], { max: sizeInWords(maxBytes) });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + besides) throw tooLarge;
  const parser = parserOf(request, maxBytes);
  const fields: Record<string, string> = {};
  let received: Promise<Omit<Received, 'fields'>> | undefined;
  let excess = false;
  parser.on('field', (field, value) => (fields[field] = value));
  parser.on('file', (_field, content, { filename }) => {
    content.once('limit', () => (excess = true));
    received = write(content, place).then((written) => ({ given: filename ?? '', ...written }));
    received.catch(() => {});
  });
  try {
    await pipeline(request, parser);
  } catch (error) {
    log.debug({ event: 'upload.unreadable', err: error }, 'an upload could not be read');
    throw refuse('BAD_REQUEST', undefined, { reason: 'MULTIPART_MALFORMED' });
  }
  if (!received) throw refuse('REQUIRED', ['file']);
  const written = await received;
  // bytes that are not UTF-8 were read as this character
  if (written.given.includes('\uFFFD')) throw badRequest('FILE_NAME_CHARSET', ['file']);
  if (excess) throw tooLarge;
  return { ...written, fields };
}

function parserOf(request: Request, maxBytes: number): busboy.Busboy {
  try {
    // the limit counts as passed when it is reached
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { files: 1, fileSize: maxBytes + 1, fields: 10, fieldSize: 1_000, parts: 20 },
    });
  } catch {
    throw refuse('BAD_REQUEST', undefined, { reason: 'MULTIPART_EXPECTED' });
  }
}

async function write(content: Readable, place: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* (source: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(content, measured, createWriteStream(place, { flags: 'wx', mode: 0o600, flush: true }));
  return { bytes, sha256: hash.digest('hex') };
}

async function startOf(place: string): Promise<Uint8Array> {
  const file = await open(place);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(seenBytes) });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Sends the content: whole, or the one range asked for; nothing where the client has it already. Never shown inside a page. */
async function send(
  storage: Storage,
  ctx: Context,
  file: files.Uploaded,
  request: Request,
  response: Response,
): Promise<void> {
  const etag = `"${file.sha256}"`;
  const always = { ETag: etag, 'Cache-Control': 'private, no-cache', 'Accept-Ranges': 'bytes' };
  if (has(request.headers['if-none-match'], etag)) {
    response.status(304).set(always).end();
    return;
  }
  const range = rangeOf(request, file.bytes, etag);
  if (range === 'unsatisfiable') {
    response
      .status(416)
      .set({ ...always, 'Content-Range': `bytes */${file.bytes}` })
      .end();
    return;
  }
  const content = request.method === 'HEAD' ? undefined : await storage.read(files.keyOf(ctx, file.id), range);
  response.status(range ? 206 : 200).set({
    ...always,
    'Content-Type': file.mediaType,
    'Content-Length': String(range ? range.end - range.start + 1 : file.bytes),
    ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${file.bytes}` }),
    'Content-Disposition': disposition(file.name),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
  });
  if (!content) {
    response.end();
    return;
  }
  try {
    await pipeline(content, response);
  } catch (error) {
    log.debug({ event: 'download.aborted', err: error }, 'a download was aborted');
  }
}

/** Whether the client says that it holds this content. */
function has(header: string | undefined, etag: string): boolean {
  const held = (header ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return held.includes(etag) || held.includes('*');
}

/** The one range that is asked for; several at once, and ranges of another content, are answered with the whole. */
function rangeOf(
  request: Request,
  size: number,
  etag: string,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return undefined;
  const ranges = request.range(size, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  return ranges[0];
}

/** RFC 6266 and 5987: a name in ASCII for old clients, the real one for all others. */
function disposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
