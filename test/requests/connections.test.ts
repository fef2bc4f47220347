import { connect, type Socket } from 'node:net';
import { address, send, token } from '../support/http.js';
import { customer } from '../support/records.js';
import { strictServer } from '../support/server.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// What clients and balancers do with the connection itself, byte by byte.

let t: TestTenant;
let authorization: string;
beforeAll(async () => {
  t = await tenant();
  authorization = `Bearer ${t.admin.token}`;
  await customer(t.admin, { name: '华信' });
});

const sockets: Socket[] = [];
afterAll(() => sockets.forEach((socket) => socket.destroy()));

interface Exchanged {
  status: number;
  headers: string;
  body: string;
}

function open(server = address()): Socket {
  const socket = connect(Number(new URL(server).port), new URL(server).hostname);
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Sends one request as these lines and reads its answer, which ends with the connection. */
function exchange(lines: string[], body = ''): Promise<Exchanged> {
  const length = body ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
  const socket = open();
  const head = [...lines, `Authorization: ${authorization}`, 'Connection: close', ...length].join('\r\n');
  socket.write(`${head}\r\n\r\n${body}`);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('end', () => {
      const [headers = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      resolve({ status: Number(headers.split(' ')[1]), headers, body: rest.join('\r\n\r\n') });
    });
  });
}

const path = '/api/v1/crm/customers?page=1';
const query = JSON.stringify({ query: '{ customers { totalCount } }' });
const { host } = new URL(process.env['CRM_TEST_ADDRESS'] ?? 'http://unset');

describe('an offer to upgrade to anything but WebSocket is ignored', () => {
  test.each(['h2c', 'H2C', 'TLS/1.0, HTTP/1.1', 'websocket-next', 'h2c, websocket'])('%s', async (offer) => {
    const offered = [`Host: ${host}`, `Upgrade: ${offer}`, 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];
    const upgrade = [...offered, 'Connection: Upgrade, HTTP2-Settings'];
    const read = await exchange([`GET ${path} HTTP/1.1`, ...upgrade]);
    expect([read.status, JSON.parse(read.body).total]).toEqual([200, 1]);
    const asked = await exchange(['POST /graphql HTTP/1.1', ...upgrade, 'Content-Type: application/json'], query);
    expect([asked.status, JSON.parse(asked.body)]).toEqual([200, { data: { customers: { totalCount: 1 } } }]);
    const refused = await exchange(['GET /nowhere/at/all HTTP/1.1', ...upgrade]);
    expect(refused.status).toBe(404);
  });
});

describe('a target in absolute form is answered as its path', () => {
  test.each(['http', 'HTTP', 'https'])('with the scheme %s', async (scheme) => {
    const at = `${scheme}://crm.example:8443`;
    const read = await exchange([`GET ${at}${path} HTTP/1.1`, `Host: ${host}`]);
    expect([read.status, JSON.parse(read.body).total]).toEqual([200, 1]);
    const asked = await exchange(
      [`POST ${at}/graphql HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json'],
      query,
    );
    expect([asked.status, JSON.parse(asked.body)]).toEqual([200, { data: { customers: { totalCount: 1 } } }]);
    expect((await exchange([`GET ${at}/health HTTP/1.1`, `Host: ${host}`])).status).toBe(200);
    expect((await exchange([`GET ${at}?x HTTP/1.1`, `Host: ${host}`])).status).toBeLessThan(500);
  });

  test('and its authority counts instead of Host', async () => {
    const [first] = [await customer(t.admin, { name: '第二' })];
    expect(first.name).toBe('第二');
    const { body } = await exchange([
      'GET http://crm.example:8443/api/v1/customers/?page_size=1 HTTP/1.1',
      `Host: ${host}`,
    ]);
    expect(JSON.parse(body).data.next).toBe('http://crm.example:8443/api/v1/customers/?page_size=1&page=2');
  });

  test('and a request without a path or for the whole server is no fault', async () => {
    for (const target of ['*', 'http://crm.example', '//crm.example/health'])
      expect((await exchange([`OPTIONS ${target} HTTP/1.1`, `Host: ${host}`])).status).toBeLessThan(500);
  });
});

describe('idle connections', () => {
  const kept = async (server: string): Promise<string> => {
    const socket = open(server);
    socket.write(`GET /health HTTP/1.1\r\nHost: ${new URL(server).host}\r\n\r\n`);
    const [answer] = await new Promise<Buffer[]>((resolve) => socket.once('data', (chunk) => resolve([chunk])));
    return /keep-alive: (.*)/i.exec(String(answer))?.[1] ?? '';
  };

  test('are kept for 65 seconds', async () => {
    expect(await kept(address())).toBe('timeout=65');
  });

  test('are kept for as long as it is configured', async () => {
    const server = await strictServer();
    const socket = open(server);
    const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now())));
    socket.write(`GET /health HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    const since = Date.now();
    const took = (await ended) - since;
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(8_000);
    expect(await kept(server)).toBe('timeout=2');
  });
});

test('HEAD of the event stream answers and ends, as HEAD of everything that can be read does', async () => {
  const bearer = { authorization: `Bearer ${await token({ sub: 'admin', tenant_id: t.code })}` };
  const stream = await send('HEAD', '/api/v1/events', { ...bearer, accept: 'text/event-stream' });
  expect([stream.status, stream.headers.get('content-type'), stream.body]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    '',
  ]);
  const wrong = await send('HEAD', '/api/v1/events?after=nonsense', { ...bearer, accept: 'text/event-stream' });
  expect([wrong.status, wrong.body]).toEqual([400, '']);
  for (const url of [
    '/api/v1/events',
    '/api/v1/crm/customers',
    '/api/v1/customers/',
    '/export/customers.csv',
    '/export/customers.xlsx',
    '/export/customers?format=csv',
    '/metrics',
    '/health',
    '/openapi.json',
    '/schema.graphql',
  ]) {
    const { status, body } = await send('HEAD', url, bearer);
    expect([url, status, body]).toEqual([url, 200, '']);
  }
});
