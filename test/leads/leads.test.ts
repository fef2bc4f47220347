import { customer, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const create =
  'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { id number status source score scoring { company contactPerson phone email source campaign } owner { login } } userErrors { code field } } }';
const changeStatus =
  'mutation ($id: ID!, $status: LeadStatus!, $reason: String) { leadChangeStatus(id: $id, status: $status, reason: $reason) { lead { status statusReason } userErrors { code field } } }';
const documented = {
  name: '潜在客户A',
  company: '科技公司',
  contactPerson: '张三',
  phone: '13800138001',
  email: 'lead@example.com',
  source: 'WEBSITE',
  description: '通过网站表单提交的潜在客户',
};

async function lead(by: Actor, input: object = documented): Promise<Data> {
  const { leadCreate } = await by.graph(create, { input });
  expect(leadCreate.userErrors).toEqual([]);
  return leadCreate.lead;
}

test("a lead begins new, with the score of the document's example, explained rule by rule", async () => {
  const { admin, sales } = await tenant();
  const made = await lead(admin);
  expect({ ...made, id: null, number: null }).toEqual({
    id: null,
    number: null,
    status: 'NEW',
    source: 'WEBSITE',
    score: 85,
    scoring: { company: 20, contactPerson: 10, phone: 20, email: 15, source: 20, campaign: 0 },
    owner: null,
  });
  expect((await lead(sales)).owner).toEqual({ login: 'sales' });
});

test.each([
  ['REFERRAL', 30],
  ['WEBSITE', 20],
  ['EVENT', 15],
  ['COLD_CALL', 5],
  ['OTHER', 0],
])('a lead by %s has %i points for that', async (source, points) => {
  const { admin } = await tenant();
  expect(await lead(admin, { name: 'A', source })).toMatchObject({ score: points, scoring: { source: points } });
});

test('a campaign gives points; all rules together give 100', async () => {
  const { admin } = await tenant();
  const { campaignCreate } = await admin.graph(
    'mutation { campaignCreate(input: { name: "发布会", kind: EVENT }) { campaign { id } userErrors { code } } }',
  );
  expect(await lead(admin, { ...documented, source: 'REFERRAL', campaign: campaignCreate.campaign.id })).toMatchObject({
    score: 100,
    scoring: { campaign: 5 },
  });
});

test('leads are found by score, state, source and text, and ordered by score', async () => {
  const { admin } = await tenant();
  await lead(admin, { name: '甲', source: 'REFERRAL', company: '甲公司' });
  await lead(admin, { name: '乙', source: 'COLD_CALL' });
  await lead(admin, { name: '丙', source: 'EVENT', phone: '13900001111' });
  const names = async (filter: object): Promise<string[]> =>
    (
      await admin.graph(
        'query ($filter: LeadFilter) { leads(filter: $filter, orderBy: { field: SCORE, direction: DESC }) { nodes { name } } }',
        { filter },
      )
    ).leads.nodes.map(({ name }: Data) => name);
  expect(await names({})).toEqual(['甲', '丙', '乙']);
  expect(await names({ scoreMin: 35 })).toEqual(['甲', '丙']);
  expect(await names({ scoreMax: 35 })).toEqual(['丙', '乙']);
  expect(await names({ source: ['EVENT', 'REFERRAL'] })).toEqual(['甲', '丙']);
  expect(await names({ search: '甲公' })).toEqual(['甲']);
  expect(await names({ status: ['CONVERTED'] })).toEqual([]);
});

describe('the state of a lead', () => {
  const moves: Record<string, string[]> = {
    NEW: ['QUALIFIED', 'UNQUALIFIED'],
    QUALIFIED: ['UNQUALIFIED'],
    UNQUALIFIED: ['QUALIFIED'],
    CONVERTED: [],
  };
  const way: Record<string, string> = {
    NEW: '',
    QUALIFIED: 'leadChangeStatus(id: $id, status: QUALIFIED)',
    UNQUALIFIED: 'leadChangeStatus(id: $id, status: UNQUALIFIED)',
    CONVERTED: 'leadConvert(id: $id, input: {})',
  };
  const pairs = Object.keys(moves).flatMap((from) =>
    Object.keys(moves)
      .filter((to) => to !== from)
      .map((to) => [from, to, moves[from]!.includes(to)] as const),
  );

  test.each(pairs)('from %s to %s: %s', async (from, to, allowed) => {
    const t = await tenant();
    const { id } = await lead(t.admin);
    if (way[from]) await t.admin.graph(`mutation ($id: ID!) { ${way[from]} { userErrors { code } } }`, { id });
    const before = await written(t);
    const answer = (await t.admin.graph(changeStatus, { id, status: to, reason: '因为' })).leadChangeStatus;
    expect(answer).toEqual(
      allowed
        ? { lead: { status: to, statusReason: '因为' }, userErrors: [] }
        : { lead: null, userErrors: [{ code: 'TRANSITION_NOT_ALLOWED', field: ['status'] }] },
    );
    expect((await written(t)).events - before.events).toBe(allowed ? 1 : 0);
  });
});

test('customers that a lead may already be are offered: by name, phone, e-mail and domain', async () => {
  const { admin } = await tenant();
  await customer(admin, { name: '科技公司' });
  await customer(admin, { name: 'phone', phone: '138-0013-8001' });
  await customer(admin, { name: 'e-mail', email: 'LEAD@example.com' });
  await customer(admin, { name: 'domain', email: 'boss@example.com' });
  await customer(admin, { name: 'website', website: 'https://www.example.com/cn' });
  await customer(admin, {
    name: 'nobody',
    phone: '13800138002',
    email: 'lead@example.org',
    website: 'https://notexample.com',
  });
  const { id } = await lead(admin);
  const matches = async (by: Actor): Promise<string[]> =>
    (
      await by.graph(
        'query ($id: ID!) { lead(id: $id) { matches(orderBy: { field: NUMBER }) { totalCount nodes { name } } } }',
        { id },
      )
    ).lead.matches.nodes.map(({ name }: Data) => name);
  expect(await matches(admin)).toEqual(['科技公司', 'phone', 'e-mail', 'domain', 'website']);
  await admin.graph(
    'mutation ($id: ID!) { leadUpdate(id: $id, input: { email: "somebody@qq.com", phone: "12345", company: null, name: " PHONE " }) { userErrors { code } } }',
    { id },
  );
  await customer(admin, { name: 'shared', email: 'else@qq.com', phone: '12345' });
  expect(await matches(admin)).toEqual(['phone']);
});

test('a guessed phone finds no customer whose phone the caller may not see', async () => {
  const t = await tenant();
  await customer(t.admin, { name: 'A', phone: '13800138001' });
  const { id } = await lead(t.sales, { name: 'B', phone: '13800138001' });
  const matches = 'query ($id: ID!) { lead(id: $id) { matches { totalCount } } }';
  expect(await t.sales.graph(matches, { id })).toEqual({ lead: { matches: { totalCount: 0 } } });
  expect(await t.admin.graph(matches, { id })).toEqual({ lead: { matches: { totalCount: 1 } } });
});

test("sales see their own leads and unassigned ones, the viewer all, masked; nobody else's are changed", async () => {
  const t = await tenant();
  const { id } = await lead(t.sales);
  await lead(t.admin, { name: '公共', phone: '13900001111' });
  const list = '{ leads(orderBy: { field: NUMBER }) { nodes { name phone } } }';
  expect((await t.sales.graph(list)).leads.nodes).toEqual([
    { name: '潜在客户A', phone: '13800138001' },
    { name: '公共', phone: '139****1111' },
  ]);
  expect((await t.sales2.graph(list)).leads.nodes).toEqual([{ name: '公共', phone: '139****1111' }]);
  expect((await t.viewer.graph(list)).leads.nodes).toEqual([
    { name: '潜在客户A', phone: '138****8001' },
    { name: '公共', phone: '139****1111' },
  ]);
  const before = await written(t);
  for (const by of [t.sales2, t.outsider])
    expect(await by.graph.userErrors(changeStatus, { id, status: 'QUALIFIED' })).toEqual(['NOT_FOUND id']);
  expect(await t.viewer.graph.refused(changeStatus, { id, status: 'QUALIFIED' })).toEqual(['FORBIDDEN']);
  expect(await t.admin.graph.userErrors(create, { input: { source: 'EVENT' } })).toEqual(['REQUIRED name']);
  expect(
    await t.admin.graph.userErrors(create, { input: { name: 'A', source: null, email: 'x', campaign: '0' } }),
  ).toEqual(['INVALID email', 'REQUIRED source']);
  expect(await written(t)).toEqual(before);
});
