import { command, type Change, type Stored } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { restoreRecord } from '../write/restore.js';
import { checked } from '../write/validation.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { HoldingLimit } from './holding-limit.entity.js';
import type { HoldingLimitInput } from './holding-limit.inputs.js';
import { holdingLimitActions as can } from './holding-limit.policy.js';
import './holding-limit.events.js';

constraintMeans('holding_limit_living_kind_user', 'ALREADY_EXISTS', ['user']);
constraintMeans('holding_limit_living_kind_department', 'ALREADY_EXISTS', ['department']);

const required = ['kind', 'max', 'uncountedInForce'];
const lists = ['uncountedTiers', 'uncountedStatuses', 'uncountedLeadStatuses'] as const;
/** what says for whom it is, which stays */
const fixed = ['kind', 'user', 'department'] as const;

/** Sets a limit for a user or for each member of a department. Refuses FORBIDDEN, REQUIRED, INVALID unless it is for exactly one of both, ALREADY_EXISTS, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: HoldingLimitInput): Promise<string> {
  permit(ctx.rights, 'holdingLimitCreate');
  return command(ctx, 'holdingLimit.create', async (change) => {
    if (!input.user === !input.department)
      throw input.user ? refuse('INVALID', ['department']) : refuse('REQUIRED', ['user']);
    const values = await prepared(change, input, true);
    return change.insert(HoldingLimit, {
      ...Object.fromEntries(lists.map((field) => [field, []])),
      ...values,
    } as never);
  });
}

/** Changes a limit; what is limited, and for whom, stays. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: HoldingLimitInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'holdingLimit.update', async (change) => {
    const limit = await change.get(HoldingLimit, id, { version });
    const values = await prepared(change, input, false);
    for (const field of fixed)
      if (values[field] !== undefined && values[field] !== (limit[field] ?? null)) throw refuse('INVALID', [field]);
    change.update(HoldingLimit, limit, values);
    return limit.id;
  });
}

/** Takes a limit away. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'holdingLimit.delete', async (change) => {
    const limit = await change.get(HoldingLimit, id, { version });
    change.hide(HoldingLimit, limit);
    return limit.id;
  });
}

/** Brings a limit back that was taken away. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, ALREADY_EXISTS. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

async function prepared(
  change: Change,
  input: HoldingLimitInput,
  creating: boolean,
): Promise<Partial<Stored<HoldingLimit>>> {
  const given = { ...input } as HoldingLimitInput & Record<string, unknown>;
  const values = checked(
    HoldingLimit,
    { ...given, ...Object.fromEntries(lists.map((field) => [field, undefined])) },
    { create: creating, required },
  );
  for (const field of lists) {
    if (given[field] === null) throw refuse('REQUIRED', [field]);
    if (given[field] !== undefined) values[field] = [...new Set(given[field])];
  }
  const user = await change.reference(User, input.user, ['user'], 'login');
  const department = await change.reference(Department, input.department, ['department']);
  return {
    ...values,
    ...(user !== undefined && { user }),
    ...(department !== undefined && { department }),
  } as Partial<Stored<HoldingLimit>>;
}
