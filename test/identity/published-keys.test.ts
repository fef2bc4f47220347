import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { send, type Answer } from '../support/http.js';
import { answering, issuer, type Issuer } from '../support/issuer.js';
import { startAnother, type Started } from '../support/server.js';

// keys are not looked up again within 5 seconds; nothing here is about time
jest.setTimeout(60_000);

interface Key {
  kid: string;
  secret: CryptoKey;
  published: JWK;
}

async function newKey(): Promise<Key> {
  const kid = randomUUID();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, secret: privateKey, published: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

const signed = ({ kid, secret }: Key): Promise<string> =>
  new SignJWT({ tenant_id: `k-${randomUUID()}`, roles: ['manager'] })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setSubject('zhang')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(secret);

const publishing = (...keys: Key[]) => answering(200, { keys: keys.map(({ published }) => published) });
const get = async (server: Started, key: Key): Promise<Answer> =>
  send('GET', `${server.address}/customers`, { authorization: `Bearer ${await signed(key)}` });

/** A server that takes its keys from an issuer of the test's own. */
async function world(work: (server: Started, keys: Issuer) => Promise<void>): Promise<void> {
  const keys = await issuer(answering(500, {}));
  const server = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWKS_URL: `${keys.url}/keys`,
    CRM_TENANT_AUTOCREATE: '1',
  });
  try {
    await work(server, keys);
  } finally {
    await server.stop();
    await keys.close();
  }
}

test('keys are looked up once, and a new one as soon as a token has it; one that is gone counts no more', () =>
  world(async (server, keys) => {
    const [first, second, foreign] = await Promise.all([newKey(), newKey(), newKey()]);
    keys.answer(publishing(first));
    expect(
      await Promise.all(Array.from({ length: 10 }, () => get(server, first))).then((answers) =>
        answers.map(({ status }) => status),
      ),
    ).toEqual(Array.from({ length: 10 }, () => 200));
    expect(keys.asked).toEqual(['GET /keys']);
    expect((await get(server, { ...foreign, kid: first.kid })).status).toBe(401);
    keys.answer(publishing(second));
    const statuses: number[] = [];
    while (statuses.at(-1) !== 200) {
      await pause(50);
      statuses.push((await get(server, second)).status);
    }
    expect(statuses.filter((status) => ![200, 401].includes(status))).toEqual([]);
    expect((await get(server, first)).status).toBe(401);
    expect((await get(server, foreign)).status).toBe(401);
    expect(keys.asked.length).toBeLessThan(5);
  }));

test('where the keys cannot be had nobody is let in, and the caller is asked to try again', () =>
  world(async (server, keys) => {
    const key = await newKey();
    const failing = [
      answering(500, {}),
      answering(302, '', { location: '/other' }),
      answering(200, '<html>'),
      answering(200, { keys: 'none' }),
      answering(200, []),
      () => {},
    ];
    for (const answer of failing) {
      keys.answer(answer);
      const refused = await get(server, key);
      expect([refused.status, refused.body]).toEqual([
        503,
        {
          code: 'SERVICE_UNAVAILABLE',
          message: '认证服务暂时不可用，请稍后重试',
          details: '',
          requestId: expect.any(String),
        },
      ]);
    }
    await keys.close();
    expect((await get(server, key)).status).toBe(503);
    await keys.open();
    keys.answer(publishing(key));
    expect((await get(server, key)).status).toBe(200);
  }));
