import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';

// A server that nobody asks for anything leaves the database alone, whatever is configured in its tenants.

const tenants = 5;
/** Jobs look for work every few seconds; what looks for it again and again makes hundreds in this time. */
const seconds = 20;
const perSecond = 3;

let database: OwnDatabase;
let server: Started;
let owner: pg.Client;

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  server = await startAnother({
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DATA_DIR: database.directory,
  });
  if (!server.address) throw new Error(server.stdout + server.stderr);
}, 120_000);
afterAll(async () => {
  await server.stop();
  await owner.end();
  await database.stop();
});

async function transactions(): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(
    'select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]!.count);
}

test('an idle server makes few transactions, although its tenants have webhooks, keys and records', async () => {
  for (let n = 0; n < tenants; n += 1) {
    const bearer = await token({ sub: 'admin', tenant_id: `idle${n}`, roles: ['tenant_admin'] });
    const query = `mutation {
      webhookCreate(input: { url: "https://1.1.1.1/a", types: ["crm.contract.signed"] }) { webhook { id } }
      apiKeyCreate(input: { name: "钥匙", scopes: ["crm:read"] }) { apiKey { id } }
      customerCreate(input: { name: "甲" }) { customer { id } }
    }`;
    const { body } = await send('POST', `${server.address}/graphql`, { authorization: `Bearer ${bearer}` }, { query });
    const one = { id: expect.any(String) };
    expect(body.data).toEqual({
      webhookCreate: { webhook: one },
      apiKeyCreate: { apiKey: one },
      customerCreate: { customer: one },
    });
  }
  // what was written is passed on and done
  await wait(30_000);
  const before = await transactions();
  await wait(seconds * 1_000);
  expect((await transactions()) - before).toBeLessThan(seconds * perSecond);
}, 120_000);
