import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Row } from '../../src/core/database.js';
import { Presence } from '../../src/core/presence.js';
import { Pool } from '../../src/database/pool.js';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token, type Answer } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import type { Data } from '../support/tenant.js';

// No statement runs for ever, and none runs for somebody who has gone.

let database: OwnDatabase;
let server: Started;
let owner: pg.Client;
/** with the role of the server, which may see what its connections are at */
let same: pg.Client;
/** how many connections a tenant may have at once */
const share = 3;
const deadlines = 'read=1,write=2,report=3,export=3,job=600';
/** Where reads may take as long as a test does. */
const longReads = 'read=60';
const serverWith = (seconds: string): Promise<Started> =>
  startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DATABASE_POOL: '6',
    CRM_DATABASE_TENANT_SHARE: String(share),
    CRM_STATEMENT_SECONDS: seconds,
    CRM_TENANT_AUTOCREATE: '1',
  });

beforeAll(async () => {
  database = await ownDatabase();
  server = await serverWith(deadlines);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  same = new pg.Client({ connectionString: database.serverUrl });
  await same.connect();
}, 120_000);
afterAll(async () => {
  await server.stop();
  await owner.end();
  await same.end();
});

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer & { ms: number }> {
  const since = performance.now();
  const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'one' })}`;
  const answer = await send(method, server.address + path, { authorization, 'x-tenant-id': 'one', ...headers }, body);
  return { ...answer, ms: performance.now() - since };
}
const graph = (query: string, headers: Record<string, string> = {}): Promise<Answer & { ms: number }> =>
  ask('POST', '/graphql', { query }, headers);

/** Keeps every reader and writer of customers waiting while the work is done. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  await owner.query('begin; lock table customer in access exclusive mode');
  try {
    return await work();
  } finally {
    await owner.query('rollback');
  }
}

/** How many statements of requests wait for the lock: not what the server asks by itself every half minute. */
const waiting = async (): Promise<number> =>
  Number(
    (
      await same.query(
        `select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid
         where not l.granted and l.relation = 'customer'::regclass and a.query not like 'select coalesce((select true from%'`,
      )
    ).rows[0].count,
  );

async function until(count: number): Promise<void> {
  let now = await waiting();
  for (let n = 0; n < 200 && now !== count; n += 1) {
    await wait(20);
    now = await waiting();
  }
  expect(now).toBe(count);
}

const query = '{ customers(first: 1) { totalCount } }';
const create = (name: string): string =>
  `mutation { customerCreate(input: { name: "${name}" }) { customer { id } userErrors { code } } }`;

const codeIn = ({ errors }: Data): string => errors[0].extensions.code;
const messageIn = ({ message }: Data): string => message;
const stopped = '处理时间过长，已停止，未作任何更改；请减少单次请求的数据量或稍后重试';

test.each<
  [
    what: string,
    seconds: number,
    work: () => Promise<Answer & { ms: number }>,
    answer: [number, string],
    said: (body: Data) => string,
  ]
>([
  ['a read', 1, () => graph(query), [503, 'TIMED_OUT'], codeIn],
  ['a read by resolvers', 1, () => graph(query, { 'x-crm-executor': 'plain' }), [503, 'TIMED_OUT'], codeIn],
  // the payload of a mutation is null then, as of any that fails
  ['a write', 2, () => graph(create('乙')), [200, 'TIMED_OUT'], codeIn],
  ['a report', 3, () => graph('{ analyticsOverview { totalCustomers } }'), [503, 'TIMED_OUT'], codeIn],
  // this dialect knows 500 alone
  ['a list of erp', 1, () => ask('GET', '/api/v1/crm/accounts'), [503, stopped], messageIn],
  ['a list of cell', 1, () => ask('GET', '/customers'), [503, stopped], messageIn],
  ['a list of lifecycle', 1, () => ask('GET', '/api/v1/customers'), [503, stopped], messageIn],
  ['a list of platform', 1, () => ask('GET', '/api/v1/customers/'), [503, stopped], messageIn],
  ['an export', 3, () => ask('GET', '/export/customers.csv'), [503, 'TIMED_OUT'], codeIn],
])('%s is stopped after %d s', async (_what, seconds, work, answer, said) => {
  expect((await graph(query)).status).toBe(200);
  const { status, body, ms } = await whileLocked(work);
  expect([status, said(body)]).toEqual(answer);
  expect(ms).toBeGreaterThan(seconds * 1_000 - 100);
  // what the server does by itself may have waited as well
  await until(0);
  expect((await graph(query)).body).toEqual({ data: { customers: { totalCount: 0 } } });
});

test('what is read for clients that have gone is stopped, and the connections serve others', async () => {
  const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'one' })}`;
  const gone = (path: string, init: RequestInit, atOnce = share): ((count: number) => Promise<void>) => {
    return async (count) => {
      const leaving = new AbortController();
      const asked = Array.from({ length: count }, () =>
        fetch(server.address + path, {
          ...init,
          signal: leaving.signal,
          headers: { authorization, 'content-type': 'application/json', 'x-tenant-id': 'one' },
        }).catch(() => {}),
      );
      await until(Math.min(count, atOnce));
      leaving.abort();
      await Promise.all(asked);
      await until(0);
    };
  };
  const lists = gone('/graphql', {
    method: 'POST',
    body: JSON.stringify({ query: '{ customers(first: 7) { totalCount } }' }),
  });
  // portions of one tenant's files are read one after the other
  const exported = gone('/export/customers.csv', {}, 1);
  const dialect = gone('/api/v1/customers?page=1', {});
  await whileLocked(async () => {
    for (let round = 0; round < 3; round += 1) {
      await lists(2);
      await dialect(2);
    }
    await exported(2);
    // what waits for a connection waits no longer
    await lists(12);
  });
  for (let n = 0; n < 30; n += 1) expect((await graph(query)).body).toEqual({ data: { customers: { totalCount: 0 } } });
  expect(server.output()).not.toMatch(/"level":(?:50|60)/);
});

test('a change is carried out although its client has gone', async () => {
  await whileLocked(async () => {
    const leaving = new AbortController();
    const asked = fetch(`${server.address}/graphql`, {
      method: 'POST',
      signal: leaving.signal,
      headers: {
        authorization: `Bearer ${await token({ sub: 'admin', tenant_id: 'two' })}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: create('丙') }),
    }).catch(() => {});
    await until(1);
    leaving.abort();
    await asked;
    await wait(300);
    expect(await waiting()).toBe(1);
  });
  await until(0);
  expect((await owner.query('select count(*) from audit_entry')).rows).toHaveLength(1);
});

test('what is read for an operation that a socket completes is stopped, and the socket goes on; a change is carried out', async () => {
  const patient = await serverWith(longReads);
  const raw = await rawSocket({ token: await token({ sub: 'admin', tenant_id: 'one' }), server: patient.address! });
  const { totalCount } = (await graph(query)).body.data.customers;
  const begin = (id: string, text: string): void => raw.send({ id, type: 'subscribe', payload: { query: text } });
  await whileLocked(async () => {
    for (let round = 0; round < 3; round += 1) {
      for (const id of ['a', 'b', 'c']) begin(`${id}${round}`, '{ customers(first: 8) { totalCount } }');
      await until(3);
      // one that is completed before it has begun, and one that stays
      begin(`d${round}`, query);
      for (const id of ['a', 'b', 'd']) raw.send({ id: `${id}${round}`, type: 'complete' });
      await until(1);
      raw.send({ id: `c${round}`, type: 'complete' });
      await until(0);
    }
    begin('change', create('丙'));
    await until(1);
    raw.send({ id: 'change', type: 'complete' });
    await wait(300);
    expect(await waiting()).toBe(1);
  });
  const counted = async (): Promise<number> => (await graph(query)).body.data.customers.totalCount;
  for (let n = 0; n < 100 && (await counted()) === totalCount; n += 1) await wait(20);
  begin('after', query);
  const { id, type, payload } = await raw.next();
  expect([id, type, payload]).toEqual(['after', 'next', { data: { customers: { totalCount: totalCount + 1 } } }]);
  expect(await raw.next()).toEqual({ id: 'after', type: 'complete' });
  expect(raw.waiting).toEqual([]);
  await patient.stop();
});

test('on shared connections what is stopped takes nothing of others with it', async () => {
  const pool = new Pool({ url: database.serverUrl, size: 9 });
  const nobody = '01900000-0000-7000-8000-000000000000';
  const slept = (seconds: number, presence?: Presence): Promise<unknown> =>
    pool.read(nobody, { name: 'slept', text: 'select pg_sleep($1::float8)', values: [String(seconds)] }, presence);
  try {
    for (let n = 0; n < 8; n += 1) await slept(0);
    for (let round = 0; round < 20; round += 1) {
      const [gone, stays] = [new Presence(), new Presence()];
      const stopped = slept(20, gone).catch((error: { code: string }) => error.code);
      const others = Array.from({ length: 30 }, () => slept(0.002, stays));
      await wait(round);
      gone.leave();
      expect(await stopped).toBe('57014');
      await Promise.all(others);
    }
  } finally {
    await pool.end();
  }
});

test.each([
  ['a connection of its own', undefined],
  ['a shared connection', 'stopped'],
] as const)('on %s what has not begun when it is to be stopped is stopped when it begins', async (_what, name) => {
  const pool = new Pool({ url: database.serverUrl, size: name ? 5 : 1 });
  const nobody = '01900000-0000-7000-8000-000000000000';
  const slept = (seconds: number, presence?: Presence): Promise<Row[]> =>
    pool.read(
      nobody,
      { text: 'select pg_backend_pid(), pg_sleep($1::float8)', values: [String(seconds)], ...(name && { name }) },
      presence,
    );
  let backend = 0;
  try {
    for (let n = 0; n < 8; n += 1) backend = Number((await slept(0))[0]![0]);
    process.kill(backend, 'SIGSTOP');
    const gone = new Presence();
    const stopped = slept(20, gone).catch((error: { code: string }) => error.code);
    await wait(50);
    gone.leave();
    await wait(50);
    process.kill(backend, 'SIGCONT');
    expect(await stopped).toBe('57014');
    for (let n = 0; n < 5; n += 1) expect(await slept(0)).toEqual([[expect.stringMatching(/^\d+$/), '']]);
  } finally {
    process.kill(backend, 'SIGCONT');
    await pool.end();
  }
});
