import { request as begin } from 'node:http';
import { dialects } from '../../rest-facade/index.js';
import { address, token } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// A read of a REST dialect is answered before Express; one that tells a length, though of nothing, goes through it.
// Nothing may tell which way it took.

let t: TestTenant;
let record: Data;
beforeAll(async () => {
  t = await tenant();
  record = await customer(t.admin, { name: '华信', phone: '13800138000' });
  await customer(t.admin, { name: '华信二', email: 'a@b.example' });
});

interface Exchanged {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One answer to the byte, without what differs from one moment to the next. */
function exchange(method: string, path: string, headers: Record<string, string>): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address());
    const sent = begin(
      { hostname, port, path, method, headers: { 'x-request-id': 'the same', ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.on('end', () => {
          const {
            date: _,
            ratelimit: _left,
            'x-response-time': took,
            ...others
          } = response.headers as Record<string, string>;
          expect(took).toMatch(/^\d+$/);
          resolve({
            status: response.statusCode!,
            headers: others,
            body: Buffer.concat(chunks)
              .toString('utf8')
              .replace(/"(timestamp|uptime\w*)":("[^"]*"|[\d.]+)/g, '"$1":""'),
          });
        });
      },
    );
    sent.on('error', reject).end();
  });
}

/** What is answered, whichever way the request takes. */
async function both(method: string, path: string, headers: Record<string, string> = bearer()): Promise<Exchanged> {
  const direct = await exchange(method, path, headers);
  expect([path, await exchange(method, path, { ...headers, 'content-length': '0' })]).toEqual([path, direct]);
  return direct;
}

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${t.admin.token}` });

/** Every path that a dialect reads at, with the customer for each parameter. */
const reads = dialects.flatMap(({ name, mounts, rows }) =>
  mounts.flatMap(({ base }) =>
    rows.filter(({ method }) => method === 'GET').map(({ pattern }) => [name, `${base}${pattern}`] as const),
  ),
);
const withRecord = (name: string, path: string): string =>
  path.replace(/:\w+/g, name === 'erp' || name === 'cell' ? record['id'] : String(record['number']));

test.each(reads)('in %s, %s', async (name, pattern) => {
  const path = withRecord(name, pattern);
  const named = { ...bearer(), 'x-api-dialect': name };
  const { status, headers } = await both('GET', path, named);
  expect([200, 400, 404]).toContain(status);
  await both('GET', path);
  await both('HEAD', path, named);
  await both('GET', path, { 'x-api-dialect': name });
  await both('GET', `${path}?page=x&page_size=0&pageSize=501&status=nonsense`, named);
  await both('GET', `${path}?page=2&pageSize=1&page_size=1&keyword=%E5%8D%8E`, {
    ...named,
    host: 'crm.example:81',
    'x-forwarded-host': 'front.example',
    'x-forwarded-proto': 'https',
  });
  if (headers['etag'])
    expect((await both('GET', path, { ...named, 'if-none-match': headers['etag'] })).status).toBe(304);
});

test.each<[why: string, path: string, headers?: Record<string, string>]>([
  ['a page of the web from elsewhere', '/api/v1/crm/accounts', { origin: 'https://elsewhere.example' }],
  ['a token that is none', '/api/v1/crm/accounts', { authorization: 'Bearer nonsense' }],
  ['a tenant that the token does not allow', '/api/v1/crm/accounts', { 'x-tenant-id': 'another' }],
  ['another language', '/api/v1/crm/accounts/nothing', { 'accept-language': 'en' }],
  ['a record that is not there', '/api/v1/crm/customers/00000000-0000-7000-8000-000000000000/360'],
  ['broken percent-encoding', '/api/v1/crm/accounts/%E4%BD'],
  ['other letters', '/API/v1/crm/accounts'],
  ['a slash too much', '/api/v1/crm/accounts/'],
  ['a fragment', '/api/v1/crm/accounts#1'],
  ['a path that nobody has', '/api/v1/crm/nothing'],
  ['a path outside of everything', '/nothing/at/all'],
  ['two slashes', '//customers'],
])('%s: %s', async (_why, path, headers = {}) => {
  await both('GET', path, { ...bearer(), ...headers });
  await both('HEAD', path, { ...bearer(), ...headers });
});

test('a caller who may see little', async () => {
  const { body } = await both('GET', `/api/v1/crm/accounts/${record['id']}`, {
    authorization: `Bearer ${await token({ sub: 'v', tenant_id: t.code, roles: ['viewer'] })}`,
  });
  expect(body).toContain('138****8000');
});

const others = [
  '/',
  '/health',
  '/Health',
  '/api/v1/crm/health',
  '/schema.graphql',
  '/graphiql',
  '/graphiql/',
  '/graphql',
  '/api/v1/events',
  '/metrics/server',
  '/api/v1/files/1',
  '/export/customers.json',
  '/openapi.json',
  '/asyncapi',
  '/asyncapi.json',
  '/docs',
  '/api/v1/crm/openapi.json',
  '/api/v1/crm/docs',
  '/api/admin/cells/crm/docs',
  '/api/v1/docs/',
  '/api/v1/redoc/',
  '/api/v1/schema/',
];

test.each(others)('what is no row of a dialect stays where it is: %s', async (path) => {
  await both('GET', path);
});
