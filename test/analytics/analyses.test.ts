import { activity, caseOf, contact, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const aDay = 86_400_000;
const at = (days: number): string => new Date(Date.now() + days * aDay).toISOString();
const day = (days: number): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: 'Asia/Shanghai',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(Date.now() + days * aDay));

describe('the value of a customer', () => {
  const fields = `totalRevenue { amount } paymentCount monthlyRevenue { amount } revenueTrend userCount revenuePerUser { amount } rank duePaymentCount paymentPunctuality contractCount contractStability
    openOpportunityCount upsellProbability expansionOpportunities estimatedGrowth`;
  const value = (by: Actor, id: string): Promise<Data> =>
    by
      .graph(`query ($id: ID!) { customer(id: $id) { valueAnalysis { ${fields} } } }`, { id })
      .then((data: Data) => data.customer.valueAnalysis);
  const pay = async (by: Actor, of: string, amount: string, days: number): Promise<void> => {
    const { paymentCreate } = await by.graph(
      'mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code field } } }',
      { input: { contract: of, amount: { amount }, paidAt: at(days) } },
    );
    expect(paymentCreate.userErrors).toEqual([]);
  };

  test('without any record is nothing', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '客户' });
    expect(await value(admin, id)).toEqual({
      totalRevenue: { amount: '0.00' },
      paymentCount: 0,
      monthlyRevenue: { amount: '0.00' },
      revenueTrend: 'STABLE',
      userCount: 1,
      revenuePerUser: { amount: '0.00' },
      rank: 100,
      duePaymentCount: 0,
      paymentPunctuality: null,
      contractCount: 0,
      contractStability: null,
      openOpportunityCount: 0,
      upsellProbability: null,
      expansionOpportunities: [],
      estimatedGrowth: null,
    });
  });

  test('follows from payments, contracts and open opportunities', async () => {
    const { admin, sales, viewer } = await tenant();
    const { id } = await customer(admin, { name: '客户', owner: await sales.id() });
    for (const name of ['张三', '李四']) await contact(admin, { name, customer: id });
    const { id: agreement } = await contract(admin, {
      name: '合同',
      customer: id,
      status: 'IN_FORCE',
      amount: { amount: '3000' },
      dueOn: day(-30),
    });
    await pay(admin, agreement, '600', -500);
    await pay(admin, agreement, '200', -250);
    await pay(admin, agreement, '400', -10);
    const { id: ended } = await contract(admin, {
      name: '旧合同',
      customer: id,
      status: 'IN_FORCE',
      amount: { amount: '500' },
      signedOn: day(-400),
    });
    await admin.graph(
      'mutation ($id: ID!) { contractChangeStatus(id: $id, status: TERMINATED) { userErrors { code } } }',
      { id: ended },
    );
    await opportunity(admin, { name: '小单', customer: id, amount: { amount: '200' }, probability: 30 });
    await opportunity(admin, { name: '大单', customer: id, amount: { amount: '1000' }, probability: 60 });
    const { id: larger } = await customer(admin, { name: '更大的客户' });
    const { id: theirs } = await contract(admin, {
      name: '合同',
      customer: larger,
      status: 'IN_FORCE',
      amount: { amount: '9000' },
    });
    await pay(admin, theirs, '9000', -1);
    for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
    const found = await value(admin, id);
    expect(found).toEqual({
      totalRevenue: { amount: '1200.00' },
      paymentCount: 3,
      // 600 of the past twelve months
      monthlyRevenue: { amount: '50.00' },
      revenueTrend: 'UP',
      userCount: 2,
      revenuePerUser: { amount: '600.00' },
      // the second of five
      rank: 40,
      duePaymentCount: 3,
      paymentPunctuality: 66.67,
      contractCount: 2,
      contractStability: 50,
      openOpportunityCount: 2,
      upsellProbability: 45,
      expansionOpportunities: ['大单', '小单'],
      // (1000 * 60 % + 200 * 30 %) / 1200
      estimatedGrowth: 55,
    });
    const hidden = {
      totalRevenue: null,
      monthlyRevenue: null,
      revenuePerUser: null,
      rank: null,
      estimatedGrowth: null,
      revenueTrend: null,
      duePaymentCount: null,
      paymentPunctuality: null,
    };
    expect(await value(viewer, id)).toEqual({ ...found, ...hidden });
    // the only one that the salesperson sees besides those that nobody owns, whose amounts are hidden
    expect(await value(sales, id)).toMatchObject({
      totalRevenue: { amount: '1200.00' },
      estimatedGrowth: expect.any(Number),
    });
  });
});

describe('the behaviour of a customer', () => {
  const fields = `loginCount loginsPerDay loginTrend peakHours features { feature count share } featureCount featureAdoption sessionMinutes caseCount casesPerMonth satisfactionTrend contactCount preferredChannel engagement insights`;
  const behavior = (by: Actor, id: string, period?: string): Promise<Data> =>
    by
      .graph(
        `query ($id: ID!, $period: LookBack) { customer(id: $id) { behaviorAnalysis(period: $period) { ${fields} } } }`,
        { id, period },
      )
      .then((data: Data) => data.customer.behaviorAnalysis);
  const use = async (t: TestTenant, inputs: object[]): Promise<void> => {
    const { usageEventsCreate } = await t.admin.graph(
      'mutation ($inputs: [UsageEventInput!]!) { usageEventsCreate(inputs: $inputs) { count userErrors { code field } } }',
      { inputs },
    );
    expect(usageEventsCreate).toEqual({ count: inputs.length, userErrors: [] });
  };
  /** An instant that many days ago at that hour in Shanghai. */
  const atHour = (daysAgo: number, hour: number): string =>
    `${day(-daysAgo)}T${String(hour).padStart(2, '0')}:10:00+08:00`;

  test('without any record is nothing', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '客户' });
    expect(await behavior(admin, id)).toEqual({
      loginCount: 0,
      loginsPerDay: '0.00',
      loginTrend: 'STABLE',
      peakHours: [],
      features: [],
      featureCount: 0,
      featureAdoption: 0,
      sessionMinutes: null,
      caseCount: 0,
      casesPerMonth: '0.00',
      satisfactionTrend: 'STABLE',
      contactCount: 0,
      preferredChannel: null,
      engagement: '0.0',
      insights: ['期间没有联系记录'],
    });
  });

  test('follows from usage, cases and activities of the period', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '客户' });
    const { id: other } = await customer(t.admin, { name: '另一个' });
    // six logins on four days of the past thirty, four in the thirty before, and one long ago
    await use(
      t,
      [
        [2, 9],
        [2, 9],
        [3, 9],
        [3, 14],
        [5, 14],
        [6, 20],
        [40, 9],
        [41, 9],
        [42, 9],
        [43, 9],
        [200, 9],
      ].map(([ago, hour]) => ({ customer: id, kind: 'LOGIN', person: '李雷', at: atHour(ago!, hour!) })),
    );
    await use(
      t,
      ['报表', '报表', '报表', '导出'].map((feature) => ({ customer: id, kind: 'FEATURE', feature, at: at(-2) })),
    );
    await use(
      t,
      ['审批', '报表', '导出', '提醒'].map((feature) => ({ customer: other, kind: 'FEATURE', feature, at: at(-2) })),
    );
    await use(
      t,
      [600, 900].map((durationSeconds) => ({ customer: id, kind: 'SESSION', durationSeconds, at: at(-2) })),
    );
    for (const [subject, kind] of [
      ['一', 'CALL'],
      ['二', 'EMAIL'],
      ['三', 'EMAIL'],
      ['四', 'NOTE'],
    ])
      await activity(t.admin, { subject, kind, status: 'COMPLETED', customer: id, startsAt: at(-4) });
    for (const subject of ['故障', '咨询']) await caseOf(t.admin, { subject, customer: id });
    expect(await behavior(t.admin, id, 'ONE_MONTH')).toEqual({
      loginCount: 6,
      loginsPerDay: '0.20',
      loginTrend: 'UP',
      peakHours: [9, 14, 20],
      features: [
        { feature: '报表', count: 3, share: 75 },
        { feature: '导出', count: 1, share: 25 },
      ],
      featureCount: 2,
      featureAdoption: 50,
      sessionMinutes: '12.50',
      caseCount: 2,
      casesPerMonth: '2.00',
      satisfactionTrend: 'STABLE',
      contactCount: 3,
      preferredChannel: 'EMAIL',
      // 40 * 4/20 + 30 * 2/4 + 30 * 3/3
      engagement: '53.0',
      insights: ['登录次数由 4 次升至 6 次', '使用了 4 个功能中的 2 个', '提交了 2 个工单'],
    });
    expect(await behavior(t.admin, id, 'THREE_MONTHS')).toMatchObject({
      loginCount: 10,
      loginTrend: 'UP',
      casesPerMonth: '0.67',
    });
    expect(
      (
        await t.admin.graph.raw(
          'query ($id: ID!) { customer(id: $id) { valueAnalysis { totalRevenue { amount } rank } behaviorAnalysis { loginCount engagement features { feature } } } }',
          { id },
        )
      ).statements,
    ).toBe(1);
  });
});
