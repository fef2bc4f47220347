import type { TenantInfo, UserInfo } from '../core/context.js';
import type { Database, Row } from '../core/database.js';
import { newId } from '../core/id.js';
import { DomainError, refuse } from '../core/errors.js';
import { checked } from '../write/validation.js';
import { onAccessChange } from '../feed/access-changes.js';
import type { Claims } from './claims.js';
import { User } from './user.entity.js';

interface Known {
  user: UserInfo;
  /** what the token said of the user beside the subject */
  said: string;
  until: number;
  /** when the user was last found active, and the look that is under way */
  checked: number;
  checking?: Promise<boolean> | undefined;
}

const known = new Map<string, Known>();
/** For how long it is believed who a user is, and that they may sign in, in milliseconds. */
const keptFor = 300_000;
const activeFor = 2_500;

// somebody may have been deactivated in another process
onAccessChange(() => {
  for (const one of known.values()) one.checked = 0;
});

/**
 * The user behind a token in a tenant; added when first seen, with the name, the e-mail address and the phone that the
 * latest token with such a claim has. Refuses FORBIDDEN who may no longer sign in.
 */
export async function findUser(database: Database, tenant: TenantInfo, claims: Claims): Promise<UserInfo> {
  const key = `${tenant.id} ${claims.subject}`;
  const cached = known.get(key);
  const said = [claims.name, claims.email, claims.phone].join('\n');
  if (cached && cached.said === said && cached.until > Date.now()) {
    if (Date.now() - cached.checked < activeFor) return cached.user;
    // requests that come together wait for one answer
    cached.checking ??= inactiveAmong(database, tenant.id, [cached.user.id])
      .then(({ size }) => {
        cached.checked = Date.now();
        return size === 0;
      })
      .finally(() => (cached.checking = undefined));
    if (await cached.checking) return cached.user;
    throw refuse('FORBIDDEN');
  }
  const [row] = await database.read(tenant.id, {
    text: `insert into user_account (tenant_id, id, subject, login, name, email, phone, seen_at) values ($1, $2, $3, $3, coalesce($4, $3), $5, $6, now())
      on conflict (tenant_id, subject) do update set name = coalesce($4, user_account.name), email = coalesce(excluded.email, user_account.email), phone = coalesce(excluded.phone, user_account.phone), seen_at = excluded.seen_at returning id, number, login, name, active`,
    values: [tenant.id, newId(), claims.subject, claims.name ?? null, stored('email', claims), stored('phone', claims)],
  });
  if (row![4] === 'f') throw refuse('FORBIDDEN');
  const user = read(row!);
  if (known.size >= 50_000) known.clear();
  known.set(key, { user, said, until: Date.now() + keptFor, checked: Date.now() });
  return user;
}

/** What the token says, as it is stored; null where it says nothing that could be. */
function stored(property: 'email' | 'phone', claims: Claims): string | null {
  try {
    const given = { [property]: claims[property] ?? null };
    return (checked(User, given, { create: true, required: [] })[property] ?? null) as string | null;
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** Those of the users who may no longer sign in; from now on their tokens are refused here. */
export async function inactiveAmong(
  database: Database,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await database.read(tenantId, {
    name: 'users-inactive',
    text: 'select id, subject from user_account where tenant_id = $1 and id = any($2::uuid[]) and not active',
    values: [tenantId, ids],
  });
  for (const [, subject] of rows) known.delete(`${tenantId} ${subject}`);
  return new Set(rows.map(([id]) => id!));
}

const read = ([id, number, login, name]: Row): UserInfo => ({
  id: id!,
  number: Number(number),
  login: login!,
  name: name!,
});
