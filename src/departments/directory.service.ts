import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { User } from '../identity/user.entity.js';
import { command, type Change, type Stored } from '../write/command.js';
import { insertMany, recordsWhere, updateMany } from '../write/many.js';
import { lost, writeUsers } from './administration.service.js';
import { Department } from './department.entity.js';
import type { DirectoryInput } from './directory.inputs.js';
import { byId, Intended, type Known, type Wanted } from './directory.intended.js';
import { Tree, type Hierarchy } from './tree.service.js';
import './department.events.js';

/** Most of each: what one request may cost allows no more. */
export const maxDepartments = 2_000;
export const maxUsers = 5_000;

export interface Synchronised {
  departments: { created: number; updated: number; unchanged: number; deleted: number };
  users: { created: number; updated: number; unchanged: number; deactivated: number };
}

/**
 * Takes over a whole directory in one transaction: with a few statements, whatever its size. Refuses FORBIDDEN, OUT_OF_RANGE,
 * and before anything is written everything that is wrong in it, by field.
 */
export async function sync(ctx: Context, directory: DirectoryInput): Promise<Synchronised> {
  permit(ctx.rights, 'directorySync');
  if (directory.departments.length > maxDepartments)
    throw refuse('OUT_OF_RANGE', ['departments'], { min: 0, max: maxDepartments });
  if (directory.users.length > maxUsers) throw refuse('OUT_OF_RANGE', ['users'], { min: 0, max: maxUsers });
  const done = await command(ctx, 'directory.sync', async (change) => {
    const tree = await Tree.locked(change);
    const known = {
      departments: await recordsWhere(change, Department, 'true', [], { lock: false }),
      users: await recordsWhere(change, User, 'true', [], { lock: false }),
    };
    const intended = new Intended(ctx, directory, known);
    intended.refuseWrong();
    const handedOver = await takeNames(change, intended, known.departments);
    return carryOut(change, intended, { tree, known, handedOver });
  });
  if (done.users.deactivated > 0) lost(ctx);
  return done;
}

/** Where a name stands: below which department, in the form in which two names are the same. */
const slot = (parent: string | null | undefined, key: string): string => `${parent ?? ''} ${key}`;

/**
 * Refuses NAME_TAKEN for departments that would be called as another one beside them, and lets go of the names that one
 * department takes over from another, whose ids are returned: an index of unique names looks at each row by itself.
 */
async function takeNames(change: Change, intended: Intended, stored: Known['departments']): Promise<string[]> {
  const names = [...stored.map(({ name }) => name), ...intended.departments.map(({ values }) => values.name!)];
  const keys = (
    await change.query(
      'select text_key(v.name) from unnest($1::text[]) with ordinality v(name, place) order by v.place',
      [names],
    )
  ).map(([key]) => key!);
  const isGone = new Set(intended.gone.map(({ id }) => id));
  const isWanted = new Set([...intended.departments.map(({ id }) => id), ...isGone]);
  const before = new Map(stored.map(({ id, parent }, place) => [slot(parent, keys[place]!), id]));
  const taken = new Set([...before].filter(([, id]) => !isWanted.has(id)).map(([at]) => at));
  const handedOver: string[] = [];
  const issues: Issue[] = [];
  for (const [place, { id, values }] of intended.departments.entries()) {
    const at = slot(values.parent, keys[stored.length + place]!);
    if (taken.has(at)) issues.push({ code: 'NAME_TAKEN', field: ['departments', String(place), 'name'] });
    taken.add(at);
    const holder = before.get(at);
    if (holder && holder !== id && !isGone.has(holder)) handedOver.push(holder);
  }
  if (issues.length > 0) throw new DomainError(issues);
  if (handedOver.length > 0)
    await change.query('update department set name = id::text where tenant_id = $1 and id = any($2::uuid[])', [
      change.ctx.tenant.id,
      handedOver,
    ]);
  return handedOver;
}

/** Writes what is intended: departments first, then who works in them, then who leads them. */
async function carryOut(
  change: Change,
  intended: Intended,
  { tree, known, handedOver }: { tree: Tree; known: Known; handedOver: readonly string[] },
): Promise<Synchronised> {
  const deleted = await takeApart(change, intended, tree, known);
  const departments = parted(intended.departments, intended.tree);
  const users = parted(intended.users, intended.reporting);
  await insertMany(
    change,
    Department,
    departments.added.map(({ id, values }) => ({ id, position: 0, ...defined(values), leader: undefined })),
  );
  await insertMany(
    change,
    User,
    users.added.map(({ id, values }) => ({ id, ...values, login: values.subject })),
  );
  const deactivated = users.kept.filter(({ stored, values }) => stored.active && values.active === false).length;
  const changedUsers = await writeUsers(
    change,
    users.kept.map(({ stored, values }) => [stored, values]),
  );
  const changedDepartments = await updateMany(
    change,
    Department,
    departments.kept.map(({ stored, values }) => [stored, values]),
  );
  await updateMany(
    change,
    Department,
    departments.added.flatMap(({ id, values: { leader } }) => (leader ? [[fresh(id), { leader }] as const] : [])),
  );
  if (handedOver.length > 0) await nameAgain(change, intended, handedOver);
  tree.moveAll(intended.departments.map(({ id, values: { parent } }) => [id, parent ?? null]));
  await tree.store(change);
  return {
    departments: {
      created: departments.added.length,
      updated: changedDepartments,
      unchanged: departments.kept.length - changedDepartments,
      deleted,
    },
    users: {
      created: users.added.length,
      updated: changedUsers - deactivated,
      unchanged: users.kept.length - changedUsers,
      deactivated,
    },
  };
}

/** New records, those above first, and those that are there. */
function parted<E>(
  wanted: ReadonlyArray<Wanted<E>>,
  hierarchy: Hierarchy,
): { added: ReadonlyArray<Wanted<E>>; kept: ReadonlyArray<Wanted<E> & { stored: Stored<E> }> } {
  const depth = new Map(wanted.map(({ id }) => [id, hierarchy.upwards(id).length]));
  return {
    added: wanted.filter(({ stored }) => !stored).toSorted((one, other) => depth.get(one.id)! - depth.get(other.id)!),
    kept: wanted.filter((one): one is Wanted<E> & { stored: Stored<E> } => one.stored !== undefined),
  };
}

/** What is given of values. */
const defined = <V extends object>(values: V): V =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as V;

/** Gives departments the names that they were to have, after others have taken theirs. */
async function nameAgain(change: Change, { departments }: Intended, ids: readonly string[]): Promise<void> {
  const names = new Map(departments.map(({ id, values }) => [id, values.name]));
  await change.query(
    'update department t set name = v.name from unnest($2::uuid[], $3::text[]) v(id, name) where t.tenant_id = $1 and t.id = v.id',
    [change.ctx.tenant.id, ids, ids.map((id) => names.get(id))],
  );
}

/** A department that has just been added without its leader. */
const fresh = (id: string): Stored<Department> => ({ id, leader: null, version: 1 }) as Stored<Department>;

/** Deletes the departments that the directory no longer has; what is left in them goes to the next department above that stays. */
async function takeApart(
  change: Change,
  { gone, departments, users }: Intended,
  tree: Tree,
  known: Known,
): Promise<number> {
  if (gone.length === 0) return 0;
  const isGone = new Set(gone.map(({ id }) => id));
  const target = (id: string | null | undefined): string | null =>
    id ? ([id, ...tree.upwards(id)].find((one) => !isGone.has(one)) ?? null) : null;
  const isMeant = new Set([...departments.map(({ id }) => id), ...isGone]);
  const orphans = known.departments.filter(({ id, parent }) => !isMeant.has(id) && parent && isGone.has(parent));
  tree.moveAll(orphans.map(({ id, parent }) => [id, target(parent)]));
  await updateMany(
    change,
    Department,
    orphans.map((one) => [one, { parent: target(one.parent) }]),
  );
  // those of the directory go where it says, if it does
  const wanted = byId(users);
  for (const stored of known.users) {
    if (!stored.department || !isGone.has(stored.department)) continue;
    const department = target(stored.department);
    const one = wanted.get(stored.id);
    if (!one) users.push({ id: stored.id, stored, values: { department } });
    else if (one.values.department === undefined) one.values.department = department;
  }
  const deletedAt = now().toISOString();
  await updateMany(
    change,
    Department,
    gone.map((one) => [one, { deletedAt } as never]),
    { event: () => 'deleted' },
  );
  tree.remove([...isGone]);
  return gone.length;
}
