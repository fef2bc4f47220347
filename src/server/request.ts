import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Context, type Channel, type TenantInfo } from '../core/context.js';
import type { Database } from '../core/database.js';
import { refuse, type Locale } from '../core/errors.js';
import type { Presence } from '../core/presence.js';
import { parseKey } from '../core/id.js';
import type { Claims } from '../identity/claims.js';
import type { Verifier } from '../identity/token.js';
import { findUser } from '../identity/user.service.js';
import { findTenant } from '../tenants/tenant.service.js';
import { noteCaller } from './access.js';

export interface IdentityOptions {
  database: Database;
  verify: Verifier;
  defaultTenant: string;
  autocreate: boolean;
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
  /** headers of the request, by which the access log finds who made it */
  headers?: IncomingHttpHeaders;
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
  return async (caller, channel, believed) => {
    const match = /^Bearer\s+(\S+)$/i.exec(caller.authorization ?? '');
    if (!match) throw refuse('UNAUTHENTICATED');
    const claims = await options.verify(match[1]!, caller.authorization!, believed);
    const tenant = await tenantOf(options, claims, caller.tenant);
    const user = await findUser(options.database, tenant, claims);
    const ctx = new Context({
      database: options.database,
      tenant,
      user,
      roles: claims.roles,
      scopes: claims.scopes,
      channel,
      requestId: caller.requestId?.slice(0, 200) ?? randomUUID(),
      locale: localeOf(caller.language),
      presence: caller.presence,
      ...(claims.expires && { expires: claims.expires }),
    });
    if (caller.headers) noteCaller(caller.headers, ctx);
    return ctx;
  };
}

/**
 * A caller without a token, who sees counts and nothing masked: in the tenant that is named, or the default one. Refuses
 * TENANT_FORBIDDEN for a tenant that does not exist.
 */
export function anonymous({ database, defaultTenant }: IdentityOptions): Identify {
  return async (caller, channel) =>
    new Context({
      database,
      tenant: existing(await findTenant(database, caller.tenant ?? defaultTenant, false)),
      user: { id: '00000000-0000-0000-0000-000000000000', number: 0, login: 'anonymous', name: 'anonymous' },
      roles: ['viewer'],
      channel,
      requestId: caller.requestId?.slice(0, 200) ?? randomUUID(),
      locale: localeOf(caller.language),
    });
}

/** The token's tenant, or the one named beside it where the token allows that: the same, any for platform administrators and for the demo identity. */
async function tenantOf(options: IdentityOptions, claims: Claims, named: string | undefined): Promise<TenantInfo> {
  const own = claims.tenant ?? options.defaultTenant;
  const free = claims.roles.includes('platform_admin') || claims.anyTenant;
  if (named === undefined || named === own)
    return existing(await findTenant(options.database, own, options.autocreate));
  if (free) return existing(await findTenant(options.database, named, options.autocreate));
  const tenant = existing(await findTenant(options.database, own, options.autocreate));
  if (names(tenant, named)) return tenant;
  throw refuse('TENANT_FORBIDDEN');
}

function existing(tenant: TenantInfo | null): TenantInfo {
  if (!tenant) throw refuse('TENANT_FORBIDDEN');
  return tenant;
}

/** A header may name the token's tenant in another form than the token does. */
function names(tenant: TenantInfo, text: string): boolean {
  const key = parseKey(text);
  return text === tenant.code || (key !== null && ('id' in key ? key.id === tenant.id : key.number === tenant.number));
}

/** Chinese unless the caller's first wish is English. */
export function localeOf(language: string | undefined): Locale {
  return /^\s*en\b/i.test(language ?? '') ? 'en' : 'zh';
}
