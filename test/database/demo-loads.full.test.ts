import { demoId } from '../../src/demo/ids.js';
import { loadDemo, defaults } from '../../src/demo/load.js';
import { databaseCommand, ownDatabase, type OwnDatabase } from '../support/database.js';
import { allRows, checksums, structure } from '../support/demo.js';
import { send, testSecret, token } from '../support/http.js';
import { startAnother } from '../support/server.js';

// How demo data come into a database: by a function, by a command, by the first start of a server.

const today = '2026-03-01';

let database: OwnDatabase;
let opened: OwnDatabase[] = [];

async function open(): Promise<OwnDatabase> {
  const made = await ownDatabase();
  opened.push(made);
  return made;
}

beforeAll(async () => {
  database = await open();
  await loadDemo(database.ownerUrl, { ...defaults, today });
});

afterAll(async () => {
  for (const { stop } of opened) await stop();
  opened = [];
});

test('writes the same on every machine, and other dates on another day', async () => {
  const second = await open();
  await loadDemo(second.ownerUrl, { ...defaults, today });
  expect(await checksums(second)).toEqual(await checksums(database));
  const third = await open();
  await loadDemo(third.ownerUrl, { ...defaults, today: '2026-03-02' });
  expect((await checksums(third))['contract']).not.toBe((await checksums(database))['contract']);
});

test('refuses a database that has tenants, and adds to it where that is asked for', async () => {
  const before = await checksums(database);
  const refused = await databaseCommand(database, 'demo');
  expect(refused).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'The database has tenants already; demo data are loaded into an empty one, or beside what is there with --add.\n',
  });
  expect(await checksums(database)).toEqual(before);

  const target = await open();
  const first = await databaseCommand(target, 'demo', '--tenants', '2', '--customers', '10', '--largest', '7');
  expect(first).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Loaded 10 customers into 2 tenants'),
  });
  expect(await databaseCommand(target, 'demo', '--add', '--tenants', '1', '--customers', '4')).toMatchObject({
    code: 0,
    stderr: '',
  });
  const counts = await allRows(target, (sql) =>
    sql('select t.code, count(*)::int from customer c join tenant t on t.id = c.tenant_id group by 1 order by 1'),
  );
  expect(counts).toEqual([
    { code: 'demo', count: 7 },
    { code: 'demo2', count: 3 },
    { code: 'demo3', count: 4 },
  ]);
});

test.each([
  [['--tenants', '0'], '--tenants must be a whole number of at least 1.\n'],
  [['--tenants', '5', '--customers', '4'], '--customers must be a whole number of at least 5.\n'],
  [['--customers', 'many'], '--customers must be a whole number of at least 2.\n'],
  [['--customers', '10', '--largest', '10'], '--largest must be a whole number of at least 1 and at most 9.\n'],
])('refuses %j in one sentence', async (args, sentence) => {
  expect(await databaseCommand(database, 'demo', ...args)).toEqual({ code: 1, stdout: '', stderr: sentence });
});

test('leaves nothing of a load that breaks off', async () => {
  const target = await open();
  const broken = loadDemo(target.ownerUrl, {
    ...defaults,
    today,
    progress: () => {
      throw new Error('no more');
    },
  });
  await expect(broken).rejects.toThrow('no more');
  expect(
    await allRows(target, (sql) =>
      sql('select (select count(*)::int from tenant) tenants, (select count(*)::int from customer) customers'),
    ),
  ).toEqual([{ tenants: 0, customers: 0 }]);
  expect(await structure(target)).toEqual(await structure(database));
});

test('is loaded by the first start of the server, whose new records continue the numbers', async () => {
  const target = await open();
  const environment = {
    CRM_DEMO_DATA: '1',
    CRM_DATABASE_URL: target.serverUrl,
    CRM_DATABASE_OWNER_URL: target.ownerUrl,
    CRM_DATA_DIR: target.directory,
    AUTH_JWT_SECRET: testSecret(),
  };
  for (const account of ['ACC251', 'ACC252']) {
    const server = await startAnother(environment);
    try {
      const headers = {
        authorization: `Bearer ${await token({ sub: 'manager', tenant_id: 'demo', roles: ['manager'] })}`,
      };
      const graph = async (query: string, variables: object): Promise<unknown> =>
        (await send('POST', `${server.address}/graphql`, headers, { query, variables })).body;
      const customer = await graph(
        'mutation New($input: CustomerInput!) { customerCreate(input: $input) { customer { accountNo code } userErrors { code } } }',
        { input: { name: `新客户 ${account}` } },
      );
      expect(customer).toEqual({
        data: {
          customerCreate: {
            customer: { accountNo: account, code: expect.stringMatching(account === 'ACC251' ? /-0001$/ : /-0002$/) },
            userErrors: [],
          },
        },
      });
      const opportunity = await graph(
        'mutation New($input: OpportunityInput!) { opportunityCreate(input: $input) { opportunity { code } userErrors { code } } }',
        { input: { name: '新商机', customer: demoId('demo', 'customer', 0) } },
      );
      expect(opportunity).toEqual({
        data: { opportunityCreate: { opportunity: { code: account.replace('ACC25', 'OPP50') }, userErrors: [] } },
      });
    } finally {
      await server.stop();
    }
  }
});
