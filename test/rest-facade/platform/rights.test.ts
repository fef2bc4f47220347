import { platform } from '../../../rest-facade/platform/index.js';
import { written } from '../../support/records.js';
import { send } from '../../support/http.js';
import { actor, type Data } from '../../support/tenant.js';
import { world } from './world.js';

const view = '/customers/tenants/view';
const forbidden = { success: false, code: 403, message: '没有权限执行此操作', errors: {}, data: null };

test('every operation is for administrators only', async () => {
  const w = await world('customer', 'member', 'relation', 'link');
  const before = await written(w);
  for (const { method, pattern } of platform.rows) {
    const path = pattern.replace(
      ':id',
      pattern.includes('members') ? '{relation}' : pattern.includes('tenants/relations') ? '{link}' : '{customer}',
    );
    for (const by of [w.manager, w.sales, w.viewer]) {
      const answer = await w.ask(
        `${method} ${path}`,
        method === 'GET' || method === 'DELETE' ? undefined : { name: '乙' },
        { by },
      );
      expect([method, path, by.subject, answer.status, answer.body]).toEqual([
        method,
        path,
        by.subject,
        403,
        forbidden,
      ]);
    }
  }
  expect(await written(w)).toEqual(before);
});

test('nobody is answered without a token', async () => {
  const answer = await send('GET', '/api/v1/customers/');
  expect([answer.status, answer.body]).toEqual([
    401,
    { success: false, code: 401, message: '缺少有效的访问令牌', errors: {}, data: null },
  ]);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('another tenant has neither the customer nor its relations', async () => {
  const w = await world('customer', 'member', 'relation');
  const by = w.outsider;
  for (const request of [
    'GET /customers/{customer}/',
    'DELETE /customers/{customer}/',
    'GET /customers/members/relations/{relation}/',
    'DELETE /customers/members/relations/{relation}/',
    `GET ${view}/{customer}/`,
  ]) {
    expect([request, (await w.ask(request, undefined, { by })).status]).toEqual([request, 404]);
  }
  expect((await w.ask('POST /customers/bulk-delete/', { ids: ['{customer}'] }, { by })).status).toBe(400);
  expect((await w.ask('GET /customers/?show_deleted=true', undefined, { by })).body.data.count).toBe(0);
  for (const query of [`?tenant_id=${w.code}`, '']) {
    const answer = await w.ask(`GET /customers/${query}`, undefined, {
      by,
      ...(query === '' && { headers: { 'x-tenant-id': w.code } }),
    });
    expect([answer.status, answer.body.message]).toEqual([403, '令牌不允许访问该租户']);
  }
});

test('a platform administrator names the tenant, and has to for its view', async () => {
  const w = await world('customer', 'link');
  const platformAdmin = await actor('root', 'platform', ['platform_admin']);
  const asked = async (request: string): Promise<Data> => {
    const { status, body } = await w.ask(request, undefined, { by: platformAdmin });
    return [status, body.data?.count ?? body.data];
  };
  expect(await asked(`GET /customers/?tenant_id=${w.code}`)).toEqual([200, 1]);
  expect(await asked(`GET ${view}/`)).toEqual([403, null]);
  expect(await asked(`GET ${view}/?tenant_id={outsider}`)).toEqual([200, 1]);
  expect(await asked(`GET ${view}/?tenant_id=${w.code}`)).toEqual([200, 0]);
  const named = await w.ask('GET /customers/tenants/relations/?tenant_id={outsider}', undefined, {
    by: platformAdmin,
    headers: { 'x-tenant-id': w.code },
  });
  expect(named.body.data.results.map(({ id }: Data) => id)).toEqual([w.ids['link']]);
});

test('a tenant looks at the customers it is linked with, and at no others', async () => {
  const w = await world('customer', 'link');
  await w.data('POST /customers/', { name: '未关联' }, 201);
  const by = w.outsider;
  const listed = async (query = ''): Promise<string[]> =>
    (await w.ask(`GET ${view}/${query}`, undefined, { by })).body.data.results.map(({ name }: Data) => name);
  expect(await listed()).toEqual(['甲公司']);
  expect(
    await listed(
      '?status=active&type=enterprise&value_level=bronze&relation_type=partner&relation_status=active&search=甲',
    ),
  ).toEqual(['甲公司']);
  for (const query of [
    '?status=lost',
    '?type=government',
    '?value_level=gold',
    '?relation_type=client',
    '?relation_status=inactive',
    '?search=乙',
  ])
    expect([query, await listed(query)]).toEqual([query, []]);
  expect((await w.ask(`GET ${view}/statistics/?relation_type=client`, undefined, { by })).body.data.total_count).toBe(
    0,
  );
  await w.data('DELETE /customers/{customer}/');
  expect(await listed()).toEqual([]);
  expect((await w.ask(`GET ${view}/{customer}/`, undefined, { by })).status).toBe(404);
  expect((await w.ask(`GET ${view}/statistics/`, undefined, { by })).body.data).toMatchObject({
    total_count: 0,
    by_relation_type: {},
  });
});

test('a tenant no longer linked looks at nothing', async () => {
  const w = await world('customer', 'link');
  await w.data('DELETE /customers/tenants/relations/{link}/');
  expect((await w.ask(`GET ${view}/{customer}/relations/`, undefined, { by: w.outsider })).status).toBe(404);
});
