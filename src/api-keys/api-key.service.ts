import { command, type Change } from '../write/command.js';
import { now } from '../core/clock.js';
import { shownOnce, type Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { newId } from '../core/id.js';
import { permit } from '../core/needs.js';
import { covers, rightsOf, scopes as knownScopes, type Role } from '../core/rights.js';
import { accessChanged } from '../feed/access-changes.js';
import { keyPrefix, User } from '../identity/user.entity.js';
import { afterwards } from '../write/idempotency.js';
import { checked, reasonIn } from '../write/validation.js';
import { ApiKey, type ApiKeyStatus } from './api-key.entity.js';
import type { ApiKeyInput } from './api-key.inputs.js';
import { apiKeyActions as can } from './api-key.policy.js';
import { hashOf, newSecret, prefixOf } from './api-key.text.js';
import './api-key.events.js';

/** Hours for which the former secret works beside a new one where the caller says nothing, and at most. */
export const defaultOverlapHours = 24;
export const maxOverlapDays = 90;

const hour = 3_600_000;

type Shown = {
  apiKey: string;
  /** the key itself, which is stored nowhere */
  key: string;
};

/**
 * Makes a key and the user that it acts as. Refuses FORBIDDEN to whoever does not administer the tenant or may not do
 * themselves what the key could, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.
 */
export async function create(ctx: Context, input: ApiKeyInput): Promise<Shown> {
  permit(ctx.rights, 'apiKeyCreate');
  const { name } = checked(ApiKey, { name: input.name }, { create: true, required: ['name'] }) as { name: string };
  const grant = granted(ctx, input);
  const expiresAt = toCome(input.expiresAt, 'expiresAt');
  const secret = newSecret();
  let key = '';
  const apiKey = await command(ctx, 'apiKey.create', async (change) => {
    const id = newId();
    const prefix = prefixOf(ctx.tenant.id, id);
    key = `${prefix}_${secret}`;
    const owner = await change.reference(User, input.owner ?? ctx.user.id, ['owner'], 'login');
    const user = await addUser(change, id, name);
    change.insert(ApiKey, { id, name, prefix, ...grant, user, owner, expiresAt } as never);
    await addSecret(change, id, secret);
    return id;
  });
  shownOnce(ctx, key);
  return { apiKey, key };
}

/**
 * Gives a key a new secret; the former one works beside it until a moment, a day by default. One that was former before
 * ends at once. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED for a revoked one, and OUT_OF_RANGE
 * for an overlap that is too long.
 */
export async function rotate(
  ctx: Context,
  id: string,
  formerUntil?: string | null,
  version?: number | null,
): Promise<Shown> {
  can.rotate.demand(ctx.rights);
  const until = formerUntil ?? new Date(now().getTime() + defaultOverlapHours * hour).toISOString();
  if (Date.parse(until) - now().getTime() > maxOverlapDays * 24 * hour) throw refuse('INVALID', ['formerUntil']);
  const secret = newSecret();
  let key = '';
  const apiKey = await command(ctx, 'apiKey.rotate', async (change) => {
    const found = await change.get(ApiKey, id, { version });
    can.rotate.check(found.status as ApiKeyStatus);
    key = `${found.prefix}_${secret}`;
    await change.query(
      'delete from api_key_secret where tenant_id = $1 and api_key_id = $2 and expires_at is not null',
      [ctx.tenant.id, found.id],
    );
    await change.query(
      'update api_key_secret set expires_at = $3::timestamptz where tenant_id = $1 and api_key_id = $2',
      [ctx.tenant.id, found.id, until],
    );
    await addSecret(change, found.id, secret);
    change.update(
      ApiKey,
      found,
      { rotatedAt: now().toISOString() },
      { event: 'rotated', data: { formerUntil: until } },
    );
    return found.id;
  });
  lost(ctx);
  shownOnce(ctx, key);
  return { apiKey, key };
}

/** Revokes a key with all its secrets, for good; one that is revoked stays so. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TOO_LONG. */
export async function revoke(
  ctx: Context,
  id: string,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  can.revoke.demand(ctx.rights);
  const apiKey = await command(ctx, { operation: 'apiKey.revoke', reason }, async (change) => {
    const found = await change.get(ApiKey, id, { version });
    if (found.status === 'REVOKED') return found.id;
    const revoked = { status: 'REVOKED', revokedAt: now().toISOString(), revokedReason: reasonIn(reason) } as const;
    change.update(ApiKey, found, revoked, { event: 'revoked' });
    await change.query('delete from api_key_secret where tenant_id = $1 and api_key_id = $2', [
      ctx.tenant.id,
      found.id,
    ]);
    return found.id;
  });
  lost(ctx);
  return apiKey;
}

/** As soon as the change is committed every process looks again who may do what. */
const lost = (ctx: Context): void => afterwards(ctx, () => accessChanged());

/** Role and scopes of a new key. Nobody grants more than they have. */
function granted(ctx: Context, input: ApiKeyInput): { role: string; scopes: string[] } {
  const role = input.role ?? 'SERVICE';
  const scopes = [...new Set(input.scopes)];
  for (const [index, scope] of scopes.entries())
    if (!knownScopes.includes(scope)) throw refuse('INVALID', ['scopes', String(index)]);
  if (role === 'SERVICE' && scopes.length === 0) throw refuse('REQUIRED', ['scopes']);
  if (role !== 'SERVICE' && scopes.length > 0) throw refuse('INVALID', ['scopes']);
  // a key belongs to one tenant
  if (role === 'PLATFORM_ADMIN') throw refuse('INVALID', ['role']);
  if (!covers(ctx.rights, rightsOf([role.toLowerCase() as Role], scopes, ctx.reachTable))) throw refuse('FORBIDDEN');
  return { role, scopes };
}

/** The moment as it was given, or null. Refuses INVALID for one that has passed. */
function toCome(moment: string | null | undefined, field: string): string | null {
  if (moment === undefined || moment === null) return null;
  if (Date.parse(moment) <= now().getTime()) throw refuse('INVALID', [field]);
  return moment;
}

/** The user that a key acts as. */
async function addUser(change: Change, keyId: string, name: string): Promise<string> {
  const [row] = await change.query(
    'insert into user_account (tenant_id, id, subject, login, name) values ($1, $2, $3, $3, $4) returning id',
    [change.ctx.tenant.id, newId(), subjectOf(keyId), name],
  );
  return row![0]!;
}

/** What stands in the place of a token's subject. */
const subjectOf = (keyId: string): string => `${keyPrefix}${keyId}`;

const addSecret = (change: Change, keyId: string, secret: string): Promise<unknown> =>
  change.query('insert into api_key_secret (tenant_id, api_key_id, id, hash) values ($1, $2, $3, $4)', [
    change.ctx.tenant.id,
    keyId,
    newId(),
    hashOf(secret),
  ]);
