import { user as newUser, department } from '../departments/support.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Everything of somebody who leaves, in one act, and what it will be before.

const handOver =
  'mutation ($id: ID!, $input: HandOverInput!) { userHandOver(id: $id, input: $input) { user { login } counts { kind count } userErrors { code field message } } }';
const preview =
  'query ($id: ID!, $kinds: [HandOverKind!]) { user(id: $id) { handOverPreview(kinds: $kinds) { kind count } } }';

/** What somebody looks after, and beside each what is over or another's; returns who it is. */
async function busy(t: TestTenant): Promise<string> {
  const [owner, other] = [await t.sales.id(), await t.sales2.id()];
  const make = async (record: string, type: string, inputs: object[]): Promise<Data[]> => {
    const names = inputs.map((_, place) => `i${place}`);
    const data = await t.admin.graph(
      `mutation (${names.map((name) => `$${name}: ${type}!`).join(', ')}) { ${names.map((name) => `${name}: ${record}Create(input: $${name}) { ${record} { id } userErrors { code field } }`).join(' ')} }`,
      Object.fromEntries(inputs.map((input, place) => [names[place], input])),
    );
    return Object.values(data as Record<string, Data>).map((answer) => {
      expect(answer.userErrors).toEqual([]);
      return answer[record];
    });
  };
  const of = (count: number, input: (place: number) => object): object[] =>
    Array.from({ length: count }, (_, place) => input(place));
  const [first] = await make(
    'customer',
    'CustomerInput',
    of(5, (place) => ({ name: `客户${place}`, owner })),
  );
  await customer(t.admin, { name: '别人的', owner: other });
  await customer(t.admin, { name: '公共的', owner: null });
  await make(
    'lead',
    'LeadInput',
    of(3, (place) => ({ name: `线索${place}`, company: `公司${place}`, source: 'WEBSITE', owner })),
  );
  await make(
    'opportunity',
    'OpportunityInput',
    of(4, (place) => ({
      name: `商机${place}`,
      customer: first.id,
      owner,
      stage: place === 0 ? 'CLOSED_WON' : 'PROPOSAL',
      amount: { amount: '1' },
    })),
  );
  await t.sales.graph(
    `mutation { ${of(3, (place) => ({ place }))
      .map(
        (_, place) =>
          `a${place}: activityCreate(input: { kind: CALL, subject: "电话${place}", customer: "${first.id}", status: ${place === 0 ? 'COMPLETED' : 'PLANNED'}, content: "谈" }) { userErrors { code field } }`,
      )
      .join(' ')} }`,
  );
  await make(
    'successTask',
    'SuccessTaskInput',
    of(2, (place) => ({ title: `任务${place}`, kind: 'RENEWAL', customer: first.id, assignee: owner })),
  );
  const cases = await make(
    'case',
    'CaseInput',
    of(3, (place) => ({ subject: `工单${place}`, customer: first.id, assignee: owner })),
  );
  await t.admin.graph(
    'mutation ($id: ID!) { caseClose(id: $id, input: { resolution: "好了" }) { userErrors { code } } }',
    { id: cases[0].id },
  );
  await make('campaign', 'CampaignInput', [{ name: '活动', kind: 'EVENT', owner }]);
  const { id: led } = await department(t.admin, '销售部', { leader: owner });
  for (const more of [{}, { sharing: 'DEPARTMENT', department: led }]) {
    const { savedViewCreate } = await t.sales.graph(
      'mutation ($input: SavedViewInput!) { savedViewCreate(input: $input) { userErrors { code field } } }',
      { input: { kind: 'CUSTOMER', name: '视图', ...more } },
    );
    expect(savedViewCreate.userErrors).toEqual([]);
  }
  for (const login of ['one', 'two']) await newUser(t.admin, login, { manager: owner });
  return owner;
}

const everything = {
  CUSTOMER: 5,
  LEAD: 3,
  OPPORTUNITY: 3,
  ACTIVITY: 2,
  SUCCESS_TASK: 2,
  CASE: 2,
  CAMPAIGN: 1,
  SAVED_VIEW: 1,
  DEPARTMENT: 1,
  REPORT: 2,
};
const listed = (counts: Record<string, number>): Data[] =>
  Object.entries(counts).map(([kind, count]) => ({ kind, count }));
const nothing = listed(Object.fromEntries(Object.keys(everything).map((kind) => [kind, 0])));

test('all of it goes in one act, as the preview has said, and everything says so', async () => {
  const t = await tenant();
  const from = await busy(t);
  const to = await t.sales2.id();
  expect((await t.admin.graph(preview, { id: from })).user.handOverPreview).toEqual(listed(everything));
  for (const by of [t.manager, t.sales, t.viewer])
    expect((await by.graph(preview, { id: from })).user.handOverPreview).toEqual([]);
  expect((await t.admin.graph(preview, { id: from, kinds: ['CASE', 'CUSTOMER'] })).user.handOverPreview).toEqual(
    listed({ CUSTOMER: 5, CASE: 2 }),
  );
  const before = await written(t);
  expect((await t.admin.graph(handOver, { id: from, input: { to: { owner: to } } })).userHandOver).toEqual({
    user: { login: 'sales' },
    counts: listed(everything),
    userErrors: [],
  });
  const total = Object.values(everything).reduce((sum, count) => sum + count);
  const after = await written(t);
  expect([after.audit - before.audit, after.events - before.events]).toEqual([total, total]);
  expect((await t.admin.graph(preview, { id: from })).user.handOverPreview).toEqual(nothing);
  const { customers, opportunities } = await t.admin.graph(
    'query ($to: ID!) { customers(filter: { owner: [$to], search: "客户" }) { nodes { version ownerChanges { nodes { kind fromOwner { login } toOwner { login } changedBy { login } } } history(first: 1) { nodes { operation changes { field } } } } } opportunities(filter: { owner: [$to] }) { totalCount } }',
    { to },
  );
  expect(customers.nodes).toHaveLength(5);
  for (const one of customers.nodes) {
    expect(one.version).toBe(2);
    expect(one.ownerChanges.nodes).toEqual([
      { kind: 'HAND_OVER', fromOwner: { login: 'sales' }, toOwner: { login: 'sales2' }, changedBy: { login: 'admin' } },
    ]);
    expect(one.history.nodes[0].operation).toBe('user.handOver');
  }
  expect(opportunities.totalCount).toBe(3);
  const again = await written(t);
  expect((await t.admin.graph(handOver, { id: from, input: { to: { owner: to } } })).userHandOver.counts).toEqual(
    nothing,
  );
  expect(await written(t)).toEqual(again);
});

test('shared evenly, the numbers of each kind differ by one at most; only what is named goes', async () => {
  const t = await tenant();
  const from = await busy(t);
  const three = ['甲', '乙', '丙'].map((name, place) => ({ login: `new${place}`, name }));
  for (const { login, name } of three) await newUser(t.admin, login, { name });
  const kinds = ['CUSTOMER', 'LEAD', 'ACTIVITY', 'REPORT'];
  const { userHandOver } = await t.admin.graph(handOver, {
    id: from,
    input: { to: { evenlyAmong: ['new0', 'new1', 'new2', 'new1'] }, kinds },
  });
  expect(userHandOver.counts).toEqual(listed({ CUSTOMER: 5, LEAD: 3, ACTIVITY: 2, REPORT: 2 }));
  const held = await t.sql<{ kind: string; counts: string[] }>(
    `select kind, array_agg(n::text order by n) counts from (
       select 'customer' kind, count(c.id) n from user_account u left join customer c on c.tenant_id = u.tenant_id and c.owner_id = u.id where u.tenant_id = app_tenant() and u.login like 'new%' group by u.id
       union all select 'lead', count(l.id) from user_account u left join lead l on l.tenant_id = u.tenant_id and l.owner_id = u.id where u.tenant_id = app_tenant() and u.login like 'new%' group by u.id
       union all select 'report', count(r.id) from user_account u left join user_account r on r.tenant_id = u.tenant_id and r.manager_id = u.id where u.tenant_id = app_tenant() and u.login like 'new%' group by u.id) k
     group by kind order by kind`,
  );
  expect(held).toEqual([
    { kind: 'customer', counts: ['1', '2', '2'] },
    { kind: 'lead', counts: ['1', '1', '1'] },
    { kind: 'report', counts: ['0', '1', '1'] },
  ]);
  expect((await t.admin.graph(preview, { id: from })).user.handOverPreview).toEqual(
    listed({ ...everything, CUSTOMER: 0, LEAD: 0, ACTIVITY: 0, REPORT: 0 }),
  );
});

test('who would report to themselves goes to the manager above', async () => {
  const t = await tenant();
  const boss = await newUser(t.admin, 'boss');
  const leaving = await newUser(t.admin, 'leaving', { manager: 'boss' });
  await newUser(t.admin, 'heir', { manager: 'leaving' });
  await newUser(t.admin, 'peer', { manager: 'leaving' });
  await t.admin.graph(handOver, { id: leaving.id, input: { to: { owner: 'heir' }, kinds: ['REPORT'] } });
  const { users } = await t.admin.graph('{ users(orderBy: [{ field: LOGIN }]) { nodes { login manager { login } } } }');
  expect(users.nodes.filter(({ login }: Data) => ['heir', 'peer'].includes(login))).toEqual([
    { login: 'heir', manager: { login: 'boss' } },
    { login: 'peer', manager: { login: 'heir' } },
  ]);
  expect(boss.version).toBe(1);
});

test('what is wrong is refused by field, and nothing is done', async () => {
  const t = await tenant();
  const from = await busy(t);
  await newUser(t.admin, 'gone');
  const [{ id: gone }] = (await t.sql<{ id: string }>(
    "update user_account set active = false where login = 'gone' returning id",
  )) as [{ id: string }];
  const { apiKeyCreate } = await t.admin.graph(
    'mutation { apiKeyCreate(input: { name: "程序", scopes: ["crm:read"] }) { apiKey { user { id } } userErrors { code } } }',
  );
  await Promise.all([t.manager, t.viewer].map((by) => by.id()));
  const before = await written(t);
  const errors = (input: object, id = from): Promise<string[]> => t.admin.graph.userErrors(handOver, { id, input });
  const nobody = '01900000-0000-7000-8000-000000000000';
  expect(await errors({ to: { owner: nobody } })).toEqual(['UNKNOWN_REFERENCE to.owner']);
  expect(await errors({ to: { owner: gone } })).toEqual(['INVALID to.owner']);
  expect(await errors({ to: { owner: apiKeyCreate.apiKey.user.id } })).toEqual(['INVALID to.owner']);
  expect(await errors({ to: { owner: from } })).toEqual(['INVALID to.owner']);
  expect(await errors({ to: { evenlyAmong: [] } })).toEqual(['OUT_OF_RANGE to.evenlyAmong']);
  expect(await errors({ to: { evenlyAmong: ['sales2', gone] } })).toEqual(['INVALID to.evenlyAmong.1']);
  expect(await errors({ to: { owner: 'sales2' } }, nobody)).toEqual(['NOT_FOUND id']);
  for (const by of [t.manager, t.sales, t.viewer])
    expect(await by.graph.refused(handOver, { id: from, input: { to: { owner: 'sales2' } } })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual(before);
});

test('5,000 customers go in one act, with a few statements', async () => {
  const t = await tenant();
  const [from] = await Promise.all([t.sales.id(), t.sales2.id(), t.admin.id()]);
  await t.sql(
    "insert into customer (tenant_id, id, account_no, code, name, owner_id) select app_tenant(), gen_random_uuid(), 'A' || n, 'C' || n, '客户' || n, $1 from generate_series(1, 5000) n returning id",
    [from],
  );
  // keys are looked up by plans that were made when there were few
  await t.sql('analyze customer');
  const began = performance.now();
  const { statements, body } = await t.admin.graph.raw(handOver, {
    id: from,
    input: { to: { evenlyAmong: ['sales2', 'admin'] } },
  });
  const took = performance.now() - began;
  expect(body.data.userHandOver.counts[0]).toEqual({ kind: 'CUSTOMER', count: 5_000 });
  expect(statements).toBeLessThan(40);
  const [row] = await t.sql<Data>(
    'select (select count(*)::int from owner_change) changes, (select count(*)::int from audit_entry where act = $1) audited, (select array_agg(n order by n) from (select count(*)::int n from customer group by owner_id) c) shared',
    ['user.handOver'],
  );
  expect(row).toEqual({ changes: 5_000, audited: 5_000, shared: [2_500, 2_500] });
  // far below what a request may take
  expect(took).toBeLessThan(15_000);
}, 60_000);

test('what is over the holding limits of receivers stays where it is, if that is asked for; else nothing goes', async () => {
  const t = await tenant();
  const from = await busy(t);
  const receivers: string[] = [];
  for (const login of ['new0', 'new1']) {
    await newUser(t.admin, login, { name: login });
    receivers.push((await t.sql<Data>('select id from user_account where login = $1', [login]))[0].id);
  }
  for (const [place, user] of receivers.entries())
    for (const kind of ['CUSTOMER', 'LEAD'])
      expect(
        await t.admin.graph.userErrors(
          'mutation ($input: HoldingLimitInput!) { holdingLimitCreate(input: $input) { userErrors { code field } } }',
          { input: { kind, user, max: place + (kind === 'LEAD' ? 0 : 1) } },
        ),
      ).toEqual([]);
  const mutation =
    'mutation ($id: ID!, $input: HandOverInput!) { userHandOver(id: $id, input: $input) { counts { kind count left } userErrors { code field } } }';
  const kinds = ['CUSTOMER', 'LEAD', 'CASE'];
  const to = { evenlyAmong: receivers };
  const before = await written(t);
  const { userHandOver: refused } = await t.admin.graph(mutation, { id: from, input: { to, kinds } });
  expect([refused.counts, refused.userErrors[0].code]).toEqual([[], 'HOLDING_LIMIT']);
  expect(await written(t)).toEqual(before);
  const { userHandOver: done } = await t.admin.graph(mutation, { id: from, input: { to, kinds, overLimit: 'LEAVE' } });
  // one may have one customer and no lead, the other two customers and one lead
  expect(done).toEqual({
    counts: [
      { kind: 'CUSTOMER', count: 3, left: 2 },
      { kind: 'LEAD', count: 1, left: 2 },
      { kind: 'CASE', count: 2, left: 0 },
    ],
    userErrors: [],
  });
  const owners = async (table: string, column: string): Promise<Data[]> =>
    t.sql(
      `select u.login, count(*)::int as count from ${table} r join user_account u on u.tenant_id = r.tenant_id and u.id = r.${column} where r.tenant_id = app_tenant() and u.login <> 'sales2' group by 1 order by 1`,
    );
  expect(await owners('customer', 'owner_id')).toEqual([
    { login: 'new0', count: 1 },
    { login: 'new1', count: 2 },
    { login: 'sales', count: 2 },
  ]);
  expect(await owners('lead', 'owner_id')).toEqual([
    { login: 'new1', count: 1 },
    { login: 'sales', count: 2 },
  ]);
  const after = await written(t);
  expect([after.audit - before.audit, after.events - before.events]).toEqual([6, 6]);
  const { userHandOver: again } = await t.admin.graph(mutation, { id: from, input: { to, kinds, overLimit: 'LEAVE' } });
  expect(again.counts).toEqual([
    { kind: 'CUSTOMER', count: 0, left: 2 },
    { kind: 'LEAD', count: 0, left: 2 },
    { kind: 'CASE', count: 0, left: 0 },
  ]);
  expect(await written(t)).toEqual(after);
});
