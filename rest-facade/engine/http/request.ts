import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { RestRequest } from '../types.js';
import type { Body } from './body.js';

/** The first value of a header, without surrounding white space; undefined if there is none. */
export const headerValue = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim() || undefined;

/** The path exactly as sent: no slash is added, removed or merged. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/**
 * Every value of every parameter, in the order sent, but empty ones: they say nothing (the name of a parameter that was sent
 * without a value is there). Brackets behind a name (`status[]`, `status[0]`), which many clients write for lists, do not
 * belong to it.
 */
function queryOf(url: string): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  const begin = url.indexOf('?');
  if (begin < 0) return query;
  for (const [sent, value] of new URLSearchParams(url.slice(begin + 1))) {
    const name = sent.endsWith(']') ? sent.replace(/\[\d*\]$/, '') : sent;
    const values = Object.hasOwn(query, name) ? query[name]! : (query[name] = []);
    if (value.trim() !== '') values.push(value);
  }
  return query;
}

/** Scheme and host as the client used them; behind a trusted proxy, as the first proxy reports it. */
function originOf({ headers, socket }: IncomingMessage, trustsProxy: boolean): string {
  const forwarded = (name: string): string | undefined =>
    trustsProxy ? headerValue(headers[name])?.split(',', 1)[0]!.trim() : undefined;
  const scheme = forwarded('x-forwarded-proto') ?? ((socket as TLSSocket).encrypted ? 'https' : 'http');
  return `${scheme}://${(forwarded('x-forwarded-host') ?? headers.host) || 'localhost'}`;
}

/** A request for which no dialect is chosen yet. */
export type IncomingRequest = Omit<RestRequest, 'path' | 'params'>;

/** The request in the form that the engine works with. */
export function incomingRequest(
  request: IncomingMessage,
  body: Body,
  requestId: string,
  trustsProxy: boolean,
): IncomingRequest {
  const url = request.url!;
  return {
    method: request.method!,
    url,
    origin: originOf(request, trustsProxy),
    headers: request.headers,
    query: queryOf(url),
    body: body.value,
    requestId,
  };
}
