import pg from 'pg';
import { send, serverUrl, token, type Answer } from '../../support/http.js';
import { version } from '../../support/version.js';
import { ownDatabase, type OwnDatabase } from '../../support/database.js';
import { written } from '../../support/records.js';
import { furtherServers, plain, startAnother, type Started } from '../../support/server.js';
import { tenant, type Data } from '../../support/tenant.js';
import { wayTo, type Way } from '../../repetition/withheld.js';

jest.setTimeout(60_000);

const json = { 'content-type': 'application/json' };
const four = (code: string): Data => ({
  code,
  message: expect.stringMatching(/./),
  details: expect.any(String),
  requestId: 'r-1',
});
const roots = ['/api/v1/crm', ''];

/** The four keys, under an id of the request, with the time it took. */
function expectFailure(answer: Answer, status: number, code: string): void {
  expect([answer.request.url, answer.status, answer.body]).toEqual([answer.request.url, status, four(code)]);
  expect(Object.keys(answer.body)).toEqual(['code', 'message', 'details', 'requestId']);
  expect([answer.headers.get('content-type'), answer.headers.get('x-response-time')]).toEqual([
    'application/json; charset=utf-8',
    expect.stringMatching(/^\d+$/),
  ]);
}

test.each<
  [
    what: string,
    method: string,
    path: string,
    status: number,
    code: string,
    headers?: Record<string, string>,
    body?: string,
  ]
>([
  ['no token', 'GET', '/customers', 401, 'UNAUTHORIZED', { authorization: '' }],
  ['another tenant', 'GET', '/customers', 403, 'FORBIDDEN', { 'x-tenant-id': 'other' }],
  ['an unknown path', 'GET', '/nothing/at/all', 404, 'NOT_FOUND'],
  ['an unknown path without a token', 'GET', '/nothing', 404, 'NOT_FOUND', { authorization: '' }],
  ['a file of the pages that there is not', 'GET', '/docs/static/a/b/c', 404, 'NOT_FOUND'],
  ['a file under a broken name', 'GET', '/docs/static/a/b/%zz', 400, 'BAD_REQUEST'],
  ['a slash too many', 'GET', '/customers/', 404, 'NOT_FOUND'],
  ['another case', 'GET', '/Customers', 404, 'NOT_FOUND'],
  ['a broken path', 'GET', '/customers/%zz', 400, 'BAD_REQUEST'],
  ['a sign that nothing can hold', 'GET', '/customers/%00', 400, 'BAD_REQUEST'],
  ['an unknown method', 'PUT', '/customers/1', 404, 'NOT_FOUND'],
  ['a method of no path', 'DELETE', '/customers', 404, 'NOT_FOUND'],
  ['another method of the health', 'POST', '/health', 404, 'NOT_FOUND'],
  ['another method of the pages', 'POST', '/docs', 404, 'NOT_FOUND'],
  ['no JSON', 'POST', '/customers', 400, 'BAD_REQUEST', json, '{"name":'],
  ['JSON without an end', 'POST', '/customers', 400, 'BAD_REQUEST', json, '['.repeat(50_000)],
  ['JSON that is no object', 'POST', '/customers', 400, 'BAD_REQUEST', json, '"name"'],
  ['nothing', 'POST', '/customers', 400, 'BAD_REQUEST', json, ''],
  ['another kind of body', 'POST', '/customers', 400, 'BAD_REQUEST', { 'content-type': 'text/xml' }, '<name/>'],
  [
    'another character set',
    'POST',
    '/customers',
    400,
    'BAD_REQUEST',
    { 'content-type': 'application/json; charset=latin1' },
    '{"name":"x"}',
  ],
  [
    'an unknown encoding',
    'POST',
    '/customers',
    400,
    'BAD_REQUEST',
    { ...json, 'content-encoding': 'zip' },
    '{"name":"x"}',
  ],
  [
    'an encoding that it is not',
    'POST',
    '/customers',
    400,
    'BAD_REQUEST',
    { ...json, 'content-encoding': 'gzip' },
    '{"name":"x"}',
  ],
  ['too large a body', 'POST', '/customers', 400, 'BAD_REQUEST', json, JSON.stringify({ name: 'x'.repeat(9_000_000) })],
  ['half a character', 'POST', '/customers', 400, 'BAD_REQUEST', json, '{"name":"\\ud800"}'],
  ['a name of another name', 'POST', '/customers', 400, 'BAD_REQUEST', json, '{"__proto__":{"name":"x"}}'],
  ['a page that is none', 'GET', '/customers?page=1e3', 400, 'BAD_REQUEST'],
  ['a page size beyond all', 'GET', '/customers?pageSize=99999999999999999999', 400, 'BAD_REQUEST'],
])(
  '%s is a failure with four keys, behind the gateway and at the root, and leaves no trace',
  async (_what, method, path, status, code, headers = {}, body = undefined) => {
    const t = await tenant();
    await t.admin.id();
    for (const root of roots) {
      const authorization = `Bearer ${t.admin.token}`;
      expectFailure(
        await send(
          method,
          root + path,
          { authorization, 'x-api-dialect': 'cell', 'x-request-id': 'r-1', ...headers },
          body,
        ),
        status,
        code,
      );
    }
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
    expect(await t.sql('select count(*)::int n from idempotency_key')).toEqual([{ n: 0 }]);
  },
);

test.each([
  '/api/v1/crm/docs',
  '/api/v1/crm/openapi.json',
  '/api/admin/cells/crm/docs',
  '/api/admin/cells/crm/openapi.json',
])('%s without a token is a failure with four keys, under an id in any case', async (path) => {
  expectFailure(await send('GET', path, { 'x-request-id': 'r-1' }), 401, 'UNAUTHORIZED');
  expect((await send('GET', path, { 'x-request-id': '' })).body.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test.each(['/', '/health', '/docs', '/openapi.json', '/schema.graphql', '/graphql', '/api/v1/docs/'])(
  '%s says how long it took as well',
  async (path) => {
    expect((await send('GET', path)).headers.get('x-response-time')).toMatch(/^\d+$/);
  },
);

describe('on a database that fails', () => {
  let database: OwnDatabase;
  let way: Way;
  let server: Started;
  const ask = async (path: string): Promise<Answer> =>
    send('GET', server.address + path, {
      authorization: `Bearer ${await token({ tenant_id: 'here' })}`,
      'x-request-id': 'r-1',
    });
  const owner = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    database = await ownDatabase();
    way = await wayTo(database.serverUrl);
    server = await startAnother({
      ...plain(),
      CRM_DATABASE_URL: way.url,
      CRM_DATABASE_OWNER_URL: database.ownerUrl,
    });
    expect((await ask('/customers')).status).toBe(200);
  });

  afterAll(async () => {
    await server.stop();
    way.close();
    await database.stop();
  });

  const health = async (): Promise<Data> => {
    const { status, body } = await send('GET', `${server.address}/health`);
    return [status, body];
  };

  test('a fault is reported without what is inside', async () => {
    await owner('alter table customer rename column name to other');
    try {
      for (const root of roots) expectFailure(await ask(`${root}/customers`), 500, 'INTERNAL_ERROR');
      expect((await ask('/customers')).body.message).toBe('服务器内部错误');
    } finally {
      await owner('alter table customer rename column other to name');
    }
    expect((await ask('/customers')).status).toBe(200);
  });

  test('a database that is not up to date is reported by /health', async () => {
    expect(await health()).toEqual([
      200,
      { status: 'up', cell: 'crm', version, checks: { database: 'up', migrations: 'up' } },
    ]);
    await owner("delete from schema_migration where name = '0001-initial'");
    expect(await health()).toEqual([
      503,
      { status: 'down', cell: 'crm', version, checks: { database: 'up', migrations: 'pending' } },
    ]);
  });

  test('a database that is gone is 503, and reported by /health', async () => {
    way.close();
    expectFailure(await ask('/customers'), 503, 'SERVICE_UNAVAILABLE');
    expect(await health()).toEqual([
      503,
      { status: 'down', cell: 'crm', version, checks: { database: 'down', migrations: 'unknown' } },
    ]);
  });
});

test('what a server committed before it was killed with its answer unsent is published by the next one, and done once', async () => {
  const t = await tenant();
  const way = await wayTo(serverUrl());
  const doomed = await startAnother({ ...plain(), CRM_DATABASE_URL: way.url });
  try {
    await t.admin.id();
    const headers = { authorization: `Bearer ${t.admin.token}`, 'x-tenant-id': t.code, 'x-request-id': 'req-uuid-001' };
    const items = [{ name: '甲' }, { name: '' }, { name: '乙' }];
    await send('GET', `${doomed.address}/customers`, headers);
    const held = way.withhold();
    const lost = send('POST', `${doomed.address}/customers/import`, headers, { items }).catch(
      (error: Error) => error.message,
    );
    await held;
    await doomed.kill();
    expect(await lost).toBe('fetch failed');
    const before = await written(t);
    const [next] = await furtherServers(1);
    const again = await send('POST', `${next}/customers/import`, headers, { items });
    const stored = await t.sql('select id, name from customer order by number');
    expect(stored.map(({ name }) => name)).toEqual(['甲', '乙']);
    expect([again.status, again.body]).toEqual([
      409,
      {
        code: 'IDEMPOTENT_CONFLICT',
        message: expect.any(String),
        details: {
          status: 200,
          body: expect.objectContaining({
            created: 2,
            errors: 1,
            details: stored.map(({ id, name }, index) => ({ index: 2 * index, customerId: id, name })),
          }),
        },
        requestId: 'req-uuid-001',
      },
    ]);
    expect(await written(t)).toEqual(before);
  } finally {
    await doomed.kill();
    way.close();
  }
});
