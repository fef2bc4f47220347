import { pool, give } from '../support/pools.js';
import { send } from '../support/http.js';
import { customer, lead } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Who sees what lies in a pool, and what of it, in each way to ask for it.

/** What the pool hides, by the field in the graph. */
const secret = {
  contactPerson: '密联系人',
  phone: '13912345678',
  email: 'secret@hidden.example',
  address: '密地址一号',
  registeredAddress: '密注册地址',
  website: 'https://hidden.example',
  taxNo: 'TAX-99887766',
  licenseNo: 'LIC-55443322',
  legalRepresentative: '密法人',
  bankAccount: '6222020200099999',
  remarks: '密备注',
  description: '密描述',
};
/** How callers who do not see contact data of records of others see it. */
const masked = { phone: '139****5678', email: 's***@hidden.example', bankAccount: null };

let t: TestTenant;
let id: string;
let number: number;
let leadId: string;
let free: string;
/** members by user and by department, an administrator of the pool, somebody who has nothing to do with it, and those who see everything */
let callers: Record<'member' | 'colleague' | 'poolAdmin' | 'stranger' | 'manager' | 'viewer' | 'admin', Actor>;
const seeing = ['member', 'colleague', 'poolAdmin', 'manager', 'viewer', 'admin'] as const;

beforeAll(async () => {
  t = await tenant();
  const rep = (login: string): Promise<Actor> => actor(login, t.code, ['sales']);
  callers = {
    member: await rep('member'),
    colleague: await rep('colleague'),
    poolAdmin: await rep('pooladmin'),
    stranger: await rep('stranger'),
    manager: t.manager,
    viewer: t.viewer,
    admin: t.admin,
  };
  const make =
    'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code } } }';
  const above = (await t.admin.graph(make, { input: { name: '销售' } })).departmentCreate.department.id;
  const below = (await t.admin.graph(make, { input: { name: '华东', parent: above } })).departmentCreate.department.id;
  await t.admin.graph(
    'mutation ($id: ID!, $department: ID!) { userUpdate(id: $id, input: { department: $department }) { userErrors { code } } }',
    { id: await callers.colleague.id(), department: below },
  );
  const members = [
    { user: await callers.member.id() },
    { department: above },
    { user: await callers.poolAdmin.id(), role: 'ADMIN' as const },
  ];
  const hidesUntilPicked = Object.keys(secret).map((name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  );
  const customers = await pool(t, { hidesUntilPicked }, members);
  const leads = await pool(
    t,
    { kind: 'LEAD', name: '线索公海', hidesUntilPicked: ['CONTACT_PERSON', 'PHONE', 'EMAIL', 'DESCRIPTION'] },
    members,
  );
  ({ id, number } = await customer(t.admin, { name: '公海里的客户', creditLimit: { amount: '1000' }, ...secret }));
  const { contactPerson, phone, email, description } = secret;
  ({ id: leadId } = await lead(t.admin, { name: '公海里的线索', contactPerson, phone, email, description }));
  ({ id: free } = await customer(t.admin, { name: '自由的客户', address: '明地址' }));
  expect(await give(t.admin, 'customersReturn', [id], { pool: customers })).toEqual([null]);
  expect(await give(t.admin, 'leadsReturn', [leadId], { pool: leads })).toEqual([null]);
}, 60_000);

const exported = async (by: Actor): Promise<string> =>
  (
    await fetch(`${process.env['CRM_TEST_ADDRESS']}/export/customers.csv`, {
      headers: { authorization: `Bearer ${by.token}` },
    })
  ).text();
const graph =
  (query: string, variables: () => object = () => ({})) =>
  async (by: Actor): Promise<string> =>
    JSON.stringify((await by.graph.raw(query, variables())).body);
const fields = `name ${Object.keys(secret).join(' ')}`;

/** Ways to ask for customers; each answers a text that holds the name of the pooled one if it shows it. */
const ways: Record<string, (by: Actor) => Promise<string>> = {
  'one by id': graph(`query ($id: ID!) { customer(id: $id) { ${fields} } }`, () => ({ id })),
  'one by number': graph(`query ($id: ID!) { customer(id: $id) { ${fields} } }`, () => ({ id: String(number) })),
  node: graph(`query ($id: ID!) { node(id: $id) { ... on Customer { ${fields} } } }`, () => ({ id })),
  list: graph(`{ customers { nodes { ${fields} } } }`),
  'list of those in pools': graph(`{ customers(filter: { pooled: true }) { nodes { ${fields} } } }`),
  search: graph(`{ customers(filter: { search: "公海里" }) { nodes { ${fields} } } }`),
  'search of everything': graph(`{ search(text: "公海里") { customers { nodes { ${fields} } } } }`),
  history: graph(
    `query ($id: ID!) { customer(id: $id) { name history { nodes { changes { field before after } } } } }`,
    () => ({ id }),
  ),
  erp: async (by) => JSON.stringify((await by.rest('erp').get('/accounts')).body),
  'erp, one': async (by) => JSON.stringify((await by.rest('erp').get(`/accounts/${number}`)).body),
  cell: async (by) => JSON.stringify((await by.rest('cell').get('/customers')).body),
  'cell, one': async (by) => JSON.stringify((await by.rest('cell').get(`/customers/${id}`)).body),
  lifecycle: async (by) => JSON.stringify((await by.rest('lifecycle').get('/customers')).body),
  'lifecycle, one': async (by) => JSON.stringify((await by.rest('lifecycle').get(`/customers/${id}`)).body),
  platform: async (by) => JSON.stringify((await by.rest('platform').get('/customers')).body),
};

test.each(Object.keys(ways))('%s: shown to those who work with the pool, without what it hides', async (way) => {
  const found: Record<string, string[]> = {};
  for (const [name, by] of Object.entries(callers)) {
    const text = await ways[way]!(by);
    const shown = Object.entries(secret).filter(([, value]) => text.includes(value));
    const partly = Object.values(masked).filter((value) => value !== null && text.includes(value));
    found[name] = [
      ...(text.includes('公海里的客户') ? ['name'] : []),
      ...(shown.length + partly.length > 0 ? ['secrets'] : []),
    ];
  }
  const everything = found['admin']!;
  expect(everything[0]).toBe('name');
  const known = way.startsWith('platform') ? found['manager']! : everything;
  expect(found).toEqual({
    member: ['name'],
    colleague: ['name'],
    poolAdmin: known,
    stranger: [],
    manager: known,
    viewer: known,
    admin: everything,
  });
});

test('exports, counts, sums, reports and the feed have it as the lists do', async () => {
  const query =
    '{ customers { totalCount sums { creditLimit { amount } } } leads { totalCount } customerStatistics { totalCount } }';
  const seen = async (by: Actor): Promise<unknown[]> => {
    const { customers, leads, customerStatistics } = await by.graph(query);
    return [
      customers.totalCount,
      customers.sums[0]?.creditLimit?.amount,
      leads.totalCount,
      customerStatistics.totalCount,
    ];
  };
  for (const name of seeing)
    expect([name, await seen(callers[name])]).toEqual([
      name,
      [2, ['manager', 'admin'].includes(name) ? '1000.00' : undefined, 1, 2],
    ]);
  expect(await seen(callers.stranger)).toEqual([1, undefined, 0, 1]);
  const file = await exported(t.manager);
  expect(file).toContain('公海里的客户');
  expect(file).toContain(secret.address);
  const eventsOf = async (by: Actor): Promise<string[]> => {
    const { body } = await send('GET', '/api/v1/events?limit=500', {
      authorization: `Bearer ${by.token}`,
      accept: 'application/json',
    });
    return body.events
      .filter(({ subject }: Data) => subject === id || subject === leadId)
      .map(({ type }: Data) => type);
  };
  const events = ['crm.customer.created', 'crm.lead.created', 'crm.customer.returned', 'crm.lead.returned'];
  for (const name of seeing) expect([name, await eventsOf(callers[name])]).toEqual([name, events]);
  expect(await eventsOf(callers.stranger)).toEqual([]);
});

test('what is hidden is named, null, and found by no filter, search or order', async () => {
  const one = `query ($id: ID!) { customer(id: $id) { ${fields} hiddenFields } }`;
  const { customer: seen } = await callers.member.graph(one, { id });
  expect(seen).toEqual({
    name: '公海里的客户',
    ...Object.fromEntries(Object.keys(secret).map((field) => [field, null])),
    hiddenFields: expect.arrayContaining(Object.keys(secret)),
  });
  const { customer: whole } = await callers.poolAdmin.graph(one, { id });
  expect(whole).toEqual({
    name: '公海里的客户',
    ...secret,
    ...masked,
    hiddenFields: expect.not.arrayContaining(['address', 'remarks']),
  });
  const finds = async (by: Actor, filter: object): Promise<number> =>
    (await by.graph('query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }', { filter }))
      .customers.totalCount;
  for (const search of ['密联系人', 'TAX-99887766', 'LIC-55443322', 'hidden.example', '13912345678', '5678'])
    expect([search, await finds(callers.member, { search })]).toEqual([search, 0]);
  expect(await finds(callers.poolAdmin, { search: '密联系人' })).toBe(1);
  expect(await finds(callers.manager, { search: '13912345678' })).toBe(1);
  expect(await finds(callers.member, { isEmpty: ['ADDRESS'] })).toBe(1);
  expect(await finds(callers.poolAdmin, { isEmpty: ['ADDRESS'] })).toBe(0);
  const { lead: hidden } = await callers.member.graph(
    'query ($id: ID!) { lead(id: $id) { name contactPerson phone email description hiddenFields } }',
    { id: leadId },
  );
  expect(hidden).toEqual({
    name: '公海里的线索',
    contactPerson: null,
    phone: null,
    email: null,
    description: null,
    hiddenFields: ['contactPerson', 'description', 'email', 'phone'],
  });
  // of what lies in no pool nothing is hidden
  const { customer: other } = await callers.member.graph('query ($id: ID!) { customer(id: $id) { address } }', {
    id: free,
  });
  expect(other).toEqual({ address: '明地址' });
});

test('subscriptions tell those who work with the pool, and whoever picks sees everything', async () => {
  const text = 'subscription { customerChanged { recordId customer { address } } }';
  const [mine, others] = [await callers.member.subscribe(text), await callers.stranger.subscribe(text)];
  await t.admin.graph(
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { industry: "软件" }) { userErrors { code } } }',
    {
      id,
    },
  );
  expect(await mine.next()).toEqual({ customerChanged: { recordId: id, customer: { address: null } } });
  await others.none(300);
  expect(await give(callers.colleague, 'customersPick', [id])).toEqual([null]);
  const { customer: picked } = await callers.colleague.graph(
    `query ($id: ID!) { customer(id: $id) { ${fields} hiddenFields } }`,
    { id },
  );
  expect(picked).toEqual({ name: '公海里的客户', ...secret, hiddenFields: [] });
  expect((await callers.member.graph('query ($id: ID!) { customer(id: $id) { id } }', { id })).customer).toBeNull();
});
