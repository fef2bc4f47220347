import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { environmentOf } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { send, token } from '../support/http.js';
import { parseMetrics } from '../support/prometheus.js';
import { replicated, type Replicated } from '../support/replicas.js';
import { startAnother, type Started, plain, startListening, type Listening } from '../support/server.js';
import { ask, reads, Writer, writes, type Answered } from './writer.js';
import { countOf } from '../support/generated.js';

// Two streaming replicas of one PostgreSQL, and two servers that read from them: whoever has written sees it, whichever face of
// whichever server they ask, also while replicas are behind, away, frozen and no replicas any more.

let database: Replicated;
let servers: Listening[];

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
  ...plain(),
  ...environmentOf(database),
  CRM_DATABASE_REPLICA_URLS: database.replicas.map(({ url }) => url).join(),
  ...extra,
});

async function start(extra: Record<string, string> = {}): Promise<Listening> {
  return startListening(environment(extra));
}

beforeAll(async () => {
  database = await replicated(2);
  servers = [await start(), await start()];
}, 180_000);
afterAll(async () => {
  await Promise.all(servers?.map((server) => server.stop()) ?? []);
  await database?.stop();
});

/** So many writers in tenants of their own and together, each with so many interleavings; what was wrong, and who answered. */
async function interleaved(writers: number, each: number): Promise<{ wrong: unknown[]; answeredBy: string[] }> {
  const run = randomUUID().slice(0, 8);
  const all = await Promise.all(
    Array.from({ length: writers }, (_, n) => Writer.in(servers, `replicas-${run}-${Math.floor(n / 2)}`, n)),
  );
  await Promise.all(
    all.map(async (writer) => {
      for (let n = 0; n < each; n += 1) {
        await writer.write(Math.floor(Math.random() * writes));
        await writer.read(Math.floor(Math.random() * reads), Math.floor(Math.random() * servers.length));
      }
    }),
  );
  return { wrong: all.flatMap(({ wrong }) => wrong), answeredBy: all.flatMap(({ answeredBy }) => answeredBy) };
}

const shareOf = (answeredBy: readonly string[], who: (by: string) => boolean): number =>
  answeredBy.filter(who).length / answeredBy.length;

const isReplica = (by: string): boolean => by === '1' || by === '2';

async function statesOf(server: Started): Promise<Record<string, number>> {
  const operator = await token({ sub: 'operator', tenant_id: 'operators', roles: ['platform_admin'] });
  const { body } = await send('GET', `${server.address}/metrics/server`, { authorization: `Bearer ${operator}` });
  const { samples } = parseMetrics(String(body)).get('crm_replica_up')!;
  return Object.fromEntries(samples.map(({ labels, value }) => [labels['replica']!, value]));
}

/** Asks both servers something, so that they look at their replicas, until these are as wished. */
async function until(wished: Record<string, number>): Promise<void> {
  const bearer = await token({ sub: 'looker', tenant_id: 'lookers' });
  for (const server of servers)
    await eventually(
      async () => {
        await ask(
          server,
          'POST',
          '/graphql',
          { authorization: `Bearer ${bearer}` },
          { query: '{ customers { totalCount } }' },
        );
        return statesOf(server);
      },
      (states) => JSON.stringify(states) === JSON.stringify(wished),
    );
}

test('writes, in full 10,000 of them, each followed by reads through any face: every one sees what was written, and replicas answer', async () => {
  const { wrong, answeredBy } = await interleaved(20, countOf({ few: 75, all: 500 }));
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(shareOf(answeredBy, isReplica)).toBeGreaterThan(0.2);
  expect(shareOf(answeredBy, (by) => by === 'primary')).toBeGreaterThan(0);
  for (const name of ['1', '2']) expect(shareOf(answeredBy, (by) => by === name)).toBeGreaterThan(0.05);
}, 300_000);

/** Somebody in a tenant of their own, who reads at the first server. */
async function reading(): Promise<() => Promise<Answered>> {
  const authorization = `Bearer ${await token({ sub: 'reader', tenant_id: `readers-${randomUUID()}` })}`;
  return () => ask(servers[0]!, 'POST', '/graphql', { authorization }, { query: '{ customers { totalCount } }' });
}

test('reads of those who write nothing are answered by replicas, in one round trip', async () => {
  const read = await reading();
  await read();
  await pause(300);
  await read();
  await pause(300);
  const answers = await Promise.all(Array.from({ length: 40 }, read));
  expect(new Set(answers.map(({ by }) => by))).toEqual(new Set(['1', '2']));
  expect(answers[0]!.position).toMatch(/^\d+-[\dA-F]+\/[\dA-F]+$/);
}, 60_000);

test('while one replica is behind and the other one comes and goes, nobody sees less than they have written, and nothing fails', async () => {
  const [slow, gone] = database.replicas;
  let running = true;
  const trouble = (async () => {
    while (running) {
      await slow!.sql('select pg_wal_replay_pause()');
      await gone!.kill();
      await pause(1_500);
      await slow!.sql('select pg_wal_replay_resume()');
      await gone!.start();
      await pause(1_500);
    }
  })();
  const { wrong, answeredBy } = await interleaved(12, 150);
  running = false;
  await trouble;
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(answeredBy.length).toBeGreaterThan(1_000);
  await until({ 1: 1, 2: 1 });
}, 300_000);

test('a replica that neither answers nor refuses holds nobody up for longer than three seconds, is left out, and comes back', async () => {
  const read = await reading();
  await read();
  await pause(300);
  await read();
  database.replicas[0]!.suspend();
  try {
    const since = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, read));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(performance.now() - since).toBeLessThan(3_000);
    await until({ 1: 0, 2: 1 });
    const quick = performance.now();
    for (let n = 0; n < 20; n += 1) expect((await read()).by).not.toBe('1');
    expect(performance.now() - quick).toBeLessThan(1_000);
  } finally {
    database.replicas[0]!.resume();
  }
  await until({ 1: 1, 2: 1 });
}, 60_000);

test('events are followed to their ends wherever they are asked for', async () => {
  const bearer = await token({ sub: 'follower', tenant_id: `follow-${randomUUID()}` });
  const headers = { authorization: `Bearer ${bearer}` };
  for (let n = 1; n <= 30; n += 1) {
    const made = await ask(servers[n % 2]!, 'POST', '/graphql', headers, {
      query: `mutation { customerCreate(input: { name: "客户${n}" }) { userErrors { code } } }`,
    });
    expect(made.body.data.customerCreate.userErrors).toEqual([]);
    const { body } = await ask(
      servers[(n + 1) % 2]!,
      'POST',
      '/graphql',
      { ...headers, 'x-crm-position': made.position },
      {
        query: `{ changes(after: "${n - 1}") { cursor events { type } } }`,
      },
    );
    expect(body.data.changes.cursor).toBe(String(n));
  }
}, 60_000);

const future = '999999-FFFF/0';

/** One request of each face, and whether replicas may be asked for it. */
const channels: ReadonlyArray<[method: string, path: string, body?: object, headers?: Record<string, string>]> = [
  ['POST', '/graphql', { query: '{ customers { totalCount } }' }],
  ['POST', '/graphql', { query: '{ changes(after: "0") { cursor } }' }],
  ['POST', '/graphql', { query: 'mutation { customerCreate(input: { name: "位置" }) { userErrors { code } } }' }],
  [
    'POST',
    '/graphql',
    { query: 'mutation { customerCreate(input: { name: "键" }) { userErrors { code } } }' },
    { 'idempotency-key': 'k' },
  ],
  ['GET', '/api/v1/crm/accounts', undefined, { 'x-api-dialect': 'erp' }],
  ['GET', '/api/v1/crm/customers', undefined, { 'x-api-dialect': 'cell' }],
  ['GET', '/api/v1/customers', undefined, { 'x-api-dialect': 'lifecycle' }],
  ['GET', '/api/v1/customers/', undefined, { 'x-api-dialect': 'platform' }],
  ['POST', '/api/v1/crm/accounts', { name: '位置' }, { 'x-api-dialect': 'erp' }],
  ['GET', '/export/customers.json'],
  ['GET', '/api/v1/events?after=0'],
];

test.each(channels.map((channel) => [channel.slice(0, 2).join(' '), channel] as const))(
  'what a caller has seen counts in every face, and one from the future is answered by the database itself: %s',
  async (_, [method, path, body, headers = {}]) => {
    const bearer = await token({ sub: 'reader', tenant_id: 'faces' });
    const asked = (position: string): Promise<Answered> =>
      ask(
        servers[0]!,
        method,
        path,
        { authorization: `Bearer ${bearer}`, 'x-crm-position': position, ...headers },
        // no name comes twice
        body && (JSON.parse(JSON.stringify(body).replace('位置', randomUUID())) as object),
      );
    for (let n = 0; n < 3; n += 1) {
      const { status, by, position } = await asked(future);
      expect([Math.floor(status / 100), position]).toEqual([2, future]);
      expect(by).toMatch(/^(?:primary)?$/);
    }
    for (const wrong of ['x', '1', '1-2', '-1-0/0', `${'9'.repeat(16)}-0/0`]) {
      const { status, body: said } = await asked(wrong);
      expect([status, JSON.stringify(said)]).toEqual([400, expect.stringContaining('X-CRM-Position')]);
    }
  },
  60_000,
);

test('addresses of what is no replica of the database are refused at start', async () => {
  for (const [urls, said] of [
    [
      database.serverUrl,
      /^CRM_DATABASE_REPLICA_URLS must be of streaming replicas of the database; number 1 is none\.\n$/,
    ],
    [
      'mysql://x',
      /^CRM_DATABASE_REPLICA_URLS must be addresses that start with postgres:\/\/ or postgresql:\/\/, with commas between; it is "mysql:\/\/x"\.\n$/,
    ],
  ] as const) {
    const started = await startAnother(environment({ CRM_DATABASE_REPLICA_URLS: urls }));
    expect([started.code, started.address]).toEqual([1, undefined]);
    expect(started.stderr).toMatch(said);
  }
  // one that does not answer now may do so later
  const started = await start({ CRM_DATABASE_REPLICA_URLS: 'postgres://crm_server:x@127.0.0.1:1/crm' });
  await started.stop();
}, 60_000);

// at the end: there is no way back
test('a replica that is promoted is not asked any more, whatever was written to it', async () => {
  await database.replicas[0]!.sql('select pg_promote()');
  const { wrong, answeredBy } = await interleaved(6, 60);
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(shareOf(answeredBy, (by) => by === '1')).toBe(0);
  await until({ 1: 0, 2: 1 });
  expect(servers[0]!.output()).toContain('"state":"promoted"');
}, 120_000);
