import { createHash } from 'node:crypto';
import { send, token, type Answer } from '../support/http.js';
import { customer } from '../support/records.js';
import { loggedServer } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// What a caller does wrong is answered with a status below 500 and a code of the caller's, by either executor, and is no
// error in the log.

let t: TestTenant;
let server: Awaited<ReturnType<typeof loggedServer>>;
let bearer: Record<string, string>;
beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲' });
  server = await loggedServer();
  bearer = { authorization: `Bearer ${await token({ sub: 'admin', tenant_id: t.code })}` };
}, 60_000);

const ask = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  send('POST', `${server.address}/graphql`, { ...bearer, ...headers }, body);

const hash = createHash('sha256').update('{ viewer { roles } }').digest('hex');
const persisted = { persistedQuery: { version: 1, sha256Hash: hash } };
const onlyIf = (place: string): string => `query ($on: Boolean = true) { viewer { roles ${place} } }`;

const mistakes: Array<[what: string, body: Data, code: string]> = [
  ['a subscription', { query: 'subscription { customerChanged { kind } }' }, 'BAD_REQUEST'],
  [
    'a persisted query with another hash',
    { query: '{ viewer { user { id } } }', extensions: persisted },
    'BAD_REQUEST',
  ],
  ['@include with null', { query: onlyIf('@include(if: $on)'), variables: { on: null } }, 'BAD_USER_INPUT'],
  ['@skip with null', { query: onlyIf('@skip(if: $on)'), variables: { on: null } }, 'BAD_USER_INPUT'],
  [
    '@include with null on a fragment',
    {
      query: 'query ($on: Boolean = true) { ...F @include(if: $on) } fragment F on Query { viewer { roles } }',
      variables: { on: null },
    },
    'BAD_USER_INPUT',
  ],
  [
    'null within a fragment',
    {
      query: `query ($on: Boolean = true) { viewer { ...F } } fragment F on Viewer { roles @skip(if: $on) }`,
      variables: { on: null },
    },
    'BAD_USER_INPUT',
  ],
  [
    'null for an argument',
    { query: 'query ($id: ID = "1") { customer(id: $id) { name } }', variables: { id: null } },
    'BAD_USER_INPUT',
  ],
  [
    'null in a list of an input',
    {
      query: 'query ($id: ID = "1") { customers(filter: { ids: [$id] }) { totalCount } }',
      variables: { id: null },
    },
    'BAD_USER_INPUT',
  ],
  [
    'an operation without a name among several',
    { query: 'query A { viewer { roles } } query B { viewer { roles } }' },
    'OPERATION_RESOLUTION_FAILURE',
  ],
];

test.each(mistakes)('%s', async (_what, body, code) => {
  for (const executor of ['plain', 'compiled']) {
    // twice: the second time the text is known
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(body, { 'x-crm-executor': executor });
      expect([answer.status, answer.body.data ?? null, answer.body.errors[0].extensions.code]).toEqual([
        400,
        null,
        code,
      ]);
    }
  }
});

test.each(['include', 'skip'])('@%s with null is refused on a socket as well', async (directive) => {
  const raw = await rawSocket({ token: t.admin.token });
  raw.send({
    id: '1',
    type: 'subscribe',
    payload: { query: onlyIf(`@${directive}(if: $on)`), variables: { on: null } },
  });
  const { type, payload } = await raw.next();
  expect([type, payload[0].extensions.code]).toEqual(['error', 'BAD_USER_INPUT']);
});

const lists = ['customers', 'contacts', 'opportunities', 'contracts'];
const exported = lists.flatMap((list) => ['csv', 'xlsx', 'json'].map((form) => `/export/${list}.${form}`));
test.each([
  ...exported.map((path) => `${path}?filter=${encodeURIComponent('{"search":"a\\u0000b"}')}`),
  ...exported.map((path) => `${path}?filter=${encodeURIComponent('{"search":"\\ud800"}')}`),
  '/export/customers.csv?filter=%7B',
  '/export/customers.csv?filter=[1]',
  '/export/customers.csv?orderBy=%22NAME%22',
  '/export/customers.csv?search=x',
  '/customers?keyword=a%00b',
  '/export/customers?format=csv&keyword=a%00b',
  '/api/v1/events?after=a%00b',
])('GET %s', async (path) => {
  const { status } = await send('GET', server.address + path, bearer);
  expect([path, status]).toEqual([path, 400]);
});

test('none of it is an error in the log', async () => {
  expect(await server.errors()).toEqual([]);
});

describe('numbers of the cell', () => {
  test('need no token where the configuration says so, and hide amounts then', async () => {
    for (const path of ['/metrics', '/api/v1/crm/metrics']) {
      const { status, body } = await send('GET', server.address + path, { 'x-tenant-id': t.code });
      expect([status, Object.keys(body), body.cell]).toEqual([200, ['cell', 'metrics'], 'crm']);
      expect(body.metrics).toMatchObject({ customer_total: 1, opportunity_total: 0, funnel_by_stage: [] });
      expect((await send('GET', server.address + path, { 'x-tenant-id': 'nobody-knows' })).status).toBe(403);
      expect((await send('GET', server.address + path, { ...bearer, authorization: 'Bearer x' })).status).toBe(401);
    }
    expect(await t.sql("select 1 from tenant where code = 'nobody-knows'")).toEqual([]);
  });

  test('and nothing else does, and they need one by default', async () => {
    for (const path of ['/customers', '/reports/funnel', '/export/customers', '/metrics/server'])
      expect([path, (await send('GET', server.address + path, { 'x-tenant-id': t.code })).status]).toEqual([path, 401]);
    expect((await send('GET', '/metrics', { 'x-tenant-id': t.code })).status).toBe(401);
  });
});
