import { written } from '../../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';
import type { Answer } from '../../support/http.js';

const rest = (by: Actor) => by.rest('lifecycle');
const said = ({ status, body }: Answer): Data => [
  status,
  (body as Data).error_code,
  ...(body as Data).errors.map(({ field }: Data) => field),
];
const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

const contract = {
  contract_name: '服务合同',
  contract_type: 1,
  contract_amount: 1000.5,
  start_date: '2026-01-01',
  end_date: '2026-12-31',
};
const talk = {
  communication_type: 1,
  direction: 1,
  subject: '续约',
  content: '客户愿意续约',
  communication_date: '2026-03-01T08:30:00Z',
};

async function world(): Promise<TestTenant & { customer: number }> {
  const t = await tenant();
  const { body } = await rest(t.admin).post('/customers', { customer_name: '甲公司', customer_type: 1 });
  return { ...t, customer: (body as Data).data.customer_id };
}

async function signed(by: Actor, customer: number, ends = day(30), amount = 1000.5): Promise<number> {
  const { body } = await rest(by).post(`/customers/${customer}/contracts`, {
    ...contract,
    contract_amount: amount,
    end_date: ends,
  });
  const { contract_id } = (body as Data).data;
  await rest(by).put(`/contracts/${contract_id}`, { status: 2 });
  return contract_id;
}

describe('a contract', () => {
  test('goes into force and makes its customer a formal one, and never back', async () => {
    const { admin, customer } = await world();
    const id = await signed(admin, customer);
    const { customer_info } = (await rest(admin).get(`/customers/${customer}`)).body.data;
    expect([customer_info.status, customer_info.ltv, customer_info.next_renewal_date]).toEqual([2, 1000.5, day(30)]);
    expect(said(await rest(admin).put(`/contracts/${id}`, { status: 1, contract_name: '新名' }))).toEqual([
      400,
      '40005',
      'status',
    ]);
    expect((await rest(admin).get(`/contracts/${id}`)).body.data).toMatchObject({
      status: 2,
      contract_name: '服务合同',
    });
    expect((await rest(admin).put(`/contracts/${id}`, { status: 4 })).body.data.status).toBe(4);
  });

  test('is renewed as the same contract', async () => {
    const { admin, customer, sql } = await world();
    const id = await signed(admin, customer);
    const { data } = (
      await rest(admin).post(`/contracts/${id}/renew`, {
        new_end_date: `${day(400)}T00:00:00Z`,
        renewal_terms: '价格不变',
      })
    ).body as Data;
    expect([data.contract_id, data.end_date, data.contract_amount]).toEqual([id, day(400), 1000.5]);
    expect(await sql('select terms, old_amount, new_amount from contract_renewal')).toEqual([
      { terms: '价格不变', old_amount: '1000.50', new_amount: '1000.50' },
    ]);
    expect(said(await rest(admin).post(`/contracts/${id}/renew`, { new_end_date: day(1) }))).toEqual([
      400,
      '40005',
      'new_end_date',
    ]);
    expect(said(await rest(admin).post(`/contracts/${id}/renew`, {}))).toEqual([
      400,
      'INVALID_PARAMETER',
      'new_end_date',
    ]);
  });

  test('that ends soon is found, the first to end first', async () => {
    const { admin, customer } = await world();
    const [late, soon] = [await signed(admin, customer, day(80)), await signed(admin, customer, day(5))];
    await signed(admin, customer, day(200));
    const ids = async (query: string): Promise<number[]> =>
      (await rest(admin).get(`/contracts/expiring${query}`)).body.data.items.map(
        ({ contract_id }: Data) => contract_id,
      );
    expect(await ids('')).toEqual([soon, late]);
    expect(await ids('?days=10')).toEqual([soon]);
    for (const days of ['0', '366', 'x', '1.5'])
      expect(said(await rest(admin).get(`/contracts/expiring?days=${days}`))).toEqual([
        400,
        'INVALID_PARAMETER',
        'days',
      ]);
  });

  test('counts for the order of customers by value and by next renewal', async () => {
    const { admin, customer } = await world();
    const [second, third] = await Promise.all(
      ['乙公司', '丙公司'].map(
        async (customer_name) =>
          ((await rest(admin).post('/customers', { customer_name, customer_type: 1 })).body as Data).data.customer_id,
      ),
    );
    await signed(admin, customer, day(50), 10);
    await signed(admin, second, day(10), 500);
    const ids = async (sort: string): Promise<number[]> =>
      (await rest(admin).get(`/customers?sort=${sort}`)).body.data.items.map(({ customer_id }: Data) => customer_id);
    expect(await ids('ltv,desc')).toEqual([second, customer, third]);
    expect(await ids('next_renewal_date,asc')).toEqual([second, customer, third]);
  });

  test.each<[string, object, string, string]>([
    ['no title', { contract_name: undefined }, 'INVALID_PARAMETER', 'contract_name'],
    ['an unknown type', { contract_type: 4 }, 'INVALID_PARAMETER', 'contract_type'],
    ['no amount', { contract_amount: undefined }, 'INVALID_PARAMETER', 'contract_amount'],
    ['an amount below zero', { contract_amount: -1 }, '40005', 'contract_amount'],
    ['a word for an amount', { contract_amount: 'x' }, 'INVALID_PARAMETER', 'contract_amount'],
    ['a day that does not exist', { start_date: '2026-02-30' }, '40005', 'start_date'],
    ['a day in another form', { end_date: '31/12/2026' }, '40005', 'end_date'],
    ['an end before its start', { end_date: '2025-12-31' }, '40005', 'end_date'],
    ['a notice of no days', { renewal_notice_days: 0 }, 'INVALID_PARAMETER', 'renewal_notice_days'],
    ['terms too long', { payment_terms: '长'.repeat(101) }, 'INVALID_PARAMETER', 'payment_terms'],
    ['a link that is none', { contract_file_url: 'not a link' }, 'INVALID_PARAMETER', 'contract_file_url'],
    ['an unknown renewal', { renewal_type: 3 }, 'INVALID_PARAMETER', 'renewal_type'],
  ])('with %s is refused', async (_what, fields, code, field) => {
    const t = await world();
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/contracts`, { ...contract, ...fields }))).toEqual([
      400,
      code,
      field,
    ]);
    expect(await written(t)).toEqual(before);
  });

  test('of a customer or by a number that is not there is not found', async () => {
    const { admin, sales, customer } = await world();
    const id = await signed(admin, customer);
    expect(said(await rest(admin).post('/customers/999999/contracts', contract))).toEqual([404, '40001', 'id']);
    expect(said(await rest(admin).get('/customers/999999/contracts'))).toEqual([404, '40001']);
    expect(said(await rest(admin).get('/contracts/999999'))).toEqual([404, 'NOT_FOUND']);
    expect(said(await rest(admin).put('/contracts/999999', { status: 2 }))).toEqual([404, 'NOT_FOUND']);
    expect((await rest(sales).get(`/contracts/${id}`)).status).toBe(200);
    expect(said(await rest((await tenant()).admin).get(`/contracts/${id}`))).toEqual([404, 'NOT_FOUND']);
  });
});

describe('a tag', () => {
  test('is one of its customer, once', async () => {
    const t = await world();
    const { data } = (await rest(t.admin).post(`/customers/${t.customer}/tags`, { tag_name: '重点' })).body as Data;
    expect([data.tag_type, data.tag_category, data.confidence]).toEqual([1, null, null]);
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/tags`, { tag_name: '重点' }))).toEqual([
      400,
      'INVALID_PARAMETER',
      'tag_name',
    ]);
    for (const [fields, field] of [
      [{}, 'tag_name'],
      [{ tag_name: 'a<b>' }, 'tag_name'],
      [{ tag_name: '长'.repeat(101) }, 'tag_name'],
      [{ tag_name: '甲', tag_type: 4 }, 'tag_type'],
      [{ tag_name: '甲', tag_category: '长'.repeat(51) }, 'tag_category'],
    ] as const) {
      expect(said(await rest(t.admin).post(`/customers/${t.customer}/tags`, fields))).toEqual([
        400,
        'INVALID_PARAMETER',
        field,
      ]);
    }
    const other = ((await rest(t.admin).post('/customers', { customer_name: '乙公司', customer_type: 1 })).body as Data)
      .data.customer_id;
    expect(said(await rest(t.admin).delete(`/customers/${other}/tags/${data.tag_id}`))).toEqual([404, 'NOT_FOUND']);
    expect(said(await rest(t.admin).delete(`/customers/999999/tags/${data.tag_id}`))).toEqual([404, '40001', 'id']);
    expect(said(await rest(t.admin).post('/customers/999999/tags', { tag_name: '重点' }))).toEqual([
      404,
      '40001',
      'id',
    ]);
    expect((await written(t)).audit).toBe(before.audit + 1);
    await rest(t.admin).delete(`/customers/${t.customer}/tags/${data.tag_id}`);
    expect((await rest(t.admin).get(`/customers/${t.customer}/tags`)).body.data).toEqual([]);
  });
});

describe('a communication', () => {
  test('is kept with who held it, and shown latest first', async () => {
    const { sales, admin } = await world();
    const customer = (
      (await rest(sales).post('/customers', { customer_name: '乙公司', customer_type: 1 })).body as Data
    ).data.customer_id;
    const dates = ['2026-03-01', '2026-03-03 10:00:00', '2026-03-02T10:00:00+08:00'];
    for (const communication_date of dates)
      await rest(sales).post(`/customers/${customer}/communications`, {
        ...talk,
        communication_type: 4,
        communication_date,
      });
    const { items, total } = (
      await rest(admin).get(`/customers/${customer}/communications?communication_type=4&communication_type=1`)
    ).body.data;
    expect(total).toBe(3);
    expect(items.map((item: Data) => [item.communication_date, item.staff_name, item.importance])).toEqual([
      ['2026-03-03T02:00:00.000Z', 'sales', 2],
      ['2026-03-02T02:00:00.000Z', 'sales', 2],
      ['2026-02-28T16:00:00.000Z', 'sales', 2],
    ]);
    expect(
      (await rest(admin).get(`/customers/${customer}/communications?communication_type=1,2,3`)).body.data.total,
    ).toBe(0);
  });

  test.each<[string, object, string]>([
    ['no subject', { subject: undefined }, 'subject'],
    ['a subject too long', { subject: '长'.repeat(201) }, 'subject'],
    ['no content', { content: undefined }, 'content'],
    ['no channel', { communication_type: undefined }, 'communication_type'],
    ['an unknown channel', { communication_type: 5 }, 'communication_type'],
    ['an unknown direction', { direction: 0 }, 'direction'],
    ['a date that is none', { communication_date: 'yesterday' }, 'communication_date'],
    ['a date that does not exist', { communication_date: '2026-02-30T10:00:00Z' }, 'communication_date'],
    ['a duration below zero', { duration_minutes: -1 }, 'duration_minutes'],
    ['half a minute', { duration_minutes: 0.5 }, 'duration_minutes'],
    ['an outcome too long', { outcome: '长'.repeat(101) }, 'outcome'],
    ['a next action too long', { next_action: '长'.repeat(201) }, 'next_action'],
    ['an unknown mood', { sentiment: 4 }, 'sentiment'],
    ['an unknown importance', { importance: 'high' }, 'importance'],
    ['an unknown contact', { contact_id: 999999 }, 'contact_id'],
  ])('with %s is refused', async (_what, fields, field) => {
    const t = await world();
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/communications`, { ...talk, ...fields }))).toEqual([
      400,
      'INVALID_PARAMETER',
      field,
    ]);
    expect(await written(t)).toEqual(before);
  });
});

describe('a report', () => {
  test('without facts has none', async () => {
    const { admin, customer } = await world();
    expect((await rest(admin).get(`/customers/${customer}/satisfaction?period=1y`)).body.data).toMatchObject({
      customer_id: customer,
      period: '1y',
      overall_satisfaction: null,
      satisfaction_trend: '稳定',
      satisfaction_history: [],
      improvement_suggestions: [],
    });
    expect((await rest(admin).get(`/customers/${customer}/service-records`)).body.data).toEqual({
      items: [],
      total: 0,
      page: 1,
      size: 20,
      pages: 0,
    });
    for (const path of [
      'satisfaction?period=2m',
      'service-records?start_date=x',
      'service-records?page=0',
      'communications?size=101',
      'communications?communication_type=9',
      'contracts?status=5',
    ])
      expect([path, (await rest(admin).get(`/customers/${customer}/${path}`)).status]).toEqual([path, 400]);
    for (const path of ['satisfaction', 'service-records', 'communications', 'tags'])
      expect(said(await rest(admin).get(`/customers/999999/${path}`))).toEqual([404, '40001']);
  });

  test('and every list costs one statement whatever its size', async () => {
    const { admin, customer } = await world();
    for (const index of Array.from({ length: 8 }, (_, n) => n)) {
      await Promise.all([
        signed(admin, customer, day(10 + index)),
        rest(admin).post(`/customers/${customer}/tags`, { tag_name: `标签${index}` }),
        rest(admin).post(`/customers/${customer}/communications`, talk),
      ]);
    }
    for (const path of [
      'contracts',
      'tags',
      'communications?size=2',
      'communications?size=50',
      'service-records',
      'satisfaction',
    ])
      expect([path, (await rest(admin).get(`/customers/${customer}/${path}`)).statements]).toEqual([path, 1]);
    expect((await rest(admin).get('/contracts/expiring?size=50')).statements).toBe(1);
  });
});

describe('a batch', () => {
  const batch = (by: Actor, customers: unknown): Promise<Answer> => rest(by).post('/customers/batch', { customers });

  test('keeps the good and says of each of the others what is wrong', async () => {
    const t = await world();
    const { data } = (
      await batch(t.admin, [
        { customer_name: '乙', customer_type: 1, contacts: [{ contact_name: '张', is_primary: 1 }] },
        { customer_name: '甲公司', customer_type: 1 },
        { customer_name: '丙', customer_type: 9 },
        { customer_type: 1 },
        'x',
        {
          customer_name: '丁',
          customer_type: 1,
          contacts: [{ contact_name: '李' }, { contact_name: '王', email: 'x' }],
        },
        { customer_name: '戊', customer_type: 1, assigned_manager_id: 999999 },
        { customer_name: '己', customer_type: 3, level: 4 },
      ])
    ).body as Data;
    expect([data.success_count, data.failed_count]).toEqual([2, 6]);
    expect(data.results.map(({ index, success, error_message }: Data) => [index, success, error_message])).toEqual([
      [0, true, null],
      [1, false, '客户名称已存在'],
      [2, false, 'customer_type 的值无效'],
      [3, false, '请填写客户名称'],
      [4, false, '数据格式无效'],
      [5, false, '联系人信息格式错误'],
      [6, false, '负责人不存在'],
      [7, true, null],
    ]);
    expect(await t.sql('select name, number from customer order by number')).toEqual([
      { name: '甲公司', number: t.customer },
      { name: '乙', number: data.results[0].customer_id },
      { name: '己', number: data.results[7].customer_id },
    ]);
  });

  test('changes many, leaving the finer value behind a coarser word', async () => {
    const t = await world();
    await t.admin.graph(
      'mutation ($id: ID!) { customerUpdate(id: $id, input: { kind: EDUCATION, status: INACTIVE }) { customer { id } } }',
      { id: t.customer },
    );
    const { data } = (
      await rest(t.admin).put('/customers/batch', {
        updates: [
          { customer_id: t.customer, level: 3, customer_type: 1, status: 2 },
          { customer_id: 999999, level: 1 },
          { level: 1 },
          { customer_id: t.customer, level: 7 },
        ],
      })
    ).body as Data;
    expect([data.success_count, data.failed_count, data.results.map((one: Data) => one.error_message)]).toEqual([
      1,
      3,
      [null, '客户不存在', 'customer_id 为必填项', 'level 的值无效'],
    ]);
    expect(await t.sql('select kind, status, tier from customer')).toEqual([
      { kind: 'EDUCATION', status: 'INACTIVE', tier: 'GOLD' },
    ]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'customers'],
    ['an empty list', [], 'customers'],
    ['no list', { customer_name: '乙' }, 'customers'],
    ['too many', Array.from({ length: 1_001 }, () => ({ customer_name: '乙', customer_type: 1 })), 'customers'],
  ])('of %s is refused', async (_what, customers, field) => {
    const t = await world();
    const before = await written(t);
    expect(said(await batch(t.admin, customers))).toEqual([400, 'INVALID_PARAMETER', field]);
    expect(await written(t)).toEqual(before);
  });

  test('is not for those who may not write', async () => {
    const t = await world();
    expect(said(await batch(t.viewer, [{ customer_name: '乙', customer_type: 1 }]))).toEqual([403, '40004']);
    expect((await t.sql('select count(*)::int from customer'))[0]).toEqual({ count: 1 });
  });
});

describe('success', () => {
  test('of a customer that was never scored is not known; scored, it is', async () => {
    const { admin, customer } = await world();
    expect(said(await rest(admin).get(`/customers/${customer}/health-score`))).toEqual([
      404,
      'NOT_FOUND',
      'health_score',
    ]);
    const { data } = (await rest(admin).post(`/customers/${customer}/health-score/calculate`)).body as Data;
    expect((await rest(admin).get(`/customers/${customer}/health-score`)).body.data).toEqual({
      ...data,
      id: expect.any(Number),
      created_at: expect.stringMatching(/Z$/),
    });
    expect((await rest(admin).get(`/customers/${customer}/health-score/trend`)).body.data).toEqual({
      customer_id: customer,
      period: '6m',
      trend_data: [{ score_date: data.score_date, overall_score: data.overall_score, risk_level: data.risk_level }],
      trend_analysis: { direction: '稳定', change_rate: 0, stability: '稳定' },
    });
    for (const path of ['health-score', 'health-score/trend', 'analysis/value', 'analysis/behavior'])
      expect(said(await rest(admin).get(`/customers/999999/${path}`))).toEqual([404, '40001']);
    expect(said(await rest(admin).post('/customers/999999/health-score/calculate'))).toEqual([404, '40001']);
    for (const path of ['health-score/trend?period=2m', 'analysis/behavior?period=x'])
      expect(said(await rest(admin).get(`/customers/${customer}/${path}`))).toEqual([
        400,
        'INVALID_PARAMETER',
        'period',
      ]);
    for (const path of ['health-score', 'health-score/trend', 'analysis/value', 'analysis/behavior'])
      expect([path, (await rest(admin).get(`/customers/${customer}/${path}`)).statements]).toEqual([path, 1]);
  });

  test('tasks are listed over all customers, by who, state, priority and kind', async () => {
    const { admin, customer } = await world();
    const { viewer } = await admin.graph('{ viewer { user { number } } }');
    const assigned_to = viewer.user.number;
    for (const [task_title, task_type, priority] of [
      ['甲', 1, 1],
      ['乙', 2, 4],
      ['丙', 3, 4],
    ])
      await rest(admin).post(`/customers/${customer}/success-tasks`, { task_title, task_type, priority, assigned_to });
    const titles = async (query: string): Promise<string> =>
      (await rest(admin).get(`/customers/success-tasks?${query}`)).body.data.items
        .map((item: Data) => item.task_title)
        .join('');
    for (const [query, expected] of [
      ['', '丙乙甲'],
      ['priority=4', '丙乙'],
      ['task_type=1&task_type=2', '乙甲'],
      ['task_type=1,3', '丙甲'],
      ['status=2', ''],
      [`assigned_to=${assigned_to}&status=1`, '丙乙甲'],
      ['assigned_to=999999', ''],
      ['size=1&page=2', '乙'],
    ] as const)
      expect([query, await titles(query)]).toEqual([query, expected]);
    for (const [query, field] of [
      ['status=5', 'status'],
      ['priority=0', 'priority'],
      ['task_type=x', 'task_type'],
      ['assigned_to=x', 'assigned_to'],
      ['page=0', 'page'],
      ['size=101', 'size'],
    ] as const)
      expect(said(await rest(admin).get(`/customers/success-tasks?${query}`))).toEqual([
        400,
        'INVALID_PARAMETER',
        field,
      ]);
  });

  test.each<[string, object, string]>([
    ['no title', { task_title: undefined }, 'task_title'],
    ['a title too long', { task_title: '长'.repeat(201) }, 'task_title'],
    ['no kind', { task_type: undefined }, 'task_type'],
    ['an unknown kind', { task_type: 5 }, 'task_type'],
    ['an unknown priority', { priority: 5 }, 'priority'],
    ['nobody to do it', { assigned_to: undefined }, 'assigned_to'],
    ['somebody unknown to do it', { assigned_to: 999999 }, 'assigned_to'],
    ['a date that is none', { due_date: 'soon' }, 'due_date'],
  ])('a task with %s is refused', async (_what, fields, field) => {
    const t = await world();
    const { viewer } = await t.admin.graph('{ viewer { user { number } } }');
    const before = await written(t);
    expect(
      said(
        await rest(t.admin).post(`/customers/${t.customer}/success-tasks`, {
          task_title: '甲',
          task_type: 1,
          assigned_to: viewer.user.number,
          ...fields,
        }),
      ),
    ).toEqual([400, 'INVALID_PARAMETER', field]);
    expect(await written(t)).toEqual(before);
  });
});
