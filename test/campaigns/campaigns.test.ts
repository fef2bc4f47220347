import { customer, opportunity, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const create =
  'mutation ($input: CampaignInput!) { campaignCreate(input: $input) { campaign { id code status kind startsOn endsOn budget { amount } targetAudience impressions conversionRate } userErrors { code field } } }';
const record =
  'mutation ($id: ID!, $input: CampaignMetricsInput!) { campaignRecordMetrics(id: $id, input: $input) { campaign { impressions clicks conversions conversionRate costPerClick { amount } returnOnInvestment revenue { amount } actualCost { amount } } userErrors { code field } } }';
const changeStatus =
  'mutation ($id: ID!, $status: CampaignStatus!) { campaignChangeStatus(id: $id, status: $status) { campaign { status } userErrors { code field } } }';
const documented = {
  name: '新产品发布会',
  kind: 'EVENT',
  description: '发布新产品的线上线下活动',
  startsOn: '2023-06-01',
  endsOn: '2023-06-30',
  budget: { amount: '100000' },
  targetAudience: 'existing_customers, prospects',
};

async function campaign(by: Actor, input: object = documented): Promise<Data> {
  const { campaignCreate } = await by.graph(create, { input });
  expect(campaignCreate.userErrors).toEqual([]);
  return campaignCreate.campaign;
}

test('campaigns are numbered, begin in planning and have no results', async () => {
  const { admin } = await tenant();
  expect({ ...(await campaign(admin)), id: null }).toEqual({
    id: null,
    code: 'CMP001',
    status: 'PLANNING',
    kind: 'EVENT',
    startsOn: '2023-06-01',
    endsOn: '2023-06-30',
    budget: { amount: '100000.00' },
    targetAudience: 'existing_customers, prospects',
    impressions: null,
    conversionRate: null,
  });
  const more = await Promise.all(Array.from({ length: 10 }, () => campaign(admin)));
  expect(more.map(({ code }) => code).toSorted()).toEqual(
    Array.from({ length: 10 }, (_, index) => `CMP${String(index + 2).padStart(3, '0')}`),
  );
});

test("results give the rates of the document's example", async () => {
  const { admin } = await tenant();
  const { id } = await campaign(admin);
  expect(
    (
      await admin.graph(record, {
        id,
        input: {
          impressions: 10000,
          clicks: 1000,
          conversions: 100,
          revenue: { amount: '200000' },
          actualCost: { amount: '80000' },
        },
      })
    ).campaignRecordMetrics,
  ).toEqual({
    campaign: {
      impressions: 10000,
      clicks: 1000,
      conversions: 100,
      conversionRate: 10,
      costPerClick: { amount: '80.00' },
      returnOnInvestment: 200,
      revenue: { amount: '200000.00' },
      actualCost: { amount: '80000.00' },
    },
    userErrors: [],
  });
});

test('no clicks and no budget give no rates, not a fault', async () => {
  const { admin } = await tenant();
  const { id } = await campaign(admin, { name: 'A', kind: 'EMAIL', budget: { amount: '0' } });
  expect(
    (
      await admin.graph(record, {
        id,
        input: { impressions: 5, clicks: 0, conversions: 0, revenue: { amount: '10' }, actualCost: { amount: '1' } },
      })
    ).campaignRecordMetrics.campaign,
  ).toMatchObject({ conversionRate: null, costPerClick: null, returnOnInvestment: null });
});

test('leads, opportunities and sales are counted from what came of the campaign', async () => {
  const t = await tenant();
  const { id } = await campaign(t.admin);
  const other = await campaign(t.admin);
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  for (const stage of ['PROSPECTING', 'CLOSED_WON', 'CLOSED_LOST'])
    await opportunity(t.admin, { name: stage, customer: customerId, campaign: id, stage });
  await opportunity(t.admin, { name: '别的', customer: customerId, campaign: other.id, stage: 'CLOSED_WON' });
  const { leadCreate } = await t.sales.graph(
    'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { id } userErrors { code } } }',
    { input: { name: 'B', campaign: id } },
  );
  await t.sales.graph(
    'mutation ($id: ID!) { leadConvert(id: $id, input: { createCustomer: true, opportunityName: "商机" }) { userErrors { code } } }',
    { id: leadCreate.lead.id },
  );
  const results =
    'query ($id: ID!) { campaign(id: $id) { leadsGenerated opportunitiesCreated salesClosed leads { totalCount } opportunities { totalCount } } }';
  expect((await t.admin.graph(results, { id })).campaign).toEqual({
    leadsGenerated: 1,
    opportunitiesCreated: 4,
    salesClosed: 1,
    leads: { totalCount: 1 },
    opportunities: { totalCount: 4 },
  });
  expect((await t.sales2.graph(results, { id })).campaign).toEqual({
    leadsGenerated: 0,
    opportunitiesCreated: 3,
    salesClosed: 1,
    leads: { totalCount: 0 },
    opportunities: { totalCount: 3 },
  });
});

describe('the state of a campaign', () => {
  const moves: Record<string, string[]> = {
    PLANNING: ['ACTIVE', 'CANCELLED'],
    ACTIVE: ['COMPLETED', 'CANCELLED'],
    COMPLETED: [],
    CANCELLED: [],
  };
  const way: Record<string, string[]> = {
    PLANNING: [],
    ACTIVE: ['ACTIVE'],
    COMPLETED: ['ACTIVE', 'COMPLETED'],
    CANCELLED: ['CANCELLED'],
  };
  const pairs = Object.keys(moves).flatMap((from) =>
    Object.keys(moves)
      .filter((to) => to !== from)
      .map((to) => [from, to, moves[from]!.includes(to)] as const),
  );

  test.each(pairs)('from %s to %s: %s', async (from, to, allowed) => {
    const t = await tenant();
    const { id } = await campaign(t.admin);
    for (const status of way[from]!) await t.admin.graph(changeStatus, { id, status });
    const before = await written(t);
    expect((await t.admin.graph(changeStatus, { id, status: to })).campaignChangeStatus).toEqual(
      allowed
        ? { campaign: { status: to }, userErrors: [] }
        : { campaign: null, userErrors: [{ code: 'TRANSITION_NOT_ALLOWED', field: ['status'] }] },
    );
    expect((await written(t)).events - before.events).toBe(allowed ? 1 : 0);
  });
});

test.each<[string, object, string[]]>([
  ['no name and no kind', { name: undefined, kind: undefined }, ['REQUIRED name', 'REQUIRED kind']],
  ['an end before its start', { endsOn: '2023-05-31' }, ['DATES_REVERSED endsOn']],
  ['a budget below 0', { budget: { amount: '-0.01' } }, ['OUT_OF_RANGE budget.amount']],
  ['an unknown owner', { owner: '0' }, ['UNKNOWN_REFERENCE owner']],
])('a campaign with %s is refused and not stored', async (_name, fields, errors) => {
  const t = await tenant();
  expect(await t.admin.graph.userErrors(create, { input: { ...documented, ...fields } })).toEqual(errors);
  expect([await written(t), await t.sql('select * from campaign')]).toEqual([{ audit: 0, events: 0, seq: 0 }, []]);
});

test('all see campaigns, without amounts where they may not see them; only those who write the whole tenant run them', async () => {
  const t: TestTenant = await tenant();
  const { id } = await campaign(t.manager);
  await t.manager.graph(record, {
    id,
    input: { clicks: 10, conversions: 1, revenue: { amount: '5' }, actualCost: { amount: '2' } },
  });
  const read =
    'query ($id: ID!) { campaign(id: $id) { conversionRate costPerClick { amount } returnOnInvestment budget { amount } } }';
  for (const by of [t.sales, t.viewer])
    expect((await by.graph(read, { id })).campaign).toEqual({
      conversionRate: 10,
      costPerClick: null,
      returnOnInvestment: null,
      budget: null,
    });
  expect(await t.outsider.graph(read, { id })).toEqual({ campaign: null });
  const before = await written(t);
  for (const by of [t.sales, t.viewer])
    expect(await by.graph.refused(record, { id, input: { clicks: 1 } })).toEqual(['FORBIDDEN']);
  expect(await t.manager.graph.userErrors(record, { id, input: { clicks: -1, revenue: { amount: '-1' } } })).toEqual([
    'OUT_OF_RANGE revenue.amount',
    'OUT_OF_RANGE clicks',
  ]);
  expect(await written(t)).toEqual(before);
});
