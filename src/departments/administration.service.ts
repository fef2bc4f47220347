import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { accessChanged } from '../feed/access-changes.js';
import { isPerson, systemSubject, User } from '../identity/user.entity.js';
import { command, type Change, type Stored } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import { afterwards } from '../write/idempotency.js';
import { updateMany } from '../write/many.js';
import { checked } from '../write/validation.js';
import type { UserCreateInput, UserInput } from './administration.inputs.js';
import { Department } from './department.entity.js';
import { userActions as can } from './department.policy.js';
import { lockOrganisation, reporting } from './tree.service.js';
import './department.events.js';

constraintMeans('user_account_subject', 'ALREADY_EXISTS', ['login']);

const required = ['name', 'login'];

/**
 * Enters a user before their first token is seen, which is to have the login as its subject. Refuses FORBIDDEN, REQUIRED,
 * ALREADY_EXISTS, UNKNOWN_REFERENCE and invalid fields.
 */
export function create(ctx: Context, input: UserCreateInput): Promise<string> {
  permit(ctx.rights, 'userCreate');
  return command(ctx, 'user.create', async (change) => {
    await lockOrganisation(change);
    const values = await prepared(change, input, true);
    const login = loginOf(values.login!, ['login']);
    const name = values.name ?? login;
    return change.insert(User, { ...values, name, login, subject: login } as never);
  });
}

/** The login of a user who is entered. Refuses INVALID those of users who are no people. */
export function loginOf(login: string, field: string[]): string {
  if (!isPerson(login)) throw refuse('INVALID', field);
  return login;
}

/** Changes fields of a user. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, CIRCULAR and invalid fields. */
export function update(ctx: Context, id: string, input: UserInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'user.update', async (change) => {
    const hierarchy = await reporting(change);
    const user = await person(change, id, version);
    const values = await prepared(change, input, false);
    if (values.manager) hierarchy.move(user.id, String(values.manager), ['manager']);
    await writeUsers(change, [[user, values]]);
    return user.id;
  });
}

/** Takes a user the right to sign in: within seconds no server takes their tokens, and what they keep open is closed. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, and INVALID for oneself. */
export const deactivate = (ctx: Context, id: string, version?: number | null): Promise<string> => {
  can.deactivate.demand(ctx.rights);
  return activation(ctx, 'user.deactivate', false, id, version);
};

/** Lets a user sign in again. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export const reactivate = (ctx: Context, id: string, version?: number | null): Promise<string> => {
  can.reactivate.demand(ctx.rights);
  return activation(ctx, 'user.reactivate', true, id, version);
};

async function activation(
  ctx: Context,
  operation: string,
  active: boolean,
  id: string,
  version?: number | null,
): Promise<string> {
  const done = await command(ctx, operation, async (change) => {
    await lockOrganisation(change);
    const user = await person(change, id, version);
    if (!active && user.id === ctx.user.id) throw refuse('INVALID', ['id'], { reason: 'OWN_USER' });
    await writeUsers(change, [[user, { active }]]);
    return user.id;
  });
  lost(ctx);
  return done;
}

/** As soon as the change is committed every process looks again who may sign in. */
export const lost = (ctx: Context): void => afterwards(ctx, () => accessChanged());

/** The one place where stored users are changed, save what a token says: with their department goes what hangs on it. */
export const writeUsers = (
  change: Change,
  users: ReadonlyArray<readonly [user: Stored<User>, values: Partial<Stored<User>>]>,
): Promise<number> => {
  const active = new Map(users.map(([user]) => [user.id, user.active]));
  return updateMany(change, User, users, {
    event: ({ id, active: now }) => (now === active.get(id) ? 'updated' : now ? 'reactivated' : 'deactivated'),
  });
};

/** Puts users into departments, or with null into none. */
export const placeUsers = (
  change: Change,
  users: ReadonlyArray<readonly [user: Stored<User>, department: string | null]>,
): Promise<number> =>
  writeUsers(
    change,
    users.map(([user, department]) => [user, { department }]),
  );

/** A user who can be changed. Refuses NOT_FOUND, VERSION_CONFLICT, and INVALID for the server itself. */
async function person(change: Change, id: string, version?: number | null): Promise<Stored<User>> {
  const user = await change.get(User, id, { version });
  if (user.subject === systemSubject) throw refuse('INVALID', ['id'], { reason: 'SYSTEM_USER' });
  return user;
}

async function prepared(change: Change, input: UserInput, creating: boolean): Promise<Partial<Stored<User>>> {
  const values = checked(User, { ...input }, { create: creating, required: creating ? ['login'] : required });
  const department = await change.reference(Department, input.department, ['department']);
  if (department !== undefined) values['department'] = department;
  const manager = await change.reference(User, input.manager, ['manager'], 'login');
  if (manager !== undefined) values['manager'] = manager;
  return values as Partial<Stored<User>>;
}
