import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Whom records can be given to: the users of the tenant, as a list.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await t.admin.id();
  for (const [login, name, active] of [
    ['li.lei', '李雷', true],
    ['han.meimei', '韩梅梅', true],
    ['wang.wu', '王五', false],
  ] as const)
    await t.sql(
      "insert into user_account (tenant_id, id, subject, login, name, active, email, phone, seen_at) values (app_tenant(), gen_random_uuid(), $1, $1, $2, $3, $1 || '@example.com', '13912345678', '2026-01-01T00:00:00Z')",
      [login, name, active],
    );
});

const users = async (by: Actor, args: string, fields = 'name'): Promise<Data> =>
  (await by.graph(`{ users${args && `(${args})`} { totalCount nodes { ${fields} } } }`)).users;
const names = async (by: Actor, args: string): Promise<string[]> =>
  (await users(by, args)).nodes.map(({ name }: Data) => name);

test.each(['admin', 'manager', 'sales', 'viewer'] as const)('%s finds colleagues by name and login', async (who) => {
  expect(await names(t[who], 'filter: { search: "梅梅" }')).toEqual(['韩梅梅']);
  expect(await names(t[who], 'filter: { search: "LI.lei" }')).toEqual(['李雷']);
  expect(await names(t[who], 'filter: { search: "王 wu" }')).toEqual(['王五']);
  expect(await names(t[who], 'filter: { search: "13912345678" }')).toEqual([]);
});

test('records can be given to active people: neither to the server itself nor to the users of API keys', async () => {
  const { apiKeyCreate } = await t.admin.graph(
    'mutation { apiKeyCreate(input: { name: "李雷的程序", scopes: ["crm:read"] }) { apiKey { user { id } } userErrors { code } } }',
  );
  expect(apiKeyCreate.userErrors).toEqual([]);
  await t.sql(
    "insert into user_account (tenant_id, id, subject, login, name) values (app_tenant(), gen_random_uuid(), 'system', 'system', '李雷系统') on conflict (tenant_id, subject) do update set name = excluded.name",
  );
  const all = await names(t.sales, 'filter: { search: "李雷" }');
  expect(all.toSorted()).toEqual(['李雷', '李雷的程序', '李雷系统']);
  expect(await names(t.sales, 'filter: { search: "李雷", assignable: true }')).toEqual(['李雷']);
  expect(await names(t.sales, 'filter: { search: "李雷", assignable: false }')).toHaveLength(all.length - 1);
  expect(await names(t.sales, 'filter: { search: "王五", assignable: true }')).toEqual([]);
  expect(await names(t.sales, 'filter: { search: "wu", active: true }')).toEqual([]);
  const [{ id }] = (await users(t.sales, 'filter: { search: "李雷", assignable: true }', 'id')).nodes;
  const { customerCreate } = await t.admin.graph(
    'mutation ($owner: ID!) { customerCreate(input: { name: "甲", owner: $owner }) { customer { owner { name } } userErrors { code } } }',
    { owner: id },
  );
  expect(customerCreate).toEqual({ customer: { owner: { name: '李雷' } }, userErrors: [] });
});

test('one user is found by id and by number, with what the caller may see of them', async () => {
  const [li] = (await users(t.admin, 'filter: { search: "han.meimei" }', 'id number')).nodes;
  const one = async (by: Actor, key: string | number): Promise<Data> =>
    (await by.graph(`{ user(id: "${key}") { login active email phone hiddenFields seenAt } }`)).user;
  const seenAt = '2026-01-01T00:00:00.000Z';
  const whole = { login: 'han.meimei', active: true, email: 'han.meimei@example.com', phone: '13912345678', seenAt };
  expect(await one(t.admin, li.id)).toEqual({ ...whole, hiddenFields: [] });
  expect(await one(t.admin, li.number)).toEqual({ ...whole, hiddenFields: [] });
  const masked = await one(t.viewer, li.number);
  expect(masked).toMatchObject({ login: 'han.meimei', hiddenFields: ['email', 'phone'] });
  expect(JSON.stringify(masked)).not.toMatch(/meimei@|13912345678/);
  expect(await one(t.admin, '01900000-0000-7000-8000-000000000000')).toBeNull();
});

test('a page of users is one statement, whatever its size, and pages give each once', async () => {
  const page = async (args: string): Promise<Data> =>
    (
      await t.sales.graph.raw(
        `{ users(${args}) { nodes { login email active } edges { cursor } pageInfo { hasNextPage endCursor } } }`,
        {},
      )
    ).body.data.users;
  const { statements } = await t.sales.graph.raw(
    '{ users(first: 50) { totalCount nodes { login email active } } }',
    {},
  );
  expect(statements).toBe(1);
  const seen: string[] = [];
  let after = '';
  for (;;) {
    const { nodes, pageInfo } = await page(`first: 2, orderBy: { field: LOGIN }${after && `, after: "${after}"`}`);
    seen.push(...nodes.map(({ login }: Data) => login));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(seen).toEqual([...new Set(seen)]);
  expect(seen).toHaveLength((await users(t.sales, '')).totalCount);
  expect(seen).toEqual(expect.arrayContaining(['li.lei', 'han.meimei', 'wang.wu']));
});

test('nobody sees users of another tenant, and a program without a right to read sees none', async () => {
  const other = await tenant();
  expect(await names(other.admin, 'filter: { search: "李雷" }')).toEqual([]);
  const [{ id }] = (await users(t.admin, 'filter: { search: "li.lei" }', 'id')).nodes;
  expect((await other.admin.graph('query ($id: ID!) { user(id: $id) { name } }', { id })).user).toBeNull();
  const exporter = await actor('exporter', t.code, ['service'], { scope: 'crm:export' });
  expect(await users(exporter, '')).toEqual({ totalCount: 0, nodes: [] });
});

test('e-mail address and phone are those of the latest token that has them, as far as they are any', async () => {
  const by = async (claims: Record<string, unknown>): Promise<Data> => {
    const someone = await actor('lin.tao', t.code, ['manager'], { name: '林涛', claims });
    return (await someone.graph('{ viewer { user { name email phone } } }')).viewer.user;
  };
  expect(await by({})).toEqual({ name: '林涛', email: null, phone: null });
  const both = { email: 'Lin.Tao@example.com', phone_number: '+86 139 1234 5678' };
  const known = await by(both);
  expect(known).toEqual({
    name: '林涛',
    email: expect.stringMatching(/^lin\.tao@example\.com$/i),
    phone: expect.stringMatching(/139/),
  });
  expect(await by({ email: 'nobody', phone_number: 'x'.repeat(60) })).toEqual(known);
  expect(await by({ email: 7, phone_number: ['139'] })).toEqual(known);
  expect(await by({})).toEqual(known);
  expect(await by({ email: 'lt@example.com' })).toEqual({ ...known, email: 'lt@example.com' });
});
