import { request as begin, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { address } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  for (let index = 0; index < 12; index += 1) await customer(t.admin, { name: `客户 ${index}`, industry: '软件' });
});

interface Answered {
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

/** What is answered to a client that accepts these encodings, as it came. */
function ask(path: string, encodings: string | undefined, body?: string): Promise<Answered> {
  const { hostname, port } = new URL(address());
  const headers = {
    authorization: `Bearer ${t.admin.token}`,
    ...(encodings && { 'accept-encoding': encodings }),
    ...(body && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = begin({ hostname, port, path, method: body ? 'POST' : 'GET', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end(body);
  });
}

const query = (first: number): string =>
  JSON.stringify({ query: `{ customers(first: ${first}) { nodes { id name industry createdAt } } }` });
const large: Array<[path: string, body?: string]> = [
  ['/customers'],
  ['/api/v1/customers/'],
  ['/graphql', query(12)],
  ['/export/customers.csv'],
  ['/export/customers.json'],
  ['/customers/export?format=csv'],
  ['/api/v1/events'],
  ['/openapi.json'],
  ['/schema.graphql'],
];

test.each(large)('%s is compressed for those who ask, and means the same', async (path, ...[body]) => {
  const plain = await ask(path, undefined, body);
  expect([plain.headers['content-encoding'], plain.bytes.length > 1_024]).toEqual([undefined, true]);
  const timeless = (bytes: Buffer): string => bytes.toString().replace(/"timestamp":"[^"]*"/g, '');
  const zipped = await ask(path, 'gzip', body);
  expect([zipped.headers['content-encoding'], zipped.headers['vary']]).toEqual([
    'gzip',
    expect.stringMatching(/accept-encoding/i),
  ]);
  expect(zipped.bytes.length).toBeLessThan(plain.bytes.length);
  expect(timeless(gunzipSync(zipped.bytes))).toBe(timeless(plain.bytes));
  const other = await ask(path, 'br', body);
  expect(other.headers['content-encoding']).toBe('br');
  expect(timeless(brotliDecompressSync(other.bytes))).toBe(timeless(plain.bytes));
  expect((await ask(path, 'identity', body)).headers['content-encoding']).toBeUndefined();
});

test.each<[path: string, body?: string]>([['/health'], ['/graphql', query(1)], ['/customers?pageSize=1']])(
  '%s is too small to be compressed',
  async (path, ...[body]) => {
    const { headers, bytes } = await ask(path, 'gzip, br', body);
    expect([headers['content-encoding'], bytes.length < 1_024]).toEqual([undefined, true]);
  },
);

test('a browser of another origin may read the name of a file', async () => {
  const response = await fetch(`${address()}/export/customers.csv`, {
    headers: { authorization: `Bearer ${t.admin.token}`, origin: 'https://app.example' },
  });
  expect(response.headers.get('access-control-expose-headers')).toMatch(/\bcontent-disposition\b/);
  await response.text();
});
