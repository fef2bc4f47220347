import { randomUUID } from 'node:crypto';
import { customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const create =
  'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id name accountNo code } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!, $version: Int) { customerUpdate(id: $id, input: $input, version: $version) { customer { id name industry version } userErrors { code field message } } }';
const tooLong = (length: number): string => '长'.repeat(length + 1);

describe('a wrong field is named and nothing is stored', () => {
  const cases: Array<[string, object, string[]]> = [
    ['no name', {}, ['REQUIRED name']],
    ['a null name', { name: null }, ['REQUIRED name']],
    ['a blank name', { name: ' \t' }, ['REQUIRED name']],
    ['a name of 201 characters', { name: tooLong(200) }, ['TOO_LONG name']],
    ['a character that cannot be stored', { name: 'A\u0000B' }, ['INVALID name']],
    ['an industry of 101 characters', { name: 'A', industry: tooLong(100) }, ['TOO_LONG industry']],
    ['a phone of 51 characters', { name: 'A', phone: '1'.repeat(51) }, ['TOO_LONG phone']],
    ['an address that is no e-mail', { name: 'A', email: 'zhang@' }, ['INVALID email']],
    ['a negative limit', { name: 'A', creditLimit: { amount: '-0.01' } }, ['OUT_OF_RANGE creditLimit.amount']],
    [
      'a limit beyond the column',
      { name: 'A', creditLimit: { amount: '9999999999999.01' } },
      ['OUT_OF_RANGE creditLimit.amount'],
    ],
    ['a null kind', { name: 'A', kind: null }, ['REQUIRED kind']],
    ['a null status', { name: 'A', status: null }, ['REQUIRED status']],
    ['a null tier', { name: 'A', tier: null }, ['REQUIRED tier']],
    ['a null currency', { name: 'A', currency: null }, ['REQUIRED currency']],
    ['a currency of four letters', { name: 'A', currency: 'CNYX' }, ['INVALID currency']],
    ['an owner who does not exist', { name: 'A', owner: randomUUID() }, ['UNKNOWN_REFERENCE owner']],
    ['an owner that names nothing', { name: 'A', owner: 'nobody' }, ['UNKNOWN_REFERENCE owner']],
    [
      'several at once',
      { industry: tooLong(100), email: 'x', creditLimit: { amount: '-1' } },
      ['INVALID email', 'OUT_OF_RANGE creditLimit.amount', 'REQUIRED name', 'TOO_LONG industry'],
    ],
  ];

  test.each(cases)('on creation: %s', async (_name, input, expected) => {
    const t = await tenant();
    expect((await t.admin.graph.userErrors(create, { input })).toSorted()).toEqual(expected);
    expect(await t.sql('select id from customer')).toEqual([]);
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
  });

  test.each(cases.filter(([name]) => !['no name', 'several at once'].includes(name)))(
    'on change: %s',
    async (_name, input, expected) => {
      const t = await tenant();
      const { id } = await customer(t.admin, { name: '华信科技' });
      const before = [await t.sql('select * from customer'), await written(t)];
      expect(await t.admin.graph.userErrors(update, { id, input })).toEqual(expected);
      expect([await t.sql('select * from customer'), await written(t)]).toEqual(before);
    },
  );

  test.each<[string, object]>([
    ['a day that does not exist', { name: 'A', establishedOn: '2026-02-30' }],
    ['an instant of a day that does not exist', { name: 'A', lastContactAt: '2026-02-30T08:30:00' }],
    ['an amount that is no number', { name: 'A', creditLimit: { amount: '1e3' } }],
    ['an unknown kind', { name: 'A', kind: 'ALIEN' }],
    ['an unknown member', { name: 'A', colour: 'red' }],
  ])('by the schema already: %s', async (_name, input) => {
    const t = await tenant();
    const { status, body } = await t.admin.graph.raw(create, { input });
    expect([status, body.errors.map((error: Data) => error.extensions.code)]).toEqual([400, ['BAD_USER_INPUT']]);
    await t.admin.id();
    expect(await t.sql('select id from customer')).toEqual([]);
  });

  test('the longest texts and largest numbers are stored as they are', async () => {
    const { admin } = await tenant();
    const name = '😀'.repeat(200);
    const { id } = await customer(admin, { name, creditLimit: { amount: '9999999999999.00' }, phone: '1'.repeat(50) });
    const data = await admin.graph(
      'query ($id: ID!) { customer(id: $id) { name phone credit { limit { amount } } } }',
      { id },
    );
    expect(data.customer).toEqual({ name, phone: '1'.repeat(50), credit: { limit: { amount: '9999999999999.00' } } });
  });
});

test('errors are said in Chinese unless English is asked for', async () => {
  const { admin } = await tenant();
  const ask = async (language: string): Promise<string> =>
    (
      await admin.graph.raw(
        'mutation { customerCreate(input: {}) { userErrors { message } } }',
        {},
        { 'accept-language': language },
      )
    ).body.data.customerCreate.userErrors[0].message;
  expect([await ask('zh-CN'), await ask('en-US'), await ask('*')]).toEqual([
    '名称为必填项',
    'name is required.',
    '名称为必填项',
  ]);
});
