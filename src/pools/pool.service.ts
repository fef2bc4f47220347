import { command, type Stored } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { lockWhere } from '../write/many.js';
import { restoreRecord } from '../write/restore.js';
import { checked } from '../write/validation.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { Pool, PoolMember, type PoolHiddenField, type PoolKind } from './pool.entity.js';
import type { PoolInput, PoolMemberInput } from './pool.inputs.js';
import { poolActions as can } from './pool.policy.js';
import './pool.events.js';

constraintMeans('pool_living_kind_name_key', 'NAME_TAKEN', ['name']);

const required = ['kind', 'name', 'position', 'enabled', 'formerOwnerDays', 'restHours', 'hidesUntilPicked'];

/** What leads have of what pools can hide. */
const hiddenOfLeads: readonly PoolHiddenField[] = ['CONTACT_PERSON', 'PHONE', 'EMAIL', 'DESCRIPTION'];

/** Most members of one pool. */
export const maxMembers = 1_000;

/** Makes a pool. Refuses FORBIDDEN, REQUIRED, NAME_TAKEN and invalid fields. */
export function create(ctx: Context, input: PoolInput): Promise<string> {
  permit(ctx.rights, 'poolCreate');
  return command(ctx, 'pool.create', async (change) =>
    Promise.resolve(
      change.insert(Pool, { hidesUntilPicked: [], ...prepared(input, true, input.kind as PoolKind) } as never),
    ),
  );
}

/** Changes fields of a pool; its kind stays. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, NAME_TAKEN and invalid fields. */
export function update(ctx: Context, id: string, input: PoolInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'pool.update', async (change) => {
    const pool = await change.get(Pool, id, { version });
    const values = prepared(input, false, pool.kind as PoolKind);
    if (values['kind'] !== undefined && values['kind'] !== pool.kind) throw refuse('INVALID', ['kind']);
    change.update(Pool, pool, values);
    return pool.id;
  });
}

/** Brings a deleted pool back, empty and with those who worked with it. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

function prepared(input: PoolInput, creating: boolean, kind: PoolKind): Record<string, unknown> {
  const { hidesUntilPicked, ...fields } = input as PoolInput & Record<string, unknown>;
  const values = checked(Pool, fields, {
    create: creating,
    required: required.filter((field) => field !== 'hidesUntilPicked'),
  });
  if (hidesUntilPicked === null) throw refuse('REQUIRED', ['hidesUntilPicked']);
  if (hidesUntilPicked === undefined) return values;
  const wrong = kind === 'LEAD' ? hidesUntilPicked.findIndex((field) => !hiddenOfLeads.includes(field)) : -1;
  if (wrong >= 0) throw refuse('INVALID', ['hidesUntilPicked', String(wrong)]);
  return { ...values, hidesUntilPicked: [...new Set(hidesUntilPicked)] };
}

/** Says who works with a pool: those who are not named no longer do. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, OUT_OF_RANGE, UNKNOWN_REFERENCE, INVALID for what is neither a user nor a department, or both, or named twice. */
export function setMembers(
  ctx: Context,
  id: string,
  members: readonly PoolMemberInput[],
  version?: number | null,
): Promise<string> {
  can.setMembers.demand(ctx.rights);
  if (members.length > maxMembers) throw refuse('OUT_OF_RANGE', ['inputs'], { min: 0, max: maxMembers });
  return command(ctx, 'pool.setMembers', async (change) => {
    const pool = await change.get(Pool, id, { version });
    const wanted = new Map<string, Pick<Stored<PoolMember>, 'user' | 'department' | 'role'>>();
    for (const [index, { user, department, role }] of members.entries()) {
      const field = ['inputs', String(index)];
      const member = {
        user: (await change.reference(User, user ?? null, [...field, 'user'], 'login')) ?? null,
        department: (await change.reference(Department, department ?? null, [...field, 'department'])) ?? null,
        role,
      };
      const key = member.user ?? member.department;
      if (!key || (member.user && member.department) || wanted.has(key)) throw refuse('INVALID', field);
      wanted.set(key, member);
    }
    for (const member of await lockWhere(change, PoolMember, 'pool', [pool.id])) {
      const key = (member.user ?? member.department)!;
      const wish = wanted.get(key);
      wanted.delete(key);
      if (wish) change.update(PoolMember, member, { role: wish.role });
      else change.remove(PoolMember, member);
    }
    for (const member of wanted.values())
      change.insert(PoolMember, { pool: pool.id, ...member } as never, {
        event: 'added',
        data: { pool: pool.id, ...member },
      });
    return pool.id;
  });
}
