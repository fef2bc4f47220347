import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { logEvents } from '../../src/core/log.js';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { secretsIn } from '../support/logged.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';

// Nothing that is sent, whichever way and however it fails, brings a token, a secret or a whole phone number into the log.

const phone = '13912345678';
let database: OwnDatabase;
let owner: pg.Client;
let server: Started;
let bearer: string;

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  bearer = await token({ sub: 'admin', tenant_id: 'logs', roles: ['tenant_admin'] });
  server = await startAnother({
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_ACCESS_LOG: '1',
    LOG_LEVEL: 'debug',
  });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await owner?.end();
  await database?.stop();
});

const auth = (): Record<string, string> => ({ authorization: `Bearer ${bearer}` });
const graph = (query: string, variables: object = {}): ReturnType<typeof send> =>
  send('POST', `${server.address}/graphql`, auth(), { query, variables });

/** Secrets and phones in every place of requests of every interface. */
async function everything(): Promise<string[]> {
  const create = 'mutation ($i: ContactInput!) { contactCreate(input: $i) { userErrors { code } } }';
  await graph(create, { i: { name: '甲', phone, wechat: bearer } });
  await graph(create, { i: { name: bearer.repeat(20), phone: `${phone}${phone}` } });
  await graph(`{ contacts(filter: { search: "${phone}" }) { nodes { phone } } }`);
  await graph(`query Q${phone} { nothing(phone: "${phone}", token: "${bearer}") }`);
  await graph(`{ customer(id: "\n${phone}") { id } }`);
  const webhook = await graph(
    'mutation { webhookCreate(input: { url: "https://hook.example/13912345678" }) { secret userErrors { code } } }',
  );
  const key = await graph(
    'mutation { apiKeyCreate(input: { name: "13912345678", scopes: ["crm:read"] }) { key userErrors { code } } }',
  );
  const secrets = [webhook.body.data.webhookCreate.secret, key.body.data.apiKeyCreate.key] as string[];
  await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${secrets[1]}` },
    { query: '{ viewer { roles } }' },
  );
  await send('GET', `${server.address}/graphql?query=${encodeURIComponent(secrets.join())}`, auth());
  for (const path of [
    `/api/v1/crm/accounts/${phone}?token=${bearer}`,
    `/api/v1/crm/contacts?phone=${phone}`,
    `/api/v1/customers/${phone}/`,
    `/api/v1/customers/${bearer}`,
    `/api/v1/customers/${encodeURIComponent(`电话 ${phone}`)}`,
    `/api/v1/customers/%31%339123456%378`,
    `/export/contacts.csv?filter=${encodeURIComponent(JSON.stringify({ search: phone, secret: secrets[0] }))}`,
    `/api/v1/events?after=${phone}`,
    `/${secrets[0]}`,
    `/${secrets[1]}`,
  ]) {
    await send('GET', server.address + path, { ...auth(), 'user-agent': `${phone} ${bearer}`, 'x-api-key': bearer });
    await send(
      'POST',
      server.address + path,
      { ...auth(), 'x-trace-id': phone },
      `{"phone": "${phone}", "token": "${bearer}`,
    );
  }
  await send(
    'POST',
    `${server.address}/api/v1/crm/customers`,
    { ...auth(), 'x-request-id': `${phone}` },
    { name: phone, contact_phone: phone },
  );
  for (const credential of [`x${bearer}`, phone, secrets[0]!])
    await send('GET', `${server.address}/api/v1/crm/accounts`, { authorization: `Bearer ${credential}` });
  const socket = await rawSocket({ server: server.address!, token: bearer });
  socket.send({ id: phone, type: 'subscribe', payload: { query: `{ nothing(phone: "${phone}") }` } });
  await socket.next();
  return secrets;
}

test('what is sent to every interface, in order or not, leaves no secret and no phone in the log', async () => {
  const secrets = await everything();
  // the database refuses everything: what it says of the values is part of its errors
  await owner.query(`alter table contact add constraint no_phone check (phone is null or phone = '') not valid`);
  await owner.query('alter table customer rename column name to other');
  try {
    const { body } = await graph('mutation ($i: ContactInput!) { contactCreate(input: $i) { userErrors { code } } }', {
      i: { name: '乙', phone },
    });
    expect(JSON.stringify(body)).toContain('INTERNAL');
    await everything().catch(() => {});
  } finally {
    await owner.query('alter table customer rename column other to name');
  }
  const directory = mkdtempSync(join(tmpdir(), 'crm-logged-'));
  const path = join(directory, 'log');
  writeFileSync(path, server.output());
  const { lines, found } = await secretsIn(path, [phone, bearer, bearer.split('.')[2]!, ...secrets, testSecret()]);
  rmSync(directory, { recursive: true });
  expect(found).toEqual([]);
  expect(lines).toBeGreaterThan(50);
  expect(server.output()).toContain('"request.failed"');
});

test('each line is JSON with one of the events', () => {
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event?: string; time?: number });
  expect(lines.filter(({ event, time }) => !(event! in logEvents) || typeof time !== 'number')).toEqual([]);
});
