import type { JWTPayload } from 'jose';
import { isStorable, refuse } from '../core/errors.js';
import { roles, type Role } from '../core/rights.js';

/** What a token says of its bearer. */
export interface Claims {
  subject: string;
  /** absent if the token has no name: the user keeps the known one */
  name?: string;
  /** tenant the token belongs to, as code, id or number; null if it names none */
  tenant: string | null;
  roles: Role[];
  scopes: string[];
  expires?: Date;
  /** true for the demo identity, which works in whatever tenant is named */
  anyTenant?: boolean;
}

/** Roles as the platform calls them. */
const platformRoles: Record<string, Role> = { admin: 'tenant_admin', super_admin: 'platform_admin', user: 'sales' };

/** A subject names one user: a longer one is not cut, since it would name another then. */
const isSubject = (text: string): boolean => text.trim() !== '' && [...text].length <= 200 && isStorable(text);

/** Reads the claims of a verified token. Refuses UNAUTHENTICATED if they have no subject, or one that cannot be one. */
export function claimsOf(payload: JWTPayload): Claims {
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
    tenant: payload['tenant_id'] === undefined || payload['tenant_id'] === null ? null : String(payload['tenant_id']),
    roles: held.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
    ...(payload.exp && { expires: new Date(payload.exp * 1000) }),
  };
}
