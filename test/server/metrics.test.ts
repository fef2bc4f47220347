import { send } from '../support/http.js';
import { countingServer, type CountingServer } from './counting.js';

// What operators see of the read side, and that what it remembers has its bounds. With a server of its own, so that
// nobody else's operations are counted.

let server: CountingServer['server'];
let t: CountingServer['t'];
let ask: CountingServer['ask'];
let counters: CountingServer['counters'];
beforeAll(async () => {
  ({ server, t, ask, counters } = await countingServer());
}, 60_000);
afterAll(() => server?.stop());

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
