import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks that no webhook reaches unless the configuration says so: private, local, shared, reserved, for documentation, for many receivers. */
const closedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only what is handed out worldwide is open, without ranges that carry an IPv4 address or are for documentation. */
const openV6 = ['2000::/3'];
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const closed = networks([...closedV4, ...closedV6]);
const open = networks(openV6);

/** Addresses as a list of networks in CIDR notation, e.g. `10.1.0.0/16`; throws for what is none. */
export function networks(texts: readonly string[]): BlockList {
  const found = new BlockList();
  for (const text of texts) {
    const [address = '', bits = ''] = text.split('/');
    found.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return found;
}

/** Why nothing is sent to an address. */
export class TargetRefused extends Error {
  constructor() {
    super('The address is private, or resolves to one that is.');
  }
}

/** Whether webhooks may be sent to an IP address. */
export function reachable(address: string, allowed: BlockList): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (allowed.check(address, family)) return true;
  return !closed.check(address, family) && (family === 'ipv4' || open.check(address, family));
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Resolves a name and hands on what was checked: what is connected to is what was looked at, whatever the name resolves to later. */
function guarded(allowed: BlockList): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (!addresses.every(({ address }) => reachable(address, allowed))) return callback(new TargetRefused(), []);
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

/** Whether an address may be stored: of a name that cannot be resolved now nothing bad is known. */
export async function mayTarget(url: URL, allowed: BlockList): Promise<boolean> {
  const host = hostOf(url);
  if (isIP(host)) return reachable(host, allowed);
  const addresses = await dns.promises.lookup(host, { all: true }).catch(() => []);
  return addresses.every(({ address }) => reachable(address, allowed));
}

export interface PostOptions {
  headers: Record<string, string>;
  body: string;
  /** how long it may take from beginning to the answer's status, in milliseconds */
  timeout: number;
  allowed: BlockList;
  signal: AbortSignal;
}

export interface Posted {
  status: number;
  retryAfter: string | undefined;
}

/** Posts to a webhook. Redirects are answers like others; the answer's body is not read. Throws if there is none in time. */
export function post(url: URL, { headers, body, timeout, allowed, signal }: PostOptions): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url);
    if (isIP(host) && !reachable(host, allowed)) return reject(new TargetRefused());
    const late = AbortSignal.timeout(timeout);
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      agent: false,
      lookup: guarded(allowed),
      signal: AbortSignal.any([late, signal]),
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    request.once('response', (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      request.destroy();
    });
    request.on('error', (error) =>
      reject(late.aborted ? new Error(`There was no answer within ${timeout} ms.`) : error),
    );
    request.end(body);
  });
}
