import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { combined, lasting } from '../../src/server/workers/combined.js';
import type { Metric } from '../../src/server/prometheus.js';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { send, testSecret, token } from '../support/http.js';
import { parseMetrics, type Sample } from '../support/prometheus.js';
import { receiver } from '../support/receiver.js';
import { startAnother, type Started, plain, startListening, type Listening } from '../support/server.js';
import { rawSocket } from '../support/socket.js';

// One server with several processes: what holds across servers holds across them, and it is one server to those who start, stop
// and watch it.

const count = 3;
let database: OwnDatabase;
let server: Listening;

async function start(environment: Record<string, string> = {}): Promise<Listening> {
  return startListening({
    ...plain(),
    ...environmentOf(database),
    CRM_WORKERS: String(count),
    CRM_ACCESS_LOG: '1',
    CRM_RATE_LIMITS: 'user=40/600,address=off,tenant=off',
    ...environment,
  });
}

beforeAll(async () => {
  database = await ownDatabase();
  server = await start();
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await database?.stop();
});

/** Somebody in a tenant of their own. */
const somebody = async (): Promise<string> => token({ sub: randomUUID(), tenant_id: `t-${randomUUID()}` });

interface Answered {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** Asks over a connection of its own: the next worker gets it. */
function ask(bearer: string, query: string, headers: Record<string, string> = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    request(
      `${server.address}/graphql`,
      {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      },
    )
      .on('error', reject)
      .end(JSON.stringify({ query }));
  });
}

/** Processes that answered requests, by the access log. */
const pidsOf = (operation: string): number[] => [
  ...new Set(
    server
      .output()
      .split('\n')
      .filter((line) => line.includes('"request.answered"') && line.includes(`"${operation}"`))
      .map((line) => JSON.parse(line).pid as number),
  ),
];

const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['--ppid', String(pid), '-o', 'pid=,comm='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => / (?:node|MainThread)/.test(line))
    .map((line) => Number.parseInt(line, 10));

async function metrics(of: Started = server): Promise<Sample[]> {
  const operator = await token({ sub: randomUUID(), tenant_id: 'operators', roles: ['platform_admin'] });
  const { body } = await send('GET', `${of.address}/metrics/server`, { authorization: `Bearer ${operator}` });
  return [...parseMetrics(String(body)).values()].flatMap(({ samples }) => samples);
}

const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number[] =>
  samples
    .filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    .map(({ value }) => value);

test('requests go to all workers, and a key is carried out once whichever of them get it', async () => {
  const bearer = await somebody();
  const create =
    'mutation KeyedOnce { customerCreate(input: { name: "一次" }) { customer { id } userErrors { code } } }';
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => ask(bearer, create, { 'idempotency-key': 'the key' })),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]!.text).toContain('"userErrors":[]');
  expect((await ask(bearer, '{ customers { totalCount } }')).text).toContain('{"totalCount":1}');
  await eventually(
    async () => pidsOf('KeyedOnce').length,
    (pids) => pids >= count,
  );
  expect(pidsOf('KeyedOnce').toSorted()).toEqual(childrenOf(server.pid).toSorted());
}, 60_000);

test('a rate limit holds for all workers together, within a twentieth', async () => {
  const bearer = await somebody();
  const answers: Answered[] = [];
  for (let n = 0; n < 90; n += 1) answers.push(await ask(bearer, '{ viewer { user { login } } }'));
  const passed = answers.filter(({ status }) => status === 200).length;
  expect(answers.map(({ status }) => status).filter((status) => ![200, 429].includes(status))).toEqual([]);
  expect(passed).toBeGreaterThanOrEqual(40);
  expect(passed).toBeLessThanOrEqual(42);
}, 60_000);

test('every subscriber gets every event, whichever worker holds its socket and whichever made the change', async () => {
  const bearer = await somebody();
  const sockets = await Promise.all(
    Array.from({ length: 6 }, () => rawSocket({ token: bearer, server: server.address })),
  );
  for (const socket of sockets)
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { customerChanged(after: "0") { cursor } }' },
    });
  for (let n = 0; n < 9; n += 1)
    expect(
      (await ask(bearer, `mutation Change { customerCreate(input: { name: "客户${n}" }) { userErrors { code } } }`))
        .text,
    ).toContain('"userErrors":[]');
  for (const socket of sockets)
    for (let n = 1; n <= 9; n += 1)
      expect((await socket.next()).payload).toEqual({ data: { customerChanged: { cursor: String(n) } } });
}, 60_000);

test('each event is delivered to a webhook once, by one of the workers at a time', async () => {
  const bearer = await somebody();
  const target = await receiver();
  const hook = `mutation { webhookCreate(input: { url: "${target.url}" }) { userErrors { code } } }`;
  expect((await ask(bearer, hook)).text).toContain('"userErrors":[]');
  await Promise.all(
    Array.from({ length: 15 }, (_, n) =>
      ask(bearer, `mutation { customerCreate(input: { name: "通知${n}" }) { userErrors { code } } }`),
    ),
  );
  await target.until(15);
  await pause(300);
  expect(target.received.map(({ event }) => Number(event.sequence)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 15 }, (_, index) => index + 1),
  );
}, 60_000);

test('the metrics of all workers stand at one address, and count on when one was killed and has come back', async () => {
  const bearer = await somebody();
  for (let n = 0; n < 10; n += 1) await ask(bearer, 'query CountedTogether { customers { totalCount } }');
  const labels = { operation: 'CountedTogether' };
  const before = await metrics();
  expect(valueOf(before, 'crm_requests_total', labels)).toEqual([10]);
  expect(valueOf(before, 'crm_request_duration_seconds_count', labels)).toEqual([10]);
  expect(valueOf(before, 'crm_workers')).toEqual([count]);
  expect(
    before
      .filter(({ name }) => name === 'process_resident_memory_bytes')
      .map((sample) => sample.labels['worker'])
      .toSorted(),
  ).toEqual(['1', '2', '3', 'first']);
  const [victim] = childrenOf(server.pid);
  process.kill(victim!, 'SIGKILL');
  // those who ask meanwhile are answered by the others; a connection that was on its way to the one that was killed is closed
  const meanwhile = await Promise.allSettled(
    Array.from({ length: 9 }, () => ask(bearer, 'query CountedTogether { customers { totalCount } }')),
  );
  const answered = meanwhile.filter((one) => one.status === 'fulfilled' && one.value.status === 200).length;
  expect(answered).toBeGreaterThanOrEqual(8);
  await eventually(
    () => metrics(),
    (now) => valueOf(now, 'crm_workers')[0] === count,
  );
  const after = await metrics();
  expect(valueOf(after, 'crm_requests_total', labels)).toEqual([10 + answered]);
  expect(valueOf(after, 'crm_worker_restarts_total')).toEqual([1]);
  expect(childrenOf(server.pid)).not.toContain(victim);
  expect(childrenOf(server.pid)).toHaveLength(count);
}, 60_000);

test('a signal ends all of them in order: what is under way is answered, and the exit code is 0', async () => {
  const other = await start({ CRM_DRAIN_SECONDS: '20' });
  const pids = childrenOf(other.pid);
  expect(pids).toHaveLength(count);
  await other.stop();
  expect(other.output()).not.toContain('"level":50');
  expect(pids.filter(isAlive)).toEqual([]);
}, 60_000);

test('workers end with the process that started them, however it ends', async () => {
  const other = await start();
  const pids = childrenOf(other.pid);
  expect(pids.filter(isAlive)).toHaveLength(count);
  process.kill(other.pid, 'SIGKILL');
  await eventually(
    async () => pids.filter(isAlive),
    (alive) => alive.length === 0,
  );
}, 60_000);

test('where workers cannot start, the reason is said and nothing stays', async () => {
  const wrong = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_WORKERS: '2',
    PORT: new URL(server.address).port,
  });
  expect([wrong.code, wrong.address]).toEqual([1, undefined]);
  expect(wrong.stderr).toMatch(/^Port \d+ of 127\.0\.0\.1 is in use by another program: .*PORT\.\n$/);
  const zero = await startAnother({ AUTH_JWT_SECRET: testSecret(), CRM_WORKERS: '0' });
  expect(zero.stderr).toBe('CRM_WORKERS must be a whole number from 1 to 64; it is "0".\n');
}, 60_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('metrics of processes are added up, or the highest, the lowest or each of them is shown, as they say', () => {
  const one = (n: number): Metric[] => [
    ['a_total', 'counter', 'A.', [[{ x: '1', y: '2' }, n]]],
    ['b', 'gauge', 'B.', n, 'max'],
    ['c', 'gauge', 'C.', n, 'min'],
    ['d', 'gauge', 'D.', [[{ z: '1' }, n]], 'each'],
    ['e', 'gauge', 'E.', n, 'sum'],
    ['f', 'histogram', 'F.', [[{}, { bounds: [1], counts: [n, 1], sum: n }]]],
  ];
  const swapped: Metric[] = [['a_total', 'counter', 'A.', [[{ y: '2', x: '1' }, 4]]]];
  expect(
    combined([
      { worker: '1', metrics: one(2) },
      { worker: '2', metrics: one(3) },
      { worker: '3', metrics: swapped },
    ]),
  ).toEqual([
    ['a_total', 'counter', 'A.', [[{ x: '1', y: '2' }, 9]]],
    ['b', 'gauge', 'B.', 3, 'max'],
    ['c', 'gauge', 'C.', 2, 'min'],
    [
      'd',
      'gauge',
      'D.',
      [
        [{ z: '1', worker: '1' }, 2],
        [{ z: '1', worker: '2' }, 3],
      ],
      'each',
    ],
    ['e', 'gauge', 'E.', 5, 'sum'],
    ['f', 'histogram', 'F.', [[{}, { bounds: [1], counts: [5, 2], sum: 5 }]]],
  ]);
  expect(lasting(one(1)).map(([name]) => name)).toEqual(['a_total', 'f']);
});
