import { customer, written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

const stored = 'select name, phone, email, status, owner_id, version from customer';
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);

test('a customer is created, listed, read, changed and deleted, with the phone masked throughout', async () => {
  const { admin, code, sql } = await tenant();
  const cell = admin.rest('cell');
  const created = await cell.post('/customers', {
    name: ' 某某公司 ',
    contactPhone: '13800138000',
    contactEmail: 'contact@example.com',
    unknown: 1,
  });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    customerId: expect.any(String),
    tenantId: code,
    name: '某某公司',
    contactPhone: '138****8000',
    contactEmail: 'contact@example.com',
    status: 1,
    ownerId: '',
    createdAt: instant,
    updatedAt: instant,
  });
  const { customerId } = created.body;

  expect((await cell.get('/customers')).body).toEqual({ data: [created.body], total: 1, page: 1, pageSize: 20 });
  expect((await cell.get(`/customers/${customerId}`)).body).toEqual(created.body);

  const changed = await cell.patch(`/customers/${customerId}`, { contactEmail: '', name: null });
  expect([changed.status, changed.body.contactEmail, changed.body.name]).toEqual([200, '', '某某公司']);
  expect(await sql('select name, phone, email from customer')).toEqual([
    { name: '某某公司', phone: '13800138000', email: null },
  ]);

  const deleted = await cell.delete(`/customers/${customerId}`);
  expect([deleted.status, deleted.body]).toEqual([200, { customerId, deleted: true }]);
  expect((await cell.delete(`/customers/${customerId}`)).status).toBe(404);
  expect((await cell.get('/customers')).body).toEqual({ data: [], total: 0, page: 1, pageSize: 20 });
});

test('what was read may be sent back: a masked phone and a coarser status change nothing', async () => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲', phone: '021-12345678', status: 'POTENTIAL' });
  const cell = admin.rest('cell');
  const read = (await cell.get(`/customers/${id}`)).body;
  expect([read.contactPhone, read.status]).toEqual(['021****5678', 1]);
  const before = [await sql(stored), await written({ sql })];
  const same = await cell.patch(`/customers/${id}`, read);
  expect([same.status, same.body]).toEqual([200, read]);
  expect([await sql(stored), await written({ sql })]).toEqual(before);
  await cell.patch(`/customers/${id}`, { ...read, name: '乙' });
  expect(await sql('select name, phone, status, version from customer')).toEqual([
    { name: '乙', phone: '021-12345678', status: 'POTENTIAL', version: 2 },
  ]);
});

test('changes of different members at the same moment are both kept', async () => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  const answers = await Promise.all([
    admin.rest('cell').patch(`/customers/${id}`, { contactPhone: '13900139000' }),
    admin.rest('cell').patch(`/customers/${id}`, { contactEmail: 'a@example.com' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await sql('select phone, email, version from customer')).toEqual([
    { phone: '13900139000', email: 'a@example.com', version: 3 },
  ]);
});

test.each<[what: string, body: unknown, status: number, answer: Data]>([
  ['no name', {}, 400, { code: 'BAD_REQUEST', message: '请填写客户名称', details: '客户名称为必填项' }],
  [
    'a blank name',
    { name: '  ' },
    400,
    { code: 'BAD_REQUEST', message: '请填写客户名称', details: '客户名称为必填项' },
  ],
  [
    'a name that is no text',
    { name: 5 },
    400,
    { code: 'BAD_REQUEST', message: 'name 的值无效', details: 'name 的值无效' },
  ],
  [
    'a wrong e-mail, under the name the client used',
    { name: '乙', contactEmail: 'x' },
    400,
    { code: 'BAD_REQUEST', message: 'contactEmail 的值无效', details: 'contactEmail 的值无效' },
  ],
  [
    'two wrong members',
    { name: '乙', contactEmail: 'x', contactPhone: 'x'.repeat(300) },
    400,
    {
      code: 'BAD_REQUEST',
      message: expect.any(String),
      details: expect.stringMatching(/contactPhone.*；contactEmail|contactEmail.*；contactPhone/),
    },
  ],
  [
    'a name that is taken',
    { name: ' 甲' },
    409,
    { code: 'DUPLICATE_NAME', message: '客户名称已存在', details: 'name 已存在' },
  ],
  ['a list', [{ name: '乙' }], 400, { code: 'BAD_REQUEST', message: '请求无效：请求体必须是 JSON 对象', details: '' }],
  ['no JSON', '{"name":', 400, { code: 'BAD_REQUEST', message: '请求无效：请求体不是有效的 JSON', details: '' }],
])('creation is refused for %s, and nothing is written', async (_what, body, status, answer) => {
  const { admin, sql } = await tenant();
  await customer(admin, { name: '甲' });
  const before = await written({ sql });
  const refused = await admin.rest('cell').post('/customers', body, { 'x-request-id': 'r-1' });
  expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId: 'r-1' }]);
  expect(await written({ sql })).toEqual(before);
});

test('a name that is taken is refused for changes too', async () => {
  const { admin, sql } = await tenant();
  await customer(admin, { name: '甲' });
  const { id } = await customer(admin, { name: '乙' });
  const refused = await admin.rest('cell').patch(`/customers/${id}`, { name: '甲' });
  expect([refused.status, refused.body.code]).toEqual([409, 'DUPLICATE_NAME']);
  expect(await sql('select name from customer order by number')).toEqual([{ name: '甲' }, { name: '乙' }]);
});

test('records of others and ids that mean nothing are not found', async () => {
  const { admin, outsider, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  const notFound = { code: 'NOT_FOUND', message: '客户不存在', details: '', requestId: expect.any(String) };
  const cell = outsider.rest('cell');
  for (const answer of [
    await cell.get(`/customers/${id}`),
    await cell.get('/customers/nope'),
    await cell.patch(`/customers/${id}`, { name: 'x' }),
    await cell.delete(`/customers/${id}`),
  ]) {
    expect([answer.status, answer.body]).toEqual([404, notFound]);
  }
  expect(await sql('select name, deleted_at from customer')).toEqual([{ name: '甲', deleted_at: null }]);
});

test('who may only read changes nothing', async () => {
  const { admin, viewer, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  const cell = viewer.rest('cell');
  const before = await written({ sql });
  for (const answer of [
    await cell.post('/customers', { name: '乙' }),
    await cell.patch(`/customers/${id}`, {}),
    await cell.patch(`/customers/${id}`, { name: '乙' }),
    await cell.delete(`/customers/${id}`),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN']);
  }
  expect(await written({ sql })).toEqual(before);
});

describe('lists', () => {
  test('are paged by number, newest first', async () => {
    const { admin } = await tenant();
    for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
    const page = async (query: string): Promise<Data> => {
      const { body } = await admin.rest('cell').get(`/customers?${query}`);
      return [body.data.map(({ name }: Data) => name), body.total, body.page, body.pageSize];
    };
    expect(await page('page=1&pageSize=2')).toEqual([['丙', '乙'], 3, 1, 2]);
    expect(await page('page=2&pageSize=2')).toEqual([['甲'], 3, 2, 2]);
    expect(await page('page=9&pageSize=500')).toEqual([[], 3, 9, 500]);
    expect(await page('page=&pageSize=')).toEqual([['丙', '乙', '甲'], 3, 1, 20]);
  });

  test.each([
    'pageSize=0',
    'pageSize=501',
    'pageSize=-1',
    'pageSize=x',
    'page=0',
    'page=1.5',
    'page=2147483647&pageSize=500',
    'keyword=%00',
    'status=3',
  ])('refuse %s', async (query) => {
    const { admin } = await tenant();
    const { status, body } = await admin.rest('cell').get(`/customers?${query}`);
    expect([status, body.code]).toEqual([400, 'BAD_REQUEST']);
    expect(body.details).toContain(query.split('=')[0]);
  });

  test('are searched by name, phone and e-mail, taking every sign for itself', async () => {
    const { admin } = await tenant();
    await customer(admin, { name: '100% 公司', phone: '13800138000' });
    await customer(admin, { name: '其他', email: 'Some_one@example.com' });
    const found = async (keyword: string): Promise<Data> =>
      (await admin.rest('cell').get(`/customers?keyword=${encodeURIComponent(keyword)}`)).body.data.map(
        ({ name }: Data) => name,
      );
    expect(await found('公司')).toEqual(['100% 公司']);
    expect(await found('0138')).toEqual(['100% 公司']);
    expect(await found('SOME_')).toEqual(['其他']);
    expect(await found('%')).toEqual(['100% 公司']);
    expect(await found('_x')).toEqual([]);
    expect(await found('')).toEqual(['其他', '100% 公司']);
  });

  test('do not find a phone that the caller may not see', async () => {
    const { admin, viewer } = await tenant();
    await customer(admin, { name: '甲', phone: '13800138000' });
    expect((await viewer.rest('cell').get('/customers?keyword=0138')).body.total).toBe(0);
    expect((await admin.rest('cell').get('/customers?keyword=0138')).body.total).toBe(1);
  });

  test('are filtered by status, where one number stands for two states', async () => {
    const { admin } = await tenant();
    for (const status of ['POTENTIAL', 'ACTIVE', 'INACTIVE', 'LOST']) await customer(admin, { name: status, status });
    const found = async (status: string): Promise<Data> =>
      (await admin.rest('cell').get(`/customers?status=${status}`)).body.data.map(({ name }: Data) => name);
    expect(await found('1')).toEqual(['ACTIVE', 'POTENTIAL']);
    expect(await found('2')).toEqual(['LOST', 'INACTIVE']);
  });
});

describe('X-User-Id', () => {
  test('restricts the list to that owner, named by login, number or id', async () => {
    const { manager, sales, sales2 } = await tenant();
    await customer(sales, { name: '甲' });
    await customer(sales2, { name: '乙' });
    await customer(manager, { name: '丙' });
    const { viewer } = await sales.graph('{ viewer { user { id number } } }');
    for (const user of ['sales', viewer.user.id, String(viewer.user.number)]) {
      const { status, body } = await manager.rest('cell').get('/customers', { 'x-user-id': user });
      expect([status, body.data.map(({ name }: Data) => name), body.total]).toEqual([200, ['甲'], 1]);
    }
    expect((await manager.rest('cell').get('/customers', { 'x-user-id': 'nobody' })).body.data).toEqual([]);
    expect((await manager.rest('cell').get('/customers')).body.total).toBe(3);
  });

  test('names another user only for those who see everything', async () => {
    const { sales, sales2 } = await tenant();
    await customer(sales, { name: '甲' });
    const refused = await sales2.rest('cell').get('/customers', { 'x-user-id': 'sales' });
    expect([refused.status, refused.body]).toEqual([
      403,
      { code: 'FORBIDDEN', message: '没有权限执行此操作', details: '', requestId: expect.any(String) },
    ]);
    expect((await sales.rest('cell').get('/customers', { 'x-user-id': 'sales' })).body.total).toBe(1);
  });

  test('makes that user the owner of a new customer', async () => {
    const { manager, sales, sales2, sql } = await tenant();
    const owner = await sales.id();
    const create = (name: string, user: string): Promise<Data> =>
      manager.rest('cell').post('/customers', { name }, { 'x-user-id': user });
    expect((await create('甲', 'sales')).body.ownerId).toBe(owner);
    expect((await create('乙', 'manager')).body.ownerId).toBe(await manager.id());
    expect((await create('丙', 'nobody')).status).toBe(400);
    expect((await sales2.rest('cell').post('/customers', { name: '丁' }, { 'x-user-id': 'sales' })).status).toBe(403);
    expect(await sql('select name from customer order by number')).toEqual([{ name: '甲' }, { name: '乙' }]);
  });
});
