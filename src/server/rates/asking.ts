import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { DomainError } from '../../core/errors.js';

/** A request or a socket whose operations are counted. */
export interface Asking {
  /** from where it comes: an IPv4 address, or the network of an IPv6 address */
  address: string;
  /** its answer, which says in its headers what is left; a socket has none */
  response?: ServerResponse;
  /** what is left to the address, in the form of the header */
  left?: string;
  /** set once its user has been counted */
  counted?: boolean;
  /** set once its token has been refused */
  failed?: boolean;
  /** why it is refused, whoever asks again */
  refusal?: DomainError;
  /** after how many seconds it would not be refused */
  retryAfter?: number;
}

/** Where the headers of a request keep it; a map of weak keys would cost as much as the counting. */
const key = Symbol('asking');

type Counted = IncomingHttpHeaders & { [key]?: Asking };

/** Keeps the counting of a request, by its headers, for whoever finds out whose it is. */
export const noteAsking = (headers: IncomingHttpHeaders, asking: Asking): void =>
  void ((headers as Counted)[key] = asking);

/** The counting of a request; undefined where it is not counted. */
export const askingOf = (headers: IncomingHttpHeaders | undefined): Asking | undefined => (headers as Counted)?.[key];

/**
 * From where a request comes. Behind so many proxies, each of which adds to `X-Forwarded-For` whom it was asked by, that is
 * the entry that the first of them has added: what stands before it may be anything. Of an IPv6 address the network counts
 * (64 bits), of which one client has all addresses.
 */
export function addressOf({ socket, headers }: IncomingMessage, proxies: number): string {
  const forwarded = proxies > 0 ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  const address = (forwarded.at(-Math.min(proxies, forwarded.length))?.trim() || socket.remoteAddress) ?? '';
  return networkOf(address.replace(/^::ffff:(?=\d+\.)/i, ''));
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const first = head.split(':').filter(Boolean);
  const last = tail?.split(':').filter(Boolean) ?? [];
  const all =
    tail === undefined ? first : [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return `${all.slice(0, 4).join(':')}::/64`;
}
