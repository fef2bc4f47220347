import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// In a tenant with many users and departments, who reaches a few of them finds their records by index, as the server's role.

let t: TestTenant;
let one: Actor;
beforeAll(async () => {
  t = await tenant();
  await t.admin.id();
  one = await actor('p1', t.code, ['sales']);
  await one.id();
  await t.sql(
    "insert into user_account (tenant_id, id, subject, login, name) select app_tenant(), gen_random_uuid(), 'p' || n, 'p' || n, 'P' || n from generate_series(2, 500) n returning tenant_id",
  );
  await t.sql(
    "insert into department (tenant_id, id, name) select app_tenant(), gen_random_uuid(), 'd' || n from generate_series(1, 100) n returning tenant_id",
  );
  // ten departments with nine below each
  await t.sql(`with d as (select id, row_number() over (order by number) - 1 as n from department where tenant_id = app_tenant())
    insert into department_path (tenant_id, ancestor_id, descendant_id, depth)
    select app_tenant(), a.id, b.id, (a.id <> b.id)::int from d a join d b on a.id = b.id or (a.n % 10 = 0 and b.n / 10 = a.n / 10)`);
  await t.sql(`with d as (select id, row_number() over (order by number) - 1 as n from department where tenant_id = app_tenant())
    update user_account u set department_id = d.id from d where u.tenant_id = app_tenant() and u.subject like 'p%' and d.n = (substr(u.subject, 2)::int - 1) % 100`);
  await t.sql(`insert into customer (tenant_id, id, account_no, code, name, owner_id, owner_department_id, created_at)
    select app_tenant(), gen_random_uuid(), 'A' || n, 'C' || n, '客户' || n, u.id, u.department_id, now() - make_interval(secs => n)
    from generate_series(1, 20000) n join user_account u on u.tenant_id = app_tenant() and u.subject = 'p' || (1 + n % 500)`);
  await t.sql('analyze customer, user_account, department, department_path');
}, 120_000);

test.each([
  ['OWN', 40, /owner_id = /],
  ['DEPARTMENT', 200, /owner_department_id = ANY/],
  ['DEPARTMENT_AND_BELOW', 2_000, /owner_department_id = ANY/],
])('%s: %d customers, by index, in one statement', async (reach, count, condition) => {
  await t.admin.graph(
    `mutation { roleReachChange(role: SALES, record: CUSTOMER, use: SEE, reach: ${reach}) { userErrors { code } } }`,
  );
  for (const selection of ['totalCount', 'nodes { name }']) {
    const { body, statements } = await one.graph.raw(
      `{ customers(first: 20) { ${selection} } }`,
      {},
      {
        'x-crm-explain': '1',
      },
    );
    if (selection === 'totalCount') expect(body.data.customers.totalCount).toBe(count);
    else expect(body.data.customers.nodes).toHaveLength(20);
    expect(statements).toBe(1);
    const scans = scansOf(body.extensions.explain).filter((scan) => scan['Relation Name'] === 'customer');
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((scan) => scan['Node Type'])).not.toContain('Seq Scan');
    // a page walks along its order, or is sorted from what the index found
    if (selection === 'totalCount') expect(JSON.stringify(body.extensions.explain)).toMatch(condition);
  }
});

/** Every node of plans, wherever they stand. */
function scansOf(value: Data): Data[] {
  if (value === null || typeof value !== 'object') return [];
  return [...('Node Type' in value ? [value] : []), ...Object.values(value).flatMap(scansOf)];
}
