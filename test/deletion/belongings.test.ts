import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType } from 'graphql';
import { activity, caseOf, contact, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { download, uploaded } from '../support/upload.js';

// What belongs to a customer is there as long as the customer is: in no list, sum, report, search, file or dialect while it
// is deleted, and everywhere again when it comes back.

/** Lists of what happened, which tell of deleted records too, and of who may come in, which belong to no customer. */
const ofTheServer = [
  'auditEntries',
  'webhooks',
  'healthRuns',
  'apiKeys',
  'endpointUses',
  'tenants',
  'tokenRevocations',
  'holdingLimits',
  'users',
  'pools',
  'leadOwnerChanges',
  'savedViews',
];

const lists = Object.values(
  buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'))
    .getQueryType()!
    .getFields(),
)
  .filter(({ name, type }) => getNamedType(type).name.endsWith('Connection') && !ofTheServer.includes(name))
  .map(({ name }) => name);

const reports = `{
  analyticsOverview { totalCustomers activeCustomers totalOpportunities openOpportunities wonOpportunities totalRevenue { amount } }
  analyticsTrend(metric: REVENUE) { count amount { amount } } activities: analyticsTrend(metric: ACTIVITIES) { count } opportunities: analyticsTrend(metric: OPPORTUNITIES) { count }
  analyticsSegments(by: INDUSTRY) { name count revenue { amount } } analyticsLoyalty { levels { tier count revenue { amount } } }
  pipeline { count amount { amount } stages { stage count opportunities { totalCount nodes { name } } } }
  receivables { currency count amount { amount } contracts { totalCount } } forecast { month count amount { amount } }
  funnel { stage entered won } salesVelocity { openCount wonCount }
  customerStatistics { totalCount byStatus { status count } } search(text: "甲") { customers { totalCount } contacts { totalCount } opportunities { totalCount } }
  customers(orderBy: [{ field: NUMBER }]) { nodes { name timeline { totalCount nodes { kind } } } }
}`;

const rest: Array<['erp' | 'cell' | 'lifecycle' | 'platform', string]> = [
  ['erp', '/accounts'],
  ['erp', '/contacts'],
  ['erp', '/opportunities'],
  ['erp', '/cases'],
  ['erp', '/activities'],
  ['erp', '/analytics/overview'],
  ['erp', '/analytics/loyalty'],
  ['cell', '/customers'],
  ['cell', '/contacts'],
  ['cell', '/opportunities'],
  ['cell', '/contracts'],
  ['cell', '/payments'],
  ['cell', '/follow-ups'],
  ['cell', '/opportunities/forecast'],
  ['cell', '/pipeline/funnel'],
  ['cell', '/pipeline/summary'],
  ['cell', '/reports/funnel'],
  ['cell', '/reports/sales-forecast'],
  ['cell', '/customers?keyword=%E7%94%B2'],
  ['lifecycle', '/contracts/expiring'],
  ['lifecycle', '/customers/search?q=%E7%94%B2'],
  ['platform', '/customers/search/?q=%E7%94%B2'],
  ['lifecycle', '/customers'],
  ['lifecycle', '/customers/success-tasks'],
  ['platform', '/customers/'],
  ['platform', '/customers/members/relations/'],
  ['platform', '/customers/statistics/'],
];

/** Everything that can be seen of the tenant, through every channel. */
async function seen(t: TestTenant, by: Actor): Promise<Data> {
  const rows: Record<string, string[]> = {};
  for (let from = 0; from < lists.length; from += 20) {
    const part = lists.slice(from, from + 20);
    const data = await by.graph(
      `{ ${part.map((name) => `${name}(first: 100) { totalCount nodes { id } }`).join(' ')} }`,
    );
    for (const name of part) {
      rows[name] = data[name].nodes.map(({ id }: Data) => id as string).toSorted();
      expect([name, data[name].totalCount]).toEqual([name, rows[name]!.length]);
    }
  }
  const dialects: Record<string, unknown> = {};
  for (const [dialect, path] of rest) {
    const { status, body } = await by.rest(dialect).get(path);
    expect([dialect, path, status]).toEqual([dialect, path, 200]);
    // what follows the clock, or is of this request alone
    dialects[`${dialect} ${path}`] = JSON.parse(JSON.stringify(body), (key, value: unknown) =>
      /^(timestamp|trace_id|requestId|version|updated_?at)$/i.test(key) ? undefined : value,
    );
  }
  const files: Record<string, unknown> = {};
  for (const name of ['customers', 'contacts', 'opportunities', 'contracts']) {
    const answer = await fetch(`${process.env['CRM_TEST_ADDRESS']}/export/${name}.json`, {
      headers: { authorization: `Bearer ${t.manager.token}` },
    });
    files[name] = await answer.json();
  }
  return { rows, reports: await by.graph(reports), dialects, files };
}

const done = async (by: Actor, mutation: string, variables: object = {}): Promise<void> => {
  expect(await by.graph.userErrors(mutation, variables)).toEqual([]);
};

/** One of everything that can belong to a customer, and something of it that is deleted by itself. */
async function everything(t: TestTenant, other: string): Promise<{ id: string; records: string[]; url: string }> {
  const by = t.admin;
  const { id } = await customer(by, { name: '甲公司', industry: '软件', creditLimit: { amount: '5000' } });
  const { id: person } = await contact(by, { name: '甲某', customer: id, primary: true });
  const open = await opportunity(by, {
    name: '甲商机',
    customer: id,
    amount: { amount: '100' },
    expectedCloseOn: '2026-12-01',
  });
  const won = await opportunity(by, { name: '甲赢', customer: id, amount: { amount: '200' } });
  const gone = await opportunity(by, { name: '甲删', customer: id, amount: { amount: '400' } });
  await done(by, 'mutation ($id: ID!) { opportunityDelete(id: $id) { userErrors { code } } }', { id: gone.id });
  await done(by, 'mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code } } }', { id: won.id });
  const agreement = await contract(by, {
    name: '甲合同',
    customer: id,
    opportunity: won.id,
    amount: { amount: '200' },
    startsOn: '2026-01-01',
    endsOn: '2026-12-31',
    status: 'IN_FORCE',
  });
  await done(
    by,
    'mutation ($id: ID!) { contractRenew(id: $id, input: { endsOn: "2099-12-31" }) { userErrors { code } } }',
    { id: agreement.id },
  );
  await done(
    by,
    'mutation ($id: ID!) { paymentCreate(input: { contract: $id, amount: { amount: "50" } }) { userErrors { code } } }',
    { id: agreement.id },
  );
  const talk = await activity(by, {
    subject: '甲拜访',
    customer: id,
    contact: person,
    opportunity: open.id,
    status: 'COMPLETED',
    startsAt: '2026-11-01T02:00:00Z',
  });
  const trouble = await caseOf(by, { subject: '甲故障', customer: id, contact: person });
  await done(
    by,
    'mutation ($id: ID!) { caseCommentCreate(input: { case: $id, content: "在查" }) { userErrors { code } } }',
    {
      id: trouble.id,
    },
  );
  for (const mutation of [
    'mutation ($id: ID!) { successTaskCreate(input: { customer: $id, title: "甲任务", kind: RENEWAL }) { userErrors { code } } }',
    'mutation ($id: ID!) { usageEventsCreate(inputs: [{ customer: $id, kind: LOGIN }]) { userErrors { code } } }',
    'mutation ($id: ID!) { customerTagCreate(input: { customer: $id, name: "重点" }) { userErrors { code } } }',
    'mutation ($id: ID!) { creditAssessmentCreate(input: { customer: $id, score: 80 }) { userErrors { code } } }',
    'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST) { userErrors { code } } }',
    'mutation ($id: ID!) { customerCalculateHealth(id: $id) { userErrors { code } } }',
  ])
    await done(by, mutation, { id });
  await done(
    by,
    'mutation ($id: ID!, $owner: ID!) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }',
    { id, owner: await t.sales.id() },
  );
  await done(
    by,
    'mutation ($id: ID!, $user: ID!) { customerMemberCreate(input: { customer: $id, user: $user }) { userErrors { code } } }',
    { id, user: await t.sales2.id() },
  );
  await done(
    by,
    'mutation ($id: ID!, $other: ID!) { customerRelationCreate(input: { from: $other, to: $id, kind: PARTNER }) { userErrors { code } } }',
    { id, other },
  );
  await t.outsider.id();
  await done(
    by,
    'mutation ($id: ID!, $tenant: ID!) { customerTenantCreate(input: { customer: $id, tenant: $tenant, relationType: PARTNER }) { userErrors { code } } }',
    { id, tenant: t.outsider.tenant },
  );
  const { url } = await uploaded(by, 'a.txt', 'x', { contract: agreement.id });
  await uploaded(by, 'b.txt', 'y', { case: trouble.id });
  await uploaded(by, 'c.txt', 'z', { activity: talk.id });
  return { id, records: [id, person, open.id, won.id, agreement.id, talk.id, trouble.id], url };
}

/** Lists of what has nothing to do with a customer. */
const apartFromCustomers = ['campaigns', 'leads', 'departments', 'poolRules', 'recyclingRuns'];

test('what belongs to a customer goes and comes back with it, wherever it is seen', async () => {
  const t = await tenant();
  const { id: other } = await customer(t.admin, { name: '乙' });
  await contact(t.admin, { name: '丁', customer: other });
  const before = await seen(t, t.admin);
  const { id, records, url } = await everything(t, other);
  const between = await contact(t.admin, { name: '两家', customer: other });
  await done(
    t.admin,
    'mutation ($id: ID!, $of: ID!) { customerContactCreate(input: { customer: $of, contact: $id }) { userErrors { code } } }',
    { id: between.id, of: id },
  );
  const whole = await seen(t, t.admin);
  // there is something of each kind: the test would else see nothing leave
  const empty = Object.entries(whole.rows as Record<string, string[]>).filter(
    ([name, rows]) => rows.length <= before.rows[name].length && !apartFromCustomers.includes(name),
  );
  expect(empty.map(([name]) => name)).toEqual([]);

  await done(t.admin, 'mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
  const without = await seen(t, t.admin);
  const person = (list: Data): Data => ({
    ...list,
    contacts: list.contacts.filter((one: string) => one !== between.id),
    customerContacts: [],
  });
  expect(person(without.rows)).toEqual(person(before.rows));
  expect(without.rows.contacts).toContain(between.id);
  expect(without.rows.customerContacts).toHaveLength(2);
  expect(without.reports).toEqual(before.reports);
  const names = JSON.stringify([without.dialects, without.files]);
  expect(names).not.toMatch(/甲/);
  for (const record of records)
    expect(await t.admin.graph('query ($id: ID!) { node(id: $id) { id } }', { id: record })).toEqual({ node: null });
  expect((await download(t.admin, url)).status).toBe(404);
  expect((await t.outsider.graph('{ linkedCustomers { totalCount } }')).linkedCustomers.totalCount).toBe(0);

  await done(t.admin, 'mutation ($id: ID!) { customerRestore(id: $id) { userErrors { code } } }', { id });
  const after = await seen(t, t.admin);
  expect(after.rows).toEqual(whole.rows);
  expect(after.reports).toEqual(whole.reports);
  expect(after.dialects).toEqual(whole.dialects);
  expect(after.files).toEqual(whole.files);
  expect((await download(t.admin, url)).status).toBe(200);
  expect((await t.outsider.graph('{ linkedCustomers { totalCount } }')).linkedCustomers.totalCount).toBe(1);
}, 120_000);

test('it is out of reach of changes meanwhile, also for whoever works on it, and can be reviewed by those who administer', async () => {
  const t = await tenant();
  const { id } = await customer(t.sales, { name: '甲' });
  const mine = await opportunity(t.sales, { name: '商机', customer: id });
  const agreement = await contract(t.sales, { name: '合同', customer: id });
  const feed = await t.sales.subscribe('subscription { opportunityChanged { opportunity { name } } }');
  await done(t.admin, 'mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
  for (const by of [t.sales, t.admin]) {
    expect(
      await by.graph.userErrors(
        'mutation ($id: ID!) { opportunityChangeStage(id: $id, stage: PROPOSAL) { userErrors { code field } } }',
        { id: mine.id },
      ),
    ).toEqual(['NOT_FOUND id']);
    expect(
      await by.graph.userErrors(
        'mutation ($id: ID!) { paymentCreate(input: { contract: $id, amount: { amount: "1" } }) { userErrors { code field } } }',
        { id: agreement.id },
      ),
    ).toEqual(['UNKNOWN_REFERENCE contract']);
  }
  await feed.none();
  const { customer: deleted } = await t.admin.graph(
    'query ($id: ID!) { customer(id: $id, deleted: true) { opportunities { totalCount } all: opportunities(deleted: true) { nodes { name deletedAt } } } }',
    { id },
  );
  expect(deleted).toEqual({ opportunities: { totalCount: 0 }, all: { nodes: [{ name: '商机', deletedAt: null }] } });
});

test('a list takes no more than one statement for it, and looks at no more than what is deleted', async () => {
  const t = await tenant();
  for (const list of ['opportunities', 'payments', 'files', 'contacts', 'stageChanges', 'activities'])
    expect([list, (await t.admin.graph.raw(`{ ${list} { totalCount nodes { id } } }`)).statements]).toEqual([list, 1]);
});
