import { request as begin } from 'node:http';
import { dialects } from '../../rest-facade/index.js';
import { address } from '../support/http.js';
import { written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// What a console in GBK sends is not UTF-8. It must be refused wherever it arrives, with a sentence that says so.

/** 「华信」 in GBK, as bytes and percent-encoded. */
const gbk = Buffer.from('bbaad0c5', 'hex');
const encoded = '%BB%AA%D0%C5';

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await t.admin.graph('mutation { customerCreate(input: { name: "甲" }) { customer { id } } }');
});

interface Answered {
  status: number;
  text: string;
}

/** Sends bytes as they are. */
function raw(
  by: Actor,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answered> {
  const { hostname, port } = new URL(address());
  return new Promise((resolve, reject) => {
    const sent = begin(
      {
        hostname,
        port,
        method,
        path,
        headers: {
          authorization: `Bearer ${by.token}`,
          'accept-language': 'zh',
          ...headers,
          ...(body && { 'content-length': String(body.length) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', reject).end(body);
  });
}

const json = (text: string, value: Buffer): Buffer => {
  const [before, after] = text.split('…') as [string, string];
  return Buffer.concat([Buffer.from(before), value, Buffer.from(after)]);
};

/** A creation per dialect: its path, and the field of the name. */
const creations: Array<[dialect: string, path: string, body: string]> = [
  ['erp', '/api/v1/crm/accounts', '{"name": "…"}'],
  ['cell', '/api/v1/crm/customers', '{"name": "…"}'],
  ['cell, at its root', '/customers', '{"name": "…"}'],
  ['cell, an import', '/customers/import', '{"items": [{"name": "好"}, {"name": "…"}]}'],
  ['lifecycle', '/api/v1/customers', '{"customer_name": "…", "customer_type": 1}'],
  ['platform', '/api/v1/customers/', '{"name": "…"}'],
  ['platform, many at once', '/api/v1/customers/bulk-create/', '{"customers": [{"name": "…"}]}'],
];

describe('a body that is not UTF-8 is refused, and nothing is written', () => {
  test.each(creations)('%s', async (_dialect, path, body) => {
    const before = await written(t);
    for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;charset="UTF8"']) {
      const { status, text } = await raw(t.admin, 'POST', path, { 'content-type': type }, json(body, gbk));
      expect([status, text]).toEqual([400, expect.stringContaining('请求体不是有效的 UTF-8 编码')]);
    }
    expect(await written(t)).toEqual(before);
  });

  test.each(['{"query": "mutation { customerCreate(input: { name: \\"…\\" }) { customer { id } } }"}'])(
    'the graph',
    async (body) => {
      const before = await written(t);
      for (const accept of ['*/*', 'application/json', 'text/html']) {
        const { status, text } = await raw(
          t.admin,
          'POST',
          '/graphql',
          { accept, 'content-type': 'application/json' },
          json(body, gbk),
        );
        expect([status, text]).toEqual([400, expect.stringContaining('请求体不是有效的 UTF-8 编码')]);
      }
      expect(await written(t)).toEqual(before);
    },
  );

  test('however the bytes are broken', async () => {
    for (const bytes of ['ff', 'c3', 'e58d', 'eda080', 'c0af', 'f8888080']) {
      const { status } = await raw(
        t.admin,
        'POST',
        '/customers',
        { 'content-type': 'application/json' },
        json('{"name": "…"}', Buffer.from(bytes, 'hex')),
      );
      expect([bytes, status]).toEqual([bytes, 400]);
    }
  });
});

describe('a parameter that is not UTF-8 is refused', () => {
  const lists = dialects.flatMap(({ name, mounts, rows }) =>
    mounts.flatMap(({ base }) =>
      rows
        .filter(({ method, pattern }) => method === 'GET' && !pattern.includes(':'))
        .map(({ pattern }) => [name, base + pattern] as const),
    ),
  );

  test.each(lists)('%s: GET %s', async (name, path) => {
    const { status, text } = await raw(t.admin, 'GET', `${path}?keyword=${encoded}`, { 'x-api-dialect': name });
    expect([status, text]).toEqual([400, expect.stringContaining('不是有效的 UTF-8 编码')]);
  });

  test.each([
    ['/export/customers.csv', `?filter=${encodeURIComponent('{"search":"')}${encoded}${encodeURIComponent('"}')}`],
    ['/api/v1/events', `?after=${encoded}`],
    ['/graphql', `?query=${encodeURIComponent('{ customers(filter: { search: "')}${encoded}%22%7D)%7BtotalCount%7D%7D`],
  ])('%s', async (path, query) => {
    const { status, text } = await raw(t.admin, 'GET', path + query, { 'apollo-require-preflight': '1' });
    expect([status, text]).toEqual([400, expect.stringContaining('不是有效的 UTF-8 编码')]);
  });

  test('and what is UTF-8 is understood', async () => {
    const { status, text } = await raw(t.admin, 'GET', `/customers?keyword=${encodeURIComponent('甲')}`);
    expect([status, JSON.parse(text).total]).toEqual([200, 1]);
  });
});

test('the name of a file that is not UTF-8 is refused, and nothing is kept', async () => {
  const body = (name: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="'),
      name,
      Buffer.from('.txt"\r\nContent-Type: text/plain\r\n\r\n0123\r\n--b--\r\n'),
    ]);
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const refused = await raw(t.admin, 'POST', '/api/v1/files', headers, body(gbk));
  expect([refused.status, JSON.parse(refused.text).message]).toEqual([400, '请求无效：文件名不是有效的 UTF-8 编码']);
  expect(await t.sql('select count(*)::int n from file')).toEqual([{ n: 0 }]);
  const kept = await raw(t.admin, 'POST', '/api/v1/files', headers, body(Buffer.from('华信')));
  expect([kept.status, JSON.parse(kept.text).data.name]).toEqual([200, '华信.txt']);
});

test('utf8 is UTF-8, however it is written', async () => {
  const charsets = ['utf8', 'UTF8', '"utf8"', 'utf-8', 'UTF-8'];
  for (const [index, charset] of charsets.entries()) {
    const type = { 'content-type': `application/json; charset=${charset}` };
    for (const [, path, body] of creations.filter(([, , text]) => !text.includes('['))) {
      const name = `${path}${index}`;
      const { status, text } = await raw(t.admin, 'POST', path, type, json(body, Buffer.from(name)));
      expect([charset, path, status < 300, text]).toEqual([charset, path, true, expect.anything()]);
    }
    const { status, text } = await raw(
      t.admin,
      'POST',
      '/graphql',
      type,
      Buffer.from('{"query": "{ customers(filter: {search: \\"甲\\"}) { totalCount } }"}'),
    );
    expect([status, JSON.parse(text)]).toEqual([200, { data: { customers: { totalCount: 1 } } }]);
  }
  const names = (await t.sql('select name from customer')) as Data[];
  expect(names.filter(({ name }) => name.includes('\uFFFD'))).toEqual([]);
});
