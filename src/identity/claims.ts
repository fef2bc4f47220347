import type { JWTPayload } from 'jose';
import type { TenantInfo } from '../core/context.js';
import { isStorable } from '../core/utf8.js';
import { refuse } from '../core/errors.js';
import { roles, type Role } from '../core/rights.js';

/** What a token says of its bearer. */
export interface Claims {
  subject: string;
  /** absent if the token has no name: the user keeps the known one */
  name?: string;
  /** as the token gives it, not checked; the user keeps the known one where it is absent */
  email?: string;
  /** phone, likewise */
  phone?: string;
  /** tenant the token belongs to, as code, id or number; null if it names none */
  tenant: string | null;
  roles: Role[];
  scopes: string[];
  expires?: Date;
  /** id of the token, if it has one */
  tokenId?: string;
  /** when it was issued, if it says so */
  issuedAt?: Date;
  /** the tenant itself, where it is known already; no other one can be named beside it */
  ofTenant?: TenantInfo;
  /** true for the demo identity, which works in whatever tenant is named */
  anyTenant?: boolean;
}

/** Roles as the platform calls them. */
const platformRoles: Record<string, Role> = { admin: 'tenant_admin', super_admin: 'platform_admin', user: 'sales' };

/** A subject names one user: a longer one is not cut, since it would name another then. */
const isSubject = (text: string): boolean => text.trim() !== '' && [...text].length <= 200 && isStorable(text);

/**
 * Reads the claims of a verified token, which works for so many seconds after its end. Refuses UNAUTHENTICATED if they
 * have no subject, or one that cannot be one.
 */
export function claimsOf(payload: JWTPayload, skewSeconds = 0): Claims {
  // what is signed may still be of any type
  const subject: unknown = payload.sub;
  if (typeof subject !== 'string' || !isSubject(subject)) throw refuse('UNAUTHENTICATED');
  const held = [payload['roles'] ?? payload['role'] ?? []]
    .flat()
    .map((role) => platformRoles[String(role)] ?? String(role));
  return {
    subject,
    ...(typeof payload['name'] === 'string' &&
      payload['name'].trim() !== '' && { name: payload['name'].trim().slice(0, 200) }),
    ...(typeof payload['email'] === 'string' && { email: payload['email'] }),
    ...(typeof payload['phone_number'] === 'string' && { phone: payload['phone_number'] }),
    tenant: payload['tenant_id'] === undefined || payload['tenant_id'] === null ? null : String(payload['tenant_id']),
    roles: held.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
    ...(typeof payload.jti === 'string' && { tokenId: payload.jti }),
    ...(typeof payload.iat === 'number' && { issuedAt: new Date(payload.iat * 1000) }),
    ...(payload.exp && { expires: new Date((payload.exp + skewSeconds) * 1000) }),
  };
}
