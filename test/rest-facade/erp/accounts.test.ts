import { send } from '../../support/http.js';
import { customer, written } from '../../support/records.js';
import type { Data } from '../../support/tenant.js';
import { world, type World } from './world.js';

const names = ({ list }: Data): string[] => list.map(({ name }: Data) => name);

describe('the list of accounts', () => {
  test('is paged by ten, newest first, unless asked otherwise', async () => {
    const w = await world();
    for (let at = 1; at <= 12; at += 1) await customer(w.admin, { name: `客户${at}` });
    const first = await w.data('GET /accounts');
    expect({ ...first, list: names(first) }).toEqual({
      list: Array.from({ length: 10 }, (_, index) => `客户${12 - index}`),
      total: 12,
      page: 1,
      pageSize: 10,
    });
    const last = await w.data('GET /accounts?page=3&pageSize=5');
    expect({ ...last, list: names(last) }).toEqual({ list: ['客户2', '客户1'], total: 12, page: 3, pageSize: 5 });
    expect(await w.data('GET /accounts?page=4&pageSize=5')).toEqual({ list: [], total: 12, page: 4, pageSize: 5 });
    expect((await w.data('GET /accounts?page=&pageSize=')).pageSize).toBe(10);
  });

  test.each([
    ['accountNo=ACC002', ['远大物流']],
    ['accountNo=ACC', []],
    ['name=华信', ['华信科技']],
    ['name=%25', []],
    ['status=active', ['远大物流', '华信科技']],
    ['status=inactive', ['绿洲基金', '长江学院']],
    ['industry=SOFT', ['华信科技']],
    ['region=华', ['远大物流', '华信科技']],
    ['type=corporate', ['绿洲基金', '长江学院', '华信科技']],
    ['type=government', ['远大物流']],
    ['type=individual', []],
    ['status=active&type=corporate', ['华信科技']],
    ['name=', ['绿洲基金', '长江学院', '远大物流', '华信科技']],
    ['unknown=1', ['绿洲基金', '长江学院', '远大物流', '华信科技']],
  ])('filters by %s', async (query, expected) => {
    const w = await world();
    await customer(w.admin, { name: '华信科技', industry: 'Software', region: '华北', status: 'ACTIVE' });
    await customer(w.admin, { name: '远大物流', region: '华东', kind: 'GOVERNMENT', status: 'POTENTIAL' });
    await customer(w.admin, { name: '长江学院', kind: 'EDUCATION', status: 'INACTIVE' });
    await customer(w.admin, { name: '绿洲基金', kind: 'NONPROFIT', status: 'LOST' });
    const found = await w.data(`GET /accounts?${query}`);
    expect([names(found), found.total]).toEqual([expected, expected.length]);
  });

  test.each(['/accounts', '/contacts', '/opportunities'])(
    'GET %s takes one statement, whatever the size of the page',
    async (path) => {
      const w = await world('account', 'contact', 'opportunity');
      for (let at = 0; at < 54; at += 1) {
        const { id } = await customer(w.admin, { name: `客户${at}` });
        await w.data('POST /contacts', { accountId: id, name: `联系人${at}` });
        await w.data('POST /opportunities', { accountId: id, name: `机会${at}` });
      }
      const counts = [];
      for (const size of [5, 50]) {
        const answer = await w.ask(`GET ${path}?pageSize=${size}`);
        counts.push([answer.body.data.list.length, answer.statements]);
      }
      expect(counts).toEqual([
        [5, 1],
        [50, 1],
      ]);
    },
  );
});

describe('an account', () => {
  test('is read with its contacts, in one statement', async () => {
    const w = await world('account');
    for (let at = 1; at <= 30; at += 1) await w.data('POST /contacts', { accountId: '{account}', name: `联系人${at}` });
    const { body, statements } = await w.ask('GET /accounts/{account}');
    expect([names({ list: body.data.contacts }), statements]).toEqual([
      Array.from({ length: 30 }, (_, index) => `联系人${index + 1}`),
      1,
    ]);
  });

  test('shows nothing as null, and nothing used of its credit', async () => {
    const w = await world();
    const { id } = await w.data('POST /accounts', { name: '华信科技' });
    expect(await w.data(`GET /accounts/${id}`)).toEqual({
      id,
      accountNo: 'ACC001',
      name: '华信科技',
      type: 'corporate',
      industry: null,
      region: null,
      address: null,
      contactPerson: null,
      phone: null,
      email: null,
      website: null,
      taxNo: null,
      creditLimit: null,
      creditUsed: 0,
      loyaltyLevel: 'bronze',
      remarks: null,
      status: 'active',
      contacts: [],
      createdBy: 'admin',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updatedBy: 'admin',
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('is changed in the members sent only; null clears', async () => {
    const w = await world('account');
    const before = await w.data('GET /accounts/{account}');
    expect(await w.data('PUT /accounts/{account}', { industry: '软件', creditLimit: 1500.5, phone: null })).toBeNull();
    expect(await w.data('GET /accounts/{account}')).toEqual({
      ...before,
      industry: '软件',
      creditLimit: 1500.5,
      phone: null,
      updatedAt: expect.any(String),
    });
  });

  test('sent back as it was read changes nothing', async () => {
    const w = await world('account', 'contact');
    const before = await written(w);
    await w.data('PUT /accounts/{account}', await w.data('GET /accounts/{account}'));
    expect(await written(w)).toEqual(before);
  });

  test('keeps a finer kind and a finer state that its own words say already', async () => {
    const w = await world();
    const { id } = await customer(w.admin, { name: '长江学院', kind: 'EDUCATION', status: 'POTENTIAL' });
    const stored = (): Promise<Data[]> => w.sql('select kind, status from customer');
    await w.data(`PUT /accounts/${id}`, { type: 'corporate' });
    await w.data(`PUT /accounts/${id}/status`, { status: 'active', reason: '继续' });
    expect(await stored()).toEqual([{ kind: 'EDUCATION', status: 'POTENTIAL' }]);
    await w.data(`PUT /accounts/${id}`, { type: 'government' });
    await w.data(`PUT /accounts/${id}/status`, { status: 'inactive' });
    expect(await stored()).toEqual([{ kind: 'GOVERNMENT', status: 'INACTIVE' }]);
    await w.data(`PUT /accounts/${id}`, { type: 'corporate' });
    await w.data(`PUT /accounts/${id}/status`, { status: 'active' });
    expect(await stored()).toEqual([{ kind: 'ENTERPRISE', status: 'ACTIVE' }]);
  });

  test('that was deleted is gone from every list and its name is free', async () => {
    const w = await world('account', 'contact', 'opportunity');
    expect(await w.data('DELETE /accounts/{account}')).toBeNull();
    expect((await w.ask('GET /accounts/{account}')).body).toEqual({ code: 4001, message: '客户不存在', data: null });
    expect((await w.ask('DELETE /accounts/{account}')).body.code).toBe(4001);
    expect((await w.data('GET /accounts')).total).toBe(0);
    expect(await w.data('POST /accounts', { name: '华信科技' })).toMatchObject({ accountNo: 'ACC002' });
  });

  test('written here is the customer of the graph', async () => {
    const w = await world('account');
    const data = await w.admin.graph(
      'query ($id: ID!) { customer(id: $id) { accountNo name kind status phone credit { limit { amount } } } }',
      { id: w.ids['account'] },
    );
    expect(data.customer).toEqual({
      accountNo: 'ACC001',
      name: '华信科技',
      kind: 'ENTERPRISE',
      status: 'ACTIVE',
      phone: '13800138001',
      credit: { limit: { amount: '1000.00' } },
    });
  });
});

describe('a contact', () => {
  test('is found by what it is asked for', async () => {
    const w = await world('account', 'contact');
    const { id } = await customer(w.admin, { name: '远大物流' });
    await w.data('POST /contacts', {
      accountId: id,
      name: '王五',
      mobile: '13700137001',
      email: 'Wang@example.com',
      position: '总监',
    });
    const found = async (query: string): Promise<string[]> => names(await w.data(`GET /contacts?${query}`));
    expect(await found(`accountId=${id}`)).toEqual(['王五']);
    expect(await found('accountId={account}')).toEqual(['李四']);
    expect(await found('accountId={unknown}')).toEqual([]);
    expect(await found('accountId=nobody')).toEqual([]);
    expect(await found('name=李')).toEqual(['李四']);
    expect(await found('position=总')).toEqual(['王五']);
    expect(await found('phone=137001')).toEqual(['王五']);
    expect(await found('email=wang@')).toEqual(['王五']);
    expect(await found('')).toEqual(['王五', '李四']);
  });

  test('of two accounts is listed under each with its position there', async () => {
    const w = await world('account', 'contact');
    const other = await customer(w.admin, { name: '远大物流' });
    await w.admin.graph(
      'mutation ($input: CustomerContactInput!) { customerContactCreate(input: $input) { userErrors { code } } }',
      { input: { customer: other.id, contact: w.ids['contact'], position: '顾问' } },
    );
    const at = async (query: string): Promise<string[]> =>
      (await w.data(`GET /contacts?${query}`)).list.map(
        ({ accountName, position }: Data) => `${accountName} ${position}`,
      );
    expect([await at('accountId={account}'), await at(`accountId=${other.id}`), await at('')]).toEqual([
      ['华信科技 经理'],
      ['远大物流 顾问'],
      ['华信科技 经理'],
    ]);
  });

  test('is changed in the members sent only', async () => {
    const w = await world('account', 'contact');
    const before = await w.data('GET /contacts/{contact}');
    await w.data('PUT /contacts/{contact}', { position: '总监', birthday: '1980-01-01', email: '' });
    expect(await w.data('GET /contacts/{contact}')).toEqual({
      ...before,
      position: '总监',
      birthday: '1980-01-01',
      updatedAt: expect.any(String),
    });
  });
});

describe('roles', () => {
  test('a request without a token is refused', async () => {
    const answer = await send('GET', '/api/v1/crm/accounts', { 'x-api-dialect': 'erp' });
    expect([answer.status, answer.body, answer.headers.get('www-authenticate')]).toEqual([
      401,
      { code: 401, message: '缺少有效的访问令牌', data: null },
      'Bearer',
    ]);
  });

  test('another tenant sees and changes nothing', async () => {
    const w = await world('account', 'contact', 'opportunity');
    const before = await written(w);
    const by = { by: w.outsider };
    for (const request of ['GET', 'DELETE', 'PUT'].flatMap((method) =>
      ['accounts/{account}', 'contacts/{contact}', 'opportunities/{opportunity}'].map((path) => `${method} /${path}`),
    )) {
      const { status, body } = await w.ask(request, request.startsWith('PUT') ? { name: '远大' } : undefined, by);
      expect([request, status, body.data]).toEqual([request, 404, null]);
    }
    expect((await w.data('GET /accounts', undefined, by)).total).toBe(0);
    expect((await w.ask('POST /contacts', { accountId: '{account}', name: '王五' }, by)).body.code).toBe(4001);
    expect(await written(w)).toEqual(before);
  });

  test('a tenant that the token does not allow is refused', async () => {
    const w = await world();
    const { status, body } = await w.ask('GET /accounts', undefined, { headers: { 'x-tenant-id': w.outsider.tenant } });
    expect([status, body]).toEqual([403, { code: 403, message: '令牌不允许访问该租户', data: null }]);
  });

  test('a viewer reads without contact data and amounts, and may change nothing', async () => {
    const w = await world('account', 'contact', 'opportunity');
    const before = await written(w);
    const by = { by: w.viewer };
    expect(await w.data('GET /accounts/{account}', undefined, by)).toMatchObject({
      phone: '138****8001',
      email: 'i***@huaxin.example',
      creditLimit: null,
      contacts: [{ phone: '139****9001' }],
    });
    expect((await w.data('GET /opportunities', undefined, by)).list).toMatchObject([
      { name: '服务器采购', estimatedAmount: null, actualAmount: null },
    ]);
    expect((await w.data('GET /contacts?phone=13900139', undefined, by)).total).toBe(0);
    expect((await w.data('GET /opportunities?estimatedAmountMin=1', undefined, by)).total).toBe(0);
    for (const [request, body] of [
      ['POST /accounts', { name: '远大' }],
      ['PUT /accounts/{account}', { name: '远大' }],
      ['DELETE /accounts/{account}'],
      ['PUT /accounts/{account}/status', { status: 'inactive' }],
      ['POST /contacts', { accountId: '{account}', name: '王五' }],
    ] as const) {
      const answer = await w.ask(request, body, by);
      expect([request, answer.status, answer.body]).toEqual([
        request,
        403,
        { code: 403, message: '没有权限执行此操作', data: null },
      ]);
    }
    expect(await written(w)).toEqual(before);
  });

  test('a salesperson sees their own and unassigned accounts; what is masked and sent back stays', async () => {
    const w = await world('account');
    const own = await w.data('POST /accounts', { name: '远大物流', phone: '13700137001' }, { by: w.sales });
    const seen = async (by: World['sales']): Promise<string[][]> =>
      (await w.data('GET /accounts', undefined, { by })).list.map(({ name, phone }: Data) => [name, phone]);
    expect(await seen(w.sales)).toEqual([
      ['远大物流', '13700137001'],
      ['华信科技', '138****8001'],
    ]);
    expect(await seen(w.sales2)).toEqual([['华信科技', '138****8001']]);
    expect((await w.ask(`GET /accounts/${own.id}`, undefined, { by: w.sales2 })).body.code).toBe(4001);
    const shown = await w.data('GET /accounts/{account}', undefined, { by: w.sales2 });
    await w.data('PUT /accounts/{account}', { ...shown, region: '华南' }, { by: w.sales2 });
    expect(await w.data('GET /accounts/{account}')).toMatchObject({
      phone: '13800138001',
      email: 'info@huaxin.example',
      creditLimit: 1000,
      region: '华南',
    });
  });
});

describe('the choice between ERP and cell', () => {
  const asked = async (
    request: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<string | null> => {
    const w = await world('account', 'contact');
    const [method, path] = request.split(' ') as [string, string];
    const answer = await send(
      method,
      `/api/v1/crm${path.replace('{contact}', w.ids['contact']!)}`,
      { authorization: `Bearer ${w.admin.token}`, ...headers },
      body,
    );
    return answer.headers.get('x-api-dialect');
  };

  test.each([
    ['GET /accounts', undefined, {}],
    ['GET /accounts', undefined, { 'x-api-dialect': 'cell', 'x-tenant-id': 'any' }],
    ['GET /contacts', undefined, {}],
    ['GET /contacts?position=x', undefined, { 'x-tenant-id': 'any' }],
    ['PUT /contacts/{contact}', { name: '王五' }, { 'x-tenant-id': 'any' }],
    ['POST /contacts', { accountId: 'x', name: '王五' }, { 'x-tenant-id': 'any' }],
    ['GET /nothing', undefined, {}],
  ])("%s %j %j is the ERP's", async (request, body, headers) =>
    expect(await asked(request, body, headers as Record<string, string>)).toBe('erp'),
  );
});
