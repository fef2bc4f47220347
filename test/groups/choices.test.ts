import { queries } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

let t: TestTenant;

beforeAll(async () => {
  t = await tenant();
  const rows: Array<[string, string | null, Actor | null, string[]]> = [
    ['甲', '软件', t.sales, ['重点', '上市']],
    ['乙', '软件', t.sales2, ['重点']],
    ['丙', '软件外包', t.sales2, ['ＶＩＰ']],
    ['丁', null, null, []],
  ];
  for (const [name, industry, owner, tags] of rows) {
    const { id } = await customer(t.admin, { name, industry, owner: owner && (await owner.id()) });
    for (const tag of tags)
      await t.admin.graph(
        'mutation ($input: CustomerTagInput!) { customerTagCreate(input: $input) { userErrors { code } } }',
        { input: { customer: id, name: tag } },
      );
  }
});

/** Choices of a field from both executors, in short. */
async function choicesOf(by: Actor, args: object): Promise<Data> {
  const query =
    'query ($field: CustomerChoiceField!, $search: String, $filter: CustomerFilter, $first: Int) { customerChoices(field: $field, search: $search, filter: $filter, first: $first) { choices { value label count record { __typename id } } truncated } }';
  const [compiled, plain] = [
    await by.graph.raw(query, args, { 'accept-language': 'zh', 'x-crm-executor': 'compiled' }),
    await by.graph.raw(query, args, { 'accept-language': 'zh', 'x-crm-executor': 'plain' }),
  ];
  expect(compiled.body).toEqual(plain.body);
  return compiled.body.data.customerChoices;
}

const inShort = ({ choices }: Data): Data[] => choices.map(({ label, count }: Data) => [label, count]);

test('the values of a field with how many of the records that the caller sees have each', async () => {
  expect(inShort(await choicesOf(t.admin, { field: 'INDUSTRY' }))).toEqual([
    ['软件', 2],
    ['软件外包', 1],
  ]);
  expect(inShort(await choicesOf(t.sales, { field: 'INDUSTRY' }))).toEqual([['软件', 1]]);
  expect(inShort(await choicesOf(t.admin, { field: 'STATUS' }))).toEqual([['潜在', 4]]);
  expect((await choicesOf(t.admin, { field: 'OWNER' })).choices).toEqual([
    { value: await t.sales2.id(), label: 'sales2', count: 2, record: { __typename: 'User', id: await t.sales2.id() } },
    { value: await t.sales.id(), label: 'sales', count: 1, record: { __typename: 'User', id: await t.sales.id() } },
  ]);
});

test('values are searched by what they are called, and of many some are shown', async () => {
  expect(inShort(await choicesOf(t.admin, { field: 'INDUSTRY', search: '外包' }))).toEqual([['软件外包', 1]]);
  expect(inShort(await choicesOf(t.admin, { field: 'OWNER', search: 'SALES2' }))).toEqual([['sales2', 2]]);
  expect(inShort(await choicesOf(t.admin, { field: 'STATUS', search: '潜' }))).toEqual([['潜在', 4]]);
  expect(inShort(await choicesOf(t.admin, { field: 'TAG', search: 'vip' }))).toEqual([['ＶＩＰ', 1]]);
  expect(await choicesOf(t.admin, { field: 'INDUSTRY', first: 1 })).toMatchObject({
    choices: [{ value: '软件', record: null }],
    truncated: true,
  });
});

test('a text of which a record has several is counted once for each record', async () => {
  expect(inShort(await choicesOf(t.admin, { field: 'TAG' }))).toEqual([
    ['重点', 2],
    ['上市', 1],
    ['ＶＩＰ', 1],
  ]);
  expect(inShort(await choicesOf(t.admin, { field: 'TAG', filter: { industry: '软件', tag: ['上市'] } }))).toEqual([
    ['上市', 1],
    ['重点', 1],
  ]);
  expect(inShort(await choicesOf(t.sales, { field: 'TAG' }))).toEqual([
    ['上市', 1],
    ['重点', 1],
  ]);
});

test('several fields are one statement', async () => {
  expect(
    await queries(() =>
      t.admin.graph(
        '{ a: customerChoices(field: INDUSTRY) { choices { value } } b: customerChoices(field: TAG) { choices { label count } truncated } c: leadChoices(field: SOURCE) { truncated } d: opportunityChoices(field: OWNER) { choices { record { id } } } }',
      ),
    ),
  ).toBe(1);
  expect(await t.admin.graph.refused('{ customerChoices(field: INDUSTRY, first: 2001) { truncated } }')).toEqual([
    'OUT_OF_RANGE',
  ]);
});
