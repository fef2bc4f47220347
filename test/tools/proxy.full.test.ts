import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { eventually } from '../support/eventually.js';
import { testSecret, token } from '../support/http.js';
import { freePort } from '../support/ports.js';
import { startAnother, type Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// nginx with the block of docs/operations.md in front of a server: replaced are only the places (port, certificate, address).

const guide = readFileSync(resolve(__dirname, '../../docs/operations.md'), 'utf8');
const [, block = ''] = /^```nginx\n([^]*?)^```$/m.exec(guide) ?? [];
const host = 'crm.example.com';
const fileLimit = 20_971_520;

let server: Started;
let nginx: ChildProcess;
let directory: string;
let port: number;
let ca: Buffer;
let authorization: string;

beforeAll(async () => {
  server = await startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_TRUST_PROXY: '1',
    CRM_RATE_LIMITS: 'login=3/600',
  });
  authorization = `Bearer ${await token({ tenant_id: `t-${crypto.randomUUID()}`, roles: ['tenant_admin'] })}`;
  directory = mkdtempSync(join(tmpdir(), 'crm-nginx-'));
  const place = (name: string): string => join(directory, name);
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${host}`,
    ].concat(['-addext', `subjectAltName=DNS:${host}`, '-keyout', place('crm.key'), '-out', place('crm.pem')]),
    { stdio: 'pipe' },
  );
  ca = readFileSync(place('crm.pem'));
  port = await freePort();
  const places: Array<[string, string]> = [
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/crm', place('crm')],
    ['http://127.0.0.1:8001', server.address!],
  ];
  const own = places.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to).replaceAll(from, to);
  }, block);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${place(name)};`,
  );
  writeFileSync(
    place('nginx.conf'),
    `daemon off; pid ${place('pid')}; worker_processes 1; error_log ${place('error.log')};
events {}
http { access_log off; ${temporary.join(' ')}
${own}}
`,
  );
  nginx = spawn('nginx', ['-p', directory, '-c', place('nginx.conf'), '-e', place('error.log')], { stdio: 'inherit' });
  await eventually(
    () =>
      ask('/livez').then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
}, 120_000);

afterAll(async () => {
  if (nginx) {
    const ended = new Promise((settle) => nginx.once('exit', settle));
    nginx.kill('SIGTERM');
    await ended;
  }
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Asks nginx over TLS, as a client that looks up the name does; `until` says when enough of a stream has arrived. */
function ask(
  path: string,
  { body, until, ...options }: RequestOptions & { body?: string | Buffer; until?: (text: string) => boolean } = {},
): Promise<Answer> {
  return new Promise((settle, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        ca,
        servername: host,
        ...options,
        headers: {
          host,
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          ...(options.headers as object),
        },
      },
      (response) => {
        let text = '';
        const done = (): void => settle({ status: response.statusCode!, headers: response.headers, text });
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
            if (!until?.(text)) return;
            done();
            response.destroy();
          })
          .on('end', done)
          .on('error', reject);
      },
    );
    sent.on('error', reject).end(body);
  });
}

const graph = async (query: string, headers: object = {}): Promise<Answer> =>
  ask('/graphql', {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });

const create = (name: string): Promise<Answer> =>
  graph(`mutation { customerCreate(input: { name: "${name}" }) { customer { id } userErrors { code } } }`);

test('requests are answered, over TLS for all that the server says, whatever a client claims of itself', async () => {
  const { status, headers, text } = await create('第一');
  expect([status, JSON.parse(text).data.customerCreate.userErrors]).toEqual([200, []]);
  expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
  for (const claimed of [{}, { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }]) {
    const document = JSON.parse(
      (await ask('/api/v1/schema/?format=json&dialect=erp', { headers: claimed })).text,
    ) as Data;
    expect(document.servers).toEqual([{ url: `https://${host}` }]);
    const list = await ask('/api/v1/customers/?page_size=1', { headers: { authorization, ...claimed } });
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('evil.example');
  }
});

test('limits count by the address of the caller, which nobody can make up', async () => {
  const wrong = (claimed: string, localAddress = '127.0.0.1'): Promise<number> =>
    ask('/api/v1/crm/accounts', {
      localAddress,
      headers: { authorization: 'Bearer wrong', 'x-forwarded-for': claimed },
    }).then(({ status }) => status);
  const statuses: number[] = [];
  for (let n = 1; n <= 4; n += 1) statuses.push(await wrong(`203.0.113.${n}`));
  expect(statuses).toEqual([401, 401, 401, 429]);
  expect(await wrong('203.0.113.1', '127.0.0.2')).toBe(401);
});

test('a subscription gets its events through it', async () => {
  const client = createClient({
    url: `wss://127.0.0.1:${port}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { ca, servername: host, headers: { host } } as WebSocket.ClientOptions);
      }
    },
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
  });
  const events = client.iterate<Data>({ query: 'subscription { customerChanged { kind customer { name } } }' });
  const first = events.next();
  // what is committed before the server listens is not published to it
  const event = await Promise.race([
    first,
    (async () => {
      for (let n = 1; ; n += 1) {
        await create(`订阅${n}`);
        await new Promise((settle) => setTimeout(settle, 200));
      }
    })(),
  ]);
  expect((event as Data).value.data.customerChanged).toEqual({
    kind: 'CREATED',
    customer: { name: expect.stringMatching(/^订阅\d+$/) },
  });
  await client.dispose();
});

test('events of a stream arrive one by one while it is open', async () => {
  await create('之前');
  let made = false;
  const { status, headers, text } = await ask('/api/v1/events?after=0', {
    headers: { authorization, accept: 'text/event-stream' },
    until: (so) => {
      // the first ones are here, and the stream is open: what happens now arrives as well
      if (!made && so.includes('\ndata: ')) {
        made = true;
        void create('之后');
      }
      return made && (so.match(/^data: .*\n\n/gm)?.length ?? 0) > 1 && so.includes(':"crm.customer.created"');
    },
  });
  expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect(text.startsWith(': the feed begins')).toBe(true);
});

function form(size: number): { headers: Record<string, string>; body: Buffer } {
  const boundary = 'crm-boundary';
  return {
    headers: { authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n`),
      Buffer.alloc(size, 'x'),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

test('files pass up to the limit of the server, whose own answer says when one is too large; nginx refuses what is larger still', async () => {
  const sent = async (size: number): Promise<Answer> => ask('/api/v1/files', { method: 'POST', ...form(size) });
  const taken = await sent(fileLimit);
  expect(taken.status).toBe(200);
  const { url } = JSON.parse(taken.text).data as { url: string };
  expect((await ask(url, { headers: { authorization } })).text).toHaveLength(fileLimit);
  const refused = await sent(fileLimit + 1);
  expect([refused.status, JSON.parse(refused.text)]).toEqual([
    413,
    { code: 413, message: '请求体超过 20 MB', data: null },
  ]);
  await expect(
    sent(22 * 1024 * 1024).then(({ status, headers }) => [status, String(headers['server']).split('/')[0]]),
  ).resolves.toEqual([413, 'nginx']);
});

test('exports arrive as they are written, and answers are compressed for whoever takes it', async () => {
  const csv = await ask('/export/customers.csv', { headers: { authorization } });
  expect([csv.status, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  expect(csv.text).toContain('第一');
  const packed = await ask('/api/v1/schema/?format=json', { headers: { 'accept-encoding': 'gzip' } });
  expect([packed.status, packed.headers['content-encoding']]).toEqual([200, 'gzip']);
});
