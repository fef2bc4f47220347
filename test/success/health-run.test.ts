import { jobIn } from '../support/database.js';
import { ownerUrl, serverUrl } from '../support/http.js';
import { customer, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const progress = 'id status total scored tasksCreated finishedAt';
const start = `mutation { healthRunStart { healthRun { ${progress} } userErrors { code } } }`;

async function finished(by: Actor, id: string): Promise<Data> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { healthRun } = await by.graph(`query ($id: ID!) { healthRun(id: $id) { ${progress} } }`, { id });
    if (healthRun.status === 'DONE') return healthRun;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The calculation did not end.');
}

test('scores every customer that is not deleted, more than one chunk of them, and says how far it has come', async () => {
  const { admin, sql } = await tenant();
  const { id: gone } = await customer(admin, { name: '已删除' });
  await admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id: gone });
  await sql(
    `insert into customer (tenant_id, id, account_no, code, name) select app_tenant(), gen_random_uuid(), 'X' || n, 'X' || n, '客户' || n from generate_series(1, 2500) n returning id`,
  );
  const { healthRunStart } = await admin.graph(start);
  expect(healthRunStart).toEqual({ healthRun: expect.objectContaining({ total: 2500 }), userErrors: [] });
  expect(await finished(admin, healthRunStart.healthRun.id)).toMatchObject({
    status: 'DONE',
    total: 2500,
    scored: 2500,
    tasksCreated: 0,
    finishedAt: expect.any(String),
  });
  expect(
    await sql(
      'select count(*)::int scores, count(distinct customer_id)::int customers, min(overall)::text least, max(overall)::text highest from health_score',
    ),
  ).toEqual([{ scores: 2500, customers: 2500, least: '75.0', highest: '75.0' }]);
  // 75.0 is what they had: nothing to tell of them
  expect(await sql("select count(*)::int from outbox where type = 'crm.customer.healthChanged'")).toEqual([
    { count: 0 },
  ]);
});

test('an interrupted calculation goes on where it was instead of beginning again', async () => {
  const { admin, sql } = await tenant();
  const ids: string[] = [];
  for (const name of ['甲', '乙', '丙', '丁']) ids.push((await customer(admin, { name })).id);
  await sql(
    `insert into health_run (tenant_id, id, status, total, scored, last_customer) values (app_tenant(), gen_random_uuid(), 'RUNNING', 4, 2, $1)`,
    [ids[1]],
  );
  const [run] = await sql('select id from health_run');
  const id: string = run!['id'];
  const { healthRunStart } = await admin.graph(start);
  expect(healthRunStart.healthRun.id).toBe(id);
  expect(await finished(admin, id)).toMatchObject({ total: 4, scored: 4 });
  expect(
    (await sql('select customer_id from health_score order by customer_id')).map(({ customer_id }) => customer_id),
  ).toEqual(ids.slice(2));
});

test('is for those who may change all records', async () => {
  const { admin, sales, viewer, manager, sql } = await tenant();
  await customer(admin, { name: '客户' });
  const before = await written({ sql });
  for (const who of [sales, viewer]) expect(await who.graph.refused(start)).toEqual(['FORBIDDEN']);
  expect(await sql('select 1 from health_run')).toEqual([]);
  expect(await written({ sql })).toEqual(before);
  const { healthRunStart } = await manager.graph(start);
  expect(await finished(manager, healthRunStart.healthRun.id)).toMatchObject({ scored: 1 });
});

describe('the job', () => {
  test('scores the customers of one tenant and says how far it has come', async () => {
    const { admin, code, outsider, sql } = await tenant();
    for (const name of ['甲', '乙']) await customer(admin, { name });
    await customer(outsider, { name: '外人' });
    const ended = await jobIn(
      { CRM_DATABASE_URL: serverUrl(), CRM_DATABASE_OWNER_URL: ownerUrl() },
      'health',
      '--tenant',
      code,
    );
    expect(ended).toEqual({ code: 0, stdout: `${code}: 2 customers scored\n`, stderr: '' });
    expect(await sql('select count(*)::int from health_score')).toEqual([{ count: 2 }]);
    expect(
      await sql("select distinct face, actor_login, act from audit_entry where record_type = 'HealthScore'"),
    ).toEqual([{ face: 'system', actor_login: 'system', act: 'customer.calculateAllHealth' }]);
    expect((await outsider.graph('{ healthScores { totalCount } }')).healthScores.totalCount).toBe(0);
  });

  test('says which jobs there are, and which tenant there is not', async () => {
    const environment = { CRM_DATABASE_URL: serverUrl(), CRM_DATABASE_OWNER_URL: ownerUrl() };
    expect(await jobIn(environment, 'nothing')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        "Command-argument value 'nothing' is invalid for argument 'name'. Allowed choices are health, recycle, encrypt, restored. See `crm job --help`.\n",
    });
    expect(await jobIn(environment, 'health', '--tenant', 'nobody')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no active tenant nobody; `crm tenant list` shows which there are.\n',
    });
  });
});
