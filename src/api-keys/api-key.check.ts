import type { Database, Row } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import { Refreshed } from '../core/refreshed.js';
import type { Role } from '../core/rights.js';
import { onAccessChange } from '../feed/access-changes.js';
import type { Claims } from '../identity/claims.js';
import { tenantById } from '../tenants/tenant.service.js';
import { isSecret, parseKeyText } from './api-key.text.js';

/** Checks a key; throws UNAUTHENTICATED if it is none that works. An earlier positive answer counts for at most `believed` milliseconds. */
export type KeyVerifier = (text: string, believed?: number) => Promise<Claims>;

/** For how long it is believed that a key works, in milliseconds; processes are notified when one is revoked. */
const believedFor = 3_000;
const maxKeys = 10_000;
/** How often it is written when a secret was last used, in milliseconds. */
const useWrittenEvery = 60_000;

interface Found {
  claims: Claims;
  /** where its use is written */
  use: { tenantId: string; keyId: string; secretId: string; key: string };
}

/** Makes the one function that checks keys: by a look into the tenant that the key names, which is remembered for a short while. */
export function keyVerifier(database: Database): KeyVerifier {
  const keys = new Refreshed<Found>(maxKeys, believedFor, (text) => look(database, text));
  onAccessChange(() => keys.clear());
  const written = new Map<string, number>();
  return async (text, believed) => {
    const { claims, use } = await keys.get(text, believed);
    // one that has ended since it was looked up
    if (claims.expires && claims.expires.getTime() <= Date.now()) throw refuse('UNAUTHENTICATED');
    if (Date.now() - (written.get(use.secretId) ?? 0) >= useWrittenEvery) {
      if (written.size >= maxKeys) written.clear();
      written.set(use.secretId, Date.now());
      writeUse(database, use);
    }
    return claims;
  };
}

async function look(database: Database, text: string): Promise<Found> {
  const key = parseKeyText(text);
  if (!key) throw refuse('UNAUTHENTICATED');
  const rows = await database.read(key.tenantId, {
    name: 'api-key',
    text: `select s.id, s.hash, k.role, array_to_json(k.scopes), k.name, u.subject, extract(epoch from s.created_at), extract(epoch from least(k.expires_at, s.expires_at))
      from api_key k join api_key_secret s on s.tenant_id = $1 and s.api_key_id = k.id join user_account u on u.tenant_id = $1 and u.id = k.user_id
      where k.tenant_id = $1 and k.id = $2 and k.status = 'ACTIVE' and (k.expires_at is null or k.expires_at > now()) and (s.expires_at is null or s.expires_at > now())`,
    values: [key.tenantId, key.keyId],
  });
  const row = rows.find(([, hash]) => isSecret(key.hash, hash!));
  const tenant = row && (await tenantById(database, key.tenantId));
  if (!row || !tenant) throw refuse('UNAUTHENTICATED');
  return {
    claims: { ...claimsIn(row), ofTenant: tenant, tenant: tenant.code },
    use: { tenantId: key.tenantId, keyId: key.keyId, secretId: row[0]!, key: text },
  };
}

/** A new secret counts as a token that was issued when it was made. */
const claimsIn = ([, , role, scopes, name, subject, createdAt, expiresAt]: Row): Omit<Claims, 'tenant'> => ({
  subject: subject!,
  name: name!,
  roles: [role!.toLowerCase() as Role],
  scopes: JSON.parse(scopes!) as string[],
  issuedAt: new Date(Number(createdAt) * 1000),
  ...(expiresAt && { expires: new Date(Number(expiresAt) * 1000) }),
});

/** Written beside the request, which does not wait for it; other processes may have written it within the same minute. */
function writeUse(database: Database, { tenantId, keyId, secretId }: Found['use']): void {
  database
    .read(tenantId, {
      name: 'api-key-use',
      text: `update api_key_secret set last_used_at = now() where tenant_id = $1 and api_key_id = $2 and id = $3 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      values: [tenantId, keyId, secretId],
    })
    .catch((error: unknown) =>
      log.debug({ event: 'apiKey.useNotWritten', error: String(error) }, 'the use of a key could not be written'),
    );
}
