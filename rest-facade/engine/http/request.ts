import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { RestRequest } from '../types.js';
import type { Body } from './body.js';

/** The first value of a header, without white space around it; undefined where there is none. */
export const one = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim() || undefined;

/** The path exactly as sent: no slash is added, removed or merged. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Every value of every parameter, in the order sent. */
function queryOf(url: string): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  const begin = url.indexOf('?');
  if (begin < 0) return query;
  for (const [name, value] of new URLSearchParams(url.slice(begin + 1)))
    (Object.hasOwn(query, name) ? query[name]! : (query[name] = [])).push(value);
  return query;
}

/** Scheme and host as the client used them; behind a proxy that is believed, as the first one says it. */
function originOf({ headers, socket }: IncomingMessage, believesProxy: boolean): string {
  const told = (name: string): string | undefined =>
    believesProxy ? one(headers[name])?.split(',', 1)[0]!.trim() : undefined;
  const scheme = told('x-forwarded-proto') ?? ((socket as TLSSocket).encrypted ? 'https' : 'http');
  return `${scheme}://${(told('x-forwarded-host') ?? headers.host) || 'localhost'}`;
}

/** A request whose place in a dialect is not decided yet. */
export type Sent = Omit<RestRequest, 'path' | 'params'>;

/** The request as the engine's own kind. */
export function sentBy(request: IncomingMessage, body: Body, requestId: string, believesProxy: boolean): Sent {
  const url = request.url!;
  return {
    method: request.method!,
    url,
    origin: originOf(request, believesProxy),
    headers: request.headers,
    query: queryOf(url),
    body: body.value,
    requestId,
  };
}
