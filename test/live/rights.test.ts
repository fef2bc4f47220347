import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { send } from '../support/http.js';
import { customer, opportunity } from '../support/records.js';
import { startListening, type Listening } from '../support/server.js';
import { rawSocket, type RawSocket } from '../support/socket.js';
import { tenant, type Data } from '../support/tenant.js';

// What changes while a socket is open: whose a record is, who a token's bearer is, whether a token is good at all.

const query = 'subscription { customerChanged { kind customer { name phone } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }';

/** Closing what a test started, in the end. */
const ending: Array<() => unknown> = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

test('who loses a customer hears nothing more of it, who gets it does', async () => {
  const { admin, sales, sales2 } = await tenant();
  const feeds = await Promise.all([sales, sales2].map((by) => by.subscribe(query)));
  const { id } = await customer(admin, { name: '客户', owner: await sales.id() });
  expect((await feeds[0]!.next()).customerChanged.kind).toBe('CREATED');
  await admin.graph(update, { id, input: { owner: await sales2.id() } });
  let { kind } = (await feeds[1]!.next()).customerChanged;
  // an event goes to those who see the record when it is sent: the first one too, where that is after the change
  if (kind === 'CREATED') ({ kind } = (await feeds[1]!.next()).customerChanged);
  expect(kind).toBe('UPDATED');
  await opportunity(sales2, { name: '单', customer: id });
  await admin.graph(update, { id, input: { region: '华东' } });
  expect((await feeds[1]!.next()).customerChanged.kind).toBe('UPDATED');
  await feeds[0]!.none();
});

test('who may no longer sign in loses their sockets with 4403, and comes in no more', async () => {
  const { sales, admin, sql } = await tenant();
  const [theirs, another] = await Promise.all([rawSocket({ token: sales.token }), rawSocket({ token: admin.token })]);
  await sql('update user_account set active = false where subject = $1', ['sales']);
  expect(await theirs.closed()).toEqual([4403, 'FORBIDDEN']);
  expect((await sales.graph.raw('{ viewer { roles } }')).status).toBe(403);
  const again = await rawSocket();
  again.send({ type: 'connection_init', payload: { Authorization: `Bearer ${sales.token}` } });
  expect(await again.closed()).toEqual([4403, 'FORBIDDEN']);
  expect(another.socket.readyState).toBe(another.socket.OPEN);
});

/** An HTTP server that is not ours: it answers as `answer` says at the moment. */
async function foreign(
  answer: (authorization: string) => [status: number, body: object],
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.headers.authorization ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  ending.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function serverWith(env: Record<string, string>): Promise<Listening> {
  const started = await startListening({ NODE_ENV: 'test', CRM_TENANT_AUTOCREATE: '1', ...env });
  ending.push(() => started.stop());
  return started;
}

const nextOf = async (socket: RawSocket): Promise<Data> => (await socket.next()).payload.data.customerChanged;

describe('asking the platform', () => {
  test('another role counts on the open socket; a revoked token closes it with 4401; a platform that is down closes nothing', async () => {
    const { code, admin } = await tenant();
    await admin.id();
    let answer: [number, object] = [200, { id: 7, username: 'wang', role: 'viewer', tenant_id: code }];
    const platform = await foreign(() => answer);
    const { address } = await serverWith({ PLATFORM_AUTH_URL: platform.url });
    const socket = await rawSocket({ token: 'of-the-platform', server: address });
    socket.send({ type: 'subscribe', id: '1', payload: { query } });
    socket.send({ type: 'ping' });
    expect(await socket.next()).toEqual({ type: 'pong' });
    const phoneOf = async (name: string): Promise<string> => {
      await customer(admin, { name, phone: '13800138000' });
      const event = await nextOf(socket);
      expect(event.customer.name).toBe(name);
      return event.customer.phone;
    };
    expect(await phoneOf('甲')).toBe('138****8000');
    answer = [200, { id: 7, username: 'wang', role: 'manager', tenant_id: code }];
    let count = 0;
    while ((await phoneOf(`乙${(count += 1)}`)) !== '13800138000')
      await new Promise((settle) => setTimeout(settle, 200));
    answer = [503, {}];
    await new Promise((settle) => setTimeout(settle, 5_000));
    expect(await phoneOf('丙')).toBe('13800138000');
    answer = [401, { detail: 'revoked' }];
    expect(await socket.closed()).toEqual([4401, 'UNAUTHENTICATED']);
    expect(
      (
        await send(
          'POST',
          `${address}/graphql`,
          { authorization: 'Bearer of-the-platform' },
          { query: '{ viewer { roles } }' },
        )
      ).status,
    ).toBe(401);
  });
});

describe('with published keys', () => {
  test('a withdrawn key closes the sockets of its tokens with 4401', async () => {
    const keys = await Promise.all(
      ['a', 'b'].map(async (kid) => {
        const { publicKey, privateKey } = await generateKeyPair('RS256');
        return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256' } };
      }),
    );
    let published = keys;
    const issuer = await foreign(() => [200, { keys: published.map(({ jwk }) => jwk) }]);
    const { address } = await serverWith({ AUTH_JWKS_URL: issuer.url });
    const { code } = await tenant();
    const [withdrawn, kept] = await Promise.all(
      keys.map(async ({ kid, privateKey }) => {
        const token = await new SignJWT({ tenant_id: code, roles: ['manager'] })
          .setProtectedHeader({ alg: 'RS256', kid })
          .setSubject(`user ${kid}`)
          .setExpirationTime('1h')
          .sign(privateKey);
        return rawSocket({ token, server: address });
      }),
    );
    published = keys.slice(1);
    expect(await withdrawn!.closed()).toEqual([4401, 'UNAUTHENTICATED']);
    expect(kept!.socket.readyState).toBe(kept!.socket.OPEN);
  });
});
