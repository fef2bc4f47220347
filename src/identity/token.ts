import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwtVerify, SignJWT, type JWTVerifyOptions } from 'jose';
import { now } from '../core/clock.js';
import { DomainError, refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import { given, inSpan, outbound } from '../core/tracing.js';
import { Recent } from '../core/recent.js';
import type { Role } from '../core/rights.js';
import { claimsOf, type Claims } from './claims.js';
import { askPlatform } from './platform.js';

/**
 * Checks a bearer token; throws UNAUTHENTICATED if it is invalid, AUTH_UNAVAILABLE if that cannot be determined. Where
 * the issuer can revoke tokens, an earlier positive answer counts for at most `believed` milliseconds.
 */
export type Verifier = (token: string, authorization: string, believed?: number) => Promise<Claims>;

/** What must hold of a token beside its signature. */
export interface TokenChecks {
  /** of which it must name one */
  issuers?: string[] | undefined;
  /** of which it must be meant for one; without any it must be meant for nobody in particular */
  audiences?: string[] | undefined;
  /** by how much the clock of the issuer may differ, in seconds */
  skewSeconds: number;
  /** whether it must have an end */
  ends: boolean;
}

export interface VerifierOptions {
  secret?: string | undefined;
  jwksUrl?: string | undefined;
  platformUrl?: string | undefined;
  /** how long a good answer of the platform is believed, in seconds */
  platformSeconds: number;
  checks: TokenChecks;
  /** refuse all where none of the three is configured */
  strict: boolean;
  /** secret of demo tokens where none of the three is configured */
  demoSecret: string;
}

/** Chooses how tokens are checked: by shared secret, by published keys, by asking the platform, or, for demos, hardly at all. */
export function verifier(options: VerifierOptions): Verifier {
  if (options.secret)
    return remembering(jwtVerifier(new TextEncoder().encode(options.secret), options.checks), Infinity);
  if (options.jwksUrl) return remembering(jwtVerifier(publishedKeys(options.jwksUrl), options.checks), keptFor);
  if (options.platformUrl) return remembering(platformVerifier(options.platformUrl), 1000 * options.platformSeconds);
  if (options.strict) return () => Promise.reject(refuse('UNAUTHENTICATED'));
  return demoVerifier(new TextEncoder().encode(options.demoSecret));
}

const publishedKeys = (address: string): ReturnType<typeof createRemoteJWKSet> =>
  createRemoteJWKSet(new URL(address), {
    cooldownDuration,
    cacheMaxAge,
    [customFetch]: (url, { headers, ...options }) =>
      inSpan('GET keys', outbound(url), () =>
        fetch(url, { ...options, headers: given(Object.fromEntries(new Headers(headers))) }),
      ),
  });

function jwtVerifier(key: Uint8Array | ReturnType<typeof createRemoteJWKSet>, checks: TokenChecks): Verifier {
  const { issuers, audiences, skewSeconds, ends } = checks;
  const options: JWTVerifyOptions = {
    clockTolerance: skewSeconds,
    requiredClaims: ends ? ['exp'] : [],
    ...(issuers && { issuer: issuers }),
    ...(audiences && { audience: audiences }),
  };
  return async (token) => {
    try {
      const { payload } =
        key instanceof Uint8Array
          ? await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })
          : await jwtVerify(token, key, options);
      if (!audiences && payload.aud !== undefined) throw meantForOthers(payload.aud);
      if ((payload.iat ?? 0) > now().getTime() / 1000 + skewSeconds) throw refuse('UNAUTHENTICATED');
      return claimsOf(payload, skewSeconds);
    } catch (error) {
      throw meaning(error);
    }
  };
}

let warned = false;

/** A token for an audience is not for whoever has no name (RFC 7519, 4.1.3). The first one is logged: the operator has to say the name. */
function meantForOthers(audience: unknown): DomainError {
  if (!warned)
    log.warn(
      { event: 'auth.audienceUnknown', audience },
      'a token is meant for an audience, and AUTH_AUDIENCE is unset: it was refused',
    );
  warned = true;
  return refuse('UNAUTHENTICATED');
}

/** How soon the published keys may be looked up again for a token with a key that is not among them, in milliseconds. */
const cooldownDuration = 5_000;

/**
 * How long published keys are used before they are fetched again, in milliseconds: open sockets must lose a withdrawn
 * key within five seconds.
 */
const cacheMaxAge = 2_000;

/** What jose throws where the published keys cannot be had; everything else is the token's fault. */
const withoutKeys = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

function meaning(error: unknown): unknown {
  const isOfJose = error instanceof errors.JOSEError;
  if (isOfJose && !withoutKeys.includes(error.code)) return refuse('UNAUTHENTICATED');
  const isOfFetch = error instanceof TypeError && error.message === 'fetch failed';
  if (!isOfJose && !isOfFetch) return error;
  log.warn(
    {
      event: 'auth.keysUnavailable',
      reason: String((error.cause as { code?: unknown } | undefined)?.code ?? error.message),
    },
    'the public keys for checking tokens could not be fetched',
  );
  return refuse('AUTH_UNAVAILABLE');
}

/** Any bearer token is the demo identity; but a token that we signed ourselves is what it says. */
function demoVerifier(secret: Uint8Array): Verifier {
  const verify = jwtVerifier(secret, { skewSeconds: 0, ends: false });
  return async (token, authorization) => {
    try {
      return await verify(token, authorization);
    } catch (error) {
      if (signedWithOurs(token)) throw error;
      return { subject: 'demo', name: '演示用户', tenant: null, roles: ['tenant_admin'], scopes: [], anyTenant: true };
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

/** How long a token whose signature was found good is not checked again, in milliseconds. */
const keptFor = 30_000;
/**
 * Believes a good answer for so long, but never beyond the token's own end; refusals are not remembered. Who asks about one
 * token at the same moment shares the answer.
 */
function remembering(verify: Verifier, milliseconds: number): Verifier {
  const known = new Recent<{ claims: Claims; at: number }>(10_000);
  const asked = new Map<string, Promise<Claims>>();
  const ask = async (token: string, authorization: string): Promise<Claims> => {
    const at = Date.now();
    try {
      const claims = await verify(token, authorization);
      known.set(token, { claims, at });
      return claims;
    } catch (error) {
      // what was good before is no longer believed
      if (error instanceof DomainError && error.code === 'UNAUTHENTICATED' && known.get(token))
        known.set(token, { claims: { ...known.get(token)!.claims, expires: new Date(0) }, at });
      throw error;
    }
  };
  return async (token, authorization, believed = milliseconds) => {
    const cached = known.get(token);
    const age = milliseconds === Infinity ? milliseconds : Math.min(milliseconds, believed);
    if (cached && cached.at + age > Date.now() && (cached.claims.expires?.getTime() ?? Infinity) > Date.now())
      return cached.claims;
    const answer = asked.get(token) ?? ask(token, authorization).finally(() => asked.delete(token));
    asked.set(token, answer);
    return answer;
  };
}

function platformVerifier(base: string): Verifier {
  const address = `${base.replace(/\/$/, '')}/api/auth/me`;
  return (_token, authorization) => askPlatform(address, authorization);
}

const issuer = 'crm-graph';

/** Signs a token with a shared secret, in the name of an accepted issuer for an accepted audience: for demos and the command `npm run token`. */
export function sign(
  secret: string,
  { issuers, audiences }: Pick<TokenChecks, 'issuers' | 'audiences'>,
  claims: {
    subject: string;
    name?: string;
    tenant?: string;
    roles: readonly Role[];
    scope?: string;
    expiresIn?: string;
  },
): Promise<string> {
  return new SignJWT({
    jti: randomUUID(),
    ...(audiences && { aud: audiences[0] }),
    ...(claims.tenant !== undefined && { tenant_id: claims.tenant }),
    roles: claims.roles,
    ...(claims.name && { name: claims.name }),
    ...(claims.scope && { scope: claims.scope }),
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(claims.subject)
    .setIssuer(issuers?.[0] ?? issuer)
    .setIssuedAt()
    .setExpirationTime(claims.expiresIn ?? '30d')
    .sign(new TextEncoder().encode(secret));
}
