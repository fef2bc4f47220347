import { createHash } from 'node:crypto';
import { countingServer, type CountingServer } from './counting.js';

// What the read side remembers has its bounds. With a server of its own, so that nobody else's operations are remembered.

let server: CountingServer['server'];
let ask: CountingServer['ask'];
let counters: CountingServer['counters'];
beforeAll(async () => {
  ({ server, ask, counters } = await countingServer());
}, 60_000);
afterAll(() => server?.stop());

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
