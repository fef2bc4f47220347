import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { send, testSecret, token, type Answer } from '../support/http.js';
import { tenant } from '../support/tenant.js';

const query = '{ viewer { tenant { code } roles } }';
const ask = (headers: Record<string, string>): Promise<Answer> => send('POST', '/graphql', headers, { query });
const bearer = (text: string): Promise<Answer> => ask({ authorization: `Bearer ${text}` });
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;

/** A token with a header and a signature of the attacker's choice. */
function forged(header: object, signature: (content: string) => string, claims: object = {}): string {
  const content = `${encode(header)}.${encode({ sub: 'mallory', tenant_id: 'forged', roles: ['platform_admin'], exp: inAnHour(), ...claims })}`;
  return `${content}.${signature(content)}`;
}

const hmac =
  (algorithm: string) =>
  (content: string): string =>
    createHmac(algorithm, testSecret()).update(content).digest('base64url');

async function expectRefused(answer: Answer): Promise<void> {
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  expect(answer.body).toEqual({
    errors: [{ message: 'A valid bearer token is required.', extensions: { code: 'UNAUTHENTICATED', status: 401 } }],
  });
}

test('a good token is let in, as a control for the refusals below', async () => {
  const { status, body } = await bearer(forged({ alg: 'HS256' }, hmac('sha256'), { tenant_id: `t-${randomUUID()}` }));
  expect(status).toBe(200);
  expect(body.data.viewer.roles).toEqual(['PLATFORM_ADMIN']);
});

test.each([
  ['no header', {}],
  ['an empty header', { authorization: '' }],
  ['another scheme', { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` }],
  ['no token', { authorization: 'Bearer' }],
  ['two tokens', { authorization: 'Bearer a b' }],
  ['something that is no token', { authorization: 'Bearer something' }],
])('a request with %s is 401', async (_name, headers) => {
  await expectRefused(await ask(headers));
});

test.each<[string, () => string | Promise<string>]>([
  ['signed with another secret', () => token({ secret: 'another secret of thirty-two characters' })],
  ['expired', () => token({ expires: Math.floor(Date.now() / 1000) - 60 })],
  ['not valid yet', () => forged({ alg: 'HS256' }, hmac('sha256'), { nbf: inAnHour() })],
  ['without a subject', () => forged({ alg: 'HS256' }, hmac('sha256'), { sub: undefined })],
  ['of algorithm none', () => forged({ alg: 'none' }, () => '')],
  ['of algorithm none, signed all the same', () => forged({ alg: 'none' }, hmac('sha256'))],
  ['of another algorithm with our secret', () => forged({ alg: 'HS512' }, hmac('sha512'))],
  [
    'of a public key algorithm',
    () =>
      forged({ alg: 'RS256' }, (content) =>
        sign('sha256', Buffer.from(content), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey).toString(
          'base64url',
        ),
      ),
  ],
  [
    'that names its own key',
    () =>
      forged({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } }, (content) =>
        createHmac('sha256', Buffer.from('AAAA', 'base64url')).update(content).digest('base64url'),
      ),
  ],
  [
    'with claims changed after signing',
    async () => {
      const [header, , signature] = (await token({ tenant_id: 'mine', roles: ['viewer'] })).split('.');
      return `${header}.${encode({ sub: 'mallory', tenant_id: 'theirs', roles: ['platform_admin'], exp: inAnHour() })}.${signature}`;
    },
  ],
])('a token %s is 401', async (_name, make) => {
  await expectRefused(await bearer(await make()));
});

test('refusals are said in the language of the caller, Chinese unless English is asked for', async () => {
  const messages = await Promise.all(
    ['zh-CN', 'fr', 'en-GB,zh;q=0.5'].map(
      async (language) => (await ask({ 'accept-language': language })).body.errors[0].message,
    ),
  );
  expect(messages).toEqual(['缺少有效的访问令牌', '缺少有效的访问令牌', 'A valid bearer token is required.']);
});

test('an unknown role grants nothing', async () => {
  const code = `t-${randomUUID()}`;
  const text = await token({ tenant_id: code, roles: ['root' as never, 'constructor' as never] });
  const { body } = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${text}` },
    { query: '{ viewer { roles } customers { totalCount } }' },
  );
  expect(body).toEqual({ data: { viewer: { roles: [] }, customers: { totalCount: 0 } } });
});

describe('the tenant', () => {
  test('is the one of the token, in whatever form the header names it', async () => {
    const { admin, code } = await tenant();
    const { viewer } = await admin.graph('{ viewer { tenant { id number code } } }');
    for (const name of [code, viewer.tenant.id, String(viewer.tenant.number)]) {
      const { status, body } = await admin.graph.raw(query, {}, { 'x-tenant-id': name });
      expect([status, body.data?.viewer.tenant.code]).toEqual([200, code]);
    }
  });

  test('of others is closed by header: 403, whether it exists or not', async () => {
    const { admin, outsider } = await tenant();
    await outsider.id();
    const answers = await Promise.all(
      [outsider.tenant, `t-${randomUUID()}`].map((name) => admin.graph.raw(query, {}, { 'x-tenant-id': name })),
    );
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([
        403,
        {
          errors: [
            {
              message: 'Your token does not allow this tenant.',
              extensions: { code: 'TENANT_FORBIDDEN', status: 403 },
            },
          ],
        },
      ]);
    }
  });

  test('may be named freely by a platform administrator only', async () => {
    const { code, admin } = await tenant();
    await admin.id();
    const authorization = `Bearer ${await token({ tenant_id: `p-${randomUUID()}`, roles: ['platform_admin'] })}`;
    expect((await ask({ authorization, 'x-tenant-id': code })).body.data.viewer.tenant.code).toBe(code);
  });

  test('is made once when its first requests arrive at the same moment', async () => {
    const { code, admin, sql } = await tenant();
    const ids = await Promise.all(
      Array.from({ length: 10 }, () =>
        admin.graph('{ viewer { tenant { id } } }').then((data) => data.viewer.tenant.id),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await sql('select id::text from tenant where code = $1', [code])).toEqual([{ id: ids[0] }]);
    expect(await sql('select subject from user_account')).toEqual([{ subject: 'admin' }]);
  });

  test.each(['', ' ', '-a', 'a b', 'a/b', "a';--", 'a'.repeat(65)])('is not made from the name %j', async (name) => {
    const { status, body } = await bearer(await token({ tenant_id: name }));
    expect([status, body.errors[0].extensions.code]).toEqual([403, 'TENANT_FORBIDDEN']);
    expect(await (await tenant()).sql('select count(*)::int from tenant where code = $1', [name])).toEqual([
      { count: 0 },
    ]);
  });

  test('is not sought under a name that no database can store', async () => {
    const { status, body } = await bearer(await token({ tenant_id: 'a\u0000b' }));
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });
});
