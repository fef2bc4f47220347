import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import ormOptions from '../../mikro-orm.config.js';
import { runMigrations } from '../../src/database/migrating.js';
import { migrations } from '../../src/database/migrations/index.js';
import { databaseCommand, environmentOf, ownCluster, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { releases, type Release } from '../support/release.js';
import { startAnother, type Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// The database of each release, made and filled by its own code, becomes the present one, with all that it holds, and serves.

const released = Object.keys(
  JSON.parse(readFileSync(resolve(__dirname, '../../src/database/migrations/released.json'), 'utf8')) as object,
);

/** Rows of every table in every tenant, by `tenant.table`. */
async function rows({ ownerUrl }: OwnDatabase): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select table_name::text as name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id' order by 1",
    );
    const found: Record<string, number> = {};
    for (const { id, code } of (await client.query<{ id: string; code: string }>('select id, code from tenant')).rows) {
      await client.query("select set_config('app.tenant_id', $1, false)", [id]);
      for (const { name } of tables.rows)
        found[`${code}.${name}`] = (
          await client.query<{ n: number }>(`select count(*)::int n from "${name}"`)
        ).rows[0]!.n;
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Made by the release itself; in a clone without its sources by its migrations, which are pinned, without data. */
async function fill(release: Release, database: OwnDatabase): Promise<void> {
  if (release.isThere) {
    release.run('db:migrate', [], environmentOf(database));
    release.run('db:demo', ['--customers', '200'], environmentOf(database));
    return;
  }
  process.stderr.write(
    `This clone has no sources of ${release.name}: its database is made of its migrations, without data.\n`,
  );
  const migrationsList = migrations.filter(({ name }) => released.includes(name));
  await runMigrations(database.ownerUrl, { ...ormOptions, migrations: { ...ormOptions.migrations, migrationsList } });
}

describe.each(releases().map((release) => [release.name, release] as const))('%s', (_name, release) => {
  let database: OwnDatabase;
  let server: Started;
  const before = { ...process.env };

  beforeAll(async () => {
    // its database is called crm: 0.1.0 migrates no other
    database = await ownCluster({ durable: false });
    await fill(release, database);
  }, 120_000);

  afterAll(async () => {
    Object.assign(process.env, before);
    await server?.stop();
    await database?.stop();
    release.remove();
  });

  test('becomes the present one and loses no row', async () => {
    const held = await rows(database);
    if (release.isThere) expect(held['demo.customer']).toBeGreaterThan(50);
    expect(await databaseCommand(database, 'migrate')).toMatchObject({ code: 0, stderr: '' });
    expect(await databaseCommand(database, 'check')).toMatchObject({
      code: 0,
      stdout: 'Entities and database agree.\n',
    });
    // what can be searched for is worked out anew
    const comparable = (all: Record<string, number>): object =>
      Object.fromEntries(Object.entries(all).filter(([name]) => name in held && !name.endsWith('_gram')));
    expect(comparable(await rows(database))).toEqual(comparable(held));

    server = await startAnother({
      NODE_ENV: 'test',
      AUTH_JWT_SECRET: testSecret(),
      CRM_TENANT_AUTOCREATE: '1',
      ...environmentOf(database),
    });
    expect(server.stderr).toBe('');
    Object.assign(process.env, {
      CRM_TEST_ADDRESS: server.address,
      CRM_TEST_OWNER_URL: database.ownerUrl,
      CRM_TEST_SERVER_URL: database.serverUrl,
    });
  }, 120_000);

  (release.isThere ? test : test.skip)('is read, found and changed as before', async () => {
    const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'demo' })}`;
    const graph = async (query: string, variables = {}): Promise<Data> => {
      const { status, body } = await send('POST', `${server.address}/graphql`, { authorization }, { query, variables });
      expect([status, body.errors]).toEqual([200, undefined]);
      return body.data;
    };
    const { customers } = await graph('{ customers(first: 1) { totalCount nodes { id version name } } }');
    const held = await rows(database);
    expect(customers.totalCount).toBe(held['demo.customer']);
    const [{ id, name, version }] = customers.nodes;
    const { customers: same } = await graph(
      'query ($s: String) { customers(filter: { search: $s }) { nodes { id } } }',
      { s: name },
    );
    expect(same.nodes.map((one: Data) => one.id)).toContain(id);
    const { customerUpdate } = await graph(
      'mutation ($id: ID!, $version: Int!) { customerUpdate(id: $id, version: $version, input: { remarks: "升级后" }) { customer { remarks } userErrors { code } } }',
      { id, version },
    );
    expect(customerUpdate).toEqual({ customer: { remarks: '升级后' }, userErrors: [] });
  });

  describe.each([
    'customers/changes',
    'opportunities/moves',
    'contracts/payments',
    'success/health',
    'tenancy/isolation',
    'rest-facade/erp/accounts',
  ])('%s', (file) => {
    jest.isolateModules(() => jest.requireActual(`../${file}.test.js`));
  });
});
