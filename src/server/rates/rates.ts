import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Context } from '../../core/context.js';
import { DomainError, refuse } from '../../core/errors.js';
import { Recent } from '../../core/recent.js';
import { addressOf, noteAsking, type Asking } from './asking.js';
import { Limit, type Left, type SharedCounts } from './limit.js';
import type { Limited, Quotas } from '../../core/quotas.js';

export interface RatesOptions {
  quotas: Quotas;
  /** the database in which processes count together; without it each counts by itself */
  counts: SharedCounts | undefined;
  /** how many proxies stand before the server */
  proxies: number;
  /** paths that are never counted: those of probes and metrics */
  exempt: ReadonlySet<string>;
}

/** The limits that hold for every request, in the order of the headers. */
const general = ['address', 'user', 'tenant'] as const;

/** How many tokens are known to have been good. */
const maxTokens = 10_000;

/**
 * How often something may be asked: each request and each operation of a socket counts for its address, its user and its
 * tenant. Answers say what is left, in the headers `RateLimit-Policy` and `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers). Refused tokens count for the address: beyond their limit, tokens that have not
 * been good before are not looked at. Refused duplicates count for the user: beyond their limit, nothing is written.
 */
export class Rates {
  private readonly limits: Partial<Record<Limited, Limit>>;
  private readonly policies: string;
  /** tokens that have been good */
  private readonly good = new Recent<true>(maxTokens);

  constructor(private readonly options: RatesOptions) {
    const { quotas, counts } = options;
    this.limits = Object.fromEntries(
      Object.entries(quotas).flatMap(([name, quota]) => (quota ? [[name, new Limit(name, quota, counts)]] : [])),
    );
    this.policies = general
      .flatMap((name) => (quotas[name] ? [`"${name}";q=${quotas[name].count};w=${quotas[name].seconds}`] : []))
      .join(', ');
  }

  /** Counts a request for its address. One that is too much is refused by whoever shapes its answer: see `admit`. */
  readonly counted: RequestHandler = (request, response, next) => {
    void this.begin(request, response, next);
  };

  private async begin(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    if (!this.isExempt(request.url!)) {
      const asking: Asking = { address: addressOf(request, this.options.proxies), response };
      noteAsking(request.headers, asking);
      await this.countAddress(asking);
    }
    next();
  }

  private isExempt(url: string): boolean {
    const end = url.indexOf('?');
    return this.options.exempt.has(end < 0 ? url : url.slice(0, end));
  }

  /** Counts a socket that is to be opened, for its address; what is too much is refused with its first message. */
  async opened(request: IncomingMessage): Promise<Asking> {
    const asking: Asking = { address: addressOf(request, this.options.proxies) };
    await this.countAddress(asking);
    return asking;
  }

  private async countAddress(asking: Asking): Promise<void> {
    const left = await this.limits.address?.take(asking.address);
    if (!left) return;
    asking.left = textOf('address', left);
    asking.response?.setHeader('RateLimit-Policy', this.policies).setHeader('RateLimit', asking.left);
    if (left.over) this.refuse(asking, left);
  }

  /** Lets a request pass to the check of its token. Refuses RATE_LIMITED. */
  async admit(asking: Asking, token: string): Promise<void> {
    if (asking.refusal) throw asking.refusal;
    if (!this.limits.login || asking.failed || this.good.get(token)) return;
    const left = await this.limits.login.left(asking.address);
    if (left.over) throw this.refuse(asking, left);
  }

  /** Counts a token that was refused, once. Refuses RATE_LIMITED where that was one too many. */
  async refused(asking: Asking): Promise<void> {
    if (asking.failed) return;
    asking.failed = true;
    const left = await this.limits.login?.take(asking.address);
    if (left?.over) throw this.refuse(asking, left);
  }

  /** Counts a request for its user and its tenant, once. Refuses RATE_LIMITED. */
  async count(asking: Asking, token: string, { user, tenant }: Context): Promise<void> {
    if (!this.good.get(token)) this.good.set(token, true);
    if (asking.counted) return;
    asking.counted = true;
    await this.countFor(asking, user.id, tenant.id);
  }

  /** Counts an operation of a socket for its address, user and tenant. Refuses RATE_LIMITED. */
  async operation(asking: Asking, { user, tenant }: Context): Promise<void> {
    const left = await this.limits.address?.take(asking.address);
    if (left?.over) throw refuse('RATE_LIMITED');
    await this.countFor({ address: asking.address }, user.id, tenant.id);
  }

  private async countFor(asking: Asking, userId: string, tenantId: string): Promise<void> {
    const user = await this.limits.user?.take(userId);
    // what a user is refused does not count for the others of the tenant
    const tenant = user?.over ? undefined : await this.limits.tenant?.take(tenantId);
    const { response, left } = asking;
    if (response && !response.headersSent && this.policies !== '') {
      if (left === undefined) response.setHeader('RateLimit-Policy', this.policies);
      response.setHeader(
        'RateLimit',
        [left, user && textOf('user', user), tenant && textOf('tenant', tenant)].filter(Boolean).join(', '),
      );
    }
    const over = user?.over ? user : tenant;
    if (over?.over) throw this.refuse(asking, over);
  }

  /** Counts records that were refused since there are such records, and refuses RATE_LIMITED once they are too many. */
  readonly duplicates = {
    check: async ({ user }: Context): Promise<void> => {
      if ((await this.limits.duplicates?.left(user.id))?.over) throw refuse('RATE_LIMITED');
    },
    found: async ({ user }: Context, count: number): Promise<void> => {
      await this.limits.duplicates?.take(user.id, count);
    },
  };

  private refuse(asking: Asking, { milliseconds }: Left): DomainError {
    asking.retryAfter = Math.max(1, Math.ceil(milliseconds / 1_000));
    if (asking.response && !asking.response.headersSent) asking.response.setHeader('Retry-After', asking.retryAfter);
    return (asking.refusal = refuse('RATE_LIMITED'));
  }
}

/** What is left of a limit, in the form of the header. */
const textOf = (name: string, { remaining, milliseconds }: Left): string =>
  `"${name}";r=${remaining};t=${Math.ceil(milliseconds / 1_000)}`;
