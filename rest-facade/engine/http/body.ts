import express, { type Request, type Response } from 'express';
import type { DomainError } from '../../../src/core/errors.js';
import { verifyUtf8 } from '../../../src/core/utf8.js';
import { badRequest, refuse } from '../errors.js';

const limit = '8mb';

const parse = express.json({ limit, strict: false, type: () => true, verify: verifyUtf8 });

/** A request body: its value (undefined if none was sent), or why it could not be read. */
export interface Body {
  value: unknown;
  failure?: DomainError;
  /** sent as `application/merge-patch+json`, in which null clears a field (RFC 7396) */
  isMergePatch?: boolean;
}

/** Reads a JSON body. Never throws, since the dialect that reports the failure is not chosen yet. */
export async function readBody(request: Request, response: Response): Promise<Body> {
  if (request.method === 'GET' || request.method === 'HEAD' || !hasBody(request)) return { value: undefined };
  const type = /^[^;\s]*/.exec(request.headers['content-type'] ?? 'application/json')![0].toLowerCase();
  if (type === 'application/json-patch+json')
    return { value: undefined, failure: refuse('UNSUPPORTED_MEDIA_TYPE', undefined, { type }) };
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) return { value: undefined, failure: badRequest('CONTENT_TYPE') };
  const error = await new Promise<{ type?: string } | undefined>((resolve) =>
    parse(request, response, resolve as () => void),
  );
  if (!error) return { value: request.body as unknown, isMergePatch: type === 'application/merge-patch+json' };
  return { value: undefined, failure: failureOf(error.type) };
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function failureOf(type: string | undefined): DomainError {
  if (type === 'entity.too.large') return refuse('PAYLOAD_TOO_LARGE', undefined, { max: limit });
  if (type === 'charset.invalid' || type === 'charset.unsupported') return badRequest('BODY_CHARSET');
  return badRequest(type === 'entity.parse.failed' ? 'JSON_BODY' : 'UNREADABLE');
}
