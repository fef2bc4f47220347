import { randomUUID } from 'node:crypto';
import { networks, reachable } from '../../src/events/webhook.target.js';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { receiver } from '../support/receiver.js';
import { startAnother, type Started } from '../support/server.js';
import { sqlIn, type Data } from '../support/tenant.js';

const none = networks([]);

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '100::1',
  '5f00::1',
])('%s is not for webhooks', (address) => {
  expect(reachable(address, none)).toBe(false);
});

test.each(['1.1.1.1', '100.63.255.255', '172.32.0.1', '223.5.5.5', '2400:3200::1', '2606:4700::1111'])(
  '%s is',
  (address) => {
    expect(reachable(address, none)).toBe(true);
  },
);

test('a network that is allowed is open, also for the address in its other form, and no other one is', () => {
  const allowed = networks(['10.1.0.0/16', 'fd00::/8']);
  expect(
    ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '10.2.0.1', 'fe80::1', '127.0.0.1'].map((address) =>
      reachable(address, allowed),
    ),
  ).toEqual([true, true, true, false, false, false]);
});

describe('a server that allows no private network', () => {
  let database: OwnDatabase;
  let server: Started;
  const code = `t-${randomUUID()}`;
  const graph = async (query: string, variables?: object): Promise<Data> => {
    const { body } = await send(
      'POST',
      `${server.address}/graphql`,
      { authorization: `Bearer ${await token({ tenant_id: code })}` },
      { query, variables },
    );
    if (body.errors) throw new Error(JSON.stringify(body));
    return body.data;
  };
  const create = async (url: string): Promise<Data> =>
    (
      await graph(
        'mutation ($url: String!) { webhookCreate(input: { url: $url }) { webhook { id } userErrors { code field } } }',
        { url },
      )
    ).webhookCreate;

  beforeAll(async () => {
    database = await ownDatabase();
    server = await startAnother({
      CRM_DATABASE_URL: database.serverUrl,
      CRM_DATABASE_OWNER_URL: database.ownerUrl,
      AUTH_JWT_SECRET: testSecret(),
      CRM_WEBHOOK_NETWORKS: '',
    });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await database?.stop();
  });

  test.each([
    'https://127.0.0.1/',
    'https://localhost/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
  ])('refuses %s', async (url) => {
    expect(await create(url)).toEqual({
      webhook: null,
      userErrors: [{ code: 'TARGET_REFUSED', field: ['input', 'url'] }],
    });
  });

  test.each([
    [
      'http://example.com/',
      'url must begin with https://; http:// is for networks that the configuration key CRM_WEBHOOK_NETWORKS names.',
    ],
    [
      'http://127.0.0.1/',
      'url must begin with https://; http:// is for networks that the configuration key CRM_WEBHOOK_NETWORKS names.',
    ],
    ['https://user:secret@example.com/', 'url must not hold a user name or a password.'],
    ['ftp://example.com/', 'url is not valid.'],
  ])('refuses %s, and says why', async (url, message) => {
    const { webhookCreate } = await graph(
      'mutation ($url: String!) { webhookCreate(input: { url: $url }) { webhook { id } userErrors { code field message } } }',
      { url },
    );
    expect(webhookCreate).toEqual({
      webhook: null,
      userErrors: [{ code: 'INVALID', field: ['input', 'url'], message }],
    });
  });

  // as when a name begins to resolve to another address than the one it had when it was looked at
  test.each(['http://localhost:PORT/', 'http://127.0.0.1:PORT/', 'http://[::ffff:127.0.0.1]:PORT/'])(
    'does not connect to %s either, whatever is stored',
    async (url) => {
      const target = await receiver();
      const { webhook } = await create(`https://1.1.1.1/${randomUUID()}`);
      await sqlIn(database.ownerUrl, code, 'update webhook set url = $2 where id = $1', [
        webhook.id,
        url.replace('PORT', new URL(target.url).port),
      ]);
      await graph('mutation ($name: String!) { customerCreate(input: { name: $name }) { userErrors { code } } }', {
        name: randomUUID(),
      });
      let found: Data;
      do
        found = (await graph('query ($id: ID!) { webhook(id: $id) { failures lastError } }', { id: webhook.id }))
          .webhook;
      while (found.failures === 0);
      expect([found.lastError, target.received]).toEqual(['The address is private, or resolves to one that is.', []]);
      await graph('mutation ($id: ID!) { webhookDelete(id: $id) { userErrors { code } } }', { id: webhook.id });
    },
  );
});
