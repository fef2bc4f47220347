import express, { type Request, type Response } from 'express';
import type { Locale } from '../../../src/core/errors.js';
import { badRequest, refuse } from '../errors.js';

const limit = '8mb';

const parse = express.json({ limit, strict: false, type: () => true });

/** A request body: its value (undefined if none was sent), or why it could not be read. */
export interface Body {
  value: unknown;
  failure?: (locale: Locale) => Error;
}

/** Reads a JSON body. Never throws, since the dialect that reports the failure is not chosen yet. */
export async function readBody(request: Request, response: Response): Promise<Body> {
  if (request.method === 'GET' || request.method === 'HEAD' || !hasBody(request)) return { value: undefined };
  if (!isJson(request.headers['content-type']))
    return { value: undefined, failure: (locale) => badRequest('contentType', locale) };
  const error = await new Promise<{ type?: string } | undefined>((resolve) =>
    parse(request, response, resolve as () => void),
  );
  if (!error) return { value: request.body as unknown };
  return { value: undefined, failure: (locale) => failureOf(error.type, locale) };
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const isJson = (type: string | undefined): boolean =>
  type === undefined || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);

function failureOf(type: string | undefined, locale: Locale): Error {
  if (type === 'entity.too.large') return refuse('PAYLOAD_TOO_LARGE', undefined, { max: limit });
  return badRequest(type === 'entity.parse.failed' ? 'json' : 'unreadable', locale);
}
