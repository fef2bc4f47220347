import { randomUUID } from 'node:crypto';
import { queries } from '../support/http.js';
import { activity, caseOf, contact, customer } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const phones = [
  '13800138000',
  '138-0013-8000',
  '138 0013 8000',
  '(138) 0013.8000',
  '+86 138 0013 8000',
  '+86-13800138000',
  '0086 13800138000',
  '8613800138000',
  '１３８００１３８０００',
  '138\u200b00138000',
];
const texts = ['138001380', '0013 8000', '138-0013', '001-380'];

let t: TestTenant;

beforeAll(async () => {
  t = await tenant();
  for (const [index, phone] of phones.entries()) {
    await customer(t.admin, { name: `客户${index}`, phone });
    await contact(t.admin, { name: `联系人${index}`, mobile: phone });
  }
  await customer(t.sales, { name: '自有', phone: '138-0013-8000' });
  await customer(t.admin, { name: '别的', phone: '13900139000', taxNo: '13800139' });
}, 60_000);

const lists =
  'query ($s: String!) { customers(filter: {search: $s}, first: 50) { totalCount } again: customers(filter: {search: $s, status: [POTENTIAL, ACTIVE]}, first: 50) { totalCount } contacts(filter: {phone: $s}, first: 50) { totalCount } search(text: $s) { customers { totalCount } contacts { totalCount } } }';

test.each([...phones, ...texts])('a phone is found by %j, however it was written', async (text) => {
  const data = await t.admin.graph(lists, { s: ` ${text} ` });
  const n = phones.length;
  expect([
    data.customers.totalCount,
    data.again.totalCount,
    data.contacts.totalCount,
    data.search.customers.totalCount,
    data.search.contacts.totalCount,
  ]).toEqual([n + 1, n + 1, n, n + 1, n]);
});

test('in one statement', async () => {
  await t.admin.id();
  expect(await queries(() => t.admin.graph(lists, { s: '+86 138-0013-8000' }))).toBe(1);
});

test('digits that are hidden find nothing: of others nobody who sees them masked, of their own those who see them', async () => {
  const found = async (by: Actor): Promise<Data> => {
    const { customers, search } = await by.graph(
      'query ($s: String!) { customers(filter: {search: $s}) { nodes { name } } search(text: $s) { customers { nodes { name } } } }',
      { s: '138 0013 8000' },
    );
    expect(search.customers).toEqual(customers);
    return customers.nodes.map(({ name }: Data) => name);
  };
  expect(await found(t.viewer)).toEqual([]);
  // unassigned customers are shown masked to sales; written without separators, the mask does not contain the digits
  expect(await found(t.sales)).toEqual(['自有']);
  // four begin with the country, and one has digits that the mask does not know
  expect(
    (await t.viewer.graph('{ customers(filter: {search: "138****8000"}) { totalCount } }')).customers.totalCount,
  ).toBe(6);
});

test.each([
  ['cell', '/customers?pageSize=50&keyword='],
  ['lifecycle', '/customers/search?page_size=50&q='],
  ['platform', '/customers/?page_size=50&search='],
] as const)('%s finds it as well', async (dialect, path) => {
  for (const phone of ['13800138000', '+86 138-0013-8000']) {
    const { status, body } = await t.admin.rest(dialect).get(path + encodeURIComponent(phone));
    expect(status).toBe(200);
    const names = new Set([...JSON.stringify(body).matchAll(/"(客户\d|自有|别的)"/g)].map(([, name]) => name));
    expect([...names].toSorted()).toEqual(
      [...phones.keys()]
        .map((index) => `客户${index}`)
        .concat('自有')
        .toSorted(),
    );
  }
});

test('texts are found in every writing, in lists of all kinds', async () => {
  const own = await tenant();
  const { id } = await customer(own.admin, { name: 'Cafe\u0301（上海）', region: '华\u200b东', industry: 'ＩＴ' });
  await caseOf(own.admin, { subject: 'Cafe\u0301（上海）', customer: id });
  await activity(own.admin, { subject: 'Cafe\u0301（上海）' });
  for (const text of ['caf\u00e9(上海)', 'CAFÉ（上', '\u202acafé\u202c', '(\u200b上海)']) {
    const data = await own.admin.graph(
      'query ($s: String!) { customers(filter: {name: $s}) { totalCount } cases(filter: {search: $s}) { totalCount } activities(filter: {subject: $s}) { totalCount } search(text: $s) { customers { totalCount } } }',
      { s: text },
    );
    expect([text, data]).toEqual([
      text,
      {
        customers: { totalCount: 1 },
        cases: { totalCount: 1 },
        activities: { totalCount: 1 },
        search: { customers: { totalCount: 1 } },
      },
    ]);
  }
  const { customers } = await own.admin.graph('{ customers(filter: {region: "华东", industry: "it"}) { totalCount } }');
  expect(customers.totalCount).toBe(1);
});

test('customers of other tenants are found in every writing', async () => {
  const own = await tenant();
  const other = await actor('admin', `n-${randomUUID()}`, ['tenant_admin']);
  await other.id();
  const { id } = await customer(own.admin, { name: '华信（上海）', phone: '+86 138 0013 8000' });
  await own.admin.graph(
    'mutation ($input: CustomerTenantInput!) { customerTenantCreate(input: $input) { userErrors { code field } } }',
    { input: { customer: id, tenant: other.tenant, relationType: 'CLIENT', primary: false } },
  );
  for (const search of ['华信(上海)', '华\u200b信', '138-0013-8000', '13800138000'])
    expect(
      (await other.graph('query ($s: String!) { linkedCustomers(filter: {search: $s}) { totalCount } }', { s: search }))
        .linkedCustomers.totalCount,
    ).toBe(1);
});

test.each([
  ['phone', '13800138000'],
  ['phone', '+86 138-0013-8000'],
  ['company', '华信(上海)\u200b科技'],
  ['company', '华信（上海）科技'],
])('a lead matches the customer of its %s, written as %j', async (field, value) => {
  const own = await tenant();
  await customer(own.admin, { name: '华信（上海）科技', phone: '０１３８ ００１３-8000'.slice(1) });
  const { leadCreate } = await own.admin.graph(
    'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { matches { nodes { name } } } userErrors { code field } } }',
    { input: { name: '线索', [field]: value } },
  );
  expect(leadCreate).toEqual({ lead: { matches: { nodes: [{ name: '华信（上海）科技' }] } }, userErrors: [] });
});
