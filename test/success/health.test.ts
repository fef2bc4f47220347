import { overall, weights } from '../../src/success/health.js';
import { activity, caseOf, contract, customer, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const aDay = 86_400_000;
const at = (days: number): string => new Date(Date.now() + days * aDay).toISOString();
/** The calendar day so many days from now, where tenants are at home unless they say otherwise. */
const day = (days: number): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: 'Asia/Shanghai',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(Date.now() + days * aDay));

const score =
  'scoredOn overall satisfaction activity financial contract riskLevel churnProbability positiveFactors negativeFactors recommendations';
const calculate = async (by: Actor, id: string): Promise<Data> => {
  const { customerCalculateHealth: payload } = await by.graph(
    `mutation ($id: ID!) { customerCalculateHealth(id: $id) { healthScore { ${score} } customer { healthScore version } userErrors { code field } } }`,
    { id },
  );
  expect(payload.userErrors).toEqual([]);
  return payload;
};
const pay = (by: Actor, input: object): Promise<Data> =>
  by.graph('mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code field } } }', {
    input,
  });
const judge = async (by: Actor, of: string, satisfaction: number): Promise<void> => {
  const { id } = await caseOf(by, { subject: '故障', customer: of });
  await by.graph(
    'mutation ($id: ID!, $input: CaseCloseInput!) { caseClose(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { satisfaction } },
  );
};

test('the weights give 86.0 for 88, 82, 90 and 83', async () => {
  const { admin, sql } = await tenant();
  await admin.id();
  expect(weights).toEqual({ satisfaction: 0.3, activity: 0.25, financial: 0.25, contract: 0.2 });
  expect(
    await sql(
      `select ${overall({ satisfaction: '88', activity: '82', financial: '90', contract: '83' })}::text as overall`,
    ),
  ).toEqual([{ overall: '86.0' }]);
});

test('without any fact every part is 75', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '新客户' });
  const { healthScore, customer: after } = await calculate(admin, id);
  expect(healthScore).toEqual({
    scoredOn: day(0),
    overall: '75.0',
    satisfaction: '75.0',
    activity: '75.0',
    financial: '75.0',
    contract: '75.0',
    riskLevel: 'MEDIUM',
    churnProbability: 25,
    positiveFactors: [],
    negativeFactors: [],
    recommendations: ['安排一次客户回访'],
  });
  expect(after).toEqual({ healthScore: '75.0', version: 1 });
});

test('every part follows from its facts, which the factors name', async () => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '老客户' });
  await judge(admin, id, 5);
  await judge(admin, id, 4);
  for (const days of [-3, -20, -40])
    await activity(admin, { kind: 'CALL', status: 'COMPLETED', customer: id, subject: '通话', startsAt: at(days) });
  await activity(admin, { kind: 'NOTE', status: 'COMPLETED', customer: id, subject: '备注', startsAt: at(-1) });
  const { id: agreement } = await contract(admin, {
    name: '服务',
    customer: id,
    status: 'IN_FORCE',
    amount: { amount: '1000' },
    startsOn: day(-100),
    endsOn: day(200),
    dueOn: day(-10),
  });
  await pay(admin, { contract: agreement, amount: { amount: '400' }, paidAt: at(-12) });
  await pay(admin, { contract: agreement, amount: { amount: '100' }, paidAt: at(-5) });
  const before = await written({ sql });
  const { healthScore, customer: after } = await calculate(admin, id);
  // (4.5 - 1) * 25; 0.6 * 100 + 0.4 * 80; 50 * 1/2 + 50 * (1 - 500/1000); 90; 26.25 + 23 + 12.5 + 18 = 79.75
  expect(healthScore).toEqual({
    scoredOn: day(0),
    overall: '79.8',
    satisfaction: '87.5',
    activity: '92.0',
    financial: '50.0',
    contract: '90.0',
    riskLevel: 'MEDIUM',
    churnProbability: 20.2,
    positiveFactors: [
      '近一年 2 次服务评价，平均满意度 4.5 分',
      '3 天前有过联系',
      '近 90 天联系 3 次',
      '1 份合同生效中，距最晚到期日 200 天',
    ],
    negativeFactors: ['1 份合同付款逾期', '1 笔付款晚于约定日期'],
    recommendations: ['与客户确认逾期款项的付款计划'],
  });
  expect(after.healthScore).toBe('79.8');
  expect((await written({ sql })).events).toBe(before.events + 1);
  expect(await sql('select type, data from outbox order by seq desc limit 1')).toEqual([
    { type: 'crm.customer.healthChanged', data: { healthScore: '79.8', before: '75.0', riskLevel: 'MEDIUM' } },
  ]);
});

test.each([
  [200, 0, '90.0'],
  [100, 0, '80.0'],
  [60, 0, '65.0'],
  [10, 0, '45.0'],
  [-3, 0, '20.0'],
  [200, 1, '95.0'],
  [200, 3, '100.0'],
])('a contract in force that ends in %i days and was renewed %i times gives %s', async (days, renewals, points) => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '客户' });
  const { id: agreement } = await contract(admin, {
    name: '合同',
    customer: id,
    status: 'IN_FORCE',
    startsOn: day(-300),
    endsOn: day(days - renewals),
    noticeDays: 1,
  });
  for (let count = renewals - 1; count >= 0; count -= 1)
    await admin.graph(
      `mutation { contractRenew(id: "${agreement}", input: { endsOn: "${day(days - count)}" }) { userErrors { code } } }`,
    );
  expect((await calculate(admin, id)).healthScore.contract).toBe(points);
});

test('a later calculation of the day replaces the earlier one; a falling score gives one open task, however often it falls', async () => {
  const { admin, sales, sql } = await tenant();
  const owner = await sales.id();
  const { id } = await customer(admin, { name: '客户', owner });
  await calculate(admin, id);
  await judge(admin, id, 1);
  const { healthScore } = await calculate(admin, id);
  // satisfaction 0: 75 - 0.3 * 75
  expect(healthScore).toMatchObject({
    overall: '52.5',
    riskLevel: 'HIGH',
    negativeFactors: ['近一年 1 次服务评价，平均满意度仅 1.0 分'],
  });
  expect(await sql('select overall::text from health_score')).toEqual([{ overall: '52.5' }]);
  const tasks = (): Promise<Data[]> =>
    sql(`select kind, priority, status, trigger, assignee_id from success_task where auto_generated`);
  const task = {
    kind: 'HEALTH_IMPROVEMENT',
    priority: 'HIGH',
    status: 'PENDING',
    trigger: '健康度由 75.0 降至 52.5',
    assignee_id: owner,
  };
  expect(await tasks()).toEqual([task]);
  for (const status of ['DRAFT', 'IN_FORCE']) {
    const { id: ended } = await contract(admin, {
      name: '合同',
      customer: id,
      status,
      ...(status === 'IN_FORCE' && { signedOn: day(-30) }),
    });
    // a draft that is given up never was a contract
    expect((await calculate(admin, id)).healthScore.contract).toBe(status === 'DRAFT' ? '75.0' : '90.0');
    await admin.graph(
      'mutation ($id: ID!) { contractChangeStatus(id: $id, status: TERMINATED) { userErrors { code } } }',
      { id: ended },
    );
  }
  expect((await calculate(admin, id)).healthScore.overall).toBe('41.5');
  expect(await tasks()).toEqual([task]);
});

test('a contract that ends within its notice gives one renewal task, and two calculations at once still one', async () => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '客户' });
  await contract(admin, {
    name: '合同',
    customer: id,
    status: 'IN_FORCE',
    startsOn: day(-300),
    endsOn: day(20),
    noticeDays: 30,
  });
  await Promise.all([1, 2, 3, 4].map(() => calculate(admin, id)));
  const { customer: found } = await admin.graph(
    'query ($id: ID!) { customer(id: $id) { successTasks { nodes { title kind priority autoGenerated trigger status } } healthScores { totalCount } latestHealthScore { overall } } }',
    { id },
  );
  expect(found).toEqual({
    successTasks: {
      nodes: [
        {
          title: '跟进合同续约',
          kind: 'RENEWAL',
          priority: 'HIGH',
          autoGenerated: true,
          trigger: '合同将在 20 天后到期',
          status: 'PENDING',
        },
      ],
    },
    healthScores: { totalCount: 1 },
    latestHealthScore: { overall: '69.0' },
  });
  expect(await sql("select count(*)::int from outbox where type = 'crm.successTask.created'")).toEqual([{ count: 1 }]);
});

describe('the trend', () => {
  let t: TestTenant;
  beforeAll(async () => {
    t = await tenant();
  });

  async function trend(scores: Array<[daysAgo: number, overall: number]>, period?: string): Promise<Data> {
    const { id } = await customer(t.admin, { name: `客户 ${JSON.stringify([scores, period])}` });
    for (const [ago, value] of scores) {
      await t.sql(
        `insert into health_score (tenant_id, id, customer_id, scored_on, overall, satisfaction, activity, financial, contract, risk_level, positive_factors, negative_factors, recommendations)
          values (app_tenant(), gen_random_uuid(), $1, $2, $3, 75, 75, 75, 75, 'MEDIUM', '{}', '{}', '{}')`,
        [id, day(-ago), value],
      );
    }
    return (
      await t.admin.graph(
        'query ($id: ID!, $period: LookBack) { customer(id: $id) { healthTrend(period: $period) { points { scoredOn overall riskLevel } direction changeRate stability } } }',
        { id, period },
      )
    ).customer.healthTrend;
  }

  test('names each day, the change against the first, and how much the scores move', async () => {
    expect(
      await trend([
        [20, 80],
        [10, 84],
        [0, 88],
      ]),
    ).toEqual({
      points: [
        [20, '80.0'],
        [10, '84.0'],
        [0, '88.0'],
      ].map(([ago, value]) => ({ scoredOn: day(-Number(ago)), overall: value, riskLevel: 'MEDIUM' })),
      direction: 'UP',
      changeRate: 10,
      stability: 'STABLE',
    });
  });

  test.each([
    [
      'a little change is none',
      [
        [20, 80],
        [0, 83.9],
      ],
      undefined,
      { direction: 'STABLE', changeRate: 4.88, stability: 'STABLE' },
    ],
    [
      'five percent are a change',
      [
        [20, 80],
        [0, 84],
      ],
      undefined,
      { direction: 'UP', changeRate: 5, stability: 'STABLE' },
    ],
    [
      'down',
      [
        [20, 80],
        [0, 64],
      ],
      undefined,
      { direction: 'DOWN', changeRate: -20, stability: 'FLUCTUATING' },
    ],
    [
      'up and down again',
      [
        [20, 80],
        [10, 50],
        [0, 80],
      ],
      undefined,
      { direction: 'STABLE', changeRate: 0, stability: 'VOLATILE' },
    ],
    [
      'older scores do not count',
      [
        [50, 20],
        [10, 80],
        [0, 80],
      ],
      'ONE_MONTH',
      { direction: 'STABLE', changeRate: 0, stability: 'STABLE' },
    ],
    ['nothing is stable', [], 'ONE_YEAR', { points: [], direction: 'STABLE', changeRate: 0, stability: 'STABLE' }],
  ] as Array<[string, Array<[number, number]>, string | undefined, object]>)(
    '%s',
    async (_what, scores, period, expected) => {
      expect(await trend(scores, period)).toMatchObject(expected);
    },
  );
});

test('who may not change a customer may not score it; what cannot be seen does not exist', async () => {
  const { admin, sales, sales2, viewer, outsider, sql } = await tenant();
  const { id } = await customer(admin, { name: '客户', owner: await sales.id() });
  const before = await written({ sql });
  const mutation = 'mutation ($id: ID!) { customerCalculateHealth(id: $id) { userErrors { code field } } }';
  expect(await viewer.graph.refused(mutation, { id })).toEqual(['FORBIDDEN']);
  expect(await sales2.graph.userErrors(mutation, { id })).toEqual(['NOT_FOUND id']);
  expect(await outsider.graph.userErrors(mutation, { id })).toEqual(['NOT_FOUND id']);
  expect(await sql('select 1 from health_score')).toEqual([]);
  expect(await written({ sql })).toEqual(before);
  await calculate(sales, id);
  const list = '{ healthScores { totalCount } }';
  expect((await sales2.graph(list)).healthScores.totalCount).toBe(0);
  expect((await sales.graph(list)).healthScores.totalCount).toBe(1);
});
