import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';

// A server that is told to stop answers what is under way, takes nothing new, and ends in bounded time whatever hangs.

let database: OwnDatabase;
let owner: pg.Client;
let authorization: string;
beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'one' })}`;
}, 120_000);
afterAll(() => owner.end());

const started = (seconds: number): Promise<Started> =>
  startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DRAIN_SECONDS: String(seconds),
    // what the server does by itself does not wait for the lock as well
    CRM_ROUND_SECONDS: '3600',
  });

const graph = async (server: Started, query: string): Promise<unknown> => {
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return [response.status, await response.json()];
};
const create = (name: string): string =>
  `mutation { customerCreate(input: { name: "${name}" }) { customer { name } userErrors { code } } }`;
const names = async (): Promise<string[]> => {
  await owner.query("select set_config('app.tenant_id', (select id::text from tenant where code = 'one'), false)");
  return (await owner.query<{ name: string }>('select name from customer order by number')).rows.map(
    ({ name }) => name,
  );
};

const waiting = async (): Promise<number> =>
  Number(
    (await owner.query("select count(*) from pg_locks where not granted and relation = 'customer'::regclass")).rows[0]
      .count,
  );
async function until(count: number): Promise<void> {
  for (let n = 0; n < 250 && (await waiting()) !== count; n += 1) await wait(20);
  expect(await waiting()).toBe(count);
}

test('what is under way is answered, nothing new is taken, and streams are asked to come back', async () => {
  const server = await started(20);
  await graph(server, create('甲'));
  const events = await fetch(`${server.address}/api/v1/events`, {
    headers: { authorization, accept: 'text/event-stream' },
  });
  const ended = events.text();
  const raw = await rawSocket({ token: authorization.slice(7), server: server.address! });
  await owner.query('begin; lock table customer in access exclusive mode');
  const write = graph(server, create('乙'));
  const read = graph(server, '{ customers { totalCount } }');
  await until(2);
  const stopped = server.stop();
  expect((await raw.closed())[0]).toBe(1001);
  expect(await ended).toContain('the feed begins');
  const refused = new Promise<string>((settle) => {
    const { hostname, port } = new URL(server.address!);
    connect(Number(port), hostname)
      .once('error', (error: NodeJS.ErrnoException) => settle(error.code!))
      .once('connect', () => settle('connected'));
  });
  expect(await refused).toBe('ECONNREFUSED');
  await owner.query('rollback');
  expect(await write).toEqual([200, { data: { customerCreate: { customer: { name: '乙' }, userErrors: [] } } }]);
  expect((await read) as unknown[]).toEqual([200, { data: { customers: { totalCount: expect.any(Number) } } }]);
  await stopped;
  expect(await names()).toEqual(['甲', '乙']);
});

test('what hangs is cut and stopped when the time is over: nothing of it runs on, and nothing of it is kept', async () => {
  const server = await started(1);
  const before = await names();
  await owner.query('begin; lock table customer in access exclusive mode');
  const asked = [
    ...['丙', '丁'].map((name) => graph(server, create(name))),
    ...Array.from({ length: 3 }, (_, n) => graph(server, `{ customers(first: ${n + 1}) { totalCount } }`)),
  ].map((each) => each.catch((error: Error) => error.name));
  await until(5);
  const since = performance.now();
  await server.stop();
  expect(performance.now() - since).toBeLessThan(15_000);
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 5 }, () => 'TypeError'));
  await until(0);
  await owner.query('rollback');
  expect(await names()).toEqual(before);
});
