import { createHash } from 'node:crypto';
import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// What operators see of the read side, and that what it remembers has its bounds. With a server of its own, so that
// nobody else's operations are counted.

let server: Started;
let t: TestTenant;
let platform = '';

beforeAll(async () => {
  server = await startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_DATABASE_POOL: '2',
  });
  t = await tenant();
  platform = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
}, 60_000);

afterAll(() => server?.stop());

const ask = async (body: object): Promise<Data> =>
  (await send('POST', `${server.address}/graphql`, { authorization: `Bearer ${t.admin.token}` }, body)).body;

/** Every figure by its name with its labels. */
async function counters(): Promise<Record<string, number>> {
  const { body, status } = await send('GET', `${server.address}/metrics/server`, {
    authorization: `Bearer ${platform}`,
  });
  expect(status).toBe(200);
  return Object.fromEntries(
    String(body)
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** What has changed since. */
async function since(before: Record<string, number>, name: string): Promise<number> {
  return ((await counters())[name] ?? 0) - (before[name] ?? 0);
}

test('they are for those who run the platform only', async () => {
  for (const bearer of [t.admin.token, t.viewer.token, 'x'])
    expect((await send('GET', `${server.address}/metrics/server`, { authorization: `Bearer ${bearer}` })).status).toBe(
      bearer === 'x' ? 401 : 403,
    );
});

test('an operation counts once, as compiled or as left to the executor and why, the first time as when its text is known', async () => {
  const compiled = 'crm_operations_compiled_total';
  const plain = (reason: string): string => `crm_operations_plain_total{reason="${reason}"}`;
  for (const [query, name, variables] of [
    ['{ customers { totalCount } }', compiled, {}],
    ['{ changes { cursor } viewer { roles } }', plain('Query.changes is answered by code'), {}],
    ['query ($n: Int) { customers(first: $n) { totalCount } }', plain('refused: BAD_REQUEST'), { n: 501 }],
    ['mutation { customerCreate(input: { name: " " }) { customer { id } userErrors { code } } }', compiled, {}],
  ] as const) {
    for (let n = 0; n < 3; n += 1) {
      const before = await counters();
      await ask({ query, variables });
      expect([query, n, await since(before, name)]).toEqual([query, n, 1]);
    }
  }
});

test('new texts, hashes and forms of variables take the places of old ones', async () => {
  const fields = [
    'status: [ACTIVE]',
    'kind: [ENTERPRISE]',
    'search: "a"',
    'createdFrom: "2026-01-01"',
    'industry: "IT"',
    'tier: [GOLD]',
  ];
  const forms = Array.from(
    { length: 2 ** fields.length },
    (_, bits) => `{ ${fields.filter((_member, index) => bits & (1 << index)).join(', ')} }`,
  );
  const query = (n: number): string => `query Q${n} { customers(first: ${n % 7}) { totalCount a${n}: nodes { id } } }`;
  for (let from = 0; from < 1100; from += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const text = query(from + index);
        const extensions = {
          persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(text).digest('hex') },
        };
        // known by hash, then by text, so that its statement is prepared
        await ask({ query: text, extensions });
        expect((await ask({ query: text })).data.customers.totalCount).toBe(0);
      }),
    );
  }
  const filtered = 'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }';
  for (const form of forms)
    await ask({
      query: filtered,
      variables: { f: JSON.parse(form.replace(/(\w+):/g, '"$1":').replace(/\[(\w+)\]/g, '["$1"]')) },
    });
  const found = await counters();
  const remembered = Object.entries(found).filter(([name]) => name.startsWith('crm_cache_entries{'));
  for (const [name, size] of remembered)
    expect([name, size <= found[name.replace('crm_cache_entries', 'crm_cache_entries_limit')]!]).toEqual([name, true]);
  expect(found['crm_cache_entries{cache="document",kind="texts"}']).toBe(1000);
  expect(found['crm_cache_entries{cache="document",kind="hashes"}']).toBe(1000);
  expect(found['crm_cache_entries{cache="query",kind="texts"}']).toBe(1000);
  const prepared = Object.entries(found)
    .filter(([name]) => name.startsWith('crm_database_prepared_statements{'))
    .map(([, count]) => count);
  expect(prepared.length).toBeGreaterThan(0);
  expect(Math.max(...prepared)).toBe(found['crm_database_prepared_statements_limit']);
  expect(found['process_resident_memory_bytes']).toBeGreaterThan(50_000_000);
}, 240_000);
