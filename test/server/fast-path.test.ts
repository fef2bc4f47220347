import { createHash, randomUUID } from 'node:crypto';
import { send, token } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// The second request with the same text takes the short way. Nothing but its speed may tell.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲' });
});

/** A query whose text no other test has sent. */
const fresh = (query: string): string => `# ${randomUUID()}\n${query}`;

/** Status, body and every header of an answer but the date; of the time it took only that it is said. */
async function answer(method: string, url: string, headers: Record<string, string>, body?: unknown): Promise<Data> {
  const found = await send(method, url, headers, body);
  // what is left of a limit differs from one request to the next
  const { date: _, ratelimit: __, ...sent } = Object.fromEntries(found.headers);
  expect(sent['x-response-time']).toMatch(/^\d+$/);
  return { status: found.status, body: found.body, ...sent, 'x-response-time': '', 'x-request-id': '' };
}

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${t.admin.token}` });

const bodies: Array<[what: string, body: (query: string) => object]> = [
  ['a query', (query) => ({ query })],
  [
    'a query with empty variables and extensions',
    (query) => ({ query, variables: null, operationName: null, extensions: {} }),
  ],
  ['a named operation', (query) => ({ query, operationName: 'A' })],
  ['an operation that is not there', (query) => ({ query, operationName: 'B' })],
  ['variables that are no object', (query) => ({ query, variables: [1] })],
  ['a list of operations', (query) => [{ query }]],
  ['a wrong variable', (query) => ({ query, variables: { first: 'x' } })],
  ['a refused argument', (query) => ({ query, variables: { first: 501 } })],
  ['too many rows', (query) => ({ query, variables: { first: 500, inner: 500 } })],
  [
    'another hash than the text has',
    (query) => ({ query, extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  ],
];

test.each(bodies)('%s is answered the second time as the first', async (_what, body) => {
  const query = fresh(
    'query A($first: Int, $inner: Int) { customers(first: $first) { nodes { name contacts(first: $inner) { totalCount nodes { id } } } } }',
  );
  const unknown = await answer('POST', '/graphql', bearer(), body(query));
  await answer('POST', '/graphql', bearer(), { query });
  expect(await answer('POST', '/graphql', bearer(), body(query))).toEqual(unknown);
});

const chosen: Record<string, string>[] = [
  { accept: 'application/json' },
  { accept: 'application/json;q=0' },
  { accept: 'application/jsonp' },
  { accept: 'text/html, application/json;q=0.9' },
  { accept: 'multipart/mixed;deferSpec=20220824, application/json' },
  { accept: 'application/graphql-response+json, application/json;q=0.9' },
  { accept: 'application/*' },
  { accept: '' },
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'application/json-seq' },
  { 'content-type': 'text/plain' },
  { 'accept-language': 'zh-CN' },
  { origin: 'https://elsewhere.example' },
  { 'if-none-match': '*' },
  { 'x-crm-executor': 'plain' },
  { 'x-http-method-override': 'GET' },
];

test.each(chosen)(
  'with the headers %j a known text is answered as one that nobody has sent before',
  async (headers) => {
    const query = 'query ($n: Int) { customers(first: $n) { nodes { name } } }';
    const known = fresh(query);
    await answer('POST', '/graphql', bearer(), { query: known });
    for (const variables of [{ n: 1 }, { n: -1 }, { n: 'x' }]) {
      const ask = (query: string): Promise<Data> =>
        answer('POST', '/graphql', { ...bearer(), ...headers }, { query, variables });
      expect(await ask(known)).toEqual(await ask(fresh(query)));
    }
  },
);

test('a text is found by its hash only if somebody has asked for that', async () => {
  const query = fresh('{ customers { totalCount } }');
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
  for (let n = 0; n < 2; n += 1) expect((await answer('POST', '/graphql', bearer(), { query })).status).toBe(200);
  expect((await answer('POST', '/graphql', bearer(), { extensions })).body.errors[0].extensions.code).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
  expect((await answer('POST', '/graphql', bearer(), { query, extensions })).status).toBe(200);
  expect((await answer('POST', '/graphql', bearer(), { extensions })).body.data).toEqual(
    (await answer('POST', '/graphql', bearer(), { query })).body.data,
  );
});

test('other tokens, tenants and headers are answered as if nobody had asked before', async () => {
  const plain = '{ viewer { user { login } } customers { totalCount } }';
  const query = fresh(plain);
  const both = async (headers: Record<string, string>): Promise<void> => {
    const short = await answer('POST', '/graphql', headers, { query });
    expect(short).toEqual(await answer('POST', '/graphql', headers, { query: fresh(plain) }));
  };
  await answer('POST', '/graphql', bearer(), { query });
  await both({ authorization: `Bearer ${t.outsider.token}` });
  await both({ authorization: `Bearer ${await token({ sub: 'x', tenant_id: t.code, roles: [] })}` });
  await both({ authorization: `Bearer ${await token({ tenant_id: t.code, expires: 1 })}` });
  await both({
    authorization: `Bearer ${await token({ tenant_id: t.code, secret: 'another secret of more than 32 characters' })}`,
  });
  await both({});
  await both({ ...bearer(), 'x-tenant-id': t.outsider.tenant });
  await both({ ...bearer(), accept: 'application/graphql-response+json' });
  await both({ ...bearer(), accept: 'text/html' });
});

test('a token that has ended is not believed because it was good before', async () => {
  const query = fresh('{ viewer { roles } }');
  const authorization = `Bearer ${await token({ sub: 'brief', tenant_id: t.code, expires: Math.floor(Date.now() / 1000) - 3 })}`;
  expect((await answer('POST', '/graphql', { authorization }, { query })).status).toBe(200);
  // five seconds are allowed for clocks that differ
  while (Date.now() / 1000 < JSON.parse(Buffer.from(authorization.split('.')[1]!, 'base64url').toString()).exp + 5.1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await answer('POST', '/graphql', { authorization }, { query })).status).toBe(401);
});

test('a GET is answered the same way, with the header that proves it was meant', async () => {
  const query = fresh('query ($n: Int) { customers(first: $n) { nodes { name } } }');
  const url = `/graphql?query=${encodeURIComponent(query)}&variables=${encodeURIComponent('{"n":1}')}`;
  const operationNamed = { ...bearer(), 'apollo-require-preflight': 'yes' };
  const first = await answer('GET', url, operationNamed);
  expect(first.body).toEqual({ data: { customers: { nodes: [{ name: '甲' }] } } });
  expect(await answer('GET', url, operationNamed)).toEqual(first);
  expect((await answer('GET', url, bearer())).status).toBe(400);
});

test('a change is not made by GET, also when its text is known', async () => {
  const query = fresh('mutation { customerCreate(input: { name: "GET" }) { customer { name } userErrors { code } } }');
  expect((await answer('POST', '/graphql', bearer(), { query })).body.data.customerCreate.customer).toEqual({
    name: 'GET',
  });
  const by = await answer('GET', `/graphql?query=${encodeURIComponent(query)}`, {
    ...bearer(),
    'apollo-require-preflight': 'yes',
  });
  expect(by.status).toBe(405);
  expect(await t.sql("select 1 from customer where name = 'GET'")).toHaveLength(1);
});

test('a persisted query is found by its hash', async () => {
  const query = fresh('{ customers { totalCount } }');
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
  expect((await answer('POST', '/graphql', bearer(), { extensions })).body.errors[0].extensions.code).toBe(
    'PERSISTED_QUERY_NOT_FOUND',
  );
  const first = await answer('POST', '/graphql', bearer(), { query, extensions });
  expect(first.status).toBe(200);
  expect(await answer('POST', '/graphql', bearer(), { extensions })).toEqual(first);
  expect(await answer('POST', '/graphql', bearer(), { query, extensions })).toEqual(first);
});

test('a change by a known text is made once and refused with the same words', async () => {
  const query = fresh(
    'mutation ($name: String) { customerCreate(input: { name: $name }) { customer { name version } userErrors { code field message } } }',
  );
  const create = (name: string | null): Promise<Data> =>
    answer('POST', '/graphql', bearer(), { query, variables: { name } });
  expect((await create('乙')).body.data.customerCreate).toEqual({
    customer: { name: '乙', version: 1 },
    userErrors: [],
  });
  expect((await create('丙')).body.data.customerCreate).toEqual({
    customer: { name: '丙', version: 1 },
    userErrors: [],
  });
  expect((await create('丙')).body.data.customerCreate).toEqual({
    customer: null,
    userErrors: [{ code: 'NAME_TAKEN', field: ['input', 'name'], message: 'An active record already has this name.' }],
  });
  expect(await t.sql("select name from customer where name in ('乙', '丙') order by number")).toEqual([
    { name: '乙' },
    { name: '丙' },
  ]);
});

const unreadable: Array<[what: string, type: string, body: string | Uint8Array]> = [
  ['broken JSON', 'application/json', '{"query": '],
  ['a text that is no object', 'application/json', '"{ viewer { roles } }"'],
  ['nothing but white space', 'application/json', '  '],
  ['JSON behind a byte order mark', 'application/json', '\uFEFF{"query":"{ viewer { roles } }"}'],
  ['another character set', 'application/json; charset=utf-16', '{"query":"{ viewer { roles } }"}'],
  [
    'more than may be sent',
    'application/json',
    JSON.stringify({ query: `# ${'x'.repeat(2 * 1024 * 1024)}\n{ viewer { roles } }` }),
  ],
];

test.each(unreadable)(
  'a body is answered as the address with a slash answers it, which the fast path does not know: %s',
  async (_what, type, body) => {
    await answer('POST', '/graphql', bearer(), { query: '{ viewer { roles } }' });
    const headers = { ...bearer(), 'content-type': type };
    expect(await answer('POST', '/graphql', headers, body)).toEqual(await answer('POST', '/graphql/', headers, body));
  },
);
