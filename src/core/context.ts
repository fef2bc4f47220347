import type { Database, Reading, Statement } from './database.js';
import type { Presence } from './presence.js';
import type { Locale } from './errors.js';
import { rightsOf, rightsKeyOf, type ReachTable, type Rights, type Role } from './rights.js';

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
  /** language of messages to callers who ask for none */
  language: Locale;
  /** false while only platform administrators may work in it */
  active: boolean;
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

/** Counts what a caller learns from the refusals of duplicates. */
export interface Duplicates {
  /** Refuses RATE_LIMITED a caller who has met too many. */
  check(ctx: Context): Promise<void>;
  /** Counts so many more. */
  found(ctx: Context, count: number): Promise<void>;
}

/** What lets whoever holds it fetch signed addresses as the caller for a while. */
export interface Grant {
  /** the caller's token, encrypted */
  text: string;
  /** what addresses are signed with, HMAC-SHA-256 */
  key: Buffer;
  expires: Date;
}

export interface ContextInit {
  database: Database;
  tenant: TenantInfo;
  user: UserInfo;
  roles: readonly Role[];
  scopes?: readonly string[];
  /** what the tenant has changed of how far roles reach */
  reachTable?: ReachTable;
  channel: Channel;
  requestId: string;
  locale: Locale;
  /** when the caller's token ends, if it does */
  expires?: Date;
  /** whoever waits for the answer */
  presence?: Presence | undefined;
  /** counts the refusals of duplicates; absent for the server itself */
  duplicates?: Duplicates | undefined;
  /** makes what lets others fetch addresses as the caller, who has a token */
  grant?: () => Grant;
  /** true where the request's statements were counted for a developer to see */
  stats?: { statements: number };
}

/** What is counted and noted of a request while it is answered. */
export interface RequestStats {
  /** how many SQL statements it has sent */
  statements: number;
  /** why the compiled engine left it to the executor, if it was asked and did */
  declined?: string;
  /** what its operation can cost, in points of about 10 µs */
  cost?: number;
  /** the name of its operation, or its REST row */
  operation?: string | undefined;
  /** what is noted of its reads where there are read replicas */
  replicas?: Reading | undefined;
  /** the same while a query is answered that they may answer */
  reading?: Reading | undefined;
  /** set where they may answer nothing of it */
  isPrimaryOnly?: boolean;
  /** codes of the errors that it was answered with, where somebody wants to know */
  codes?: Set<string>;
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
  /** what the caller's token grants a service, by name */
  readonly scopes: readonly string[];
  /** what the tenant has changed of how far roles reach */
  readonly reachTable: ReachTable | undefined;
  readonly rights: Rights;
  /** short text for the rights, in keys of plans and subscription groups */
  readonly rightsKey: string;
  readonly channel: Channel;
  readonly requestId: string;
  readonly locale: Locale;
  readonly expires: Date | undefined;
  readonly presence: Presence | undefined;
  readonly duplicates: Duplicates | undefined;
  /** missing where nobody signed in, and where an answer is for several callers */
  readonly grant: (() => Grant) | undefined;
  readonly stats: RequestStats;
  /** loaders made on first use, emptied by every write */
  readonly loaders: Map<unknown, unknown>;
  /**
   * statement that reads the record for the payload of a change, by id; set while a change runs whose payload is known
   * to show one record
   */
  readonly shown: { of?: ((id: string) => Statement) | undefined };
  /** secrets that this answer shows and no other one may */
  readonly secrets: string[];

  constructor(init: ContextInit) {
    this.database = init.database;
    this.tenant = init.tenant;
    this.user = init.user;
    this.roles = init.roles;
    this.scopes = init.scopes ?? [];
    this.reachTable = init.reachTable;
    this.rights = rightsOf(init.roles, init.scopes, init.reachTable);
    this.rightsKey = rightsKeyOf(this.rights);
    this.channel = init.channel;
    this.requestId = init.requestId;
    this.locale = init.locale;
    this.expires = init.expires;
    this.presence = init.presence;
    this.duplicates = init.duplicates;
    this.grant = init.grant;
    this.stats = init.stats ?? { statements: 0 };
    this.loaders = new Map();
    this.shown = {};
    this.secrets = [];
  }
}

/** Has what is read for a request from now on read from the database itself, since something is decided by it or read beside it there. */
export function withoutReplicas({ stats }: Context): void {
  stats.isPrimaryOnly = true;
  stats.reading = undefined;
}

/** Keeps a secret that the answer of this request shows out of whatever is stored of the answer. */
export const shownOnce = (ctx: Context, secret: string): void => void ctx.secrets.push(secret);

/** The same caller with some things changed. */
const changed = (ctx: Context, changes: Partial<Context>): Context =>
  Object.assign(Object.create(Context.prototype) as Context, ctx, changes);

/** The same caller on another database, with the same loaders and counters unless others are given. */
export const onDatabase = (ctx: Context, database: Database, own: Partial<Pick<Context, 'loaders'>> = {}): Context =>
  changed(ctx, { database, ...own });

/** The same caller in another tenant, as the user who they are there. */
export const inTenant = (ctx: Context, tenant: TenantInfo, user: UserInfo): Context =>
  changed(ctx, { tenant, user, loaders: new Map(), shown: {} });

/** The same caller, spoken to in a language. */
export const inLanguage = (ctx: Context, locale: Locale): Context => changed(ctx, { locale });

/** A loader (or any other value with the lifetime of one request), created on first use and discarded by a write. */
export function perRequest<T>(ctx: Context, key: unknown, make: () => T): T {
  if (!ctx.loaders.has(key)) ctx.loaders.set(key, make());
  return ctx.loaders.get(key) as T;
}

/** The same caller with empty loaders: whatever lives longer than a request uses a new context for each use. */
export const freshContext = (ctx: Context): Context =>
  changed(ctx, {
    presence: undefined,
    grant: undefined,
    stats: { statements: 0 },
    loaders: new Map(),
    shown: {},
    secrets: [],
  });

/** Where the loaders of a request keep what was read of a record with the commit of its change. */
export const shownKey = (id: string): string => `shown ${id}`;
