import type { TenantInfo } from '../core/context.js';
import type { Database, Row } from '../core/database.js';
import type { Locale } from '../core/errors.js';
import { newId, parseKey } from '../core/id.js';

const columns = 'id, code, number, name, time_zone, currency, language, active';
/** How long what is known of a tenant counts, in milliseconds: what another process has changed is in effect here after that. */
const keptFor = 3_000;
const known = new Map<string, { tenant: TenantInfo; until: number; renewing: boolean }>();

/** One object for each tenant, which whoever works in it shares and which is kept up to date: sockets stay open for days. */
const shared = new Map<string, TenantInfo>();

/** The tenant that a token or header names by code, id or number; created on the spot if `create` says so; null if there is none. */
export async function findTenant(database: Database, name: string, create: boolean): Promise<TenantInfo | null> {
  const cached = known.get(name);
  const left = (cached?.until ?? 0) - Date.now();
  if (!cached || left <= 0) return look(database, name, create);
  // looked up again before it is too old, so that nobody has to wait for that
  if (left < keptFor / 2 && !cached.renewing) {
    cached.renewing = true;
    look(database, name, false).catch(() => undefined);
  }
  return cached.tenant;
}

async function look(database: Database, name: string, create: boolean): Promise<TenantInfo | null> {
  const tenant = (await byName(database, name)) ?? (create && validCode(name) ? await add(database, name, name) : null);
  if (tenant) {
    if (known.size > 10_000) known.clear();
    known.set(name, { tenant, until: Date.now() + keptFor, renewing: false });
  }
  return tenant;
}

/** Whether a tenant can have that code. */
export const validCode = (code: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(code);

async function byName(database: Database, name: string): Promise<TenantInfo | null> {
  const key = parseKey(name);
  const [byCode] = await database.global({
    name: 'tenant-by-code',
    text: `select ${columns} from tenant where code = $1`,
    values: [name],
  });
  if (byCode) return read(byCode);
  if (!key) return null;
  const [row] = await database.global(
    'id' in key
      ? { text: `select ${columns} from tenant where id = $1`, values: [key.id] }
      : { text: `select ${columns} from tenant where number = $1`, values: [key.number] },
  );
  return row ? read(row) : null;
}

/** The tenant with that id, which is taken for nothing else; null if there is none. */
export async function tenantById(database: Database, id: string): Promise<TenantInfo | null> {
  const [row] = await database.global({
    name: 'tenant-by-id',
    text: `select ${columns} from tenant where id = $1`,
    values: [id],
  });
  return row ? read(row) : null;
}

/** Every tenant, in the order of their numbers. */
export async function allTenants(database: Database): Promise<TenantInfo[]> {
  return (await database.global({ text: `select ${columns} from tenant order by number`, values: [] })).map(read);
}

/** Every tenant that is active, in the order of their numbers. */
export const activeTenants = async (database: Database): Promise<TenantInfo[]> =>
  (await allTenants(database)).filter(({ active }) => active);

/** Looks a tenant up again after a change, so that this process knows it at once. */
export async function renewed(database: Database, id: string): Promise<void> {
  await byName(database, id);
}

/** Adds a tenant; of two that arrive at once with the same code one is made. */
export async function add(database: Database, code: string, name: string): Promise<TenantInfo> {
  await database.global({
    text: 'insert into tenant (id, code, name) values ($1, $2, $3) on conflict (code) do nothing',
    values: [newId(), code, name],
  });
  return (await byName(database, code))!;
}

function read([id, code, number, name, timeZone, currency, language, active]: Row): TenantInfo {
  const tenant = {
    id: id!,
    code: code!,
    number: Number(number),
    name: name!,
    timeZone: timeZone!,
    currency: currency!,
    language: language!.toLowerCase() as Locale,
    active: active === 't',
  };
  const before = shared.get(tenant.id);
  if (before) return Object.assign(before, tenant);
  if (shared.size > 100_000) shared.clear();
  shared.set(tenant.id, tenant);
  return tenant;
}
