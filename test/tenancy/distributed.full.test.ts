import pg from 'pg';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { testSecret } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant } from '../support/tenant.js';
import { someOf } from '../support/generated.js';

// What is true of every server must also be true of one that enters tenants as Citus wants it: the same tests, run again
// against such a server, on a plain PostgreSQL of its own.

let database: OwnDatabase;
let server: Started;

beforeAll(async () => {
  database = await ownDatabase();
  Object.assign(process.env, {
    CRM_CITUS: '1',
    CRM_TEST_OWNER_URL: database.ownerUrl,
    CRM_TEST_SERVER_URL: database.serverUrl,
  });
  server = await startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret(), CRM_TENANT_AUTOCREATE: '1' });
  process.env['CRM_TEST_ADDRESS'] = server.address;
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await database?.stop();
});

/** What the server's connections have sent last, the latest first, but for what listens and for the probe. */
async function lastStatements(): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.serverUrl });
  await client.connect();
  try {
    return (
      await client.query<{ query: string }>(
        "select query from pg_stat_activity where datname = current_database() and application_name = 'crm-graph' and query not like '%crm_events%' and query not like '%schema_migration%' order by state_change desc",
      )
    ).rows.map(({ query }) => query);
  } finally {
    await client.end();
  }
}

test('a read is a transaction of its own, and none is left open behind a failed one', async () => {
  const { admin } = await tenant();
  await admin.graph('{ customers { totalCount } }');
  expect((await lastStatements())[0]).toBe('commit');
  // a text that PostgreSQL cannot hold
  for (let n = 0; n < 20; n += 1)
    expect(
      await admin.graph.refused('query ($s: String) { customers(filter: { search: $s }) { totalCount } }', {
        s: 'a\u0000',
      }),
    ).toEqual(['BAD_REQUEST']);
  expect((await lastStatements())[0]).toBe('rollback');
  expect(await admin.graph('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
});

describe.each(
  someOf(
    [
      'tenancy/isolation',
      'tenancy/tokens',
      'repetition/keys',
      'events/feed',
      'live/subscriptions',
      'read/statements',
      'read/payloads',
      'customers/tenant-links',
      'rest-facade/lifecycle/export',
      'across/customers',
    ],
    3,
  ),
)('%s', (file) => {
  jest.requireActual(`../${file}.test.js`);
});
