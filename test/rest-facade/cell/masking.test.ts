import { readCsv } from '../../support/csv.js';
import { contact, customer, opportunity } from '../../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';

let t: TestTenant;
/** may read and export, but sees neither contact data nor amounts */
let exporter: Actor;
let ids: Record<'own' | 'others' | 'unowned', { customer: string; contact: string; opportunity: string }>;

beforeAll(async () => {
  t = await tenant();
  exporter = await actor('exporter', t.code, ['service'], { scope: 'crm:read crm:export' });
  const [sales, sales2] = [await t.sales.id(), await t.sales2.id()];
  const made = async (name: string, owner: string | null): Promise<Data> => {
    const { id } = await customer(t.admin, { name, phone: '13800138000', email: `${name}@example.com`, owner });
    const person = await contact(t.admin, {
      name: `${name}的人`,
      phone: '13900139000',
      email: 'person@example.com',
      customer: id,
    });
    const sale = await opportunity(t.admin, {
      name: `${name}的商机`,
      customer: id,
      amount: { amount: '123.45' },
      owner,
    });
    return { customer: id, contact: person.id, opportunity: sale.id };
  };
  ids = { own: await made('own', sales), others: await made('others', sales2), unowned: await made('unowned', null) };
});

const shown = async (by: Actor, path: string, field: string): Promise<Data> => {
  const { status, body } = await by.rest('cell').get(path);
  return status === 200 ? (body.data ? body.data.map((item: Data) => item[field]) : body[field]) : status;
};

const clear = (name: string): string => `${name}@example.com`;
const masked = (name: string): string => `${name[0]}***@example.com`;

test.each<[who: string, by: () => Actor, emails: string[], amounts: unknown[]]>([
  [
    'who administers the tenant',
    () => t.admin,
    [clear('unowned'), clear('others'), clear('own')],
    [12345, 12345, 12345],
  ],
  ['a manager', () => t.manager, [clear('unowned'), clear('others'), clear('own')], [12345, 12345, 12345]],
  ['a salesperson', () => t.sales, [masked('unowned'), clear('own')], ['***', 12345]],
  ['who only reads', () => t.viewer, [masked('unowned'), masked('others'), masked('own')], ['***', '***', '***']],
  [
    'a service without scopes for them',
    () => exporter,
    [masked('unowned'), masked('others'), masked('own')],
    ['***', '***', '***'],
  ],
])('%s sees e-mails and amounts as far as they may, and no phone', async (_who, by, emails, amounts) => {
  expect(await shown(by(), '/customers', 'contactEmail')).toEqual(emails);
  expect(await shown(by(), '/opportunities', 'amountCents')).toEqual(amounts);
  expect(new Set(await shown(by(), '/customers', 'contactPhone'))).toEqual(new Set(['138****8000']));
  expect(new Set(await shown(by(), '/contacts', 'phone'))).toEqual(new Set(['139****9000']));
  const { body } = await by().rest('cell').get(`/customers/${ids.unowned.customer}/360`);
  expect([
    body.customer.contactEmail,
    body.contacts[0].email,
    body.opportunities[0].amountCents,
    body.summary.openAmountCents,
  ]).toEqual([
    emails[0],
    emails[0] === clear('unowned') ? 'person@example.com' : 'p***@example.com',
    amounts[0],
    amounts[0],
  ]);
});

test('sums hide what they are made of', async () => {
  for (const path of [
    '/opportunities/forecast',
    '/pipeline/summary',
    '/pipeline/funnel',
    '/reports/funnel',
    '/reports/sales-forecast',
    '/metrics',
  ]) {
    const answered = JSON.stringify((await t.viewer.rest('cell').get(path)).body);
    expect([path, /"\*\*\*"/.test(answered), /370|123/.test(answered)]).toEqual([path, true, false]);
  }
});

test('an export shows no more than the lists do', async () => {
  const [headings, ...customers] = readCsv(
    (await exporter.rest('cell').get('/customers/export?format=csv')).body.replace(/^\uFEFF/, ''),
  );
  expect([headings![2], headings![3]]).toEqual(['联系电话', '邮箱']);
  expect(customers.map((row) => [row[2], row[3]])).toEqual(
    ['unowned', 'others', 'own'].map((name) => ['138****8000', masked(name)]),
  );
  const [, ...opportunities] = readCsv(
    (await exporter.rest('cell').get('/opportunities/export?format=csv')).body.replace(/^\uFEFF/, ''),
  );
  expect(opportunities.map((row) => row[3])).toEqual(['***', '***', '***']);
  expect(await shown(exporter, '/customers/export', 'contactEmail')).toEqual(['unowned', 'others', 'own'].map(masked));
  expect(await shown(exporter, '/opportunities/export', 'amountCents')).toEqual(['***', '***', '***']);
});

test.each<[keyword: string, viewer: number, sales: number, admin: number]>([
  ['13800138000', 0, 1, 3],
  ['0138', 0, 1, 3],
  ['wned@', 0, 0, 1],
  ['own@', 0, 1, 1],
  ['example.com', 3, 2, 3],
])('a search for %j finds %i, %i or %i customers, by what the caller may see of them', async (keyword, ...found) => {
  const totals = [];
  for (const by of [t.viewer, t.sales, t.admin])
    for (const path of ['/customers'])
      totals.push((await by.rest('cell').get(`${path}?keyword=${encodeURIComponent(keyword)}`)).body.total);
  expect(totals).toEqual(found);
});

test('no parameter orders or filters by what is hidden', async () => {
  const plain = (await t.viewer.rest('cell').get('/opportunities')).body;
  for (const query of [
    'sort=amountCents',
    'orderBy=amount',
    'sortBy=amountCents&order=desc',
    'amountCents=12345',
    'minAmount=1',
    'phone=13800138000',
    'filter[amount]=1',
  ]) {
    expect([query, (await t.viewer.rest('cell').get(`/opportunities?${query}`)).body]).toEqual([query, plain]);
  }
});

test('what was seen masked and is sent back changes nothing, whoever sends it', async () => {
  const stored = (): Promise<Data> =>
    t.sql(
      'select c.name, c.phone, c.email, k.phone person_phone, k.email person_email, o.expected_amount from customer c join customer_contact l on l.tenant_id = c.tenant_id and l.customer_id = c.id join contact k on k.tenant_id = c.tenant_id and k.id = l.contact_id join opportunity o on o.tenant_id = c.tenant_id and o.customer_id = c.id where c.tenant_id = app_tenant() and c.id = $1',
      [ids.unowned.customer],
    );
  const [before] = await stored();
  const rest = t.sales.rest('cell');
  for (const [path, name] of [
    [`/customers/${ids.unowned.customer}`, 'name'],
    [`/contacts/${ids.unowned.contact}`, 'name'],
    [`/opportunities/${ids.unowned.opportunity}`, 'title'],
  ] as const) {
    const read = (await rest.get(path)).body;
    const answer = await rest.patch(path, { ...read, [name]: `${read[name]}（改）` });
    expect([path, answer.status, answer.body[name]]).toEqual([path, 200, `${read[name]}（改）`]);
  }
  const [after] = await stored();
  expect(after).toEqual({ ...before, name: 'unowned（改）' });
  expect([before.phone, before.email, before.person_phone, before.person_email, before.expected_amount]).toEqual([
    '13800138000',
    'unowned@example.com',
    '13900139000',
    'person@example.com',
    '123.45',
  ]);
});
