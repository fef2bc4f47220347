import { written } from '../../support/records.js';
import { tenant, type Actor, type Data } from '../../support/tenant.js';
import type { Answer } from '../../support/http.js';

const rest = (by: Actor) => by.rest('lifecycle');

async function create(by: Actor, body: object): Promise<Data> {
  const answer = await rest(by).post('/customers', body);
  expect([answer.status, answer.body.success]).toEqual([200, true]);
  return answer.body.data;
}

/** What a refusal says, without the time and the trace. */
const said = ({ status, body }: Answer): Data => {
  const { success, code, error_code, errors } = body as Data;
  return { status, success, code, error_code, fields: errors.map(({ field }: Data) => field) };
};
const refusal = (status: number, error_code: string, ...fields: string[]): Data => ({
  status,
  success: false,
  code: status,
  error_code,
  fields,
});

const full = {
  customer_name: '华信科技有限公司',
  customer_type: 1,
  industry: '软件',
  scale: '中型',
  address: '上海市浦东新区',
  website: 'https://www.huaxin.example',
  description: '企业软件供应商',
  level: 3,
  source: '官网',
};
const person = {
  contact_name: '张伟',
  position: '技术总监',
  department: '技术部',
  phone: '021-88886666',
  mobile: '13800138000',
  email: 'zhangwei@example.com',
  wechat: 'zhangwei',
  is_primary: 1,
  is_decision_maker: 1,
  influence_level: 3,
  contact_preference: '电话',
};

describe('the envelope', () => {
  test('of success carries code, message, data, time and trace', async () => {
    const { admin } = await tenant();
    const { status, headers, body } = await rest(admin).get('/customers', { 'x-request-id': 'trace-1' });
    expect(status).toBe(200);
    expect(headers.get('x-api-dialect')).toBe('lifecycle');
    const { timestamp, ...rest_ } = body as Data;
    expect(rest_).toEqual({
      success: true,
      code: 200,
      message: '操作成功',
      data: { items: [], total: 0, page: 1, size: 20, pages: 0 },
      trace_id: 'trace-1',
    });
    expect(timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  });

  test('of a failure names the member, the business number and the HTTP number', async () => {
    const { admin } = await tenant();
    const { status, body } = await rest(admin).post('/customers', { customer_type: 9 }, { 'x-request-id': 'trace-2' });
    const { timestamp, ...rest_ } = body as Data;
    expect(status).toBe(400);
    expect(rest_).toEqual({
      success: false,
      code: 400,
      message: '请填写客户名称',
      error: 'customer_name: 请填写客户名称；customer_type 的值无效',
      error_code: 'INVALID_PARAMETER',
      errors: [
        { field: 'customer_name', message: '请填写客户名称' },
        { field: 'customer_type', message: 'customer_type 的值无效' },
      ],
      trace_id: 'trace-2',
    });
    expect(timestamp).toMatch(/Z$/);
  });

  test.each([
    ['GET', '/customers/1/unknown', 404],
    ['PATCH', '/customers/1', 404],
    ['POST', '/customers/search', 404],
    ['GET', '/contracts', 404],
  ])('answers %s %s, which is not there', async (method, path, status) => {
    const { admin } = await tenant();
    const send = rest(admin)[method.toLowerCase() as 'get'];
    expect(said(await send(path))).toEqual(refusal(status, 'NOT_FOUND'));
  });

  test('answers a request without a token', async () => {
    const { admin } = await tenant();
    expect(said(await rest(admin).get('/customers', { authorization: '' }))).toEqual(refusal(401, 'UNAUTHORIZED'));
  });

  test('leaves a path with a slash at its end to the other dialect', async () => {
    const { admin } = await tenant();
    expect((await rest(admin).get('/customers/')).headers.get('x-api-dialect')).not.toBe('lifecycle');
  });
});

describe('a customer', () => {
  test('is created with its contacts, and shown with them', async () => {
    const t = await tenant();
    const made = await create(t.admin, { ...full, contacts: [{ contact_name: '李娜' }, person] });
    const [{ number: tenantNumber }] = (await t.sql('select number from tenant where code = $1', [t.code])) as Data;
    expect(made).toEqual({
      customer_id: expect.any(Number),
      customer_code: expect.stringMatching(/^CUST-\d{8}-0001$/),
      customer_name: full.customer_name,
      status: 1,
      health_score: 75,
      created_at: expect.stringMatching(/Z$/),
    });
    const { body } = await rest(t.admin).get(`/customers/${made.customer_id}`);
    expect(body.data).toEqual({
      customer_info: {
        customer_id: made.customer_id,
        tenant_id: tenantNumber,
        customer_code: made.customer_code,
        ...full,
        status: 1,
        assigned_manager_id: null,
        health_score: 75,
        ltv: 0,
        last_contact_date: null,
        next_renewal_date: null,
        created_at: made.created_at,
        updated_at: made.created_at,
      },
      contacts: [
        {
          contact_id: expect.any(Number),
          customer_id: made.customer_id,
          ...person,
          last_contact_date: null,
          created_at: expect.any(String),
          updated_at: expect.any(String),
        },
        {
          contact_id: expect.any(Number),
          customer_id: made.customer_id,
          contact_name: '李娜',
          position: null,
          department: null,
          phone: null,
          mobile: null,
          email: null,
          wechat: null,
          is_primary: 0,
          is_decision_maker: 0,
          influence_level: 1,
          contact_preference: null,
          last_contact_date: null,
          created_at: expect.any(String),
          updated_at: expect.any(String),
        },
      ],
      tags: [],
    });
  });

  test('is not created if one of its contacts is wrong', async () => {
    const t = await tenant();
    const answer = await rest(t.admin).post('/customers', {
      ...full,
      contacts: [person, { contact_name: '李娜', email: 'nobody' }, { email: 'a@b.example' }],
    });
    expect(said(answer)).toEqual(refusal(400, 'INVALID_PARAMETER', 'contacts.2.contact_name'));
    const second = await rest(t.admin).post('/customers', {
      ...full,
      contacts: [person, { contact_name: '李娜', email: 'nobody' }],
    });
    expect(said(second)).toEqual(refusal(400, '40003', 'contacts.1.email'));
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
  });

  test('keeps its name for itself while it lives', async () => {
    const { admin } = await tenant();
    const { customer_id } = await create(admin, full);
    expect(said(await rest(admin).post('/customers', { ...full, customer_name: ` ${full.customer_name} ` }))).toEqual(
      refusal(409, '40002', 'customer_name'),
    );
    const other = await create(admin, { customer_name: '远大物流', customer_type: 2 });
    expect(
      said(await rest(admin).put(`/customers/${other.customer_id}`, { customer_name: full.customer_name })),
    ).toEqual(refusal(409, '40002', 'customer_name'));
    await rest(admin).delete(`/customers/${customer_id}`);
    await create(admin, full);
  });

  test('is changed member by member, and sent back whole changes nothing', async () => {
    const t = await tenant();
    const { customer_id } = await create(t.admin, full);
    const { body } = await rest(t.admin).get(`/customers/${customer_id}`);
    const before = await written(t);
    expect((await rest(t.admin).put(`/customers/${customer_id}`, body.data.customer_info)).body.data).toEqual(
      body.data.customer_info,
    );
    expect(await written(t)).toEqual(before);
    const changed = await rest(t.admin).put(`/customers/${customer_id}`, {
      level: 4,
      status: 2,
      industry: null,
      website: 'www.huaxin.example',
    });
    expect(changed.body.data).toEqual({
      ...body.data.customer_info,
      level: 4,
      status: 2,
      industry: null,
      website: 'www.huaxin.example',
      updated_at: expect.any(String),
    });
  });

  test('keeps the finer value behind a coarser word', async () => {
    const t = await tenant();
    const { customer_id } = await create(t.admin, full);
    await t.admin.graph(
      'mutation ($id: ID!) { customerUpdate(id: $id, input: { kind: EDUCATION, status: INACTIVE }) { customer { id } } }',
      { id: customer_id },
    );
    const read = (await rest(t.admin).get(`/customers/${customer_id}`)).body.data.customer_info;
    expect([read.customer_type, read.status]).toEqual([1, 2]);
    await rest(t.admin).put(`/customers/${customer_id}`, { customer_type: 1, status: 2, source: '展会' });
    expect(await t.sql('select kind, status, source from customer')).toEqual([
      { kind: 'EDUCATION', status: 'INACTIVE', source: '展会' },
    ]);
  });

  test('is given to a manager by number', async () => {
    const { admin, sales, outsider } = await tenant();
    const [{ number }, stranger] = await Promise.all(
      [sales, outsider].map((one) =>
        one.graph('{ viewer { user { number } } }').then((data: Data) => data.viewer.user),
      ),
    );
    const { customer_id } = await create(admin, { ...full, assigned_manager_id: number });
    expect(
      (await rest(admin).get(`/customers?assigned_manager_id=${number}`)).body.data.items[0].assigned_manager,
    ).toEqual({ id: number, name: 'sales' });
    expect(said(await rest(admin).put(`/customers/${customer_id}`, { assigned_manager_id: stranger.number }))).toEqual(
      refusal(400, 'INVALID_PARAMETER', 'assigned_manager_id'),
    );
    expect(
      (await rest(admin).put(`/customers/${customer_id}`, { assigned_manager_id: null })).body.data.assigned_manager_id,
    ).toBeNull();
  });

  test('is deleted, and gone for every channel', async () => {
    const t = await tenant();
    const { customer_id } = await create(t.admin, full);
    const answer = await rest(t.admin).delete(`/customers/${customer_id}`);
    expect([answer.status, answer.body.data]).toEqual([200, null]);
    for (const path of ['', '/contacts'])
      expect(said(await rest(t.admin).get(`/customers/${customer_id}${path}`))).toEqual(refusal(404, '40001'));
    expect(
      (await t.admin.graph('query ($id: ID!) { customer(id: $id) { id } }', { id: customer_id })).customer,
    ).toBeNull();
    expect(said(await rest(t.admin).delete(`/customers/${customer_id}`))).toEqual(refusal(404, '40001'));
  });
});

describe('a body', () => {
  const table: Array<[string, object, ...string[]]> = [
    ['no name', { customer_type: 1 }, 'customer_name'],
    ['an empty name', { ...full, customer_name: '  ' }, 'customer_name'],
    ['a name of null', { ...full, customer_name: null }, 'customer_name'],
    ['a number for a name', { ...full, customer_name: 17 }, 'customer_name'],
    ['a name too long', { ...full, customer_name: '长'.repeat(201) }, 'customer_name'],
    ['a name with a character that cannot be kept', { ...full, customer_name: 'a\0b' }, 'customer_name'],
    ['no type', { customer_name: '甲' }, 'customer_type'],
    ['an unknown type', { ...full, customer_type: 4 }, 'customer_type'],
    ['a list for a type', { ...full, customer_type: [1] }, 'customer_type'],
    ['an unknown level', { ...full, level: 0 }, 'level'],
    ['an industry too long', { ...full, industry: '长'.repeat(101) }, 'industry'],
    ['a scale too long', { ...full, scale: '长'.repeat(51) }, 'scale'],
    ['a source too long', { ...full, source: '长'.repeat(51) }, 'source'],
    ['a website that is none', { ...full, website: 'not a website' }, 'website'],
    ['an unknown manager', { ...full, assigned_manager_id: 999999 }, 'assigned_manager_id'],
    ['a manager that is no number', { ...full, assigned_manager_id: 'x' }, 'assigned_manager_id'],
    ['contacts that are no list', { ...full, contacts: { contact_name: '李娜' } }, 'contacts'],
    ['a contact that is no object', { ...full, contacts: ['李娜'] }, 'contacts.0'],
  ];
  test.each(table)('with %s is refused', async (_what, body, ...fields) => {
    const t = await tenant();
    expect(said(await rest(t.admin).post('/customers', body))).toEqual(refusal(400, 'INVALID_PARAMETER', ...fields));
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
  });

  test.each<[string, unknown, Record<string, string>]>([
    ['no JSON', '{"customer_name":', {}],
    ['a list', [full], {}],
    ['a text', '"甲"', {}],
    ['form data', 'customer_name=a', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['too large', { ...full, description: 'x'.repeat(9_000_000) }, {}],
  ])('that is %s is refused', async (_what, body, headers) => {
    const t = await tenant();
    expect(said(await rest(t.admin).post('/customers', body, headers))).toEqual(refusal(400, 'INVALID_PARAMETER'));
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
  });
});

describe('who may do what', () => {
  test('a viewer reads masked and writes nothing', async () => {
    const t = await tenant();
    const { customer_id } = await create(t.admin, { ...full, contacts: [person] });
    const before = await written(t);
    expect((await rest(t.viewer).get(`/customers/${customer_id}/contacts`)).body.data[0]).toMatchObject({
      contact_name: '张伟',
      mobile: '138****8000',
      email: 'z***@example.com',
      wechat: null,
    });
    for (const answer of [
      await rest(t.viewer).post('/customers', { customer_name: '乙', customer_type: 1 }),
      await rest(t.viewer).put(`/customers/${customer_id}`, { level: 1 }),
      await rest(t.viewer).delete(`/customers/${customer_id}`),
    ]) {
      expect(said(answer)).toEqual(refusal(403, '40004'));
    }
    expect(await written(t)).toEqual(before);
  });

  test("a salesperson does not find another's customer, nor does anybody of another tenant", async () => {
    const t = await tenant();
    const { customer_id } = await create(t.sales, full);
    for (const stranger of [t.sales2, t.outsider]) {
      expect(said(await rest(stranger).get(`/customers/${customer_id}`))).toEqual(refusal(404, '40001'));
      expect(said(await rest(stranger).put(`/customers/${customer_id}`, { level: 1 }))).toEqual(refusal(404, '40001'));
      expect(said(await rest(stranger).delete(`/customers/${customer_id}`))).toEqual(refusal(404, '40001'));
      expect((await rest(stranger).get('/customers')).body.data.total).toBe(0);
    }
  });

  test.each(['x', '1.5', '1x', '%00'])('the key %s names nothing that can be', async (id) => {
    const { admin } = await tenant();
    expect(said(await rest(admin).get(`/customers/${id}`))).toEqual(refusal(400, 'INVALID_PARAMETER', 'id'));
  });
});
