import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import { newId } from '../core/id.js';
import { mayAdminister } from '../core/rights.js';
import { isPerson, User } from '../identity/user.entity.js';
import { command, type Change, type Stored } from '../write/command.js';
import { insertMany, recordsWhere, updateMany } from '../write/many.js';
import { checked, type Input } from '../write/validation.js';
import { lost, writeUsers } from './administration.service.js';
import { Department } from './department.entity.js';
import type { DirectoryDepartmentInput, DirectoryInput, DirectoryUserInput } from './directory.inputs.js';
import { Hierarchy, Tree } from './tree.service.js';
import './department.events.js';

/** Most of each: what one request may cost allows no more. */
export const maxDepartments = 2_000;
export const maxUsers = 5_000;

export interface Synchronised {
  departments: { created: number; updated: number; unchanged: number; deleted: number };
  users: { created: number; updated: number; unchanged: number; deactivated: number };
}

/** A record as the directory wants it: one that is stored, or one that is new. */
interface Wanted<E> {
  /** its id, of a new one the one that it gets */
  id: string;
  stored: Stored<E> | undefined;
  values: Partial<Stored<E>>;
}

/**
 * Takes over a whole directory in one transaction: with a few statements, whatever its size. Refuses FORBIDDEN, OUT_OF_RANGE,
 * and before anything is written everything that is wrong in it, by field.
 */
export async function sync(ctx: Context, directory: DirectoryInput): Promise<Synchronised> {
  mayAdminister(ctx.rights);
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

interface Known {
  departments: ReadonlyArray<Stored<Department>>;
  users: ReadonlyArray<Stored<User>>;
}

/** What the directory calls the records of a tenant. */
interface Names {
  departments: ReadonlyMap<string, string>;
  users: ReadonlyMap<string, string>;
  /** departments of the directory itself */
  named: ReadonlySet<string>;
}

const byId = <E extends { id: string }>(records: readonly E[]): Map<string, E> =>
  new Map(records.map((one) => [one.id, one]));

/** What is to become of departments and users, and what is wrong with it. */
class Intended {
  readonly departments: Array<Wanted<Department>> = [];
  readonly users: Array<Wanted<User>> = [];
  /** departments that the directory no longer has */
  readonly gone: Array<Stored<Department>>;
  /** which department is below which, and who reports to whom, when all is done */
  readonly tree: Hierarchy;
  readonly reporting: Hierarchy;
  private readonly issues: Issue[] = [];

  constructor(
    private readonly ctx: Context,
    private readonly directory: DirectoryInput,
    known: Known,
  ) {
    const { departments, users, deactivateMissing } = directory;
    const names: Names = {
      departments: this.named(known.departments, departments, ({ code }) => code ?? undefined, 'departments'),
      users: this.named(known.users, users, ({ subject }) => subject, 'users'),
      named: new Set(departments.map(({ id }) => id.trim())),
    };
    this.gone = deactivateMissing ? known.departments.filter(({ code }) => code && !names.named.has(code)) : [];
    const leaders = this.leaders(names);
    const [storedDepartments, storedUsers] = [byId(known.departments), byId(known.users)];
    for (const [place, one] of departments.entries()) {
      const { id, values } = this.department(one, place, names, leaders);
      this.departments.push({ id, values, stored: storedDepartments.get(id) });
    }
    for (const [place, one] of users.entries()) {
      const { id, values } = this.user(one, place, names);
      this.users.push({ id, values, stored: storedUsers.get(id) });
    }
    this.tree = this.placed(known.departments, this.departments, 'parent', 'departments');
    this.reporting = this.placed(known.users, this.users, 'manager', 'users');
    if (deactivateMissing) this.dismiss(known.users);
  }

  /** Throws everything that is wrong. */
  refuseWrong(): void {
    if (this.issues.length > 0) throw new DomainError(this.issues);
  }

  private wrong(code: Issue['code'], field: string[], params?: Issue['params']): void {
    this.issues.push({ code, field, ...(params && { params }) });
  }

  /** Ids by what the directory calls the records: those of stored ones, and new ones. */
  private named<E>(
    stored: ReadonlyArray<Stored<E>>,
    sent: ReadonlyArray<{ id: string }>,
    nameOf: (one: Stored<E>) => string | undefined,
    list: string,
  ): Map<string, string> {
    const ids = new Map(
      stored.flatMap((one) => {
        const name = nameOf(one);
        return name === undefined ? [] : [[name, (one as unknown as { id: string }).id]];
      }),
    );
    const met = new Set<string>();
    for (const [place, { id }] of sent.entries()) {
      const name = id.trim();
      if (met.has(name)) this.wrong('ALREADY_EXISTS', [list, String(place), 'id']);
      met.add(name);
      if (!ids.has(name)) ids.set(name, newId());
    }
    return ids;
  }

  /** Who leads which department of the directory: undefined where no user says that they lead any. */
  private leaders(names: Names): Map<string, string> | undefined {
    const { users } = this.directory;
    if (users.every(({ leads }) => leads === undefined || leads === null)) return undefined;
    const leaders = new Map<string, string>();
    for (const [place, { id, leads }] of users.entries())
      for (const [index, name] of (leads ?? []).entries()) {
        if (!names.named.has(name.trim()))
          this.wrong('UNKNOWN_REFERENCE', ['users', String(place), 'leads', String(index)]);
        const department = names.departments.get(name.trim());
        if (department && !leaders.has(department)) leaders.set(department, names.users.get(id.trim())!);
      }
    return leaders;
  }

  private department(
    one: DirectoryDepartmentInput,
    place: number,
    names: Names,
    leaders: ReadonlyMap<string, string> | undefined,
  ): Omit<Wanted<Department>, 'stored'> {
    const path = ['departments', String(place)];
    const values = this.valid(
      Department,
      { code: one.id, name: one.name, position: one.position ?? undefined },
      { path, named: { code: 'id' }, required: ['code', 'name'] },
    );
    const id = names.departments.get(one.id.trim())!;
    const above = one.parent?.trim() ?? '';
    const isTop = above === '' || (above === '0' && !names.named.has(above));
    if (!isTop && !names.named.has(above)) this.wrong('UNKNOWN_REFERENCE', [...path, 'parent']);
    return {
      id,
      values: {
        ...values,
        parent: isTop ? null : (names.departments.get(above) ?? null),
        ...(leaders && { leader: leaders.get(id) ?? null }),
      } as Partial<Stored<Department>>,
    };
  }

  private user(one: DirectoryUserInput, place: number, names: Names): Omit<Wanted<User>, 'stored'> {
    const path = ['users', String(place)];
    const values = this.valid(
      User,
      { subject: one.id, name: one.name, phone: one.phone, email: one.email },
      { path, named: { subject: 'id' }, required: ['subject', 'name'] },
    );
    const subject = one.id.trim();
    if (!isPerson(subject)) this.wrong('INVALID', [...path, 'id']);
    const id = names.users.get(subject)!;
    const active = one.active ?? true;
    if (!active && id === this.ctx.user.id) this.wrong('INVALID', [...path, 'active'], { reason: 'OWN_USER' });
    const department = one.department?.trim();
    if (department && !names.named.has(department)) this.wrong('UNKNOWN_REFERENCE', [...path, 'department']);
    const manager = one.manager?.trim();
    if (manager && !names.users.has(manager)) this.wrong('UNKNOWN_REFERENCE', [...path, 'manager']);
    return {
      id,
      values: {
        ...values,
        active,
        ...(one.department !== undefined && { department: (department && names.departments.get(department)) || null }),
        ...(one.manager !== undefined && { manager: (manager && names.users.get(manager)) || null }),
      } as Partial<Stored<User>>,
    };
  }

  /** The values that can be stored; what cannot is noted. */
  private valid(
    entity: typeof Department | typeof User,
    input: Input,
    options: { path: string[]; named: Record<string, string>; required: string[] },
  ): Input {
    try {
      return checked(entity, input, { create: true, ...options });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.issues.push(...error.issues);
      return {};
    }
  }

  /** Users whom the directory no longer has may not sign in. */
  private dismiss(users: ReadonlyArray<Stored<User>>): void {
    const kept = new Set([this.ctx.user.id, ...this.users.map(({ id }) => id)]);
    for (const stored of users)
      if (isPerson(stored.subject) && !kept.has(stored.id))
        this.users.push({ id: stored.id, stored, values: { active: false } });
  }

  /** Who is below whom when all is done; what would be below itself is noted. */
  private placed<E extends object>(
    stored: ReadonlyArray<Stored<E>>,
    wanted: ReadonlyArray<Wanted<E>>,
    field: keyof E & string,
    list: string,
  ): Hierarchy {
    const aboveOf = (record: object): string | null | undefined =>
      (record as Record<string, string | null | undefined>)[field];
    const above = new Map(stored.map((one) => [(one as unknown as { id: string }).id, aboveOf(one) ?? null]));
    for (const { id, values } of wanted) {
      const parent = aboveOf(values);
      if (parent !== undefined) above.set(id, parent);
    }
    const hierarchy = new Hierarchy(above);
    for (const [place, { id }] of wanted.entries())
      if (hierarchy.upwards(id).includes(id)) this.wrong('CIRCULAR', [list, String(place), field]);
    return hierarchy;
  }
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
