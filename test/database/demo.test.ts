import config from '../../mikro-orm.config.js';
import { openOrm } from '../../src/database/orm.js';
import { demoId } from '../../src/demo/ids.js';
import { defaults } from '../../src/demo/load.js';
import { buildGraph } from '../../src/schema/schema.js';
import { described } from '../../src/read/described.js';
import { typesOfList, used } from '../../src/read/schema-names.js';
import { listsOfKinds, type SavedViewKind } from '../../src/views/saved-view.entity.js';
import { ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';
import { demoTables } from '../../src/demo/load.js';
import { allRows, structure } from '../support/demo.js';

const today = '2026-03-01';
let database: OwnDatabase;
beforeAll(async () => {
  database = await ownDatabase({ demo: { ...defaults, today } });
});

afterAll(() => database.stop());

const perTenant = (table: string, condition = 'true'): Promise<Record<string, number>> =>
  allRows(database, async (sql) => {
    const rows = await sql(
      `select t.code, count(*)::int from "${table}" x join tenant t on t.id = x.tenant_id where ${condition} group by 1`,
    );
    return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
  });

const none = async (query: string): Promise<void> => expect(await allRows(database, (sql) => sql(query))).toEqual([]);

test('writes so many records of each kind into each of two tenants', async () => {
  expect(await perTenant('customer')).toEqual({ demo: 250, demo2: 250 });
  expect(await perTenant('contact')).toEqual({ demo: 750, demo2: 750 });
  expect(await perTenant('customer_contact')).toEqual({ demo: 755, demo2: 755 });
  expect(await perTenant('opportunity')).toEqual({ demo: 500, demo2: 500 });
  expect(await perTenant('contract')).toEqual({ demo: 250, demo2: 250 });
  expect(await perTenant('campaign')).toEqual({ demo: 6, demo2: 6 });
  expect(await perTenant('lead')).toEqual({ demo: 63, demo2: 63 });
  expect(await perTenant('activity')).toEqual({ demo: 750, demo2: 750 });
  expect(await perTenant('health_score', 'x.scored_on = (select max(scored_on) from health_score)')).toEqual({
    demo: 250,
    demo2: 250,
  });
  expect(await perTenant('usage_event')).toEqual({ demo: 750, demo2: 750 });
  expect(await perTenant('success_task')).toEqual({ demo: 50, demo2: 50 });
  expect(await perTenant('user_account')).toEqual({ demo: 8, demo2: 8 });
  expect(await perTenant('feed_head', 'x.seq = 0')).toEqual({ demo: 1, demo2: 1 });
});

test('has departments with leaders and members, and pools with rules that take nothing yet', async () => {
  const organisation = await allRows(database, (sql) =>
    sql(
      "select d.name, p.name as above, l.login as leader, (select string_agg(u.login, ' ' order by u.id) from user_account u where u.tenant_id = d.tenant_id and u.department_id = d.id) as members from department d join tenant t on t.id = d.tenant_id and t.code = 'demo' left join department p on p.tenant_id = d.tenant_id and p.id = d.parent_id left join user_account l on l.tenant_id = d.tenant_id and l.id = d.leader_id order by d.position",
    ),
  );
  expect(organisation).toEqual([
    { name: '销售中心', above: null, leader: 'manager', members: 'manager' },
    { name: '华东销售部', above: '销售中心', leader: 'sales', members: 'sales sales3 sales5' },
    { name: '华南销售部', above: '销售中心', leader: 'sales2', members: 'sales2 sales4' },
  ]);
  expect(await perTenant('department_path')).toEqual({ demo: 5, demo2: 5 });
  expect(await perTenant('pool_member')).toEqual({ demo: 4, demo2: 4 });
  expect(await perTenant('pool_rule', 'not x.enabled')).toEqual({ demo: 2, demo2: 2 });
  expect(await perTenant('pool_rule')).toEqual({ demo: 2, demo2: 2 });
  for (const [table, kind] of [
    ['customer', 'CUSTOMER'],
    ['lead', 'LEAD'],
  ]) {
    expect(Object.keys(await perTenant(table!, 'x.pool_id is not null')).toSorted()).toEqual(['demo', 'demo2']);
    await none(
      `select c.id from ${table} c left join pool p on p.tenant_id = c.tenant_id and p.id = c.pool_id left join user_account u on u.tenant_id = c.tenant_id and u.id = c.owner_id
        where c.owner_department_id is distinct from u.department_id or (c.pool_id is null) <> (c.pooled_at is null) or p.kind <> '${kind}'
          or (c.owner_id is not null and c.pool_id is not null) or (c.owner_id is null) <> (c.held_since is null) or c.recycle_on is not null or c.pooled_at > timestamptz '${today} 00:00+08'`,
    );
  }
});

test('has views as the server would have saved them', async () => {
  const orm = openOrm(config, database.ownerUrl);
  buildGraph();
  await orm.close();
  const rows = await allRows(database, (sql) =>
    sql(
      "select kind, filter, order_by, columns, array_to_json(uses) as uses from saved_view v join tenant t on t.id = v.tenant_id and t.code = 'demo' order by v.number",
    ),
  );
  expect(rows).toHaveLength(4);
  for (const { kind, filter, order_by: orderBy, columns, uses } of rows) {
    const types = typesOfList(listsOfKinds[kind as SavedViewKind]);
    const [saved, ordered] = [
      described(filter, types.filter, 'filter', 'Asia/Shanghai'),
      described(orderBy, types.orderBy, 'orderBy', 'Asia/Shanghai'),
    ];
    expect([saved.json, ordered.json]).toEqual([filter, orderBy]);
    expect(uses.toSorted()).toEqual(
      [
        ...saved.uses,
        ...ordered.uses,
        ...columns.map((name: string) => `columns.${name} ${used.column(types.record, name)}`),
      ].toSorted(),
    );
    expect(columns.filter((name: string) => !types.columns.has(name))).toEqual([]);
  }
  expect(await perTenant('saved_view', "x.sharing = 'TENANT'")).toEqual({ demo: 4, demo2: 4 });
});

test('gives records the ids that other programs compute', async () => {
  const [found] = await allRows(database, (sql) =>
    sql(
      "select id, tenant_id from customer where account_no = 'ACC008' and tenant_id = (select id from tenant where code = 'demo2')",
    ),
  );
  expect(found).toEqual({ id: demoId('demo2', 'customer', 7), tenant_id: demoId('demo2', 'tenant', 0) });
  const [contract] = await allRows(database, (sql) =>
    sql('select customer_id, opportunity_id from contract where id = $1', [demoId('demo', 'contract', 0)]),
  );
  expect(contract.customer_id).toBe(demoId('demo', 'customer', 0));
});

test('gives each customer exactly one primary contact', async () => {
  await none(
    'select c.id from customer c left join customer_contact l on l.tenant_id = c.tenant_id and l.customer_id = c.id and l."primary" group by c.tenant_id, c.id having count(l.id) <> 1',
  );
});

test('leaves no person without a customer', async () => {
  await none(
    'select id from contact p where not exists (select from customer_contact l where l.tenant_id = p.tenant_id and l.contact_id = p.id)',
  );
});

test('never gives two customers of a tenant the same name', async () => {
  await none('select tenant_id, name from customer group by 1, 2 having count(*) > 1');
  const { one } = await allRows(
    database,
    async (sql) => (await sql('select count(distinct name)::int as one from customer'))[0],
  );
  expect(one).toBe(500);
});

test('holds for each opportunity an unbroken history that ends at its stage', async () => {
  const chain = `select c.*, lag(to_stage) over w as came_from, lag(c.created_at) over w as before, lead(c.id) over w as next, o.stage, o.closed_at, o.created_at as begun
    from stage_change c join opportunity o on o.tenant_id = c.tenant_id and o.id = c.opportunity_id window w as (partition by c.tenant_id, c.opportunity_id order by c.created_at)`;
  await none(
    `select id from (${chain}) h where from_stage is distinct from came_from or created_at <= before or (before is null and created_at <> begun)`,
  );
  await none(
    `select id from (${chain}) h where next is null and (to_stage <> stage or (closed_at is not null) <> (stage in ('CLOSED_WON', 'CLOSED_LOST')) or created_at <> coalesce(closed_at, created_at))`,
  );
  await none(
    `select id from (${chain}) h where stayed is distinct from extract(epoch from created_at - before) or returned is distinct from (case when before is not null then exists (select from stage_change e where e.tenant_id = h.tenant_id and e.opportunity_id = h.opportunity_id and e.to_stage = h.to_stage and e.number < h.number) end)`,
  );
  await none(
    'select id from opportunity o where not exists (select from stage_change c where c.tenant_id = o.tenant_id and c.opportunity_id = o.id)',
  );
  await none("select id from opportunity where (won_amount is not null) <> (stage = 'CLOSED_WON')");
});

test('knows of each opportunity at which stage it was at any moment', async () => {
  await none(
    `select id from stage_change s where from_stage is not null and not exists (select from record_version v where v.tenant_id = s.tenant_id and v.record = s.opportunity_id
      and v.valid_until = s.created_at and v.valid_from < v.valid_until and v.reconstructed and v.data ->> 'stage' = s.from_stage and v.data ->> 'won_amount' is null)`,
  );
});

test('spreads opportunities over every stage and contracts over every state, some ending soon', async () => {
  const stages = await allRows(database, (sql) => sql('select distinct stage from opportunity order by 1'));
  expect(stages.map(({ stage }) => stage)).toEqual([
    'CLOSED_LOST',
    'CLOSED_WON',
    'NEEDS_ANALYSIS',
    'NEGOTIATION',
    'PROPOSAL',
    'PROSPECTING',
    'QUALIFICATION',
  ]);
  expect(Object.keys(await perTenant('contract', "status = 'DRAFT'"))).toHaveLength(2);
  expect(Object.keys(await perTenant('contract', "status = 'TERMINATED'"))).toHaveLength(2);
  expect(Object.keys(await perTenant('contract', "status = 'EXPIRED'"))).toHaveLength(2);
  expect(
    Object.keys(
      await perTenant('contract', `status = 'IN_FORCE' and ends_on between '${today}' and date '${today}' + 90`),
    ),
  ).toHaveLength(2);
});

test('holds talks whose last one is the last contact, and cases that came as far as they say', async () => {
  await none(
    "select c.id from customer c join activity a on a.tenant_id = c.tenant_id and a.customer_id = c.id and a.status = 'COMPLETED' group by c.tenant_id, c.id, c.last_contact_at having max(a.starts_at) <> c.last_contact_at",
  );
  await none(
    `select id from activity where (status = 'COMPLETED') <> (completed_at is not null) or (status = 'PLANNED') <> (starts_at >= timestamptz '${today} 00:00+08')`,
  );
  await none(
    "select id from service_case where (status <> 'NEW') <> (responded_at is not null) or (status in ('RESOLVED', 'CLOSED')) <> (resolved_at is not null) or (status = 'CLOSED') <> (closed_at is not null)",
  );
  await none(
    "select id from service_case where responded_at <= created_at or resolved_at <= responded_at or closed_at <= resolved_at or (satisfaction is not null) <> (status = 'CLOSED')",
  );
  expect(await allRows(database, (sql) => sql('select distinct status from service_case order by 1'))).toEqual(
    ['CLOSED', 'IN_PROGRESS', 'NEW', 'RESOLVED'].map((status) => ({ status })),
  );
});

test('holds nothing of the future, and terms that fit their state', async () => {
  const dated = await allRows(database, (sql) =>
    sql(
      "select table_name as name from information_schema.columns where column_name = 'created_at' and table_name = any ($1)",
      [demoTables],
    ),
  );
  expect(dated.length).toBeGreaterThan(15);
  for (const { name: table } of dated)
    await none(`select id from "${table}" where created_at >= timestamptz '${today} 00:00+08'`);
  await none(
    `select id from contract where starts_on > ends_on or (status = 'IN_FORCE' and (ends_on < '${today}' or starts_on >= '${today}')) or (status = 'EXPIRED' and ends_on >= '${today}') or ((signed_on is null) <> (status = 'DRAFT'))`,
  );
  await none(
    "select c.id from contract c join opportunity o on o.tenant_id = c.tenant_id and o.id = c.opportunity_id where o.stage <> 'CLOSED_WON' or o.customer_id <> c.customer_id or o.closed_at > c.created_at",
  );
  await none(
    "select c.id from contract c join customer k on k.tenant_id = c.tenant_id and k.id = c.customer_id where (k.status = 'ACTIVE') <> (c.status = 'IN_FORCE')",
  );
});

test('holds payments, changes of state and leads that fit the contracts and customers', async () => {
  await none(
    'select c.id from contract c join payment p on p.tenant_id = c.tenant_id and p.contract_id = c.id group by c.tenant_id, c.id having sum(p.paid_amount) > c.agreed_amount or min(p.paid_at)::date < min(c.signed_on) - 1',
  );
  await none(
    "select id from payment p where exists (select from contract c where c.tenant_id = p.tenant_id and c.id = p.contract_id and c.status = 'DRAFT')",
  );
  await none(
    `select c.id from customer c left join lateral (select to_status from status_change s where s.tenant_id = c.tenant_id and s.customer_id = c.id order by s.created_at desc limit 1) last on true where coalesce(last.to_status, 'POTENTIAL') <> c.status`,
  );
  await none(
    "select id from lead where (status = 'CONVERTED') <> (customer_id is not null) or (converted_at is null) <> (customer_id is null)",
  );
  for (const status of ['NEW', 'QUALIFIED', 'UNQUALIFIED', 'CONVERTED'])
    expect(Object.keys(await perTenant('lead', `status = '${status}'`))).toHaveLength(2);
  expect(
    Object.keys(
      await perTenant(
        'contract',
        `status = 'IN_FORCE' and due_on < '${today}' and not exists (select from payment p where p.contract_id = x.id)`,
      ),
    ),
  ).toHaveLength(2);
});

test("tells scores that follow from their parts, the last of them the customer's own", async () => {
  await none(
    'select id from health_score where round(0.30 * satisfaction + 0.25 * activity + 0.25 * financial + 0.20 * contract, 1) <> overall',
  );
  await none(
    'select c.id from customer c left join lateral (select overall from health_score h where h.tenant_id = c.tenant_id and h.customer_id = c.id order by scored_on desc limit 1) last on true where last.overall is distinct from c.health_score',
  );
  await none(
    'select id from health_score where least(satisfaction, activity, financial, contract) < 0 or greatest(satisfaction, activity, financial, contract) > 100',
  );
  await none(
    `select id from usage_event where at >= timestamptz '${today} 00:00+08' or (kind = 'FEATURE') <> (feature is not null)`,
  );
  await none("select id from success_task where (status = 'DONE') <> (completed_at is not null)");
});

test('puts the wall between tenants and every foreign key back up', async () => {
  const empty = await ownDatabase();
  try {
    expect(await structure(database)).toEqual(await structure(empty));
  } finally {
    await empty.stop();
  }
  expect(await rolledBack(database.ownerUrl, (sql) => sql('select id from customer'))).toEqual([]);
});
