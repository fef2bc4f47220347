import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { send, testSecret, token } from '../support/http.js';
import { eventually } from '../support/eventually.js';
import { parseMetrics, type Family } from '../support/prometheus.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant, type TestTenant } from '../support/tenant.js';
import { rawSocket } from '../support/socket.js';

// Requests, errors and durations by operation and REST row, and that the dashboard and the alert rules ask for what the
// server exports. With a server of its own, so that nobody else's requests are counted, and a broker that is away.

let server: Started;
let t: TestTenant;
let operator = '';

beforeAll(async () => {
  server = await startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    NATS_URL: 'nats://127.0.0.1:1',
  });
  t = await tenant();
  operator = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
}, 60_000);

afterAll(() => server?.stop());

async function metrics(): Promise<Map<string, Family>> {
  const { status, headers, body } = await send('GET', `${server.address}/metrics/server`, {
    authorization: `Bearer ${operator}`,
  });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parseMetrics(String(body));
}

/** The samples of a metric that have these labels, by their other labels. */
async function counted(name: string, wanted: Record<string, string>): Promise<Record<string, number>> {
  const [family] = [...(await metrics()).entries()].filter(([of]) => name.startsWith(of) && of !== '').slice(-1);
  const samples = family![1].samples.filter(
    (sample) =>
      sample.name === name && Object.entries(wanted).every(([label, value]) => sample.labels[label] === value),
  );
  return Object.fromEntries(
    samples.map(({ labels, value }) => [
      Object.entries(labels)
        .filter(([label]) => !(label in wanted))
        .map(([, said]) => said)
        .join(' '),
      value,
    ]),
  );
}

const graph = (query: string, bearer = t.admin.token): ReturnType<typeof send> =>
  send('POST', `${server.address}/graphql`, { authorization: `Bearer ${bearer}` }, { query });

test('operations of the graph are counted by name, with their statuses, error codes and durations', async () => {
  for (let n = 0; n < 3; n += 1) await graph('query CountMe { customers { totalCount } }');
  await graph('query CountMe { customer(id: "00000000-0000-7000-8000-000000000000") { id } }');
  await graph(
    'mutation Refused { customerDelete(id: "00000000-0000-7000-8000-000000000000") { userErrors { code } } }',
  );
  await graph('query CountMe { customers(first: 501) { totalCount } }');
  await graph('query Wrong { nothing }');
  await graph('query CountMe { customers { totalCount } }', 'x');
  expect(await counted('crm_requests_total', { channel: 'graphql', operation: 'CountMe' })).toEqual({ '2xx': 5 });
  expect(await counted('crm_request_errors_total', { channel: 'graphql', operation: 'CountMe' })).toEqual({
    BAD_REQUEST: 1,
  });
  expect(await counted('crm_requests_total', { channel: 'graphql', operation: 'Refused' })).toEqual({ '2xx': 1 });
  expect(await counted('crm_request_errors_total', { channel: 'graphql', operation: 'anonymous' })).toEqual({
    GRAPHQL_VALIDATION_FAILED: 1,
    UNAUTHENTICATED: 1,
  });
  expect(await counted('crm_request_duration_seconds_count', { channel: 'graphql', operation: 'CountMe' })).toEqual({
    '': 5,
  });
});

test('so are operations over sockets, and how many sockets and subscriptions are open', async () => {
  const socket = await rawSocket({ server: server.address!, token: t.admin.token });
  socket.send({ id: 'a', type: 'subscribe', payload: { query: 'query Live { customers { totalCount } }' } });
  expect([(await socket.next()).type, (await socket.next()).type]).toEqual(['next', 'complete']);
  socket.send({ id: 'b', type: 'subscribe', payload: { query: '{ nothing }' } });
  expect((await socket.next()).type).toBe('error');
  socket.send({ id: 'c', type: 'subscribe', payload: { query: 'subscription { customerChanged { kind } }' } });
  await eventually(
    () => counted('crm_subscriptions', {}),
    ({ '': open }) => open === 1,
  );
  expect(await counted('crm_sockets', {})).toEqual({ '': 1 });
  expect(await counted('crm_requests_total', { channel: 'socket', operation: 'Live' })).toEqual({ '2xx': 1 });
  expect(await counted('crm_request_errors_total', { channel: 'socket' })).toEqual({
    'anonymous GRAPHQL_VALIDATION_FAILED': 1,
  });
});

test('REST requests are counted by row, whatever stands in their paths', async () => {
  const get = (path: string, bearer = t.admin.token): ReturnType<typeof send> =>
    send('GET', server.address + path, { authorization: `Bearer ${bearer}` });
  await get('/api/v1/crm/accounts');
  await get('/api/v1/crm/accounts?keyword=%22%7D%0Aevil');
  await get('/api/v1/crm/accounts', 'x');
  await get('/api/v1/crm/accounts/00000000-0000-7000-8000-000000000000');
  await get('/api/v1/customers/999999999');
  await get('/api/v1/customers/%22%7D%0Aevil/13800138000');
  await send('POST', `${server.address}/api/v1/crm/customers`, { authorization: `Bearer ${t.admin.token}` }, {});
  expect(await counted('crm_requests_total', { channel: 'erp', operation: 'GET /accounts' })).toEqual({
    '2xx': 2,
    '4xx': 1,
  });
  expect(await counted('crm_request_errors_total', { channel: 'erp' })).toEqual({
    'GET /accounts UNAUTHENTICATED': 1,
    'GET /accounts/:id NOT_FOUND': 1,
  });
  expect(await counted('crm_request_errors_total', { channel: 'lifecycle' })).toEqual({
    'GET /customers/:id NOT_FOUND': 1,
    'none NOT_FOUND': 1,
  });
  expect(Object.keys(await counted('crm_request_errors_total', { channel: 'cell' }))).toHaveLength(1);
});

test('names that clients choose are bounded: later ones count as other', async () => {
  for (let from = 0; from < 260; from += 20)
    await Promise.all(Array.from({ length: 20 }, (_, n) => graph(`query N${from + n} { __typename }`)));
  const operations = await counted('crm_requests_total', { channel: 'graphql', status: '2xx' });
  expect(operations['other']).toBeGreaterThanOrEqual(60);
  expect(Object.keys(operations).length).toBeLessThanOrEqual(203);
});

test('the event loop and the process are measured', async () => {
  expect(Object.keys(await counted('nodejs_eventloop_lag_seconds', {}))).toEqual(['50', '99', '100']);
  for (const name of [
    'nodejs_eventloop_active_seconds_total',
    'process_cpu_seconds_total',
    'process_start_time_seconds',
    'process_resident_memory_bytes',
  ])
    expect([name, (await counted(name, {}))['']! > 0]).toEqual([name, true]);
});

const read = (path: string): string => readFileSync(join(process.cwd(), 'docker', path), 'utf8');
const namesIn = (expression: string): string[] =>
  [...expression.matchAll(/\b(?:crm|nodejs|process)_\w+/g)].map(([name]) => name);

/** Every expression of the dashboard and of the alert rules, by where it stands. */
function expressions(): Array<[where: string, expression: string]> {
  const { panels, annotations, templating } = JSON.parse(read('grafana/dashboard.json')) as {
    panels: Array<{ title: string; targets?: Array<{ expr: string }> }>;
    annotations: { list: Array<{ name: string; expr: string }> };
    templating: { list: Array<{ name: string; definition?: string }> };
  };
  const { groups } = parse(read('prometheus/alerts.yml')) as {
    groups: Array<{ rules: Array<{ alert: string; expr: string }> }>;
  };
  return [
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr])),
    ...annotations.list.map(({ name, expr }): [string, string] => [name, expr]),
    ...templating.list.flatMap(({ name, definition }): Array<[string, string]> =>
      definition ? [[name, definition]] : [],
    ),
    ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr])),
  ];
}

test('the dashboard and the alert rules ask for metrics and labels that the server exports, and leave none out', async () => {
  await graph('query CountMe { customers { totalCount } }', 'x');
  const exported = new Map<string, Set<string>>();
  for (const [name, { type, samples }] of await metrics())
    for (const of of type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name])
      exported.set(
        of,
        new Set(samples.filter((sample) => sample.name === of).flatMap(({ labels }) => Object.keys(labels))),
      );
  const all = expressions();
  expect(all.length).toBeGreaterThan(40);
  for (const [where, expression] of all) {
    expect([where, namesIn(expression).filter((name) => !exported.has(name))]).toEqual([where, []]);
    for (const [, name, matchers] of expression.matchAll(/(\w+)\{([^}]*)\}/g)) {
      const labels = [...matchers!.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!);
      const known = exported.get(name!) ?? new Set();
      expect([where, labels.filter((label) => !['instance', 'job'].includes(label) && !known.has(label))]).toEqual([
        where,
        [],
      ]);
    }
  }
  const asked = new Set(all.flatMap(([, expression]) => namesIn(expression)));
  const left = [...(await metrics()).keys()].filter(
    (name) => ![name, `${name}_bucket`, `${name}_sum`].some((each) => asked.has(each)),
  );
  expect(left).toEqual(['crm_operations_compiled_total']);
});
