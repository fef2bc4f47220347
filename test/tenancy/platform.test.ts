import { randomUUID } from 'node:crypto';
import { token } from '../support/http.js';
import { written } from '../support/records.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

// Platform administrators say which tenants there are; what is done to a tenant is written down in that tenant.
const create =
  'mutation ($input: TenantCreateInput!) { tenantCreate(input: $input) { tenant { id number code name timeZone currency language active } userErrors { code message field } } }';
const update =
  'mutation ($id: ID, $input: TenantInput!) { tenantUpdate(id: $id, input: $input) { tenant { code name timeZone currency language active } userErrors { code field } } }';
const log =
  '{ auditEntries { nodes { operation actorLogin recordType changes { field before after } } } changes { events { type recordId } } }';

const newCode = (): string => `n-${randomUUID()}`;
const inside = async (by: Actor, code: string, query: string): Promise<Data> =>
  (await by.graph.raw(query, {}, { 'x-tenant-id': code })).body.data;
const codesOf = async (by: Actor, filter: object): Promise<string[]> =>
  (
    await by.graph('query ($filter: TenantFilter) { tenants(filter: $filter) { nodes { code } } }', { filter })
  ).tenants.nodes.map(({ code }: Data) => code);

test('a platform administrator creates a tenant, which is audited and published in it and can be worked in at once', async () => {
  const { platform } = await tenant();
  const code = newCode();
  const input = { code, name: ' 华信 ', timeZone: 'europe/berlin', currency: 'eur', language: 'EN' };
  const { tenantCreate } = await platform.graph(create, { input });
  expect(tenantCreate).toEqual({
    tenant: {
      id: expect.any(String),
      number: expect.any(Number),
      code,
      name: '华信',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      language: 'EN',
      active: true,
    },
    userErrors: [],
  });
  expect(await inside(platform, code, log)).toEqual({
    auditEntries: {
      nodes: [
        {
          operation: 'tenant.create',
          actorLogin: 'platform',
          recordType: 'Tenant',
          changes: [
            { field: 'code', before: null, after: code },
            { field: 'currency', before: null, after: 'EUR' },
            { field: 'language', before: null, after: 'EN' },
            { field: 'name', before: null, after: '华信' },
            { field: 'timeZone', before: null, after: 'Europe/Berlin' },
          ],
        },
      ],
    },
    changes: { events: [{ type: 'crm.tenant.created', recordId: tenantCreate.tenant.id }] },
  });
});

test('only the code must be said', async () => {
  const { platform } = await tenant();
  const code = newCode();
  const { tenantCreate } = await platform.graph(create, { input: { code } });
  expect(tenantCreate.tenant).toMatchObject({
    code,
    name: code,
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
    language: 'ZH',
    active: true,
  });
});

test.each([
  ['a code that another tenant has', (code: string) => ({ code }), 'ALREADY_EXISTS', 'code'],
  ['a code with a space', () => ({ code: 'a b' }), 'INVALID', 'code'],
  ['a code that begins with a dash', () => ({ code: '-a' }), 'INVALID', 'code'],
  ['no code', () => ({ code: ' ' }), 'REQUIRED', 'code'],
  ['a code that is too long', () => ({ code: 'a'.repeat(65) }), 'TOO_LONG', 'code'],
  ['no time zone', () => ({ code: newCode(), timeZone: 'Mars/Olympus_Mons' }), 'INVALID', 'timeZone'],
  ['no currency', () => ({ code: newCode(), currency: 'ABC' }), 'INVALID', 'currency'],
  ['an empty name', () => ({ code: newCode(), name: '' }), 'REQUIRED', 'name'],
])('nothing comes of %s', async (_what, inputOf, error, field) => {
  const t = await tenant();
  await t.platform.id();
  const before = await written(t);
  const input = inputOf(t.code);
  const { userErrors, tenant: made } = (await t.platform.graph(create, { input })).tenantCreate;
  expect([made, userErrors]).toEqual([
    null,
    [{ code: error, message: expect.any(String), field: expect.arrayContaining([field]) }],
  ]);
  expect(await written(t)).toEqual(before);
  expect(await t.sql('select count(*)::int from tenant where code = $1 and code <> $2', [input.code, t.code])).toEqual([
    { count: 0 },
  ]);
});

test('of two at once with the same code one is created', async () => {
  const { platform } = await tenant();
  const code = newCode();
  const answers = await Promise.all([1, 2, 3].map(() => platform.graph(create, { input: { code } })));
  expect(answers.map(({ tenantCreate }) => tenantCreate.userErrors[0]?.code).toSorted()).toEqual([
    'ALREADY_EXISTS',
    'ALREADY_EXISTS',
    undefined,
  ]);
  expect((await inside(platform, code, log)).changes.events).toHaveLength(1);
});

test('nobody else creates tenants, lists them, changes another one or closes their own', async () => {
  const t = await tenant();
  await Promise.all([t.admin.id(), t.outsider.id()]);
  const before = await written(t);
  const code = newCode();
  for (const who of [t.admin, t.manager, t.sales, t.viewer]) {
    expect(await who.graph.refused(create, { input: { code } })).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused('{ tenants { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused(update, { id: t.outsider.tenant, input: { name: '别人' } })).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused(update, { input: { active: false } })).toEqual(['FORBIDDEN']);
    expect(
      (await who.graph('query ($id: ID!) { tenant(id: $id) { code } }', { id: t.outsider.tenant })).tenant,
    ).toBeNull();
  }
  expect(await written(t)).toEqual(before);
  expect(await t.sql('select name from tenant where code = $1', [t.outsider.tenant])).toEqual([
    { name: t.outsider.tenant },
  ]);
  expect(await t.sql('select 1 from tenant where code = $1', [code])).toEqual([]);
});

test('the list finds tenants by code, by words, by what they are', async () => {
  const { platform, code } = await tenant();
  const mark = randomUUID().slice(0, 8);
  for (const [n, language] of [
    [1, 'ZH'],
    [2, 'EN'],
    [3, 'EN'],
  ])
    await platform.graph(create, { input: { code: `${mark}-${n}`, name: `名称${n} ${mark}`, language } });
  expect(await codesOf(platform, { search: `${mark} 名称` })).toEqual([1, 2, 3].map((n) => `${mark}-${n}`));
  expect(await codesOf(platform, { search: mark, language: ['EN'] })).toEqual([`${mark}-2`, `${mark}-3`]);
  expect(await codesOf(platform, { code: [`${mark}-2`, code] })).toEqual(
    expect.arrayContaining([code, `${mark}-2`]) as never,
  );
  await platform.graph(update, { id: `${mark}-3`, input: { active: false } });
  expect(await codesOf(platform, { search: mark, active: true })).toEqual([`${mark}-1`, `${mark}-2`]);
});

test('a platform administrator changes any tenant by code, id or number; it is written down there', async () => {
  const { platform, outsider, sql } = await tenant();
  await outsider.id();
  const other = (
    await platform.graph('query ($code: [String!]) { tenants(filter: { code: $code }) { nodes { id number } } }', {
      code: [outsider.tenant],
    })
  ).tenants.nodes[0];
  for (const [place, id] of [outsider.tenant, other.id, String(other.number)].entries())
    expect((await platform.graph(update, { id, input: { name: `名${place}` } })).tenantUpdate).toEqual({
      tenant: expect.objectContaining({ code: outsider.tenant, name: `名${place}` }),
      userErrors: [],
    });
  expect(
    (await outsider.graph(log)).auditEntries.nodes.map(({ operation, actorLogin }: Data) => [operation, actorLogin]),
  ).toEqual(Array(3).fill(['tenant.update', 'platform']));
  expect(await sql('select count(*)::int from outbox')).toEqual([{ count: 0 }]);
  expect((await platform.graph(update, { id: newCode(), input: { name: 'x' } })).tenantUpdate.userErrors).toEqual([
    { code: 'NOT_FOUND', field: ['id'] },
  ]);
});

test('a tenant that is not active is closed to everybody but platform administrators, sockets too', async () => {
  const t = await tenant();
  await t.admin.id();
  const live = await rawSocket({ token: t.admin.token });
  expect((await t.platform.graph(update, { input: { active: false } })).tenantUpdate.tenant.active).toBe(false);
  const { status, body } = await t.admin.graph.raw('{ viewer { roles } }');
  expect([status, body]).toEqual([
    403,
    {
      errors: [
        {
          message: `The tenant “${t.code}” is not active: \`crm tenant update --active\` or \`tenantUpdate\` in the graph activates it.`,
          extensions: { code: 'TENANT_FORBIDDEN', status: 403 },
        },
      ],
    },
  ]);
  expect(await live.closed()).toEqual([4403, 'TENANT_FORBIDDEN']);
  const cell = await t.admin.rest('cell').get('/customers');
  expect([cell.status, cell.body.error?.message ?? cell.body.message]).toEqual([
    403,
    `租户“${t.code}”已停用：请用 crm tenant update --active 命令或通过接口启用`,
  ]);
  await t.platform.graph(update, { input: { active: true } });
  expect((await t.admin.graph('{ viewer { roles } }')).viewer.roles).toEqual(['TENANT_ADMIN']);
});

test('messages are in the language of the tenant, unless the caller asks for the other one', async () => {
  const { platform, code } = await tenant();
  const messageOf = async (language?: string): Promise<string> =>
    (
      await platform.graph.raw(
        'mutation { customerCreate(input: {}) { userErrors { message } } }',
        {},
        { 'x-tenant-id': code, 'accept-language': language ?? '*' },
      )
    ).body.data.customerCreate.userErrors[0].message;
  expect(await messageOf()).toBe('名称为必填项');
  await platform.graph(update, { input: { language: 'EN' } });
  expect(await messageOf()).toBe('name is required.');
  expect(await messageOf('fr')).toBe('name is required.');
  expect(await messageOf('zh-CN,en')).toBe('名称为必填项');
  expect(await messageOf('en')).toBe('name is required.');
});

test('who has a token for a tenant that there is not reads how one is made', async () => {
  const { platform } = await tenant();
  const missing = { sub: 'someone', tenant_id: 'a b', roles: ['tenant_admin' as const] };
  const answer = await platform.graph.raw(
    '{ viewer { roles } }',
    {},
    { authorization: `Bearer ${await token(missing)}` },
  );
  expect([answer.status, answer.body.errors[0]]).toEqual([
    403,
    {
      message: 'There is no tenant “a b”: `crm tenant create` or `tenantCreate` in the graph creates one.',
      extensions: { code: 'TENANT_FORBIDDEN', status: 403 },
    },
  ]);
});
