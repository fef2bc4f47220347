import { customer, opportunity, written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
const stored =
  'select name, expected_amount, currency, stage, probability, won_amount, closed_at is not null closed, version from opportunity';

test('an opportunity is created, listed, read, changed and deleted', async () => {
  const { admin, code, sql } = await tenant();
  const { id: customerId } = await customer(admin, { name: '甲' });
  const cell = admin.rest('cell');
  const created = await cell.post('/opportunities', { customerId, title: '采购', amountCents: 1234567, stage: 3 });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    opportunityId: expect.any(String),
    tenantId: code,
    customerId,
    title: '采购',
    amountCents: 1234567,
    currency: 'CNY',
    stage: 3,
    status: 1,
    ownerId: '',
    createdAt: instant,
    updatedAt: instant,
  });
  const { opportunityId } = created.body;
  expect((await cell.get(`/opportunities?customerId=${customerId}`)).body).toEqual({
    data: [created.body],
    total: 1,
    page: 1,
    pageSize: 20,
  });
  expect((await cell.get('/opportunities?customerId=nope')).body.data).toEqual([]);
  expect((await cell.get(`/opportunities/${opportunityId}`)).body).toEqual(created.body);

  const changed = await cell.patch(`/opportunities/${opportunityId}`, {
    title: '大采购',
    amountCents: 5,
    currency: null,
  });
  expect([changed.status, changed.body]).toEqual([
    200,
    { ...created.body, title: '大采购', amountCents: 5, updatedAt: instant },
  ]);
  expect(await sql(stored)).toEqual([
    {
      name: '大采购',
      expected_amount: '0.05',
      currency: 'CNY',
      stage: 'PROPOSAL',
      probability: 40,
      won_amount: null,
      closed: false,
      version: 2,
    },
  ]);

  expect((await cell.delete(`/opportunities/${opportunityId}`)).body).toEqual({ opportunityId, deleted: true });
  const gone = await cell.get(`/opportunities/${opportunityId}`);
  expect([gone.status, gone.body]).toEqual([
    404,
    { code: 'NOT_FOUND', message: '商机不存在', details: '', requestId: expect.any(String) },
  ]);
});

test('what a new opportunity does not say is as documented: 0 cents, CNY, stage 1, open', async () => {
  const { admin } = await tenant();
  const { id: customerId } = await customer(admin, { name: '甲' });
  const { body } = await admin.rest('cell').post('/opportunities', { customerId, title: '采购' });
  expect([body.amountCents, body.currency, body.stage, body.status]).toEqual([0, 'CNY', 1, 1]);
});

describe('PATCH moves an opportunity through the pipeline', () => {
  const world = async (): Promise<Data> => {
    const { admin, sql } = await tenant();
    const { id } = await customer(admin, { name: '甲' });
    const sale = await opportunity(admin, { name: '采购', customer: id, amount: { amount: '100.00' } });
    const patch = async (body: object): Promise<Data> => {
      const answer = await admin.rest('cell').patch(`/opportunities/${sale.id}`, body);
      return answer.status === 200
        ? [answer.body.stage, answer.body.status]
        : [answer.status, answer.body.code, answer.body.details];
    };
    return { patch, sql };
  };

  test('stage by stage, won with the amount that is sent along, taken up again and lost; each move is in its history', async () => {
    const { patch, sql } = await world();
    expect(await patch({ stage: 4 })).toEqual([4, 1]);
    expect(await patch({ status: 2, amountCents: 25000 })).toEqual([5, 2]);
    expect(await sql(stored)).toEqual([
      {
        name: '采购',
        expected_amount: '250.00',
        currency: 'CNY',
        stage: 'CLOSED_WON',
        probability: 100,
        won_amount: '250.00',
        closed: true,
        version: 3,
      },
    ]);
    expect(await patch({ status: 1, stage: 2 })).toEqual([2, 1]);
    expect(await patch({ stage: 6 })).toEqual([6, 3]);
    expect(await sql('select from_stage, to_stage from stage_change order by number')).toEqual([
      { from_stage: null, to_stage: 'PROSPECTING' },
      { from_stage: 'PROSPECTING', to_stage: 'NEGOTIATION' },
      { from_stage: 'NEGOTIATION', to_stage: 'CLOSED_WON' },
      { from_stage: 'CLOSED_WON', to_stage: 'NEEDS_ANALYSIS' },
      { from_stage: 'NEEDS_ANALYSIS', to_stage: 'CLOSED_LOST' },
    ]);
    expect(await sql("select count(*)::int n from outbox where type = 'crm.opportunity.closed'")).toEqual([{ n: 2 }]);
  });

  test('a finer stage stays when it is sent back as it was read', async () => {
    const { patch, sql } = await world();
    expect(await patch({ stage: 1, status: 1, title: '新' })).toEqual([1, 1]);
    expect(await sql('select stage, name from opportunity')).toEqual([{ stage: 'PROSPECTING', name: '新' }]);
  });

  test.each<[what: string, first: object, then: object, answer: Data]>([
    ['a stage that is none', {}, { stage: 7 }, [400, 'BAD_REQUEST', 'stage 的值无效']],
    ['a status that is none', {}, { status: 4 }, [400, 'BAD_REQUEST', 'status 的值无效']],
    ['opening without saying where', { status: 3 }, { status: 1 }, [400, 'BAD_REQUEST', 'status 的值无效']],
    ['a status against the stage', {}, { status: 2, stage: 6 }, [400, 'BAD_REQUEST', 'status 的值无效']],
    [
      'winning what was lost',
      { status: 3 },
      { status: 2, title: '乙' },
      [409, 'CONFLICT', 'stage: 不允许将阶段从“已输单”变更为“已赢单”'],
    ],
    ['half a cent', {}, { amountCents: 0.5 }, [400, 'BAD_REQUEST', 'amountCents 的值无效']],
    ['a negative amount', {}, { amountCents: -1 }, [400, 'BAD_REQUEST', expect.stringContaining('amountCents')]],
    ['a title too long', {}, { title: 'x'.repeat(201) }, [400, 'BAD_REQUEST', expect.stringContaining('title')]],
    ['no title left', {}, { title: ' ' }, [400, 'BAD_REQUEST', 'title 为必填项']],
  ])('%s is refused, and nothing is written', async (_what, first, then, answer) => {
    const { patch, sql } = await world();
    await patch(first);
    const before = [await sql(stored), await written({ sql })];
    expect(await patch(then)).toEqual(answer);
    expect([await sql(stored), await written({ sql })]).toEqual(before);
  });
});

test.each<[what: string, body: Data, status: number, answer: Data]>([
  [
    'no customer',
    { title: '采购' },
    400,
    { code: 'BAD_REQUEST', message: 'customerId 为必填项', details: 'customerId 为必填项' },
  ],
  [
    'a customer that does not exist',
    { title: '采购', customerId: 'nope' },
    404,
    { code: 'NOT_FOUND', message: '客户不存在', details: 'customerId 指向的记录不存在' },
  ],
  [
    'no title',
    { customerId: 'it' },
    400,
    { code: 'BAD_REQUEST', message: '请填写商机名称', details: 'title 为必填项' },
  ],
  [
    'an amount that is no whole number',
    { customerId: 'it', title: '采购', amountCents: 'much' },
    400,
    { code: 'BAD_REQUEST', message: 'amountCents 的值无效', details: 'amountCents 的值无效' },
  ],
  [
    'an unknown stage',
    { customerId: 'it', title: '采购', stage: 0 },
    400,
    { code: 'BAD_REQUEST', message: 'stage 的值无效', details: 'stage 的值无效' },
  ],
])('creation is refused for %s, and nothing is written', async (_what, body, status, answer) => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  const before = await written({ sql });
  const refused = await admin
    .rest('cell')
    .post('/opportunities', { ...body, ...(body.customerId === 'it' && { customerId: id }) });
  expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId: expect.any(String) }]);
  expect(await written({ sql })).toEqual(before);
});

test('X-User-Id restricts the list to that owner and makes that user the owner of a new one', async () => {
  const { manager, sales, sales2 } = await tenant();
  const { id: customerId } = await customer(manager, { name: '甲' });
  const { body } = await manager
    .rest('cell')
    .post('/opportunities', { customerId, title: '一' }, { 'x-user-id': 'sales' })
    .then(async () => manager.rest('cell').post('/opportunities', { customerId, title: '二' }));
  expect(body.title).toBe('二');
  const list = async (by: typeof sales, user: string): Promise<Data> =>
    (await by.rest('cell').get('/opportunities', { 'x-user-id': user })).body;
  expect((await list(manager, 'sales')).data.map(({ title }: Data) => title)).toEqual([]);
  await sales.id();
  await manager.rest('cell').post('/opportunities', { customerId, title: '三' }, { 'x-user-id': 'sales' });
  expect((await list(manager, 'sales')).data.map(({ title }: Data) => title)).toEqual(['三']);
  expect((await list(sales2, 'sales')).code).toBe('FORBIDDEN');
});

test('amounts are hidden from those who may not see them, and what was hidden can be sent back', async () => {
  const { admin, viewer, sales, sql } = await tenant();
  const { id } = await customer(sales, { name: '甲' });
  await opportunity(sales, { name: '采购', customer: id, amount: { amount: '100.00' } });
  const {
    data: [seen],
  } = (await viewer.rest('cell').get('/opportunities')).body;
  expect([seen.amountCents, seen.currency]).toEqual(['***', 'CNY']);
  expect((await sales.rest('cell').get('/opportunities')).body.data[0].amountCents).toBe(10000);
  const changed = await admin.rest('cell').patch(`/opportunities/${seen.opportunityId}`, { ...seen, title: '新' });
  expect([changed.status, changed.body.amountCents, changed.body.title]).toEqual([200, 10000, '新']);
  expect(await sql('select expected_amount from opportunity')).toEqual([{ expected_amount: '100.00' }]);
});

test('a page of 5 and a page of 50 take as many statements', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  for (let index = 0; index < 50; index += 1) await opportunity(admin, { name: `商机${index}`, customer: id });
  const counts = [];
  for (const size of [5, 50]) {
    const page = await admin.rest('cell').get(`/opportunities?pageSize=${size}`);
    expect(page.body.data).toHaveLength(size);
    counts.push(page.statements);
  }
  expect(counts[0]).toBe(counts[1]);
});
