import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { Context, type Channel, type TenantInfo } from '../core/context.js';
import type { Database } from '../core/database.js';
import { badRequest, DomainError, refuse, tenantRefused, type Locale } from '../core/errors.js';
import type { Presence } from '../core/presence.js';
import { positionOf, type Position } from '../database/positions.js';
import { parseKey } from '../core/id.js';
import type { KeyVerifier } from '../api-keys/api-key.check.js';
import { isKeyText } from '../api-keys/api-key.text.js';
import type { Claims } from '../identity/claims.js';
import type { Verifier } from '../identity/token.js';
import type { Grants } from '../identity/grants.js';
import type { ReachTables } from '../identity/role-reach.service.js';
import type { RevocationCheck } from '../identity/revocation.service.js';
import { findUser } from '../identity/user.service.js';
import { findTenant } from '../tenants/tenant.service.js';
import { noteAdmitted, noteCaller, noteLanguage, observedOf } from './observed.js';
import { askingOf, type Asking } from './rates/asking.js';
import type { Rates } from './rates/rates.js';

export interface IdentityOptions {
  database: Database;
  verify: Verifier;
  verifyKey: KeyVerifier;
  refuseRevoked: RevocationCheck;
  reachTable: ReachTables;
  grants: Grants;
  defaultTenant: string;
  autocreate: boolean;
  rates: Rates;
  /** there are read replicas */
  hasReplicas: boolean;
}

/** What identifies a request, whatever it came through: its headers, or a socket's connection parameters. */
export interface Caller {
  authorization?: string | undefined;
  /** tenant named beside the token, by header or parameter */
  tenant?: string | undefined;
  requestId?: string | undefined;
  language?: string | undefined;
  /** who waits for the answer, where it is known when they go */
  presence?: Presence | undefined;
  /** how far they have seen their tenant's changes, as an answer said; by the headers where they are given */
  position?: string | undefined;
  /** headers of the request, by which the access log finds who made it */
  headers?: IncomingHttpHeaders;
  /** for whom it is counted; by the headers where they are given */
  asking?: Asking | undefined;
}

export const callerOf = (headers: IncomingHttpHeaders, tenant?: string): Caller => ({
  authorization: headers.authorization,
  tenant: tenant ?? one(headers['x-tenant-id']),
  requestId: one(headers['x-request-id']) ?? one(headers['x-trace-id']),
  language: headers['accept-language'],
  headers,
});

const one = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim() || undefined;

/**
 * Turns a caller into a context. An earlier positive answer of the token's issuer counts for at most `believed`
 * milliseconds.
 */
export type Identify = (caller: Caller, channel: Channel, believed?: number) => Promise<Context>;

/** Makes the one function that turns a caller into a context: for the graph, its sockets and every REST dialect. */
export function identifier(options: IdentityOptions): Identify {
  const { rates } = options;
  const checked = async ({ authorization = '', asking }: Caller, believed?: number): Promise<Claims> => {
    if (asking) await rates.admit(asking, authorization);
    try {
      return await claimsOf(options, authorization, believed);
    } catch (error) {
      const isRefused = authorization !== '' && error instanceof DomainError && error.code === 'UNAUTHENTICATED';
      if (asking && isRefused) await rates.refused(asking);
      throw error;
    }
  };
  return async (caller, channel, believed) => {
    const { asking = askingOf(caller.headers) } = caller;
    const claims = await checked({ ...caller, asking }, believed);
    const tenant = await tenantOf(options, claims, caller);
    await refuseRevoked(options, claims, tenant, believed);
    const user = await findUser(options.database, tenant, claims);
    const reachTable = await options.reachTable(tenant.id, believed);
    const ctx = new Context({
      database: options.database,
      tenant,
      user,
      roles: claims.roles,
      scopes: claims.scopes,
      reachTable,
      channel,
      requestId: caller.requestId?.slice(0, 200) ?? randomUUID(),
      locale: localeOf(caller.language, tenant.language),
      presence: caller.presence,
      duplicates: rates.duplicates,
      grant: () => options.grants.grant({ authorization: caller.authorization!, tenant: caller.tenant }),
      ...(claims.expires && { expires: claims.expires }),
    });
    if (options.hasReplicas) ctx.stats.replicas = { seen: seenBy(caller), by: new Set() };
    if (caller.headers) noteCaller(caller.headers, ctx);
    if (asking) await rates.count(asking, caller.authorization!, ctx);
    if (caller.headers) noteAdmitted(caller.headers);
    return ctx;
  };
}

/** How far a caller says that it has seen its tenant's changes. Refuses BAD_REQUEST for what no answer has said. */
function seenBy({ headers, position = one(headers?.['x-crm-position']) }: Caller): Position | undefined {
  if (position === undefined) return undefined;
  const found = positionOf(position);
  if (!found) throw badRequest('POSITION', ['X-CRM-Position']);
  return found;
}

/** What a token or an API key says of its bearer. */
function claimsOf({ verify, verifyKey }: IdentityOptions, authorization = '', believed?: number): Promise<Claims> {
  const [, scheme = '', text = ''] = /^(Bearer|ApiKey)\s+(\S+)$/i.exec(authorization) ?? [];
  if (isKeyText(text)) return verifyKey(text, believed);
  if (scheme.toLowerCase() === 'bearer') return verify(text, authorization, believed);
  throw refuse('UNAUTHENTICATED');
}

/** Refuses a token that is revoked where it works, or where it comes from. */
async function refuseRevoked(
  { refuseRevoked: check, database, defaultTenant }: IdentityOptions,
  claims: Claims,
  tenant: TenantInfo,
  believed: number | undefined,
): Promise<void> {
  await check(tenant, claims, believed);
  const own = claims.ofTenant ?? (await findTenant(database, claims.tenant ?? defaultTenant, false));
  if (own && own.id !== tenant.id) await check(own, claims, believed);
}

/** How requests say who they are where they say it in `X-API-Key`. */
export function authorizationOf({ authorization, ...headers }: IncomingHttpHeaders): string | undefined {
  const key = one(headers['x-api-key']);
  return authorization ?? (key === undefined ? undefined : `ApiKey ${key}`);
}

/** Takes a key in `X-API-Key` for what it would be as `Authorization`, whatever a request is for. */
export const withApiKey: RequestHandler = ({ headers }, _response, next) => {
  const authorization = authorizationOf(headers);
  if (authorization !== undefined) headers.authorization = authorization;
  next();
};

/**
 * A caller without a token, who sees counts and nothing masked: in the tenant that is named, or the default one. Refuses
 * TENANT_FORBIDDEN for a tenant that does not exist or is not active.
 */
export function anonymous({ database, defaultTenant }: Pick<IdentityOptions, 'database' | 'defaultTenant'>): Identify {
  return async (caller, channel) => {
    const tenant = await findTenant(database, caller.tenant ?? defaultTenant, false);
    if (!tenant?.active) throw refuse('TENANT_FORBIDDEN');
    return new Context({
      database,
      tenant,
      user: { id: '00000000-0000-0000-0000-000000000000', number: 0, login: 'anonymous', name: 'anonymous' },
      roles: ['viewer'],
      channel,
      requestId: caller.requestId?.slice(0, 200) ?? randomUUID(),
      locale: localeOf(caller.language, tenant.language),
    });
  };
}

/** The token's tenant, or the one named beside it where the token allows that: the same, any for platform administrators and for the demo identity. */
async function tenantOf(
  { database, defaultTenant, autocreate }: IdentityOptions,
  claims: Claims,
  { tenant: named, headers }: Caller,
): Promise<TenantInfo> {
  const own = claims.tenant ?? defaultTenant;
  const administers = claims.roles.includes('platform_admin');
  // a key works in its tenant alone
  const free = !claims.ofTenant && (administers || claims.anyTenant);
  const wanted = named !== undefined && free ? named : own;
  const tenant = claims.ofTenant ?? (await findTenant(database, wanted, autocreate));
  if (tenant && headers) noteLanguage(headers, tenant);
  if (named !== undefined && named !== wanted && !(tenant && names(tenant, named))) throw refuse('TENANT_FORBIDDEN');
  if (!tenant) throw tenantRefused('TENANT_MISSING', wanted);
  if (!tenant.active && !administers) throw tenantRefused('TENANT_INACTIVE', tenant.code);
  return tenant;
}

/** A header may name the token's tenant in another form than the token does. */
function names(tenant: TenantInfo, text: string): boolean {
  const key = parseKey(text);
  return text === tenant.code || (key !== null && ('id' in key ? key.id === tenant.id : key.number === tenant.number));
}

/** The language of messages to whoever made a request: as they wish, or as is usual in their tenant as soon as that is known. */
export const localeFor = (headers: IncomingHttpHeaders): Locale =>
  localeOf(headers['accept-language'], observedOf(headers)?.language);

/** The language of the caller's first wish, if it is Chinese or English; else the given one, Chinese by default. */
export function localeOf(language: string | undefined, otherwise: Locale = 'zh'): Locale {
  const [, wish] = /^\s*(en|zh)\b/i.exec(language ?? '') ?? [];
  return (wish?.toLowerCase() as Locale | undefined) ?? otherwise;
}
