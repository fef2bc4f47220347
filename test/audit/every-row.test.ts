import { documentOf } from '../support/documents.js';
import { Fresh } from '../support/mutations.js';
import { requestOf, requests } from '../support/requests.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';
import { upload } from '../support/upload.js';

/** Rows that write nothing although their method says so, with the reason. */
const withoutEntries: Record<string, string> = {};

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

const entriesOf = async (requestId: string): Promise<Data[]> =>
  (
    await t.admin.graph(
      'query ($requestId: String) { auditEntries(filter: { requestId: $requestId }, first: 50) { nodes { actorLogin channel changes { field } } } }',
      { requestId },
    )
  ).auditEntries.nodes;

test.each(Object.keys(requests) as Dialect[])(
  'of the dialect %s every row that writes has a request here',
  async (dialect) => {
    const { operations } = await documentOf(dialect);
    expect(
      operations
        .map(({ row }) => row)
        .filter((row) => !row.startsWith('GET '))
        .toSorted(),
    ).toEqual(
      [
        ...Object.keys(requests[dialect]),
        ...Object.keys(withoutEntries).filter((row) => row.startsWith(dialect)),
      ].toSorted(),
    );
  },
);

const rows = (Object.keys(requests) as Dialect[]).flatMap((dialect) =>
  Object.keys(requests[dialect]).map((row) => [dialect, row] as const),
);

test.each(rows)('%s %s leaves an entry of what was changed', async (dialect, row) => {
  const { method, path, body } = await requestOf(fresh, dialect, row);
  const requestId = `r-${dialect}-${row}`;
  const answer = await t.admin.rest(dialect)[method](path, body, { 'x-request-id': requestId });
  expect([Math.floor(answer.status / 100), answer.status === 207, answer.body]).toEqual([2, false, answer.body]);
  const entries = await entriesOf(requestId);
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries)
    expect(entry).toEqual({
      actorLogin: 'admin',
      channel: dialect.toUpperCase(),
      changes: expect.arrayContaining([{ field: expect.any(String) }]),
    });
});

test('an upload leaves an entry of the file', async () => {
  expect((await upload(t.admin, 'a.txt', 'x', {}, { 'x-request-id': 'r-upload' })).status).toBe(200);
  expect((await entriesOf('r-upload')).map(({ actorLogin, channel }) => [actorLogin, channel])).toEqual([
    ['admin', 'ERP'],
  ]);
});
