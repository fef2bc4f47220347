import { written } from '../../support/records.js';
import type { Data } from '../../support/tenant.js';
import { world, type World } from './world.js';

/** What a list gives for each query: how many, of records made by `make` beside those of the world. */
async function expectTotals(w: World, path: string, totals: Record<string, number>): Promise<void> {
  const found: Record<string, number> = {};
  for (const query of Object.keys(totals)) found[query] = (await w.data(`GET ${path}?${query}`)).total;
  expect(found).toEqual(totals);
}

describe('leads', () => {
  test('are found by what they are asked for', async () => {
    const w = await world('lead');
    await w.data('POST /leads', { name: '展会线索', source: 'event' });
    await w.data('POST /leads', { name: '不明来源' });
    await w.data('PUT /leads/{lead}/status', { status: 'qualified', reason: '预算已定' });
    await expectTotals(w, '/leads', {
      'name=线索': 1,
      'status=new': 2,
      'status=qualified': 1,
      'status=converted': 0,
      'source=website': 1,
      'source=event': 1,
      'source=referral': 0,
      'createdDateStart=2020-01-01': 3,
      'createdDateEnd=2020-01-01': 0,
    });
    expect((await w.data('GET /leads')).list.map(({ source, score }: Data) => [source, score])).toEqual([
      [null, 0],
      ['event', 15],
      ['website', 70],
    ]);
  });

  test('become an account, a contact and an opportunity', async () => {
    const w = await world('lead');
    const made = await w.data('POST /leads/{lead}/convert', {
      createAccount: true,
      createContact: true,
      opportunityName: '采购',
      estimatedAmount: 1000.5,
      closeDate: '2026-07-31',
    });
    expect(await w.data(`GET /accounts/${made.accountId}`)).toMatchObject({
      accountNo: 'ACC001',
      name: '绿洲科技',
      contactPerson: '张三',
      phone: '13700137001',
      contacts: [{ id: made.contactId, name: '张三', phone: '13700137001' }],
    });
    expect(await w.data(`GET /opportunities/${made.opportunityId}`)).toMatchObject({
      opportunityNo: 'OPP001',
      accountId: made.accountId,
      name: '采购',
      stage: 'prospecting',
      estimatedAmount: 1000.5,
      closeDate: '2026-07-31',
    });
    expect((await w.data('GET /leads/{lead}')).status).toBe('converted');
  });

  test.each([
    [{ createAccount: true }, ['string', null, null]],
    [{ createAccount: true, createContact: true }, ['string', 'string', null]],
    [{ createContact: true }, [null, 'string', null]],
    [{ createAccount: true, opportunityName: '采购' }, ['string', null, 'string']],
    [{}, [null, null, null]],
  ])('are converted into what %j asks for, and null for the rest', async (body, expected) => {
    const w = await world('lead');
    const { accountId, contactId, opportunityId } = await w.data('POST /leads/{lead}/convert', body);
    expect([accountId, contactId, opportunityId].map((id) => (id === null ? null : typeof id))).toEqual(expected);
  });

  test('are converted once only, however many ask at once', async () => {
    const w = await world('lead');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        w.ask('POST /leads/{lead}/convert', { createAccount: true, createContact: true }),
      ),
    );
    expect(answers.map(({ status, body }) => `${status} ${body.code}`).toSorted()).toEqual([
      '200 200',
      ...Array.from({ length: 4 }, () => '400 4009'),
    ]);
    expect((await w.ask('POST /leads/{lead}/convert', { createAccount: true })).body).toEqual({
      code: 4009,
      message: '线索状态错误',
      data: null,
    });
    expect(
      await w.sql(
        'select (select count(*)::int from customer) customers, (select count(*)::int from contact) contacts',
      ),
    ).toEqual([{ customers: 1, contacts: 1 }]);
  });

  test('whose company is an account already are not converted into a second one', async () => {
    const w = await world('lead');
    await w.data('POST /accounts', { name: '绿洲科技' });
    const before = await written(w);
    const { status, body } = await w.ask('POST /leads/{lead}/convert', {
      createAccount: true,
      createContact: true,
      opportunityName: '采购',
    });
    expect([status, body.code, body.message.slice(0, 7), body.data]).toEqual([400, 400, '客户名称已存在', null]);
    expect(await written(w)).toEqual(before);
    expect((await w.data('GET /leads/{lead}')).status).toBe('new');
  });
});

describe('opportunities', () => {
  test('are found by what they are asked for', async () => {
    const w = await world('account', 'contact', 'opportunity');
    await w.data('POST /opportunities', {
      accountId: '{account}',
      name: '软件续费',
      stage: 'negotiation',
      probability: 70,
      estimatedAmount: 800.5,
      closeDate: '2026-07-31',
    });
    await w.admin.graph(
      'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { userErrors { code } } }',
      { input: { customer: w.ids['account'], name: '咨询', stage: 'NEEDS_ANALYSIS' } },
    );
    await expectTotals(w, '/opportunities', {
      'accountId={account}': 3,
      'accountId={contact}': 0,
      'opportunityNo=OPP001': 1,
      'opportunityNo=opp': 0,
      'name=采购': 1,
      'stage=prospecting': 1,
      'stage=qualification': 1,
      'stage=negotiation': 1,
      'stage=closed_won': 0,
      'probability=70': 1,
      'probability=7': 0,
      'estimatedAmountMin=800.5': 2,
      'estimatedAmountMin=800.51': 1,
      'estimatedAmountMax=800.50': 1,
      'estimatedAmountMax=800.49': 0,
      'closeDateStart=2026-07-31': 1,
      'closeDateStart=2026-08-01': 0,
      'closeDateEnd=2026-07-31': 1,
      'closeDateEnd=2026-07-30': 0,
    });
  });

  test('move, are won and lost, and keep a finer stage that their own word says already', async () => {
    const w = await world('account', 'opportunity');
    const stage = async (): Promise<Data> =>
      (await w.sql('select stage, probability, won_amount::text from opportunity'))[0];
    await w.admin.graph(
      'mutation ($id: ID!) { opportunityChangeStage(id: $id, stage: NEEDS_ANALYSIS) { userErrors { code } } }',
      { id: w.ids['opportunity'] },
    );
    await w.data('PUT /opportunities/{opportunity}/stage', { stage: 'qualification' });
    await w.data('PUT /opportunities/{opportunity}', { stage: 'qualification', description: '机架' });
    expect(await stage()).toEqual({ stage: 'NEEDS_ANALYSIS', probability: 20, won_amount: null });
    await w.data('PUT /opportunities/{opportunity}', { stage: 'proposal', probability: 45 });
    expect(await stage()).toEqual({ stage: 'PROPOSAL', probability: 45, won_amount: null });
    await w.data('POST /opportunities/{opportunity}/win', { actualAmount: 4500, reason: '方案最优' });
    expect(await stage()).toEqual({ stage: 'CLOSED_WON', probability: 100, won_amount: '4500.00' });
    const before = await written(w);
    for (const request of ['POST /opportunities/{opportunity}/lose', 'PUT /opportunities/{opportunity}/stage']) {
      expect((await w.ask(request, { stage: 'closed_lost' })).body).toEqual({
        code: 4010,
        message: expect.stringContaining('机会阶段错误'),
        data: null,
      });
    }
    expect(await written(w)).toEqual(before);
    expect(await w.data('GET /opportunities/{opportunity}')).toMatchObject({
      stage: 'closed_won',
      probability: 100,
      actualAmount: 4500,
    });
  });
});

describe('campaigns', () => {
  test('are found by what they are asked for', async () => {
    const w = await world('campaign');
    await w.data('POST /campaigns', { name: '邮件推广', type: 'email', startDate: '2026-07-01' });
    await w.data('PUT /campaigns/{campaign}/status', { status: 'active' });
    await expectTotals(w, '/campaigns', {
      'campaignNo=CMP002': 1,
      'campaignNo=CMP': 0,
      'name=发布': 1,
      'status=planning': 1,
      'status=active': 1,
      'type=event': 1,
      'type=social': 0,
      'startDateStart=2026-06-01': 2,
      'startDateStart=2026-06-02': 1,
      'startDateEnd=2026-06-30': 1,
      'startDateEnd=2026-05-31': 0,
    });
  });

  test('without results have nought of everything counted', async () => {
    const w = await world('campaign');
    expect(await w.data('GET /campaigns/{campaign}/analytics')).toEqual({
      campaignId: w.ids['campaign'],
      campaignName: '新品发布会',
      metrics: {
        impressions: 0,
        clicks: 0,
        conversions: 0,
        conversionRate: 0,
        costPerClick: 0,
        returnOnInvestment: 0,
        revenueGenerated: 0,
      },
      leadsGenerated: 0,
      opportunitiesCreated: 0,
      salesClosed: 0,
    });
    expect((await w.data('GET /campaigns/{campaign}/analytics', undefined, { by: w.viewer })).metrics).toMatchObject({
      costPerClick: null,
      returnOnInvestment: null,
      revenueGenerated: null,
    });
  });

  test('are changed in the members sent only', async () => {
    const w = await world('campaign');
    await w.data('PUT /campaigns/{campaign}/metrics', { clicks: 100, actualCost: 50 });
    await w.data('PUT /campaigns/{campaign}/metrics', { conversions: 3 });
    await w.data('PUT /campaigns/{campaign}', { budget: 2000, targetAudience: '老客户' });
    expect(await w.data('GET /campaigns/{campaign}')).toMatchObject({
      name: '新品发布会',
      budget: 2000,
      actualCost: 50,
      targetAudience: '老客户',
      startDate: '2026-06-01',
      endDate: '2026-06-30',
      status: 'planning',
    });
    expect((await w.data('GET /campaigns/{campaign}/analytics')).metrics).toMatchObject({
      clicks: 100,
      conversions: 3,
      conversionRate: 3,
      costPerClick: 0.5,
    });
  });
});
