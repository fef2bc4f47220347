import { contact, customer, written } from '../support/records.js';
import { actor, tenant, type Dialect, type TestTenant } from '../support/tenant.js';

const create = {
  customer: ['phone'],
  contact: ['phone', 'mobile', 'fax'],
  lead: ['phone'],
} as const;
const mutation = (record: string): string =>
  `mutation ($input: ${record[0]!.toUpperCase()}${record.slice(1)}Input!) { ${record}Create(input: $input) { userErrors { code field } } }`;

test.each([
  '1.38E+10',
  '1.38E10',
  '#N/A',
  '#REF!',
  'N/A',
  'call me',
  '无',
  '-',
  '12',
  '13800138000.0',
  '1,380,013,800',
  '=A1',
  '13800138000a',
  'phone: 13800138000',
  '138****8000',
  '***',
])('%j cannot be a phone', async (phone) => {
  const t = await tenant();
  const before = await written(t);
  for (const [record, fields] of Object.entries(create))
    for (const field of fields)
      expect(await t.admin.graph.userErrors(mutation(record), { input: { name: '甲', [field]: phone } })).toEqual([
        `INVALID ${field}`,
      ]);
  const bodies: Record<Dialect, [path: string, body: object]> = {
    erp: ['/accounts', { name: '甲', type: 'corporate', industry: '软件', phone, email: 'a@example.com' }],
    cell: ['/customers', { name: '甲', contactPhone: phone }],
    lifecycle: ['/customers', { customer_name: '甲', customer_type: 1, contacts: [{ contact_name: '王', phone }] }],
    platform: ['/customers/', { name: '甲', primary_contact_phone: phone }],
  };
  for (const [dialect, [path, body]] of Object.entries(bodies)) {
    const { status } = await t.admin.rest(dialect as Dialect).post(path, body);
    expect([dialect, status]).toEqual([dialect, 400]);
  }
  expect(await written(t)).toEqual(before);
});

test.each([
  '13800138000',
  '+86 138 0013 8000',
  '(021) 8888-6666',
  '021-88886666转8001',
  '021-88886666 ext. 12',
  '400-800-8888',
  '10086',
  '110',
  '１３８００１３８０００',
  '+1 415.555.2671',
  '13800138000, 13900139000',
  '13800138000、010-12345678',
  '8888 6666 / 8888 7777',
  '\u200e13800138000',
])('%j can be a phone, and stays as it was typed', async (phone) => {
  const t = await tenant();
  for (const [record, fields] of Object.entries(create))
    for (const [index, field] of fields.entries())
      expect(await t.admin.graph.userErrors(mutation(record), { input: { name: `${index}`, [field]: phone } })).toEqual(
        [],
      );
  expect(await t.sql('select phone from customer')).toEqual([{ phone }]);
  expect(await t.sql('select mobile from contact where mobile is not null')).toEqual([{ mobile: phone }]);
});

describe('what looks like a mask', () => {
  const update =
    'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { version } userErrors { code field } } }';

  test.each([
    ['phone', '139****9000', '138****8000'],
    ['phone', '＊＊＊', '138****8000'],
    ['phone', '138••••8000', '138****8000'],
    ['email', 'b***@example.com', 'a***@example.com'],
    ['email', '***@example.com', 'a***@example.com'],
    ['bankAccount', '6222 **** **** 1234', '6222021234561234'],
  ])('of another %s (%s) is refused, and changes nothing else either', async (field, mask, own) => {
    const t = await tenant();
    const input = { phone: '13800138000', email: 'abc@example.com', bankAccount: '6222021234561234' };
    const { id } = await customer(t.admin, { name: '甲', ...input });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(update, { id, input: { [field]: mask, region: '华东' } })).toEqual([
      `INVALID ${field}`,
    ]);
    expect(await written(t)).toEqual(before);
    expect(await t.admin.graph.userErrors(update, { id, input: { [field]: own } })).toEqual([]);
    expect(await written(t)).toEqual(before);
    expect(await t.admin.graph.userErrors(update, { id, input: { [field]: null, region: '华东' } })).toEqual([]);
    expect(await t.admin.graph.userErrors(update, { id, input: { [field]: mask } })).toEqual([`INVALID ${field}`]);
  });

  test.each([
    ['sales, of a customer that is not their own', (t: TestTenant) => t.sales],
    [
      'a service without the right to amounts and contact data',
      (t: TestTenant) => actor('machine', t.code, ['service'], { scope: 'crm:read crm:write' }),
    ],
  ])('as null, as %s see it, changes nothing when it is sent back', async (_who, by) => {
    const t = await tenant();
    const { id } = await customer(t.admin, {
      name: '甲',
      bankAccount: '6222021234561234',
      creditLimit: { amount: '100.00', currency: 'CNY' },
    });
    const who = await by(t);
    const { customer: seen } = await who.graph(
      'query ($id: ID!) { customer(id: $id) { bankAccount credit { limit { amount } } } }',
      { id },
    );
    expect(seen).toEqual({ bankAccount: null, credit: { limit: null } });
    const input = { bankAccount: null, creditLimit: null, region: '华东' };
    expect(await who.graph.userErrors(update, { id, input })).toEqual([]);
    expect(await t.sql('select bank_account, credit_limit, region from customer')).toEqual([
      { bank_account: '6222021234561234', credit_limit: '100.00', region: '华东' },
    ]);
    expect(await t.admin.graph.userErrors(update, { id, input })).toEqual([]);
    expect(await t.sql('select bank_account, credit_limit from customer')).toEqual([
      { bank_account: null, credit_limit: null },
    ]);
  });

  test('as null is a change by whoever sees the value', async () => {
    const t = await tenant();
    const { id } = await customer(t.sales, { name: '甲', bankAccount: '6222021234561234' });
    expect(await t.sales.graph.userErrors(update, { id, input: { bankAccount: null } })).toEqual([]);
    expect(await t.sql('select bank_account from customer')).toEqual([{ bank_account: null }]);
  });

  test('is refused for a contact and a lead as well, and at creation', async () => {
    const t = await tenant();
    const { id } = await contact(t.admin, { name: '王', mobile: '13800138000' });
    const changes =
      'mutation ($id: ID!, $input: ContactInput!) { contactUpdate(id: $id, input: $input) { userErrors { code field } } }';
    expect(await t.admin.graph.userErrors(changes, { id, input: { mobile: '139****8000' } })).toEqual([
      'INVALID mobile',
    ]);
    expect(await t.admin.graph.userErrors(changes, { id, input: { mobile: '138****8000' } })).toEqual([]);
    for (const [record, input] of [
      ['lead', { name: '甲', email: 'a***@example.com' }],
      ['contact', { name: '甲', wechat: 'wx***' }],
    ] as const)
      expect(await t.admin.graph.userErrors(mutation(record), { input })).toEqual([`INVALID ${Object.keys(input)[1]}`]);
    expect(await t.sql('select mobile from contact')).toEqual([{ mobile: '13800138000' }]);
  });

  test.each<[Dialect, (id: { id: string; number: number }) => string, 'put' | 'patch', (phone: string) => object]>([
    ['erp', ({ id }) => `/accounts/${id}`, 'put', (phone) => ({ phone })],
    ['cell', ({ id }) => `/customers/${id}`, 'patch', (contactPhone) => ({ contactPhone })],
    [
      'platform',
      ({ number }) => `/customers/${number}/`,
      'patch',
      (primary_contact_phone) => ({ primary_contact_phone }),
    ],
  ])(
    'is refused through %s after the value has changed, and means no change before',
    async (dialect, path, method, body) => {
      const t = await tenant();
      const made = await customer(t.admin, { name: '甲', phone: '13900139000' });
      const send = (phone: string) => t.admin.rest(dialect)[method](path(made), body(phone));
      expect((await send('139****9000')).status).toBeLessThan(300);
      await t.admin.graph(update, { id: made.id, input: { phone: '13811112222' } });
      expect((await send('139****9000')).status).toBe(400);
      expect(await t.sql('select phone from customer')).toEqual([{ phone: '13811112222' }]);
    },
  );

  test('is refused through lifecycle after the value has changed, and means no change before', async () => {
    const t = await tenant();
    const made = await customer(t.admin, { name: '甲' });
    const person = await contact(t.admin, { name: '王', mobile: '13900139000', customer: made.id });
    const send = (mobile: string) =>
      t.admin.rest('lifecycle').put(`/customers/${made.number}/contacts/${person.number}`, { mobile });
    expect((await send('139****9000')).status).toBeLessThan(300);
    await t.sql('update contact set mobile = $1', ['13811112222']);
    expect((await send('139****9000')).status).toBe(400);
    expect(await t.sql('select mobile from contact')).toEqual([{ mobile: '13811112222' }]);
  });
});
