import WebSocket from 'ws';
import { address, send, token, type Answer } from '../support/http.js';
import { customer } from '../support/records.js';
import { furtherServers } from '../support/server.js';
import { socketsOf } from '../support/subscribe.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { uploaded } from '../support/upload.js';

// a further server is started
jest.setTimeout(180_000);

let t: TestTenant;
let other: string;
beforeAll(async () => {
  t = await tenant();
  [other] = (await furtherServers(1)) as [string];
});

const ticketFor = async (who: Actor, purpose: string, server = ''): Promise<Data> =>
  (await send('POST', `${server}/api/v1/tickets?purpose=${purpose}`, { authorization: `Bearer ${who.token}` })).body;

/** How a stream at an address begins: its status, and the first lines with data or what it was refused with. */
async function opened(url: string, wanted: RegExp): Promise<[status: number, text: string]> {
  const stop = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: stop.signal });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    if (response.status === 200 && wanted.test(text)) break;
  }
  stop.abort();
  return [response.status, text];
}

/** What a socket is answered that says nothing of who it is but what stands in its address or parameters. */
async function greeting(server: string, query: string, payload: object = {}): Promise<string> {
  const socket = new WebSocket(`${socketsOf(server)}${query}`, ['graphql-transport-ws']);
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

const linkOf = async (who: Actor, id: string): Promise<string> =>
  (await who.graph('query ($id: ID!) { file(id: $id) { link } }', { id })).file.link;
const exportOf = async (who: Actor, path: string): Promise<string> =>
  (await who.graph('query ($path: String!) { exportLink(path: $path) { url } }', { path })).exportLink.url;

test('a ticket begins a stream of events in another process, with or without names', async () => {
  const { ticket, purpose, expiresAt } = await ticketFor(t.admin, 'events');
  expect([purpose, Date.parse(expiresAt) - Date.now() <= 60_000, Date.parse(expiresAt) > Date.now()]).toEqual([
    'events',
    true,
    true,
  ]);
  await customer(t.admin, { name: '甲' });
  const url = `${other}/api/v1/events?after=0&ticket=${ticket}`;
  const [status, named] = await opened(url, /customer\.created/);
  expect([status, /^event: crm\.customer\.created$/m.test(named)]).toEqual([200, true]);
  const [, unnamed] = await opened(`${url}&events=message`, /customer\.created/);
  expect([/^event:/m.test(unnamed), /^id: \d+\ndata: \{.*"type":"crm\.customer\.created"/m.test(unnamed)]).toEqual([
    false,
    true,
  ]);
  expect((await opened(`${url}&events=none`, /^$/))[0]).toBe(400);
});

test('a ticket opens a socket, in its address or among its parameters', async () => {
  const { ticket } = await ticketFor(t.sales, 'socket', other);
  for (const server of [address(), other]) {
    expect(await greeting(server, `?ticket=${ticket}`)).toBe('connection_ack');
    expect(await greeting(server, '', { ticket })).toBe('connection_ack');
  }
});

test('a ticket is for one purpose, unchanged, and for those alone who may sign in', async () => {
  const events = (await ticketFor(t.admin, 'events')).ticket as string;
  const socket = (await ticketFor(t.admin, 'socket')).ticket as string;
  const changed = `${events.slice(0, -2)}${events.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const wrong of [socket, changed, events.slice(1), 'x', '', t.admin.token]) {
    const [status, text] = await opened(`${address()}/api/v1/events?ticket=${wrong}`, /./);
    expect([status, JSON.parse(text).errors[0].extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
  }
  for (const wrong of [events, changed, 'x', ''])
    expect(await greeting(address(), `?ticket=${wrong}`)).toBe('4401 UNAUTHENTICATED');
  expect((await send('GET', `/api/v1/customers/?ticket=${events}`)).status).toBe(401);
  const graph = { query: '{ viewer { roles } }' };
  expect((await send('POST', `/graphql?ticket=${socket}`, {}, graph)).status).toBe(401);
  expect((await send('POST', '/api/v1/tickets?purpose=events')).status).toBe(401);
  const headers = { authorization: `Bearer ${t.admin.token}` };
  for (const purpose of ['', '?purpose=link', '?purpose=events&purpose=socket'])
    expect((await send('POST', `/api/v1/tickets${purpose}`, headers)).status).toBe(400);
});

test('a ticket lets nobody in longer than the token it stands for', async () => {
  const brief = {
    ...t.admin,
    token: await token({ sub: 'brief', tenant_id: t.code, expires: Math.floor(Date.now() / 1000) + 3 }),
  };
  const { ticket } = await ticketFor(brief, 'socket');
  expect(await greeting(address(), `?ticket=${ticket}`)).toBe('connection_ack');
  const since = Date.now();
  // the server accepts tokens for 5 seconds after their end
  while ((await greeting(address(), `?ticket=${ticket}`)) !== '4401 UNAUTHENTICATED')
    if (Date.now() - since > 30_000) throw new Error('The ticket still works.');
});

test('a file is fetched by its link alone, from any process, by those who may see it', async () => {
  const file = await uploaded(t.sales, '报价.txt', '价格');
  const link = await linkOf(t.sales, file.id);
  expect(link).toMatch(new RegExp(`^/api/v1/files/${file.id}\\?link=[\\w-]+\\.[0-9a-f]{64}$`));
  // the content lies with the first server; the other one makes links as well
  const query = { query: 'query ($id: ID!) { file(id: $id) { link } }', variables: { id: file.id } };
  const made = await send('POST', `${other}/graphql`, { authorization: `Bearer ${t.sales.token}` }, query);
  for (const url of [link, made.body.data.file.link as string]) {
    const { status, body } = await send('GET', url);
    expect([status, body]).toEqual([200, '价格']);
  }
  expect((await send('HEAD', link)).status).toBe(200);
  const foreign = await linkOf(t.admin, file.id);
  const moved = foreign.replace(file.id, (await uploaded(t.admin, 'b.txt', 'x')).id);
  const wrong = [
    moved,
    `${link}0`,
    link.slice(0, -1),
    `${link}&x=1`,
    link.replace('link=', 'link=A'),
    link.replace('?link', '?x=1&link'),
    `/api/v1/files/${file.id}?link=`,
    `/api/v1/files/${file.id}?link=a.${'0'.repeat(64)}`,
  ];
  for (const url of wrong) {
    const { status, body } = await send('GET', url);
    expect([status, body]).toEqual([401, { code: 401, message: 'A valid bearer token is required.', data: null }]);
  }
  expect((await send('DELETE', link)).status).not.toBe(200);
});

test('rights are checked again when a link is used', async () => {
  const file = await uploaded(t.sales, 'c.txt', 'secret');
  const link = await linkOf(t.sales, file.id);
  await t.admin.graph('mutation ($id: ID!) { fileDelete(id: $id) { deletedId } }', { id: file.id });
  expect((await send('GET', link)).status).toBe(404);
  const leaving = await actor('leaving', t.code, ['manager']);
  const own = await linkOf(leaving, (await uploaded(leaving, 'd.txt', 'x')).id);
  expect((await send('GET', own)).status).toBe(200);
  await t.admin.graph('mutation { tokenRevoke(user: "leaving") { userErrors { code } } }');
  const since = Date.now();
  while ((await send('GET', own)).status !== 401) if (Date.now() - since > 5_000) throw new Error('It still works.');
});

test('an export is fetched by its link alone: that query, masked as for the caller, and refused to who may not export', async () => {
  await customer(t.admin, { name: '出口甲', phone: '13800138000' });
  await customer(t.admin, { name: '出口乙' });
  const path = `/export/customers.json?filter=${encodeURIComponent('{"search":"出口甲"}')}`;
  const masked = await actor('exporter', t.code, ['service'], { scope: 'crm:read crm:export' });
  const phones = async (who: Actor): Promise<unknown> => {
    const { status, body } = await send('GET', other + (await exportOf(who, path)));
    return [status, (body as Data[]).map(({ name, phone }) => [name, phone])];
  };
  expect(await phones(t.admin)).toEqual([200, [['出口甲', '13800138000']]]);
  expect(await phones(masked)).toEqual([200, [['出口甲', '138****8000']]]);
  const link = await exportOf(t.admin, path);
  const statusOf = async (url: string): Promise<number> => (await send('GET', url)).status;
  expect(await statusOf(link.replace(encodeURIComponent('甲'), encodeURIComponent('乙')))).toBe(401);
  expect(await statusOf(link.replace('customers.json', 'contacts.json'))).toBe(401);
  expect(await statusOf(await exportOf(t.viewer, path))).toBe(403);
  expect(await statusOf(await exportOf(t.admin, '/export/customers.json'))).toBe(200);
  // other addresses take no links
  const elsewhere: Answer = await send('GET', await exportOf(t.admin, '/api/v1/customers/'));
  expect(elsewhere.status).toBe(401);
});

test('links within a page take no statement more', async () => {
  const query = '{ files(first: 20) { nodes { link } } }';
  const { statements, body } = await t.admin.graph.raw(query, {}, { 'x-crm-executor': 'compiled' });
  expect([statements, body.data.files.nodes.length > 2]).toEqual([1, true]);
  const links = new Set(body.data.files.nodes.map(({ link }: Data) => link));
  expect(links.size).toBe(body.data.files.nodes.length);
  expect([...links].filter((link) => !String(link).startsWith('/api/v1/files/'))).toEqual([]);
});
