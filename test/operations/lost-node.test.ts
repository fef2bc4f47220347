import pg from 'pg';
import { environmentOf, jobIn, ownDatabase, type OwnDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { noDailyJobs } from '../support/quick.js';
import { customer } from '../support/records.js';
import { anotherServer, plain } from '../support/server.js';
import { sqlIn, tenant, type TestTenant } from '../support/tenant.js';

// A distributed database that has lost the node of one tenant: asking for its rows fails as Citus says it then. What the
// server does by itself goes on in the other tenants, those that come later too.

const ofTenants = ['customer', 'success_task', 'feed_reader'];

let database: OwnDatabase;
let owner: pg.Client;
let lost: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(`
    create table lost_tenant (tenant_id uuid);
    grant select on lost_tenant to crm_server;
    create function is_there(asked uuid) returns boolean language plpgsql stable as $$ begin
      if exists (select from lost_tenant where tenant_id = asked) then
        raise exception 'connection to the remote node failed' using errcode = '08006';
      end if;
      return true;
    end $$`);
  for (const table of ofTenants)
    await owner.query(`create policy node on ${table} as restrictive using (is_there(tenant_id))`);
  process.env['CRM_TEST_ADDRESS'] = await anotherServer({
    ...plain(),
    ...noDailyJobs,
    ...environmentOf(database),
    CRM_ROUND_SECONDS: '1',
  });
  // jobs go by the numbers of tenants
  lost = await tenant();
  await customer(lost.admin, { name: '华信' });
  other = await tenant();
  await customer(other.admin, { name: '华信' });
}, 60_000);

afterAll(async () => {
  await owner?.end();
  await database?.stop();
});

const dueIn = async ({ code }: TestTenant): Promise<number> =>
  (await sqlIn(database.ownerUrl, code, "select from outbox where type = 'crm.successTask.due'")).length;

test('what falls due in the other tenants is published, jobs say which tenants they have missed, and make up for it', async () => {
  for (const { code } of [lost, other])
    await sqlIn(
      database.ownerUrl,
      code,
      "insert into success_task (tenant_id, id, customer_id, title, kind, due_at) select tenant_id, gen_random_uuid(), id, '回访', 'RENEWAL', now() + interval '1 second' from customer",
    );
  await owner.query('insert into lost_tenant select id from tenant where code = $1', [lost.code]);
  await eventually(
    () => dueIn(other),
    (count) => count === 1,
  );
  const ended = await jobIn(environmentOf(database), 'health');
  expect(ended).toEqual({
    code: 1,
    stdout: expect.stringMatching(new RegExp(`^${other.code}: [^\n]+\n$`)),
    stderr: expect.stringContaining(`The node of the database with these tenants cannot be reached: ${lost.code}.`),
  });
  await owner.query('delete from lost_tenant');
  expect(await dueIn(lost)).toBe(0);
  await eventually(
    () => dueIn(lost),
    (count) => count === 1,
  );
});
