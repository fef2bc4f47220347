import { customer, opportunity, contact, contract, activity, caseOf, written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

describe('import of customers', () => {
  test('keeps the good rows and reports the bad ones with index and reason', async () => {
    const { manager, sales, sql } = await tenant();
    const owner = await sales.id();
    await customer(manager, { name: '旧' });
    const items = [
      { name: ' 甲 ', contactPhone: '13800138000' },
      { name: '' },
      { name: '旧' },
      { name: '甲' },
      'nonsense',
      { name: 7 },
      { name: '乙', contactEmail: 'x' },
      { name: '丙' },
    ];
    const { status, body } = await manager.rest('cell').post('/customers/import', { items }, { 'x-user-id': 'sales' });
    expect([status, body]).toEqual([
      200,
      {
        accepted: true,
        created: 2,
        errors: 6,
        details: [
          { index: 0, customerId: expect.any(String), name: '甲' },
          { index: 7, customerId: expect.any(String), name: '丙' },
        ],
        errorsDetail: [
          { index: 1, reason: '客户名称为空', name: '' },
          { index: 2, reason: '客户名称已存在', name: '旧' },
          { index: 3, reason: '客户名称已存在', name: '甲' },
          { index: 4, reason: '数据格式错误' },
          { index: 5, reason: '数据格式错误：name', name: 7 },
          { index: 6, reason: '数据格式错误：contactEmail', name: '乙' },
        ],
      },
    ]);
    expect(await sql('select name, phone, owner_id from customer order by number')).toEqual([
      { name: '旧', phone: null, owner_id: null },
      { name: '甲', phone: '13800138000', owner_id: owner },
      { name: '丙', phone: null, owner_id: owner },
    ]);
  });

  test('takes rows under `data` as well, and 5000 of them at once', async () => {
    const { admin, sql } = await tenant();
    const data = Array.from({ length: 5000 }, (_, index) => ({ name: `客户${index}` }));
    const { status, body } = await admin.rest('cell').post('/customers/import', { data });
    expect([status, body.created, body.errors, body.details.at(-1).index]).toEqual([200, 5000, 0, 4999]);
    expect(await sql('select count(*)::int n from customer')).toEqual([{ n: 5000 }]);
  }, 60_000);

  test('sent again under the same id is a conflict that carries the first answer, and has no second effect', async () => {
    const t = await tenant();
    const cell = t.admin.rest('cell');
    const items = [{ name: '甲' }, { name: '' }, { name: '乙' }];
    const first = await cell.post('/customers/import', { items }, { 'x-request-id': 'i-1' });
    const before = await written(t);
    const again = await cell.post('/customers/import', { items }, { 'x-request-id': 'i-1' });
    expect([again.status, again.body]).toEqual([
      409,
      {
        code: 'IDEMPOTENT_CONFLICT',
        message: expect.any(String),
        details: { status: 200, body: first.body },
        requestId: 'i-1',
      },
    ]);
    expect(first.body).toMatchObject({ created: 2, errors: 1 });
    expect(await written(t)).toEqual(before);
  });

  test('finds every bad row among thousands, without a trace of them', async () => {
    const t = await tenant();
    const names = (from: string): string[] => Array.from({ length: 600 }, (_, index) => `${from}${index}`);
    expect(
      (await t.admin.rest('cell').post('/customers/import', { items: names('旧').map((name) => ({ name })) })).body
        .created,
    ).toBe(600);
    const items = names('旧').flatMap((name, index) => [
      { name },
      { name: `新${index}` },
      { name: `新${index}` },
      { name: '丁', contactEmail: 'x' },
    ]);
    const { body } = await t.admin.rest('cell').post('/customers/import', { items }, { 'x-user-id': 'admin' });
    expect([body.created, body.errors]).toEqual([600, 1800]);
    expect(body.details.map(({ index, name }: Data) => [index, name])).toEqual(
      names('新').map((name, index) => [4 * index + 1, name]),
    );
    expect(body.errorsDetail.map(({ index, reason }: Data) => [index, reason])).toEqual(
      names('').flatMap((_, index) => [
        [4 * index, '客户名称已存在'],
        [4 * index + 2, '客户名称已存在'],
        [4 * index + 3, '数据格式错误：contactEmail'],
      ]),
    );
    expect(await written(t)).toEqual({ audit: 1200, events: 1200, seq: 1200 });
    expect(
      await t.sql(
        "select count(*)::int n, count(owner_id)::int owned, max(account_no) last from customer where name like '新%'",
      ),
    ).toEqual([{ n: 600, owned: 600, last: 'ACC999' }]);
    expect(await t.sql("select last from series where name = 'account'")).toEqual([{ last: 1200 }]);
  }, 60_000);

  test.each<[what: string, body: unknown, message: string]>([
    ['no rows', {}, '请提供 items 数组'],
    ['an empty list', { items: [] }, '请提供 items 数组'],
    ['rows that are no list', { items: { name: '甲' } }, '请提供 items 数组'],
    ['a row too many', { items: Array.from({ length: 5001 }, () => ({ name: 'x' })) }, '单次导入不超过 5000 条'],
  ])('is refused for %s, and nothing is written', async (_what, sent, message) => {
    const { admin, sql } = await tenant();
    for (const path of ['/customers/import', '/opportunities/import']) {
      const { status, body } = await admin.rest('cell').post(path, sent);
      expect([status, body]).toEqual([
        400,
        { code: 'BAD_REQUEST', message, details: 'items 应包含 1 到 5000 条', requestId: expect.any(String) },
      ]);
    }
    expect(await written({ sql })).toEqual({ audit: 0, events: 0, seq: 0 });
  });

  test('is not for those who may only read', async () => {
    const { viewer, sql } = await tenant();
    expect((await viewer.rest('cell').post('/customers/import', { items: [{ name: '甲' }] })).status).toBe(403);
    expect(await sql('select count(*)::int n from customer')).toEqual([{ n: 0 }]);
  });
});

test('import of opportunities keeps the good rows and reports the bad ones', async () => {
  const { admin, sql } = await tenant();
  const { id: customerId } = await customer(admin, { name: '甲' });
  const items = [
    { customerId, title: '一', amountCents: 150, stage: 4 },
    { title: '二' },
    { customerId: 'nope', title: '三' },
    { customerId, title: '四', stage: 9 },
    { customerId, title: '五' },
  ];
  const { status, body } = await admin.rest('cell').post('/opportunities/import', { items });
  expect([status, body]).toEqual([
    200,
    {
      accepted: true,
      created: 2,
      errors: 3,
      details: [
        { index: 0, opportunityId: expect.any(String), title: '一' },
        { index: 4, opportunityId: expect.any(String), title: '五' },
      ],
      errorsDetail: [
        { index: 1, reason: '客户与标题必填', title: '二' },
        { index: 2, reason: '客户不存在', customerId: 'nope', title: '三' },
        { index: 3, reason: '数据格式错误：stage', customerId, title: '四' },
      ],
    },
  ]);
  expect(await sql('select name, expected_amount, stage, probability from opportunity order by number')).toEqual([
    { name: '一', expected_amount: '1.50', stage: 'NEGOTIATION', probability: 60 },
    { name: '五', expected_amount: '0.00', stage: 'QUALIFICATION', probability: 10 },
  ]);
});

test('rows that refer to nothing are distinguished from their neighbours, whatever those have to look up', async () => {
  const t = await tenant();
  const owner = await t.sales.id();
  const { id: customerId } = await customer(t.manager, { name: '甲' });
  const nobody = '01890000-0000-7000-8000-000000000000';
  const items = Array.from({ length: 30 }, (_, index) => ({
    customerId: index % 3 === 1 ? nobody : customerId,
    title: index % 5 === 4 ? '' : `商机${index}`,
    amountCents: index,
  }));
  const isBad = (index: number): boolean => index % 3 === 1 || index % 5 === 4;
  const { status, body } = await t.manager
    .rest('cell')
    .post('/opportunities/import', { items }, { 'x-user-id': 'sales' });
  expect(status).toBe(200);
  expect(body.errorsDetail.map(({ index, reason }: Data) => [index, reason])).toEqual(
    items.flatMap(({ title }, index) =>
      isBad(index) ? [[index, title === '' ? '客户与标题必填' : '客户不存在']] : [],
    ),
  );
  const kept = items.flatMap(({ title }, index) => (isBad(index) ? [] : [title]));
  expect(await t.sql('select name, owner_id from opportunity order by number')).toEqual(
    kept.map((name) => ({ name, owner_id: owner })),
  );
  expect(await t.sql('select count(*)::int n from stage_change')).toEqual([{ n: kept.length }]);
});

test('the 360 view shows everything about a customer, in one statement', async () => {
  const { admin, viewer, code } = await tenant();
  const { id } = await customer(admin, { name: '甲', phone: '13800138000' });
  const { id: other } = await customer(admin, { name: '乙' });
  const { id: contactId } = await contact(admin, { name: '李四', phone: '13900139000', customer: id });
  const { id: opportunityId } = await opportunity(admin, {
    name: '采购',
    customer: id,
    amount: { amount: '100.00' },
    stage: 'PROPOSAL',
  });
  const { id: contractId } = await contract(admin, { name: '合同', customer: id, amount: { amount: '80.00' } });
  const { id: caseId } = await caseOf(admin, { subject: '问题', customer: id });
  const { id: followUpId } = await activity(admin, { kind: 'CALL', content: '谈', customer: id });
  await admin.rest('cell').post('/payments', { contractId, amountCents: 3000, paymentAt: '2026-03-01' });
  await admin.graph(
    'mutation ($from: ID!, $to: ID!) { customerRelationCreate(input: { from: $from, to: $to, kind: PARTNER }) { userErrors { code } } }',
    { from: id, to: other },
  );
  const { status, body, statements } = await admin.rest('cell').get(`/customers/${id}/360`);
  expect([status, Object.keys(body)]).toEqual([
    200,
    [
      'customer',
      'contacts',
      'opportunities',
      'relationships',
      'contracts',
      'payments',
      'followUps',
      'cases',
      'health',
      'summary',
    ],
  ]);
  expect(body.customer).toMatchObject({ customerId: id, tenantId: code, contactPhone: '138****8000' });
  expect(body.contacts).toMatchObject([{ contactId, customerId: id, phone: '139****9000' }]);
  expect(body.opportunities).toMatchObject([{ opportunityId, amountCents: 10000, stage: 3 }]);
  expect(body.relationships).toEqual([{ fromCustomerId: id, toCustomerId: other, relationshipType: 'PARTNER' }]);
  expect(body.contracts).toMatchObject([{ contractId, amountCents: 8000 }]);
  expect(body.payments).toMatchObject([{ contractId, amountCents: 3000 }]);
  expect(body.followUps).toMatchObject([{ followUpId }]);
  expect(body.cases).toMatchObject([{ caseId, subject: '问题', status: 'NEW' }]);
  expect(body.health).toEqual({ score: expect.any(Number) });
  expect(body.summary).toMatchObject({
    contactCount: 1,
    opportunityCount: 1,
    openOpportunityCount: 1,
    openAmountCents: 10000,
    wonAmountCents: 0,
    contractCount: 1,
    contractAmountCents: expect.any(Number),
    paymentCount: 1,
    followUpCount: 1,
    caseCount: 1,
  });
  expect(statements).toBe((await admin.rest('cell').get('/customers?pageSize=1')).statements);
  expect((await viewer.rest('cell').get(`/customers/${id}/360`)).body.summary.openAmountCents).toBe('***');
  expect((await admin.rest('cell').get('/customers/nope/360')).body).toEqual({
    code: 'NOT_FOUND',
    message: '客户不存在',
    details: '',
    requestId: expect.any(String),
  });
});
