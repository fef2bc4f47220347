import { randomInt } from 'node:crypto';
import { send, testSecret, token, type Answer } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// How often something may be asked. Each test comes from an address of its own, as a proxy would report it.

const seconds = 60;
let servers: Started[];
let t: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  const environment = {
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_TRUST_PROXY: '1',
    CRM_RATE_LIMITS: `address=40/${seconds},user=8/${seconds},tenant=12/${seconds},login=5/${seconds},duplicates=3/${seconds}`,
  };
  servers = await Promise.all([startAnother(environment), startAnother(environment)]);
}, 90_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});
beforeEach(async () => {
  [t, other] = await Promise.all([tenant(), tenant()]);
});

const fromAnywhere = (): string => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;

interface Asker {
  bearer?: string;
  from: string;
  server?: number;
  headers?: Record<string, string>;
}

const ask = (
  method: string,
  path: string,
  { bearer, from, server = 0, headers }: Asker,
  body?: unknown,
): Promise<Answer> =>
  send(
    method,
    servers[server]!.address + path,
    { 'x-forwarded-for': from, ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
    body,
  );
const viewer = { query: '{ viewer { roles } }' };
const graph = (asker: Asker): Promise<Answer> => ask('POST', '/graphql', asker, viewer);

test('every answer says what is left of each limit, and for how long', async () => {
  const asker = { bearer: t.admin.token, from: fromAnywhere() };
  const first = await graph(asker);
  expect(first.status).toBe(200);
  expect(first.headers.get('ratelimit-policy')).toBe('"address";q=40;w=60, "user";q=8;w=60, "tenant";q=12;w=60');
  expect(first.headers.get('ratelimit')).toMatch(
    /^"address";r=39;t=(?:60|59), "user";r=7;t=(?:60|59), "tenant";r=11;t=(?:60|59)$/,
  );
  const second = await ask('GET', '/api/v1/crm/accounts', asker);
  expect(second.headers.get('ratelimit')).toMatch(/^"address";r=38;t=\d+, "user";r=6;t=\d+, "tenant";r=10;t=\d+$/);
  const unknown = await ask('GET', '/api/v1/crm/nowhere', { from: asker.from });
  expect([unknown.status, unknown.headers.get('ratelimit')]).toEqual([
    404,
    expect.stringMatching(/^"address";r=37;t=\d+$/),
  ]);
});

const shapes: Array<[face: string, method: string, path: string, headers: Record<string, string>, body: unknown]> = [
  [
    'the graph',
    'POST',
    '/graphql',
    {},
    { errors: [{ message: 'Too many requests.', extensions: { code: 'RATE_LIMITED', status: 429 } }] },
  ],
  [
    'the feed',
    'GET',
    '/api/v1/events',
    {},
    { errors: [{ message: 'Too many requests.', extensions: { code: 'RATE_LIMITED' } }] },
  ],
  [
    'an export',
    'GET',
    '/export/customers.csv',
    {},
    { errors: [{ message: 'Too many requests.', extensions: { code: 'RATE_LIMITED' } }] },
  ],
  ['a file', 'GET', '/api/v1/files/1', {}, { code: 429, message: 'Too many requests.', data: null }],
  ['erp', 'GET', '/api/v1/crm/accounts', {}, { code: 429, message: '请求过于频繁', data: null }],
  [
    'cell',
    'GET',
    '/api/v1/crm/customers',
    { 'x-request-id': 'one' },
    { code: 'RATE_LIMITED', message: '请求过于频繁', details: '', requestId: 'one' },
  ],
  [
    'lifecycle',
    'GET',
    '/api/v1/customers',
    { 'x-request-id': 'one' },
    {
      success: false,
      code: 429,
      message: '请求过于频繁',
      error: '请求过于频繁',
      error_code: 'RATE_LIMITED',
      errors: [],
      timestamp: expect.any(String),
      trace_id: 'one',
    },
  ],
  [
    'platform',
    'GET',
    '/api/v1/customers/',
    {},
    { success: false, code: 429, message: '请求过于频繁', errors: {}, data: null },
  ],
];

test('a user who asks too often is refused in the form of each interface; others of the tenant are not', async () => {
  const asker = { bearer: t.sales.token, from: fromAnywhere() };
  const answers = await Promise.all(Array.from({ length: 9 }, () => graph(asker)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(8).fill(200), 429]);
  for (const [face, method, path, headers, body] of shapes) {
    const refused = await ask(method, path, { ...asker, headers }, method === 'POST' ? viewer : undefined);
    expect([face, refused.status, refused.body]).toEqual([face, 429, body]);
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+, "user";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(seconds);
  }
  expect((await graph({ bearer: t.admin.token, from: fromAnywhere() })).status).toBe(200);
});

test('a tenant whose users ask too often is refused; another one is not', async () => {
  const from = fromAnywhere();
  for (const who of [t.admin, t.manager])
    for (let n = 0; n < 6; n += 1) expect((await graph({ bearer: who.token, from })).status).toBe(200);
  const refused = await graph({ bearer: t.viewer.token, from: fromAnywhere() });
  expect([refused.status, refused.headers.get('ratelimit')]).toEqual([
    429,
    expect.stringMatching(/^"address";r=39;t=\d+, "user";r=7;t=\d+, "tenant";r=0;t=\d+$/),
  ]);
  expect((await graph({ bearer: other.admin.token, from })).status).toBe(200);
});

test('an address that asks too often is refused whatever it asks, but for the state of the server', async () => {
  const from = fromAnywhere();
  await Promise.all(Array.from({ length: 40 }, () => ask('GET', '/', { from })));
  const asker = { bearer: t.admin.token, from };
  for (const [face, method, path, headers, body] of shapes) {
    const refused = await ask(method, path, { ...asker, headers }, method === 'POST' ? viewer : undefined);
    expect([face, refused.status, refused.body]).toEqual([face, 429, body]);
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
  }
  for (const path of ['/', '/graphiql', '/schema.graphql', '/docs', '/openapi.json', '/api/v1/docs/', '/nowhere'])
    expect([path, (await ask('GET', path, { from })).status]).toEqual([path, 429]);
  for (const path of ['/health', '/api/v1/crm/health', '/metrics', '/api/v1/crm/metrics', '/metrics/server']) {
    const answer = await ask('GET', path, asker);
    expect([path, answer.status === 429, answer.headers.get('ratelimit')]).toEqual([path, false, null]);
  }
  expect((await graph({ ...asker, from: fromAnywhere() })).status).toBe(200);
});

test('what a client says of its address does not count, only what the proxy adds', async () => {
  const from = fromAnywhere();
  await Promise.all(Array.from({ length: 40 }, (_, n) => ask('GET', '/', { from: `1.2.3.${n}, ${from}` })));
  expect((await ask('GET', '/', { from: `9.9.9.9, ${from}` })).status).toBe(429);
});

test('addresses of one IPv6 network count as one', async () => {
  const network = `2001:db8:${randomInt(65_536).toString(16)}:1`;
  await Promise.all(Array.from({ length: 40 }, (_, n) => ask('GET', '/', { from: `${network}::${n + 1}` })));
  expect((await ask('GET', '/', { from: `${network}:a:b:c:d` })).status).toBe(429);
  expect((await ask('GET', '/', { from: `${network.slice(0, -1)}2::1` })).status).toBe(200);
});

test('two processes keep one limit, to the request', async () => {
  const bearer = t.admin.token;
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, n) => graph({ bearer, from: fromAnywhere(), server: n % 2 })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(16);
});

test('after five refused tokens of an address, others are not looked at there; those known to be good go on', async () => {
  const from = fromAnywhere();
  const known = { bearer: t.admin.token, from };
  expect((await graph(known)).status).toBe(200);
  const wrong = await token({ tenant_id: t.code, secret: 'another secret of thirty-two characters' });
  const statuses = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await graph({ bearer: wrong, from, server: n % 2 })).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  const refused = await graph({ bearer: t.manager.token, from });
  expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await graph(known)).status).toBe(200);
  expect((await graph({ bearer: t.manager.token, from: fromAnywhere() })).status).toBe(200);
});

test('who has met three duplicates writes nothing any more, and learns of no further one', async () => {
  const asker = { bearer: t.sales.token, from: fromAnywhere() };
  await t.manager.graph('mutation { customerCreate(input: {name: "甲"}) { userErrors { code } } }');
  const create = (name: string): Promise<Answer> =>
    ask('POST', '/graphql', asker, {
      query: 'mutation ($name: String!) { customerCreate(input: {name: $name}) { userErrors { code } } }',
      variables: { name },
    });
  for (let n = 0; n < 3; n += 1)
    expect((await create('甲')).body.data.customerCreate.userErrors).toEqual([{ code: 'NAME_TAKEN' }]);
  const refused = await create('丙');
  expect([refused.body.data, refused.body.errors[0].extensions]).toEqual([
    { customerCreate: null },
    { code: 'RATE_LIMITED', status: 429 },
  ]);
  const { status, body } = await ask('POST', '/customers', asker, { name: '丙' });
  expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(await t.sql("select name from customer where name = '丙'")).toEqual([]);
  expect((await ask('GET', '/api/v1/crm/accounts', asker)).status).toBe(200);
});

test('operations of a socket count as requests do, and a socket that is too much is not opened', async () => {
  const raw = await rawSocket({ token: t.admin.token, server: servers[0]!.address! });
  for (let n = 0; n < 8; n += 1) raw.send({ id: `${n}`, type: 'subscribe', payload: viewer });
  const found: string[] = [];
  while (found.length < 8) {
    const { type, payload } = await raw.next();
    if (type === 'error') expect(payload[0].extensions).toEqual({ code: 'RATE_LIMITED', status: 429 });
    if (type !== 'complete') found.push(type as string);
  }
  // the first of the user's eight was the socket itself
  expect(found.toSorted()).toEqual(['error', ...Array<string>(7).fill('next')]);
  expect((await graph({ bearer: t.admin.token, from: fromAnywhere() })).status).toBe(429);
});

test('when the window has passed, everything is as before', async () => {
  const quick = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_RATE_LIMITS: 'user=2/2',
  });
  try {
    const asked = (): Promise<Answer> =>
      send('POST', `${quick.address}/graphql`, { authorization: `Bearer ${t.admin.token}` }, viewer);
    const answers = [await asked(), await asked(), await asked()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    await new Promise((resolve) => setTimeout(resolve, Number(answers[2]!.headers.get('retry-after')) * 1_000));
    expect((await asked()).status).toBe(200);
  } finally {
    await quick.stop();
  }
}, 60_000);
