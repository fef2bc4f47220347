import { buildSchema } from 'graphql';
import { address, queries } from '../support/http.js';
import { everythingOf } from '../support/operations.js';
import { contact, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const everything = `id name phone owner { name } createdBy { login } credit { limit { amount } used { amount } } openOpportunityCount openOpportunityAmount { amount } nextRenewalOn
  primaryContact { name phone }
  contacts(first: 50) { totalCount edges { position primary node { name phone } } }
  opportunities(first: 50) { totalCount nodes { name stage weightedAmount { amount } owner { name } stageChanges { nodes { toStage changedBy { name } } } } }
  contracts(first: 50) { totalCount nodes { name status amount { amount } } }
  stageChanges(first: 50) { totalCount nodes { fromStage toStage } }`;
const view360 = `query ($id: ID!) { customer(id: $id) { ${everything} } }`;
const list = `query ($first: Int) { customers(first: $first) { totalCount nodes { ${everything} } } }`;

/** A customer with so many contacts, opportunities and contracts. */
async function full(by: Actor, name: string, rows: number): Promise<string> {
  const { id } = await customer(by, { name, owner: await by.id(), phone: '13812348000' });
  await Promise.all(
    Array.from({ length: rows }, async (_, index) => {
      await contact(by, { name: `${name} ${index}`, customer: id, primary: index === 0 });
      await opportunity(by, { name: `${name} ${index}`, customer: id, owner: await by.id(), amount: { amount: '5' } });
      await contract(by, { name: `${name} ${index}`, customer: id, amount: { amount: '5' } });
    }),
  );
  return id;
}

let t: TestTenant;
let [small, large] = ['', ''];

beforeAll(async () => {
  t = await tenant();
  [small, large] = [await full(t.sales, '小', 5), await full(t.sales, '大', 50)];
  for (let index = 2; index < 50; index += 8)
    await Promise.all(Array.from({ length: 8 }, (_, place) => full(t.sales, `客户${index + place}`, 1)));
}, 60_000);

describe.each(['admin', 'sales', 'viewer'] as const)('%s', (who) => {
  async function compare(
    query: string,
    [few, many]: [object, object],
    rowsOf: (data: Data) => unknown[],
  ): Promise<void> {
    // whoever asks for the first time is entered as a user, which is a statement too
    await t[who].id();
    for (const [variables, rows] of [
      [few, 5],
      [many, 50],
    ] as const) {
      let data: Data;
      expect([rows, await queries(async () => (data = await t[who].graph(query, variables)))]).toEqual([rows, 1]);
      expect(rowsOf(data)).toHaveLength(rows);
    }
  }

  test('gets the whole of a customer in one statement, for 5 rows of each kind as for 50', () =>
    compare(view360, [{ id: small }, { id: large }], (data) => data.customer.contacts.edges));

  test('gets a page with all that hangs on its rows in one statement, for 5 rows as for 50', () =>
    compare(list, [{ first: 5 }, { first: 50 }], (data) => data.customers.nodes));
});

test('a change and the selection of its payload take as many statements for a rich customer as for a poor one', async () => {
  const { admin } = await tenant();
  const [poor, rich] = [await full(admin, '小', 1), await full(admin, '大', 30)];
  const change = (id: string): Promise<number> =>
    queries(() =>
      admin.graph(
        `mutation ($id: ID!) { customerUpdate(id: $id, input: { remarks: "x" }) { customer { ${everything} } userErrors { code } } }`,
        { id },
      ),
    );
  const [few, many] = [await change(poor), await change(rich)];
  expect(few).toBeGreaterThan(0);
  expect(many).toBe(few);
});

test('what only the id is asked of is not looked for where the caller sees it in any case, and is where it may be gone', async () => {
  const { admin, sales } = await tenant();
  const id = await full(sales, '甲', 1);
  const query = `query ($id: ID!) { customer(id: $id) { owner { id __typename } contacts { edges { node { id } } } opportunities { nodes { customer { id } owner { id name } } } contracts { nodes { customer { id } opportunity { id } } } } }`;
  const { body } = await admin.graph.raw(query, { id }, { 'x-crm-explain': '1' });
  const me = await sales.id();
  expect(body.data.customer).toEqual({
    owner: { id: me, __typename: 'User' },
    contacts: { edges: [{ node: { id: expect.any(String) } }] },
    opportunities: { nodes: [{ customer: { id }, owner: { id: me, name: expect.any(String) } }] },
    contracts: { nodes: [{ customer: { id }, opportunity: null }] },
  });
  const read = [...body.extensions.explain.statements[0].sql.matchAll(/ from "(\w+)"/g)]
    .map(([, table]) => table)
    .sort();
  // a person is looked for once, to see that it is not deleted, and the customer of what is the customer's never again; a customer
  // is looked for among the deleted ones, which are few, for the opportunity that a contract refers to
  expect(read).toEqual([
    'contact',
    'contract',
    'customer',
    'customer',
    'customer_contact',
    'opportunity',
    'opportunity',
    'user_account',
  ]);
});

describe('what is asked for under several names', () => {
  const names = Array.from({ length: 3 }, (_, index) => `n${index}`);
  const roots = Array.from({ length: 4 }, (_, index) => `r${index}`);
  const analysis = 'behaviorAnalysis(period: ONE_YEAR) { loginCount features { feature count } }';
  const rest = `openOpportunityAmount { amount } t: contacts(first: 2, orderBy: { field: PRIMARY }) { totalCount edges { position node { name } } }`;
  const page = (inner: string): string => `customers(first: 5, orderBy: { field: NUMBER }) { nodes { ${inner} } }`;

  /** The tables that the statement reads, in order, and the answer. */
  async function read(query: string): Promise<{ tables: string[]; data: Data }> {
    const { body } = await t.admin.graph.raw(query, {}, { 'x-crm-explain': '1' });
    expect([body.errors, body.extensions?.explain.statements.length]).toEqual([undefined, 1]);
    const { sql } = body.extensions.explain.statements[0];
    return { tables: [...sql.matchAll(/ from "(\w+)"/g)].map(([, table]) => table).sort(), data: body.data };
  }

  test('is worked out once, at the root, in rows, in lists and in objects', async () => {
    const once = await read(`{ ${page(`n0: ${analysis} ${rest}`)} }`);
    const row = names.map((name) => `${name}: ${analysis}`).join(' ');
    const many = await read(
      `{ ${roots.map((root) => `${root}: ${page(`${row} ${rest} ${rest.replace('t:', 'u:')}`)}`).join(' ')} }`,
    );
    expect(many.tables).toEqual(once.tables);
    expect(once.data.customers.nodes).toHaveLength(5);
    const nodes = once.data.customers.nodes.map(({ n0, openOpportunityAmount, t: list }: Data) => ({
      ...Object.fromEntries(names.map((name) => [name, n0])),
      openOpportunityAmount,
      t: list,
      u: list,
    }));
    expect(JSON.stringify(many.data)).toBe(JSON.stringify(Object.fromEntries(roots.map((root) => [root, { nodes }]))));
  });

  test('is the same whatever the order of its arguments, and another with other arguments or selections', async () => {
    const contacts = (text: string): string => `{ customers(first: 5) { nodes { id ${text} } } }`;
    const once = await read(contacts('a: contacts(first: 2, offset: 1) { nodes { id } }'));
    for (const [other, more] of [
      ['contacts(offset: 1, first: 2) { nodes { id } }', false],
      ['contacts(first: 2, offset: 1, filter: {primary: true}) { nodes { id } }', true],
      ['contacts(first: 2, offset: 1) { nodes { id x: id } }', true],
    ] as const) {
      const both = await read(contacts(`a: contacts(first: 2, offset: 1) { nodes { id } } b: ${other}`));
      expect([other, both.tables.length > once.tables.length]).toEqual([other, more]);
    }
  });
});

const reports: Array<[string, string]> = [
  ['analyticsOverview', ''],
  ['analyticsTrend', '(metric: REVENUE, period: QUARTER)'],
  ['analyticsTrend', '(metric: ACTIVITIES, period: YEAR)'],
  ['analyticsSegments', '(by: INDUSTRY)'],
  ['analyticsSegments', '(by: TIER)'],
  ['analyticsLoyalty', ''],
  ['customerStatistics', ''],
  ['forecast', ''],
  ['funnel', ''],
  ['opportunityGroups', '(by: [{ field: OWNER }, { field: STAGE }], others: true, first: 1)'],
  ['pipeline', ''],
  ['receivables', ''],
  ['salesVelocity', ''],
];

test.each(reports)('the report %s%s takes one statement, with everything in it', async (field, args) => {
  const schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
  const type = schema.getQueryType()!.getFields()[field]!.type;
  expect(await queries(() => t.admin.graph(`{ ${field}${args} ${everythingOf(type)} }`))).toBe(1);
});
