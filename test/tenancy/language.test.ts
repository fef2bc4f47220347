import { send } from '../support/http.js';
import { eventually } from '../support/eventually.js';
import { customer } from '../support/records.js';
import { rawSocket, type RawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Where a caller asks for no language, everything is said in the tenant's: in every answer that can be refused.

type Ask = (headers: Record<string, string>) => Promise<{ body: Data }>;

let inChinese: TestTenant;
let inEnglish: TestTenant;
beforeAll(async () => {
  [inChinese, inEnglish] = [await tenant(), await tenant()];
  await inEnglish.admin.graph('mutation { tenantUpdate(input: {language: EN}) { userErrors { code } } }');
});

const graph =
  (query: string, variables: object = {}): Ask =>
  (headers) =>
    send('POST', '/graphql', headers, { query, variables });

const asked: Record<string, Ask> = {
  'a mutation that the caller can put right': graph(
    'mutation { customerCreate(input: {name: ""}) { userErrors { message } } }',
  ),
  'a mutation that they cannot': graph('mutation { tenantCreate(input: {code: "x"}) { userErrors { message } } }'),
  'a refused argument': graph('{ customers(first: 5000) { totalCount } }'),
  'an operation that is not valid': graph('{ nothing }'),
  'an operation with a mistake of syntax': graph('{ customers('),
  'a wrong variable': graph('query ($first: Int) { customers(first: $first) { totalCount } }', { first: 'x' }),
  'an operation that is too large': graph(
    '{ customers(first: 500) { nodes { contacts(first: 500) { totalCount } } } }',
  ),
  'what the caller may do': graph(
    '{ customers { nodes { viewerCanUpdate { message } } } enumLabels { values { label } } }',
  ),
  'an export': (headers) => send('GET', '/export/customers.csv?sort=name', headers),
  'the headings of an export': (headers) => send('GET', '/export/customers.csv', headers),
  'an upload without a file': (headers) => send('POST', '/api/v1/files', headers, {}),
  'a file that is not there': (headers) =>
    send('GET', `/api/v1/files/${'0'.repeat(8)}-0000-7000-8000-000000000000`, headers),
  'a ticket for nothing': (headers) => send('POST', '/api/v1/tickets?purpose=nothing', headers),
  'another tenant': (headers) =>
    send('POST', '/graphql', { ...headers, 'x-tenant-id': 'elsewhere' }, { query: '{ viewer { roles } }' }),
};

const bearer = ({ admin }: TestTenant): string => `Bearer ${admin.token}`;

test.each(Object.entries(asked))('%s', async (_, ask) => {
  const said = async (t: TestTenant, language: string): Promise<string> =>
    JSON.stringify((await ask({ authorization: bearer(t), 'accept-language': language })).body);
  const [chinese, english] = [await said(inChinese, 'zh'), await said(inEnglish, 'en')];
  expect(chinese).toMatch(/\p{Script=Han}/u);
  expect(english).not.toMatch(/\p{Script=Han}/u);
  for (const none of ['*', 'fr']) {
    expect(await said(inChinese, none)).toBe(chinese);
    expect(await said(inEnglish, none)).toBe(english);
  }
  expect(await said(inChinese, 'en')).not.toMatch(/\p{Script=Han}/u);
  expect(await said(inEnglish, 'zh')).toMatch(/\p{Script=Han}/u);
});

test('a socket speaks the language of the tenant too', async () => {
  const said = async (t: TestTenant, payload: object): Promise<string> => {
    const socket = await rawSocket();
    socket.send({ type: 'connection_init', payload: { authorization: bearer(t), ...payload } });
    expect((await socket.next()).type).toBe('connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { nothing }' } });
    return (await socket.next()).payload[0].message as string;
  };
  const english = /^Cannot query field "nothing"/;
  expect(await said(inChinese, {})).toBe('没有字段 nothing');
  expect(await said(inEnglish, {})).toMatch(english);
  expect(await said(inChinese, { 'accept-language': 'en' })).toMatch(english);
  expect(await said(inEnglish, { 'accept-language': 'zh' })).toBe('没有字段 nothing');
});

test('sockets that are open follow a change of the tenant, each in the language that it asked for', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  const query = 'subscription { customerChanged { customer { viewerCanRestore { message } } } }';
  const opened = async (headers: object): Promise<RawSocket> => {
    const socket = await rawSocket();
    socket.send({ type: 'connection_init', payload: { authorization: bearer(t), ...headers } });
    expect((await socket.next()).type).toBe('connection_ack');
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    return socket;
  };
  const sockets = [
    await opened({}),
    await opened({ 'accept-language': 'en' }),
    await opened({ 'accept-language': 'zh' }),
  ];
  let count = 0;
  const said = async (): Promise<string[]> => {
    await t.admin.graph(
      'mutation ($id: ID!, $remarks: String) { customerUpdate(id: $id, input: { remarks: $remarks }) { userErrors { code } } }',
      { id, remarks: String((count += 1)) },
    );
    const messages: string[] = [];
    for (const socket of sockets)
      messages.push((await socket.next()).payload.data.customerChanged.customer.viewerCanRestore.message);
    return messages;
  };
  const [chinese, english] = ['记录未被删除', 'The record is not deleted.'];
  expect(await said()).toEqual([chinese, english, chinese]);
  await t.admin.graph('mutation { tenantUpdate(input: { language: EN }) { userErrors { code } } }');
  await eventually(said, ([first]) => first === english);
  expect(await said()).toEqual([english, english, chinese]);
});

test('a refusal to let somebody in is in the language of the tenant, even where it is closed', async () => {
  const t = await tenant();
  await t.admin.graph('mutation { tenantUpdate(input: {language: EN}) { userErrors { code } } }');
  const ask = graph('{ viewer { roles } }');
  await t.platform.graph('mutation { tenantUpdate(input: {active: false}) { userErrors { code } } }');
  const { body } = await ask({ authorization: bearer(t), 'accept-language': '*' });
  expect(body.errors[0].message).toMatch(/is not active/);
});
