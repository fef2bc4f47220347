import { written } from '../../support/records.js';
import type { Data } from '../../support/tenant.js';
import { everything, world, type World } from './world.js';

const paths = {
  activities: 'activity',
  cases: 'case',
  leads: 'lead',
  opportunities: 'opportunity',
  campaigns: 'campaign',
} as const;

describe('every list', () => {
  test.each(Object.keys(paths))('%s takes one statement, whatever the size of the page', async (path) => {
    const w = await world('account', 'contact');
    const more = {
      accountId: '{account}',
      contactId: '{contact}',
      name: '记录',
      subject: '记录',
      type: ({ activities: 'note', campaigns: 'email' } as Data)[path] ?? 'issue',
    };
    for (let at = 0; at < 51; at += 1) await w.data(`POST /${path}`, more);
    const counts = [];
    for (const size of [5, 50]) {
      const { body, statements } = await w.ask(`GET /${path}?pageSize=${size}`);
      counts.push([body.data.list.length, body.data.total, statements]);
    }
    expect(counts).toEqual([
      [5, 51, 1],
      [50, 51, 1],
    ]);
  });

  test.each(Object.entries(paths))('%s no longer has what was deleted', async (path, kind) => {
    const w = await world(...everything);
    expect((await w.data(`GET /${path}`)).total).toBe(1);
    expect(await w.data(`DELETE /${path}/{${kind}}`)).toBeNull();
    expect((await w.data(`GET /${path}`)).total).toBe(0);
    expect((await w.ask(`GET /${path}/{${kind}}`)).status).toBe(404);
  });

  test.each(Object.entries(paths))('%s: a record sent back as it was read changes nothing', async (path, kind) => {
    const w = await world(...everything);
    const before = await written(w);
    expect(await w.data(`PUT /${path}/{${kind}}`, await w.data(`GET /${path}/{${kind}}`))).toBeNull();
    expect(await written(w)).toEqual(before);
  });

  test.each(Object.entries(paths))('%s of another tenant are out of reach', async (path, kind) => {
    const w = await world(...everything);
    const before = await written(w);
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(
        (await w.ask(`${method} /${path}/{${kind}}`, method === 'PUT' ? {} : undefined, { by: w.outsider })).status,
      ).toBe(404);
    expect((await w.data(`GET /${path}`, undefined, { by: w.outsider })).total).toBe(0);
    expect(await written(w)).toEqual(before);
  });

  test('a detail with lists in it takes one statement', async () => {
    const w = await world(...everything);
    for (let at = 1; at <= 20; at += 1) await w.data('POST /cases/{case}/comments', { content: `评论${at}` });
    const answer = await w.ask('GET /cases/{case}');
    expect([answer.body.data.comments.map(({ content }: Data) => content), answer.statements]).toEqual([
      Array.from({ length: 20 }, (_, index) => `评论${index + 1}`),
      1,
    ]);
    for (const [path, kind] of Object.entries(paths))
      expect([path, (await w.ask(`GET /${path}/{${kind}}`)).statements]).toEqual([path, 1]);
    expect((await w.ask('GET /campaigns/{campaign}/analytics')).statements).toBe(1);
  });
});

/** What a list gives for each query: how many, of records made by `make` beside those of the world. */
async function expectTotals(w: World, path: string, totals: Record<string, number>): Promise<void> {
  const found: Record<string, number> = {};
  for (const query of Object.keys(totals)) found[query] = (await w.data(`GET ${path}?${query}`)).total;
  expect(found).toEqual(totals);
}

describe('activities', () => {
  test('are found by account, type, state and the days of the tenant', async () => {
    const w = await world('account', 'contact', 'activity');
    const { id } = await w.data('POST /accounts', { name: '远大物流' });
    // the third of March in Shanghai
    await w.data('POST /activities', {
      accountId: id,
      type: 'call',
      subject: '回访',
      status: 'completed',
      startTime: '2026-03-02T16:30:00Z',
    });
    await w.data('POST /activities', { accountId: id, type: 'note', subject: '备忘' });
    await expectTotals(w, '/activities', {
      'accountId={account}': 1,
      [`accountId=${id}`]: 2,
      'accountId={unknown}': 0,
      'type=meeting': 1,
      'type=call': 1,
      'type=email': 0,
      'status=planned': 2,
      'status=completed': 1,
      'status=cancelled': 0,
      'startDate=2026-03-01': 2,
      'startDate=2026-03-02': 1,
      'startDate=2026-03-03': 1,
      'startDate=2026-03-04': 0,
      'endDate=2026-03-01': 1,
      'endDate=2026-03-02': 1,
      'endDate=2026-03-03': 2,
      'startDate=2026-03-01&endDate=2026-03-01': 1,
      'startDate=2026-03-04&endDate=2026-03-01': 0,
    });
  });

  test('of finer kinds are read as the nearest and stay as they are', async () => {
    const w = await world('account');
    const create =
      'mutation ($input: ActivityInput!) { activityCreate(input: $input) { activity { id } userErrors { code } } }';
    const { activityCreate } = await w.admin.graph(create, {
      input: { customer: w.ids['account'], kind: 'VISIT', subject: '拜访' },
    });
    const { id } = activityCreate.activity;
    expect(await w.data(`GET /activities/${id}`)).toMatchObject({ type: 'meeting', subject: '拜访' });
    await w.data(`PUT /activities/${id}`, { type: 'meeting', subject: '客户拜访' });
    expect(await w.sql('select kind, subject from activity')).toEqual([{ kind: 'VISIT', subject: '客户拜访' }]);
    await expectTotals(w, '/activities', { 'type=meeting': 1, 'type=note': 0 });
  });

  test('that have taken place cannot be planned again', async () => {
    const w = await world('account', 'contact', 'activity');
    await w.data('PUT /activities/{activity}', { status: 'completed' });
    const before = await written(w);
    expect((await w.ask('PUT /activities/{activity}', { status: 'planned', subject: '别的' })).body).toEqual({
      code: 400,
      message: '活动状态不允许此变更：status',
      data: null,
    });
    expect(await written(w)).toEqual(before);
  });
});

describe('cases', () => {
  test('are found by what they are asked for', async () => {
    const w = await world('account', 'contact', 'case');
    await w.data('POST /cases', { accountId: '{account}', subject: '报价咨询', priority: 'low' });
    await w.data('PUT /cases/{case}', { status: 'in_progress' });
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
    await expectTotals(w, '/cases', {
      'accountId={account}': 2,
      'accountId={unknown}': 0,
      'caseNo=CAS002': 1,
      'caseNo=CAS': 0,
      'subject=登录': 1,
      'status=new': 1,
      'status=in_progress': 1,
      'status=closed': 0,
      'priority=high': 1,
      'priority=medium': 0,
      'type=question': 1,
      'type=issue': 1,
      'createdDateStart=2020-01-01': 2,
      'createdDateStart=2999-01-01': 0,
      'createdDateEnd=2020-01-01': 0,
      [`createdDateStart=${today}&createdDateEnd=${today}`]: 2,
    });
  });

  test('are resolved, closed once, and taken up again', async () => {
    const w = await world('account', 'contact', 'case');
    await w.data('POST /cases/{case}/close', { resolution: '已修复', satisfaction: 4 });
    expect(await w.data('GET /cases/{case}')).toMatchObject({
      status: 'closed',
      resolution: '已修复',
      responseTime: expect.stringMatching(/Z$/),
      resolutionTime: expect.stringMatching(/Z$/),
    });
    expect(await w.sql('select satisfaction from service_case')).toEqual([{ satisfaction: 4 }]);
    const before = await written(w);
    for (const [request, body] of [
      ['POST /cases/{case}/close', { satisfaction: 1 }],
      ['PUT /cases/{case}', { status: 'new' }],
      ['PUT /cases/{case}', { status: 'resolved' }],
    ] as const) {
      const { status, body: answer } = await w.ask(request, body);
      expect([status, answer.code, answer.data]).toEqual([400, 4008, null]);
    }
    expect(await written(w)).toEqual(before);
    await w.data('PUT /cases/{case}', { status: 'in_progress' });
    expect(await w.data('GET /cases/{case}')).toMatchObject({ status: 'in_progress', resolutionTime: null });
  });
});

describe('credit', () => {
  test('an assessment is stored and moves the limit', async () => {
    const w = await world('account');
    const { assessmentId } = await w.data('POST /accounts/{account}/credit-assessment', {
      assessmentDate: '2023-06-01',
      assessor: '张三',
      creditScore: 85,
      creditLimit: 2000000,
      remarks: '良好',
    });
    expect(
      await w.sql('select id, assessed_on::text, assessor, score, credit_limit::text, remarks from credit_assessment'),
    ).toEqual([
      {
        id: assessmentId,
        assessed_on: '2023-06-01',
        assessor: '张三',
        score: 85,
        credit_limit: '2000000.00',
        remarks: '良好',
      },
    ]);
    expect((await w.data('GET /accounts/{account}')).creditLimit).toBe(2000000);
    await w.data('POST /accounts/{account}/credit-assessment', { creditScore: 20 });
    expect((await w.data('GET /accounts/{account}')).creditLimit).toBe(2000000);
  });

  test('is used by what contracts in force have not yet paid', async () => {
    const w = await world('account');
    const create = async (status: string, code: string): Promise<string> => {
      const input = {
        code,
        name: code,
        customer: w.ids['account'],
        amount: { amount: '1000' },
        status,
        startsOn: '2023-01-01',
        endsOn: '2099-12-31',
      };
      return (
        await w.admin.graph('mutation ($input: ContractInput!) { contractCreate(input: $input) { contract { id } } }', {
          input,
        })
      ).contractCreate.contract.id;
    };
    const contract = await create('IN_FORCE', 'C-1');
    await create('DRAFT', 'C-2');
    const used = async (): Promise<number> => (await w.data('GET /accounts/{account}')).creditUsed;
    expect(await used()).toBe(1000);
    await w.admin.graph(
      'mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code field } } }',
      { input: { contract, amount: { amount: '300.25' }, method: 'BANK_TRANSFER' } },
    );
    expect(await used()).toBe(699.75);
    expect((await w.data('GET /accounts/{account}', undefined, { by: w.viewer })).creditUsed).toBeNull();
  });

  test('a change of state is stored with its reason', async () => {
    const w = await world('account');
    await w.data('PUT /accounts/{account}/status', { status: 'inactive', reason: '客户暂停合作' });
    expect(await w.sql('select from_status, to_status, reason from status_change order by number')).toEqual([
      { from_status: 'ACTIVE', to_status: 'INACTIVE', reason: '客户暂停合作' },
    ]);
  });
});
