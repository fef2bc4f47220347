import { address, send } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { upload } from '../support/upload.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

// The document of what all dialects share, against what the server answers: every path with every status that it names.

let document: Data;
let t: TestTenant;
let ajv: Ajv2020;
beforeAll(async () => {
  document = (await send('GET', '/api/v1/schema/?format=json&dialect=server')).body;
  ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  t = await tenant();
  await customer(t.admin, { name: '甲' });
}, 30_000);

interface Case {
  method: 'get' | 'post';
  /** as the document has it */
  path: string;
  status: number;
  type?: string;
  ask: () => Promise<Response | { status: number; headers: Headers; body: unknown }>;
}

const authorization = (): string => `Bearer ${t.admin.token}`;
const get = (path: string, headers: Record<string, string> = {}): ReturnType<typeof send> =>
  send('GET', path, { authorization: authorization(), accept: 'application/json', ...headers });
let stored: string | undefined;
const storedFile = async (): Promise<string> =>
  (stored ??= (await upload(t.admin, 'a.txt', '0123456789')).body.data.id as string);
const file = async (headers: Record<string, string> = {}): ReturnType<typeof send> =>
  get(`/api/v1/files/${await storedFile()}`, headers);
const formats3 = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
};

async function stream(): Promise<Response> {
  const left = new AbortController();
  const answer = await fetch(`${address()}/api/v1/events`, {
    headers: { authorization: authorization(), accept: 'text/event-stream' },
    signal: left.signal,
  });
  left.abort();
  return answer;
}

const cases: Case[] = [
  {
    method: 'post',
    path: '/api/v1/tickets',
    status: 201,
    ask: () => send('POST', '/api/v1/tickets?purpose=events', { authorization: authorization() }),
  },
  {
    method: 'post',
    path: '/api/v1/tickets',
    status: 400,
    ask: () => send('POST', '/api/v1/tickets?purpose=none', { authorization: authorization() }),
  },
  { method: 'post', path: '/api/v1/tickets', status: 401, ask: () => send('POST', '/api/v1/tickets?purpose=events') },
  { method: 'get', path: '/api/v1/events', status: 200, ask: () => get('/api/v1/events') },
  { method: 'get', path: '/api/v1/events', status: 200, type: 'text/event-stream', ask: stream },
  { method: 'get', path: '/api/v1/events', status: 400, ask: () => get('/api/v1/events?after=x') },
  {
    method: 'get',
    path: '/api/v1/events',
    status: 401,
    ask: () => get('/api/v1/events', { authorization: 'Bearer x' }),
  },
  {
    method: 'get',
    path: '/api/v1/events',
    status: 410,
    ask: async () => {
      const other = await tenant();
      for (const name of ['甲', '乙', '丙']) await customer(other.admin, { name });
      await other.sql('delete from outbox where seq < 3');
      return get('/api/v1/events?after=1', { authorization: `Bearer ${other.admin.token}` });
    },
  },
  { method: 'post', path: '/api/v1/files', status: 200, ask: () => upload(t.admin, 'b.txt', '甲') },
  {
    method: 'post',
    path: '/api/v1/files',
    status: 400,
    ask: () => send('POST', '/api/v1/files', { authorization: authorization() }, {}),
  },
  {
    method: 'post',
    path: '/api/v1/files',
    status: 401,
    ask: () => upload(t.admin, 'b.txt', '甲', {}, { authorization: 'Bearer x' }),
  },
  { method: 'post', path: '/api/v1/files', status: 403, ask: () => upload(t.viewer, 'b.txt', '甲') },
  {
    method: 'post',
    path: '/api/v1/files',
    status: 413,
    ask: () => upload(t.admin, 'b.txt', new Uint8Array(20_971_521).fill(65)),
  },
  { method: 'post', path: '/api/v1/files', status: 415, ask: () => upload(t.admin, 'b.exe', 'MZ') },
  { method: 'get', path: '/api/v1/files/{id}', status: 200, type: '*', ask: () => file() },
  { method: 'get', path: '/api/v1/files/{id}', status: 206, type: '*', ask: () => file({ range: 'bytes=2-4' }) },
  {
    method: 'get',
    path: '/api/v1/files/{id}',
    status: 304,
    type: '*',
    ask: async () => file({ 'if-none-match': (await file()).headers.get('etag')! }),
  },
  { method: 'get', path: '/api/v1/files/{id}', status: 401, ask: () => file({ authorization: 'Bearer x' }) },
  {
    method: 'get',
    path: '/api/v1/files/{id}',
    status: 404,
    ask: () => get('/api/v1/files/01900000-0000-7000-8000-000000000000'),
  },
  { method: 'get', path: '/api/v1/files/{id}', status: 416, type: '*', ask: () => file({ range: 'bytes=99-' }) },
  ...['customers', 'contacts', 'opportunities', 'contracts'].flatMap((list) =>
    Object.entries(formats3).flatMap(([form, type]): Case[] => {
      const path = `/export/${list}.${form}`;
      return [
        { method: 'get', path, status: 200, type, ask: () => get(path) },
        { method: 'get', path, status: 400, ask: () => get(`${path}?filter=x`) },
        { method: 'get', path, status: 401, ask: () => get(path, { authorization: 'Bearer x' }) },
        { method: 'get', path, status: 403, ask: () => get(path, { authorization: `Bearer ${t.viewer.token}` }) },
      ];
    }),
  ),
];

test('every path and every status of the document is answered, in the form that it says', async () => {
  const wrong: string[] = [];
  for (const { method, path, status, type = 'application/json', ask } of cases) {
    const answer = await ask();
    const place = `${method} ${path} ${status}`;
    if (answer.status !== status) wrong.push(`${place}: answered ${answer.status}`);
    const content = document.paths[path][method].responses[status].content as Record<string, Data> | undefined;
    const sent = answer.headers.get('content-type')?.split(';')[0];
    if (type !== '*' && (sent !== type || !content?.[type])) wrong.push(`${place}: ${String(sent)}`);
    if (type !== 'application/json' || !content) continue;
    const pointer = ['paths', path, method, 'responses', status, 'content', type, 'schema']
      .map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = ajv.getSchema(`document#/${pointer}`)!;
    if (!validate(answer.body)) wrong.push(`${place}: ${ajv.errorsText(validate.errors)}`);
  }
  expect(wrong).toEqual([]);
  const documented = Object.entries<Data>(document.paths).flatMap(([path, item]) =>
    Object.entries<Data>(item).flatMap(([method, { responses }]) =>
      Object.keys(responses).map((status) => `${method} ${path} ${status}`),
    ),
  );
  expect([...new Set(cases.map(({ method, path, status }) => `${method} ${path} ${status}`))].toSorted()).toEqual(
    documented.toSorted(),
  );
}, 60_000);
