import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send, testSecret, token, type Answer } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Where a server is given a manifest, the operations in it are the only ones of the graph that are carried out.

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const list = 'query List($n: Int) { customers(first: $n) { totalCount } }';
const create = 'mutation Create($name: String!) { customerCreate(input: { name: $name }) { customer { name } } }';
const live = 'subscription Live { customerChanged { kind } }';
const other = 'query Other { customers { totalCount } }';
const change = 'mutation Change { customerCreate(input: { name: "不许" }) { customer { id } } }';

/** What graphql-codegen's `persistedDocuments` writes, and what Apollo's tools do. */
const manifests = {
  codegen: { [hashOf(list)]: list, [hashOf(create)]: create, [hashOf(live)]: live },
  apollo: {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [
      { id: hashOf(list), name: 'List', type: 'query', body: list },
      { id: hashOf(create), name: 'Create', type: 'mutation', body: create },
      { id: hashOf(live), name: 'Live', type: 'subscription', body: live },
    ],
  },
};

const directory = mkdtempSync(join(tmpdir(), 'crm-trusted-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

const persisted = (hash: string): object => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });
const start = (path: string, more: Record<string, string> = {}): Promise<Started> =>
  startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret(), CRM_TRUSTED_DOCUMENTS: path, ...more });

describe.each(['codegen', 'apollo'] as const)('with the manifest of %s', (kind) => {
  let server: Started;
  beforeAll(async () => {
    server = await start(file(`${kind}.json`, manifests[kind]));
  }, 60_000);
  afterAll(() => server.stop());

  const post = (body: object): Promise<Answer> =>
    send('POST', `${server.address}/graphql`, { authorization: `Bearer ${t.admin.token}` }, body);
  const get = (parameters: Partial<Record<string, string>>): Promise<Answer> =>
    send('GET', `${server.address}/graphql?${new URLSearchParams(parameters as Record<string, string>).toString()}`, {
      authorization: `Bearer ${t.admin.token}`,
      'apollo-require-preflight': '1',
    });
  const extension = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hashOf(list) } });

  test('its operations are carried out, by their ids and by their texts, whether they are known already or not', async () => {
    const data = { customers: { totalCount: expect.any(Number) } };
    for (let n = 0; n < 3; n += 1) {
      for (const body of [
        { query: list },
        { documentId: hashOf(list) },
        persisted(hashOf(list)),
        { query: list, ...persisted(hashOf(list)) },
        { query: '', documentId: hashOf(list), operationName: 'List' },
      ])
        expect(await post({ ...body, variables: { n: 1 } })).toMatchObject({ status: 200, body: { data } });
      for (const parameters of [{ query: list }, { documentId: hashOf(list) }, { extensions: extension }])
        expect(await get({ ...parameters, variables: '{"n":1}' })).toMatchObject({ status: 200, body: { data } });
      const { body } = await post({ documentId: hashOf(create), variables: { name: `${kind} ${n}` } });
      expect(body).toEqual({ data: { customerCreate: { customer: { name: `${kind} ${n}` } } } });
    }
  });

  test('no other is, and nothing comes of it', async () => {
    const refusal = { errors: [{ message: expect.any(String), extensions: { code: 'OPERATION_NOT_TRUSTED' } }] };
    for (const query of [other, change, `${list} `, list.replace('List', 'L'), '{ __schema { types { name } } }'])
      for (const body of [{ query }, { query, documentId: hashOf(list) }, { query, ...persisted(hashOf(query)) }])
        expect(await post(body)).toMatchObject({ status: 403, body: refusal });
    for (const body of [{ documentId: hashOf(other) }, persisted(hashOf(other)), { documentId: '__proto__' }])
      expect(await post(body)).toMatchObject({ status: 403, body: refusal });
    expect(await get({ query: other })).toMatchObject({ status: 403, body: refusal });
    expect(await get({ documentId: hashOf(other) })).toMatchObject({ status: 403, body: refusal });
    expect(await t.sql("select 1 from customer where name = '不许'")).toEqual([]);
    expect((await post({})).status).toBe(400);
    expect((await post([{ query: other }])).status).toBe(400);
  });

  test('the same holds for sockets', async () => {
    const raw = await rawSocket({ token: t.admin.token, server: server.address! });
    const ask = async (id: string, payload: object): Promise<Data> => {
      raw.send({ id, type: 'subscribe', payload });
      const { type, payload: answer } = await raw.next();
      if (type === 'next') await raw.next();
      return [type, type === 'error' ? answer[0].extensions.code : answer.data];
    };
    const data = { customers: { totalCount: expect.any(Number) } };
    expect(await ask('1', { query: list })).toEqual(['next', data]);
    expect(await ask('2', { query: '', documentId: hashOf(list) })).toEqual(['next', data]);
    expect(await ask('3', { query: '', ...persisted(hashOf(list)) })).toEqual(['next', data]);
    expect(await ask('4', { query: other })).toEqual(['error', 'OPERATION_NOT_TRUSTED']);
    expect(await ask('5', { query: 'subscription { caseChanged { kind } }' })).toEqual([
      'error',
      'OPERATION_NOT_TRUSTED',
    ]);
    raw.send({ id: 'live', type: 'subscribe', payload: { query: '', documentId: hashOf(live) } });
    raw.send({ type: 'ping' });
    expect(await raw.next()).toEqual({ type: 'pong' });
  });

  test('REST goes on, pages say so, and refusals are counted', async () => {
    const authorization = `Bearer ${t.admin.token}`;
    expect((await send('GET', `${server.address}/api/v1/crm/accounts`, { authorization })).status).toBe(200);
    const made = await send(
      'POST',
      `${server.address}/api/v1/customers`,
      { authorization },
      { name: `${kind} REST`, customer_code: `R-${kind}`, customer_type: 'enterprise' },
    );
    expect(made.status).toBeLessThan(500);
    expect((await send('GET', `${server.address}/export/customers.csv`, { authorization })).status).toBe(200);
    for (const path of ['/', '/graphiql'])
      expect(await (await fetch(server.address + path)).text()).toMatch(/only the operations of its manifest/i);
    const operator = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
    const metrics = await fetch(`${server.address}/metrics/server`, {
      headers: { authorization: `Bearer ${operator}` },
    });
    expect(await metrics.text()).toMatch(/crm_operations_not_trusted_total\{outcome="refused"\} [1-9]/);
  });
});

test('where others are only reported, they are carried out, counted, and logged once each', async () => {
  const server = await start(file('report.json', manifests.apollo), { CRM_TRUSTED_DOCUMENTS_REPORT: '1' });
  try {
    const authorization = `Bearer ${t.admin.token}`;
    const post = (body: object): Promise<Answer> => send('POST', `${server.address}/graphql`, { authorization }, body);
    for (let n = 0; n < 4; n += 1) {
      expect((await post({ query: other })).body.data).toEqual({ customers: { totalCount: expect.any(Number) } });
      expect((await post({ documentId: hashOf(list) })).body.errors).toBeUndefined();
    }
    // registering a text under its hash goes on
    expect((await post(persisted(hashOf(other)))).body.errors[0].message).toBe('PersistedQueryNotFound');
    expect((await post({ query: other, ...persisted(hashOf(other)) })).body.errors).toBeUndefined();
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('operation.notTrusted'));
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'operation.notTrusted', hash: hashOf(other), name: 'Other', carriedOut: true }),
    ]);
    expect(lines[0]).not.toContain('totalCount');
    const operator = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
    const metrics = await fetch(`${server.address}/metrics/server`, {
      headers: { authorization: `Bearer ${operator}` },
    });
    expect(await metrics.text()).toContain('crm_operations_not_trusted_total{outcome="reported"} 6');
    expect(await (await fetch(`${server.address}/graphiql`)).text()).not.toMatch(/operations of its manifest/i);
  } finally {
    await server.stop();
  }
}, 60_000);

test.each([
  ['is missing', undefined, 'must name a file that can be read'],
  ['is no JSON', '{', 'must name a manifest in JSON'],
  ['is a list', [list], 'must name a manifest: an object with the operations by their hash'],
  ['is empty', {}, 'must name a manifest with operations; there is none in it'],
  ['holds no text', { a: 1 }, 'must name a manifest whose operations are texts with an id each'],
  ['holds no GraphQL', { a: 'query {' }, 'must name a manifest of GraphQL; its operation "a" is none'],
  [
    'has another version',
    { ...manifests.apollo, version: 2 },
    'must name a manifest of the format apollo-persisted-query-manifest, version 1, if it names a format',
  ],
  [
    'has an operation without an id',
    { ...manifests.apollo, operations: [{ body: list }] },
    'must name a manifest whose operations are texts with an id each',
  ],
])('a manifest that %s stops the start with one sentence', async (what, content, sentence) => {
  const path = content === undefined ? join(directory, 'nothing.json') : file(`broken-${what}.json`, content);
  const { code, stdout, stderr } = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TRUSTED_DOCUMENTS: path,
  });
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    `CRM_TRUSTED_DOCUMENTS ${sentence}; it is ${JSON.stringify(path)}.\n`,
  ]);
});
