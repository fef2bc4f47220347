import type { Answer } from '../../support/http.js';
import { written } from '../../support/records.js';
import { type Actor, type Data } from '../../support/tenant.js';
import { day, rest, said, signed, talk, world } from './contracts.js';

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
