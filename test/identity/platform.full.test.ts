import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { WebSocket } from 'ws';
import { ownerUrl, send, type Answer } from '../support/http.js';
import { answering, issuer, type Answering, type Issuer } from '../support/issuer.js';
import { startAnother, type Started } from '../support/server.js';

// the platform answers too late after 5 seconds; nothing here is about time
jest.setTimeout(60_000);

let platform: Issuer;
let server: Started;
/** tokens that the platform knows, with what it says of their bearers */
const known = new Map<string, object>();

const asPlatform: Answering = (request, response) => {
  const user = known.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
  answering(user ? 200 : 401, user ?? { code: 'UNAUTHORIZED' })(request, response);
};

beforeAll(async () => {
  platform = await issuer(asPlatform);
  server = await startAnother({ NODE_ENV: 'test', PLATFORM_AUTH_URL: `${platform.url}/`, CRM_TENANT_AUTOCREATE: '1' });
});

afterAll(async () => {
  await server.stop();
  await platform.close();
});

beforeEach(() => {
  platform.answer(asPlatform);
  platform.asked.length = 0;
});

/** A token that the platform knows, in a tenant of its own. */
function issued(user: object = {}): { token: string; tenant: string } {
  const [token, tenant] = [`opaque-${randomUUID()}`, `p-${randomUUID()}`];
  known.set(token, { username: 'zhang', role: 'manager', tenant_id: tenant, ...user });
  return { token, tenant };
}

const get = (token: string, headers: Record<string, string> = {}, at = server): Promise<Answer> =>
  send('GET', `${at.address}/customers`, { authorization: `Bearer ${token}`, ...headers });
const asked = (token: string): number =>
  platform.asked.filter((one) => one === `GET /api/auth/me Bearer ${token}`).length;

async function tenants(code: string): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl() });
  await client.connect();
  const { rows } = await client.query('select count(*)::int n from tenant where code = $1', [code]);
  await client.end();
  return rows[0].n;
}

test("the platform is asked with the caller's own token; tenant, name and role are as it says", async () => {
  const { token, tenant } = issued({ name: '张三', role: 'viewer' });
  const { status, body } = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${token}` },
    { query: '{ viewer { user { login name } roles tenant { code } } }' },
  );
  expect([status, body]).toEqual([
    200,
    { data: { viewer: { user: { login: 'zhang', name: '张三' }, roles: ['VIEWER'], tenant: { code: tenant } } } },
  ]);
  expect(platform.asked).toEqual([`GET /api/auth/me Bearer ${token}`]);
  expect(
    (await send('POST', `${server.address}/customers`, { authorization: `Bearer ${token}` }, { name: '甲' })).status,
  ).toBe(403);
});

test.each<[what: string, user: (tenant: string) => object, roles: string[]]>([
  [
    'in an envelope',
    (tenant) => ({ success: true, data: { sub: 'li', roles: ['sales', 'manager'], tenant_id: tenant } }),
    ['sales', 'manager'],
  ],
  ["with the platform's words", (tenant) => ({ id: 7, role: 'admin', tenantId: tenant }), ['tenant_admin']],
  [
    'with roles that mean nothing here',
    (tenant) => ({ username: 'li', roles: ['cook', 'viewer'], tenant_id: tenant }),
    ['viewer'],
  ],
])('an answer %s is understood', async (_what, user, roles) => {
  const { token, tenant } = issued();
  known.set(token, user(tenant));
  const { body } = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${token}` },
    { query: '{ viewer { roles tenant { code } } }' },
  );
  expect(body.data.viewer).toEqual({ roles: roles.map((role) => role.toUpperCase()), tenant: { code: tenant } });
});

test('another tenant than the platform says is refused, whatever the user is called', async () => {
  const { token, tenant } = issued();
  const other = `x-${randomUUID()}`;
  expect((await get(token, { 'x-tenant-id': tenant })).status).toBe(200);
  expect((await get(token, { 'x-tenant-id': other })).status).toBe(403);
  const nowhere = issued({ username: 'demo', role: 'tenant_admin', tenant_id: null });
  expect((await get(nowhere.token, { 'x-tenant-id': other })).status).toBe(403);
  expect(await tenants(other)).toBe(0);
});

test('who asks about one token at the same moment shares one answer, which is believed for a while', async () => {
  const [one, two] = [issued(), issued()];
  const held: Array<() => void> = [];
  platform.answer((request, response) => void held.push(() => asPlatform(request, response)));
  const answers = Promise.all(Array.from({ length: 20 }, (_, index) => get((index % 2 ? one : two).token)));
  while (held.length < 2) await new Promise((next) => setTimeout(next, 10));
  for (const release of held) release();
  expect((await answers).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect([asked(one.token), asked(two.token)]).toEqual([1, 1]);
  platform.answer(answering(500, {}));
  expect((await get(one.token)).status).toBe(200);
});

test('a revoked token works no longer than a good answer is believed', async () => {
  const brief = await startAnother({
    NODE_ENV: 'test',
    PLATFORM_AUTH_URL: platform.url,
    PLATFORM_AUTH_SECONDS: '1',
    CRM_TENANT_AUTOCREATE: '1',
  });
  try {
    const { token } = issued();
    const statuses = [(await get(token, {}, brief)).status];
    known.delete(token);
    while (statuses.at(-1) === 200) {
      await new Promise((next) => setTimeout(next, 50));
      statuses.push((await get(token, {}, brief)).status);
    }
    expect([...new Set(statuses)]).toEqual([200, 401]);
    expect(asked(token)).toBe(2);
    expect((await get(token, {}, brief)).body).toMatchObject({
      code: 'UNAUTHORIZED',
      message: '缺少 Authorization 或 Bearer',
    });
  } finally {
    await brief.stop();
  }
});

const long = JSON.stringify({ username: 'zhang', padding: 'x'.repeat(70_000) });

test.each<[what: string, status: number, body: unknown, headers?: Record<string, string>]>([
  ['401', 401, { code: 'UNAUTHORIZED' }],
  ['403', 403, { username: 'zhang', role: 'admin' }],
  ['400', 400, {}],
  ['200 about nobody', 200, { role: 'admin' }],
  ['200 about something that is no name', 200, { username: { $ne: null }, role: 'admin' }],
])('nobody is let in where the platform answers %s', async (_what, status, body) => {
  const { token, tenant } = issued();
  platform.answer(answering(status, body));
  const refused = await get(token, { 'x-tenant-id': tenant, 'x-request-id': 'r-1' });
  expect([refused.status, refused.body, refused.headers.get('www-authenticate')]).toEqual([
    401,
    { code: 'UNAUTHORIZED', message: expect.any(String), details: '', requestId: 'r-1' },
    'Bearer',
  ]);
  expect(await tenants(tenant)).toBe(0);
});

test.each<[what: string, answer: Answering]>([
  ['500', answering(500, { username: 'zhang', role: 'admin' })],
  ['404', answering(404, { username: 'zhang', role: 'admin' })],
  ['429', answering(429, {})],
  [
    'a redirect',
    (request, response) =>
      (request.url === '/api/auth/me'
        ? answering(302, '', { location: '/elsewhere' })
        : answering(200, { username: 'zhang', role: 'admin' }))(request, response),
  ],
  ['a page', answering(200, '<html>Log in</html>', { 'content-type': 'text/html' })],
  ['a list', answering(200, [{ username: 'zhang' }])],
  ['nothing', answering(200, '')],
  ['too much', answering(200, long)],
  ['by breaking off', (_request, response) => void response.destroy()],
])('where the platform answers %s, nobody is let in, and the caller is asked to try again', async (_what, answer) => {
  const { token, tenant } = issued();
  platform.answer(answer);
  const refused = await get(token, { 'x-tenant-id': tenant, 'x-request-id': 'r-1' });
  expect([refused.status, refused.body, refused.headers.get('www-authenticate')]).toEqual([
    503,
    { code: 'SERVICE_UNAVAILABLE', message: '认证服务暂时不可用，请稍后重试', details: '', requestId: 'r-1' },
    null,
  ]);
  expect(refused.headers.get('x-response-time')).toMatch(/^\d+$/);
  expect(platform.asked).toEqual([`GET /api/auth/me Bearer ${token}`]);
  expect(await tenants(tenant)).toBe(0);
  platform.answer(asPlatform);
  expect((await get(token)).status).toBe(200);
});

test.each<[what: string, answer: Answering]>([
  ['not at all', () => {}],
  [
    'without an end',
    (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).write('{"username":"zhang","role":"admin",'),
  ],
])('a platform that answers %s holds up nobody for long, and others not at all', async (_what, answer) => {
  const [slow, quick] = [issued(), issued()];
  platform.answer((request, response) =>
    (request.headers.authorization === `Bearer ${slow.token}` ? answer : asPlatform)(request, response),
  );
  const waiting = get(slow.token);
  while (asked(slow.token) === 0) await new Promise((next) => setTimeout(next, 10));
  const first = await Promise.race([waiting, get(quick.token)]);
  expect([first.status, first.request.headers['authorization']]).toEqual([200, `Bearer ${quick.token}`]);
  expect((await waiting).status).toBe(503);
});

/** How a socket with that token is closed. */
function closing(token: string): Promise<[code: number, reason: string]> {
  const socket = new WebSocket(`${server.address!.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.once('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
  );
  return new Promise((settle) => socket.once('close', (code, reason) => settle([code, String(reason)])));
}

test('while the platform is away its last good answer still counts, and everybody else is asked to try again', async () => {
  const [before, after] = [issued(), issued()];
  expect((await get(before.token)).status).toBe(200);
  await platform.close();
  expect((await get(before.token)).status).toBe(200);
  expect((await get(after.token)).status).toBe(503);
  const inGraph = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${after.token}` },
    { query: '{ viewer { roles } }' },
  );
  expect([inGraph.status, inGraph.body]).toEqual([
    503,
    {
      errors: [
        {
          message: 'Tokens cannot be checked right now; try again.',
          extensions: { code: 'AUTH_UNAVAILABLE', status: 503 },
        },
      ],
    },
  ]);
  const others = await Promise.all([
    send('GET', `${server.address}/api/v1/crm/accounts`, { authorization: `Bearer ${after.token}` }),
    send('GET', `${server.address}/api/v1/customers`, { authorization: `Bearer ${after.token}` }),
    send('GET', `${server.address}/api/v1/customers/`, { authorization: `Bearer ${after.token}` }),
  ]);
  expect(others.map(({ status }) => status)).toEqual([503, 503, 503]);
  expect(await closing(after.token)).toEqual([1013, 'AUTH_UNAVAILABLE']);
  await platform.open();
  expect((await get(after.token)).status).toBe(200);
});
