import { queries } from '../support/http.js';
import { contract, customer, lead, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { behind, fromBoth, groupsOf, refusals } from './asking.js';

/** Each group as its labels and what is to be seen of it. */
const inShort = ({ groups }: Data): Data[] =>
  groups.map(({ keys, count, values, others }: Data) => [
    keys.map(({ label }: Data) => label).join(' '),
    count,
    ...values.map(
      ({ number, time, money }: Data) =>
        number ??
        time ??
        (money && money.amounts.map(({ amount, currency }: Data) => `${amount} ${currency}`).join(' + ')),
    ),
    ...(others ? ['others'] : []),
  ]);

/** Customers in four industries, one in none; opportunities in two currencies, some without an amount. */
async function world(): Promise<TestTenant> {
  const t = await tenant();
  const [sales, sales2] = [await t.sales.id(), await t.sales2.id()];
  const rows: Array<[string, string | null, string, string | null]> = [
    ['甲公司', '软件', 'GOLD', sales],
    ['乙公司', '软件', 'SILVER', sales],
    ['丙公司', '制造', 'GOLD', sales2],
    ['丁公司', null, 'BRONZE', null],
    ['戊公司', '金融', 'GOLD', sales2],
    ['己公司', '软件', 'GOLD', sales2],
  ];
  const ids: string[] = [];
  for (const [name, industry, tier, owner] of rows)
    ids.push((await customer(t.admin, { name, industry, tier, owner })).id);
  const sell = (of: number, stage: string, amount: string | null, currency = 'CNY', more: object = {}): Promise<Data> =>
    opportunity(t.admin, {
      name: `商机${of}${stage}`,
      customer: ids[of]!,
      owner: rows[of]![3],
      stage,
      ...(amount && { amount: { amount, currency } }),
      ...more,
    });
  await sell(0, 'PROSPECTING', '100', 'CNY', { expectedCloseOn: '2026-01-01' });
  await sell(0, 'PROPOSAL', '250.5', 'CNY', { expectedCloseOn: '2026-01-04' });
  await sell(2, 'PROPOSAL', '70', 'USD', { expectedCloseOn: '2026-01-05' });
  await sell(2, 'PROPOSAL', null, 'CNY', { expectedCloseOn: '2025-12-29' });
  await sell(4, 'NEGOTIATION', '1000', 'CNY', { expectedCloseOn: '2026-02-15', probability: 75 });
  await sell(5, 'NEGOTIATION', '0.01', 'CNY', { probability: 80 });
  return t;
}

let t: TestTenant;

beforeAll(async () => {
  t = await world();
});

test('groups by a text, the largest first, with those that have none, and a filter that opens each', async () => {
  const answer = await fromBoth(t.admin, 'customerGroups', { by: [{ field: 'INDUSTRY' }] });
  expect(inShort(answer)).toEqual([
    ['软件', 3],
    ['金融', 1],
    ['制造', 1],
    ['（无）', 1],
  ]);
  expect(answer.groups.map(({ keys: [key] }: Data) => [key.field, key.value, key.record])).toEqual([
    ['INDUSTRY', '软件', null],
    ['INDUSTRY', '金融', null],
    ['INDUSTRY', '制造', null],
    ['INDUSTRY', null, null],
  ]);
  expect(JSON.parse(answer.groups[0].filter)).toEqual({
    groups: [{ by: [{ field: 'INDUSTRY' }], values: [{ value: '软件' }] }],
  });
  expect(answer.totals).toMatchObject({ keys: [], count: 6, filter: '{}', others: false });
  expect([answer.groupCount, answer.truncated]).toEqual([4, false]);
  expect(await behind(t.admin, 'customerGroups', answer.groups)).toEqual([3, 1, 1, 1]);
});

test('what is grouped by nothing is all that meets the filter, with whatever is asked beside it', async () => {
  const { customerGroups } = await t.admin.graph(
    '{ customerGroups(filter: { tier: [GOLD] }, others: true) { groups { count filter others } totals { count filter others } truncated } }',
  );
  const { totalCount } = (await t.admin.graph('{ customers(filter: { tier: [GOLD] }) { totalCount } }')).customers;
  expect(customerGroups.totals).toEqual({ count: totalCount, filter: '{"tier":["GOLD"]}', others: false });
  for (const { count, filter } of customerGroups.groups as Data[])
    expect([count, filter]).toEqual([totalCount, '{"tier":["GOLD"]}']);
});

test('null is as good as nothing, and at most a hundred groups are answered where nothing is said', async () => {
  const { customerGroups } = await t.admin.graph(
    'query ($none: Int) { customerGroups(filter: null, by: [{ field: INDUSTRY }], measures: null, having: null, orderBy: null, first: $none, others: null, fiscalYearStart: null) { groups { count } truncated } }',
    { none: null },
  );
  expect(customerGroups).toEqual({
    groups: [{ count: 3 }, { count: 1 }, { count: 1 }, { count: 1 }],
    truncated: false,
  });
});

test('several groupings of one operation are one statement, whatever is asked of them', async () => {
  let data: Data;
  const statements = await queries(async () => {
    data = await t.admin.graph(
      '{ a: customerGroups(by: [{field: INDUSTRY}, {field: TIER}, {field: OWNER}], others: true, first: 2) { groups { keys { label record { ... on User { login } } } count filter } truncated } b: opportunityGroups(by: [{field: CREATED_AT, bucket: MONTH, fill: true}], measures: [{key: "sum", of: AMOUNT, as: SUM}]) { groups { values { money { amounts { amount } } } } totals { count } } c: leadGroups { totals { count } groups { count } } }',
    );
  });
  expect(statements).toBe(1);
  expect(data!.c).toEqual({ totals: { count: 0 }, groups: [] });
  expect(data!.a.groups).toHaveLength(3);
  expect(data!.a.truncated).toBe(true);
});

test('measures: counts, sums, means and bounds, of amounts currency by currency, of some records only', async () => {
  const answer = await fromBoth(t.admin, 'opportunityGroups', {
    by: [{ field: 'STAGE' }],
    orderBy: [{ by: 'KEY' }],
    measures: [
      { key: 'sum', of: 'AMOUNT', as: 'SUM' },
      { key: 'mean', of: 'AMOUNT', as: 'AVERAGE' },
      { key: 'largest', of: 'AMOUNT', as: 'MAXIMUM', where: { amountMax: '500' } },
      { key: 'likely', of: 'PROBABILITY', as: 'AVERAGE' },
      { key: 'customers', of: 'CUSTOMER', as: 'COUNT_DISTINCT' },
      { key: 'small', as: 'COUNT', where: { amountMax: '100', owner: [await t.sales2.id()] } },
      { key: 'last', of: 'EXPECTED_CLOSE_ON', as: 'MAXIMUM' },
      { key: 'dated', of: 'EXPECTED_CLOSE_ON', as: 'COUNT' },
    ],
  });
  expect(inShort(answer)).toEqual([
    ['初步接触', 1, '100.00 CNY', '100.00 CNY', '100.00 CNY', '10', '1', '0', '2026-01-01', '1'],
    [
      '方案报价',
      3,
      '250.50 CNY + 70.00 USD',
      '250.50 CNY + 70.00 USD',
      '250.50 CNY + 70.00 USD',
      '40',
      '2',
      '1',
      '2026-01-05',
      '3',
    ],
    ['商务谈判', 2, '1000.01 CNY', '500.00 CNY', '0.01 CNY', '77.5', '2', '1', '2026-02-15', '1'],
  ]);
  expect(answer.totals.values.map(({ key, number, money }: Data) => [key, number ?? money?.amounts])).toEqual([
    [
      'sum',
      [
        { amount: '1350.51', currency: 'CNY' },
        { amount: '70.00', currency: 'USD' },
      ],
    ],
    [
      'mean',
      [
        { amount: '337.62', currency: 'CNY' },
        { amount: '70.00', currency: 'USD' },
      ],
    ],
    [
      'largest',
      [
        { amount: '250.50', currency: 'CNY' },
        { amount: '70.00', currency: 'USD' },
      ],
    ],
    ['likely', '47.5'],
    ['customers', '4'],
    ['small', '2'],
    ['last', undefined],
    ['dated', '5'],
  ]);
  // a measure of some records only has a filter that opens them, in the totals as well
  const small = { amountMax: '100', owner: [await t.sales2.id()] };
  expect(answer.totals.values.map(({ filter }: Data) => filter && JSON.parse(filter))).toEqual([
    null,
    null,
    { groups: [{ by: [], values: [], where: { amountMax: '500' } }] },
    null,
    null,
    { groups: [{ by: [], values: [], where: small }] },
    null,
    null,
  ]);
  expect(JSON.parse(answer.groups[1].values[5].filter)).toEqual({
    groups: [{ by: [{ field: 'STAGE' }], values: [{ value: 'PROPOSAL' }], where: small }],
  });
  const opened = [...answer.groups, answer.totals].map(({ values }: Data) => values[5]);
  expect(await behind(t.admin, 'opportunityGroups', opened)).toEqual([0, 1, 1, 2]);
});

test('weeks are those of ISO 8601, over New Year too, and gaps are filled where that is asked for', async () => {
  const answer = await fromBoth(t.admin, 'opportunityGroups', {
    by: [{ field: 'EXPECTED_CLOSE_ON', bucket: 'WEEK', fill: true }],
    measures: [
      { key: 'sum', of: 'AMOUNT', as: 'SUM' },
      { key: 'n', as: 'COUNT' },
    ],
  });
  expect(inShort(answer)).toEqual([
    ['2026年第1周', 3, '350.50 CNY', '3'],
    ['2026年第2周', 1, '70.00 USD', '1'],
    ['2026年第3周', 0, '', '0'],
    ['2026年第4周', 0, '', '0'],
    ['2026年第5周', 0, '', '0'],
    ['2026年第6周', 0, '', '0'],
    ['2026年第7周', 1, '1000.00 CNY', '1'],
    ['（无）', 1, '0.01 CNY', '1'],
  ]);
  expect(answer.groups.map(({ keys }: Data) => keys[0].value)).toEqual([
    '2025-12-29',
    '2026-01-05',
    '2026-01-12',
    '2026-01-19',
    '2026-01-26',
    '2026-02-02',
    '2026-02-09',
    null,
  ]);
  expect(await behind(t.admin, 'opportunityGroups', answer.groups)).toEqual([3, 1, 0, 0, 0, 0, 1, 1]);
});

test('what having leaves out, and what lies beyond first, is among the others', async () => {
  const answer = await fromBoth(t.admin, 'customerGroups', {
    filter: { tier: ['GOLD', 'SILVER'] },
    by: [{ field: 'INDUSTRY' }],
    measures: [{ key: 'gold', as: 'COUNT', where: { tier: ['GOLD'] } }],
    having: [{ measure: 'gold', max: 1 }],
    orderBy: [{ by: 'KEY', direction: 'DESC' }],
    first: 1,
    others: true,
  });
  expect(inShort(answer)).toEqual([
    ['制造', 1, '1'],
    ['其他', 4, '3', 'others'],
  ]);
  expect([answer.groupCount, answer.truncated, answer.totals.count]).toEqual([2, true, 5]);
  expect(await behind(t.admin, 'customerGroups', [...answer.groups, answer.totals])).toEqual([1, 4, 5]);
  // the filter of a group is a filter as any other: groups of it, and their filters, are within it
  const [, others] = answer.groups;
  const within = await fromBoth(t.admin, 'customerGroups', {
    filter: JSON.parse(others.filter),
    by: [{ field: 'TIER' }],
  });
  expect(inShort(within)).toEqual([
    ['非常重要', 3],
    ['重要', 1],
  ]);
  expect(await behind(t.admin, 'customerGroups', within.groups)).toEqual([3, 1]);
});

test('a caller sees groups of what they see: their own rows, no amounts that are hidden', async () => {
  const of = {
    by: [{ field: 'OWNER' }],
    measures: [{ key: 'sum', of: 'AMOUNT', as: 'SUM' }],
    orderBy: [{ by: 'MEASURE', measure: 'sum' }],
  };
  expect(inShort(await fromBoth(t.sales, 'opportunityGroups', of))).toEqual([['sales', 2, '350.50 CNY']]);
  expect(inShort(await fromBoth(t.viewer, 'opportunityGroups', of))).toEqual([
    ['sales', 2, null],
    ['sales2', 4, null],
  ]);
  expect(
    inShort(await fromBoth(t.viewer, 'opportunityGroups', { ...of, having: [{ measure: 'sum', min: 0 }] })),
  ).toEqual([]);
  expect(
    inShort(await fromBoth(t.sales, 'customerGroups', { by: [{ field: 'TIER' }], orderBy: [{ by: 'KEY' }] })),
  ).toEqual([
    ['普通', 1],
    ['重要', 1],
    ['非常重要', 1],
  ]);
});

test('a record that the caller does not see is as none', async () => {
  const hidden = await customer(t.admin, { name: '看不见的', owner: await t.sales2.id() });
  const seen = await customer(t.admin, { name: '看得见的', owner: await t.sales.id() });
  const id = (await lead(t.admin, { name: '线索', owner: await t.sales.id() })).id;
  const ask = async (of: string): Promise<Data> => {
    await t.sql('update lead set customer_id = $1 where id = $2', [of, id]);
    return fromBoth(t.sales, 'leadGroups', { by: [{ field: 'CUSTOMER' }] });
  };
  expect((await ask(seen.id)).groups[0].keys).toEqual([
    { field: 'CUSTOMER', value: seen.id, label: '看得见的', record: { __typename: 'Customer', id: seen.id } },
  ]);
  const { groups } = await ask(hidden.id);
  expect(groups[0].keys).toEqual([{ field: 'CUSTOMER', value: null, label: '（无）', record: null }]);
  expect(await behind(t.sales, 'leadGroups', groups)).toEqual([1]);
});

test('labels are in the language of the caller', async () => {
  const labels = async (language: string, by: object): Promise<string[]> => {
    const { body } = await t.admin.graph.raw(
      'query ($by: [ContractGroupBy!]!) { contractGroups(by: $by, fiscalYearStart: 4, orderBy: [{by: KEY}]) { groups { keys { label } } } }',
      { by: [by] },
      { 'accept-language': language },
    );
    return body.data.contractGroups.groups.map(({ keys }: Data) => keys[0].label);
  };
  const { id } = await customer(t.admin, { name: '合同客户' });
  for (const [name, startsOn] of [
    ['一', '2026-03-31'],
    ['二', '2026-04-01'],
    ['三', null],
  ] as const)
    await contract(t.admin, { name, customer: id, startsOn });
  const of = (bucket: string): object => ({ field: 'STARTS_ON', bucket });
  expect(await labels('zh', of('YEAR'))).toEqual(['2025/26财年', '2026/27财年', '（无）']);
  expect(await labels('en', of('YEAR'))).toEqual(['FY 2025/26', 'FY 2026/27', '(none)']);
  expect(await labels('zh', of('QUARTER'))).toEqual(['2025/26财年第4季度', '2026/27财年第1季度', '（无）']);
  expect(await labels('en', of('QUARTER'))).toEqual(['Q4 FY 2025/26', 'Q1 FY 2026/27', '(none)']);
  expect(await labels('zh', of('MONTH'))).toEqual(['2026年3月', '2026年4月', '（无）']);
  expect(await labels('en', of('MONTH'))).toEqual(['Mar 2026', 'Apr 2026', '(none)']);
  expect(await labels('en', of('WEEK'))).toEqual(['2026-W14', '(none)']);
  expect(await labels('zh', { field: 'STATUS' })).toEqual(['草稿']);
  expect(await labels('en', { field: 'STATUS' })).toEqual(['Draft']);
  const fiscal = await groupsOf(t.admin, 'contractGroups', { by: [of('YEAR')], fiscalYearStart: 4 });
  expect(fiscal.groups.map(({ keys }: Data) => keys[0].value)).toEqual(['2025-04-01', '2026-04-01', null]);
  expect(await behind(t.admin, 'contractGroups', fiscal.groups)).toEqual([1, 1, 1]);
});

test.each<[string, object, string]>([
  [
    'four keys',
    { by: [{ field: 'TIER' }, { field: 'KIND' }, { field: 'SIZE' }, { field: 'STATUS' }] },
    'OUT_OF_RANGE by',
  ],
  ['a key twice', { by: [{ field: 'TIER' }, { field: 'TIER' }] }, 'INVALID by.1'],
  ['a stretch of the calendar of a text', { by: [{ field: 'INDUSTRY', bucket: 'DAY' }] }, 'INVALID by.0.bucket'],
  ['a text to be filled', { by: [{ field: 'INDUSTRY', fill: true }] }, 'INVALID by.0.fill'],
  ['a level of no department', { by: [{ field: 'OWNER', level: 1 }] }, 'INVALID by.0.level'],
  ['too deep a level', { by: [{ field: 'OWNER_DEPARTMENT', level: 51 }] }, 'OUT_OF_RANGE by.0.level'],
  ['nine measures', { measures: [...'abcdefghi'].map((key) => ({ key, as: 'COUNT' })) }, 'OUT_OF_RANGE measures'],
  ['a sum of texts', { measures: [{ key: 'a', of: 'INDUSTRY', as: 'SUM' }] }, 'INVALID measures.0.as'],
  ['a sum of nothing', { measures: [{ key: 'a', as: 'SUM' }] }, 'INVALID measures.0.of'],
  [
    'a count of amounts',
    { measures: [{ key: 'a', of: 'CREDIT_LIMIT', as: 'COUNT_DISTINCT' }] },
    'INVALID measures.0.as',
  ],
  ['a key with a quote', { measures: [{ key: "a'b", as: 'COUNT' }] }, 'INVALID measures.0.key'],
  [
    'a key twice',
    {
      measures: [
        { key: 'a', as: 'COUNT' },
        { key: 'a', as: 'COUNT' },
      ],
    },
    'INVALID measures.1.key',
  ],
  ['a condition on a measure that is none', { having: [{ measure: 'x', min: 1 }] }, 'INVALID having.0.measure'],
  ['an order by a measure that is none', { orderBy: [{ by: 'MEASURE', measure: 'x,y' }] }, 'INVALID orderBy.0.measure'],
  ['an order by no measure', { orderBy: [{ by: 'MEASURE' }] }, 'REQUIRED orderBy.0.measure'],
  [
    'an order by a key that is none',
    { by: [{ field: 'TIER' }], orderBy: [{ by: 'KEY', place: 1 }] },
    'OUT_OF_RANGE orderBy.0.place',
  ],
  ['too many groups', { first: 2001 }, 'OUT_OF_RANGE first'],
  ['too many groups beside others', { first: 1001, others: true }, 'OUT_OF_RANGE first'],
  ['fewer groups than none', { first: -1 }, 'OUT_OF_RANGE first'],
  ['a month that is none', { fiscalYearStart: 13 }, 'OUT_OF_RANGE fiscalYearStart'],
  [
    'an owner who is none',
    { measures: [{ key: 'a', as: 'COUNT', where: { owner: ['nobody-there'] } }] },
    'UNKNOWN_REFERENCE measures.0.where.owner',
  ],
  [
    'values that do not fit the keys',
    { filter: { groups: [{ by: [{ field: 'TIER' }, { field: 'KIND' }], values: [{}] }] } },
    'INVALID filter.groups.0.values',
  ],
  ['values of no keys', { filter: { groups: [{ by: [], values: [{}] }] } }, 'INVALID filter.groups.0.values'],
])('%s: refused, with the argument', async (_, args, error) => {
  expect(await refusals(t.admin, 'customerGroups', args)).toEqual([error]);
});
