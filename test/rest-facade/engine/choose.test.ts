import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Context } from '../../../src/core/context.js';
import type { IdempotencyGuard } from '../../../src/write/idempotency.js';
import { asRefusal } from '../../../src/graphql/errors.js';
import { restFacade, compileDialects } from '../../../rest-facade/index.js';
import { list, one, update, write } from '../../../rest-facade/engine/rows.js';
import { dialect, graph } from './world.js';

// Two dialects at one place, and two that only the last slash tells apart.
const Thing = { id: 'id' };
const dialects = [
  dialect(
    'erp',
    [
      list('GET /things', 'things', Thing, { region: 'search' }),
      one('GET /things/:id', 'thing', Thing),
      write('POST /things', 'thingCreate', Thing, { title: 'name' }),
      update('PUT /things/:id', 'thingUpdate', Thing, { title: 'name' }),
      one('GET /only-erp/:id', 'thing', Thing),
    ],
    { unknownMethod: 'NOT_IMPLEMENTED' },
  ),
  dialect('cell', [
    list('GET /things', 'things', Thing, { keyword: 'search' }),
    one('GET /things/:id', 'thing', Thing),
    list('GET /things/export', 'things', Thing),
    write('POST /things', 'thingCreate', Thing, { name: 'name' }),
    update('PATCH /things/:id', 'thingUpdate', Thing, { name: 'name' }),
    one('GET /only-cell/:id', 'thing', Thing),
  ]),
  dialect('lifecycle', [list('GET /customers', 'things', Thing), one('GET /customers/:id', 'thing', Thing)], {
    mounts: [{ base: '/api/v1', sections: ['customers'], slash: 'never' }],
  }),
  dialect('platform', [list('GET /customers/', 'things', Thing), one('GET /customers/:id/', 'thing', Thing)], {
    mounts: [{ base: '/api/v1', sections: ['customers'], slash: 'always' }],
  }),
];

const ctx = new Context({
  database: undefined as never,
  tenant: {
    id: 't',
    code: 't',
    number: 1,
    name: 'T',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    language: 'zh',
    active: true,
  },
  user: undefined as never,
  roles: [],
  channel: 'system',
  requestId: 'r',
  locale: 'en',
});
const servers: Server[] = [];

type Sent = [method: string, path: string, headers?: Record<string, string>, body?: object];

const options = {
  client: graph,
  idempotent: (async (inside, _request, attempt) => ({
    ...(await attempt({ ctx: inside, completed: () => 0 })),
    replayed: false,
  })) satisfies IdempotencyGuard,
  identify: async () => ctx,
  asRefusal,
  requireRequestId: false,
  trustsProxy: false,
  production: true,
};

async function start(sharedPaths?: 'erp' | 'cell'): Promise<(...sent: Sent) => Promise<string>> {
  const app = express();
  app.use(restFacade({ ...options, sharedPaths }, compileDialects(graph, dialects)).handler);
  app.use((_request, response) => void response.status(418).end());
  return listen(app);
}

async function listen(listener: RequestListener): Promise<(...sent: Sent) => Promise<string>> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return async (method, path, headers = {}, body) => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return `${response.headers.get('x-api-dialect')} ${response.status}`;
  };
}

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

const tenant = { 'x-tenant-id': 't' };

test.each<[why: string, expected: string, ...Sent]>([
  ['a path only one has', 'cell 200', 'GET', '/api/only-cell/1'],
  [
    'a path only the other has, whatever the headers say',
    'erp 200',
    'GET',
    '/api/only-erp/1',
    { 'x-api-dialect': 'cell', ...tenant },
  ],
  [
    'a literal of one before a parameter of the other',
    'cell 200',
    'GET',
    '/api/things/export',
    { 'x-api-dialect': 'erp' },
  ],
  ['the header', 'cell 200', 'GET', '/api/things', { 'x-api-dialect': 'cell' }],
  ['the header in other letters', 'cell 200', 'GET', '/api/things', { 'x-api-dialect': 'Cell' }],
  ['the header before a method it does not have', 'erp 501', 'PATCH', '/api/things/1', { 'x-api-dialect': 'erp' }, {}],
  ['a header that names neither, then nothing else', 'erp 200', 'GET', '/api/things', { 'x-api-dialect': 'lifecycle' }],
  ['a method only one has', 'cell 200', 'PATCH', '/api/things/1', {}, {}],
  ['a method only the other has, before the tenant header', 'erp 200', 'PUT', '/api/things/1', tenant, {}],
  ['a body member only one knows', 'cell 200', 'POST', '/api/things', {}, { name: 'x' }],
  [
    'a body member only the other knows, before the tenant header',
    'erp 200',
    'POST',
    '/api/things',
    tenant,
    { title: 'x' },
  ],
  ['a parameter only one knows', 'cell 200', 'GET', '/api/things?keyword=x'],
  ['a parameter only the other knows', 'erp 200', 'GET', '/api/things?region=x', tenant],
  ['signs of both, then the tenant header', 'cell 200', 'GET', '/api/things?region=x&keyword=y', tenant],
  ['the tenant header', 'cell 200', 'GET', '/api/things', tenant],
  ['no sign at all', 'erp 200', 'GET', '/api/things'],
  ['an unknown path', 'erp 404', 'GET', '/api/nothing'],
  ['an unknown path of one who sends a tenant', 'cell 404', 'GET', '/api/nothing', tenant],
  ['no last slash', 'lifecycle 200', 'GET', '/api/v1/customers'],
  ['a last slash', 'platform 200', 'GET', '/api/v1/customers/'],
  ['no last slash on a record', 'lifecycle 200', 'GET', '/api/v1/customers/1?x=/'],
  ['a last slash on a record', 'platform 200', 'GET', '/api/v1/customers/1/'],
  ['an unknown path with a last slash', 'platform 404', 'GET', '/api/v1/customers/1/2/'],
  ['outside of all mounts', 'null 418', 'GET', '/elsewhere'],
])('%s: %s', async (_why, expected, ...sent) => {
  expect(await (await started)(...sent)).toBe(expected);
});

test('the deployment decides before the request does, but after its header', async () => {
  const ask = await start('cell');
  expect(await ask('GET', '/api/things')).toBe('cell 200');
  expect(await ask('GET', '/api/things?region=x')).toBe('cell 200');
  expect(await ask('GET', '/api/things', { 'x-api-dialect': 'erp' })).toBe('erp 200');
  expect(await ask('GET', '/api/only-erp/1')).toBe('erp 200');
});

test('plain reads of paths that there are need no Express; everything else does', async () => {
  const facade = restFacade({ ...options, sharedPaths: undefined }, compileDialects(graph, dialects));
  const ask = await listen(
    (request, response) => void (facade.read(request, response) ?? response.writeHead(418).end()),
  );
  expect(await ask('GET', '/api/things')).toBe('erp 200');
  expect(await ask('GET', '/api/only-cell/1')).toBe('cell 200');
  expect(await ask('GET', '/api/v1/customers/1/?x=1')).toBe('platform 200');
  for (const [method, path] of [
    ['HEAD', '/api/things'],
    ['POST', '/api/things'],
    ['GET', '/api/nothing'],
    ['GET', '/elsewhere'],
    ['GET', '/api/things/%ZZ'],
    ['GET', '/API/things'],
  ] as const) {
    expect([path, await ask(method, path)]).toEqual([path, 'null 418']);
  }
});

const started = start();
