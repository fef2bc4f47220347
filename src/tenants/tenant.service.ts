import { isTimeZone } from '../core/clock.js';
import type { Context, TenantInfo } from '../core/context.js';
import type { Database, Row } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { newId, parseKey } from '../core/id.js';
import { mayAdminister } from '../core/rights.js';
import { command, type Change } from '../write/command.js';
import { checked } from '../write/validation.js';
import { Tenant } from './tenant.entity.js';
import type { TenantInput } from './tenant.inputs.js';

const columns = 'id, code, number, name, time_zone, currency';
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

function read([id, code, number, name, timeZone, currency]: Row): TenantInfo {
  const tenant = {
    id: id!,
    code: code!,
    number: Number(number),
    name: name!,
    timeZone: timeZone!,
    currency: currency!,
  };
  const before = shared.get(tenant.id);
  if (before) return Object.assign(before, tenant);
  if (shared.size > 100_000) shared.clear();
  shared.set(tenant.id, tenant);
  return tenant;
}

/** Columns that `update` changes, by field. */
const changeable = { name: 'name', timeZone: 'time_zone', currency: 'currency' } as const;
type Changeable = keyof typeof changeable;

/**
 * Changes what the tenant is called, where its clocks are, and in which currency its reports give sums: these follow at
 * once, and records keep the currency that they have. Refuses FORBIDDEN, REQUIRED, INVALID, TOO_LONG.
 */
export async function update(ctx: Context, input: TenantInput): Promise<string> {
  mayAdminister(ctx.rights);
  const fields = Object.keys(changeable) as Changeable[];
  const values = checked(Tenant, { ...input }, { create: false, required: fields }) as Partial<
    Record<Changeable, string>
  >;
  const id = await command(ctx, 'tenant.update', async (change) => {
    if (values.timeZone !== undefined) values.timeZone = await timeZoneCalled(change, values.timeZone);
    const [row] = await change.query(
      `select ${Object.values(changeable).join(', ')} from tenant where id = $1 for no key update`,
      [ctx.tenant.id],
    );
    const before = Object.fromEntries(fields.map((field, place) => [field, row![place]])) as Record<Changeable, string>;
    const changed = fields.filter((field) => values[field] !== undefined && values[field] !== before[field]);
    if (changed.length === 0) return ctx.tenant.id;
    await change.query(
      `update tenant set ${changed.map((field, place) => `${changeable[field]} = $${place + 2}`).join(', ')} where id = $1`,
      [ctx.tenant.id, ...changed.map((field) => values[field])],
    );
    const changes = Object.fromEntries(
      changed.map((field): [string, [string, string]] => [field, [before[field], values[field]!]]),
    );
    change.recordChange(Tenant, ctx.tenant.id, changes, 'updated', { changed });
    return ctx.tenant.id;
  });
  await byName(ctx.database, id);
  return id;
}

/** The IANA time zone that is called so, in IANA's spelling. Refuses INVALID what the database or this program does not know. */
async function timeZoneCalled(change: Change, name: string): Promise<string> {
  const [found] = await change.query(
    `select name from pg_timezone_names where lower(name) = lower($1) and name !~ '^(posix|right)/|^(posixrules|localtime|Factory)$'`,
    [name],
  );
  if (!found || !isTimeZone(found[0]!)) throw refuse('INVALID', ['timeZone']);
  return found[0]!;
}
