import pg from 'pg';
import ormOptions from '../../mikro-orm.config.js';
import { openOrm } from '../../src/database/orm.js';
import { Pool } from '../../src/database/pool.js';
import { systemIn } from '../../src/identity/system.service.js';
import { dutiesIn } from '../../src/server/jobs/clock.js';
import { publishWhatIsDue } from '../../src/success/due.service.js';
import { activeTenants } from '../../src/tenants/tenant.service.js';
import { grown, ownDatabase, type OwnDatabase } from '../support/database.js';
import { explaining } from '../support/plans.js';

let database: OwnDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await ownDatabase(grown);
  openOrm(ormOptions, database.ownerUrl); // loads the model of the entities
  pool = new Pool({ url: database.serverUrl, size: 2 });
}, 60_000);

afterAll(async () => {
  await pool.end();
  await database.stop();
});

test('what has fallen due is looked for among what is still to be done, not in all that ever was', async () => {
  const [tenant] = await activeTenants(pool);
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query("select set_config('app.tenant_id', $1, false)", [tenant!.id]);
  // whatever the hour is at which the demo data are told
  await client.query(
    "update activity set status = 'PLANNED', starts_at = now() - interval '1 minute', told_due_at = null where id in (select id from activity order by id limit 3)",
  );
  expect(await publishWhatIsDue(await systemIn(pool, tenant!))).toBeGreaterThanOrEqual(3);
  await client.query('analyze');
  await client.end();
  const plans: string[] = [];
  expect(await dutiesIn(explaining(pool, plans, '(analyze, costs off, timing off) '), tenant!)).toEqual([]);
  expect(plans).toHaveLength(1);
  const [, ofActivities, ofContracts] = plans[0]!.split(/InitPlan [23]/);
  expect(ofContracts).toMatch(/Index Scan using contract_ending on contract t_2 \(actual rows=0/);
  expect(ofActivities).toMatch(/Index Scan using activity_due on activity t_1 \(actual rows=0/);
  expect(ofActivities).not.toMatch(/Rows Removed by Filter/);
});
