import { isDeepStrictEqual } from 'node:util';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { rareRounds } from '../support/quick.js';
import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';

// Liveness, readiness and start-up are asked for apart: what is not ready is not dead.

let database: OwnDatabase;
let owner: pg.Client;
const servers: Started[] = [];

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  owner.on('error', () => {});
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await owner.end().catch(() => {});
  await database.stop();
});

async function started(more: Record<string, string> = {}): Promise<Started> {
  const server = await startAnother({
    // no job of a server's waits for the lock of a test
    ...rareRounds,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DATA_DIR: database.directory,
    ...more,
  });
  servers.push(server);
  return server;
}

const probe = async (server: Started, path: string): Promise<[status: number, body: unknown]> => {
  const { status, body } = await send('GET', server.address + path);
  return [status, body];
};
const ok = [200, { status: 'ok' }];
const unready = (reasons: object): unknown => [503, { status: 'unavailable', reasons }];

test('all are good while all is well, and none may be kept by a cache', async () => {
  const server = await started();
  for (const path of ['/livez', '/readyz', '/startupz']) {
    expect([path, await probe(server, path)]).toEqual([path, ok]);
    expect((await send('GET', server.address + path)).headers.get('cache-control')).toBe('no-store');
  }
});

test('a migration that is missing is named', async () => {
  const [server] = servers;
  await owner.query("delete from schema_migration where name = '0001-initial'");
  expect(await probe(server!, '/readyz')).toEqual(unready({ migrations: { missing: ['0001-initial'] } }));
  expect([await probe(server!, '/livez'), await probe(server!, '/startupz')]).toEqual([ok, ok]);
  await owner.query("insert into schema_migration (name) values ('0001-initial')");
  expect(await probe(server!, '/readyz')).toEqual(ok);
});

test('a database that only reads makes the server unready', async () => {
  const [server] = servers;
  const name = new URL(database.ownerUrl).pathname.slice(1);
  const set = async (sql: string): Promise<void> => {
    await owner.query(`alter database "${name}" ${sql}`);
    await owner.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = $2 and pid <> pg_backend_pid()',
      [name, new URL(database.ownerUrl).username],
    );
  };
  await set('set default_transaction_read_only = on');
  // a new server, since sessions keep what they began with
  const other = startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: `${database.ownerUrl}?options=-c%20default_transaction_read_only%3Doff`,
  });
  const reading = await other;
  servers.push(reading);
  // its first connection may be on the way
  const readOnly = unready({ database: 'read-only' });
  await eventually(
    () => probe(reading, '/readyz'),
    (answer) => isDeepStrictEqual(answer, readOnly),
  );
  expect([await probe(reading, '/readyz'), await probe(reading, '/startupz')]).toEqual([readOnly, readOnly]);
  expect(await probe(reading, '/livez')).toEqual(ok);
  await set('reset default_transaction_read_only');
  expect(await probe(server!, '/readyz')).toEqual(ok);
});

/** Begins a request, which keeps its connection from being idle; what is given ends it and takes its status and JSON. */
function begun(server: Started, path: string): () => Promise<[number, unknown]> {
  const { hostname, port } = new URL(server.address!);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n`);
  return async () => {
    socket.write('Connection: close\r\n\r\n');
    const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
    return [Number(head.split(' ')[1]), JSON.parse(body)];
  };
}

test('a server that is being stopped is alive and no longer ready', async () => {
  // what waits for the lock waits as long as stopping takes
  const server = await started({ CRM_STATEMENT_SECONDS: 'read=120', CRM_DRAIN_SECONDS: '60' });
  const bearer = await token({ sub: 'admin', tenant_id: 'one' });
  const graph = (query: string): Promise<unknown> =>
    fetch(`${server.address}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query }),
    }).then((response) => response.json());
  await graph('{ customers { totalCount } }');
  await owner.query('begin; lock table customer in access exclusive mode');
  const read = fetch(`${server.address}/api/v1/crm/accounts`, { headers: { authorization: `Bearer ${bearer}` } });
  const [ready, live] = [begun(server, '/readyz'), begun(server, '/livez')];
  await eventually(
    () => owner.query("select 1 from pg_locks where not granted and relation = 'customer'::regclass"),
    ({ rowCount }) => rowCount! > 0,
  );
  const stopped = server.stop();
  await eventually(
    () => fetch(`${server.address}/livez`, { headers: { connection: 'close' } }).catch(() => null),
    (response) => response === null,
  );
  const unavailable = { status: 'unavailable', reasons: { server: 'stopping' } };
  expect(await Promise.all([ready(), live()])).toEqual([
    [503, unavailable],
    [200, { status: 'ok' }],
  ]);
  await owner.query('rollback');
  expect((await read).status).toBe(200);
  await stopped;
});

test('a database that is gone makes the server unready, not dead', async () => {
  const [server] = servers;
  await database.stop();
  expect(await probe(server!, '/readyz')).toEqual(unready({ database: 'unreachable' }));
  expect([await probe(server!, '/livez'), await probe(server!, '/startupz')]).toEqual([ok, ok]);
});
