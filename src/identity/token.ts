import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { refuse } from '../core/errors.js';
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

/** Checks a bearer token; throws UNAUTHENTICATED if it is not good. */
export type Verifier = (token: string, authorization: string) => Promise<Claims>;

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
  if (options.secret) return remembering(jwtVerifier(new TextEncoder().encode(options.secret)));
  if (options.jwksUrl) return remembering(jwtVerifier(createRemoteJWKSet(new URL(options.jwksUrl))));
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

/** Believes a good answer for 30 seconds, but never beyond the token's own end; refusals are not remembered. */
function remembering(verify: Verifier): Verifier {
  const known = new Recent<{ claims: Claims; until: number }>(10_000);
  return async (token, authorization) => {
    const cached = known.get(token);
    if (cached && cached.until > Date.now()) return cached.claims;
    const claims = await verify(token, authorization);
    known.set(token, { claims, until: Math.min(Date.now() + keptFor, claims.expires?.getTime() ?? Infinity) });
    return claims;
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
    throw refuse('UNAUTHENTICATED');
  }
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
