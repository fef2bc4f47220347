import { command } from '../write/command.js';
import { now } from '../core/clock.js';
import type { Context, TenantInfo } from '../core/context.js';
import type { Database } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import { Refreshed } from '../core/refreshed.js';
import { permit } from '../core/needs.js';
import { accessChanged, onAccessChange } from '../feed/access-changes.js';
import { afterwards } from '../write/idempotency.js';
import { checked, reasonIn } from '../write/validation.js';
import type { Claims } from './claims.js';
import { TokenRevocation } from './revocation.entity.js';
import './revocation.policy.js';
import { User } from './user.entity.js';
import './revocation.events.js';

export interface Revoking {
  jti?: string | null | undefined;
  user?: string | null | undefined;
  expiresAt?: string | null | undefined;
  reason?: string | null | undefined;
}

/**
 * Revokes the token with an id, or every token that a user has by now. Refuses FORBIDDEN to whoever does not administer
 * the tenant, REQUIRED where neither is named, INVALID where both are, and UNKNOWN_REFERENCE, TOO_LONG.
 */
export async function revoke(ctx: Context, { jti, user, expiresAt, reason }: Revoking): Promise<string> {
  permit(ctx.rights, 'tokenRevoke');
  const { jti: tokenId } = checked(TokenRevocation, { jti: jti ?? null }, { create: true, required: [] }) as {
    jti: string | null;
  };
  const isOfUser = user !== undefined && user !== null;
  if (!tokenId && !isOfUser) throw refuse('REQUIRED', ['jti']);
  if (tokenId && isOfUser) throw refuse('INVALID', ['user']);
  const id = await command(ctx, { operation: 'token.revoke', reason }, async (change) => {
    const whose = isOfUser ? await change.reference(User, user, ['user'], 'login') : null;
    const [row] = whose
      ? await change.query('select subject from user_account where tenant_id = $1 and id = $2', [ctx.tenant.id, whose])
      : [];
    return change.insert(TokenRevocation, {
      jti: tokenId,
      user: whose,
      subject: row?.[0] ?? null,
      issuedUntil: whose ? now().toISOString() : null,
      reason: reasonIn(reason),
      expiresAt: expiresAt ?? null,
      revokedBy: ctx.user.id,
    } as never);
  });
  afterwards(ctx, () => accessChanged());
  return id;
}

/** What is revoked in a tenant: ids of tokens, and subjects with the second until which their tokens were issued. */
interface Revoked {
  ids: ReadonlySet<string>;
  subjects: ReadonlyMap<string, number>;
}

/** Throws UNAUTHENTICATED for a token that is revoked in a tenant. An earlier answer counts for at most `believed` milliseconds. */
export type RevocationCheck = (tenant: TenantInfo, claims: Claims, believed?: number) => Promise<void>;

/** For how long it is believed what is revoked, in milliseconds; processes are notified of more. */
const believedFor = 3_000;
const maxTenants = 10_000;

/** Makes the one function that checks whether a token is revoked, by what is remembered of its tenant for a short while. */
export function revocationCheck(database: Database): RevocationCheck {
  const tenants = new Refreshed<Revoked>(maxTenants, believedFor, (tenantId) => revokedIn(database, tenantId));
  onAccessChange(() => tenants.clear());
  return async ({ id }, { subject, tokenId, issuedAt, expires }, believed) => {
    const { ids, subjects } = await tenants.get(id, believed);
    if (tokenId !== undefined && ids.has(tokenId)) {
      if (expires) noteEnd(database, id, tokenId, expires);
      throw refuse('UNAUTHENTICATED');
    }
    const until = subjects.get(subject);
    if (until !== undefined && (issuedAt === undefined || issuedAt.getTime() / 1000 <= until))
      throw refuse('UNAUTHENTICATED');
  };
}

async function revokedIn(database: Database, tenantId: string): Promise<Revoked> {
  const rows = await database.read(tenantId, {
    name: 'tokens-revoked',
    text: `select jti, subject, extract(epoch from issued_until) from token_revocation where tenant_id = $1 and (expires_at is null or expires_at > now()) order by issued_until nulls first`,
    values: [tenantId],
  });
  return {
    ids: new Set(rows.flatMap(([jti]) => jti ?? [])),
    // the latest one of a subject comes last
    subjects: new Map(rows.flatMap(([, subject, until]) => (subject ? [[subject, Number(until)] as const] : []))),
  };
}

/** The entry of a token goes when the token ends, once that is known. Nobody waits for it to be written. */
function noteEnd(database: Database, tenantId: string, jti: string, end: Date): void {
  database
    .read(tenantId, {
      name: 'revoked-token-ends',
      text: 'update token_revocation set expires_at = $3::timestamptz where tenant_id = $1 and jti = $2 and expires_at is null',
      values: [tenantId, jti, end.toISOString()],
    })
    .catch((error: unknown) =>
      log.debug(
        { event: 'auth.endNotWritten', error: String(error) },
        'when a revoked token ends could not be written',
      ),
    );
}
