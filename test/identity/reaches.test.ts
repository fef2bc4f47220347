import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// How far roles reach: who sees and changes what of others, in each way to ask for it.

/** 总部 leads to 华东 and 华南, 华东 to 上海; each customer and lead is named after its owner. */
let t: TestTenant;
let people: Record<'总' | '东' | '沪' | '沪乙' | '南' | '独', Actor>;
const departments: Record<string, string> = {};

const made = async (query: string, variables: object): Promise<Data> => {
  const [payload] = Object.values(await t.admin.graph(query, variables)) as Data[];
  expect(payload.userErrors).toEqual([]);
  return payload;
};
const department = async (name: string, parent?: string): Promise<void> => {
  const { department: one } = await made(
    'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code field } } }',
    { input: { name, ...(parent && { parent: departments[parent] }) } },
  );
  departments[name] = one.id;
};
const update = async (who: Actor, input: object): Promise<void> =>
  void (await made(
    'mutation ($id: ID!, $input: UserInput!) { userUpdate(id: $id, input: $input) { userErrors { code field } } }',
    { id: await who.id(), input },
  ));
const reach = async (record: string, use: string, to: string, role = 'SALES'): Promise<void> =>
  void (await made(
    'mutation ($role: ReachRole!, $record: ReachRecord!, $use: ReachUse!, $reach: Reach!) { roleReachChange(role: $role, record: $record, use: $use, reach: $reach) { userErrors { code field } } }',
    { role, record, use, reach: to },
  ));

beforeAll(async () => {
  t = await tenant();
  await department('总部');
  await department('华东', '总部');
  await department('上海', '华东');
  await department('华南', '总部');
  const names = { 总: 'zong', 东: 'dong', 沪: 'hu', 沪乙: 'hu2', 南: 'nan', 独: 'du' };
  people = Object.fromEntries(
    await Promise.all(
      Object.entries(names).map(async ([name, login]) => [name, await actor(login, t.code, ['sales'], { name })]),
    ),
  );
  const places = { 总: '总部', 东: '华东', 沪: '上海', 沪乙: '上海', 南: '华南' } as const;
  for (const [name, place] of Object.entries(places))
    await update(people[name as keyof typeof places], { department: departments[place] });
  await update(people['沪'], { manager: await people['东'].id() });
  await update(people['沪乙'], { manager: await people['沪'].id() });
  for (const [name, who] of Object.entries(people)) {
    await who.graph(
      'mutation ($name: String!) { customerCreate(input: { name: $name, phone: "13800138000", creditLimit: { amount: "1000" } }) { userErrors { code } } leadCreate(input: { name: $name }) { userErrors { code } } }',
      { name },
    );
  }
  await made('mutation { customerCreate(input: { name: "无" }) { userErrors { code } } }', {});
}, 60_000);

const seen = async (who: Actor, list = 'customers'): Promise<string[]> => {
  const answer = (await who.graph(`{ ${list}(first: 50) { totalCount nodes { name } } }`))[list];
  expect(answer.totalCount).toBe(answer.nodes.length);
  return answer.nodes.map(({ name }: Data) => name).toSorted();
};

const reaches: Array<[reach: string, who: keyof typeof people, names: string]> = [
  ['NONE', '东', ''],
  ['OWN', '东', '东'],
  ['SUBORDINATES', '东', '东 沪 沪乙'],
  ['SUBORDINATES', '沪', '沪 沪乙'],
  ['SUBORDINATES', '独', '独'],
  ['DEPARTMENT', '沪', '沪 沪乙'],
  ['DEPARTMENT', '东', '东'],
  ['DEPARTMENT', '独', '独'],
  ['DEPARTMENT_AND_BELOW', '总', '东 南 总 沪 沪乙'],
  ['DEPARTMENT_AND_BELOW', '东', '东 沪 沪乙'],
  ['DEPARTMENT_AND_BELOW', '南', '南'],
  ['ALL', '独', '东 南 总 沪 沪乙 独'],
];

test.each(reaches)('with %s, %s sees the customers and leads of %s', async (to, who, names) => {
  await reach('CUSTOMER', 'SEE', to);
  await reach('LEAD', 'SEE', to);
  await reach('CUSTOMER', 'WRITE', 'OWN');
  const owned = names.split(' ').filter(Boolean);
  // who sees any sees those that nobody owns as well
  expect(await seen(people[who])).toEqual([...owned, ...(to === 'NONE' ? [] : ['无'])].toSorted());
  expect(await seen(people[who], 'leads')).toEqual(owned.toSorted());
  // contact data and amounts are shown of what is within reach
  const { customers } = await people[who].graph(
    '{ customers(first: 50) { nodes { name phone owner { name } credit { limit { amount } } } } }',
  );
  for (const { name, phone, owner, credit } of customers.nodes.filter(({ owner: one }: Data) => one))
    expect([name, phone, credit.limit.amount]).toEqual([owner.name, '13800138000', '1000.00']);
});

const customerOf = async (name: string): Promise<string> =>
  (
    await t.admin.graph('query ($name: String!) { customers(filter: { name: $name }) { nodes { id name } } }', { name })
  ).customers.nodes.find((one: Data) => one.name === name).id;
const rename = (who: Actor, id: string, region = '华东'): Promise<string[]> =>
  who.graph.codes(
    'mutation ($id: ID!, $region: String!) { customerUpdate(id: $id, input: { region: $region }) { userErrors { code field } } }',
    { id, region },
  );

test('what may be changed is a reach of its own, among what is seen', async () => {
  await reach('CUSTOMER', 'SEE', 'DEPARTMENT_AND_BELOW');
  await reach('CUSTOMER', 'WRITE', 'SUBORDINATES');
  const [hu, nan, dong] = [await customerOf('沪'), await customerOf('南'), await customerOf('东')];
  const can = async (who: Actor, id: string): Promise<Data> =>
    (await who.graph('query ($id: ID!) { customer(id: $id) { viewerCanUpdate { allowed reason } } }', { id })).customer
      ?.viewerCanUpdate;
  expect([await can(people['东'], hu), await rename(people['东'], hu)]).toEqual([{ allowed: true, reason: null }, []]);
  expect([await can(people['总'], nan), await rename(people['总'], nan)]).toEqual([
    { allowed: false, reason: 'NOT_OWNER' },
    ['FORBIDDEN'],
  ]);
  expect([await can(people['沪'], dong), await rename(people['沪'], dong)]).toEqual([undefined, ['NOT_FOUND']]);
  await reach('CUSTOMER', 'WRITE', 'NONE');
  expect([await can(people['东'], dong), await rename(people['东'], dong)]).toEqual([
    { allowed: false, reason: 'NOT_OWNER' },
    ['FORBIDDEN'],
  ]);
  expect(
    await people['东'].graph.codes('mutation { customerCreate(input: { name: "新" }) { userErrors { code field } } }'),
  ).toEqual(['FORBIDDEN']);
  expect(await t.sql("select 1 from customer where name = '新'")).toEqual([]);
  await reach('CUSTOMER', 'WRITE', 'OWN');
});

test('who has two roles reaches what either of them does, and is shown contact data by the one that shows any', async () => {
  await reach('CUSTOMER', 'SEE', 'DEPARTMENT');
  await reach('CUSTOMER', 'SEE', 'OWN', 'VIEWER');
  const both = await actor('nan', t.code, ['sales', 'viewer'], { name: '南' });
  expect(await seen(both)).toEqual(['南', '无'].toSorted());
  await reach('CUSTOMER', 'SEE', 'ALL', 'VIEWER');
  const { customers } = await both.graph('{ customers(first: 50) { nodes { name phone } } }');
  expect(customers.nodes.filter(({ phone }: Data) => phone === '13800138000').map(({ name }: Data) => name)).toEqual([
    '南',
  ]);
  expect(customers.nodes).toHaveLength(7);
});

test('a customer moves with its owner, and its owner with the department', async () => {
  await reach('CUSTOMER', 'SEE', 'DEPARTMENT_AND_BELOW');
  const departmentOf = async (name: string): Promise<string | undefined> =>
    (
      await t.admin.graph('query ($id: ID!) { customer(id: $id) { ownerDepartment { name } version } }', {
        id: await customerOf(name),
      })
    ).customer.ownerDepartment?.name;
  expect(await departmentOf('沪')).toBe('上海');
  const give = async (login: string | null): Promise<void> =>
    void (await made(
      'mutation ($id: ID!, $owner: ID) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code field } } }',
      { id: await customerOf('沪'), owner: login },
    ));
  await give('nan');
  expect(await departmentOf('沪')).toBe('华南');
  expect(await seen(people['南'])).toEqual(['南', '无', '沪'].toSorted());
  await give('du');
  expect(await departmentOf('沪')).toBeUndefined();
  await give('hu');
  await update(people['沪'], { department: departments['华南'] });
  expect(await departmentOf('沪')).toBe('华南');
  expect(await seen(people['东'])).toEqual(['东', '无', '沪乙'].toSorted());
  await update(people['沪'], { department: departments['上海'] });
  // a department that is moved takes along what is below it
  const move = async (name: string, to: string): Promise<void> =>
    void (await made(
      'mutation ($id: ID!, $parent: ID) { departmentMove(id: $id, parent: $parent) { userErrors { code field } } }',
      { id: departments[name], parent: departments[to] },
    ));
  await move('上海', '华南');
  expect(await seen(people['南'])).toEqual(['南', '无', '沪', '沪乙'].toSorted());
  expect(await seen(people['东'])).toEqual(['东', '无'].toSorted());
  await move('上海', '华东');
});

test('customers are found by the department of their owner, those below it as well', async () => {
  const inDepartment = async (name: string): Promise<string[]> =>
    (
      await t.admin.graph(
        'query ($in: [ID!]) { customers(first: 50, filter: { ownerDepartment: $in }) { nodes { name } } leads(first: 50, filter: { ownerDepartment: $in }) { nodes { name } } }',
        { in: [departments[name]] },
      )
    ).customers.nodes.map((one: Data) => one.name);
  expect((await inDepartment('华东')).toSorted()).toEqual(['东', '沪', '沪乙'].toSorted());
  expect(await inDepartment('华南')).toEqual(['南']);
});

test('an open subscription follows the reach of the role', async () => {
  await reach('CUSTOMER', 'SEE', 'OWN');
  const events = await people['总'].subscribe('subscription { customerChanged { customer { name region } } }');
  const nan = await customerOf('南');
  await rename(t.admin, nan, '一');
  await events.none(300);
  await reach('CUSTOMER', 'SEE', 'DEPARTMENT_AND_BELOW');
  for (let round = 0; ; round += 1) {
    await rename(t.admin, nan, `二${round}`);
    const event = await Promise.race([events.next(), new Promise((resolve) => setTimeout(resolve, 500, undefined))]);
    if (event) {
      expect((event as Data).customerChanged.customer.name).toBe('南');
      break;
    }
    expect(round).toBeLessThan(20);
  }
});

test('the table of reaches is for all to read and for administrators to change; who is asked says how far they reach', async () => {
  const table = '{ roleReaches { entries { role record use reach default } } }';
  await reach('LEAD', 'WRITE', 'SUBORDINATES', 'MANAGER');
  const { entries } = (await t.sales.graph(table)).roleReaches;
  expect(entries).toHaveLength(12);
  expect(entries.filter(({ role }: Data) => role === 'MANAGER')).toEqual([
    { role: 'MANAGER', record: 'CUSTOMER', use: 'SEE', reach: 'ALL', default: 'ALL' },
    { role: 'MANAGER', record: 'CUSTOMER', use: 'WRITE', reach: 'ALL', default: 'ALL' },
    { role: 'MANAGER', record: 'LEAD', use: 'SEE', reach: 'ALL', default: 'ALL' },
    { role: 'MANAGER', record: 'LEAD', use: 'WRITE', reach: 'SUBORDINATES', default: 'ALL' },
  ]);
  const { permissions } = (await t.manager.graph('{ viewer { permissions { see reaches { record see write } } } }'))
    .viewer;
  expect(permissions).toEqual({
    see: 'ALL',
    reaches: [
      { record: 'CUSTOMER', see: ['ALL'], write: ['ALL'] },
      { record: 'LEAD', see: ['ALL'], write: ['SUBORDINATES'] },
    ],
  });
  for (const who of ['manager', 'sales', 'viewer'] as const)
    expect(
      await t[who].graph.codes(
        'mutation { roleReachChange(role: SALES, record: LEAD, use: SEE, reach: ALL) { userErrors { code field } } }',
      ),
    ).toEqual(['FORBIDDEN']);
  // a manager whose leads are few still changes what belongs to the whole tenant
  expect(
    await t.manager.graph.userErrors(
      'mutation { campaignCreate(input: { name: "春季", kind: EMAIL }) { userErrors { code field } } }',
    ),
  ).toEqual([]);
});
