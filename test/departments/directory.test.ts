import { written } from '../support/records.js';
import { send } from '../support/http.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { department, paths, user } from './support.js';

// A whole directory at once, as 企业微信, 钉钉 and 飞书 export it.

const sync =
  'mutation ($input: DirectoryInput!) { directorySync(input: $input) { departments { created updated unchanged deleted } users { created updated unchanged deactivated } userErrors { code field message } } }';

interface Sent {
  departments: Data[];
  users: Data[];
  deactivateMissing?: boolean;
}

/** Takes a directory over, which must succeed; returns the counts. */
async function take(by: Actor, directory: Sent): Promise<Data> {
  const { directorySync } = await by.graph(sync, { input: directory });
  const { userErrors, ...counts } = directorySync;
  expect(userErrors).toEqual([]);
  return counts;
}

/** Children before parents, the top as 企业微信 has it. */
const wecom = (): Sent => ({
  departments: [
    { id: '11', name: '华东区', parent: '2', position: 2 },
    { id: '2', name: '销售部', parent: '1', position: 1 },
    { id: '1', name: '广州某某科技有限公司', parent: '0' },
    { id: '3', name: '研发部', parent: '1', position: 2 },
    { id: '12', name: '华北区', parent: '2', position: 1 },
  ],
  users: [
    { id: 'wang.wu', name: '王五', phone: '13800138001', department: '11', manager: 'li.lei' },
    {
      id: 'li.lei',
      name: '李雷',
      phone: '13800138000',
      email: 'li.lei@example.com',
      department: '2',
      leads: ['2', '11'],
    },
    { id: 'zhao.liu', name: '赵六', department: '12', manager: 'li.lei', leads: ['11', '12'] },
    { id: 'sun.qi', name: '孙七', department: '3', active: false },
  ],
});

const nothing = { created: 0, updated: 0 };

/** The organisation as it is shown. */
async function shown(t: TestTenant): Promise<Data> {
  const { departments, users } = await t.admin.graph(
    '{ departments(orderBy: [{ field: NUMBER }]) { nodes { code name position parent { code } leader { login } } } users(orderBy: [{ field: LOGIN }], filter: { not: { search: "admin" } }) { nodes { login name phone email active department { code } manager { login } } } }',
  );
  return {
    departments: Object.fromEntries(
      departments.nodes.map(({ code, name, position, parent, leader }: Data) => [
        code,
        [name, position, parent?.code ?? null, leader?.login ?? null],
      ]),
    ),
    users: Object.fromEntries(
      users.nodes.map(({ login, name, phone, email, active, department: of, manager }: Data) => [
        login,
        [name, phone, email, active, of?.code ?? null, manager?.login ?? null],
      ]),
    ),
  };
}

test('is taken over in any order, and changes nothing the second time', async () => {
  const t = await tenant();
  expect(await take(t.admin, wecom())).toEqual({
    departments: { ...nothing, created: 5, unchanged: 0, deleted: 0 },
    users: { ...nothing, created: 4, unchanged: 0, deactivated: 0 },
  });
  expect(await shown(t)).toEqual({
    departments: {
      1: ['广州某某科技有限公司', 0, null, null],
      2: ['销售部', 1, '1', 'li.lei'],
      3: ['研发部', 2, '1', null],
      11: ['华东区', 2, '2', 'li.lei'],
      12: ['华北区', 1, '2', 'zhao.liu'],
    },
    users: {
      'li.lei': ['李雷', '13800138000', 'li.lei@example.com', true, '2', null],
      'sun.qi': ['孙七', null, null, false, '3', null],
      'wang.wu': ['王五', '13800138001', null, true, '11', 'li.lei'],
      'zhao.liu': ['赵六', null, null, true, '12', 'li.lei'],
    },
  });
  let { stored, recomputed } = await paths(t);
  expect(stored).toEqual(recomputed);
  expect(stored).toHaveLength(1 + 2 + 2 + 3 + 3);

  const before = await written(t);
  const versions = (): Promise<Data[]> =>
    t.sql('select code as name, version from department union all select login, version from user_account order by 1');
  const was = await versions();
  expect(await take(t.admin, wecom())).toEqual({
    departments: { ...nothing, unchanged: 5, deleted: 0 },
    users: { ...nothing, unchanged: 4, deactivated: 0 },
  });
  expect([await written(t), await versions()]).toEqual([before, was]);

  // what is left out stays; what is null goes
  const { departments, users } = wecom();
  const changed = {
    departments: departments.map(({ position: _, ...one }) => (one.id === '12' ? { ...one, parent: '3' } : one)),
    users: users.map(({ phone: _, leads: __, ...one }) =>
      one.id === 'wang.wu' ? { ...one, manager: null, department: '12' } : one,
    ),
  };
  expect(await take(t.admin, changed)).toEqual({
    departments: { created: 0, updated: 1, unchanged: 4, deleted: 0 },
    users: { created: 0, updated: 1, unchanged: 3, deactivated: 0 },
  });
  const after = await shown(t);
  expect(after.departments[12]).toEqual(['华北区', 1, '3', 'zhao.liu']);
  expect(after.users['wang.wu']).toEqual(['王五', '13800138001', null, true, '12', null]);
  ({ stored, recomputed } = await paths(t));
  expect(stored).toEqual(recomputed);
});

test('names go from one department to another, and the tree turns over', async () => {
  const t = await tenant();
  await take(t.admin, wecom());
  const { departments, users } = wecom();
  const turned = departments.map((one) =>
    one.id === '11'
      ? { ...one, name: '华北区', parent: '1' }
      : one.id === '12'
        ? { ...one, name: '华东区' }
        : one.id === '2'
          ? { ...one, parent: '11' }
          : one,
  );
  expect(
    (await take(t.admin, { departments: [...turned, { id: '13', name: '华北区', parent: '2' }], users })).departments,
  ).toEqual({
    created: 1,
    updated: 3,
    unchanged: 2,
    deleted: 0,
  });
  const after = (await shown(t)).departments;
  expect([after[11], after[12], after[13], after[2]]).toEqual([
    ['华北区', 2, '1', 'li.lei'],
    ['华东区', 1, '2', 'zhao.liu'],
    ['华北区', 0, '2', null],
    ['销售部', 1, '11', 'li.lei'],
  ]);
  const { stored, recomputed } = await paths(t);
  expect(stored).toEqual(recomputed);
  const before = await written(t);
  await take(t.admin, { departments: [...turned, { id: '13', name: '华北区', parent: '2' }], users });
  expect(await written(t)).toEqual(before);
  // two that change places and keep their names
  const places = (
    await take(t.admin, {
      departments: [
        { id: '1', name: '总部' },
        { id: 'a', name: '甲', parent: '1' },
        { id: 'b', name: '乙', parent: '1' },
        { id: 'c', name: '组', parent: 'a' },
        { id: 'd', name: '组', parent: 'b' },
      ],
      users: [],
    })
  ).departments;
  expect(places).toEqual({ created: 4, updated: 1, unchanged: 0, deleted: 0 });
  await take(t.admin, {
    departments: [
      { id: '1', name: '总部' },
      { id: 'a', name: '甲', parent: '1' },
      { id: 'b', name: '乙', parent: '1' },
      { id: 'c', name: '组', parent: 'b' },
      { id: 'd', name: '组', parent: 'a' },
    ],
    users: [],
  });
  const exchanged = (await shown(t)).departments;
  expect([exchanged['c'], exchanged['d']]).toEqual([
    ['组', 0, 'b', null],
    ['组', 0, 'a', null],
  ]);
});

test('who and what the directory no longer has goes where it is asked for', async () => {
  const t = await tenant();
  const key = await t.admin.graph(
    'mutation { apiKeyCreate(input: { name: "同步程序", scopes: ["crm:read"] }) { apiKey { user { id } } userErrors { code } } }',
  );
  await t.sales.id();
  await take(t.admin, wecom());
  const mine = await department(t.admin, '特别小组', {
    parent: (await t.sql<{ id: string }>("select id from department where code = '11'"))[0]!.id,
  });
  const { departments, users } = wecom();
  const rest: Sent = {
    departments: departments.filter(({ id }) => !['11', '12'].includes(id)),
    users: users
      .filter(({ id }) => id !== 'wang.wu')
      .map(({ leads: _, ...one }) => ({ ...one, department: one.department === '12' ? null : one.department })),
  };
  expect(await take(t.admin, rest)).toEqual({
    departments: { ...nothing, unchanged: 3, deleted: 0 },
    users: { created: 0, updated: 1, unchanged: 2, deactivated: 0 },
  });
  const ask = async (): Promise<number> =>
    (await send('POST', '/graphql', { authorization: `Bearer ${t.sales.token}` }, { query: '{ viewer { roles } }' }))
      .status;
  expect(await ask()).toBe(200);
  expect(await take(t.admin, { ...rest, deactivateMissing: true })).toEqual({
    departments: { ...nothing, unchanged: 3, deleted: 2 },
    users: { ...nothing, unchanged: 3, deactivated: 2 },
  });
  expect(await ask()).toBe(403);
  const after = await t.admin.graph(
    'query ($mine: ID!) { department(id: $mine) { parent { code } } departments { nodes { code } } users(filter: { active: false }, orderBy: [{ field: LOGIN }]) { nodes { login department { code } } } }',
    { mine: mine.id },
  );
  expect(after.department).toEqual({ parent: { code: '2' } });
  expect(after.departments.nodes.map(({ code }: Data) => code).toSorted()).toEqual(['1', '2', '3', null].toSorted());
  expect(after.users.nodes).toEqual([
    { login: 'sales', department: null },
    { login: 'sun.qi', department: { code: '3' } },
    { login: 'wang.wu', department: { code: '2' } },
  ]);
  const [keyUser] = await t.sql<{ active: boolean }>('select active from user_account where id = $1', [
    key.apiKeyCreate.apiKey.user.id,
  ]);
  expect(keyUser!.active).toBe(true);
  const { stored, recomputed } = await paths(t);
  expect(stored).toEqual(recomputed);
  const before = await written(t);
  expect((await take(t.admin, { ...rest, deactivateMissing: true })).users).toEqual({
    ...nothing,
    unchanged: 5,
    deactivated: 0,
  });
  expect(await written(t)).toEqual(before);
  // back again: the same user, who may sign in
  expect((await take(t.admin, wecom())).users).toEqual({ created: 0, updated: 2, unchanged: 2, deactivated: 0 });
});

test('everything that is wrong is refused by field, and nothing is done', async () => {
  const t = await tenant();
  await take(t.admin, wecom());
  await department(t.admin, '市场部', {
    parent: (await t.sql<{ id: string }>("select id from department where code = '1'"))[0]!.id,
  });
  await Promise.all([t.manager, t.sales, t.viewer].map((by) => by.id()));
  const before = await written(t);
  const errors = (sent: object): Promise<string[]> =>
    t.admin.graph.userErrors(sync, { input: { ...wecom(), ...sent } });
  const { departments, users } = wecom();
  expect(
    await errors({
      departments: [
        ...departments,
        { id: '5', name: '测试部', parent: '99' },
        { id: '2', name: '重复', parent: '1' },
        { id: '6', name: ' ' },
        { id: 'x'.repeat(101), name: '长' },
      ],
      users: [
        ...users,
        { id: 'li.lei', name: '李雷' },
        {
          id: 'zhou.ba',
          name: '周八',
          department: '99',
          manager: 'nobody',
          leads: ['1', '98'],
          email: 'x',
          phone: '138****8000',
        },
        { id: 'system', name: '系统' },
        { id: 'admin', name: '管理员', active: false },
      ],
    }),
  ).toEqual([
    'ALREADY_EXISTS departments.6.id',
    'ALREADY_EXISTS users.4.id',
    'UNKNOWN_REFERENCE users.5.leads.1',
    'UNKNOWN_REFERENCE departments.5.parent',
    'REQUIRED departments.7.name',
    'TOO_LONG departments.8.id',
    'INVALID users.5.email',
    'INVALID users.5.phone',
    'UNKNOWN_REFERENCE users.5.department',
    'UNKNOWN_REFERENCE users.5.manager',
    'INVALID users.6.id',
    'INVALID users.7.active',
  ]);
  expect(
    await errors({ departments: departments.map((one) => (one.id === '2' ? { ...one, parent: '11' } : one)) }),
  ).toEqual(['CIRCULAR departments.0.parent', 'CIRCULAR departments.1.parent']);
  expect(
    await errors({ users: users.map((one) => (one.id === 'li.lei' ? { ...one, manager: 'wang.wu' } : one)) }),
  ).toEqual(['CIRCULAR users.0.manager', 'CIRCULAR users.1.manager']);
  expect(
    await errors({
      departments: [...departments, { id: '7', name: '研发部', parent: '1' }, { id: '8', name: '市场部', parent: '1' }],
    }),
  ).toEqual(['NAME_TAKEN departments.5.name', 'NAME_TAKEN departments.6.name']);
  expect(
    await errors({ users: Array.from({ length: 5_001 }, (_, index) => ({ id: `u${index}`, name: '人' })) }),
  ).toEqual(['OUT_OF_RANGE users']);
  for (const by of [t.manager, t.sales, t.viewer])
    expect(await by.graph.refused(sync, { input: wecom() })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual(before);
});

test('500 users in 100 departments take a few statements, however much of it is new', async () => {
  const t = await tenant();
  const large = (suffix = ''): Sent => ({
    departments: Array.from({ length: 100 }, (_, index) => ({
      id: String(index + 1),
      name: `部门${index}${suffix}`,
      parent: index === 0 ? '0' : String(1 + Math.floor((index - 1) / 3)),
      position: index,
    })),
    users: Array.from({ length: 500 }, (_, index) => ({
      id: `user${index}`,
      name: `员工${index}${suffix}`,
      phone: `138${String(index).padStart(8, '0')}`,
      department: String(1 + (index % 100)),
      manager: index === 0 ? null : `user${Math.floor((index - 1) / 8)}`,
      leads: index < 100 ? [String(index + 1)] : null,
    })),
  });
  const run = async (sent: Sent): Promise<[statements: number, counts: Data]> => {
    const { statements, body } = await t.admin.graph.raw(sync, { input: sent });
    expect(body.errors).toBeUndefined();
    const { userErrors, ...counts } = body.data.directorySync;
    expect(userErrors).toEqual([]);
    return [statements, counts];
  };
  await user(t.admin, 'user7', { name: '先来的' });
  const [first, made] = await run(large());
  expect(made).toEqual({
    departments: { ...nothing, created: 100, unchanged: 0, deleted: 0 },
    users: { created: 499, updated: 1, unchanged: 0, deactivated: 0 },
  });
  const [second, same] = await run(large());
  expect(same).toEqual({
    departments: { ...nothing, unchanged: 100, deleted: 0 },
    users: { ...nothing, unchanged: 500, deactivated: 0 },
  });
  const [third, renamed] = await run(large('（新）'));
  expect([renamed.departments.updated, renamed.users.updated]).toEqual([100, 500]);
  expect(Math.max(first, second, third)).toBeLessThanOrEqual(18);
  expect(second).toBeLessThanOrEqual(6);
  const { stored, recomputed } = await paths(t);
  expect(stored).toEqual(recomputed);
  const [count] = await t.sql<{ led: number; managed: number; audited: number }>(
    "select (select count(*)::int from department where leader_id is not null) led, (select count(*)::int from user_account where manager_id is not null) managed, (select count(*)::int from audit_entry where act = 'directory.sync') audited",
  );
  expect(count).toEqual({ led: 100, managed: 499, audited: 100 + 500 + 100 + 100 + 500 });
}, 30_000);
