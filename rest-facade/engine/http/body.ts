import type { Request, Response } from 'express';
import { DomainError } from '../../../src/core/errors.js';
import { leaveRest, readJson } from '../../../src/core/json-body.js';
import { badRequest, refuse } from '../errors.js';

/** Most bytes of a body. */
const limit = 8 * 1024 * 1024;

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
  try {
    return { value: await readJson(request, limit), isMergePatch: type === 'application/merge-patch+json' };
  } catch (error) {
    leaveRest(request, response);
    return {
      value: undefined,
      failure: error instanceof DomainError ? error : failureOf((error as { type?: string }).type),
    };
  }
}

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function failureOf(type: string | undefined): DomainError {
  if (type === 'entity.too.large') return refuse('PAYLOAD_TOO_LARGE', undefined, { max: '8 MB' });
  if (type === 'charset.invalid' || type === 'charset.unsupported') return badRequest('BODY_CHARSET');
  if (type === 'depth.exceeded') return badRequest('JSON_DEPTH');
  return badRequest(type === 'entity.parse.failed' ? 'JSON_BODY' : 'UNREADABLE');
}
