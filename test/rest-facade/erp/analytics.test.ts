import { customer, opportunity } from '../../support/records.js';
import type { Data } from '../../support/tenant.js';
import { world, type World } from './world.js';

/** Four customers with won, lost and open opportunities, and a campaign that cost 800. */
async function company(): Promise<World> {
  const w = await world();
  const [huaxin, yuanda, changjiang] = [
    await customer(w.admin, {
      name: '华信科技',
      industry: '科技',
      region: '华北',
      size: 'LARGE',
      tier: 'PLATINUM',
      status: 'ACTIVE',
    }),
    await customer(w.admin, {
      name: '远大物流',
      industry: '制造',
      region: '华东',
      size: 'SMALL',
      tier: 'BRONZE',
      status: 'ACTIVE',
    }),
    await customer(w.admin, { name: '长江科技', industry: '科技', tier: 'BRONZE', status: 'LOST' }),
    await customer(w.admin, { name: '绿洲基金' }),
  ];
  await opportunity(w.admin, { customer: huaxin.id, name: '一期', stage: 'CLOSED_WON', amount: { amount: '1000.50' } });
  await opportunity(w.admin, { customer: huaxin.id, name: '二期', stage: 'CLOSED_WON', amount: { amount: '2000' } });
  await opportunity(w.admin, { customer: yuanda.id, name: '咨询', stage: 'CLOSED_WON', amount: { amount: '500' } });
  await opportunity(w.admin, { customer: yuanda.id, name: '续约', stage: 'PROPOSAL', amount: { amount: '700' } });
  await opportunity(w.admin, {
    customer: changjiang.id,
    name: '升级',
    stage: 'CLOSED_LOST',
    amount: { amount: '900' },
  });
  await w.data('POST /campaigns', { name: '发布会', type: 'event', startDate: today(), actualCost: 800 });
  return w;
}

const today = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());

const overview = {
  totalCustomers: 4,
  newCustomers: 4,
  activeCustomers: 3,
  totalOpportunities: 5,
  openOpportunities: 1,
  wonOpportunities: 3,
  lostOpportunities: 1,
  totalRevenue: 3500.5,
  averageDealSize: 1166,
  customerAcquisitionCost: 200,
  customerLifetimeValue: 875.13,
};

test.each(['', '?period=week', '?period=year', `?startDate=${today()}`, `?startDate=${today()}&endDate=${today()}`])(
  'the overview%s counts what is there, in one statement',
  async (query) => {
    const w = await company();
    const { body, statements } = await w.ask(`GET /analytics/overview${query}`);
    expect([body, statements]).toEqual([{ code: 200, message: 'success', data: overview }, 1]);
  },
);

test('the overview of an empty tenant, and of another time, is nought', async () => {
  const nothing = Object.fromEntries(Object.keys(overview).map((name) => [name, 0]));
  expect(await (await world()).data('GET /analytics/overview')).toEqual(nothing);
  expect(await (await company()).data('GET /analytics/overview?startDate=2020-01-01&endDate=2020-01-31')).toEqual(
    nothing,
  );
});

test('active customers are the active accounts', async () => {
  const w = await company();
  expect((await w.data('GET /accounts?status=active')).total).toBe(overview.activeCustomers);
});

test('callers to whom amounts are hidden see counts without them', async () => {
  const w = await company();
  const by = { by: w.viewer };
  expect(await w.data('GET /analytics/overview', undefined, by)).toEqual({
    ...overview,
    totalRevenue: null,
    averageDealSize: null,
    customerAcquisitionCost: null,
    customerLifetimeValue: null,
  });
  expect(
    (await w.data('GET /analytics/segmentation?segmentBy=region', undefined, by)).segments.map(
      ({ count, revenue }: Data) => [count, revenue],
    ),
  ).toEqual([
    [1, null],
    [1, null],
    [2, 0],
  ]);
});

describe('a trend', () => {
  test.each([
    ['customers', 4],
    ['opportunities', 5],
    ['revenue', 3500.5],
    ['activities', 0],
  ])('of %s ends with %d, after five months of nothing', async (metric, value) => {
    const w = await company();
    const { body, statements } = await w.ask(`GET /analytics/trends?metric=${metric}`);
    const { data, ...rest } = body.data;
    expect([rest, statements]).toEqual([{ metric, period: 'month' }, 1]);
    expect(data.map((point: Data) => point.value)).toEqual([0, 0, 0, 0, 0, value]);
    expect(data[5].date).toBe(today().slice(0, 7));
  });

  test.each([
    ['week', ['2025-12-29', '2026-01-05', '2026-01-12']],
    ['month', ['2026-01']],
    ['quarter', ['2026-Q1']],
    ['year', ['2026']],
  ])('by %s names its periods', async (period, dates) => {
    const w = await world();
    const answer = await w.data(
      `GET /analytics/trends?metric=revenue&period=${period}&startDate=2026-01-04&endDate=2026-01-12`,
    );
    expect(answer).toEqual({ metric: 'revenue', period, data: dates.map((date) => ({ date, value: 0 })) });
  });
});

test.each([
  [
    'industry',
    [
      ['科技', 2, 3000.5, 50],
      ['制造', 1, 500, 25],
      ['其他', 1, 0, 25],
    ],
  ],
  [
    'region',
    [
      ['华北', 1, 3000.5, 25],
      ['华东', 1, 500, 25],
      ['其他', 2, 0, 50],
    ],
  ],
  [
    'size',
    [
      ['large', 1, 3000.5, 25],
      ['small', 1, 500, 25],
      ['其他', 2, 0, 50],
    ],
  ],
  [
    'loyalty',
    [
      ['bronze', 3, 500, 75],
      ['platinum', 1, 3000.5, 25],
    ],
  ],
])('segments by %s', async (segmentBy, expected) => {
  const w = await company();
  const { body, statements } = await w.ask(`GET /analytics/segmentation?segmentBy=${segmentBy}`);
  expect([body.data, statements]).toEqual([
    {
      segmentBy,
      segments: expected.map(([name, count, revenue, percentage]) => ({ name, count, revenue, percentage })),
    },
    1,
  ]);
});

test('loyalty shows every level, the highest first', async () => {
  const w = await company();
  const level = (name: string, count: number, revenue: number, retentionRate: number): object => ({
    level: name,
    count,
    revenue,
    retentionRate,
  });
  const { body, statements } = await w.ask('GET /analytics/loyalty');
  expect([body.data, statements]).toEqual([
    {
      loyaltyLevels: [
        level('platinum', 1, 3000.5, 100),
        level('gold', 0, 0, 0),
        level('silver', 0, 0, 0),
        level('bronze', 3, 500, 50),
      ],
      recommendation: '针对青铜级客户，建议实施客户关怀计划，提高客户忠诚度',
    },
    1,
  ]);
});
