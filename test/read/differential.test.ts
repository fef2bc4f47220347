import { buildSchema, parse, validate, type GraphQLSchema } from 'graphql';
import { address } from '../support/http.js';
import { randomQuery, type Words } from '../support/operations.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// The compiled read engine and the plain executor must answer every query with the same bytes: each is the other's test.

let t: TestTenant;
let schema: GraphQLSchema;
let words: Words;
let callers: Record<string, Actor>;

/** The body of an answer as it came, and who gave it. */
async function ask(by: Actor, executor: 'plain' | 'compiled', query: string, variables: object): Promise<{ body: string; ran: string | null }> {
  const response = await fetch(`${address()}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${by.token}`, 'accept-language': 'en', 'x-crm-executor': executor },
    body: JSON.stringify({ query, variables }),
  });
  return { body: await response.text(), ran: response.headers.get('x-crm-executor') };
}

/** Runs the query through both executors and compares the bytes; returns the answer and who gave it. */
async function same(by: Actor, query: string, variables: object = {}): Promise<{ data: Data; errors: Data; ran: string | null }> {
  const plain = await ask(by, 'plain', query, variables);
  const compiled = await ask(by, 'compiled', query, variables);
  expect([null, 'plain; as asked']).toContain(plain.ran);
  const of = ({ body }: { body: string }): object => ({ query, variables, caller: by.subject, body });
  expect(of(compiled)).toEqual(of(plain));
  return { ...JSON.parse(compiled.body), ran: compiled.ran };
}

/** As many changes at once as one operation may have; returns the ids of the records. */
async function create(by: Actor, mutation: string, record: string, type: string, inputs: object[]): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from < inputs.length; from += 20) {
    const part = Object.fromEntries(inputs.slice(from, from + 20).map((input, index) => [`i${index}`, input]));
    const names = Object.keys(part);
    const data = await by.graph(`mutation (${names.map((name) => `$${name}: ${type}!`).join(', ')}) { ${names.map((name) => `${name}: ${mutation}(input: $${name}) { ${record} { id number } userErrors { code field } }`).join(' ')} }`, part);
    for (const answer of Object.values(data) as Data[]) {
      expect(answer.userErrors).toEqual([]);
      found.push(answer[record].id);
    }
  }
  return found;
}

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** Two of everything: set and unset, visible and not, living and deleted, plain and odd in its characters. */
async function fill(): Promise<void> {
  const owners = await Promise.all([t.sales.id(), t.sales2.id(), t.viewer.id()]);
  const odd = ['', ' "quoted"', ' \\ / back', ' 换行\n\t\b\f\r', ' 😀\u2028\u007f', " it's", ' \u0001\u001f', ' %_', ' null', ' <&>'];
  const customers = await create(t.admin, 'customerCreate', 'customer', 'CustomerInput', Array.from({ length: 30 }, (_, index) => ({
    name: `客户${index}${pick(odd, index)}`,
    kind: pick(['ENTERPRISE', 'GOVERNMENT', 'INDIVIDUAL'], index),
    tier: pick(['GOLD', 'BRONZE', 'PLATINUM'], index * 2),
    status: pick(['ACTIVE', 'POTENTIAL', 'LOST'], index),
    industry: pick([null, '软件', '制造 "重工"', 'IT'], index),
    phone: pick([null, '13800138000', '010-12345678', '123'], index),
    email: pick(['a@example.com', null, 'someone.long@example.org'], index),
    bankAccount: pick([null, '6222 0000'], index),
    creditLimit: pick([null, '1000.50', '0', '9999999999999'], index),
    currency: pick(['CNY', 'USD'], index),
    establishedOn: pick([null, '1999-12-31', '2024-02-29'], index),
    owner: pick([null, ...owners], index),
    lastContactAt: pick([null, '2026-03-01T08:30:00.123Z', '2026-03-01T16:30:00.123+08:00'], index),
  })));
  const contacts = await create(t.admin, 'contactCreate', 'contact', 'ContactInput', Array.from({ length: 24 }, (_, index) => ({
    name: `人${index}${pick(odd, index * 3)}`,
    customer: pick(customers, index % 9),
    primary: index % 4 === 0,
    phone: pick(['13900139000', null], index),
    email: pick([null, 'p@example.com'], index),
    wechat: pick(['wx', null, null], index),
    birthday: pick([null, '1980-01-01'], index),
    position: pick([null, '经理'], index),
    influence: pick(['LOW', 'HIGH'], index),
  })));
  await create(t.admin, 'customerContactCreate', 'customerContact', 'CustomerContactInput', contacts.slice(0, 8).map((contact, index) => ({ contact, customer: customers[10 + index], role: pick([null, '使用者'], index) })));
  const deals = await create(t.admin, 'opportunityCreate', 'opportunity', 'OpportunityInput', Array.from({ length: 26 }, (_, index) => ({
    name: `商机${index}${pick(odd, index)}`,
    customer: pick(customers, index % 11),
    owner: pick([null, ...owners], index),
    amount: pick([null, '100', '12345.67', '0.01'], index),
    probability: pick([0, 35, 100], index),
    stage: pick(['PROSPECTING', 'PROPOSAL', 'NEGOTIATION'], index),
    expectedCloseOn: pick([null, '2026-12-31'], index),
  })));
  await t.admin.graph(`mutation { ${deals.slice(0, 6).map((id, index) => `m${index}: ${index % 2 ? `opportunityWin(id: "${id}", amount: "77.70")` : `opportunityLose(id: "${id}", reason: "太贵")`} { userErrors { code } }`).join(' ')} }`);
  await create(t.admin, 'contractCreate', 'contract', 'ContractInput', Array.from({ length: 14 }, (_, index) => ({
    name: `合同${index}`,
    customer: pick(customers, index % 7),
    opportunity: pick([null, ...deals.slice(6, 9)], index),
    kind: pick(['PURCHASE', 'SERVICE'], index),
    amount: pick([null, '500.00', '1.5'], index),
    startsOn: '2026-01-01',
    endsOn: pick(['2026-06-30', '2027-01-01'], index),
  })));
  await create(t.sales, 'activityCreate', 'activity', 'ActivityInput', Array.from({ length: 16 }, (_, index) => ({
    subject: pick([null, `拜访${index}${pick(odd, index)}`], index),
    content: `内容${index}`,
    customer: pick([null, customers[1], customers[5], customers[9]], index),
    kind: pick(['CALL', 'VISIT', 'NOTE'], index),
    status: pick(['COMPLETED', 'PLANNED'], index),
    startsAt: pick([null, '2026-03-01T08:30:00.123Z', '2026-11-01T00:00:00Z'], index),
    endsAt: pick([null, '2026-11-01T00:45:00Z'], index),
    nextActionOn: pick([null, '2026-12-31'], index),
  })));
  const reported = await create(t.admin, 'caseCreate', 'case', 'CaseInput', Array.from({ length: 18 }, (_, index) => ({ subject: `故障${index}${pick(odd, index)}`, customer: pick(customers, index % 6), kind: pick(['ISSUE', 'QUESTION'], index), priority: pick(['URGENT', 'LOW'], index), assignee: pick([null, ...owners], index) })));
  await t.admin.graph(`mutation { ${reported.slice(0, 9).map((id, index) => `c${index}: caseClose(id: "${id}", input: { satisfaction: ${1 + (index % 5)}, communication: ${pick(['null', '2', '5'], index)} }) { userErrors { code } }`).join(' ')} ${reported.slice(6, 12).map((id, index) => `n${index}: caseComment(id: "${id}", input: { content: "好的" }) { userErrors { code } }`).join(' ')} }`);
  await t.admin.graph('mutation ($inputs: [UsageEventInput!]!) { usageEventsRecord(inputs: $inputs) { recorded userErrors { code } } }', { inputs: Array.from({ length: 60 }, (_, index) => ({ customer: pick(customers.slice(0, 5), index), kind: pick(['LOGIN', 'FEATURE', 'SESSION'], index), feature: pick(['报表', '导出', "it's"], index * 2), person: pick([null, 'a', 'b'], index), durationSeconds: index * 7 })) });
  await t.admin.graph(`mutation { ${customers.slice(0, 8).map((id, index) => `h${index}: customerCalculateHealth(id: "${id}") { userErrors { code } }`).join(' ')} }`);
  await create(t.admin, 'successTaskCreate', 'successTask', 'SuccessTaskInput', Array.from({ length: 10 }, (_, index) => ({ title: `任务${index}${pick(odd, index)}`, customer: pick(customers, index % 6), kind: pick(['RENEWAL', 'PROBLEM'], index), assignee: pick([null, ...owners], index), dueAt: pick([null, '2026-12-01T00:00:00Z'], index) })));
  await t.sql("update service_case set created_at = created_at - number % 5 * interval '40 days', closed_at = closed_at - number % 5 * interval '40 days' where tenant_id = app_tenant()");
  await t.admin.graph(`mutation { ${customers.slice(6, 10).map((id, index) => `c${index}: customerDelete(id: "${id}") { deletedId }`).join(' ')} ${contacts.slice(3, 5).map((id, index) => `p${index}: contactDelete(id: "${id}") { deletedId }`).join(' ')} o: opportunityDelete(id: "${deals[12]}") { deletedId } }`);
  await t.sql('update contract set status = pick from (select id as pick_id, case number % 3 when 0 then \'IN_FORCE\' when 1 then \'EXPIRED\' else \'DRAFT\' end as pick from contract) p where p.pick_id = contract.id and tenant_id = app_tenant()');
  const foreign = await create(t.outsider, 'customerCreate', 'customer', 'CustomerInput', [{ name: '外人' }, { name: '客户1' }]);
  const numbers = await t.sql<{ number: number }>('select number from customer union select number from opportunity union select number from contact');
  words = {
    ids: [...customers, ...contacts, ...deals, ...owners, ...foreign, ...numbers.map(({ number }) => String(number)), 'nothing', '01900000-0000-7000-8000-000000000000', ''],
    texts: ['客户', '1', 'a', '', ' ', '%', '_', '\\', '"', "'", '138', '软件', 'ACC001', 'example', '\u0001', '😀'],
    days: ['1999-12-31', '2026-01-01', '2026-11-21', '2030-01-01'],
    numbers: ['0', '100', '-1', '75.0', '12345.67'],
  };
}

beforeAll(async () => {
  t = await tenant();
  callers = { admin: t.admin, manager: t.manager, sales: t.sales, sales2: t.sales2, viewer: t.viewer, outsider: t.outsider };
  schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
  await fill();
});

const cases: Array<[what: string, query: string, ...variables: object[]]> = [
  ['a timeline with whatever records it names', '{ customers(first: 12, orderBy: { field: NUMBER }) { nodes { name timeline(first: 4) { totalCount pageInfo { hasNextPage endCursor } nodes { at kind title by { login } record { __typename id ... on Case { code comments { nodes { content author { login } } } } ... on StageChange { toStage opportunity { name } } ... on Activity { subject } } } } } } }'],
  ['a timeline that is filtered and turned round', '{ customers(first: 12) { nodes { timeline(filter: { kind: [CASE_OPENED, CONTRACT_SIGNED], from: "2026-01-01" }, orderBy: { field: AT }, first: 3) { edges { cursor node { kind at } } } } } }'],
  ['satisfaction over periods', 'query ($p: LookBack) { customers(first: 12) { nodes { a: satisfaction { overall count trend weakest parts { communication responseTime } history { month m: score count } } b: satisfaction(period: $p) { count history { month } } c: satisfaction(period: ONE_YEAR) { __typename trend overall history { __typename } } } } }', {}, { p: 'ONE_MONTH' }, { p: null }, { p: 'SIX_MONTHS' }],
  ['reports over the tenant, whole, in part and under other names', 'query ($p: CalendarPeriod, $f: Date, $u: Date) { a: analyticsOverview(period: $p, from: $f, until: $u) { __typename totalCustomers newCustomers conversionRate totalRevenue averageDealSize customerAcquisitionCost customerLifetimeValue } analyticsTrend(metric: REVENUE, period: $p, until: $u) { startsOn value } c: analyticsTrend(metric: CUSTOMERS) { v: value __typename } }', {}, { p: 'MONTH' }, { p: 'YEAR', u: '2026-12-31' }, { f: '2026-01-01', u: '2026-06-30' }, { p: null, f: null }],
  ['segments and loyalty', '{ a: analyticsSegments(by: INDUSTRY) { name count revenue percentage } b: analyticsSegments(by: TIER) { __typename n: name } c: analyticsSegments(by: SIZE) { percentage } analyticsLoyalty { weakestTier levels { tier count retentionRate revenue } recommendation } }'],
  ['the board with its deals', 'query ($o: Boolean, $w: ID, $n: Int) { pipeline(openOnly: $o, owner: $w) { count amount weightedAmount stages { stage weight count amount weightedAmount opportunities(first: $n) { totalCount nodes { name amount { amount } customer { name owner { login } } } pageInfo { hasNextPage endCursor } } } } p2: pipeline { s: stages { l: opportunities(last: 2, orderBy: { field: NAME }) { edges { cursor node { name } } } } } }', {}, { o: true }, { o: false, n: 1 }, { n: 2, w: 'nothing' }, { w: '1' }],
  ['health, tasks and usage', '{ customers(first: 9) { nodes { healthScore latestHealthScore { overall positiveFactors negativeFactors recommendations riskLevel customer { name } } healthTrend(period: ONE_YEAR) { direction changeRate stability points { scoredOn overall } } successTasks { totalCount nodes { title status assignee { name } } } usageEvents(first: 2) { totalCount nodes { at feature kind durationSeconds } } } } healthScores(first: 3) { nodes { overall churnProbability } } }'],
  ['analyses of customers', 'query ($p: LookBack) { customers(first: 9) { nodes { valueAnalysis { totalRevenue revenueTrend lifetimeValue userCount rankPercent paymentPunctuality contractStability upsellProbability expansionOpportunities estimatedGrowth profitMargin } behaviorAnalysis(period: $p) { loginCount loginsPerDay loginTrend peakHours features { feature count share } featureAdoption sessionMinutes casesPerMonth satisfactionTrend preferredChannel engagement insights } } } }', {}, { p: 'ONE_MONTH' }],
  ['several root fields, aliases and type names', '{ __typename a: customers(first: 2) { t: __typename nodes { __typename x: name y: name } } b: customers(first: 1) { totalCount } viewer { roles user { login } tenant { code name timeZone } } }'],
  ['the same field twice with different selections', '{ customers(first: 3) { nodes { name owner { name } owner { login } } nodes { number owner { id name } } } customers(first: 3) { totalCount nodes { kind } } }'],
  ['fragments, named, inline and on the interface', '{ customers(first: 4) { nodes { ...A ... on Node { i: id } ... { tier } ... on Customer { ...A status } } } } fragment A on Customer { name owner { ...U } } fragment U on User { name ...N } fragment N on Node { id }'],
  ['directives decided by variables', 'query ($a: Boolean!, $b: Boolean!) { customers(first: 2) { totalCount @skip(if: $a) nodes @include(if: $b) { name @skip(if: $a) number @include(if: $b) @skip(if: $a) } } viewer @skip(if: $a) { roles } }', { a: true, b: true }, { a: false, b: true }, { a: true, b: false }, { a: false, b: false }],
  ['directives that leave an object without fields', '{ customers(first: 2) { nodes { name @skip(if: true) } pageInfo { hasNextPage @include(if: false) } } viewer { user { name @skip(if: true) } } }'],
  ['filters that come and go', 'query ($f: CustomerFilter, $o: [CustomerOrder!]) { customers(filter: $f, orderBy: $o) { totalCount nodes { name } } }', {}, { f: null }, { f: {} }, { f: { status: ['ACTIVE'] } }, { f: { status: null } }, { f: { status: [] } }, { f: { owner: null } }, { f: { search: '138', tier: ['GOLD'] } }, { o: [] }, { o: [{ field: 'TIER', direction: 'DESC' }, { field: 'NAME' }] }, { o: null, f: { createdFrom: '2026-01-01' } }],
  ['defaults of variables and of input members', 'query ($n: Int = 2, $d: SortDirection = DESC) { customers(first: $n, orderBy: [{ field: NAME, direction: $d }]) { nodes { name } } }', {}, { n: 1 }, { n: null }, { d: 'ASC' }],
  ['pages of every kind', 'query ($first: Int, $last: Int, $offset: Int) { customers(first: $first, last: $last, offset: $offset) { nodes { number } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }', {}, { first: 0 }, { first: 3 }, { last: 3 }, { last: 0 }, { first: 3, offset: 4 }, { offset: 1000 }, { last: 500 }, { first: 500 }],
  ['parts of a page alone', '{ a: customers(first: 2) { pageInfo { hasNextPage } } b: customers(last: 2) { pageInfo { hasNextPage hasPreviousPage } } c: customers(first: 2) { pageInfo { startCursor } } d: customers { totalCount } e: customers(last: 2) { edges { node { name } } } f: customers(first: 1) { edges { cursor } pageInfo { endCursor } } g: customers(first: 2) { pageInfo { hasPreviousPage } } }'],
  ['lists within lists', '{ customers(first: 12, orderBy: [{ field: NUMBER }]) { nodes { name contacts(first: 2) { totalCount edges { cursor node { position contact { name customers(last: 2) { totalCount nodes { customer { name owner { name } } } } } } } pageInfo { hasNextPage endCursor } } opportunities(last: 2, orderBy: [{ field: NAME }]) { nodes { name amount { amount currency } weightedAmount { amount } contracts { nodes { code } } stageChanges { nodes { toStage changedBy { name } } } } } } } }'],
  ['objects made of expressions', '{ customers { nodes { credit { limit { amount currency } used { amount } } openOpportunityAmount { amount } wonOpportunityAmount { currency amount __typename } openOpportunityCount primaryContact { contact { name } } } } }'],
  ['masked values', '{ customers { nodes { phone email bankAccount credit { limit { amount } } owner { email phone } } } contacts { nodes { phone mobile wechat birthday address } } opportunities { nodes { amount { amount } actualAmount { amount } } } contracts { nodes { amount { amount } } } }'],
  ['records by key', 'query ($id: ID!) { customer(id: $id) { name number } contact(id: $id) { name } node(id: $id) { __typename id ... on Customer { name owner { login } contacts { totalCount } } ... on Opportunity { code } ... on User { login } } }'],
  ['the schema', '{ __schema { queryType { name } } customers(first: 1) { nodes { name } } }'],
  ['refused arguments', 'query ($a: Int, $c: String) { customers(first: $a, after: $c) { nodes { name } } viewer { roles } }', { a: 501 }, { a: -1 }, { c: 'nonsense' }, { c: '' }, { a: 2 }],
  ['wrong variables', 'query ($a: Int!, $f: CustomerFilter) { customers(first: $a, filter: $f) { totalCount } }', {}, { a: 'x' }, { a: 1, f: { nothing: 1 } }, { a: 1, f: { createdFrom: 'x' } }, { a: 1 }],
  ['texts that PostgreSQL cannot hold', 'query ($s: String) { customers(filter: { search: $s }) { totalCount } }', { s: 'a\u0000b' }, { s: '\ud800' }, { s: 'a' }],
];

describe('by hand', () => {
  test.each(cases)('%s', async (_what, query, ...variables) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
    for (const caller of Object.values(callers)) for (const set of variables.length > 0 ? variables : [{}]) await same(caller, query, set);
    // once more: the plans are known now, and their statements are prepared
    for (const caller of Object.values(callers)) for (const set of variables.toReversed()) await same(caller, query, set);
  });

  test('records by every kind of key', async () => {
    const [, query] = cases.find(([what]) => what === 'records by key')!;
    for (const id of words.ids) await same(t.sales, query, { id });
    for (const id of words.ids.slice(0, 12)) await same(t.admin, query, { id: id.toUpperCase() });
  });

  test('a walk by cursors, forwards and backwards, through a list with ties and nulls and through a nested one', async () => {
    const query = 'query ($first: Int, $after: String, $last: Int, $before: String) { customers(first: $first, after: $after, last: $last, before: $before, orderBy: [{ field: INDUSTRY, direction: DESC }, { field: STATUS }]) { edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
    for (const [size, place, from] of [['first', 'after', 'endCursor'], ['last', 'before', 'startCursor']] as const) {
      let cursor: string | undefined;
      for (let pages = 0; pages < 8; pages += 1) {
        const { data, ran } = await same(t.sales, query, { [size]: 4, ...(cursor && { [place]: cursor }) });
        expect(ran).toBe('compiled');
        cursor = data.customers.pageInfo[from] ?? cursor;
      }
    }
    const nested = 'query ($after: String) { customers(first: 1, orderBy: [{ field: NUMBER }]) { nodes { opportunities(first: 1, after: $after, orderBy: [{ field: AMOUNT }]) { nodes { name } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }';
    const { data } = await same(t.admin, nested);
    await same(t.admin, nested, { after: data.customers.nodes[0].opportunities.pageInfo.endCursor });
  });

  test('what is compiled takes one statement', async () => {
    const [, query] = cases.find(([what]) => what === 'lists within lists')!;
    expect((await t.admin.graph.raw(query)).statements).toBe(1);
    expect((await t.admin.graph.raw(query, {}, { 'x-crm-executor': 'plain' })).statements).toBeGreaterThan(5);
  });
});

test('queries nobody wrote', async () => {
  const count = Number(process.env['CASES'] ?? 250);
  const declined: Array<{ query: string; set: object; ran: string | null; errors: Data }> = [];
  let compiled = 0;
  for (let seed = 1; seed <= count; seed += 1) {
    const { query, variables } = randomQuery(schema, words, seed);
    const mistakes = validate(schema, parse(query));
    if (mistakes.length > 0) throw new Error(`Seed ${seed} wrote a query that is not valid: ${mistakes[0]!.message}\n${query}`);
    const caller = pick(Object.values(callers), seed);
    for (const set of [...variables, variables[0]!]) {
      const { ran, errors } = await same(caller, query, set);
      if (ran === 'compiled') compiled += 1;
      else declined.push({ query, set, ran, errors });
    }
  }
  expect(compiled).toBeGreaterThan(count * 2);
  // left to the executor are refused queries, and those with a wrong argument at a field that happens not to be reached
  const reached = declined.filter(({ errors }) => errors);
  expect(reached.length).toBeGreaterThan(0);
  expect(declined.filter((one) => !reached.includes(one) && !/^plain; refused: (CURSOR_INVALID|BAD_REQUEST)$|^plain; Query\.(linkedCustomer\w*|customerStatistics|changes) is answered by code$/.test(one.ran ?? ''))).toEqual([]);
}, 600_000);
