import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { send, token, type Answer } from '../support/http.js';
import { startAnother, type Started, plain } from '../support/server.js';

// Whatever one tenant does at once, its statements, exports and keyed changes have no more than its share of the connections.

const share = 5;
let database: OwnDatabase;
let server: Started;
let owner: pg.Client;
/** the server's role, which sees what its own connections are at */
let watcher: pg.Client;

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  watcher = new pg.Client({ connectionString: database.serverUrl });
  await watcher.connect();
  server = await startAnother({
    ...plain(),
    ...environmentOf(database),
    CRM_DATABASE_POOL: '10',
    CRM_ROUND_SECONDS: '3600',
  });
}, 60_000);

afterAll(async () => {
  await watcher.end();
  await owner.end();
  await server?.stop();
  await database?.stop();
}, 30_000);

const bearer = async (code: string): Promise<string> => `Bearer ${await token({ sub: 'admin', tenant_id: code })}`;
const ask = async (code: string, query: string, headers: Record<string, string> = {}): Promise<Answer> =>
  send('POST', `${server.address}/graphql`, { authorization: await bearer(code), ...headers }, { query });

/** Connections of the server that are at a statement or inside a transaction. */
const inUse = async (): Promise<number> =>
  (
    await watcher.query<{ count: number }>(
      "select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'crm-graph' and state <> 'idle'",
    )
  ).rows[0]!.count;

/** Asks for a file and reads nothing of it. */
async function unread(code: string): Promise<Socket> {
  const { hostname, port } = new URL(server.address!);
  const socket = connect({ port: Number(port), host: hostname });
  socket.pause();
  socket.on('error', () => {});
  socket.write(`GET /export/customers.csv HTTP/1.1\r\nHost: x\r\nAuthorization: ${await bearer(code)}\r\n\r\n`);
  return socket;
}

test('exports that nobody reads, keyed changes that wait and reads together have the share of their tenant, and others are answered', async () => {
  for (const code of ['noisy', 'other']) expect((await ask(code, '{ customers { totalCount } }')).status).toBe(200);
  const [{ id: tenantId }] = (await owner.query("select id from tenant where code = 'noisy'")).rows;
  await owner.query("select set_config('app.tenant_id', $1, false)", [tenantId]);
  await owner.query(
    `insert into customer (tenant_id, id, account_no, code, name, address) select app_tenant(), gen_random_uuid(), 'X' || n, 'X' || n, '客户' || n, repeat('客', 6000) from generate_series(1, 1500) n returning tenant_id`,
  );
  const { customers } = (await ask('noisy', '{ customers(first: 1) { nodes { id } } }')).body.data;
  const [{ id }] = customers.nodes;
  const update = `mutation { customerUpdate(id: "${id}", input: { region: "华东" }) { userErrors { code } } }`;
  // what is known to be quick is let onto the shared connections
  for (let n = 0; n < 10; n += 1) expect((await ask('noisy', update)).status).toBe(200);
  const exports = await Promise.all(Array.from({ length: 8 }, () => unread('noisy')));
  try {
    await eventually(inUse, (count) => count >= 3);
    // whoever changes the record waits for the one who holds it
    await owner.query('begin');
    await owner.query('select id from customer where id = $1 for update', [id]);
    const changes = Array.from({ length: 30 }, (_, n) =>
      ask('noisy', update, n % 2 === 0 ? { 'idempotency-key': `change ${n}` } : {}),
    );
    const reads = Array.from({ length: 10 }, () => ask('noisy', '{ customers(first: 50) { nodes { address } } }'));
    const used: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const { status, body } = await ask('other', '{ customers { totalCount } }');
      expect([status, body]).toEqual([200, { data: { customers: { totalCount: 0 } } }]);
      used.push(await inUse());
    }
    expect(Math.max(...used)).toBe(share);
    await owner.query('rollback');
    for (const socket of exports) socket.destroy();
    const statuses = (await Promise.all([...changes, ...reads])).map(({ status }) => status);
    expect(statuses.filter((status) => ![200, 429].includes(status))).toEqual([]);
  } finally {
    await owner.query('rollback');
    for (const socket of exports) socket.destroy();
  }
  await eventually(inUse, (count) => count === 0);
  expect((await ask('noisy', update)).body.data).toEqual({ customerUpdate: { userErrors: [] } });
}, 30_000);
