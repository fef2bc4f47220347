import { send } from '../../support/http.js';
import { strictServer } from '../../support/server.js';
import { tenant, type Data } from '../../support/tenant.js';

const refusal = (code: string, message: string): Data => ({ code, message, details: '', requestId: 'r-1' });
const named = { 'x-request-id': 'r-1' };

test("the same customers are served under the gateway's prefix and at the root", async () => {
  const { admin, code } = await tenant();
  const headers = { authorization: `Bearer ${admin.token}`, 'x-tenant-id': code };
  await admin.rest('cell').post('/customers', { name: '甲' });
  const [behind, direct] = [
    await send('GET', '/api/v1/crm/customers', headers),
    await send('GET', '/customers', headers),
  ];
  expect(direct.body).toEqual(behind.body);
  expect(direct.body.total).toBe(1);
  expect([behind, direct].map((answer) => answer.headers.get('x-api-dialect'))).toEqual(['cell', 'cell']);
});

test.each<[what: string, method: string, path: string, status: number, body: Data]>([
  ['an unknown path', 'GET', '/api/v1/crm/customers/1/2/3', 404, refusal('NOT_FOUND', '接口不存在')],
  ['a slash too many', 'GET', '/api/v1/crm/customers/', 404, refusal('NOT_FOUND', '接口不存在')],
  ['an unknown path at the root', 'GET', '/nothing', 404, refusal('NOT_FOUND', '接口不存在')],
  ['an unknown method', 'PUT', '/api/v1/crm/customers/1', 404, refusal('NOT_FOUND', '接口不存在')],
  ['a broken path', 'GET', '/api/v1/crm/customers/%zz', 400, refusal('BAD_REQUEST', '请求无效：路径编码无效')],
])('%s is answered with the four keys and the headers of every answer', async (_what, method, path, status, body) => {
  const { admin } = await tenant();
  const answer = await send(method, path, {
    authorization: `Bearer ${admin.token}`,
    'x-api-dialect': 'cell',
    ...named,
  });
  expect([answer.status, answer.body]).toEqual([status, body]);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('x-api-dialect')).toBe('cell');
  expect(answer.headers.get('x-response-time')).toMatch(/^\d+$/);
});

test.each([undefined, 'Bearer', 'Basic abc', 'Bearer nonsense'])(
  'without a good token (%s) nothing is answered',
  async (authorization) => {
    const answer = await send('GET', '/api/v1/crm/customers', { ...(authorization && { authorization }), ...named });
    expect([answer.status, answer.body]).toEqual([401, refusal('UNAUTHORIZED', '缺少 Authorization 或 Bearer')]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  },
);

test('a body that cannot be read matters less than a missing token', async () => {
  expect((await send('POST', '/customers', { 'content-type': 'application/json' }, '{')).status).toBe(401);
});

test('a tenant that the token does not allow is refused', async () => {
  const { admin, outsider } = await tenant();
  await outsider.graph('{ viewer { roles } }');
  const answer = await admin.rest('cell').get('/customers', { 'x-tenant-id': outsider.tenant, ...named });
  expect([answer.status, answer.body]).toEqual([403, refusal('FORBIDDEN', '令牌不允许访问该租户')]);
});

test('another kind of body is refused, a body too large as well', async () => {
  const { admin, sql } = await tenant();
  const cell = admin.rest('cell');
  const form = await cell.post('/customers', 'name=x', {
    'content-type': 'application/x-www-form-urlencoded',
    ...named,
  });
  expect([form.status, form.body]).toEqual([400, refusal('BAD_REQUEST', '请求无效：请求体必须为 application/json')]);
  const large = await cell.post('/customers', { name: 'x'.repeat(9_000_000) }, named);
  expect([large.status, large.body]).toEqual([400, refusal('BAD_REQUEST', '请求体超过 8 MB')]);
  expect(await sql('select count(*)::int n from customer')).toEqual([{ n: 0 }]);
});

test('a request without an id is given one', async () => {
  const { admin } = await tenant();
  const answer = await admin.rest('cell').get('/customers/nope', { 'x-request-id': '' });
  expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test('where the deployment demands it, writes carry X-Request-ID', async () => {
  const server = await strictServer();
  const { admin, sql } = await tenant();
  const headers = { authorization: `Bearer ${admin.token}`, 'x-request-id': '' };
  const refused = await send('POST', `${server}/customers`, headers, { name: '甲' });
  expect([refused.status, refused.body]).toEqual([
    400,
    {
      code: 'BAD_REQUEST',
      message: '请求无效：缺少 X-Request-ID 请求头',
      details: '',
      requestId: expect.any(String),
    },
  ]);
  expect(await sql('select count(*)::int n from customer')).toEqual([{ n: 0 }]);
  expect((await send('GET', `${server}/customers`, headers)).status).toBe(200);
  expect((await send('POST', `${server}/customers`, { ...headers, ...named }, { name: '甲' })).status).toBe(201);
});
