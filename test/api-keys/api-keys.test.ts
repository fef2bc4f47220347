import { randomUUID } from 'node:crypto';
import { address, send, type Answer } from '../support/http.js';
import { furtherServers } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

jest.setTimeout(60_000);

let t: TestTenant;
let other: string;
beforeAll(async () => {
  t = await tenant();
  [other] = (await furtherServers(1)) as [string];
});

const members =
  'id prefix status role scopes name expiresAt rotatedAt revokedAt revokedReason lastUsedAt formerUntil formerLastUsedAt user { id login name } owner { id login }';
const created = `mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { key apiKey { ${members} } userErrors { code field } } }`;
const rotated = `mutation ($id: ID!, $formerUntil: DateTime) { apiKeyRotate(id: $id, formerUntil: $formerUntil) { key apiKey { ${members} } userErrors { code field message } } }`;
const revoked = `mutation ($id: ID!) { apiKeyRevoke(id: $id, reason: "离职") { apiKey { ${members} } userErrors { code } } }`;

const make = async (input: object = {}, by: Actor = t.admin): Promise<{ key: string; apiKey: Data }> =>
  (await by.graph(created, { input: { name: '同步程序', scopes: ['crm:read'], ...input } })).apiKeyCreate;

const viewer = '{ viewer { user { id login name } roles tenant { code } } }';
const ask = (key: string, headers: Record<string, string> = {}, server = address()): Promise<Answer> =>
  send('POST', `${server}/graphql`, { authorization: `Bearer ${key}`, ...headers }, { query: viewer });
const statusOf = async (key: string, server?: string): Promise<number> => (await ask(key, {}, server)).status;

/** Asks until the answer has another status, and says how long that took. */
async function until(status: number, asked: () => Promise<number>): Promise<number> {
  const since = Date.now();
  while ((await asked()) !== status) {
    if (Date.now() - since > 20_000) throw new Error(`Never answered ${status}.`);
    await new Promise((next) => setTimeout(next, 20));
  }
  return Date.now() - since;
}

test('a key acts as a user of its own in its tenant, with its scopes, however it is sent', async () => {
  const { key, apiKey } = await make();
  expect(key).toMatch(/^crm_[0-9A-Za-z]{44}_[0-9A-Za-z]{43}$/);
  expect(key.startsWith(`${apiKey.prefix}_`)).toBe(true);
  expect(apiKey).toMatchObject({
    status: 'ACTIVE',
    role: 'SERVICE',
    scopes: ['crm:read'],
    expiresAt: null,
    lastUsedAt: null,
    user: { name: '同步程序', login: `api-key:${apiKey.id}` },
    owner: { login: 'admin' },
  });
  const expected = { viewer: { user: apiKey.user, roles: ['SERVICE'], tenant: { code: t.code } } };
  const sent: Array<Record<string, string>> = [
    { authorization: `Bearer ${key}` },
    { authorization: `ApiKey ${key}` },
    { 'x-api-key': key },
    { authorization: `Bearer ${key}`, 'x-tenant-id': t.code },
  ];
  for (const headers of sent) {
    const { status, body } = await send('POST', '/graphql', headers, { query: viewer });
    expect([status, body]).toEqual([200, { data: expected }]);
  }
  expect((await ask(key, { 'x-tenant-id': t.outsider.tenant })).status).toBe(403);
});

test('what it may not do it is refused, in every channel', async () => {
  const { key } = await make();
  const headers = { 'x-api-key': key };
  const write = { query: 'mutation { customerCreate(input: { name: "甲" }) { customer { id } } }' };
  expect((await send('POST', '/graphql', headers, write)).body.errors[0].extensions.code).toBe('FORBIDDEN');
  expect((await send('GET', '/export/customers.csv', headers)).status).toBe(403);
  const keys = { query: '{ apiKeys { nodes { id } } }' };
  expect((await send('POST', '/graphql', headers, keys)).body.errors[0].extensions.code).toBe('FORBIDDEN');
  expect(await t.sql('select id from customer')).toEqual([]);
});

test.each<[what: string, input: object, error: string]>([
  ['no name', { name: ' ' }, 'REQUIRED input.name'],
  ['no scope', { scopes: [] }, 'REQUIRED input.scopes'],
  ['an unknown scope', { scopes: ['crm:read', 'crm:everything'] }, 'INVALID input.scopes.1'],
  ['scopes of a role that has none', { role: 'SALES' }, 'INVALID input.scopes'],
  ['a role over all tenants', { role: 'PLATFORM_ADMIN', scopes: [] }, 'INVALID input.role'],
  ['an end that has passed', { expiresAt: '2020-01-01T00:00:00Z' }, 'INVALID input.expiresAt'],
  ['an owner who is not there', { owner: randomUUID() }, 'UNKNOWN_REFERENCE input.owner'],
])('a key with %s is not made', async (_what, input, error) => {
  const before = await t.sql('select count(*)::int n from api_key');
  const { apiKeyCreate } = await t.admin.graph(created, { input: { name: '甲', scopes: ['crm:read'], ...input } });
  expect(apiKeyCreate.userErrors.map(({ code, field }: Data) => `${code} ${field.join('.')}`)).toEqual([error]);
  expect([apiKeyCreate.key, apiKeyCreate.apiKey]).toEqual([null, null]);
  expect(await t.sql('select count(*)::int n from api_key')).toEqual(before);
});

test('only those who administer the tenant make, see and end keys', async () => {
  const { apiKey, key } = await make();
  const service = await actor('program', t.code, ['service'], { scope: 'crm:read crm:write crm:audit' });
  for (const who of [t.manager, t.sales, t.viewer, service]) {
    expect(await who.graph.refused(created, { input: { name: '甲', scopes: ['crm:read'] } })).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused(rotated, { id: apiKey.id })).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused(revoked, { id: apiKey.id })).toEqual(['FORBIDDEN']);
    expect((await who.graph('query ($id: ID!) { node(id: $id) { id } }', { id: apiKey.id })).node).toBeNull();
    const { changes } = await who.graph('{ changes(first: 500) { events { type } } }');
    expect(changes.events.filter(({ type }: Data) => type.startsWith('crm.apiKey'))).toEqual([]);
  }
  expect(await t.outsider.graph.userErrors(rotated, { id: apiKey.id })).toEqual(['NOT_FOUND id']);
  expect(await statusOf(key)).toBe(200);
});

test('the database, the audit log, the events and repeated answers hold neither key nor secret', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const input = { input: { name: '乙', scopes: ['crm:read'] } };
  const first = (await t.admin.graph.raw(created, input, headers)).body.data.apiKeyCreate;
  const again = await t.admin.graph.raw(created, input, headers);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.body.data.apiKeyCreate).toEqual({ ...first, key: null });
  const next = (await t.admin.graph(rotated, { id: first.apiKey.id })).apiKeyRotate;
  for (const key of [first.key, next.key]) {
    const secret = key.split('_')[2];
    const tables = await t.sql("select table_name from information_schema.columns where column_name = 'tenant_id'");
    for (const { table_name: table } of tables)
      expect(await t.sql(`select 1 from "${table}" t where t::text like '%' || $1 || '%'`, [secret])).toEqual([]);
  }
  const hashes = await t.sql('select hash from api_key_secret where api_key_id = $1', [first.apiKey.id]);
  const audited = JSON.stringify(await t.sql('select changes from audit_entry'));
  expect(hashes.filter(({ hash }) => audited.includes(hash))).toEqual([]);
  const events = await t.sql('select type from outbox where subject = $1 order by seq', [first.apiKey.id]);
  expect(events.map(({ type }) => type)).toEqual(['crm.apiKey.created', 'crm.apiKey.rotated']);
});

test('a rotated key works under both secrets until the former one ends; that is seen', async () => {
  const { key, apiKey } = await make();
  const soon = new Date(Date.now() + 3_000).toISOString();
  const next = (await t.admin.graph(rotated, { id: apiKey.id, formerUntil: soon })).apiKeyRotate;
  expect(next.apiKey).toMatchObject({ formerUntil: soon, formerLastUsedAt: null, rotatedAt: expect.any(String) });
  expect(next.key.startsWith(`${apiKey.prefix}_`) && next.key !== key).toBe(true);
  expect([await statusOf(key), await statusOf(next.key)]).toEqual([200, 200]);
  const about = 'query ($id: ID!) { apiKey(id: $id) { formerLastUsedAt } }';
  const seen = async (): Promise<number> =>
    (await t.admin.graph(about, { id: apiKey.id })).apiKey.formerLastUsedAt ? 200 : 0;
  await until(200, seen);
  await until(401, () => statusOf(key));
  expect([Date.now() >= Date.parse(soon), await statusOf(next.key)]).toEqual([true, 200]);
  const passed = (await t.admin.graph(rotated, { id: apiKey.id, formerUntil: '2020-01-01T00:00:00Z' })).apiKeyRotate;
  await until(401, () => statusOf(next.key, other));
  expect([await statusOf(next.key), await statusOf(passed.key, other)]).toEqual([401, 200]);
  const far = new Date(Date.now() + 91 * 86_400_000).toISOString();
  expect(await t.admin.graph.userErrors(rotated, { id: apiKey.id, formerUntil: far })).toEqual(['INVALID formerUntil']);
  expect(await statusOf(passed.key)).toBe(200);
});

test('a revoked key is refused within five seconds by every process, and its open sockets and streams are closed', async () => {
  const { key, apiKey } = await make();
  expect([await statusOf(key), await statusOf(key, other)]).toEqual([200, 200]);
  const sockets = [await rawSocket({ token: key }), await rawSocket({ token: key, server: other })];
  const stream = await fetch(`${other}/api/v1/events`, {
    headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
  });
  const ended = stream.text();
  const since = Date.now();
  const { apiKeyRevoke } = await t.admin.graph(revoked, { id: apiKey.id });
  expect(apiKeyRevoke.apiKey).toMatchObject({
    status: 'REVOKED',
    revokedReason: '离职',
    revokedAt: expect.any(String),
  });
  await Promise.all([until(401, () => statusOf(key)), until(401, () => statusOf(key, other))]);
  expect(await Promise.all(sockets.map((socket) => socket.closed()))).toEqual([
    [4401, 'UNAUTHENTICATED'],
    [4401, 'UNAUTHENTICATED'],
  ]);
  await ended;
  expect(Date.now() - since).toBeLessThan(5_000);
  const [error] = (await t.admin.graph(rotated, { id: apiKey.id })).apiKeyRotate.userErrors;
  expect(error).toEqual({
    code: 'TRANSITION_NOT_ALLOWED',
    field: ['status'],
    message: 'Cannot change status from REVOKED to ACTIVE.',
  });
  expect((await t.admin.graph(revoked, { id: apiKey.id })).apiKeyRevoke.userErrors).toEqual([]);
});

test('a key that is no key, or not quite, is refused in the same way', async () => {
  const { key } = await make();
  const otherSecret = `${key.slice(0, -43)}${'a'.repeat(43)}`;
  const tooLarge = `crm_${'z'.repeat(44)}_${'a'.repeat(43)}`;
  for (const wrong of [otherSecret, tooLarge, key.slice(0, -1), `${key}a`, 'crm_', key.toLowerCase()]) {
    const { status, body } = await ask(wrong);
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  }
});

test('an ended key, and one whose user may no longer sign in, are refused', async () => {
  const ending = await make({ expiresAt: new Date(Date.now() + 1_500).toISOString() });
  expect(await statusOf(ending.key)).toBe(200);
  await until(401, () => statusOf(ending.key));
  const barred = await make();
  expect(await statusOf(barred.key)).toBe(200);
  await t.sql('update user_account set active = false where id = $1', [barred.apiKey.user.id]);
  await until(403, () => statusOf(barred.key));
});

test('when it was last used is written, once a minute, and changes neither version nor history', async () => {
  const { key, apiKey } = await make();
  for (let times = 0; times < 5; times += 1) await statusOf(key);
  const about = 'query ($id: ID!) { apiKey(id: $id) { lastUsedAt version history { totalCount } } }';
  let found: Data;
  await until(200, async () => {
    found = (await t.admin.graph(about, { id: apiKey.id })).apiKey;
    return found.lastUsedAt ? 200 : 0;
  });
  expect(found).toEqual({ lastUsedAt: expect.any(String), version: 1, history: { totalCount: 1 } });
  await statusOf(key);
  expect((await t.admin.graph(about, { id: apiKey.id })).apiKey).toEqual(found);
});
