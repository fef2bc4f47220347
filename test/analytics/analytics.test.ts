import { activity, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const won = async (by: Actor, of: string, amount: string): Promise<string> => {
  const { id } = await opportunity(by, { name: '成交', customer: of, amount: { amount } });
  await by.graph('mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code } } }', { id });
  return id;
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

const overview = `totalCustomers newCustomers activeCustomers totalOpportunities openOpportunities wonOpportunities lostOpportunities conversionRate totalRevenue { amount } averageWonAmount { amount } customerAcquisitionCost { amount } revenuePerCustomer { amount }`;
const ask = (by: Actor, args = ''): Promise<Data> =>
  by.graph(`{ analyticsOverview${args} { ${overview} } }`).then((data: Data) => data.analyticsOverview);

describe('the overview', () => {
  test('gives the values of the documented example', async () => {
    const t = await tenant();
    await enter(t);
    await many(t, 70, { status: 'ACTIVE', created_at: '2020-01-01' });
    await many(t, 20, { status: 'INACTIVE', created_at: '2020-01-01' });
    await many(t, 10, { status: 'ACTIVE' });
    const of = await someCustomer(t);
    // 15 won opportunities with 5,000,000 in all: 14 of 333,333.33 and one of 333,333.38
    await t.sql(
      `insert into opportunity (tenant_id, id, code, customer_id, name, stage, won_amount, closed_at)
        select app_tenant(), gen_random_uuid(), 'O' || n, $1, '商机', case when n <= 15 then 'CLOSED_WON' when n <= 20 then 'CLOSED_LOST' else 'PROPOSAL' end, case when n = 1 then 333333.38 when n <= 15 then 333333.33 end, case when n <= 20 then now() end
        from generate_series(1, 50) n`,
      [of],
    );
    await t.admin.graph(
      'mutation { campaignCreate(input: { name: "展会", kind: EVENT, startsOn: "2026-01-01", endsOn: "2026-01-02", actualCost: { amount: "50000" } }) { userErrors { code field } } }',
    );
    expect(await ask(t.admin)).toEqual({
      totalCustomers: 100,
      newCustomers: 10,
      activeCustomers: 80,
      totalOpportunities: 50,
      openOpportunities: 30,
      wonOpportunities: 15,
      lostOpportunities: 5,
      conversionRate: 30,
      totalRevenue: { amount: '5000000.00' },
      averageWonAmount: { amount: '333333.33' },
      customerAcquisitionCost: { amount: '5000.00' },
      revenuePerCustomer: { amount: '50000.00' },
    });
    expect(
      (await t.admin.graph.raw(`{ analyticsOverview { ${overview} } pipeline { amount { amount } } }`)).statements,
    ).toBe(1);
  });

  test('is zero where there is nothing, and takes no quotient of it', async () => {
    const t = await tenant();
    expect(await ask(t.admin)).toEqual({
      totalCustomers: 0,
      newCustomers: 0,
      activeCustomers: 0,
      totalOpportunities: 0,
      openOpportunities: 0,
      wonOpportunities: 0,
      lostOpportunities: 0,
      conversionRate: 0,
      totalRevenue: { amount: '0.00' },
      averageWonAmount: { amount: '0.00' },
      customerAcquisitionCost: null,
      revenuePerCustomer: null,
    });
  });

  test('with a range counts what was closed in it, by the days of the tenant', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '客户' });
    for (const amount of ['100', '20', '3']) await won(t.admin, id, amount);
    // midnight in Shanghai is 16:00 in UTC
    for (const [amount, closed] of [
      [100, '2026-01-31T15:59:59Z'],
      [20, '2026-01-31T16:00:00Z'],
      [3, '2026-02-28T16:00:00Z'],
    ])
      await t.sql('update opportunity set closed_at = $2 where won_amount = $1', [amount, closed]);
    const january = await ask(t.admin, '(from: "2026-01-01", until: "2026-01-31")');
    expect(january).toMatchObject({ totalCustomers: 0, wonOpportunities: 1, totalRevenue: { amount: '100.00' } });
    expect(await ask(t.admin, '(from: "2026-02-01", until: "2026-02-28")')).toMatchObject({
      wonOpportunities: 1,
      totalRevenue: { amount: '20.00' },
      averageWonAmount: { amount: '20.00' },
    });
    expect(await ask(t.admin, '(from: "2026-02-01")')).toMatchObject({
      wonOpportunities: 2,
      totalRevenue: { amount: '23.00' },
      averageWonAmount: { amount: '11.50' },
    });
    expect(await ask(t.admin, '(period: YEAR, from: "2026-03-01")')).toMatchObject({
      wonOpportunities: 1,
      totalRevenue: { amount: '3.00' },
    });
  });

  test('holds only what the caller may see: sales their customers, viewers no amounts, others nothing', async () => {
    const t = await tenant();
    const { id: own } = await customer(t.admin, { name: '自己的', owner: await t.sales.id(), status: 'ACTIVE' });
    const { id: other } = await customer(t.admin, { name: '别人的', owner: await t.sales2.id() });
    await won(t.admin, own, '100');
    await won(t.admin, other, '1000');
    expect(await ask(t.sales)).toMatchObject({
      totalCustomers: 1,
      activeCustomers: 1,
      wonOpportunities: 1,
      totalRevenue: { amount: '100.00' },
      averageWonAmount: { amount: '100.00' },
      revenuePerCustomer: { amount: '100.00' },
    });
    expect(await ask(t.viewer)).toMatchObject({
      totalCustomers: 2,
      wonOpportunities: 2,
      totalRevenue: null,
      averageWonAmount: null,
      revenuePerCustomer: null,
    });
    expect(await ask(t.manager)).toMatchObject({ totalRevenue: { amount: '1100.00' } });
    expect(await ask(t.outsider)).toMatchObject({ totalCustomers: 0, totalRevenue: { amount: '0.00' } });
  });
});

describe('a trend', () => {
  const trend = (by: Actor, args: string): Promise<unknown> =>
    by
      .graph(`{ analyticsTrend(${args}) { startsOn count amount { amount } } }`)
      .then(({ analyticsTrend }: Data) =>
        analyticsTrend.map((point: Data) => [
          point.startsOn,
          /REVENUE/.test(args) ? point.amount && point.amount.amount : point.count,
        ]),
      );

  test('of customers gives the documented example: how many there were at the end of each month', async () => {
    const t = await tenant();
    await enter(t);
    for (const [count, created] of [
      [78, '2022-06-01'],
      [2, '2023-01-31'],
      [5, '2023-02-10'],
      [5, '2023-03-10'],
      [5, '2023-04-10'],
      [3, '2023-05-10'],
      [2, '2023-06-10'],
      [9, '2023-07-10'],
    ] as const)
      await many(t, count, { created_at: created });
    expect(await trend(t.admin, 'metric: CUSTOMERS, period: MONTH, from: "2023-01-01", until: "2023-06-30"')).toEqual([
      ['2023-01-01', 80],
      ['2023-02-01', 85],
      ['2023-03-01', 90],
      ['2023-04-01', 95],
      ['2023-05-01', 98],
      ['2023-06-01', 100],
    ]);
  });

  test('of revenue, opportunities and activities gives each period its own, by the days of the tenant', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '客户' });
    const opportunities = await Promise.all(['100', '20.5', '3'].map((amount) => won(t.admin, id, amount)));
    // Sunday, 23:59 in Shanghai; Monday, 0:00; a Monday two weeks later
    for (const [index, at] of ['2026-03-08T15:59:00Z', '2026-03-08T16:00:00Z', '2026-03-23T00:00:00Z'].entries()) {
      await t.sql('update opportunity set closed_at = $2, created_at = $2 where id = $1', [opportunities[index], at]);
      await activity(t.admin, { subject: '通话', kind: 'CALL', customer: id, startsAt: at });
    }
    const range = 'period: WEEK, from: "2026-03-02", until: "2026-03-29"';
    expect(await trend(t.admin, `metric: REVENUE, ${range}`)).toEqual([
      ['2026-03-02', '100.00'],
      ['2026-03-09', '20.50'],
      ['2026-03-16', '0.00'],
      ['2026-03-23', '3.00'],
    ]);
    for (const metric of ['OPPORTUNITIES', 'ACTIVITIES'])
      expect(await trend(t.admin, `metric: ${metric}, ${range}`)).toEqual([
        ['2026-03-02', 1],
        ['2026-03-09', 1],
        ['2026-03-16', 0],
        ['2026-03-23', 1],
      ]);
    expect(await trend(t.admin, 'metric: REVENUE, period: QUARTER, from: "2025-11-15", until: "2026-03-08"')).toEqual([
      ['2025-10-01', '0.00'],
      ['2026-01-01', '100.00'],
    ]);
    expect(await trend(t.admin, 'metric: REVENUE, period: YEAR, from: "2025-01-01", until: "2026-12-31"')).toEqual([
      ['2025-01-01', '0.00'],
      ['2026-01-01', '123.50'],
    ]);
    expect(await trend(t.viewer, 'metric: REVENUE, period: YEAR, from: "2025-01-01", until: "2026-12-31"')).toEqual([
      ['2025-01-01', '0.00'],
      ['2026-01-01', null],
    ]);
  });

  test('without a range shows the past six periods', async () => {
    const t = await tenant();
    await customer(t.admin, { name: '客户' });
    const points = (await trend(t.admin, 'metric: CUSTOMERS')) as Array<[string, number]>;
    expect(points.map(([, value]) => value)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(points.every(([startsOn]) => startsOn.endsWith('-01'))).toBe(true);
  });
});
