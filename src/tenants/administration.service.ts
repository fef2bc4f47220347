import { isTimeZone } from '../core/clock.js';
import { inTenant, type Context, type TenantInfo, type UserInfo } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { newId } from '../core/id.js';
import { permit } from '../core/needs.js';
import { demand } from '../core/rights.js';
import { command, type Change } from '../write/command.js';
import type { Changes } from '../write/statements.js';
import { checked } from '../write/validation.js';
import { Tenant } from './tenant.entity.js';
import type { TenantCreateInput, TenantInput } from './tenant.inputs.js';
import { findTenant, renewed, validCode } from './tenant.service.js';
import './tenant.events.js';

/** Columns that are written here, by field. */
const columns = {
  name: 'name',
  timeZone: 'time_zone',
  currency: 'currency',
  language: 'language',
  active: 'active',
} as const;
type Written = keyof typeof columns;
const fields = Object.keys(columns) as Written[];
type Values = Partial<Record<Written, string | boolean>>;

/**
 * Adds a tenant and, as its first user, the caller; audited and published inside it. Refuses FORBIDDEN unless the caller
 * administers the platform, REQUIRED, INVALID, TOO_LONG, and ALREADY_EXISTS for a code that another tenant has.
 */
export async function create(ctx: Context, input: TenantCreateInput): Promise<string> {
  permit(ctx.rights, 'tenantCreate');
  // the name is the code where none is said, and never empty
  const required = ['code', ...fields.filter((field) => field !== 'name' || input.name !== undefined)];
  const { code, ...values } = checked(Tenant, { ...input }, { create: true, required }) as Values & { code: string };
  if (!validCode(code)) throw refuse('INVALID', ['code']);
  const given: Values & { code: string } = { code, name: code, ...values };
  const id = newId();
  // what a change knows of its tenant is its id; what the tenant is like is read when it is there
  const { ctx: inside, enter } = stranger(ctx, { ...ctx.tenant, id, code });
  await command(inside, 'tenant.create', async (change) => {
    if (given.timeZone !== undefined) given.timeZone = await timeZoneCalled(change, String(given.timeZone));
    const named = { code: 'code', ...columns };
    const set = (Object.keys(named) as Array<keyof typeof named>).filter((field) => given[field] !== undefined);
    const [row] = await change.query(
      `insert into tenant (id, ${set.map((field) => named[field]).join(', ')}) values ($1, ${set.map((_, place) => `$${place + 2}`).join(', ')}) on conflict (code) do nothing returning id`,
      [id, ...set.map((field) => given[field])],
    );
    if (!row) throw refuse('ALREADY_EXISTS', ['code']);
    await enter(change);
    const changes: Changes = Object.fromEntries(
      set.map((field): [string, [null, unknown]] => [field, [null, given[field]]]),
    );
    change.recordChange(Tenant, id, changes, 'created');
  });
  return id;
}

/**
 * Changes the tenant of the request or, for platform administrators, the one that `name` (code, id or number) names: what
 * it is called, where its clocks are, in which currency its reports give sums (these follow at once, and records keep the
 * currency that they have), which language it speaks, and whether it is active. Refuses FORBIDDEN, NOT_FOUND, REQUIRED,
 * INVALID, TOO_LONG.
 */
export async function update(ctx: Context, input: TenantInput, name?: string | null): Promise<string> {
  permit(ctx.rights, 'tenantUpdate');
  if (input.active !== undefined) demand(ctx.rights, 'platform');
  const values = checked(Tenant, { ...input }, { create: false, required: fields }) as Values;
  const target = await targetOf(ctx, name);
  const { id } = target.ctx.tenant;
  await command(target.ctx, 'tenant.update', async (change) => {
    await target.enter(change);
    if (values.timeZone !== undefined) values.timeZone = await timeZoneCalled(change, String(values.timeZone));
    const [row] = await change.query(
      `select ${Object.values(columns).join(', ')} from tenant where id = $1 for no key update`,
      [id],
    );
    const before = Object.fromEntries(
      fields.map((field, place) => [field, field === 'active' ? row![place] === 't' : row![place]]),
    ) as Required<Values>;
    const changed = fields.filter((field) => values[field] !== undefined && values[field] !== before[field]);
    if (changed.length === 0) return;
    await change.query(
      `update tenant set ${changed.map((field, place) => `${columns[field]} = $${place + 2}`).join(', ')} where id = $1`,
      [id, ...changed.map((field) => values[field])],
    );
    const changes: Changes = Object.fromEntries(
      changed.map((field): [string, [unknown, unknown]] => [field, [before[field], values[field]]]),
    );
    change.recordChange(Tenant, id, changes, 'updated', { changed });
  });
  await renewed(ctx.database, id);
  return id;
}

/** The caller in a tenant, and what makes a change know them as a user of it. */
interface Visitor {
  ctx: Context;
  enter: (change: Change) => Promise<void>;
}

/** The caller in the tenant that is to be changed. */
async function targetOf(ctx: Context, name: string | null | undefined): Promise<Visitor> {
  const own: Visitor = { ctx, enter: () => Promise.resolve() };
  if (name === undefined || name === null) return own;
  const tenant = await findTenant(ctx.database, name, false);
  if (tenant?.id === ctx.tenant.id) return own;
  demand(ctx.rights, 'platform');
  if (!tenant) throw refuse('NOT_FOUND', ['id'], { record: Tenant.name });
  return stranger(ctx, tenant);
}

/** The caller in a tenant where they may never have been: they become a user of it in the change itself. */
function stranger(ctx: Context, tenant: TenantInfo): Visitor {
  const user: UserInfo = { ...ctx.user };
  const { login, name } = user;
  return {
    ctx: inTenant(ctx, tenant, user),
    enter: async (change) => {
      const [row] = await change.query(
        'insert into user_account (tenant_id, id, subject, login, name) values ($1, $2, $3, $3, $4) on conflict (tenant_id, subject) do update set name = excluded.name returning id, active',
        [tenant.id, newId(), login, name],
      );
      if (row![1] === 'f') throw refuse('FORBIDDEN');
      user.id = row![0]!;
    },
  };
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
