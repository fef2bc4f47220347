import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// In a tenant with many users and departments, who reaches a few of them finds their records by index, as the server's role.

let t: TestTenant;
let one: Actor;
let few: Actor;
beforeAll(async () => {
  t = await tenant();
  await t.admin.id();
  one = await actor('p1', t.code, ['sales']);
  await one.id();
  few = await actor('few', t.code, ['sales']);
  await few.id();
  await t.sql(
    "insert into user_account (tenant_id, id, subject, login, name) select app_tenant(), gen_random_uuid(), 'p' || n, 'p' || n, 'P' || n from generate_series(2, 500) n returning tenant_id",
  );
  await t.sql(
    "insert into department (tenant_id, id, name) select app_tenant(), gen_random_uuid(), 'd' || n from generate_series(1, 101) n returning tenant_id",
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
  // somebody who works in a department alone, with two of the oldest customers
  await t.sql(
    "update user_account set department_id = (select id from department where tenant_id = app_tenant() order by number desc limit 1) where tenant_id = app_tenant() and subject = 'few'",
  );
  await t.sql(
    "update customer set owner_id = u.id, owner_department_id = u.department_id from user_account u where customer.tenant_id = app_tenant() and u.tenant_id = app_tenant() and u.subject = 'few' and customer.account_no in ('A19998', 'A19999')",
  );
  for (const [table, columns, values] of hanging)
    await t.sql(
      `insert into "${table}" (tenant_id, id, customer_id, created_at, ${columns}) select app_tenant(), gen_random_uuid(), id, created_at, ${values} from customer where tenant_id = app_tenant() returning tenant_id`,
    );
  await t.sql(
    `analyze customer, user_account, department, department_path, ${hanging.map(([table]) => table).join(', ')}`,
  );
}, 120_000);

/** What hangs on customers, one of each on every customer: its list, its table, and who works on it. */
const hanging = [
  ['opportunity', 'code, name, owner_id', "code, '商机', owner_id", 'opportunities', 'opportunity_by_customer'],
  ['activity', 'subject, staff_id', "'拜访', owner_id", 'activities', 'activity_by_customer_starts_at'],
  [
    'service_case',
    'code, subject, assignee_id',
    "code, '故障', owner_id",
    'cases',
    'service_case_by_customer_created_at',
  ],
  [
    'success_task',
    'title, kind, assignee_id',
    "'任务', 'RENEWAL', owner_id",
    'successTasks',
    'success_task_by_customer_created_at',
  ],
] as const;

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

test.each(hanging)(
  'who reaches few customers reads of %s no more than hangs on these',
  async (table, _columns, _values, list, index) => {
    await t.admin.graph(
      'mutation { roleReachChange(role: SALES, record: CUSTOMER, use: SEE, reach: OWN) { userErrors { code } } }',
    );
    for (const selection of [
      'totalCount',
      'nodes { id }',
      'totalCount nodes { id } pageInfo { hasNextPage endCursor }',
    ]) {
      const { body, statements } = await one.graph.raw(
        `{ ${list}(first: 20) { ${selection} } }`,
        {},
        { 'x-crm-explain': '1' },
      );
      const { totalCount = 40, nodes, pageInfo } = body.data[list];
      expect([totalCount, nodes?.length ?? 20, pageInfo?.hasNextPage ?? true, statements]).toEqual([40, 20, true, 1]);
      const scans = scansOf(body.extensions.explain).filter((scan) => scan['Relation Name'] === table);
      const read = scans.map((scan) =>
        [scan['Actual Rows'], scan['Rows Removed by Filter'] ?? 0].map((n) => n * scan['Actual Loops']),
      );
      expect(Math.max(...read.flat())).toBeLessThanOrEqual(40);
      expect(scansOf(body.extensions.explain).map((scan) => scan['Index Name'])).toContain(index);
    }
    const { body } = await one.graph.raw(
      `{ ${list}(first: 10, offset: 35) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }`,
    );
    expect([body.data[list].nodes.length, body.data[list].pageInfo]).toEqual([
      5,
      { hasNextPage: false, hasPreviousPage: true },
    ]);
  },
);

test.each(hanging)('who reaches many customers walks along the order of %s', async (table, _columns, _values, list) => {
  await t.admin.graph(
    'mutation { roleReachChange(role: SALES, record: CUSTOMER, use: SEE, reach: DEPARTMENT_AND_BELOW) { userErrors { code } } }',
  );
  const ask = async (selection: string): Promise<Data> => {
    const { body } = await one.graph.raw(`{ ${list}(first: 20) { ${selection} } }`, {}, { 'x-crm-explain': '1' });
    return body;
  };
  expect((await ask('totalCount')).data[list].totalCount).toBe(2_000);
  const { data, extensions } = await ask('nodes { id }');
  expect(data[list].nodes).toHaveLength(20);
  const read = scansOf(extensions.explain).filter(
    (scan) => scan['Relation Name'] === table && scan['Actual Loops'] > 0,
  );
  expect(read.map((scan) => scan['Node Type'])).not.toContain('Seq Scan');
  expect(read.map((scan) => scan['Index Name'])).toContainEqual(expect.stringMatching(/created_at(?:_number)?$/));
});

test.each(['OWN', 'SUBORDINATES', 'DEPARTMENT', 'DEPARTMENT_AND_BELOW'])(
  '%s: who reaches next to nothing does not walk the tenant, though departments and colleagues have many as a rule',
  async (reach) => {
    await t.admin.graph(
      `mutation { roleReachChange(role: SALES, record: CUSTOMER, use: SEE, reach: ${reach}) { userErrors { code } } }`,
    );
    for (const list of ['customers', ...hanging.map(([, , , name]) => name)]) {
      const { body } = await few.graph.raw(
        `{ ${list}(first: 20) { totalCount nodes { id } } }`,
        {},
        { 'x-crm-explain': '1' },
      );
      expect([list, body.data[list].totalCount, body.data[list].nodes.length]).toEqual([list, 2, 2]);
      const read = scansOf(body.extensions.explain).map((scan) => ({
        scan: scan['Index Name'] ?? scan['Relation Name'],
        rows: ((scan['Actual Rows'] ?? 0) + (scan['Rows Removed by Filter'] ?? 0)) * (scan['Actual Loops'] ?? 0),
      }));
      expect([list, read.filter(({ rows }) => rows > 1_000)]).toEqual([list, []]);
    }
  },
);

/** Every node of plans, wherever they stand. */
function scansOf(value: Data): Data[] {
  if (value === null || typeof value !== 'object') return [];
  return [...('Node Type' in value ? [value] : []), ...Object.values(value).flatMap(scansOf)];
}
