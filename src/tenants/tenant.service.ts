import type { TenantInfo } from '../core/context.js';
import type { Database, Row } from '../core/database.js';
import { newId, parseKey } from '../core/id.js';

const columns = 'id, code, number, name, time_zone, currency';
const known = new Map<string, { tenant: TenantInfo; until: number }>();
const keptFor = 60_000;

/** The tenant that a token or header names by code, id or number; created on the spot if `create` says so; null if there is none. */
export async function findTenant(database: Database, name: string, create: boolean): Promise<TenantInfo | null> {
  const cached = known.get(name);
  if (cached && cached.until > Date.now()) return cached.tenant;
  const tenant = (await byName(database, name)) ?? (create && validCode(name) ? await add(database, name, name) : null);
  if (tenant) {
    if (known.size > 10_000) known.clear();
    known.set(name, { tenant, until: Date.now() + keptFor });
  }
  return tenant;
}

const validCode = (code: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(code);

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

/** Every tenant, in the order of their numbers. */
export async function allTenants(database: Database): Promise<TenantInfo[]> {
  return (await database.global({ text: `select ${columns} from tenant order by number`, values: [] })).map(read);
}

/** Adds a tenant; of two that arrive at once with the same code one is made. */
export async function add(database: Database, code: string, name: string): Promise<TenantInfo> {
  await database.global({
    text: 'insert into tenant (id, code, name) values ($1, $2, $3) on conflict (code) do nothing',
    values: [newId(), code, name],
  });
  return (await byName(database, code))!;
}

const read = ([id, code, number, name, timeZone, currency]: Row): TenantInfo => ({
  id: id!,
  code: code!,
  number: Number(number),
  name: name!,
  timeZone: timeZone!,
  currency: currency!,
});
