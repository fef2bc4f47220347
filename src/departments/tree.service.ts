import { refuse } from '../core/errors.js';
import type { Change } from '../write/command.js';

/** What the row is called that changes of departments and of users wait for: one after the other in a tenant. */
const lockName = 'organisation';

/** Has every other change of departments and of users wait until the commit, save what tokens say. */
export async function lockOrganisation(change: Change): Promise<void> {
  await change.query(
    'insert into series (tenant_id, name, last) values ($1, $2, 1) on conflict (tenant_id, name) do update set last = series.last + 1',
    [change.ctx.tenant.id, lockName],
  );
}

/** Which record is above each: departments, or users who others report to. */
export class Hierarchy {
  /** whoever has been put below another */
  protected readonly moved = new Set<string>();

  constructor(protected readonly above: Map<string, string | null>) {}

  /** Puts a record below another, or at the top. Refuses CIRCULAR, naming the field, where it would be below itself. */
  move(id: string, parent: string | null, field: string[]): void {
    this.above.set(id, parent);
    if (this.upwards(id).includes(id)) throw refuse('CIRCULAR', field);
    this.moved.add(id);
  }

  /** Puts records where they belong all at once; that none is below itself has been made sure of. */
  moveAll(places: ReadonlyArray<readonly [id: string, parent: string | null]>): void {
    for (const [id, parent] of places) {
      if (this.above.get(id) === parent) continue;
      this.above.set(id, parent);
      this.moved.add(id);
    }
  }

  /** Those above a record, the nearest first; ends where it would begin again. */
  upwards(id: string): string[] {
    const found: string[] = [];
    for (let at = this.above.get(id) ?? null; at !== null && !found.includes(at); at = this.above.get(at) ?? null)
      found.push(at);
    return found;
  }
}

/** Who reports to whom, as it is; locked until the commit. */
export async function reporting(change: Change): Promise<Hierarchy> {
  await lockOrganisation(change);
  const rows = await change.query(
    'select id, manager_id from user_account where tenant_id = $1 and manager_id is not null',
    [change.ctx.tenant.id],
  );
  return new Hierarchy(new Map(rows.map(([id, manager]) => [id!, manager!])));
}

/** The tree of departments, locked until the commit; `store` writes what has become of it. */
export class Tree extends Hierarchy {
  static async locked(change: Change): Promise<Tree> {
    await lockOrganisation(change);
    const rows = await change.query(
      'select id, parent_id from department where tenant_id = $1 and deleted_at is null',
      [change.ctx.tenant.id],
    );
    return new Tree(new Map(rows.map(([id, parent]) => [id!, parent ?? null])));
  }

  has(id: string): boolean {
    return this.above.has(id);
  }

  /** Takes departments out that are no longer there. */
  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.above.delete(id);
      this.moved.add(id);
    }
  }

  /** Writes which departments are below which: for those that were moved, added or removed, and for all that is below them. */
  async store(change: Change): Promise<void> {
    const tenantId = change.ctx.tenant.id;
    const touched = [...this.above.keys()]
      .map((id) => [id, this.upwards(id)] as const)
      .filter(([id, ancestors]) => this.moved.has(id) || ancestors.some((ancestor) => this.moved.has(ancestor)));
    const gone = [...this.moved].filter((id) => !this.above.has(id));
    if (touched.length + gone.length === 0) return;
    await change.query('delete from department_path where tenant_id = $1 and descendant_id = any($2::uuid[])', [
      tenantId,
      [...gone, ...touched.map(([id]) => id)],
    ]);
    const paths = touched.flatMap(([id, ancestors]) =>
      [id, ...ancestors].map((ancestor, depth) => [ancestor, id, depth] as const),
    );
    await change.query(
      'insert into department_path (tenant_id, ancestor_id, descendant_id, depth) select $1::uuid, v.ancestor, v.descendant, v.depth from unnest($2::uuid[], $3::uuid[], $4::int[]) v(ancestor, descendant, depth) returning depth',
      [tenantId, paths.map(([ancestor]) => ancestor), paths.map(([, id]) => id), paths.map(([, , depth]) => depth)],
    );
    this.moved.clear();
  }
}
