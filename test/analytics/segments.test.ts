import { customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const won = async (by: Actor, of: string, amount: string): Promise<string> => {
  const { id } = await opportunity(by, { name: '成交', customer: of, amount: { amount } });
  await by.graph('mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code } } }', { id });
  return id;
};
const lost = async (by: Actor, of: string): Promise<void> => {
  const { id } = await opportunity(by, { name: '丢单', customer: of, amount: { amount: '1' } });
  await by.graph('mutation ($id: ID!) { opportunityLose(id: $id) { userErrors { code } } }', { id });
};
/** So many customers at once, as PostgreSQL makes them; only what is counted is set. */
const many = (t: TestTenant, count: number, values: Record<string, unknown>): Promise<unknown> =>
  t.sql(
    `insert into customer (tenant_id, id, account_no, code, name, ${Object.keys(values).join(', ')})
      select app_tenant(), gen_random_uuid(), 'X' || gen_random_uuid(), 'X' || gen_random_uuid(), '客户' || gen_random_uuid(), ${Object.keys(
        values,
      )
        .map((_, index) => `$${index + 2}`)
        .join(', ')} from generate_series(1, $1::int)`,
    [count, ...Object.values(values)],
  );
const enter = (t: TestTenant): Promise<string> => t.admin.id();
const someCustomer = async (t: TestTenant, where = 'true'): Promise<string> =>
  (await t.sql(`select id from customer where ${where} limit 1`))[0]!['id'];

describe('segments', () => {
  const segments = (by: Actor, of: string): Promise<Data[]> =>
    by
      .graph(`{ analyticsSegments(by: ${of}) { name count revenue { amount } share } }`)
      .then((data: Data) => data.analyticsSegments);

  test('gives the documented example', async () => {
    const t = await tenant();
    await enter(t);
    for (const [industry, count, amount] of [
      ['科技', 30, '2000000'],
      ['制造', 25, '1500000'],
      ['零售', 20, '1000000'],
      [null, 25, '500000'],
    ] as const) {
      await many(t, count, { industry });
      await won(t.admin, await someCustomer(t, industry ? `industry = '${industry}'` : 'industry is null'), amount);
    }
    expect(await segments(t.admin, 'INDUSTRY')).toEqual([
      { name: '科技', count: 30, revenue: { amount: '2000000.00' }, share: 30 },
      { name: '制造', count: 25, revenue: { amount: '1500000.00' }, share: 25 },
      { name: '零售', count: 20, revenue: { amount: '1000000.00' }, share: 20 },
      { name: null, count: 25, revenue: { amount: '500000.00' }, share: 25 },
    ]);
  });

  test('percentages add to 100, the largest remainders rounded up', async () => {
    const t = await tenant();
    await enter(t);
    for (const [region, count] of [
      ['华北', 4],
      ['华东', 2],
      ['华南', 1],
    ] as const)
      await many(t, count, { region });
    // 57.14, 28.57, 14.29
    expect((await segments(t.admin, 'REGION')).map(({ name, share }) => [name, share])).toEqual([
      ['华北', 57],
      ['华东', 29],
      ['华南', 14],
    ]);
    await many(t, 7, { region: '西部', size: 'SMALL', tier: 'GOLD' });
    expect((await segments(t.admin, 'SIZE')).map(({ name, count, share }) => [name, count, share])).toEqual([
      ['SMALL', 7, 50],
      [null, 7, 50],
    ]);
    expect((await segments(t.admin, 'TIER')).map(({ name, share }) => [name, share])).toEqual([
      ['BRONZE', 50],
      ['GOLD', 50],
    ]);
  });

  test('beyond the fifty largest the rest is one segment', async () => {
    const t = await tenant();
    await enter(t);
    for (let index = 0; index < 52; index += 1)
      await many(t, index < 50 ? 2 : 1, { industry: `行业${String(index).padStart(2, '0')}` });
    const found = await segments(t.admin, 'INDUSTRY');
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toMatchObject({ name: null, count: 2 });
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBe(100);
  });
});

test('loyalty gives the documented example: every tier with its retention, and what to do about the weakest', async () => {
  const t = await tenant();
  await enter(t);
  for (const [tier, kept, gone, amount] of [
    ['PLATINUM', 19, 1, '2000000'],
    ['GOLD', 9, 1, '1500000'],
    ['SILVER', 8, 2, '1000000'],
    ['BRONZE', 6, 4, '500000'],
  ] as const) {
    await many(t, kept - 1, { tier, status: 'ACTIVE' });
    await many(t, 1, { tier, status: 'INACTIVE' });
    await many(t, gone, { tier, status: 'LOST' });
    await many(t, 5, { tier, status: 'POTENTIAL' });
    await won(t.admin, await someCustomer(t, `tier = '${tier}'`), amount);
  }
  const { analyticsLoyalty } = await t.admin.graph(
    '{ analyticsLoyalty { levels { tier count kept lost revenue { amount } retentionRate } weakestTier recommendation } }',
  );
  expect(analyticsLoyalty).toEqual({
    levels: [
      { tier: 'PLATINUM', count: 25, kept: 19, lost: 1, revenue: { amount: '2000000.00' }, retentionRate: 95 },
      { tier: 'GOLD', count: 15, kept: 9, lost: 1, revenue: { amount: '1500000.00' }, retentionRate: 90 },
      { tier: 'SILVER', count: 15, kept: 8, lost: 2, revenue: { amount: '1000000.00' }, retentionRate: 80 },
      { tier: 'BRONZE', count: 15, kept: 6, lost: 4, revenue: { amount: '500000.00' }, retentionRate: 60 },
    ],
    weakestTier: 'BRONZE',
    recommendation: '针对青铜级客户，建议实施客户关怀计划，提高客户忠诚度',
  });
  const { analyticsLoyalty: none } = await t.outsider.graph(
    '{ analyticsLoyalty { levels { tier count revenue { amount } retentionRate } weakestTier recommendation } }',
  );
  expect(none).toEqual({
    levels: ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'].map((tier) => ({
      tier,
      count: 0,
      revenue: { amount: '0.00' },
      retentionRate: null,
    })),
    weakestTier: null,
    recommendation: null,
  });
});

describe('the pipeline', () => {
  const board = (by: Actor, args = ''): Promise<Data> =>
    by
      .graph(
        `{ pipeline${args} { count amount { amount } weightedAmount { amount } stages { stage weight count amount { amount } weightedAmount { amount } opportunities(orderBy: { field: NUMBER }) { totalCount nodes { name } } } } }`,
      )
      .then((data: Data) => data.pipeline);
  const sale = (by: Actor, of: string, name: string, input: object): Promise<Data> =>
    opportunity(by, { name, customer: of, ...input });

  test('weighs 100000 cents at 10 % and 200000 at 40 % to 90000, with the opportunities behind each number', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '客户' });
    await sale(t.admin, id, '甲', { amount: { amount: '1000' }, stage: 'QUALIFICATION', probability: 99 });
    await sale(t.admin, id, '乙', { amount: { amount: '2000' }, stage: 'PROPOSAL' });
    await won(t.admin, id, '5000');
    await lost(t.admin, id);
    const open = await board(t.admin, '(openOnly: true)');
    expect(open).toMatchObject({ count: 2, amount: { amount: '3000.00' }, weightedAmount: { amount: '900.00' } });
    expect(open.stages).toEqual([
      {
        stage: 'PROSPECTING',
        weight: 10,
        count: 0,
        amount: { amount: '0.00' },
        weightedAmount: { amount: '0.00' },
        opportunities: { totalCount: 0, nodes: [] },
      },
      {
        stage: 'QUALIFICATION',
        weight: 10,
        count: 1,
        amount: { amount: '1000.00' },
        weightedAmount: { amount: '100.00' },
        opportunities: { totalCount: 1, nodes: [{ name: '甲' }] },
      },
      {
        stage: 'NEEDS_ANALYSIS',
        weight: 20,
        count: 0,
        amount: { amount: '0.00' },
        weightedAmount: { amount: '0.00' },
        opportunities: { totalCount: 0, nodes: [] },
      },
      {
        stage: 'PROPOSAL',
        weight: 40,
        count: 1,
        amount: { amount: '2000.00' },
        weightedAmount: { amount: '800.00' },
        opportunities: { totalCount: 1, nodes: [{ name: '乙' }] },
      },
      {
        stage: 'NEGOTIATION',
        weight: 60,
        count: 0,
        amount: { amount: '0.00' },
        weightedAmount: { amount: '0.00' },
        opportunities: { totalCount: 0, nodes: [] },
      },
    ]);
    const all = await board(t.admin);
    expect(all).toMatchObject({ count: 4, amount: { amount: '8001.00' }, weightedAmount: { amount: '5900.00' } });
    expect(all.stages.slice(5)).toEqual([
      {
        stage: 'CLOSED_WON',
        weight: 100,
        count: 1,
        amount: { amount: '5000.00' },
        weightedAmount: { amount: '5000.00' },
        opportunities: { totalCount: 1, nodes: [{ name: '成交' }] },
      },
      {
        stage: 'CLOSED_LOST',
        weight: 0,
        count: 1,
        amount: { amount: '1.00' },
        weightedAmount: { amount: '0.00' },
        opportunities: { totalCount: 1, nodes: [{ name: '丢单' }] },
      },
    ]);
  });

  test('cuts each opportunity to whole cents, not their sum', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '客户' });
    // 10 % of 0.19 is 0.019: 1 cent each
    for (const name of ['甲', '乙', '丙']) await sale(t.admin, id, name, { amount: { amount: '0.19' } });
    await sale(t.admin, id, '不知道', {});
    expect(await board(t.admin, '(openOnly: true)')).toMatchObject({
      count: 4,
      amount: { amount: '0.57' },
      weightedAmount: { amount: '0.03' },
    });
  });

  test('is one statement, however many opportunities there are, and shows each caller what they may see', async () => {
    const t = await tenant();
    const { id: own } = await customer(t.admin, { name: '自己的', owner: await t.sales.id() });
    const { id: other } = await customer(t.admin, { name: '别人的', owner: await t.sales2.id() });
    await sale(t.admin, own, '甲', { amount: { amount: '10' }, owner: await t.sales.id() });
    await sale(t.admin, other, '乙', { amount: { amount: '200' } });
    const query =
      '{ pipeline { count amount { amount } weightedAmount { amount } stages { count amount { amount } opportunities { nodes { name customer { name } } } } } }';
    await t.viewer.id();
    for (const [who, expected] of [
      [t.sales, { count: 1, amount: { amount: '10.00' }, weightedAmount: { amount: '1.00' } }],
      [t.viewer, { count: 2, amount: null, weightedAmount: null }],
      [t.admin, { count: 2, amount: { amount: '210.00' } }],
    ] as const) {
      const answer = await who.graph.raw(query);
      expect(answer.statements).toBe(1);
      expect(answer.body.data.pipeline).toMatchObject(expected);
    }
    expect(await board(t.admin, `(filter: { owner: ["${await t.sales.id()}"] })`)).toMatchObject({
      count: 1,
      amount: { amount: '10.00' },
    });
  });
});
