import { customer, opportunity, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';

const mutations = {
  opportunityWin: 'OpportunityWinInput',
  opportunityLose: 'OpportunityLoseInput',
  opportunityUpdate: 'OpportunityInput',
  opportunityCorrect: 'OpportunityCorrectInput',
};
const shown =
  'opportunity { stage closedOn closedAt closeReason version actualAmount { amount currency } } userErrors { code field }';

async function run(
  t: TestTenant,
  mutation: keyof typeof mutations,
  id: string,
  input: object,
): Promise<{ opportunity: Data; errors: string[] }> {
  const text = `mutation ($id: ID!, $input: ${mutations[mutation]}!) { ${mutation}(id: $id, input: $input) { ${shown} } }`;
  const { opportunity: found, userErrors } = (await t.admin.graph(text, { id, input }))[mutation];
  return { opportunity: found, errors: userErrors.map(({ code, field }: Data) => `${code} ${field.join('.')}`) };
}

async function sale(t: TestTenant, more: object = {}): Promise<string> {
  const { id } = await customer(t.admin, { name: `甲 ${crypto.randomUUID()}` });
  return (await opportunity(t.admin, { name: '采购', customer: id, amount: { amount: '1000' }, ...more })).id;
}

const today = (timeZone: string): string => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date());

/** Days on which the clocks show midnight once, twice, and not at all. */
const days: Array<[timeZone: string, day: string]> = [
  ['Asia/Shanghai', '2024-02-29'],
  ['America/New_York', '2025-03-09'],
  ['America/Havana', '2024-11-03'],
  ['America/Santiago', '2024-09-08'],
  ['Pacific/Kiritimati', '2020-01-01'],
];

describe.each(days)('in %s, an opportunity that was closed on %s', (timeZone, day) => {
  let t: TestTenant;
  beforeAll(async () => {
    t = await tenantIn(timeZone);
  });

  const found = async (filter: object): Promise<string[]> =>
    (
      await t.admin.graph('query ($filter: OpportunityFilter) { opportunities(filter: $filter) { nodes { id } } }', {
        filter,
      })
    ).opportunities.nodes.map(({ id }: Data) => id);

  test('is won, lost, moved and created with that day, and found by it', async () => {
    const won = await sale(t);
    const lost = await sale(t);
    const moved = await sale(t);
    expect((await run(t, 'opportunityWin', won, { closedOn: day })).opportunity).toMatchObject({
      stage: 'CLOSED_WON',
      closedOn: day,
    });
    expect((await run(t, 'opportunityLose', lost, { closedOn: day, reason: '价格' })).opportunity).toMatchObject({
      stage: 'CLOSED_LOST',
      closedOn: day,
      closeReason: '价格',
    });
    expect(
      (await run(t, 'opportunityUpdate', moved, { stage: 'CLOSED_WON', closedOn: day })).opportunity,
    ).toMatchObject({ stage: 'CLOSED_WON', closedOn: day });
    const created = await sale(t, { stage: 'CLOSED_WON', closedOn: day });
    const { id: customerId } = await customer(t.admin, { name: '导入' });
    const { opportunitiesCreate } = await t.admin.graph(
      'mutation ($inputs: [OpportunityInput!]!) { opportunitiesCreate(inputs: $inputs) { results { opportunity { id closedOn } userErrors { code } } } }',
      { inputs: [{ name: '历史', customer: customerId, stage: 'CLOSED_LOST', closedOn: day }] },
    );
    const [{ opportunity: imported }] = opportunitiesCreate.results;
    expect(imported.closedOn).toBe(day);
    const now = await sale(t);
    expect((await run(t, 'opportunityWin', now, {})).opportunity.closedOn).toBe(today(timeZone));

    const all = [won, lost, moved, created, imported.id];
    expect((await found({ closedFrom: day, closedUntil: day })).toSorted()).toEqual(all.toSorted());
    const around = (by: number): string =>
      new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
    expect(await found({ closedUntil: around(-1) })).toEqual([]);
    expect(await found({ closedFrom: around(1), closedUntil: '2025-12-31' })).toEqual([]);
    expect(await found({ closedFrom: around(1) })).toEqual([now]);
  });

  test('counts in the reports of that day', async () => {
    const other = await tenantIn(timeZone);
    const id = await sale(other);
    await run(other, 'opportunityWin', id, { closedOn: day, amount: { amount: '900' } });
    const { analyticsOverview, analyticsTrend } = await other.admin.graph(
      'query ($day: Date) { analyticsOverview(from: $day, until: $day) { wonOpportunities totalRevenue { amount } } analyticsTrend(metric: REVENUE, from: $day, until: $day) { count amount { amount } } }',
      { day },
    );
    expect(analyticsOverview).toEqual({ wonOpportunities: 1, totalRevenue: { amount: '900.00' } });
    expect(analyticsTrend).toEqual([{ count: 1, amount: { amount: '900.00' } }]);
  });
});

describe('a correction', () => {
  test('changes the amount that an opportunity was won with, not the day, and says why in its history and to the world', async () => {
    const t = await tenant();
    const id = await sale(t);
    await run(t, 'opportunityWin', id, { closedOn: '2025-05-06', reason: '方案好' });
    const before = (await t.admin.graph('query ($id: ID!) { opportunity(id: $id) { closedAt version } }', { id }))
      .opportunity;
    const { opportunity: after, errors } = await run(t, 'opportunityCorrect', id, {
      amount: { amount: '980.50' },
      reason: '发票: 有误',
    });
    expect([after, errors]).toEqual([
      {
        stage: 'CLOSED_WON',
        closedOn: '2025-05-06',
        closedAt: before.closedAt,
        closeReason: '方案好',
        version: before.version + 1,
        actualAmount: { amount: '980.50', currency: 'CNY' },
      },
      [],
    ]);
    const { opportunity: seen } = await t.admin.graph(
      'query ($id: ID!) { opportunity(id: $id) { stageChanges { totalCount } history(first: 1) { nodes { operation reason changes { field before after } } } } }',
      { id },
    );
    expect(seen).toEqual({
      stageChanges: { totalCount: 2 },
      history: {
        nodes: [
          {
            operation: 'opportunity.correct',
            reason: '发票: 有误',
            changes: [{ field: 'actualAmount', before: '1000.00', after: '980.50' }],
          },
        ],
      },
    });
    expect((await t.sql('select type, data from outbox order by seq desc limit 1'))[0]).toEqual({
      type: 'crm.opportunity.corrected',
      data: { changed: ['wonAmount'], reason: '发票: 有误' },
    });
  });

  test('changes the day; the day that it has already changes nothing', async () => {
    const t = await tenant();
    const id = await sale(t);
    const { opportunity: won } = await run(t, 'opportunityWin', id, {});
    const before = await written(t);
    expect((await run(t, 'opportunityCorrect', id, { closedOn: won.closedOn })).opportunity).toEqual(won);
    expect(await written(t)).toEqual(before);
    expect((await run(t, 'opportunityCorrect', id, { closedOn: '2025-01-31' })).opportunity).toEqual({
      ...won,
      version: won.version + 1,
      closedOn: '2025-01-31',
      closedAt: '2025-01-30T16:00:00.000Z',
    });
    const lost = await sale(t);
    await run(t, 'opportunityLose', lost, {});
    expect((await run(t, 'opportunityCorrect', lost, { closedOn: '2025-02-01' })).opportunity.closedOn).toBe(
      '2025-02-01',
    );
  });

  test.each<[string, string, object, string]>([
    ['of an open one', 'PROPOSAL', { amount: { amount: '1' } }, 'TRANSITION_NOT_ALLOWED stage'],
    ['of the amount of a lost one', 'CLOSED_LOST', { amount: { amount: '1' } }, 'INVALID input.amount'],
    ['to a day that has not come', 'CLOSED_WON', { closedOn: '2999-01-01' }, 'INVALID input.closedOn'],
    ['to less than nothing', 'CLOSED_WON', { amount: { amount: '-1' } }, 'OUT_OF_RANGE input.amount.amount'],
    [
      'to another currency',
      'CLOSED_WON',
      { amount: { amount: '1', currency: 'USD' } },
      'CURRENCY_FIXED input.amount.currency',
    ],
    [
      'to a currency that is none',
      'CLOSED_WON',
      { amount: { amount: '1', currency: '¥' } },
      'INVALID input.amount.currency',
    ],
  ])('%s is refused, and nothing is written', async (_what, stage, input, error) => {
    const t = await tenant();
    const id = await sale(t, { stage });
    const before = await written(t);
    expect((await run(t, 'opportunityCorrect', id, input)).errors).toEqual([error]);
    expect(await written(t)).toEqual(before);
  });
});

test.each<[keyof typeof mutations, object]>([
  ['opportunityWin', { closedOn: '2999-01-01' }],
  ['opportunityLose', { closedOn: '2999-01-01' }],
  ['opportunityUpdate', { stage: 'CLOSED_WON', closedOn: '2999-01-01' }],
  ['opportunityUpdate', { stage: 'NEGOTIATION', closedOn: '2025-01-01' }],
  ['opportunityUpdate', { closedOn: '2025-01-01' }],
])('%s does not take %j', async (mutation, input) => {
  const t = await tenant();
  const id = await sale(t);
  const before = await written(t);
  expect((await run(t, mutation, id, input)).errors).toEqual(['INVALID input.closedOn']);
  expect(await written(t)).toEqual(before);
});

test('the erp wins and loses with a day', async () => {
  const t = await tenant();
  const erp = t.admin.rest('erp');
  const [won, lost] = [await sale(t), await sale(t)];
  expect((await erp.post(`/opportunities/${won}/win`, { actualAmount: 5, closedOn: '2025-03-04' })).status).toBe(200);
  expect((await erp.post(`/opportunities/${lost}/lose`, { closedOn: '2025-03-05' })).status).toBe(200);
  const refused = await erp.post(`/opportunities/${await sale(t)}/win`, { closedOn: '2999-01-01' });
  expect([refused.status, refused.body.message]).toEqual([400, 'closedOn 的值无效']);
  const { opportunities } = await t.admin.graph(
    '{ opportunities(filter: { open: false }, orderBy: [{ field: CLOSED_AT }]) { nodes { id closedOn } } }',
  );
  expect(opportunities.nodes).toEqual([
    { id: won, closedOn: '2025-03-04' },
    { id: lost, closedOn: '2025-03-05' },
  ]);
});

test('the first day that there is can be the one on which an opportunity was closed', async () => {
  const t = await tenant();
  const { id } = await opportunity(t.admin, { name: '最早', customer: (await customer(t.admin, { name: '甲' })).id });
  const { opportunityLose } = await t.admin.graph(
    'mutation ($id: ID!) { opportunityLose(id: $id, input: { closedOn: "0001-01-01" }) { opportunity { closedOn } userErrors { code } } }',
    { id },
  );
  expect(opportunityLose).toEqual({ opportunity: { closedOn: '0001-01-01' }, userErrors: [] });
});
