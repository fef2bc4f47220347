import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { address, send, type Answer } from '../support/http.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Bodies that are too large, or too deep, in every interface that takes one.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

type Interface = [name: string, path: string, headers: Record<string, string>, code: (body: Data) => unknown];
const interfaces: Interface[] = [
  ['the graph', '/graphql', {}, (body) => body.errors[0].extensions.code],
  ['erp', '/api/v1/crm/accounts', {}, (body) => body.code],
  ['cell', '/customers', {}, (body) => body.code],
  ['lifecycle', '/api/v1/customers', {}, (body) => body.error_code],
  ['platform', '/api/v1/customers/', {}, (body) => body.code],
];
/** Three of the dialects have no status of their own for it. */
const tooLarge: Record<string, [status: number, code: unknown]> = {
  'the graph': [413, 'PAYLOAD_TOO_LARGE'],
  erp: [400, 400],
  cell: [400, 'BAD_REQUEST'],
  lifecycle: [400, 'INVALID_PARAMETER'],
  platform: [413, 413],
};

/** Sends the head of a request and then what `write` sends; resolves with the answer, whatever is still to come. */
function begin(
  path: string,
  headers: Record<string, string>,
  write: (send: (chunk: Buffer) => boolean) => void = () => {},
): Promise<{ status: number; body: Data }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      address() + path,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${t.admin.token}`, 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          sent.destroy();
          resolve({ status: response.statusCode!, body: JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.flushHeaders();
    write((chunk) => !sent.destroyed && sent.write(chunk));
  });
}

test.each(interfaces)(
  '%s refuses a body by its length, before any of it is sent',
  async (name, path, headers, code) => {
    const { status, body } = await begin(path, { ...headers, 'content-length': '104857600' });
    expect([status, code(body)]).toEqual(tooLarge[name]);
  },
);

test.each(interfaces)(
  '%s refuses a body without a length as soon as it is too large',
  async (name, path, headers, code) => {
    const { status, body } = await begin(path, { ...headers, 'transfer-encoding': 'chunked' }, (write) => {
      for (let n = 0; n < 10; n += 1) write(Buffer.alloc(1_000_000, ' '));
    });
    expect([status, code(body)]).toEqual(tooLarge[name]);
  },
);

test.each(interfaces)(
  '%s refuses a compressed body that is too large when inflated',
  async (name, path, headers, code) => {
    const { status, body } = await send(
      'POST',
      path,
      { authorization: `Bearer ${t.admin.token}`, 'content-encoding': 'gzip', ...headers },
      gzipSync(Buffer.alloc(50_000_000, ' ')),
    );
    expect([status, code(body)]).toEqual(tooLarge[name]);
  },
);

test.each(interfaces)('%s takes a compressed body', async (_name, path, headers) => {
  const body = path === '/graphql' ? { query: '{ viewer { roles } }' } : [];
  const { status } = await send(
    'POST',
    path,
    { authorization: `Bearer ${t.admin.token}`, 'content-encoding': 'gzip', ...headers },
    gzipSync(JSON.stringify(body)),
  );
  expect(status).toBe(path === '/graphql' ? 200 : 400);
});

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each(interfaces)(
  '%s refuses what is nested 5,000 or 500,000 deep, with a key too',
  async (_name, path, headers) => {
    for (const levels of [5_000, 500_000])
      for (const key of [undefined, { 'idempotency-key': crypto.randomUUID() }]) {
        const text =
          path === '/graphql'
            ? `{"query":"{ viewer { roles } }","variables":{"a":${deep(levels)}}}`
            : `{"name":"深","extra":${deep(levels)}}`;
        const answer: Answer = await send(
          'POST',
          path,
          { authorization: `Bearer ${t.admin.token}`, ...headers, ...key },
          text,
        );
        expect([answer.status, JSON.stringify(answer.body)]).toEqual([
          400,
          expect.stringMatching(/nested too deeply|嵌套层数过多/),
        ]);
      }
    expect(await t.sql("select name from customer where name = '深'")).toEqual([]);
  },
);

test('a filter of an export is bounded as well', async () => {
  const { status, body } = await send('GET', `/export/customers.csv?filter=${deep(5_000)}`, {
    authorization: `Bearer ${t.admin.token}`,
  });
  expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
});
