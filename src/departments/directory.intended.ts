import type { Context } from '../core/context.js';
import { DomainError, type Issue } from '../core/errors.js';
import { newId } from '../core/id.js';
import { isPerson, User } from '../identity/user.entity.js';
import type { Stored } from '../write/command.js';
import { checked, type Input } from '../write/validation.js';
import { Department } from './department.entity.js';
import type { DirectoryDepartmentInput, DirectoryInput, DirectoryUserInput } from './directory.inputs.js';
import { Hierarchy } from './tree.service.js';

/** A record as the directory wants it: one that is stored, or one that is new. */
export interface Wanted<E> {
  /** its id, of a new one the one that it gets */
  id: string;
  stored: Stored<E> | undefined;
  values: Partial<Stored<E>>;
}

/** What is stored already. */
export interface Known {
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

export const byId = <E extends { id: string }>(records: readonly E[]): Map<string, E> =>
  new Map(records.map((one) => [one.id, one]));

/** What is to become of departments and users, and what is wrong with it. */
export class Intended {
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
