import { acts, Fresh, mutations } from '../support/acts.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

const entriesOf = async (requestId: string): Promise<Data[]> =>
  (await t.admin.graph('query ($requestId: String) { auditEntries(filter: { requestId: $requestId }, first: 100) { nodes { act actorLogin face recordType recordId changes { member before after } } } }', { requestId })).auditEntries.nodes;

test('there is an act for every mutation', () => {
  expect(Object.keys(acts).toSorted()).toEqual(Object.keys(mutations).toSorted());
});

test.each(Object.keys(mutations))('%s leaves an entry of what was changed', async (mutation) => {
  const args = await acts[mutation]!(fresh);
  const { body } = await fresh.act(mutation, args, 'id', { 'x-request-id': `r-${mutation}` });
  expect([body.errors, body.data?.[mutation].userErrors, body.data?.[mutation].results?.flatMap(({ userErrors }: Data) => userErrors) ?? []]).toEqual([undefined, [], []]);
  const entries = await entriesOf(`r-${mutation}`);
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    expect(entry).toMatchObject({ actorLogin: 'admin', face: 'GRAPHQL', act: expect.stringMatching(/^[a-z]\w+\.[a-z]\w+$/) });
    expect(entry.changes.length).toBeGreaterThan(0);
    for (const { before, after } of entry.changes) expect(before).not.toBe(after);
  }
});
