import { queries } from '../support/http.js';
import { customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const forecast =
  '{ forecast { month count amount { amount } weightedAmount { amount } opportunities(orderBy: [{ field: NUMBER }]) { totalCount nodes { name } } } }';
const funnel =
  'query ($from: Date, $until: Date) { funnel(from: $from, until: $until) { stage entered won lost winRate averageDays opportunities(orderBy: [{ field: NUMBER }]) { nodes { name } } } }';
const velocity =
  'query ($from: Date, $until: Date) { salesVelocity(from: $from, until: $until) { openCount wonCount lostCount winRate averageWonAmount { amount } averageDaysToWin amountPerDay { amount } } }';

const move = (by: Actor, id: string, stage: string): Promise<Data> =>
  by.graph(
    'mutation ($id: ID!, $stage: OpportunityStage!) { opportunityChangeStage(id: $id, stage: $stage) { userErrors { code } } }',
    { id, stage },
  );

/** Opportunities of two customers: 甲 and 丁 open, 乙 won after 10 days, 丙 lost, 戊 another salesperson's. */
async function world(): Promise<TestTenant> {
  const t = await tenant();
  const own = await customer(t.admin, { name: '自己的', owner: await t.sales.id() });
  const other = await customer(t.admin, { name: '别人的', owner: await t.sales2.id() });
  const sale = async (name: string, more: object, of = own): Promise<string> =>
    (await opportunity(t.admin, { name, customer: of.id, ...more })).id;
  const first = await sale('甲', { amount: { amount: '1000' }, expectedCloseOn: '2026-03-31' });
  const second = await sale('乙', { amount: { amount: '400' }, expectedCloseOn: '2026-03-01' });
  const third = await sale('丙', { amount: { amount: '50' } });
  await sale('丁', { amount: { amount: '0.19' } });
  await sale('戊', { amount: { amount: '500' }, expectedCloseOn: '2026-04-01', stage: 'PROPOSAL' }, other);
  await move(t.admin, first, 'PROPOSAL');
  for (const stage of ['QUALIFICATION', 'PROPOSAL', 'CLOSED_WON']) await move(t.admin, second, stage);
  await move(t.admin, third, 'QUALIFICATION');
  await move(t.admin, third, 'CLOSED_LOST');
  // history as it would be after some days: 乙 stayed 4, 4 and 2 days, 丙 2 and 1
  const moments = async (id: string, days: number[]): Promise<void> => {
    await t.sql(
      `update stage_change c set stayed = null, created_at = timestamptz '2026-02-01 00:00+08' + make_interval(days => ($2::int[])[n::int]) from (select id, row_number() over (order by number) n from stage_change where opportunity_id = $1) o where o.id = c.id`,
      [id, days],
    );
    await t.sql(
      `update opportunity set created_at = timestamptz '2026-02-01 00:00+08', closed_at = timestamptz '2026-02-01 00:00+08' + make_interval(days => $2) where id = $1`,
      [id, days.at(-1)],
    );
  };
  await moments(second, [0, 4, 8, 10]);
  await moments(third, [0, 2, 3]);
  return t;
}

const opportunities = (...names: string[]): Data => ({ nodes: names.map((name) => ({ name })) });

test('the forecast weighs open opportunities by stage and month of expected close, with the opportunities behind each number, in one statement', async () => {
  const t = await world();
  let data: Data;
  expect(await queries(async () => (data = await t.admin.graph(forecast)))).toBe(1);
  expect(data!.forecast).toEqual([
    {
      month: '2026-03',
      count: 1,
      amount: { amount: '1000.00' },
      weightedAmount: { amount: '400.00' },
      opportunities: { totalCount: 1, ...opportunities('甲') },
    },
    {
      month: '2026-04',
      count: 1,
      amount: { amount: '500.00' },
      weightedAmount: { amount: '200.00' },
      opportunities: { totalCount: 1, ...opportunities('戊') },
    },
    {
      month: '',
      count: 1,
      amount: { amount: '0.19' },
      weightedAmount: { amount: '0.01' },
      opportunities: { totalCount: 1, ...opportunities('丁') },
    },
  ]);
});

test('the funnel shows from the history how many opportunities entered a stage, how they ended and how long they stayed', async () => {
  const t = await world();
  let data: Data;
  expect(await queries(async () => (data = await t.admin.graph(funnel)))).toBe(1);
  expect(data!.funnel).toMatchObject([
    {
      stage: 'PROSPECTING',
      entered: 4,
      won: 1,
      lost: 1,
      winRate: 50,
      opportunities: opportunities('甲', '乙', '丙', '丁'),
    },
    {
      stage: 'QUALIFICATION',
      entered: 2,
      won: 1,
      lost: 1,
      winRate: 50,
      averageDays: '2.5',
      opportunities: opportunities('乙', '丙'),
    },
    {
      stage: 'NEEDS_ANALYSIS',
      entered: 0,
      won: 0,
      lost: 0,
      winRate: null,
      averageDays: null,
      opportunities: opportunities(),
    },
    {
      stage: 'PROPOSAL',
      entered: 3,
      won: 1,
      lost: 0,
      winRate: 100,
      averageDays: '2.0',
      opportunities: opportunities('甲', '乙', '戊'),
    },
    { stage: 'NEGOTIATION', entered: 0 },
  ]);
  // of February only the two that have a past; the first stage took them 4 and 2 days
  expect((await t.admin.graph(funnel, { from: '2026-02-01', until: '2026-02-01' })).funnel[0]).toMatchObject({
    entered: 2,
    averageDays: '3.0',
  });
  expect((await t.admin.graph(funnel, { from: '2026-01-01', until: '2026-01-31' })).funnel[0]).toMatchObject({
    entered: 0,
    averageDays: null,
  });
});

test('each change of a stage keeps how long the one before it lasted and whether it is a return, and the funnel says the same without that', async () => {
  const t = await tenant();
  const { id: of } = await customer(t.admin, { name: '往返' });
  const [one, other] = await Promise.all(
    ['甲', '乙'].map(async (name) => (await opportunity(t.admin, { name, customer: of })).id as string),
  );
  for (const stage of ['PROPOSAL', 'QUALIFICATION', 'PROPOSAL', 'PROSPECTING', 'CLOSED_LOST'])
    for (const id of [one!, other!]) await move(t.admin, id, stage);
  await move(t.admin, other!, 'PROPOSAL');
  await move(t.admin, other!, 'CLOSED_WON');
  const wrong = `select id from (select c.*, lag(c.created_at) over w as before, exists (select from stage_change e where e.opportunity_id = c.opportunity_id and e.to_stage = c.to_stage and e.number < c.number) as again
    from stage_change c window w as (partition by c.opportunity_id order by c.number)) h where stayed is distinct from extract(epoch from created_at - before) or returned is distinct from (case when before is not null then again end)`;
  expect(await t.sql(wrong)).toEqual([]);
  // a day later with each of them
  await t.sql(`update stage_change c set created_at = c.created_at + make_interval(days => o.n), stayed = c.stayed + 86400 * o.since
    from (select r.*, n - lag(n) over (partition by opportunity_id order by n) as since from (select id, opportunity_id, row_number() over (order by number)::int as n from stage_change) r) o where o.id = c.id`);
  expect(await t.sql(wrong)).toEqual([]);
  const { funnel: kept } = await t.admin.graph(funnel);
  expect(
    kept.map(({ stage, entered, won, lost, averageDays }: Data) => [stage, entered, won, lost, averageDays]),
  ).toEqual([
    ['PROSPECTING', 2, 1, 1, '2.0'],
    ['QUALIFICATION', 2, 1, 1, '2.0'],
    ['NEEDS_ANALYSIS', 0, 0, 0, null],
    ['PROPOSAL', 2, 1, 1, '1.8'],
    ['NEGOTIATION', 0, 0, 0, null],
  ]);
  // as a server of an earlier release has written them
  await t.sql('update stage_change set stayed = null, returned = null');
  expect((await t.admin.graph(funnel)).funnel).toEqual(kept);
});

test('velocity is open opportunities times rate times amount over time', async () => {
  const t = await world();
  let data: Data;
  expect(await queries(async () => (data = await t.admin.graph(velocity)))).toBe(1);
  // 3 open, 1 of 2 won, 400.00 on average, after 10 days: 3 * 0.5 * 400 / 10
  expect(data!.salesVelocity).toEqual({
    openCount: 3,
    wonCount: 1,
    lostCount: 1,
    winRate: 50,
    averageWonAmount: { amount: '400.00' },
    averageDaysToWin: '10.0',
    amountPerDay: { amount: '60.00' },
  });
  expect((await t.admin.graph(velocity, { from: '2026-02-05', until: '2026-02-11' })).salesVelocity).toMatchObject({
    openCount: 3,
    wonCount: 1,
    lostCount: 0,
    winRate: 100,
  });
  expect((await t.outsider.graph(velocity)).salesVelocity).toEqual({
    openCount: 0,
    wonCount: 0,
    lostCount: 0,
    winRate: null,
    averageWonAmount: null,
    averageDaysToWin: null,
    amountPerDay: null,
  });
});

test('a salesperson is shown their own opportunities only, a viewer of no amounts', async () => {
  const t = await world();
  expect((await t.sales2.graph(forecast)).forecast).toEqual([
    expect.objectContaining({ month: '2026-04', count: 1, amount: { amount: '500.00' } }),
  ]);
  expect((await t.sales2.graph(funnel)).funnel.map(({ entered }: Data) => entered)).toEqual([0, 0, 0, 1, 0]);
  expect((await t.sales2.graph(velocity)).salesVelocity).toMatchObject({ openCount: 1, wonCount: 0 });
  expect((await t.viewer.graph(forecast)).forecast[0]).toMatchObject({ count: 1, amount: null, weightedAmount: null });
  expect((await t.viewer.graph(velocity)).salesVelocity).toMatchObject({
    wonCount: 1,
    averageWonAmount: null,
    amountPerDay: null,
  });
});
