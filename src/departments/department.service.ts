import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { User } from '../identity/user.entity.js';
import { command, type Change, type Stored } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import { lockWhere, updateMany } from '../write/many.js';
import { bringBack } from '../write/restore.js';
import { checked } from '../write/validation.js';
import { Department } from './department.entity.js';
import type { DepartmentCreateInput, DepartmentInput } from './department.inputs.js';
import { departmentActions as can } from './department.policy.js';
import { lockOrganisation, Tree } from './tree.service.js';
import { placeUsers } from './administration.service.js';
import './department.events.js';

for (const name of ['department_active_top_name_key', 'department_living_parent_name_key'])
  constraintMeans(name, 'NAME_TAKEN', ['name']);
constraintMeans('department_living_code', 'NUMBER_TAKEN', ['code']);

const required = ['name', 'position'];

/** Creates a department, at the top unless a department above it is named. Refuses FORBIDDEN, REQUIRED, NAME_TAKEN, NUMBER_TAKEN, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: DepartmentCreateInput): Promise<string> {
  permit(ctx.rights, 'departmentCreate');
  return command(ctx, 'department.create', async (change) => {
    const tree = await Tree.locked(change);
    const parent = (await change.reference(Department, input.parent, ['parent'])) ?? null;
    if (parent !== null && !tree.has(parent)) throw refuse('UNKNOWN_REFERENCE', ['parent']);
    const id = change.insert(Department, { ...(await prepared(change, input, true)), parent } as never);
    tree.move(id, parent, ['parent']);
    await tree.store(change);
    return id;
  });
}

/** Changes fields of a department, not its place in the tree. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN, NUMBER_TAKEN and invalid fields. */
export function update(ctx: Context, id: string, input: DepartmentInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'department.update', async (change) => {
    await lockOrganisation(change);
    const department = await change.get(Department, id, { version });
    change.update(Department, department, await prepared(change, input, false));
    return department.id;
  });
}

/** Puts a department, with all below it, below another or at the top. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, NAME_TAKEN, and CIRCULAR where it would be below itself. */
export function move(
  ctx: Context,
  id: string,
  to: { parent?: string | null | undefined; position?: number | null | undefined },
  version?: number | null,
): Promise<string> {
  can.move.demand(ctx.rights);
  return command(ctx, 'department.move', async (change) => {
    const tree = await Tree.locked(change);
    const department = await change.get(Department, id, { version });
    const position = to.position ?? department.position;
    const values = checked(Department, { position }, { create: false, required });
    const parent = (await change.reference(Department, to.parent, ['parent'])) ?? null;
    if (parent !== null && !tree.has(parent)) throw refuse('UNKNOWN_REFERENCE', ['parent']);
    if (parent !== (department.parent ?? null)) tree.move(department.id, parent, ['parent']);
    change.update(Department, department, { ...values, parent });
    await tree.store(change);
    return department.id;
  });
}

/**
 * Hides a department; what is in it goes to `moveTo`, where one is named. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT,
 * IN_USE where none is and it has users or departments below it, UNKNOWN_REFERENCE, CIRCULAR for one below it, and NAME_TAKEN.
 */
export function remove(
  ctx: Context,
  id: string,
  { moveTo, version }: { moveTo?: string | null | undefined; version?: number | null | undefined },
): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'department.delete', async (change) => {
    const tree = await Tree.locked(change);
    const department = await change.get(Department, id, { version });
    const target = (await change.reference(Department, moveTo, ['moveTo'])) ?? null;
    if (target !== null && !tree.has(target)) throw refuse('UNKNOWN_REFERENCE', ['moveTo']);
    if (target !== null && [target, ...tree.upwards(target)].includes(department.id))
      throw refuse('CIRCULAR', ['moveTo']);
    const below = await lockWhere(change, Department, 'parent', [department.id]);
    const users = await lockWhere(change, User, 'department', [department.id]);
    if (target === null && below.length + users.length > 0) throw refuse('IN_USE', ['id']);
    for (const child of below) tree.move(child.id, target, ['moveTo']);
    await updateMany(
      change,
      Department,
      below.map((child) => [child, { parent: target }]),
    );
    await placeUsers(
      change,
      users.map((user) => [user, target]),
    );
    tree.remove([department.id]);
    change.hide(Department, department);
    await tree.store(change);
    return department.id;
  });
}

/** Brings a deleted department back, to where it was. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN, NUMBER_TAKEN, and UNKNOWN_REFERENCE where the one above it is deleted. */
export function restore(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.restore.demand(ctx.rights);
  return command(ctx, 'department.restore', async (change) => {
    const tree = await Tree.locked(change);
    const department = await change.get(Department, id, { deleted: true, version });
    const parent = department.parent ?? null;
    if (parent !== null && !tree.has(parent)) throw refuse('UNKNOWN_REFERENCE', ['parent']);
    await bringBack(change, Department, department);
    tree.move(department.id, parent, ['parent']);
    await tree.store(change);
    return department.id;
  });
}

async function prepared(
  change: Change,
  input: DepartmentInput,
  creating: boolean,
): Promise<Partial<Stored<Department>>> {
  const values = checked(Department, { ...input, parent: undefined }, { create: creating, required });
  const leader = await change.reference(User, input.leader, ['leader'], 'login');
  if (leader !== undefined) values['leader'] = leader;
  return values as Partial<Stored<Department>>;
}
