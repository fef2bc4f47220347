import { customer, lead } from './records.js';
import type { Actor, Data, TestTenant } from './tenant.js';

/** Who is to work with a pool. */
export interface Member {
  user?: string;
  department?: string;
  role?: 'MEMBER' | 'ADMIN';
}

/** Makes a pool with those who work with it; returns its id. */
export async function pool(t: TestTenant, input: object = {}, members: readonly Member[] = []): Promise<string> {
  const { poolCreate } = await t.admin.graph(
    'mutation ($input: PoolInput!) { poolCreate(input: $input) { pool { id } userErrors { code field } } }',
    { input: { kind: 'CUSTOMER', name: '华东公海', ...input } },
  );
  expect(poolCreate.userErrors).toEqual([]);
  const { id } = poolCreate.pool;
  const { poolSetMembers } = await t.admin.graph(
    'mutation ($id: ID!, $members: [PoolMemberInput!]!) { poolSetMembers(id: $id, inputs: $members) { pool { id } userErrors { code field } } }',
    { id, members },
  );
  expect(poolSetMembers).toEqual({ pool: { id }, userErrors: [] });
  return id as string;
}

/** The mutations over many records that give them owners and pools, with their arguments beside the ids. */
const signatures: Record<string, string> = {
  Pick: '',
  Reveal: '',
  Return: 'pool: ID!, reason: String',
  Assign: 'input: AssignTo!, reason: String',
  MovePool: 'pool: ID!, reason: String',
  Transfer: 'to: ID!, reason: String',
};

/** Runs one of them; returns, for each id, what refused it, or null. What refuses the whole is thrown. */
export async function give(
  by: Actor,
  mutation: string,
  ids: readonly string[],
  args: object = {},
): Promise<Array<string | null>> {
  const payload = await given(by, mutation, ids, args);
  expect(payload.userErrors).toEqual([]);
  return payload.results.map(({ id, userErrors }: Data, index: number) => {
    if (userErrors.length === 0) expect([index, typeof id]).toEqual([index, 'string']);
    return userErrors.map(({ code }: Data) => code)[0] ?? null;
  });
}

/** The whole payload of one of them. */
export async function given(by: Actor, mutation: string, ids: readonly string[], args: object = {}): Promise<Data> {
  const verb = /^(?:customers|leads)(\w+)$/.exec(mutation)![1]!;
  const types = [
    signatures[verb],
    'with' in args && 'with: [TransferredRecord!]!',
    'keepFormerAs' in args && 'keepFormerAs: MemberAccess',
  ]
    .filter(Boolean)
    .join(', ');
  const names = [...types.matchAll(/(\w+):/g)].map(([, name]) => name!);
  const data = await by.graph(
    `mutation ($ids: [ID!]!${names.length > 0 ? ', ' : ''}${types.replaceAll(/(\w+):/g, '$$$1:')}) { ${mutation}(ids: $ids${names.map((name) => `, ${name}: $${name}`).join('')}) { results { index id userErrors { code field message } } userErrors { code field } } }`,
    { ids, ...args },
  );
  return data[mutation];
}

/** So many new customers, or leads, in a pool. */
export async function inPool(
  t: TestTenant,
  poolId: string,
  count: number,
  kind: 'customers' | 'leads' = 'customers',
  input: object = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let place = 0; place < count; place += 1) {
    const record = { name: `公海${kind === 'leads' ? '线索' : '客户'}${place} ${poolId.slice(-6)}`, ...input };
    ids.push((kind === 'leads' ? await lead(t.admin, record) : await customer(t.admin, record)).id);
  }
  expect(await give(t.admin, `${kind}Return`, ids, { pool: poolId })).toEqual(ids.map(() => null));
  return ids;
}

/** Who looks after records, by login, and the pools that they lie in. */
export async function held(t: TestTenant, ids: readonly string[], table = 'customer'): Promise<Data[]> {
  const rows = await t.sql(
    `select c.id, u.login as owner, c.pool_id is not null as pooled from ${table} c left join user_account u on u.tenant_id = c.tenant_id and u.id = c.owner_id where c.id = any($1)`,
    [ids],
  );
  return ids.map((id) => {
    const { owner, pooled } = rows.find((row) => row['id'] === id) as Data;
    return pooled ? 'pool' : owner;
  });
}
