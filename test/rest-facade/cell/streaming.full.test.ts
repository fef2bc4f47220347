import pg from 'pg';
import { send, serverUrl, testSecret, type Answer } from '../../support/http.js';
import { startAnother, type Started } from '../../support/server.js';
import { tenant, type Data, type TestTenant } from '../../support/tenant.js';

// a busy machine takes its time; nothing here is about time
jest.setTimeout(120_000);

const count = 20_000;
/** about a kilobyte each: far more in all than sockets hold by themselves */
const fill = `insert into customer (tenant_id, id, account_no, code, name, email)
  select current_setting('app.tenant_id')::uuid, gen_random_uuid(), 'ACC' || n, 'CUST-' || n, '客户' || n || repeat('长', 180), repeat('a', 200) || n || '@example.com' from generate_series(1, ${count}) n`;

/** So its connections can be told from those of other servers. */
const name = `streaming-${process.pid}`;
let server: Started;
let t: TestTenant;
let headers: Record<string, string>;

beforeAll(async () => {
  server = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_DATABASE_POOL: '6',
    CRM_DATABASE_URL: `${serverUrl()}?application_name=${name}`,
  });
  t = await tenant();
  headers = { authorization: `Bearer ${t.admin.token}`, 'x-tenant-id': t.code };
  await t.admin.id();
  await t.sql(fill);
});

afterAll(async () => {
  await server.stop();
});

/** Transactions that the server holds open without asking anything just now, with when they last asked. */
async function held(): Promise<Data[]> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  const { rows } = await client.query(
    "select pid, query_start::text asked from pg_stat_activity where application_name = $1 and state = 'idle in transaction' and pid <> pg_backend_pid()",
    [name],
  );
  await client.end();
  return rows;
}

async function until<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Begins to read an export, and stops after the first piece. */
async function begun(
  path = '/customers/export?format=csv',
): Promise<{ reader: ReadableStreamDefaultReader<Uint8Array>; first: Uint8Array }> {
  // compressed, these rows would be so few bytes that nothing had to wait
  const response = await fetch(server.address + path, { headers: { ...headers, 'accept-encoding': 'identity' } });
  expect(response.status).toBe(200);
  const reader = response.body!.getReader();
  return { reader, first: (await reader.read()).value! };
}

const list = (): Promise<Answer> => send('GET', `${server.address}/customers?pageSize=1`, headers);
const exported = (): Promise<Answer> => send('GET', `${server.address}/customers/export?format=csv`, headers);

test('the first rows arrive before the last are read, and no more are read than the reader takes', async () => {
  const { reader, first } = await begun();
  expect(Buffer.from(first.subarray(0, 3))).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  // whoever does not read makes the server stop reading, with the list's transaction open
  let [before, same] = ['', 0];
  await until(held, (rows) => {
    // a job of the server may have one for a moment as well
    const now = JSON.stringify(rows);
    same = rows.length === 1 && now === before ? same + 1 : 0;
    before = now;
    return same === 20;
  });
  let text = Buffer.from(first).toString('latin1');
  let chunk = await reader.read();
  for (; !chunk.done; chunk = await reader.read()) text += Buffer.from(chunk.value).toString('latin1');
  const ids = text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.slice(0, 36));
  expect([ids.length, new Set(ids).size]).toEqual([count, count]);
  await until(held, (rows) => rows.length === 0);
});

test('readers that go away give back what they held, however early they go', async () => {
  for (let round = 0; round < 40; round += 1) {
    const going = new AbortController();
    const asked = fetch(`${server.address}/customers/export?format=csv`, { headers, signal: going.signal }).then(
      ({ status }) => status,
      (error: Error) => error.name,
    );
    setTimeout(() => going.abort(), round);
    expect([200, 429, 'AbortError']).toContain(await asked);
    going.abort();
  }
  await until(held, (rows) => rows.length === 0);
  expect(
    await Promise.all(Array.from({ length: 12 }, list)).then((answers) => answers.map(({ status }) => status)),
  ).toEqual(Array.from({ length: 12 }, () => 200));
  expect((await exported()).body.trimEnd().split('\r\n')).toHaveLength(count + 1);
});

test('exports take no more than half of the connections, and of these one is left to other tenants: one too many is refused, and everything else goes on', async () => {
  const readers = [await begun(), await begun()].map(({ reader }) => reader);
  const refused = await exported();
  expect([refused.status, refused.body]).toEqual([
    429,
    { code: 'RATE_LIMITED', message: '请求过于频繁', details: '', requestId: expect.any(String) },
  ]);
  expect((await list()).status).toBe(200);
  for (const reader of readers) await reader.cancel();
  expect((await until(exported, ({ status }) => status !== 429)).status).toBe(200);
});

test('a HEAD for an export is answered without reading it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const {
      status,
      headers: sentHeaders,
      body,
    } = await send('HEAD', `${server.address}/customers/export?format=csv`, headers);
    expect([status, sentHeaders.get('content-type'), body]).toEqual([200, 'text/csv; charset=utf-8-sig', '']);
  }
  await until(held, (rows) => rows.length === 0);
});
