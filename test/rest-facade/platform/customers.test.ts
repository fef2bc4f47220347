import { strictServer } from '../../support/server.js';
import { written } from '../../support/records.js';
import type { Data } from '../../support/tenant.js';
import { world, type World } from './world.js';

const names = (page: Data): string[] => page.results.map((item: Data) => item.name);

/** Customers 1 … n in the order in which they were made. */
async function several(w: World, ...records: object[]): Promise<number[]> {
  const { created_customers } = await w.data('POST /customers/bulk-create/', { customers: records }, 201);
  return created_customers.map(({ id }: Data) => id);
}

describe('lists', () => {
  test('are filtered, searched and ordered as asked, newest first', async () => {
    const w = await world();
    await several(
      w,
      {
        name: '甲',
        type: 'company',
        value_level: 'vip',
        company_size: 'small',
        primary_contact_name: '张三',
        industry_type: '科技',
      },
      { name: '乙', type: 'personal', value_level: 'normal', status: 'lost', primary_contact_phone: '13800138000' },
      {
        name: '丙',
        type: 'education',
        value_level: 'premium',
        status: 'potential',
        company_size: 'small',
        primary_contact_email: 'bing@example.com',
        tax_identification_number: 'TAX-1',
      },
    );
    const listed = async (query: string): Promise<string> => names(await w.data(`GET /customers/?${query}`)).join('');
    const expected: Record<string, string> = {
      '': '丙乙甲',
      'ordering=created_at': '甲乙丙',
      'ordering=-value_level': '丙甲乙',
      'ordering=status,-id': '甲乙丙',
      'ordering=company_size,id': '甲乙丙',
      'type=enterprise': '甲',
      'type=company,individual': '乙甲',
      'type=individual&type=education': '丙乙',
      'value_level=gold': '甲',
      'value_level=bronze': '乙',
      'status=lost': '乙',
      'status=': '丙乙甲',
      'company_size=small&ordering=id': '甲丙',
      'company_size=small&status=active': '甲',
      'industry_type=科技': '甲',
      'search=张三': '甲',
      'search=0138': '乙',
      'search=BING@': '丙',
    };
    const answered: Record<string, string> = {};
    for (const query of Object.keys(expected)) answered[query] = await listed(query);
    expect(answered).toEqual(expected);
    expect(names(await w.data('GET /customers/search/?q=tax-1'))).toEqual(['丙']);
  });

  test('come in pages with both forms of paging and absolute addresses', async () => {
    const w = await world();
    await several(
      w,
      ...Array.from({ length: 12 }, (_, index) => ({ name: `客户${String(index + 1).padStart(2, '0')}` })),
    );
    const first = await w.data('GET /customers/?ordering=name');
    expect([first.count, first.results.length, first.previous]).toEqual([12, 10, null]);
    expect(first.next).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/customers\/\?ordering=name&page=2$/);
    const answer = await w.ask(`GET ${first.next.split('/api/v1')[1]}`);
    const second = answer.body.data;
    expect(names(second)).toEqual(['客户11', '客户12']);
    expect(second.pagination).toEqual({
      count: 12,
      next: null,
      previous: second.previous,
      page_size: 10,
      current_page: 2,
      total_pages: 2,
    });
    expect(second.previous).toMatch(/\/api\/v1\/customers\/\?ordering=name&page=1$/);
    expect((await w.data('GET /customers/?limit=5&page=3')).pagination).toMatchObject({
      page_size: 5,
      current_page: 3,
      total_pages: 3,
      next: null,
    });
    expect((await w.data('GET /customers/?page_size=100')).results).toHaveLength(12);
    expect((await w.data('GET /customers/?page_size=7&limit=5')).results).toHaveLength(7);
  });

  test('believe what a proxy says of the address only where that is configured', async () => {
    const w = await world();
    await several(w, { name: '甲' }, { name: '乙' });
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'crm.example.com' };
    expect((await w.ask('GET /customers/?page_size=1', undefined, { headers })).body.data.next).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\//,
    );
    const behind = await strictServer();
    expect((await w.ask('GET /customers/?page_size=1', undefined, { headers, address: behind })).body.data.next).toBe(
      'https://crm.example.com/api/v1/customers/?page_size=1&page=2',
    );
  });

  test.each([
    '/customers/',
    '/customers/search/?q=客户',
    '/customers/members/relations/',
    '/customers/tenants/relations/',
  ])('%s takes one statement for 5 and for 50 rows', async (path) => {
    const w = await world('member');
    const ids = await several(w, ...Array.from({ length: 50 }, (_, index) => ({ name: `客户${index}` })));
    const { outsider } = w.ids;
    await w.outsider.graph('{ viewer { user { id } } }');
    if (path.includes('relations'))
      for (const id of ids)
        await w.data(
          `POST ${path}`,
          path.includes('members')
            ? { customer_id: id, member_id: '{member}' }
            : { customer_id: id, tenant_id: outsider },
          201,
        );
    const counts: number[] = [];
    for (const size of [5, 50]) {
      const { statements, body } = await w.ask(`GET ${path}${path.includes('?') ? '&' : '?'}page_size=${size}`);
      expect(body.data.results).toHaveLength(size);
      counts.push(statements);
    }
    expect(counts).toEqual([1, 1]);
  });
});

describe('changes', () => {
  test('PUT leaves absent fields alone, null clears, and an old word sent back keeps the finer value', async () => {
    const w = await world('customer');
    await w.data('PATCH /customers/{customer}/', {
      notes: '一',
      credit_rating: 'AA',
      company_size: 'large',
      value_level: 'premium',
    });
    const changed = await w.data('PUT /customers/{customer}/', {
      name: '甲公司',
      notes: null,
      company_size: '',
      value_level: 'platinum',
    });
    expect(changed).toMatchObject({
      notes: null,
      credit_rating: 'AA',
      company_size: null,
      value_level: 'platinum',
      primary_contact_phone: '13800138000',
    });
  });

  test('a record sent back as it was read changes nothing', async () => {
    const w = await world('customer');
    const record = await w.data('GET /customers/{customer}/');
    const before = await written(w);
    expect(await w.data('PUT /customers/{customer}/', record)).toEqual(record);
    expect(await written(w)).toEqual(before);
  });
});

describe('deletion', () => {
  test('hides a customer from everything but what asks for deleted ones, and frees its name', async () => {
    const w = await world('customer');
    expect(await w.data('DELETE /customers/{customer}/')).toBeNull();
    expect((await w.ask('DELETE /customers/{customer}/')).status).toBe(404);
    expect((await w.ask('GET /customers/{customer}/')).status).toBe(404);
    expect((await w.data('GET /customers/')).count).toBe(0);
    expect((await w.data('GET /customers/search/?q=甲')).count).toBe(0);
    expect((await w.data('GET /customers/statistics/')).total_count).toBe(0);
    expect((await w.data('GET /customers/?is_deleted=true')).count).toBe(0);
    await w.data('POST /customers/', { name: '甲公司' }, 201);
    expect((await w.data('GET /customers/{customer}/?show_deleted=true')).is_deleted).toBe(true);
    expect((await w.data('GET /customers/?show_deleted=true')).count).toBe(2);
    expect(
      (await w.data('GET /customers/?show_deleted=true&is_deleted=true')).results.map(({ id }: Data) => id),
    ).toEqual([w.ids['customer']]);
    expect((await w.data('GET /customers/?show_deleted=true&is_deleted=false')).count).toBe(1);
    expect((await w.data('GET /customers/search/?q=甲&show_deleted=true')).count).toBe(2);
    expect((await w.data('GET /customers/statistics/?show_deleted=true')).total_count).toBe(2);
  });

  test('is undone by is_deleted false, under another name where the old one was given away', async () => {
    const w = await world('customer');
    await w.data('DELETE /customers/{customer}/');
    await w.data('POST /customers/', { name: '甲公司' }, 201);
    const path = 'PATCH /customers/{customer}/?show_deleted=true';
    expect((await w.ask('PATCH /customers/{customer}/', { is_deleted: false })).status).toBe(404);
    expect((await w.ask(path, { notes: '仍被删除' })).status).toBe(404);
    const taken = await w.ask(path, { is_deleted: false });
    expect([taken.status, taken.body.errors]).toEqual([400, { name: ['客户名称已存在'] }]);
    expect(await w.data(path, { is_deleted: false, name: '甲公司二' })).toMatchObject({
      id: w.ids['customer'],
      name: '甲公司二',
      is_deleted: false,
      primary_contact_phone: '13800138000',
    });
    expect((await w.data('GET /customers/{customer}/')).name).toBe('甲公司二');
    expect((await w.data('GET /customers/?show_deleted=true&is_deleted=true')).count).toBe(0);
  });

  test('happens by is_deleted true as well', async () => {
    const w = await world('customer');
    expect(await w.data('PATCH /customers/{customer}/', { is_deleted: true })).toBeNull();
    expect((await w.ask('GET /customers/{customer}/')).status).toBe(404);
  });
});

describe('bulk', () => {
  test('keeps the good ones and reports the bad ones with index, data and errors', async () => {
    const w = await world('customer');
    const answer = await w.ask('POST /customers/bulk-create/', {
      customers: [{ name: '乙' }, { name: '甲公司' }, { name: '乙' }, { type: 'startup', name: '丙' }, 5, null],
    });
    expect([answer.status, answer.body.success, answer.body.code]).toEqual([207, true, 207]);
    expect(answer.body.data).toMatchObject({
      created_count: 1,
      failed_count: 5,
      created_customers: [{ name: '乙', status: 'active' }],
    });
    expect(answer.body.data.failed_customers).toEqual([
      { index: 1, data: { name: '甲公司' }, errors: { name: ['客户名称已存在'] } },
      { index: 2, data: { name: '乙' }, errors: { name: ['客户名称已存在'] } },
      { index: 3, data: { type: 'startup', name: '丙' }, errors: { type: ['type 的值无效'] } },
      { index: 4, data: 5, errors: { non_field_errors: ['数据格式无效'] } },
      { index: 5, data: null, errors: { non_field_errors: ['数据格式无效'] } },
    ]);
    expect((await w.data('GET /customers/?ordering=id')).results.map(({ name }: Data) => name)).toEqual([
      '甲公司',
      '乙',
    ]);
  });

  test('updates each by its own id and leaves the others alone', async () => {
    const w = await world('customer');
    const [second] = await several(w, { name: '乙' });
    const answer = await w.ask('POST /customers/bulk-update/', {
      customers: [
        { id: '{customer}', notes: '改' },
        { id: second, name: '甲公司' },
        { id: '{nobody}', notes: '改' },
        { notes: '改' },
        { id: {}, notes: '改' },
      ],
    });
    expect(answer.status).toBe(207);
    expect(answer.body.data).toMatchObject({
      updated_count: 1,
      failed_count: 4,
      updated_customers: [{ id: w.ids['customer'], notes: '改' }],
    });
    expect(answer.body.data.failed_customers.map(({ index, errors }: Data) => [index, errors])).toEqual([
      [1, { name: ['客户名称已存在'] }],
      [2, { non_field_errors: ['客户不存在'] }],
      [3, { id: ['id 为必填项'] }],
      [4, { id: ['id 的值无效'] }],
    ]);
    expect(await w.data(`GET /customers/${second}/`)).toMatchObject({ name: '乙', notes: null });
  });

  test('deletes by id; where nothing can be done the whole is a failure', async () => {
    const w = await world('customer');
    const answer = await w.ask('POST /customers/bulk-delete/', { ids: ['{customer}', '{customer}', '{nobody}'] });
    expect([answer.status, answer.body.data]).toEqual([
      207,
      {
        deleted_count: 1,
        failed_count: 2,
        deleted_ids: [w.ids['customer']],
        failed_ids: [
          { id: w.ids['customer'], error: '客户不存在' },
          { id: w.ids['nobody'], error: '客户不存在' },
        ],
      },
    ]);
    const before = await written(w);
    const failed = await w.ask('POST /customers/bulk-delete/', { ids: ['abc', null] });
    expect([failed.status, failed.body]).toEqual([
      400,
      {
        success: false,
        code: 400,
        message: '操作全部失败',
        errors: {},
        data: {
          deleted_count: 0,
          failed_count: 2,
          deleted_ids: [],
          failed_ids: [
            { id: 'abc', error: 'ids 的值无效' },
            { id: null, error: 'ids 为必填项' },
          ],
        },
      },
    ]);
    expect(await written(w)).toEqual(before);
  });
});

describe('a repeated request', () => {
  test('is answered as the first time, and done once', async () => {
    const w = await world('customer');
    await w.data('DELETE /customers/{customer}/');
    for (const [request, body] of [
      ['POST /customers/bulk-create/', { customers: [{ name: '乙' }, { name: '' }] }],
      ['PATCH /customers/{customer}/?show_deleted=true', { is_deleted: false, notes: '恢复' }],
      ['DELETE /customers/{customer}/', undefined],
    ] as const) {
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const first = await w.ask(request, body, { headers });
      const before = await written(w);
      const second = await w.ask(request, body, { headers });
      expect([request, second.status, second.body]).toEqual([request, first.status, first.body]);
      expect(first.status).toBeLessThan(300);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(await written(w)).toEqual(before);
    }
  });
});
