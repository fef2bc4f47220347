import type { NextFunction, Request, Response } from 'express';
import { badRequest, DomainError, messageOf, refuse } from '../core/errors.js';
import { asRefusal } from '../graphql/errors.js';
import { localeFor } from './request.js';

/** Answers a refusal as the graph does, with its own status unless another is given. */
export function refused(error: unknown, request: Request, response: Response, status?: number): void {
  const refusal = asRefusal(error);
  const [issue] = refusal.issues;
  if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer');
  const message = messageOf(issue!, localeFor(request.headers));
  response
    .status(status ?? refusal.status)
    .json({ errors: [{ message, extensions: { code: refusal.code, ...(issue!.field && { field: issue!.field }) } }] });
}

/** What no router caught: requests that Express or a parser could not read, which carry a status below 500, and faults. */
export function lastResort(error: unknown, request: Request, response: Response, _next: NextFunction): void {
  const status = error instanceof DomainError ? undefined : unreadable(error);
  refused(status === undefined ? error : unread(error, status), request, response, status);
}

function unread(error: unknown, status: number): DomainError {
  if (status === 413) return refuse('PAYLOAD_TOO_LARGE', undefined, { max: '2 MB' });
  const detail = error instanceof Error ? error.message.replace(/\.$/, '') : '';
  return badRequest(reasonOf((error as { type?: unknown }).type), undefined, { detail });
}

function reasonOf(type: unknown): 'BODY_CHARSET' | 'JSON_DEPTH' | 'JSON_SYNTAX' | 'UNREADABLE' {
  if (type === 'charset.invalid') return 'BODY_CHARSET';
  if (type === 'depth.exceeded') return 'JSON_DEPTH';
  return type === 'entity.parse.failed' ? 'JSON_SYNTAX' : 'UNREADABLE';
}

function unreadable(error: unknown): number | undefined {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
