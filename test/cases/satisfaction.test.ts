import { caseOf, customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const close =
  'mutation ($id: ID!, $input: CaseCloseInput!) { caseClose(id: $id, input: $input) { userErrors { code field } } }';
const satisfactionOf =
  'query ($id: ID!, $period: LookBack) { customer(id: $id) { satisfaction(period: $period) { overall count trend weakest parts { responseTime solutionQuality communication professionalism } history { month score count } } } }';

/** Closes a case so many days ago with what the customer said of it. */
async function judged(t: TestTenant, customerId: string, days: number, input: object): Promise<void> {
  const { id } = await caseOf(t.admin, { subject: 'x', customer: customerId });
  await t.admin.graph(close, { id, input });
  await t.sql(
    `update service_case set closed_at = now() - interval '${days} days' where id = $1 and tenant_id = app_tenant()`,
    [id],
  );
}

const satisfaction = async (t: TestTenant, id: string, period?: string): Promise<Data> =>
  (await t.admin.graph(satisfactionOf, { id, period })).customer.satisfaction;

test('a customer who said nothing has no satisfaction', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  await judged(t, id, 1, { resolution: '好了' });
  expect(await satisfaction(t, id)).toEqual({
    overall: null,
    count: 0,
    trend: 'STABLE',
    weakest: [],
    parts: { responseTime: null, solutionQuality: null, communication: null, professionalism: null },
    history: [],
  });
});

test('means of the whole and of the parts over the judged cases of the period, the worst parts first', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  const { id: other } = await customer(t.admin, { name: '乙' });
  await judged(t, id, 1, { satisfaction: 5, responseTime: 5, solutionQuality: 3, communication: 1 });
  await judged(t, id, 2, { satisfaction: 4, responseTime: 4, communication: 2 });
  await judged(t, id, 3, { satisfaction: 4, solutionQuality: 4 });
  await judged(t, id, 200, { satisfaction: 1 });
  await judged(t, other, 1, { satisfaction: 1 });
  expect(await satisfaction(t, id)).toMatchObject({
    overall: '4.33',
    count: 3,
    trend: 'STABLE',
    weakest: ['COMMUNICATION', 'SOLUTION_QUALITY'],
    parts: { responseTime: '4.50', solutionQuality: '3.50', communication: '1.50', professionalism: null },
  });
});

test.each<[string, number[], number[], string]>([
  ['rises', [5, 4], [3], 'UP'],
  ['falls', [2], [4, 4], 'DOWN'],
  ['stays', [4], [4], 'STABLE'],
  ['has nothing before', [4], [], 'STABLE'],
])('the trend against the month before: it %s', async (_what, present, before, trend) => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  for (const score of present) await judged(t, id, 5, { satisfaction: score });
  for (const score of before) await judged(t, id, 40, { satisfaction: score });
  expect((await satisfaction(t, id, 'ONE_MONTH')).trend).toBe(trend);
});

test('periods of one, three, six and twelve months, and history by month in the zone of the tenant', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  for (const [days, score] of [
    [10, 5],
    [80, 4],
    [170, 3],
    [350, 2],
    [400, 1],
  ] as const)
    await judged(t, id, days, { satisfaction: score });
  const all = await Promise.all(
    ['ONE_MONTH', 'THREE_MONTHS', 'SIX_MONTHS', 'ONE_YEAR'].map(async (period) => satisfaction(t, id, period)),
  );
  expect(all.map(({ count, overall }) => [count, overall])).toEqual([
    [1, '5.00'],
    [2, '4.50'],
    [3, '4.00'],
    [4, '3.50'],
  ]);
  const month = (days: number): string =>
    `${new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(Date.now() - days * 86_400_000).slice(0, 7)}-01`;
  expect(all[3].history).toEqual(
    [
      [350, '2.00'],
      [170, '3.00'],
      [80, '4.00'],
      [10, '5.00'],
    ].map(([days, score]) => ({ month: month(Number(days)), score, count: 1 })),
  );
});

test('it is read with the customers of a page in one statement', async () => {
  const t = await tenant();
  for (const name of ['甲', '乙', '丙']) {
    const { id } = await customer(t.admin, { name });
    await judged(t, id, 1, { satisfaction: 4 });
  }
  const answer = await t.admin.graph.raw('{ customers { nodes { satisfaction { overall history { score } } } } }');
  expect([answer.statements, answer.body.data.customers.nodes]).toEqual([
    1,
    Array.from({ length: 3 }, () => ({ satisfaction: { overall: '4.00', history: [{ score: '4.00' }] } })),
  ]);
});
