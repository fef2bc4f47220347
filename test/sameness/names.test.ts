import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

/** Two writings of one name, and what they differ by. */
const names: Array<[what: string, name: string, other: string]> = [
  ['the width of brackets', '华信(上海)科技', '华信（上海）科技'],
  ['the width of letters, digits and blanks', 'Hua Xin 2000', 'Ｈｕａ　Ｘｉｎ　２０００'],
  ['case', 'Huaxin GmbH', 'HUAXIN gmbh'],
  ['Unicode form', 'Caf\u00e9 Nord', 'Cafe\u0301 Nord'],
  ['a compatibility character', '\u2f45\u6b63\u516c\u53f8', '方正公司'],
  ['a space of no width', '东方\u200b公司', '东方公司'],
  ['marks of direction', '\u202a西部公司\u202c', '西部公司'],
  ['a byte order mark', '南\ufeff方公司', '南方公司'],
  ['a soft hyphen', 'Nord\u00adwest', 'Nordwest'],
  ['a variation selector', '葛\u{e0100}城', '葛城'],
  ['white space', '北京 \u00a0 公司', '北京\u3000公司'],
];

const create =
  'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { name } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { name } userErrors { code field } } }';
const onboard =
  'mutation ($inputs: [CustomerOnboardInput!]!) { customersOnboard(inputs: $inputs) { results { userErrors { code } } } }';

const rest: Record<Dialect, [path: string, body: (name: string) => object]> = {
  erp: [
    '/accounts',
    (name) => ({ name, type: 'corporate', industry: '软件', phone: '13800138000', email: 'a@example.com' }),
  ],
  cell: ['/customers', (name) => ({ name })],
  lifecycle: ['/customers', (name) => ({ customer_name: name, customer_type: 1 })],
  platform: ['/customers/', (name) => ({ name })],
};

describe.each(names)('a name that differs by %s', (_what, name, other) => {
  let t: TestTenant;
  let id: string;

  beforeAll(async () => {
    t = await tenant();
    ({ id } = await customer(t.admin, { name }));
  });

  test('is taken, and what is stored stays as it was typed', async () => {
    const before = await written(t);
    expect(await t.admin.graph.userErrors(create, { input: { name: other } })).toEqual(['NAME_TAKEN name']);
    expect(await t.sql('select name from customer')).toEqual([{ name }]);
    expect(await written(t)).toEqual(before);
  });

  test.each(Object.entries(rest) as Array<[Dialect, (typeof rest)[Dialect]]>)(
    'is taken through %s',
    async (dialect, [path, body]) => {
      const before = await written(t);
      const { status } = await t.admin.rest(dialect).post(path, body(other));
      expect([400, 409]).toContain(status);
      expect(await written(t)).toEqual(before);
      expect((await t.admin.rest(dialect).post(path, body(`${other} ${dialect}`))).status).toBeLessThan(300);
    },
  );

  test('is taken among many: by what is there, and by one another', async () => {
    const { customersOnboard } = await t.admin.graph(onboard, {
      inputs: [other, `${name}二`, `${other}二`, '别的'].map((each) => ({ customer: { name: each } })),
    });
    expect(customersOnboard.results.map(({ userErrors }: Data) => userErrors.map(({ code }: Data) => code))).toEqual([
      ['NAME_TAKEN'],
      [],
      ['NAME_TAKEN'],
      [],
    ]);
  });

  test('can be given to the record itself, and is shown as it was typed', async () => {
    const { customerUpdate } = await t.admin.graph(update, { id, input: { name: other } });
    expect(customerUpdate).toEqual({ customer: { name: other }, userErrors: [] });
  });
});

test('a deleted record gives its name away in every writing, and comes back under a free one only', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '华信（上海）' });
  await t.admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
  await customer(t.admin, { name: '华信(上海)' });
  const restore =
    'mutation ($id: ID!, $input: CustomerInput! = {}) { customerRestore(id: $id, input: $input) { userErrors { code field } } }';
  expect(await t.admin.graph.userErrors(restore, { id })).toEqual(['NAME_TAKEN name']);
  expect(await t.admin.graph.userErrors(restore, { id, input: { name: '华信二' } })).toEqual([]);
});

test('contract numbers and tags are the same in every writing', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  await contract(admin, { name: '一', customer: id, code: 'HT-2026-A' });
  expect(
    await admin.graph.userErrors(
      'mutation ($input: ContractInput!) { contractCreate(input: $input) { userErrors { code field } } }',
      { input: { name: '二', customer: id, code: 'ｈｔ－2026－ａ' } },
    ),
  ).toEqual(['NUMBER_TAKEN code']);
  const tag =
    'mutation ($input: CustomerTagInput!) { customerTagCreate(input: $input) { customerTag { name } userErrors { code field } } }';
  expect(await admin.graph.userErrors(tag, { input: { customer: id, name: 'VIP 客户' } })).toEqual([]);
  expect(await admin.graph.userErrors(tag, { input: { customer: id, name: 'ｖｉｐ 客户' } })).toEqual([
    'NAME_TAKEN name',
  ]);
});

const invisible = {
  'a space of no width': '\u200b',
  'a byte order mark': '\ufeff',
  'marks of direction': '\u200e\u202e\u2066',
  'a word joiner': '\u2060',
  'a filler': '\u3164',
  'a half-width filler': '\uffa0',
  'an empty braille pattern': '\u2800',
  'a soft hyphen': '\u00ad',
  'control characters': '\u0001\u0085',
  'white space of all kinds': ' \u00a0\u3000\u2028\t',
  'a mixture': ' \u200b\u3000\u200d\ufe0f',
};

describe.each(Object.entries(invisible))('a text of nothing but %s', (_what, text) => {
  test('is no name, of whatever record', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '甲' });
    const before = await written(t);
    const records: Record<string, [field: string, input: object]> = {
      customer: ['name', {}],
      contact: ['name', {}],
      opportunity: ['name', { customer: id }],
      contract: ['name', { customer: id }],
      campaign: ['name', { kind: 'EMAIL' }],
      lead: ['name', {}],
      case: ['subject', { customer: id }],
      successTask: ['title', { customer: id, kind: 'RENEWAL' }],
    };
    for (const [record, [field, input]] of Object.entries(records)) {
      const type = `${record[0]!.toUpperCase()}${record.slice(1)}`;
      expect([
        record,
        await t.admin.graph.userErrors(
          `mutation ($input: ${type}Input!) { ${record}Create(input: $input) { userErrors { code field } } }`,
          { input: { ...input, [field]: text } },
        ),
      ]).toEqual([record, [`REQUIRED ${field}`]]);
    }
    for (const [dialect, [path, body]] of Object.entries(rest))
      expect([dialect, (await t.admin.rest(dialect as Dialect).post(path, body(text))).status]).toEqual([dialect, 400]);
    expect(await written(t)).toEqual(before);
  });

  test('clears what may be empty', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '甲', region: '华东' });
    await t.admin.graph(update, { id, input: { region: text } });
    expect(await t.sql('select region from customer')).toEqual([{ region: null }]);
  });
});
