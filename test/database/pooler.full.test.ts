import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { carriesPrepared } from '../../src/database/pooler.js';
import { environmentOf, ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, token, type Answer } from '../support/http.js';
import { pooler, poolerVersion, type Pooler } from '../support/pooler.js';
import { startAnother, type Started, plain, startListening, type Listening } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { bases, type Data, type Dialect } from '../support/tenant.js';

// PgBouncer (Debian's, unless another one comes first in PATH) before PostgreSQL, which gives each transaction another of few connections, beside a server without it.

let database: OwnDatabase;
let before: Pooler;
let through: Listening;
let direct: Listening;

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
  ...plain(),
  ...environmentOf(database),
  ...extra,
});

/** An empty value is none. */
const pooled = (extra: Record<string, string> = {}): Record<string, string> =>
  environment({
    CRM_DATABASE_POOLER: '1',
    CRM_DATABASE_URL: before.of(database.serverUrl),
    CRM_DATABASE_OWNER_URL: before.of(database.ownerUrl),
    CRM_DATABASE_LISTEN_URL: database.serverUrl,
    ...extra,
  });

async function start(given: Record<string, string>): Promise<Listening> {
  return startListening(given);
}

beforeAll(async () => {
  database = await ownDatabase({ migrated: false });
  before = await pooler([database.serverUrl, database.ownerUrl]);
  // two at once, on an empty database: the migrations run once
  const [first, second] = await Promise.all([start(pooled()), start(pooled())]);
  await second.stop();
  through = first;
  direct = await start(environment());
}, 180_000);
afterAll(async () => {
  await Promise.all([through?.stop(), direct?.stop()]);
  await before?.stop();
  await database?.stop();
});

interface Person {
  bearer: string;
  graph: (query: string, variables?: object, at?: Started, headers?: Record<string, string>) => Promise<Answer>;
  rest: (dialect: Dialect, method: string, path: string, body?: unknown, at?: Started) => Promise<Answer>;
}

async function person(code = `t-${randomUUID()}`): Promise<Person> {
  const bearer = await token({ sub: randomUUID(), tenant_id: code });
  const authorization = `Bearer ${bearer}`;
  return {
    bearer,
    graph: (query, variables = {}, at = through, headers = {}) =>
      send('POST', `${at.address}/graphql`, { authorization, ...headers }, { query, variables }),
    rest: (dialect, method, path, body, at = through) =>
      send(method, `${at.address}${bases[dialect]}${path}`, { authorization, 'x-api-dialect': dialect }, body),
  };
}

const create =
  'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id number name createdAt } userErrors { code } } }';

async function customer(by: Person, name: string, at = through): Promise<Data> {
  const { body } = await by.graph(create, { input: { name } }, at);
  if (!body.data?.customerCreate?.customer) throw new Error(JSON.stringify(body));
  return body.data.customerCreate.customer;
}

const { version, carriesPrepared: carried } = poolerVersion();

test(`PgBouncer ${version} carries ${carried ? '' : 'no '}prepared statements, and PostgreSQL alone is not taken for one that does`, async () => {
  expect(await carriesPrepared({ connectionString: before.of(database.serverUrl) })).toBe(carried);
  expect(await carriesPrepared({ connectionString: database.serverUrl })).toBe(false);
  expect(through.output()).toContain(`"carriesPrepared":${carried}`);
});

/** A body without what every answer has of its own, and without the address of its server. */
const comparable = (body: Data, { address }: { address: string }): string =>
  JSON.stringify(body, (key, value: unknown) =>
    ['timestamp', 'trace_id'].includes(key) ? undefined : value,
  ).replaceAll(address, '');

test('requests of all faces are answered as without it: 600 reads and writes at once, in several tenants', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => person()));
  const outcomes = await Promise.all(
    Array.from({ length: 600 }, async (_, n) => {
      const by = people[n % people.length]!;
      if (n % 3 === 0) return customer(by, `并发${n}`).then(() => 200);
      if (n % 3 === 1)
        return by
          .graph(
            '{ customers(first: 5) { totalCount nodes { name owner { name } contacts(first: 2) { edges { node { name } } } } } }',
          )
          .then(({ status, body }) => (body.errors ? JSON.stringify(body) : status));
      return by.rest('erp', 'GET', '/accounts?pageSize=5').then(({ status }) => status);
    }),
  );
  expect(outcomes.filter((outcome) => outcome !== 200)).toEqual([]);
  const reads: Array<(by: Person, at: Started) => Promise<Answer>> = [
    (by, at) =>
      by.graph(
        '{ customers(first: 100, orderBy: [{ field: NUMBER, direction: ASC }]) { totalCount nodes { id number name createdAt version } } }',
        {},
        at,
      ),
    (by, at) => by.graph('{ auditEntries(first: 50) { totalCount nodes { at operation actorLogin } } }', {}, at),
    (by, at) => by.graph('{ changes(after: "0", first: 50) { cursor events { type at } } }', {}, at),
    ...(['erp', 'cell', 'lifecycle', 'platform'] as const).map(
      (dialect) => (by: Person, at: Started) =>
        by.rest(
          dialect,
          'GET',
          { erp: '/accounts', cell: '/customers', lifecycle: '/customers', platform: '/customers/' }[dialect],
          undefined,
          at,
        ),
    ),
    (by, at) => send('GET', `${at.address}/export/customers.csv`, { authorization: `Bearer ${by.bearer}` }),
    (by, at) => send('GET', `${at.address}/api/v1/events?after=0`, { authorization: `Bearer ${by.bearer}` }),
  ];
  for (const by of people)
    for (const read of reads) {
      const [one, other] = [await read(by, through), await read(by, direct)];
      expect([one.status, comparable(one.body, through)]).toEqual([200, comparable(other.body, direct)]);
    }
}, 120_000);

test('a keyed write is carried out once, by whichever server it comes to', async () => {
  const by = await person();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      by.graph(create, { input: { name: '一次' } }, n % 2 === 0 ? through : direct, { 'idempotency-key': 'one' }),
    ),
  );
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect((await by.graph('{ customers { totalCount } }')).body.data).toEqual({ customers: { totalCount: 1 } });
}, 60_000);

test('subscribers of both servers get what either writes, at once', async () => {
  const by = await person();
  await customer(by, '开始');
  const sockets = await Promise.all([through, direct].map((at) => rawSocket({ token: by.bearer, server: at.address })));
  for (const socket of sockets)
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { customerChanged(after: "1") { customer { name } } }' },
    });
  const since = performance.now();
  await customer(by, '经过连接池', through);
  await customer(by, '直接', direct);
  for (const socket of sockets) {
    expect((await socket.next()).payload).toEqual({ data: { customerChanged: { customer: { name: '经过连接池' } } } });
    expect((await socket.next()).payload).toEqual({ data: { customerChanged: { customer: { name: '直接' } } } });
  }
  // not found by looking every two seconds
  expect(performance.now() - since).toBeLessThan(1_800);
}, 60_000);

test('no tenant sees another one, though they take turns on the same connections', async () => {
  const [one, two] = await Promise.all([person(), person()]);
  const [mine, theirs] = await Promise.all([customer(one, '甲方'), customer(two, '乙方')]);
  const asked = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const [by, own, other] = n % 2 === 0 ? [one, mine, theirs] : [two, theirs, mine];
      const { body } = await by.graph(
        'query ($own: ID!, $other: ID!) { own: customer(id: $own) { name } other: customer(id: $other) { name } customers { totalCount } }',
        { own: own.id, other: other.id },
      );
      return JSON.stringify(body.data) ===
        JSON.stringify({ own: { name: own.name }, other: null, customers: { totalCount: 1 } })
        ? undefined
        : body;
    }),
  );
  expect(asked.filter(Boolean)).toEqual([]);
  const { body } = await one.graph(
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "改" }) { customer { name } userErrors { code } } }',
    { id: theirs.id },
  );
  expect(body.data.customerUpdate).toEqual({ customer: null, userErrors: [{ code: 'NOT_FOUND' }] });
  // whatever connection of the pooler it is: nobody's tenant stays on it
  const client = new pg.Client({ connectionString: before.of(database.serverUrl) });
  await client.connect();
  const left = new Set<string>();
  for (let n = 0; n < 20; n += 1)
    left.add(
      (
        await client.query("select coalesce(current_setting('app.tenant_id', true), '') as it, current_user as who")
      ).rows
        .map(({ it, who }) => `${it}${who}`)
        .join(),
    );
  await client.end();
  expect([...left]).toEqual(['crm_server']);
}, 60_000);

test('a statement that takes too long is stopped, and an abandoned one leaves nothing behind', async () => {
  const slow = await start(pooled({ CRM_STATEMENT_SECONDS: 'write=1' }));
  const by = await person();
  const { id } = await customer(by, '锁住');
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    await owner.query('begin');
    await owner.query('lock table customer in exclusive mode');
    const rename = 'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "改" }) { userErrors { code } } }';
    const since = performance.now();
    const { body } = await by.graph(rename, { id }, slow);
    expect(JSON.stringify(body)).toMatch(/TIMED_OUT|CONTENDED/);
    expect(performance.now() - since).toBeLessThan(5_000);
    await owner.query('rollback');
    expect((await by.graph(rename, { id }, slow)).body.data).toEqual({ customerUpdate: { userErrors: [] } });
  } finally {
    await owner.end();
    await slow.stop();
  }
}, 60_000);

test('when the pooler goes, requests are refused as UNAVAILABLE, and answered again when it is back', async () => {
  const own = await pooler([database.serverUrl, database.ownerUrl]);
  const server = await start(
    environment({
      CRM_DATABASE_POOLER: '1',
      CRM_DATABASE_URL: own.of(database.serverUrl),
      CRM_DATABASE_OWNER_URL: own.of(database.ownerUrl),
      CRM_DATABASE_LISTEN_URL: database.serverUrl,
    }),
  );
  const by = await person();
  await customer(by, '先', server);
  await own.end();
  const { body } = await by.graph('{ customers { totalCount } }', {}, server);
  expect(body.errors[0].extensions.code).toBe('UNAVAILABLE');
  await own.start();
  expect((await by.graph('{ customers { totalCount } }', {}, server)).body).toEqual({
    data: { customers: { totalCount: 1 } },
  });
  await server.stop();
  await own.stop();
}, 60_000);

test.each([
  [
    { CRM_DATABASE_URL: '', CRM_DATABASE_OWNER_URL: '' },
    /^CRM_DATABASE_POOLER needs CRM_DATABASE_URL, the address of the pooler\.\n$/,
  ],
  [{ CRM_DATABASE_OWNER_URL: '' }, /^CRM_DATABASE_POOLER needs CRM_DATABASE_OWNER_URL: .*\.\n$/],
  [
    { CRM_DATABASE_LISTEN_URL: '' },
    /^CRM_DATABASE_POOLER needs CRM_DATABASE_LISTEN_URL, an address without the pooler: .*\.\n$/,
  ],
  [
    { CRM_DATABASE_LISTEN_URL: 'pooler' },
    /^CRM_DATABASE_LISTEN_URL must be an address of the same database without a pooler: a notification did not arrive there\.\n$/,
  ],
  [
    { CRM_DATABASE_LISTEN_URL: 'postgres://nobody:x@127.0.0.1:1/crm' },
    /^CRM_DATABASE_LISTEN_URL must be an address of the database without a pooler; it cannot be listened at: .*\.\n$/,
  ],
  [
    { CRM_DATABASE_POOLER: '', CRM_DATABASE_LISTEN_URL: '' },
    /^A pooler stands before the database, .*: set CRM_DATABASE_POOLER=1\.\n$/,
  ],
] as const)(
  'what cannot work is refused at start, in a sentence that names the key: %j',
  async (given, sentence) => {
    const isPooler = 'CRM_DATABASE_LISTEN_URL' in given && given.CRM_DATABASE_LISTEN_URL === 'pooler';
    const started = await startAnother(
      pooled({ ...given, ...(isPooler && { CRM_DATABASE_LISTEN_URL: before.of(database.serverUrl) }) }),
    );
    expect([started.code, started.address]).toEqual([1, undefined]);
    expect(started.stderr).toMatch(sentence);
  },
  60_000,
);

test('a pooler that lets no settings pass is noticed at start where the server does not know of it', async () => {
  const silent = await pooler([database.serverUrl, database.ownerUrl], ['ignore_startup_parameters = options']);
  const started = await startAnother(environment({ CRM_DATABASE_URL: silent.of(database.serverUrl) }));
  expect(started.stderr).toMatch(/^CRM_DATABASE_POOLER must be 1: .*\.\n$/);
  await silent.stop();
}, 60_000);
