import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { someOf } from '../support/generated.js';
import { collector, type Collector, type Span } from '../support/collector.js';
import { eventually } from '../support/eventually.js';
import { send, type Answer } from '../support/http.js';
import { answering, issuer } from '../support/issuer.js';
import { receiver } from '../support/receiver.js';
import { plain, startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Traces as a collector of OpenTelemetry gets them from the exporter itself: in Protocol Buffers over HTTP. A server sends
// the last of them when it stops.

jest.setTimeout(180_000);

const secretName = '机密客户 13912345678';

let t: TestTenant;
let place: Collector;
beforeAll(async () => {
  t = await tenant();
});
beforeEach(async () => {
  place = await collector();
});
const servers: Started[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await place.close();
});

const started = async (environment: Record<string, string>): Promise<Started> => {
  const server = await startAnother(environment);
  servers.push(server);
  return server;
};

/** All requests are traced, unless a caller says otherwise; by default one in ten is. */
const all = { OTEL_TRACES_SAMPLER: 'parentbased_always_on' };

const starting = (more: Record<string, string> = {}): Promise<Started> =>
  started({ ...plain(), CRM_ACCESS_LOG: '1', OTEL_EXPORTER_OTLP_ENDPOINT: place.url, ...all, ...more });

/** A trace that a caller is in: its id, which begins like a phone number, the caller's span, and the header that says so. */
function trace(sampled = true): { id: string; span: string; headers: { traceparent: string } } {
  const id = `13787654321a${randomBytes(10).toString('hex')}`;
  const span = randomBytes(8).toString('hex');
  return { id, span, headers: { traceparent: `00-${id}-${span}-0${sampled ? 1 : 0}` } };
}

const ask = (server: Started, method: string, path: string, headers: object = {}, body?: unknown): Promise<Answer> =>
  send(method, server.address! + path, { authorization: `Bearer ${t.admin.token}`, ...headers }, body);

const query = 'query Names { customers(first: 1) { nodes { name } } }';
const create =
  'mutation Make($name: String!) { customerCreate(input: { name: $name }) { customer { id } userErrors { code } } }';

/** The spans of a trace: the first one, and those below it. */
const spansOf = (id: string): { server: Span | undefined; below: Span[] } => {
  const all = place.spans.filter(({ traceId }) => traceId === id);
  const server = all.find(({ kind }) => kind === 'SERVER');
  return { server, below: all.filter((span) => span !== server) };
};

test('each request is a span with its statements below it, named by its operation or its row, in the trace of the caller', async () => {
  const server = await starting({ OTEL_SERVICE_NAME: 'crm-test', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%2Cb,x-scope=c' });
  const asked: Array<[name: string, Parameters<typeof ask>[1], string, object, unknown, number, object]> = [
    ['graphql Names', 'POST', '/graphql', {}, { query }, 200, { 'graphql.operation.name': 'Names' }],
    ['graphql Names', 'POST', '/graphql', {}, { query }, 200, { 'graphql.operation.name': 'Names' }],
    ['graphql Make', 'POST', '/graphql', {}, { query: create, variables: { name: secretName } }, 200, {}],
    ['graphql anonymous', 'POST', '/graphql', {}, { query: '{ customers { totalCount } }' }, 200, {}],
    [
      'erp GET /accounts',
      'GET',
      '/api/v1/crm/accounts',
      { 'x-api-dialect': 'erp' },
      undefined,
      200,
      { 'http.route': '/accounts' },
    ],
    [
      'cell GET /customers',
      'GET',
      `/api/v1/crm/customers?search=${encodeURIComponent(secretName)}`,
      { 'x-api-dialect': 'cell' },
      undefined,
      200,
      { 'http.route': '/customers' },
    ],
    [
      'lifecycle GET /customers/:id',
      'GET',
      '/api/v1/customers/13912345678',
      {},
      undefined,
      404,
      { 'http.route': '/customers/:id' },
    ],
    ['platform GET /customers/', 'GET', '/api/v1/customers/', {}, undefined, 200, { 'crm.channel': 'platform' }],
    [
      'erp POST /accounts',
      'POST',
      '/api/v1/crm/accounts',
      { 'x-api-dialect': 'erp' },
      { name: `${secretName} 二` },
      200,
      {},
    ],
    ['GET export', 'GET', '/export/customers.csv', {}, undefined, 200, {}],
  ];
  const traces = asked.map(() => trace());
  const answers: Answer[] = [];
  for (const [place_, [, method, path, headers, body]] of asked.entries())
    answers.push(await ask(server, method, path, { ...headers, ...traces[place_]!.headers }, body));
  expect(answers.map(({ status }) => status)).toEqual(asked.map(([, , , , , status]) => status));
  await server.stop();

  for (const [index, [name, method, , , , status, attributes]] of asked.entries()) {
    const { server: span, below } = spansOf(traces[index]!.id);
    expect(span).toMatchObject({
      name,
      parent: traces[index]!.span,
      failed: false,
      attributes: {
        'http.request.method': method,
        'http.response.status_code': status,
        'crm.tenant': t.code,
        'crm.request_id': answers[index]!.headers.get('x-request-id'),
        ...attributes,
      },
    });
    expect(span!.nanoseconds).toBeGreaterThan(0n);
    expect(below.length).toBeGreaterThan(0);
    for (const statement of below) {
      expect([statement.kind, statement.parent, statement.attributes['db.system.name']]).toEqual([
        'CLIENT',
        span!.id,
        'postgresql',
      ]);
      expect(statement.name).toMatch(
        /^(?:batch|(?:SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|DECLARE|FETCH|COPY|CLOSE)(?: [\w:-]+)?)$/,
      );
    }
  }
  expect(place.exports[0]).toMatchObject({ 'content-type': 'application/x-protobuf', 'x-key': 'a,b', 'x-scope': 'c' });
  expect(place.services[0]).toMatchObject({
    'service.name': 'crm-test',
    'service.version': expect.stringMatching(/^\d+\./),
  });

  // nothing of what was sent or stored, and of the caller nothing but the tenant
  const sent = JSON.stringify(place.spans, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  for (const secret of ['机密', '13912345678', t.admin.token, t.admin.token.split('.')[2]!])
    expect(sent).not.toContain(secret);

  // the log names the trace of each answer
  const lines = server
    .output()
    .split('\n')
    .filter((text) => text.includes('"request.answered"'))
    .map((text) => JSON.parse(text) as Data);
  for (const [index, answer] of answers.entries())
    expect(lines.find(({ requestId }) => requestId === answer.headers.get('x-request-id'))).toMatchObject({
      traceId: traces[index]!.id,
      spanId: spansOf(traces[index]!.id).server!.id,
    });
});

test('a webhook receives the trace of its delivery, and what fails is marked', async () => {
  const server = await starting();
  const target = await receiver();
  const gone = await receiver(() => 500);
  const hook =
    'mutation ($input: WebhookInput!) { webhookCreate(input: $input) { webhook { id } userErrors { code } } }';
  for (const { url } of [target, gone])
    await ask(server, 'POST', '/graphql', {}, { query: hook, variables: { input: { url } } });
  await ask(server, 'POST', '/graphql', {}, { query: create, variables: { name: '甲' } });
  const [received] = await target.until(1);
  await eventually(
    async () => gone.received.length,
    (count) => count > 0,
  );
  // the other server of the run may have delivered it; then there is no trace
  await server.stop();
  const deliveries = [...target.received, ...gone.received].map(({ headers, event }) => ({ headers, id: event.id }));
  expect(received!.event.type).toBe('crm.customer.created');
  for (const { headers, id } of deliveries.filter(({ headers: sent }) => sent['traceparent'] !== undefined)) {
    const [, traceId, spanId] = String(headers['traceparent']).split('-');
    expect(place.spans.find((span) => span.id === spanId)).toMatchObject({
      traceId,
      parent: '',
      name: 'POST webhook',
      kind: 'CLIENT',
      attributes: { 'server.address': '127.0.0.1', 'cloudevents.event_id': id },
    });
  }
  for (const span of place.spans.filter(({ name }) => name === 'POST webhook'))
    expect(span.failed ? span.attributes['error.type'] : 'delivered').toMatch(/^(?:delivered|HTTP 500\.)$/);
});

test('keys of an issuer are fetched within the request that needs them', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const asked: string[] = [];
  const keys = await issuer((request, response) => {
    asked.push(String(request.headers['traceparent']));
    void exportJWK(publicKey).then((key) =>
      answering(200, { keys: [{ ...key, kid: 'one', alg: 'ES256', use: 'sig' }] })(request, response),
    );
  });
  const { AUTH_JWT_SECRET: _, ...others } = plain();
  const server = await started({
    ...others,
    OTEL_EXPORTER_OTLP_ENDPOINT: place.url,
    ...all,
    AUTH_JWKS_URL: `${keys.url}/keys`,
  });
  const bearer = await new SignJWT({ tenant_id: t.code, roles: ['manager'] })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setSubject('zhang')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const caller = trace();
  const { status } = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${bearer}`, ...caller.headers },
    { query },
  );
  expect(status).toBe(200);
  await server.stop();
  await keys.close();
  const { server: span, below } = spansOf(caller.id);
  const fetched = below.find(({ name }) => name === 'GET keys');
  expect(fetched).toMatchObject({ kind: 'CLIENT', parent: span!.id, attributes: { 'server.address': '127.0.0.1' } });
  expect(asked[0]).toBe(`00-${caller.id}-${fetched!.id}-01`);
});

test('an operation over a socket is a span of its own', async () => {
  const server = await starting();
  const socket = await rawSocket({ token: t.admin.token, server: server.address! });
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  expect((await socket.next()).type).toBe('next');
  expect((await socket.next()).type).toBe('complete');
  await server.stop();
  const span = place.spans.find(({ name }) => name === 'socket Names');
  expect(span).toMatchObject({ kind: 'SERVER', parent: '', attributes: { 'graphql.operation.type': 'query' } });
  expect(place.spans.filter(({ parent }) => parent === span!.id).length).toBeGreaterThan(0);
});

test.each(
  someOf<[what: string, environment: Record<string, string>, sampled: boolean | undefined, traced: boolean]>(
    [
      ['the caller traces', {}, true, true],
      ['the caller does not trace', {}, false, false],
      ['the caller names no trace', {}, undefined, true],
      ['none is to be', { OTEL_TRACES_SAMPLER: 'always_off' }, true, false],
      ['all are to be', { OTEL_TRACES_SAMPLER: 'always_on' }, false, true],
      [
        'a ratio of 0 is to be, and the caller traces',
        { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
        true,
        true,
      ],
      [
        'a ratio of 0 is to be',
        { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
        undefined,
        false,
      ],
      [
        'a ratio of 0 is to be, whatever the caller does',
        { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
        true,
        false,
      ],
    ],
    3,
  ),
)('where %s: %j', async (_what, environment, sampled, traced) => {
  const server = await starting(environment);
  const caller = sampled === undefined ? undefined : trace(sampled);
  const answer = await ask(server, 'GET', '/api/v1/crm/accounts', { 'x-api-dialect': 'erp', ...caller?.headers });
  expect(answer.status).toBe(200);
  await server.stop();
  const found = place.spans.filter(({ kind, traceId }) => kind === 'SERVER' && (!caller || traceId === caller.id));
  expect(found.map(({ name }) => name)).toEqual(traced ? ['erp GET /accounts'] : []);
});

test('a header that is no trace is as good as none', async () => {
  const server = await starting();
  for (const traceparent of ['', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, '00-zz-01'])
    expect((await ask(server, 'GET', '/api/v1/crm/accounts', { traceparent })).status).toBe(200);
  await server.stop();
  expect(place.spans.filter(({ kind }) => kind === 'SERVER').map(({ parent }) => parent)).toEqual(['', '', '', '']);
});

test('without a collector in the configuration nothing is traced, whatever the caller says', async () => {
  const server = await started({ ...plain(), CRM_ACCESS_LOG: '1' });
  const { status, headers } = await ask(server, 'GET', '/api/v1/crm/accounts', trace().headers);
  expect(status).toBe(200);
  await server.stop();
  const line = server
    .output()
    .split('\n')
    .find((text) => text.includes(headers.get('x-request-id')!))!;
  expect(Object.keys(JSON.parse(line) as object)).not.toContain('traceId');
  expect([place.spans, place.exports]).toEqual([[], []]);
});

test('a collector that is away costs nobody anything but the traces', async () => {
  await place.close();
  const server = await starting();
  for (let each = 0; each < 20; each += 1)
    expect((await ask(server, 'POST', '/graphql', {}, { query })).status).toBe(200);
  await eventually(
    async () => server.output(),
    (output) => output.includes('"telemetry.failed"'),
  );
  await server.stop();
  expect(server.output()).not.toContain('"level":50');
});
