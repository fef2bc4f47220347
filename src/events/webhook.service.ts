import type { BlockList } from 'node:net';
import { distance } from 'fastest-levenshtein';
import { notify } from '../feed/bus.js';
import { eventTypeNames } from '../feed/event-types.js';
import { command, type Change, type Stored } from '../write/command.js';
import { shownOnce, type Context } from '../core/context.js';
import { decrypted, encrypted, isCurrent } from '../core/encryption.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import { newId, parseKey } from '../core/id.js';
import { afterwards } from '../write/idempotency.js';
import { checked, reasonIn } from '../write/validation.js';
import { permit } from '../core/needs.js';
import { checkPlace } from './feed.service.js';
import { Webhook, type WebhookStatus } from './webhook.entity.js';
import type { WebhookInput } from './webhook.inputs.js';
import { newSecret, ofWebhook } from './webhook.signature.js';
import { mayTarget, networks } from './webhook.target.js';
import './webhook.policy.js';

/** Where a webhook may go from where. */
export const transitions: Record<WebhookStatus, readonly WebhookStatus[]> = {
  ENABLED: ['DISABLED'],
  DISABLED: ['ENABLED'],
};

/** Maximum number of hours for which the previous secret remains valid. */
export const maxOverlap = 168;
export const defaultOverlap = 24;
const maxTypes = 100;

let allowed: BlockList = networks([]);
let allowsHttp = false;

/** Says, once at start, which private networks webhooks may reach. */
export function allowNetworks(texts: readonly string[]): void {
  allowed = networks(texts);
  allowsHttp = texts.length > 0;
}

/**
 * Creates a webhook that gets the events from now on, and its secret. Refuses FORBIDDEN, REQUIRED, INVALID, TOO_LONG,
 * UNKNOWN_EVENT_TYPE, TARGET_REFUSED.
 */
export async function create(ctx: Context, input: WebhookInput): Promise<{ webhook: string; secret: string }> {
  permit(ctx.rights, 'webhookCreate');
  const values = await prepared(input, true);
  const secret = newSecret();
  const webhook = await command(ctx, 'webhook.create', async (change) => {
    const id = change.insert(Webhook, { types: [], ...values } as never, { event: null });
    const [head] = await change.query('select seq from feed_head where tenant_id = $1', [ctx.tenant.id]);
    await change.query('insert into feed_reader (tenant_id, name, seq) values ($1, $2, $3)', [
      ctx.tenant.id,
      id,
      head?.[0] ?? 0,
    ]);
    await addSecret(change, id, secret);
    return id;
  });
  shownOnce(ctx, secret);
  return { webhook, secret };
}

/**
 * Changes fields of a webhook. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG,
 * UNKNOWN_EVENT_TYPE, TARGET_REFUSED.
 */
export async function update(ctx: Context, id: string, input: WebhookInput, version?: number | null): Promise<string> {
  permit(ctx.rights, 'webhookUpdate');
  const { types, ...values } = await prepared(input, false);
  return command(ctx, 'webhook.update', async (change) => {
    const webhook = await change.get(Webhook, id, { version });
    change.update(Webhook, webhook, { ...values, types } as never, { event: null });
    return webhook.id;
  });
}

/**
 * Enables a webhook again; deliveries continue where they stopped, with the failure counters reset. Refuses FORBIDDEN,
 * NOT_FOUND, VERSION_CONFLICT.
 */
export const enable = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  changeStatus(ctx, id, 'ENABLED', null, version);

/** Disables a webhook. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TOO_LONG. */
export const disable = (ctx: Context, id: string, reason: string | null, version?: number | null): Promise<string> =>
  changeStatus(ctx, id, 'DISABLED', reason, version);

function changeStatus(
  ctx: Context,
  id: string,
  status: WebhookStatus,
  reason: string | null,
  version?: number | null,
): Promise<string> {
  permit(ctx.rights, status === 'ENABLED' ? 'webhookEnable' : 'webhookDisable');
  const operation = `webhook.${status === 'ENABLED' ? 'enable' : 'disable'}`;
  return command(ctx, { operation, reason }, async (change) => {
    const webhook = await change.get(Webhook, id, { version });
    if (!transitions[webhook.status as WebhookStatus].includes(status)) return webhook.id;
    change.update(Webhook, webhook, { status, disabledReason: reasonIn(reason) }, { event: null });
    await change.query('update feed_reader set paused = $3::boolean where tenant_id = $1 and name = $2', [
      ctx.tenant.id,
      webhook.id,
      status === 'DISABLED',
    ]);
    if (status === 'ENABLED') {
      await change.query(
        'update feed_reader set failures = 0, failing_since = null, rest_until = null, wake_at = now() where tenant_id = $1 and name = $2',
        [ctx.tenant.id, webhook.id],
      );
      await tryAgain(change, webhook, 'WAITING');
    }
    return webhook.id;
  });
}

/** Gives a webhook a new secret; the one before it holds beside it for so many hours. Refuses FORBIDDEN, NOT_FOUND, OUT_OF_RANGE. */
export async function rotateSecret(
  ctx: Context,
  id: string,
  overlapHours: number = defaultOverlap,
): Promise<{ webhook: string; secret: string }> {
  permit(ctx.rights, 'webhookRotateSecret');
  if (overlapHours < 0 || overlapHours > maxOverlap)
    throw refuse('OUT_OF_RANGE', ['overlapHours'], { min: 0, max: maxOverlap });
  const secret = newSecret();
  const webhook = await command(ctx, 'webhook.rotateSecret', async (change) => {
    const found = await change.get(Webhook, id);
    await change.query(
      'delete from webhook_secret where tenant_id = $1 and webhook_id = $2 and expires_at is not null',
      [ctx.tenant.id, found.id],
    );
    await change.query(
      'update webhook_secret set expires_at = now() + make_interval(hours => $3::int) where tenant_id = $1 and webhook_id = $2',
      [ctx.tenant.id, found.id, overlapHours],
    );
    await addSecret(change, found.id, secret);
    // the rotation is audited; the secret itself is stored nowhere else
    change.recordChange(Webhook, found.id, {}, null);
    return found.id;
  });
  shownOnce(ctx, secret);
  return { webhook, secret };
}

/**
 * Delivers everything after a cursor, or everything that is kept, to a webhook again. Refuses FORBIDDEN, NOT_FOUND,
 * CURSOR_INVALID, CURSOR_EXPIRED.
 */
export async function replay(ctx: Context, id: string, after?: string | null): Promise<string> {
  permit(ctx.rights, 'webhookReplay');
  const place = await checkPlace(ctx, after);
  return command(ctx, 'webhook.replay', async (change) => {
    const webhook = await change.get(Webhook, id);
    const [before] = await change.query('select seq from feed_reader where tenant_id = $1 and name = $2 for update', [
      ctx.tenant.id,
      webhook.id,
    ]);
    await change.query(
      'update feed_reader set seq = $3::bigint, holder = null, held_until = null, rest_until = null where tenant_id = $1 and name = $2',
      [ctx.tenant.id, webhook.id, place],
    );
    change.recordChange(Webhook, webhook.id, { cursor: [before?.[0] ?? null, String(place)] }, null);
    soon(ctx);
    return webhook.id;
  });
}

/** Tries dead deliveries again, as if for the first time: those named, or all. Returns how many. Refuses FORBIDDEN, NOT_FOUND, UNKNOWN_REFERENCE. */
export async function retry(
  ctx: Context,
  id: string,
  deliveries?: readonly string[] | null,
): Promise<{ webhook: string; count: number }> {
  permit(ctx.rights, 'webhookRetry');
  return command(ctx, 'webhook.retry', async (change) => {
    const webhook = await change.get(Webhook, id);
    const count = await tryAgain(change, webhook, 'DEAD', deliveries);
    await change.query('update feed_reader set wake_at = now() where tenant_id = $1 and name = $2', [
      ctx.tenant.id,
      webhook.id,
    ]);
    if (count > 0) change.recordChange(Webhook, webhook.id, {}, null);
    return { webhook: webhook.id, count };
  });
}

/** Deletes a webhook with its waiting deliveries and its secrets. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  permit(ctx.rights, 'webhookDelete');
  return command(ctx, 'webhook.delete', async (change) => {
    const webhook = await change.get(Webhook, id, { version });
    change.update(Webhook, webhook, { deletedAt: new Date().toISOString() } as never, { event: null });
    for (const [table, column] of [
      ['feed_reader', 'name'],
      ['webhook_secret', 'webhook_id'],
      ['webhook_delivery', 'webhook_id'],
    ]) {
      await change.query(`delete from ${table} where tenant_id = $1 and ${column} = $2`, [ctx.tenant.id, webhook.id]);
    }
    return webhook.id;
  });
}

/** The readers look at the tenant as soon as the change is committed. */
const soon = (ctx: Context): void => afterwards(ctx, ({ tenant }) => notify(tenant.id));

/** Ids of deliveries of a webhook, by what names them. Refuses UNKNOWN_REFERENCE, each by its index. */
async function deliveriesOf(change: Change, webhook: Stored<Webhook>, texts: readonly string[]): Promise<string[]> {
  const keys = texts.map((text) => parseKey(text));
  const ids = keys.map((key) => (key && 'id' in key ? key.id : undefined));
  const rows = await change.query(
    'select id from webhook_delivery where tenant_id = $1 and webhook_id = $2 and id = any($3::uuid[])',
    [change.ctx.tenant.id, webhook.id, ids.filter((id) => id !== undefined)],
  );
  const known = new Set(rows.map(([id]) => id));
  const issues = ids.flatMap((id, index): Issue[] =>
    known.has(id) ? [] : [{ code: 'UNKNOWN_REFERENCE', field: ['deliveries', String(index)] }],
  );
  if (issues.length > 0) throw new DomainError(issues);
  return ids as string[];
}

async function tryAgain(
  change: Change,
  webhook: Stored<Webhook>,
  status: string,
  deliveries?: readonly string[] | null,
): Promise<number> {
  const ids = deliveries && (await deliveriesOf(change, webhook, deliveries));
  const rows = await change.query(
    `update webhook_delivery set status = 'WAITING', attempts = 0, first_attempt_at = null, next_attempt_at = now() where tenant_id = $1 and webhook_id = $2 and status = $3 and ($4::uuid[] is null or id = any($4::uuid[])) returning id`,
    [change.ctx.tenant.id, webhook.id, status, ids ?? null],
  );
  soon(change.ctx);
  return rows.length;
}

const addSecret = (change: Change, webhook: string, secret: string): Promise<unknown> =>
  change.query('insert into webhook_secret (tenant_id, webhook_id, id, secret) values ($1, $2, $3, $4)', [
    change.ctx.tenant.id,
    webhook,
    newId(),
    encrypted(secret, ofWebhook(webhook)),
  ]);

/** Encrypts with the present key what was stored without one or with another; returns how many secrets that were. */
export function encryptSecrets(ctx: Context): Promise<number> {
  return ctx.database.transaction(ctx.tenant.id, async (tx) => {
    const [rows] = await tx.run([
      {
        text: 'select webhook_id, id, secret from webhook_secret where tenant_id = $1 for update',
        values: [ctx.tenant.id],
      },
    ]);
    const outdated = rows!.filter(([, , stored]) => !isCurrent(stored!));
    const last = outdated.map(([webhook, id, stored]) => ({
      text: 'update webhook_secret set secret = $4 where tenant_id = $1 and webhook_id = $2 and id = $3',
      values: [ctx.tenant.id, webhook, id, encrypted(decrypted(stored!, ofWebhook(webhook!)), ofWebhook(webhook!))],
    }));
    return { result: outdated.length, last, final: [], committed: () => {} };
  });
}

async function prepared(input: WebhookInput, creating: boolean): Promise<{ url?: string; types?: string[] }> {
  const { types, ...fields } = input as WebhookInput & Record<string, unknown>;
  const values = checked(Webhook, fields, { create: creating, required: ['url'] });
  if (values['url']) values['url'] = await target(String(values['url']));
  if (types === undefined) return values;
  if ((types ?? []).length > maxTypes) throw refuse('OUT_OF_RANGE', ['types'], { min: 0, max: maxTypes });
  for (const [index, type] of (types ?? []).entries())
    if (!eventTypeNames().has(type)) throw unknownType(type, ['types', String(index)]);
  return { ...values, types: types ?? [] };
}

/** Most characters of a text that is compared with the types of events. */
const maxTypeLength = 100;

/** The refusal of a type of event that does not exist, with the one that may be meant: of which less than a third differs. */
function unknownType(text: string, field: string[]): DomainError {
  const [nearest] =
    text.length > maxTypeLength
      ? []
      : [...eventTypeNames()]
          .map((name) => ({ name, away: distance(name.toLowerCase(), text.toLowerCase()) }))
          .filter(({ name, away }) => away < name.length / 3)
          .toSorted((one, other) => one.away - other.away);
  return refuse('UNKNOWN_EVENT_TYPE', field, nearest && { reason: 'NEARLY', nearest: nearest.name });
}

async function target(text: string): Promise<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol)) throw refuse('INVALID', ['url']);
  if (url.protocol === 'http:' && !allowsHttp) throw refuse('INVALID', ['url'], { reason: 'NOT_HTTPS' });
  if (url.username || url.password) throw refuse('INVALID', ['url'], { reason: 'USER_IN_URL' });
  if (!(await mayTarget(url, allowed))) throw refuse('TARGET_REFUSED', ['url']);
  return url.href;
}
