import { customer, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const onboard =
  'mutation ($inputs: [CustomerOnboardInput!]!) { customersOnboard(inputs: $inputs) { results { index id customer { id number name accountNo contacts { totalCount } } userErrors { code field } } userErrors { code field } } }';
const update =
  'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { index customer { name industry version } userErrors { code field } } userErrors { code field } } }';
const remove =
  'mutation ($ids: [ID!]!) { customersDelete(ids: $ids) { results { index id userErrors { code field } } userErrors { code field } } }';

const run = async (by: Actor, query: string, variables: object): Promise<Data> =>
  Object.values(await by.graph(query, variables))[0];
const errors = ({ results }: Data): string[] =>
  results.flatMap(({ index, userErrors }: Data) =>
    userErrors.map(({ code, field: [list, place, ...path] }: Data) => {
      expect([['inputs', 'ids'].includes(list), place]).toEqual([true, String(index)]);
      return [index, code, ...(path.length > 0 ? [path.join('.')] : [])].join(' ');
    }),
  );

test('keeps the good, reports the bad with its place, and leaves no trace of it', async () => {
  const t = await tenant();
  await customer(t.admin, { name: '旧客户' });
  const before = await written(t);
  const answer = await run(t.admin, onboard, {
    inputs: [
      { customer: { name: '甲' }, contacts: [{ name: '张' }, { name: '李', primary: true }] },
      { customer: { name: ' 旧客户' } },
      { customer: { name: '甲' } },
      { customer: { name: '' } },
      { customer: { name: '乙' }, contacts: [{ name: '王' }, { name: '赵', email: 'x' }] },
      { customer: { name: '丙', owner: '999999' } },
      { customer: { name: '丁' } },
    ],
  });
  expect(errors(answer)).toEqual([
    '1 NAME_TAKEN customer.name',
    '2 NAME_TAKEN customer.name',
    '3 REQUIRED customer.name',
    '4 INVALID contacts.1.email',
    '5 UNKNOWN_REFERENCE customer.owner',
  ]);
  expect(
    answer.results.map(({ customer: one }: Data) => one && [one.name, one.accountNo, one.contacts.totalCount]),
  ).toEqual([['甲', 'ACC002', 2], null, null, null, null, null, ['丁', 'ACC003', 0]]);
  expect(await t.sql('select name from customer order by number')).toEqual([
    { name: '旧客户' },
    { name: '甲' },
    { name: '丁' },
  ]);
  expect(await t.sql('select name from contact order by number')).toEqual([{ name: '张' }, { name: '李' }]);
  const [{ events }] = (await t.sql(
    `select array_agg(type order by seq) events from outbox where seq > ${before.seq}`,
  )) as Data;
  expect(events).toEqual([
    'crm.customer.created',
    'crm.contact.created',
    'crm.customerContact.created',
    'crm.contact.created',
    'crm.customerContact.created',
    'crm.customer.created',
  ]);
});

test('changes and hides many', async () => {
  const t = await tenant();
  const [one, two, three] = await Promise.all(['甲', '乙', '丙'].map((name) => customer(t.admin, { name })));
  const foreign = await customer(t.outsider, { name: '外' });
  const changed = await run(t.admin, update, {
    inputs: [
      { id: one.id, input: { industry: '软件' } },
      { id: two.id, input: { name: '甲' } },
      { id: String(three.number), input: { name: '丁' }, version: 7 },
      { id: foreign.id, input: { name: '戊' } },
      { id: two.id, input: { name: '己' } },
    ],
  });
  expect(errors(changed)).toEqual(['1 NAME_TAKEN input.name', '2 VERSION_CONFLICT version', '3 NOT_FOUND id']);
  expect(changed.results.map(({ customer: each }: Data) => each)).toEqual([
    { name: '甲', industry: '软件', version: 2 },
    null,
    { name: '丙', industry: null, version: 1 },
    null,
    { name: '己', industry: null, version: 2 },
  ]);
  const hidden = await run(t.admin, remove, { ids: [one.id, foreign.id, one.id, String(two.number)] });
  expect(errors(hidden)).toEqual(['1 NOT_FOUND', '2 NOT_FOUND']);
  expect(hidden.results.map(({ id }: Data) => id)).toEqual([one.id, null, null, two.id]);
  expect(await t.sql('select name from customer where deleted_at is null')).toEqual([{ name: '丙' }]);
  expect((await run(t.outsider, '{ customers { totalCount } }', {})).totalCount).toBe(1);
});

test('refuses none, too many, and callers who may not write', async () => {
  const t = await tenant();
  expect((await run(t.admin, onboard, { inputs: [] })).userErrors).toEqual([
    { code: 'OUT_OF_RANGE', field: ['inputs'] },
  ]);
  expect((await run(t.admin, remove, { ids: Array.from({ length: 5_001 }, () => '1') })).userErrors).toEqual([
    { code: 'OUT_OF_RANGE', field: ['ids'] },
  ]);
  expect(await t.viewer.graph.refused(onboard, { inputs: [{ customer: { name: '甲' } }] })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
});

test('takes a thousand at once, two callers at the same time included', async () => {
  const t = await tenant();
  const inputs = Array.from({ length: 1_000 }, (_, index) => ({ customer: { name: `客户${index}` } }));
  const answers = await Promise.all([run(t.admin, onboard, { inputs }), run(t.manager, onboard, { inputs })]);
  expect(answers.map(({ results }) => results.length)).toEqual([1_000, 1_000]);
  expect(answers.flatMap(errors)).toHaveLength(1_000);
  expect(
    await t.sql('select count(*)::int, count(distinct account_no)::int numbers, max(account_no) last from customer'),
  ).toEqual([{ count: 1_000, numbers: 1_000, last: 'ACC999' }]);
  expect(await t.sql('select last::int from series order by 1')).toEqual([{ last: 1_000 }, { last: 1_000 }]);
});

test('sends as few statements for many as for few, refused ones among them, and numbers them in the order sent', async () => {
  const t = await tenant();
  await customer(t.admin, { name: '旧客户' });
  const batch = (prefix: string, count: number): object[] =>
    Array.from({ length: count }, (_, index) => ({
      customer: {
        name:
          index % 4 === 1
            ? '旧客户'
            : index % 4 === 2
              ? ''
              : index % 4 === 3
                ? `${prefix}${index - 3}`
                : `${prefix}${index}`,
        ...(index % 8 === 0 && { phone: '13800138000', industry: '软件' }),
      },
    }));
  const statements = [];
  for (const [prefix, count] of [
    ['a', 8],
    ['b', 400],
  ] as const) {
    const answer = await t.admin.graph.raw(onboard, { inputs: batch(prefix, count) });
    const payload = answer.body.data.customersOnboard;
    const bad = Array.from({ length: count }, (_, index) => index).filter((index) => index % 4 !== 0);
    expect(errors(payload)).toEqual(
      bad.map((index) => `${index} ${index % 4 === 2 ? 'REQUIRED' : 'NAME_TAKEN'} customer.name`),
    );
    statements.push(answer.statements);
  }
  expect(statements[1]).toBe(statements[0]);
  const rows = await t.sql('select name, phone, account_no from customer order by number');
  const names = ['旧客户', 'a0', 'a4', ...Array.from({ length: 100 }, (_, index) => `b${4 * index}`)];
  expect(rows).toEqual(
    names.map((name, index) => ({
      name,
      phone: index > 0 && Number(name.slice(1)) % 8 === 0 ? '13800138000' : null,
      account_no: `ACC${String(index + 1).padStart(3, '0')}`,
    })),
  );
});

test('what one item leaves to defaults, others may say', async () => {
  const t = await tenant();
  const inputs = [
    { name: '甲' },
    { name: '乙', status: 'ACTIVE', tier: 'GOLD' },
    { name: '丙', kind: 'GOVERNMENT' },
    { name: '丁' },
    { name: '戊', industry: '软件' },
  ].map((one) => ({ customer: one }));
  expect(errors(await run(t.admin, onboard, { inputs }))).toEqual([]);
  expect(await t.sql('select name, status, tier, kind, industry, account_no from customer order by number')).toEqual([
    { name: '甲', status: 'POTENTIAL', tier: 'BRONZE', kind: 'ENTERPRISE', industry: null, account_no: 'ACC001' },
    { name: '乙', status: 'ACTIVE', tier: 'GOLD', kind: 'ENTERPRISE', industry: null, account_no: 'ACC002' },
    { name: '丙', status: 'POTENTIAL', tier: 'BRONZE', kind: 'GOVERNMENT', industry: null, account_no: 'ACC003' },
    { name: '丁', status: 'POTENTIAL', tier: 'BRONZE', kind: 'ENTERPRISE', industry: null, account_no: 'ACC004' },
    { name: '戊', status: 'POTENTIAL', tier: 'BRONZE', kind: 'ENTERPRISE', industry: '软件', account_no: 'ACC005' },
  ]);
});
