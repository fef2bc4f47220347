import type { Database, Statement } from './database.js';
import type { Presence } from './presence.js';
import type { Locale } from './errors.js';
import { rightsOf, rightsKeyOf, type Rights, type Role } from './rights.js';

/** The tenant a request works in. */
export interface TenantInfo {
  id: string;
  code: string;
  number: number;
  name: string;
  /** IANA time zone in which the tenant's calendar days begin */
  timeZone: string;
  /** ISO 4217 code: the currency of what names none, and of the sums in reports */
  currency: string;
}

/** The signed-in user, as known in the tenant of the request. */
export interface UserInfo {
  id: string;
  number: number;
  login: string;
  name: string;
}

/** Through which channel a request came: the graph, one of the REST dialects, or the server itself. */
export type Channel = 'graphql' | 'erp' | 'cell' | 'lifecycle' | 'platform' | 'system';

export interface ContextInit {
  database: Database;
  tenant: TenantInfo;
  user: UserInfo;
  roles: readonly Role[];
  scopes?: readonly string[];
  channel: Channel;
  requestId: string;
  locale: Locale;
  /** when the caller's token ends, if it does */
  expires?: Date;
  /** whoever waits for the answer */
  presence?: Presence | undefined;
  /** true where the request's statements were counted for a developer to see */
  stats?: { statements: number };
}

/**
 * The caller, its tenant, its rights and its database; the first argument of every service function. Apollo copies it
 * with Object.assign, so it has neither own getters nor private fields; shared state is kept in objects.
 */
export class Context {
  readonly database: Database;
  readonly tenant: TenantInfo;
  readonly user: UserInfo;
  readonly roles: readonly Role[];
  readonly rights: Rights;
  /** short text for the rights, in keys of plans and subscription groups */
  readonly rightsKey: string;
  readonly channel: Channel;
  readonly requestId: string;
  readonly locale: Locale;
  readonly expires: Date | undefined;
  readonly presence: Presence | undefined;
  /** how many SQL statements the request has sent, the name of its operation or REST row, and why the compiled engine left it to the executor, if it was asked and did */
  readonly stats: { statements: number; declined?: string; operation?: string | undefined };
  /** loaders made on first use, emptied by every write */
  readonly loaders: Map<unknown, unknown>;
  /**
   * statement that reads the record for the payload of a change, by id; set while a change runs whose payload is known
   * to show one record
   */
  readonly shown: { of?: ((id: string) => Statement) | undefined };

  constructor(init: ContextInit) {
    this.database = init.database;
    this.tenant = init.tenant;
    this.user = init.user;
    this.roles = init.roles;
    this.rights = rightsOf(init.roles, init.scopes);
    this.rightsKey = rightsKeyOf(this.rights);
    this.channel = init.channel;
    this.requestId = init.requestId;
    this.locale = init.locale;
    this.expires = init.expires;
    this.presence = init.presence;
    this.stats = init.stats ?? { statements: 0 };
    this.loaders = new Map();
    this.shown = {};
  }
}

/** The same caller on another database, with the same loaders and counters unless others are given. */
export const onDatabase = (ctx: Context, database: Database, own: Partial<Pick<Context, 'loaders'>> = {}): Context =>
  Object.assign(Object.create(Context.prototype) as Context, ctx, { database, ...own });

/** A loader (or any other value with the lifetime of one request), created on first use and discarded by a write. */
export function perRequest<T>(ctx: Context, key: unknown, make: () => T): T {
  if (!ctx.loaders.has(key)) ctx.loaders.set(key, make());
  return ctx.loaders.get(key) as T;
}

/** The same caller with empty loaders: whatever lives longer than a request uses a new context for each use. */
export const freshContext = (ctx: Context): Context =>
  Object.assign(Object.create(Context.prototype) as Context, ctx, {
    presence: undefined,
    stats: { statements: 0 },
    loaders: new Map(),
    shown: {},
  });

/** Where the loaders of a request keep what was read of a record with the commit of its change. */
export const shownKey = (id: string): string => `shown ${id}`;
