import { createHmac, randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { address, send, token, type Answer } from '../support/http.js';
import { customer } from '../support/records.js';
import { socketsOf } from '../support/subscribe.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { uploaded } from '../support/upload.js';

// Every kind of caller at every interface: who is let in, and with what the others are refused, to the byte.

jest.setTimeout(120_000);

let t: TestTenant;
/** headers of each caller */
const headersOf: Record<string, Record<string, string>> = {};
let file: string;

const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });
const seconds = (from: number): number => Math.floor(Date.now() / 1000) + from;
const signed = (claims: Record<string, unknown>, secret?: string): Promise<string> =>
  token({ sub: 'admin', tenant_id: t.code, claims, ...(secret && { secret }) });

/** A token that no secret is needed for. */
const unsigned = (): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'admin', tenant_id: t.code, roles: ['tenant_admin'], exp: seconds(600) })}.`;
};

const create = 'mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { key apiKey { id } } }';
const keyOf = async (input: object = {}): Promise<{ key: string; apiKey: { id: string } }> =>
  (
    await t.admin.graph(create, {
      input: { name: 'program', role: 'TENANT_ADMIN', scopes: [], ...input },
    })
  ).apiKeyCreate;

beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲' });
  file = (await uploaded(t.admin)).id;
  const [key, ended, revoked] = [
    await keyOf(),
    await keyOf({ expiresAt: new Date(Date.now() + 1_000).toISOString() }),
    await keyOf(),
  ];
  await t.admin.graph('mutation ($id: ID!) { apiKeyRevoke(id: $id) { userErrors { code } } }', {
    id: revoked.apiKey.id,
  });
  const jti = randomUUID();
  const withdrawn = await signed({ jti });
  await t.admin.graph('mutation ($jti: String) { tokenRevoke(jti: $jti) { userErrors { code } } }', { jti });
  Object.assign(headersOf, {
    'a token': bearer(t.admin.token),
    'a key as bearer': bearer(key.key),
    'a key in X-API-Key': { 'x-api-key': key.key },
    nobody: {},
    'a token without a signature': bearer(unsigned()),
    'a token of another issuer': bearer(await signed({}, 'another secret of thirty-two characters')),
    'a token for another audience': bearer(await signed({ aud: 'other-app' })),
    'a token that has ended': bearer(await signed({ exp: seconds(-600) })),
    'a token that does not work yet': bearer(await signed({ nbf: seconds(600) })),
    'a token issued in the future': bearer(await signed({ iat: seconds(600) })),
    'a revoked token': bearer(withdrawn),
    'a key with another secret': bearer(
      `${key.key.slice(0, -43)}${createHmac('sha256', 'x').digest('hex').slice(0, 43)}`,
    ),
    'a key that has ended': bearer(ended.key),
    'a revoked key': bearer(revoked.key),
    'a key of another scheme': { authorization: `Basic ${key.key}` },
    'a token in X-API-Key': { 'x-api-key': t.admin.token },
  });
  await new Promise((next) => setTimeout(next, 1_100));
}, 120_000);

const welcome = ['a token', 'a key as bearer', 'a key in X-API-Key'];
const unwelcome = [
  'nobody',
  'a token without a signature',
  'a token of another issuer',
  'a token for another audience',
  'a token that has ended',
  'a token that does not work yet',
  'a token issued in the future',
  'a revoked token',
  'a key with another secret',
  'a key that has ended',
  'a revoked key',
  'a key of another scheme',
  'a token in X-API-Key',
];

const message = 'A valid bearer token is required.';
const inChinese = '缺少有效的访问令牌';
const errors = (extensions: object): object => ({ errors: [{ message, extensions }] });

type Call = (headers: Record<string, string>) => Promise<Answer>;
const get =
  (path: string, more: Record<string, string> = {}): Call =>
  (headers) =>
    send('GET', path, { ...headers, ...more, 'x-request-id': 'r-1' });
const graph: Call = (headers) =>
  send('POST', '/graphql', headers, { query: '{ customers(first: 1) { nodes { name } } }' });

/** The interfaces: how each is asked, and how it refuses. */
const interfaces: Record<string, [call: Call, refusal: () => unknown]> = {
  graph: [graph, () => errors({ code: 'UNAUTHENTICATED', status: 401 })],
  'graph again, by the fast path': [
    async (headers) => (await graph(headers), graph(headers)),
    () => errors({ code: 'UNAUTHENTICATED', status: 401 }),
  ],
  erp: [get('/api/v1/crm/accounts'), () => ({ code: 401, message: inChinese, data: null })],
  cell: [
    get('/api/v1/crm/customers'),
    () => ({ code: 'UNAUTHORIZED', message: '缺少 Authorization 或 Bearer', details: '', requestId: 'r-1' }),
  ],
  lifecycle: [
    get('/api/v1/customers'),
    () => ({
      success: false,
      code: 401,
      message: expect.any(String),
      error: expect.any(String),
      error_code: 'UNAUTHORIZED',
      errors: [],
      timestamp: expect.any(String),
      trace_id: 'r-1',
    }),
  ],
  platform: [
    get('/api/v1/customers/'),
    () => ({ success: false, code: 401, message: expect.any(String), errors: {}, data: null }),
  ],
  export: [get('/export/customers.json'), () => errors({ code: 'UNAUTHENTICATED' })],
  feed: [get('/api/v1/events?limit=1'), () => errors({ code: 'UNAUTHENTICATED' })],
  file: [get(`/api/v1/files/${randomUUID()}`), () => ({ code: 401, message, data: null })],
  tickets: [
    (headers) => send('POST', '/api/v1/tickets?purpose=socket', headers),
    () => errors({ code: 'UNAUTHENTICATED' }),
  ],
};

describe.each(Object.entries(interfaces))('%s', (name, [call, refusal]) => {
  test.each(welcome)('lets in %s', async (who) => {
    const { status } = await call(headersOf[who]!);
    expect(status).toBe({ file: 404, tickets: 201 }[name] ?? 200);
  });

  test('refuses everybody else in the same words', async () => {
    const answers: Record<string, Data> = {};
    for (const who of unwelcome) {
      const { status, body, headers } = await call(headersOf[who]!);
      answers[who] = [status, body, name === 'export' || name === 'file' ? 'Bearer' : headers.get('www-authenticate')];
    }
    expect(answers).toEqual(Object.fromEntries(unwelcome.map((who) => [who, [401, refusal(), 'Bearer']])));
  });
});

test('a file is sent to whoever is let in, and to nobody else', async () => {
  for (const who of welcome) expect((await get(`/api/v1/files/${file}`)(headersOf[who]!)).body).toBe('0123456789');
  for (const who of unwelcome) expect((await get(`/api/v1/files/${file}`)(headersOf[who]!)).status).toBe(401);
});

/** What a socket is answered whose headers, or parameters, say who it is. */
async function greeting(headers: Record<string, string>, payload: object): Promise<string> {
  const socket = new WebSocket(socketsOf(address()), ['graphql-transport-ws'], { headers });
  try {
    return await new Promise((settle, reject) => {
      socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
      socket.once('message', (text) => settle(JSON.parse(String(text)).type));
      socket.once('close', (code, reason) => settle(`${code} ${String(reason)}`));
      socket.once('error', reject);
    });
  } finally {
    socket.terminate();
  }
}

test('sockets let in and refuse the same, by headers and by parameters', async () => {
  const said: Record<string, string[]> = {};
  for (const who of [...welcome, ...unwelcome])
    said[who] = [await greeting(headersOf[who]!, {}), await greeting({}, headersOf[who]!)];
  expect(said).toEqual(
    Object.fromEntries([
      ...welcome.map((who) => [who, ['connection_ack', 'connection_ack']]),
      ...unwelcome.map((who) => [who, ['4401 UNAUTHENTICATED', '4401 UNAUTHENTICATED']]),
    ]),
  );
});
