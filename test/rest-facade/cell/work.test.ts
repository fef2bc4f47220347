import { activity, contact, contract, customer, opportunity, written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
const requestId = expect.any(String);

describe('follow-ups', () => {
  test('are written, listed, read, changed and deleted; they have taken place', async () => {
    const { admin, code, sql } = await tenant();
    const { id: customerId } = await customer(admin, { name: '甲' });
    const { id: contactId } = await contact(admin, { name: '李四', customer: customerId });
    const { id: opportunityId } = await opportunity(admin, { name: '采购', customer: customerId });
    const cell = admin.rest('cell');
    const created = await cell.post('/follow-ups', {
      content: '谈了价格',
      customerId,
      contactId,
      opportunityId,
      followUpType: 'meeting',
    });
    expect([created.status, created.body]).toEqual([
      201,
      {
        followUpId: expect.any(String),
        tenantId: code,
        customerId,
        opportunityId,
        contactId,
        content: '谈了价格',
        followUpType: 'meeting',
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    const { followUpId } = created.body;
    expect(await sql('select kind, kind_label, status, completed_at is not null done from activity')).toEqual([
      { kind: 'MEETING', kind_label: 'meeting', status: 'COMPLETED', done: true },
    ]);
    for (const query of ['', `?customerId=${customerId}`, `?opportunityId=${opportunityId}&customerId=${customerId}`]) {
      expect((await cell.get(`/follow-ups${query}`)).body).toEqual({
        data: [created.body],
        total: 1,
        page: 1,
        pageSize: 20,
      });
    }
    expect((await cell.get(`/follow-ups?customerId=${customerId}&opportunityId=nope`)).body.total).toBe(0);
    const changed = await cell.patch(`/follow-ups/${followUpId}`, { ...created.body, content: '再谈' });
    expect([changed.status, changed.body]).toEqual([200, { ...created.body, content: '再谈', updatedAt: instant }]);
    expect((await cell.get(`/follow-ups/${followUpId}`)).body).toEqual(changed.body);
    expect((await cell.delete(`/follow-ups/${followUpId}`)).body).toEqual({ followUpId, deleted: true });
    expect((await cell.get(`/follow-ups/${followUpId}`)).body).toEqual({
      code: 'NOT_FOUND',
      message: '跟进记录不存在',
      details: '',
      requestId,
    });
  });

  test.each([
    [undefined, 'call', 'CALL'],
    ['', 'call', 'CALL'],
    ['email', 'email', 'EMAIL'],
    ['上门拜访', '上门拜访', 'NOTE'],
  ])('of type %p read as %s and count as %s', async (followUpType, word, kind) => {
    const { admin, sql } = await tenant();
    const { status, body } = await admin.rest('cell').post('/follow-ups', { content: '一', followUpType });
    expect([status, body.followUpType, body.customerId]).toEqual([201, word, '']);
    expect(await sql('select kind from activity')).toEqual([{ kind }]);
    const changed = await admin.rest('cell').patch(`/follow-ups/${body.followUpId}`, { followUpType: 'visit' });
    expect([changed.body.followUpType, await sql('select kind from activity')]).toEqual(['visit', [{ kind: 'VISIT' }]]);
  });

  test('written elsewhere are read by their kind', async () => {
    const { admin } = await tenant();
    await activity(admin, { kind: 'CHAT', subject: '聊天', content: '聊天' });
    expect((await admin.rest('cell').get('/follow-ups')).body.data[0].followUpType).toBe('chat');
  });

  test.each<[what: string, body: Data, status: number, answer: Data]>([
    ['no content', {}, 400, { code: 'BAD_REQUEST', message: '请填写跟进内容', details: 'content 为必填项' }],
    [
      'blank content',
      { content: '' },
      400,
      { code: 'BAD_REQUEST', message: '请填写跟进内容', details: 'content 为必填项' },
    ],
    [
      'an unknown customer',
      { content: '一', customerId: 'nope' },
      404,
      { code: 'NOT_FOUND', message: '客户不存在', details: 'customerId 指向的记录不存在' },
    ],
    [
      'an unknown opportunity',
      { content: '一', opportunityId: 'nope' },
      404,
      { code: 'NOT_FOUND', message: '商机不存在', details: 'opportunityId 指向的记录不存在' },
    ],
    [
      'an unknown contact',
      { content: '一', contactId: 'nope' },
      404,
      { code: 'NOT_FOUND', message: '联系人不存在', details: 'contactId 指向的记录不存在' },
    ],
    [
      'a type too long',
      { content: '一', followUpType: 'x'.repeat(51) },
      400,
      {
        code: 'BAD_REQUEST',
        message: 'followUpType 长度不能超过 50 个字符',
        details: 'followUpType 长度不能超过 50 个字符',
      },
    ],
    [
      'content that is no text',
      { content: 5 },
      400,
      { code: 'BAD_REQUEST', message: 'content 的值无效', details: 'content 的值无效' },
    ],
  ])('are refused for %s, and nothing is written', async (_what, body, status, answer) => {
    const { admin, sql } = await tenant();
    const before = await written({ sql });
    const refused = await admin.rest('cell').post('/follow-ups', body);
    expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId }]);
    expect(await written({ sql })).toEqual(before);
  });
});

describe('contracts', () => {
  test('are written, listed, read and brought into force', async () => {
    const { admin, code, sql } = await tenant();
    const { id: customerId } = await customer(admin, { name: '甲', status: 'POTENTIAL' });
    const { id: opportunityId } = await opportunity(admin, { name: '采购', customer: customerId });
    const cell = admin.rest('cell');
    const created = await cell.post('/contracts', {
      customerId,
      opportunityId,
      contractNo: ' HT-001 ',
      amountCents: 990000,
      signedAt: '2026-03-01T08:30:00.000Z',
    });
    expect([created.status, created.body]).toEqual([
      201,
      {
        contractId: expect.any(String),
        tenantId: code,
        customerId,
        opportunityId,
        contractNo: 'HT-001',
        amountCents: 990000,
        currency: 'CNY',
        status: 1,
        signedAt: '2026-03-01',
        createdAt: instant,
        updatedAt: instant,
      },
    ]);
    expect((await cell.get(`/contracts?customerId=${customerId}`)).body).toEqual({
      data: [created.body],
      total: 1,
      page: 1,
      pageSize: 20,
    });
    expect((await cell.get(`/contracts/${created.body.contractId}`)).body).toEqual(created.body);
    const inForce = await cell.patch(`/contracts/${created.body.contractId}`, { status: 2 });
    expect([inForce.status, inForce.body.status]).toEqual([200, 2]);
    expect(
      await sql(
        'select (select status from customer where tenant_id = app_tenant()), (select stage from opportunity where tenant_id = app_tenant()), signed_on::text, name from contract where tenant_id = app_tenant()',
      ),
    ).toEqual([{ status: 'ACTIVE', stage: 'CLOSED_WON', signed_on: '2026-03-01', name: 'HT-001' }]);
    expect((await cell.patch(`/contracts/${created.body.contractId}`, { status: 2 })).status).toBe(200);
    expect((await cell.patch(`/contracts/${created.body.contractId}`, { status: 1 })).body.code).toBe('CONFLICT');
  });

  test.each<[what: string, body: Data, status: number, answer: Data]>([
    [
      'no number',
      { contractNo: undefined },
      400,
      { code: 'BAD_REQUEST', message: '请填写合同编号', details: 'contractNo 为必填项' },
    ],
    [
      'no amount',
      { amountCents: undefined },
      400,
      { code: 'BAD_REQUEST', message: 'amountCents 为必填项', details: 'amountCents 为必填项' },
    ],
    [
      'null for the amount',
      { amountCents: null },
      400,
      { code: 'BAD_REQUEST', message: 'amountCents 为必填项', details: 'amountCents 为必填项' },
    ],
    [
      'a number that is taken',
      { contractNo: 'HT-000' },
      409,
      { code: 'CONFLICT', message: '合同编号已存在', details: 'contractNo 已存在' },
    ],
    [
      'an unknown customer',
      { customerId: 'nope' },
      404,
      { code: 'NOT_FOUND', message: '客户不存在', details: 'customerId 指向的记录不存在' },
    ],
    [
      'a day that is none',
      { signedAt: '2026-02-30' },
      400,
      { code: 'BAD_REQUEST', message: 'signedAt 的值无效', details: 'signedAt 的值无效' },
    ],
    [
      'a currency too long',
      { currency: 'RENMINBI' },
      400,
      {
        code: 'BAD_REQUEST',
        message: expect.stringContaining('currency'),
        details: expect.stringContaining('currency'),
      },
    ],
  ])('are refused for %s, and nothing is written', async (_what, body, status, answer) => {
    const { admin, sql } = await tenant();
    const { id: customerId } = await customer(admin, { name: '甲' });
    await contract(admin, { name: '旧', code: 'HT-000', customer: customerId });
    const before = await written({ sql });
    const refused = await admin
      .rest('cell')
      .post('/contracts', { customerId, contractNo: 'HT-001', amountCents: 1, ...body });
    expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId }]);
    expect(await written({ sql })).toEqual(before);
  });

  test('are not changed without a status, with a wrong one, or where there is none', async () => {
    const { admin, sql } = await tenant();
    const { id: customerId } = await customer(admin, { name: '甲' });
    const { id } = await contract(admin, { name: '旧', customer: customerId });
    const cell = admin.rest('cell');
    const before = await written({ sql });
    expect((await cell.patch(`/contracts/${id}`, {})).body).toEqual({
      code: 'BAD_REQUEST',
      message: '状态必填',
      details: 'status 为必填项',
      requestId,
    });
    expect((await cell.patch(`/contracts/${id}`, { status: 'x' })).body).toMatchObject({
      code: 'BAD_REQUEST',
      details: 'status 的值无效',
    });
    expect((await cell.patch('/contracts/nope', { status: 2 })).body).toEqual({
      code: 'NOT_FOUND',
      message: '合同不存在',
      details: '',
      requestId,
    });
    expect(await written({ sql })).toEqual(before);
  });
});

describe('payments', () => {
  const world = async (): Promise<Data> => {
    const all = await tenant();
    const { id: customerId } = await customer(all.admin, { name: '甲' });
    const { id: contractId } = await contract(all.admin, {
      name: '合同',
      customer: customerId,
      amount: { amount: '100.00' },
    });
    return { ...all, contractId };
  };

  test('are entered for a contract and listed', async () => {
    const { admin, code, contractId } = await world();
    const cell = admin.rest('cell');
    const created = await cell.post('/payments', {
      contractId,
      amountCents: 4000,
      paymentAt: '2026-03-01T16:30:00+08:00',
      remark: '首付',
    });
    expect([created.status, created.body]).toEqual([
      201,
      {
        paymentId: expect.any(String),
        tenantId: code,
        contractId,
        amountCents: 4000,
        paymentAt: '2026-03-01T08:30:00.000Z',
        remark: '首付',
        createdAt: instant,
      },
    ]);
    const second = await cell.post('/payments', { contractId, amountCents: 6000, paymentAt: '2026-03-02' });
    expect([second.status, second.body.paymentAt, second.body.remark]).toEqual([201, '2026-03-02T12:00:00.000Z', '']);
    expect((await cell.get(`/payments?contractId=${contractId}`)).body).toEqual({
      data: [second.body, created.body],
      total: 2,
      page: 1,
      pageSize: 20,
    });
    expect((await cell.get('/payments?contractId=nope')).body.total).toBe(0);
  });

  test.each<[what: string, body: Data, status: number, answer: Data]>([
    [
      'an unknown contract',
      { contractId: 'nope' },
      404,
      { code: 'NOT_FOUND', message: '合同不存在', details: 'contractId 指向的记录不存在' },
    ],
    [
      'no contract',
      { contractId: undefined },
      400,
      { code: 'BAD_REQUEST', message: 'contractId 为必填项', details: 'contractId 为必填项' },
    ],
    [
      'no time',
      { paymentAt: undefined },
      400,
      { code: 'BAD_REQUEST', message: 'paymentAt 为必填项', details: 'paymentAt 为必填项' },
    ],
    [
      'a time that is none',
      { paymentAt: 'yesterday' },
      400,
      { code: 'BAD_REQUEST', message: 'paymentAt 的值无效', details: 'paymentAt 的值无效' },
    ],
    [
      'nothing paid',
      { amountCents: 0 },
      400,
      {
        code: 'BAD_REQUEST',
        message: expect.stringContaining('amountCents'),
        details: expect.stringContaining('amountCents'),
      },
    ],
    [
      'more than is owed',
      { amountCents: 10001 },
      409,
      { code: 'CONFLICT', message: '付款金额超过未付金额', details: 'amountCents: 付款金额超过未付金额' },
    ],
  ])('are refused for %s, and nothing is written', async (_what, body, status, answer) => {
    const { admin, sql, contractId } = await world();
    const before = await written({ sql });
    const refused = await admin
      .rest('cell')
      .post('/payments', { contractId, amountCents: 1, paymentAt: '2026-03-01T08:30:00Z', ...body });
    expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId }]);
    expect(await written({ sql })).toEqual(before);
  });

  test('show no amounts to those who may not see them', async () => {
    const { admin, viewer, contractId } = await world();
    await admin.rest('cell').post('/payments', { contractId, amountCents: 1, paymentAt: '2026-03-01' });
    const amounts = async (path: string): Promise<Data> =>
      (await viewer.rest('cell').get(path)).body.data.map(({ amountCents }: Data) => amountCents);
    expect([await amounts('/payments'), await amounts('/contracts')]).toEqual([['***'], ['***']]);
  });
});
