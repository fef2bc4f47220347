import type { Actor, Data, TestTenant } from '../support/tenant.js';

/** Creates a department and returns it as `{ id number version }`. */
export async function department(
  by: Actor,
  name: string,
  more: { parent?: string | null; leader?: string; position?: number; code?: string } = {},
): Promise<Data> {
  const { departmentCreate } = await by.graph(
    'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id number version } userErrors { code field } } }',
    { input: { name, ...more } },
  );
  expect(departmentCreate.userErrors).toEqual([]);
  return departmentCreate.department;
}

/** Enters a user and returns them as `{ id number version }`. */
export async function user(by: Actor, login: string, more: object = {}): Promise<Data> {
  const { userCreate } = await by.graph(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id number version } userErrors { code field } } }',
    { input: { login, ...more } },
  );
  expect(userCreate.userErrors).toEqual([]);
  return userCreate.user;
}

/** What is stored of which departments are below which, as `ancestor descendant depth`, and what follows from their parents. */
export async function paths({ sql }: TestTenant): Promise<{ stored: string[]; recomputed: string[] }> {
  const stored = await sql<{ path: string }>(
    "select ancestor_id || ' ' || descendant_id || ' ' || depth as path from department_path where tenant_id = app_tenant()",
  );
  const rows = await sql<{ id: string; parent_id: string | null }>(
    'select id, parent_id from department where tenant_id = app_tenant() and deleted_at is null',
  );
  const parents = new Map(rows.map(({ id, parent_id: parent }) => [id, parent]));
  const recomputed = rows.flatMap(({ id }) => {
    const found: string[] = [];
    for (let at: string | null | undefined = id; at; at = parents.get(at)) {
      if (found.length > rows.length) throw new Error(`The department ${id} is below itself.`);
      found.push(`${at} ${id} ${found.length}`);
    }
    return found;
  });
  return { stored: stored.map(({ path }) => path).toSorted(), recomputed: recomputed.toSorted() };
}
