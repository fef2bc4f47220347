import { randomUUID } from 'node:crypto';
import { address, send, testSecret, token, type Answer, type TokenOptions } from '../support/http.js';
import { anotherServer } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// two further servers are started
jest.setTimeout(180_000);

let t: TestTenant;
/** a server in production that demands issuer and audience, and one of development that names neither */
let strict: string;
let loose: string;

beforeAll(async () => {
  const common = { AUTH_JWT_SECRET: testSecret() };
  [t, strict, loose] = await Promise.all([
    tenant(),
    anotherServer({
      ...common,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      AUTH_ISSUER: 'https://login.example.com, https://other.example.com',
      AUTH_AUDIENCE: 'crm',
      AUTH_CLOCK_SKEW_SECONDS: '30',
    }),
    anotherServer({ ...common, NODE_ENV: 'test' }),
  ]);
  await t.admin.id();
});

const query = '{ viewer { user { login } } }';
const ask = async (server: string, bearer: string): Promise<Answer> =>
  send('POST', `${server}/graphql`, { authorization: `Bearer ${bearer}` }, { query });
const seconds = (from: number): number => Math.floor(Date.now() / 1000) + from;

const good = { iss: 'https://login.example.com', aud: 'crm' };
/** What differs from a good token, and what the two servers answer. */
const claims: Array<[what: string, claims: () => Record<string, unknown>, strict: number, loose: number]> = [
  ['nothing', () => ({}), 200, 401],
  ['no audience', () => ({ aud: undefined }), 401, 200],
  ['another audience', () => ({ aud: 'other-app' }), 401, 401],
  ['several audiences, ours among them', () => ({ aud: ['other-app', 'crm'] }), 200, 401],
  ['no issuer', () => ({ iss: undefined, aud: undefined }), 401, 200],
  ['the second issuer', () => ({ iss: 'https://other.example.com' }), 200, 401],
  ['a foreign issuer', () => ({ iss: 'https://evil.example.com' }), 401, 401],
  ['no end', () => ({ exp: undefined }), 401, 401],
  ['no end, for nobody in particular', () => ({ exp: undefined, aud: undefined }), 401, 200],
  ['an end within the skew', () => ({ exp: seconds(-3) }), 200, 401],
  ['an end beyond the skew', () => ({ exp: seconds(-60) }), 401, 401],
  ['a beginning within the skew', () => ({ nbf: seconds(25) }), 200, 401],
  ['a beginning beyond the skew', () => ({ nbf: seconds(300) }), 401, 401],
  ['issued within the skew of the future', () => ({ iat: seconds(25) }), 200, 401],
  ['issued in the future', () => ({ iat: seconds(300) }), 401, 401],
  ['issued in the future, for nobody in particular', () => ({ iat: seconds(300), aud: undefined }), 401, 401],
  ['no time of issue', () => ({ iat: undefined }), 200, 401],
  [
    'a role of the platform, no end and another audience',
    () => ({ role: 'admin', roles: undefined, exp: undefined, aud: 'other-app' }),
    401,
    401,
  ],
];

test.each(claims)('a token with %s', async (_what, differing, atStrict, atLoose) => {
  const bearer = await token({ sub: 'admin', tenant_id: t.code, claims: { ...good, ...differing() } });
  const answers = await Promise.all([ask(strict, bearer), ask(loose, bearer)]);
  expect(answers.map(({ status }) => status)).toEqual([atStrict, atLoose]);
  for (const { status, body, headers } of answers)
    if (status === 401)
      expect([body, headers.get('www-authenticate')]).toEqual([
        {
          errors: [
            { message: 'A valid bearer token is required.', extensions: { code: 'UNAUTHENTICATED', status: 401 } },
          ],
        },
        'Bearer',
      ]);
});

test('what the command prints is accepted by the server with the same configuration', async () => {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['bin/crm.mjs', 'token', '--tenant', t.code, '--role', 'viewer'],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: process.env['TMPDIR'],
        AUTH_JWT_SECRET: testSecret(),
        AUTH_ISSUER: good.iss,
        AUTH_AUDIENCE: good.aud,
      },
    },
  );
  expect((await ask(strict, stdout.trim())).status).toBe(200);
});

const revoke = `mutation ($jti: String, $user: ID, $expiresAt: DateTime, $reason: String) {
  tokenRevoke(jti: $jti, user: $user, expiresAt: $expiresAt, reason: $reason) {
    tokenRevocation { id jti reason issuedUntil expiresAt user { login } revokedBy { login } } userErrors { code field }
  } }`;

const bearerOf = (options: TokenOptions = {}): Promise<string> => token({ tenant_id: t.code, ...options });

/** Waits until both servers refuse a token, and says that they do. */
async function refusedEverywhere(bearer: string): Promise<number[]> {
  const since = Date.now();
  for (;;) {
    const statuses = await Promise.all([address(), loose].map(async (server) => (await ask(server, bearer)).status));
    if (statuses.every((status) => status === 401) || Date.now() - since > 5_000) return statuses;
    await new Promise((next) => setTimeout(next, 20));
  }
}

test('one token is revoked by its id: every process refuses it, its sockets and streams end, others of the user go on', async () => {
  const jti = randomUUID();
  const expires = seconds(600);
  const [lost, kept] = [
    await bearerOf({ sub: 'li', claims: { jti, exp: expires } }),
    await bearerOf({ sub: 'li', claims: { jti: randomUUID() } }),
  ];
  expect([(await ask(loose, lost)).status, (await ask(loose, kept)).status]).toEqual([200, 200]);
  const sockets = [await rawSocket({ token: lost }), await rawSocket({ token: lost, server: loose })];
  const going = await rawSocket({ token: kept, server: loose });
  const stream = await fetch(`${loose}/api/v1/events`, {
    headers: { authorization: `Bearer ${lost}`, accept: 'text/event-stream' },
  });
  const ended = stream.text();
  const { tokenRevoke } = await t.admin.graph(revoke, { jti, reason: '电脑丢失' });
  expect(tokenRevoke).toEqual({
    tokenRevocation: {
      id: expect.any(String),
      jti,
      reason: '电脑丢失',
      issuedUntil: null,
      expiresAt: null,
      user: null,
      revokedBy: { login: 'admin' },
    },
    userErrors: [],
  });
  expect(await refusedEverywhere(lost)).toEqual([401, 401]);
  expect(await Promise.all(sockets.map((socket) => socket.closed()))).toEqual([
    [4401, 'UNAUTHENTICATED'],
    [4401, 'UNAUTHENTICATED'],
  ]);
  await ended;
  expect([(await ask(loose, kept)).status, going.socket.readyState]).toEqual([200, going.socket.OPEN]);
  // the entry ends when the token does, which is known since somebody has tried to use it
  const until = new Date((expires + 5) * 1000).toISOString();
  const about = 'query ($id: ID!) { tokenRevocation(id: $id) { expiresAt } }';
  const known = async (): Promise<string | null> =>
    (await t.admin.graph(about, { id: tokenRevoke.tokenRevocation.id })).tokenRevocation.expiresAt;
  while ((await known()) === null) await new Promise((next) => setTimeout(next, 20));
  expect(await known()).toBe(until);
});

test('all tokens of a user are revoked: those issued by now, and those that do not say when', async () => {
  const before = await bearerOf({ sub: 'zhao' });
  const undated = await bearerOf({ sub: 'zhao', claims: { iat: undefined } });
  const { body } = await ask(address(), before);
  expect(body.data.viewer.user.login).toBe('zhao');
  expect(await t.admin.graph.userErrors(revoke, { user: 'zhao' })).toEqual([]);
  expect(await refusedEverywhere(before)).toEqual([401, 401]);
  expect(await refusedEverywhere(undated)).toEqual([401, 401]);
  const after = await bearerOf({ sub: 'zhao', claims: { iat: seconds(1) } });
  expect((await ask(loose, after)).status).toBe(200);
});

test('a token of the platform that is revoked in its own tenant works in no other one either', async () => {
  const jti = randomUUID();
  const bearer = await bearerOf({ sub: 'root', roles: ['platform_admin'], claims: { jti } });
  const elsewhere = (): Promise<Answer> =>
    send(
      'POST',
      `${loose}/graphql`,
      { authorization: `Bearer ${bearer}`, 'x-tenant-id': t.outsider.tenant },
      { query },
    );
  await t.outsider.id();
  expect((await elsewhere()).status).toBe(200);
  await t.admin.graph(revoke, { jti });
  expect(await refusedEverywhere(bearer)).toEqual([401, 401]);
  expect((await elsewhere()).status).toBe(401);
});

test.each<[what: string, variables: object, errors: string[]]>([
  ['neither token nor user', {}, ['REQUIRED jti']],
  ['both', { jti: 'x', user: 'admin' }, ['INVALID user']],
  ['a user who is not there', { user: 'nobody' }, ['UNKNOWN_REFERENCE user']],
  ['an id that is too long', { jti: 'x'.repeat(201) }, ['TOO_LONG jti']],
])('nothing is revoked where the caller names %s', async (_what, variables, errors) => {
  const before = await t.sql('select count(*)::int n from token_revocation');
  expect(await t.admin.graph.userErrors(revoke, variables)).toEqual(errors);
  expect(await t.sql('select count(*)::int n from token_revocation')).toEqual(before);
});

test('only those who administer the tenant revoke tokens and see which are, in their tenant alone', async () => {
  const jti = randomUUID();
  const bearer = await bearerOf({ sub: 'wang', claims: { jti } });
  const service: Actor = await actor('program', t.code, ['service'], { scope: 'crm:read crm:write crm:audit' });
  for (const who of [t.manager, t.sales, t.viewer, service]) {
    expect(await who.graph.refused(revoke, { jti })).toEqual(['FORBIDDEN']);
    expect(await who.graph.refused('{ tokenRevocations { totalCount } }')).toEqual(['FORBIDDEN']);
  }
  expect(await t.outsider.graph.userErrors(revoke, { jti })).toEqual([]);
  expect([(await ask(address(), bearer)).status, (await ask(loose, bearer)).status]).toEqual([200, 200]);
  await t.admin.graph(revoke, { jti: 'another' });
  const listed = await t.admin.graph('{ tokenRevocations { nodes { jti } } }');
  expect(listed.tokenRevocations.nodes.map(({ jti: id }: Data) => id)).toContain('another');
  expect(listed.tokenRevocations.nodes.map(({ jti: id }: Data) => id)).not.toContain(jti);
});
