import { address, send, token } from '../support/http.js';
import { version } from '../support/version.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant } from '../support/tenant.js';

const query = { query: '{ viewer { roles } }' };

test('/ is a page for browsers and an index for programs, without a token', async () => {
  const page = await send('GET', '/', { accept: 'text/html' });
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toContain(`${address()}/graphql`);
  const index = await send('GET', '/', { accept: 'application/json' });
  expect([index.status, index.body.name]).toEqual([200, 'crm-graph']);
});

test('/health says that the server and its database are up, without a token', async () => {
  const { status, body } = await send('GET', '/health');
  expect([status, body]).toEqual([
    200,
    { status: 'up', cell: 'crm', version, checks: { database: 'up', migrations: 'up' } },
  ]);
});

test('does not say what it is made of', async () => {
  expect((await send('GET', '/health')).headers.get('x-powered-by')).toBeNull();
});

describe('outside production', () => {
  test('pages of other origins may call, with a token and with the headers they need', async () => {
    const asked = {
      origin: 'http://localhost:5173',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-tenant-id',
    };
    const { status, headers } = await send('OPTIONS', '/graphql', asked);
    expect([
      status,
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-headers'),
      headers.get('access-control-allow-methods'),
    ]).toEqual([
      204,
      'http://localhost:5173',
      'authorization,content-type,x-tenant-id',
      expect.stringContaining('PATCH'),
    ]);
    const { admin } = await tenant();
    const answer = await admin.graph.raw(query.query, {}, { origin: 'http://localhost:5173' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  });

  test('a browser at /graphql finds a page', async () => {
    const { status, headers } = await send('GET', '/graphql', { accept: 'text/html' });
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });
});

describe('/graphql answers what it cannot read with JSON that says so', () => {
  const authorization = async (): Promise<string> => `Bearer ${await token({ tenant_id: (await tenant()).code })}`;

  test.each<[string, string, string, number, string]>([
    ['broken JSON', 'application/json', '{"query":', 400, 'BAD_REQUEST'],
    ['JSON that is no object', 'application/json', '"text"', 400, 'BAD_REQUEST'],
    ['a list', 'application/json', '[]', 400, 'BAD_REQUEST'],
    ['an empty object', 'application/json', '{}', 400, 'BAD_REQUEST'],
    ['no query', 'application/json', '{"variables":{}}', 400, 'BAD_REQUEST'],
    ['a form', 'application/x-www-form-urlencoded', 'query=%7Bviewer%7Broles%7D%7D', 400, 'BAD_REQUEST'],
    ['plain text', 'text/plain', '{ viewer { roles } }', 400, 'BAD_REQUEST'],
    ['an unknown charset', 'application/json; charset=klingon', '{}', 415, 'BAD_REQUEST'],
    [
      'more than two megabytes',
      'application/json',
      JSON.stringify({ query: `{ viewer { roles } } #${'x'.repeat(2_100_000)}` }),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['a query that is none', 'application/json', '{"query":"{"}', 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'application/json', '{"query":"{ secret }"}', 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable that does not fit',
      'application/json',
      '{"query":"query ($id: ID!) { customer(id: $id) { id } }"}',
      400,
      'BAD_USER_INPUT',
    ],
  ])('%s', async (_name, type, text, status, code) => {
    const answer = await send('POST', '/graphql', { authorization: await authorization(), 'content-type': type }, text);
    expect([
      answer.status,
      answer.headers.get('content-type'),
      answer.body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code),
    ]).toEqual([status, 'application/json; charset=utf-8', [code]]);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|stack/);
  });

  test('a change by GET', async () => {
    const text = encodeURIComponent('mutation { customerCreate(input: { name: "A" }) { userErrors { code } } }');
    const { status, body } = await send('GET', `/graphql?query=${text}`, {
      authorization: await authorization(),
      'apollo-require-preflight': '1',
    });
    expect([status, body.errors[0].extensions.code]).toEqual([405, 'BAD_REQUEST']);
  });
});

test('a query by GET is answered where a browser could not have been tricked into it', async () => {
  const { admin } = await tenant();
  const url = `/graphql?query=${encodeURIComponent(query.query)}`;
  expect(
    (await send('GET', url, { authorization: `Bearer ${admin.token}`, 'apollo-require-preflight': '1' })).body,
  ).toEqual({ data: { viewer: { roles: ['TENANT_ADMIN'] } } });
  expect((await send('GET', url, { authorization: `Bearer ${admin.token}` })).status).toBe(400);
});

describe('in production', () => {
  const secret = 'a secret of production, 32 characters';
  let server: Started;
  beforeAll(async () => {
    server = await startAnother({ NODE_ENV: 'production', HOST: '127.0.0.1', AUTH_JWT_SECRET: secret });
  });
  afterAll(() => server.stop());

  const at = (path: string): string => `${server.address}${path}`;

  test('the server starts, and prints no token', () => {
    expect(server.address).toMatch(/^http:/);
    expect(server.stdout).not.toMatch(/eyJ/);
  });

  test('pages of other origins may not call', async () => {
    const { headers } = await send('OPTIONS', at('/graphql'), {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(
      (await send('GET', at('/health'), { origin: 'http://evil.example' })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  test('a tenant that does not exist is not made', async () => {
    const { code, sql } = await tenant();
    const authorization = `Bearer ${await token({ tenant_id: code, secret })}`;
    const { status, body } = await send('POST', at('/graphql'), { authorization }, query);
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'TENANT_FORBIDDEN']);
    expect(await sql('select count(*)::int from tenant where code = $1', [code])).toEqual([{ count: 0 }]);
  });

  test('a tenant that exists is served, without a count of statements', async () => {
    const { code, admin } = await tenant();
    await admin.id();
    const { status, body, headers } = await send(
      'POST',
      at('/graphql'),
      { authorization: `Bearer ${await token({ tenant_id: code, secret })}` },
      query,
    );
    expect([status, body]).toEqual([200, { data: { viewer: { roles: ['TENANT_ADMIN'] } } }]);
    expect(headers.get('x-crm-statements')).toBeNull();
  });

  test('a token of another secret is refused', async () => {
    const { admin } = await tenant();
    expect((await send('POST', at('/graphql'), { authorization: `Bearer ${admin.token}` }, query)).status).toBe(401);
  });
});

describe('without a way to check tokens', () => {
  test('any bearer token is the demo identity, and none is still 401', async () => {
    const server = await startAnother({});
    try {
      const demo = await send(
        'POST',
        `${server.address}/graphql`,
        { authorization: 'Bearer anything', 'x-tenant-id': (await tenant()).code },
        { query: '{ viewer { roles user { login } } }' },
      );
      expect(demo.body).toEqual({ data: { viewer: { roles: ['TENANT_ADMIN'], user: { login: 'demo' } } } });
      expect((await send('POST', `${server.address}/graphql`, {}, query)).status).toBe(401);
    } finally {
      await server.stop();
    }
  });

  test('strictly, every token is refused', async () => {
    const server = await startAnother({ CRM_AUTH_STRICT: '1' });
    try {
      expect(
        (await send('POST', `${server.address}/graphql`, { authorization: 'Bearer anything' }, query)).status,
      ).toBe(401);
    } finally {
      await server.stop();
    }
  });
});
