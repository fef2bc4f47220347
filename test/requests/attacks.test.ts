import { SignJWT } from 'jose';
import { send, testSecret, token, type Answer } from '../support/http.js';
import { strictServer } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// What costs a lot to look at is refused before it is looked at, and what counts as one caller is one.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const ask = (query: string): Promise<Answer> =>
  send('POST', '/graphql', { authorization: `Bearer ${t.admin.token}` }, { query });

const documents: Array<[what: string, query: string, message: RegExp]> = [
  ['20,000 operations', times(20_000, (n) => `query Q${n} { viewer { roles } }`), /characters/],
  ['1,800 operations', times(1_800, (n) => `query Q${n} { viewer { roles } }`), /tokens/],
  ['1,000 operations', times(1_000, (n) => `query Q${n} { viewer { roles } }`), /more than 200 definitions/],
  [
    'a chain of 20,000 fragments',
    `{ viewer { ...F0 } } ${times(20_000, (n) => `fragment F${n} on Viewer { ...F${n + 1} }`)} fragment F20000 on Viewer { roles }`,
    /characters/,
  ],
  [
    'a chain of 1,000 fragments',
    `{ viewer { ...F0 } } ${times(1_000, (n) => `fragment F${n} on Viewer { ...F${n + 1} }`)} fragment F1000 on Viewer { roles }`,
    /more than 200 definitions/,
  ],
  ['3,000 aliases', `{ ${times(3_000, (n) => `a${n}: __typename`)} }`, /more than 2000 fields/],
  ['100,000 aliases', `{ ${times(100_000, (n) => `a${n}: __typename`)} }`, /characters/],
  ['one field 100,000 times', `{ ${times(100_000, () => '__typename')} }`, /characters/],
  ['50,000 directives', `{ viewer { roles ${times(50_000, () => '@skip(if: false)')} } }`, /characters/],
];

test.each(documents)('%s are refused over HTTP and on a socket', async (_what, query, message) => {
  const { status, body } = await ask(query);
  expect([status, body.data]).toEqual([400, undefined]);
  expect(body.errors.some((error: Data) => message.test(error.message))).toBe(true);
  expect(body.errors.every((error: Data) => /^(?:BAD_REQUEST|GRAPHQL_\w+_FAILED)$/.test(error.extensions.code))).toBe(
    true,
  );
  if (query.length > 900_000) return;
  const raw = await rawSocket({ token: t.admin.token });
  raw.send({ id: '1', type: 'subscribe', payload: { query } });
  const { type, payload } = await raw.next();
  expect([type, payload[0].extensions.code]).toEqual([
    'error',
    expect.stringMatching(/^(?:BAD_REQUEST|GRAPHQL_\w+_FAILED)$/),
  ]);
});

test('one socket has 20 operations carried out at once; the next one is refused, and later ones are not', async () => {
  const raw = await rawSocket({ token: t.admin.token });
  // changes of one tenant follow each other, so that they come faster than they are carried out
  const create = (n: number): string =>
    `mutation { customerCreate(input: { name: "甲${n}" }) { userErrors { code } } }`;
  for (let n = 0; n < 300; n += 1) raw.send({ id: `${n}`, type: 'subscribe', payload: { query: create(n) } });
  const found = { next: 0, error: 0 };
  while (found.next + found.error < 300) {
    const { type, payload } = await raw.next();
    if (type === 'error') expect(payload[0].extensions.code).toBe('RATE_LIMITED');
    if (type in found) found[type as keyof typeof found] += 1;
  }
  expect(found.next).toBeGreaterThanOrEqual(20);
  expect(found.error).toBeGreaterThan(0);
  raw.send({ id: 'after', type: 'subscribe', payload: { query: '{ customers { totalCount } }' } });
  for (;;) {
    const { id, type, payload } = await raw.next();
    if (id !== 'after') continue;
    expect([type, payload]).toEqual(['next', { data: { customers: { totalCount: found.next } } }]);
    break;
  }
});

describe('where clients may not ask for the schema', () => {
  let server: string;
  beforeAll(async () => {
    server = await strictServer();
  });

  test('neither introspection nor a suggestion nor the printed schema is answered', async () => {
    const authorization = `Bearer ${t.admin.token}`;
    for (const query of [
      '{ __schema { types { name } } }',
      '{ __type(name: "Customer") { name } }',
      '{ custmers { totalCount } }',
    ]) {
      const { status, body } = await send('POST', `${server}/graphql`, { authorization }, { query });
      expect([status, body.data, body.errors[0].message.includes('Did you mean')]).toEqual([400, undefined, false]);
      const raw = await rawSocket({ token: t.admin.token, server });
      raw.send({ id: '1', type: 'subscribe', payload: { query } });
      const { type, payload } = await raw.next();
      expect([type, payload[0].message.includes('Did you mean')]).toEqual(['error', false]);
    }
    expect((await send('GET', `${server}/schema.graphql`)).status).toBe(404);
    const { body } = await send('POST', `${server}/graphql`, { authorization }, { query: '{ viewer { __typename } }' });
    expect(body).toEqual({ data: { viewer: { __typename: 'Viewer' } } });
  });
});

describe('a subject', () => {
  const signed = (sub: unknown): Promise<string> =>
    new SignJWT({ roles: ['tenant_admin'], tenant_id: t.code, sub } as never)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(testSecret()));
  const viewer = async (sub: unknown): Promise<Answer> =>
    send(
      'POST',
      '/graphql',
      { authorization: `Bearer ${await signed(sub)}` },
      { query: '{ viewer { user { id login } } }' },
    );

  test.each([
    ['an object', { a: 1 }],
    ['a list', ['a']],
    ['a number', 7],
    ['true', true],
    ['blank', '  '],
    ['with U+0000', 'a\u0000b'],
    ['with half a pair', 'a\ud800'],
    ['longer than 200 characters', 'x'.repeat(201)],
  ])('that is %s is no one', async (_what, sub) => {
    const { status, body } = await viewer(sub);
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(await t.sql("select 1 from user_account where login like '%object%' or length(login) >= 200")).toEqual([]);
  });

  test('of 200 characters is one, and two that differ at their end are two', async () => {
    const [one, other] = [await viewer('长'.repeat(199) + '甲'), await viewer('长'.repeat(199) + '乙')];
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.body.data.viewer.user.id).not.toBe(other.body.data.viewer.user.id);
  });
});

test('a user who is deactivated is refused within five seconds, everywhere', async () => {
  const bearer = { authorization: `Bearer ${await token({ sub: 'leaver', tenant_id: t.code })}` };
  const statuses = async (): Promise<number[]> =>
    Promise.all([
      send('POST', '/graphql', bearer, { query: '{ viewer { roles } }' }).then(({ status }) => status),
      send('GET', '/api/v1/crm/accounts', bearer).then(({ status }) => status),
    ]);
  expect(await statuses()).toEqual([200, 200]);
  await t.sql("update user_account set active = false where login = 'leaver'");
  await new Promise((resolve) => setTimeout(resolve, 4_500));
  expect(await statuses()).toEqual([403, 403]);
  await t.sql("update user_account set active = true where login = 'leaver'");
  expect(await statuses()).toEqual([200, 200]);
});

test.each([
  '/graphql',
  '/health',
  '/api/v1/crm/accounts',
  '/customers',
  '/api/v1/customers/',
  '/nowhere',
  '/schema.graphql',
  '/',
])('nobody is to guess the type of what %s answers', async (path) => {
  expect((await send('GET', path)).headers.get('x-content-type-options')).toBe('nosniff');
  expect((await send('POST', path, {}, '{')).headers.get('x-content-type-options')).toBe('nosniff');
});
