import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { DomainError, refuse } from '../core/errors.js';
import { Recent } from '../core/recent.js';
import { roles, type Role } from '../core/rights.js';

/** What a token says of its bearer. */
export interface Claims {
  subject: string;
  /** absent if the token names nobody: the user keeps the name they have */
  name?: string;
  /** tenant the token belongs to, as code, id or number; null if it names none */
  tenant: string | null;
  roles: Role[];
  scopes: string[];
  expires?: Date;
}

/** Checks a bearer token; throws UNAUTHENTICATED if it is not good. An earlier good answer counts for so many milliseconds, where the issuer can change its mind; 30 seconds unless told. */
export type Verifier = (token: string, authorization: string, believed?: number) => Promise<Claims>;

export interface VerifierOptions {
  secret?: string | undefined;
  jwksUrl?: string | undefined;
  platformUrl?: string | undefined;
  /** refuse all where none of the three is configured */
  strict: boolean;
  /** secret of demo tokens where none of the three is configured */
  demoSecret: string;
}

/** Chooses how tokens are checked: by shared secret, by published keys, by asking the platform, or, for demos, hardly at all. */
export function verifier(options: VerifierOptions): Verifier {
  if (options.secret) return remembering(jwtVerifier(new TextEncoder().encode(options.secret)), { final: true });
  if (options.jwksUrl) return remembering(jwtVerifier(createRemoteJWKSet(new URL(options.jwksUrl), { cacheMaxAge: keysKeptFor })));
  if (options.platformUrl) return remembering(platformVerifier(options.platformUrl));
  if (options.strict) return () => Promise.reject(refuse('UNAUTHENTICATED'));
  return demoVerifier(new TextEncoder().encode(options.demoSecret));
}

function jwtVerifier(key: Uint8Array | ReturnType<typeof createRemoteJWKSet>): Verifier {
  return async (token) => {
    try {
      const { payload } = key instanceof Uint8Array ? await jwtVerify(token, key, { algorithms: ['HS256'] }) : await jwtVerify(token, key);
      return claimsOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refuse('UNAUTHENTICATED');
      throw error;
    }
  };
}

/** Any bearer token is the demo identity; but a token that we signed ourselves is what it says. */
function demoVerifier(secret: Uint8Array): Verifier {
  const verify = jwtVerifier(secret);
  return async (token, authorization) => {
    try {
      return await verify(token, authorization);
    } catch (error) {
      if (signedWithOurs(token)) throw error;
      return { subject: 'demo', name: '演示用户', tenant: null, roles: ['tenant_admin'], scopes: [] };
    }
  };
}

/** Demo tokens carry our issuer: an expired or tampered one is refused, not mistaken for any token. */
function signedWithOurs(token: string): boolean {
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

const keptFor = 30_000;
/** How long published keys are used before they are fetched anew: so late a withdrawn key is noticed at the latest. */
const keysKeptFor = 2_000;

/** The issuer could not be asked: that says nothing about the token. */
class IssuerUnreachable extends DomainError {}

/**
 * Believes a good answer for a while, but never beyond the token's own end; refusals are not remembered. Where the issuer
 * cannot be asked again, the last good answer counts for its 30 seconds. A `final` answer cannot change while the token lasts.
 */
function remembering(verify: Verifier, { final = false } = {}): Verifier {
  const known = new Recent<{ claims: Claims; at: number }>(10_000);
  const holds = ({ claims, at }: { claims: Claims; at: number }, believed: number): boolean => (at + believed > Date.now() || final) && (claims.expires?.getTime() ?? Infinity) > Date.now();
  return async (token, authorization, believed = keptFor) => {
    const cached = known.get(token);
    if (cached && holds(cached, believed)) return cached.claims;
    const at = Date.now();
    try {
      const claims = await verify(token, authorization);
      known.set(token, { claims, at });
      return claims;
    } catch (error) {
      const refused = error instanceof DomainError && !(error instanceof IssuerUnreachable);
      if (cached && !refused && holds(cached, keptFor)) return cached.claims;
      if (cached && refused) known.set(token, { ...cached, at: 0 });
      throw error;
    }
  };
}

/** Asks the platform who the bearer is. */
function platformVerifier(base: string): Verifier {
  const address = `${base.replace(/\/$/, '')}/api/auth/me`;
  return (_token, authorization) => askPlatform(address, authorization);
}

async function askPlatform(address: string, authorization: string): Promise<Claims> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { authorization }, signal: AbortSignal.timeout(5_000) });
  } catch {
    throw new IssuerUnreachable(refuse('UNAUTHENTICATED').issues);
  }
  if (response.status >= 500) throw new IssuerUnreachable(refuse('UNAUTHENTICATED').issues);
  if (!response.ok) throw refuse('UNAUTHENTICATED');
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const data = (body['data'] && typeof body['data'] === 'object' ? body['data'] : body) as Record<string, unknown>;
  return claimsOf({ ...data, sub: String(data['sub'] ?? data['username'] ?? data['id'] ?? '') } as JWTPayload);
}

const platformWords: Record<string, Role> = { admin: 'tenant_admin', super_admin: 'platform_admin', user: 'sales' };

function claimsOf(payload: JWTPayload): Claims {
  const subject = payload.sub;
  if (!subject) throw refuse('UNAUTHENTICATED');
  const held = [payload['roles'] ?? payload['role'] ?? []].flat().map((role) => platformWords[String(role)] ?? String(role));
  return {
    subject,
    ...(typeof payload['name'] === 'string' && payload['name'].trim() !== '' && { name: payload['name'].trim().slice(0, 200) }),
    tenant: payload['tenant_id'] === undefined || payload['tenant_id'] === null ? null : String(payload['tenant_id']),
    roles: held.filter((role): role is Role => (roles as readonly string[]).includes(role)),
    scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
    ...(payload.exp && { expires: new Date(payload.exp * 1000) }),
  };
}

const issuer = 'crm-graph';

/** Signs a token with a shared secret: for demos, tests and the command `npm run token`. */
export function sign(secret: string, claims: { subject: string; name?: string; tenant?: string; roles: readonly Role[]; scope?: string; expiresIn?: string }): Promise<string> {
  return new SignJWT({ ...(claims.tenant !== undefined && { tenant_id: claims.tenant }), roles: claims.roles, ...(claims.name && { name: claims.name }), ...(claims.scope && { scope: claims.scope }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(claims.subject)
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(claims.expiresIn ?? '30d')
    .sign(new TextEncoder().encode(secret));
}
