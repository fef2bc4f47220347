import { isDeepStrictEqual } from 'node:util';
import { buildSchema, parse, validate, type GraphQLSchema } from 'graphql';
import { address, comparable } from '../support/http.js';
import { create, filled } from '../support/filled.js';
import { countOf, repeatable, seed, someOf } from '../support/generated.js';
import { fieldsBelow, fieldsIn, pick, randomQuery, type Words } from '../support/operations.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// The compiled read engine and the plain executor must answer every query with the same bytes: each is the other's test.

let t: TestTenant;
let schema: GraphQLSchema;
let words: Words;
let callers: Record<string, Actor>;

/** The body of an answer as it came, and who gave it. */
async function ask(
  by: Actor,
  executor: 'plain' | 'compiled',
  query: string,
  variables: object,
): Promise<{ body: string; ran: string | null }> {
  const response = await fetch(`${address()}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${by.token}`,
      'accept-language': 'en',
      'x-crm-executor': executor,
    },
    body: JSON.stringify({ query, variables }),
  });
  return { body: await response.text(), ran: response.headers.get('x-crm-executor') };
}

/**
 * Runs the query through both executors and compares the bytes; returns the answer and who gave it. Where they differ,
 * both are asked again until both repeat what they said: other files of tests change what all tenants share, as the list
 * of tenants, in between.
 */
async function same(
  by: Actor,
  query: string,
  variables: object = {},
): Promise<{ data: Data; errors: Data; ran: string | null }> {
  const began = Date.now();
  // the present moment is another one for each
  const timeless = (body: string): string =>
    body.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (at) => (Date.parse(JSON.parse(at) as string) < began ? at : '"now"'));
  const of = ({ body }: { body: string }): object => ({
    query,
    variables,
    caller: by.subject,
    ...comparable(timeless(body)),
  });
  const differ = (): boolean => !isDeepStrictEqual(of(compiled), of(plain));
  let plain = await ask(by, 'plain', query, variables);
  let compiled = await ask(by, 'compiled', query, variables);
  expect([null, 'plain; as asked']).toContain(plain.ran);
  for (let tries = 0; differ() && tries < 5; tries += 1) {
    const [before, said] = [plain.body, compiled.body];
    plain = await ask(by, 'plain', query, variables);
    compiled = await ask(by, 'compiled', query, variables);
    if (plain.body === before && compiled.body === said) break;
  }
  expect(of(compiled)).toEqual(of(plain));
  return { ...JSON.parse(compiled.body), ran: compiled.ran };
}

beforeAll(async () => {
  t = await tenant();
  callers = {
    admin: t.admin,
    manager: t.manager,
    sales: t.sales,
    sales2: t.sales2,
    viewer: t.viewer,
    outsider: t.outsider,
    platform: await actor('platform', t.code, ['platform_admin']),
    reader: await actor('reader', t.code, ['service'], { scope: 'crm:read' }),
    exporter: await actor('exporter', t.code, ['service'], {
      scope: 'crm:read crm:contact-data crm:amounts crm:audit crm:export',
    }),
    nobody: await actor('nobody', t.code, []),
    both: await actor('both', t.code, ['sales', 'viewer']),
  };
  schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
  words = await filled(t);
});

const cases: Array<[what: string, query: string, ...variables: object[]]> = [
  [
    'a timeline with whatever records it names',
    '{ customers(first: 12, orderBy: { field: NUMBER }) { nodes { name timeline(first: 4) { totalCount pageInfo { hasNextPage endCursor } nodes { at kind title by { login } record { __typename id ... on Case { code comments { nodes { content author { login } } } } ... on StageChange { toStage opportunity { name } } ... on Activity { subject } } } } } } }',
  ],
  [
    'a timeline that is filtered and turned round',
    '{ customers(first: 12) { nodes { timeline(filter: { kind: [CASE_OPENED, CONTRACT_SIGNED], from: "2026-01-01" }, orderBy: { field: AT }, first: 3) { edges { cursor node { kind at } } } } } }',
  ],
  [
    'satisfaction over periods',
    'query ($p: LookBack) { customers(first: 12) { nodes { a: satisfaction { overall count trend weakest parts { communication responseTime } history { month m: score count } } b: satisfaction(period: $p) { count history { month } } c: satisfaction(period: ONE_YEAR) { __typename trend overall history { __typename } } } } }',
    {},
    { p: 'ONE_MONTH' },
    { p: null },
    { p: 'SIX_MONTHS' },
  ],
  [
    'reports over the tenant, whole, in part and under other names',
    'query ($p: CalendarPeriod, $f: Date, $u: Date) { a: analyticsOverview(period: $p, from: $f, until: $u) { __typename totalCustomers newCustomers conversionRate totalRevenue { amount currency otherCurrencies { amount currency } } averageWonAmount { amount } customerAcquisitionCost { amount __typename } revenuePerCustomer { amount currency } } analyticsTrend(metric: REVENUE, period: $p, until: $u) { startsOn count amount { amount currency } } c: analyticsTrend(metric: CUSTOMERS) { v: count __typename amount { amount } } }',
    {},
    { p: 'MONTH' },
    { p: 'YEAR', u: '2026-12-31' },
    { f: '2026-01-01', u: '2026-06-30' },
    { p: null, f: null },
  ],
  [
    'segments and loyalty',
    '{ a: analyticsSegments(by: INDUSTRY) { name count revenue { amount otherCurrencies { amount currency } } share } b: analyticsSegments(by: TIER) { __typename n: name } c: analyticsSegments(by: SIZE) { share } analyticsLoyalty { weakestTier levels { tier count retentionRate revenue { currency amount } } recommendation } }',
  ],
  [
    'the board with its opportunities',
    'query ($o: Boolean, $w: [ID!], $n: Int) { pipeline(openOnly: $o, filter: { owner: $w }) { count amount { amount currency } weightedAmount { amount otherCurrencies { currency amount } } stages { stage weight count amount { amount } weightedAmount { amount } opportunities(first: $n) { totalCount nodes { name amount { amount } customer { name owner { login } } } pageInfo { hasNextPage endCursor } } } } p2: pipeline { s: stages { l: opportunities(last: 2, orderBy: { field: NAME }) { edges { cursor node { name } } } } } }',
    {},
    { o: true },
    { o: false, n: 1 },
    { n: 2, w: 'nothing' },
    { w: 'ME' },
    { w: [] },
  ],
  [
    'health, tasks and usage',
    '{ customers(first: 9) { nodes { healthScore latestHealthScore { overall positiveFactors negativeFactors recommendations riskLevel customer { name } } healthTrend(period: ONE_YEAR) { direction changeRate stability points { scoredOn overall } } successTasks { totalCount nodes { title status assignee { name } } } usageEvents(first: 2) { totalCount nodes { at feature kind durationSeconds } } } } healthScores(first: 3) { nodes { overall churnProbability } } }',
  ],
  [
    'analyses of customers',
    'query ($p: LookBack) { customers(first: 9) { nodes { valueAnalysis { totalRevenue { amount otherCurrencies { amount currency } } revenueTrend userCount rank paymentPunctuality contractStability upsellProbability expansionOpportunities estimatedGrowth } behaviorAnalysis(period: $p) { loginCount loginsPerDay loginTrend peakHours features { feature count share } featureAdoption sessionMinutes casesPerMonth satisfactionTrend preferredChannel engagement insights } } } }',
    {},
    { p: 'ONE_MONTH' },
  ],
  [
    'aliases that are names within statements',
    '{ r: customers(first: 3) { r: nodes { r: name t1: number once: kind f0: status page_t1: tier row: owner { r: login } t2: openOpportunityAmount { r: amount once: currency } t3: contacts(first: 1) { r: totalCount t1: edges { r: cursor t1: node { r: id } } once: pageInfo { r: hasNextPage } } } t1: totalCount } t1: viewer { r: roles t1: user { r: name } } once: analyticsLoyalty { r: levels { r: count t1: tier } } }',
  ],
  [
    'several root fields, aliases and type names',
    '{ __typename a: customers(first: 2) { t: __typename nodes { __typename x: name y: name } } b: customers(first: 1) { totalCount } viewer { roles user { login } tenant { code name timeZone } } }',
  ],
  [
    'the same under several names, alone and beside others, in rows, edges, pages, objects, lists and payloads of reports',
    'query ($n: Int, $f: Boolean!) { a: customers(first: $n) { ...L } b: customers(first: $n) { ...L } c: customers(first: $n) { totalCount } a2: analyticsLoyalty { w: weakestTier x: weakestTier levels { t: tier u: tier } again: levels { t: tier u: tier } } d: customers(first: 2, orderBy: { field: NAME }) { x: totalCount y: totalCount pageInfo { hasNextPage more: hasNextPage endCursor } p: pageInfo { hasNextPage more: hasNextPage endCursor } } viewer { a: roles b: roles user { x: login y: login } u: user { x: login y: login } } } fragment L on CustomerConnection { edges { c: cursor d: cursor e: node { ...N } f: node { ...N @include(if: $f) } } m: edges { c: cursor d: cursor e: node { ...N } f: node { ...N @include(if: $f) } } nodes { n: name ...N } k: nodes { n: name ...N } } fragment N on Customer { x: name y: name o: owner { login } q: owner { login } g: openOpportunityAmount { amount b: amount } h: openOpportunityAmount { amount b: amount } viewerCanUpdate { allowed } v: viewerCanUpdate { allowed } contacts(last: 2) { edges { position node { name } } } s: contacts(last: 2) { edges { position node { name } } } tl: timeline(first: 2) { nodes { at record { id } r: record { id } } } }',
    { n: 3, f: true },
    { n: 3, f: false },
    { f: true },
  ],
  [
    'the same field twice with different selections',
    '{ customers(first: 3) { nodes { name owner { name } owner { login } } nodes { number owner { id name } } } customers(first: 3) { totalCount nodes { kind } } }',
  ],
  [
    'fragments, named, inline and on the interface',
    '{ customers(first: 4) { nodes { ...A ... on Node { i: id } ... { tier } ... on Customer { ...A status } } } } fragment A on Customer { name owner { ...U } } fragment U on User { name ...N } fragment N on Node { id }',
  ],
  [
    'directives decided by variables',
    'query ($a: Boolean!, $b: Boolean!) { customers(first: 2) { totalCount @skip(if: $a) nodes @include(if: $b) { name @skip(if: $a) number @include(if: $b) @skip(if: $a) } } viewer @skip(if: $a) { roles } }',
    { a: true, b: true },
    { a: false, b: true },
    { a: true, b: false },
    { a: false, b: false },
  ],
  [
    'directives that leave an object without fields',
    '{ customers(first: 2) { nodes { name @skip(if: true) } pageInfo { hasNextPage @include(if: false) } } viewer { user { name @skip(if: true) } } }',
  ],
  [
    'filters that come and go',
    'query ($f: CustomerFilter, $o: [CustomerOrder!]) { customers(filter: $f, orderBy: $o) { totalCount nodes { name } } }',
    {},
    { f: null },
    { f: {} },
    { f: { status: ['ACTIVE'] } },
    { f: { status: null } },
    { f: { status: [] } },
    { f: { owner: null } },
    { f: { search: '138', tier: ['GOLD'] } },
    { o: [] },
    { o: [{ field: 'TIER', direction: 'DESC' }, { field: 'NAME' }] },
    { o: null, f: { createdFrom: '2026-01-01' } },
  ],
  [
    'defaults of variables and of input members',
    'query ($n: Int = 2, $d: SortDirection = DESC) { customers(first: $n, orderBy: [{ field: NAME, direction: $d }]) { nodes { name } } }',
    {},
    { n: 1 },
    { n: null },
    { d: 'ASC' },
  ],
  [
    'pages of every kind',
    'query ($first: Int, $last: Int, $offset: Int) { customers(first: $first, last: $last, offset: $offset) { nodes { number } edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }',
    {},
    { first: 0 },
    { first: 3 },
    { last: 3 },
    { last: 0 },
    { first: 3, offset: 4 },
    { offset: 1000 },
    { last: 500 },
    { first: 500 },
  ],
  [
    'parts of a page alone',
    '{ a: customers(first: 2) { pageInfo { hasNextPage } } b: customers(last: 2) { pageInfo { hasNextPage hasPreviousPage } } c: customers(first: 2) { pageInfo { startCursor } } d: customers { totalCount } e: customers(last: 2) { edges { node { name } } } f: customers(first: 1) { edges { cursor } pageInfo { endCursor } } g: customers(first: 2) { pageInfo { hasPreviousPage } } }',
  ],
  [
    'lists within lists',
    '{ customers(first: 12, orderBy: [{ field: NUMBER }]) { nodes { name contacts(first: 2) { totalCount nodes { name } edges { cursor position link { id version } node { name customers(last: 2) { totalCount nodes { name owner { name } } edges { role primary } } } } pageInfo { hasNextPage endCursor } } opportunities(last: 2, orderBy: [{ field: NAME }]) { nodes { name amount { amount currency } weightedAmount { amount } contracts { nodes { code } } stageChanges { nodes { toStage changedBy { name } } } } } } } }',
  ],
  [
    'objects made of expressions',
    '{ customers { nodes { credit { limit { amount currency } used { amount } } openOpportunityAmount { amount } wonOpportunityAmount { currency amount __typename } openOpportunityCount primaryContact { name } } } }',
  ],
  [
    'masked values',
    '{ customers { nodes { phone email bankAccount credit { limit { amount } } owner { email phone } } } contacts { nodes { phone mobile wechat birthday address } } opportunities { nodes { amount { amount } actualAmount { amount } } } contracts { nodes { amount { amount } } } }',
  ],
  [
    'records by key',
    'query ($id: ID!) { customer(id: $id) { name number } contact(id: $id) { name } node(id: $id) { __typename id ... on Customer { name owner { login } contacts { totalCount } } ... on Opportunity { code } ... on User { login } } }',
  ],
  ['the schema', '{ __schema { queryType { name } } customers(first: 1) { nodes { name } } }'],
  [
    'refused arguments',
    'query ($a: Int, $c: String) { customers(first: $a, after: $c) { nodes { name } } viewer { roles } }',
    { a: 501 },
    { a: -1 },
    { c: 'nonsense' },
    { c: '' },
    { a: 2 },
  ],
  [
    'wrong variables',
    'query ($a: Int!, $f: CustomerFilter) { customers(first: $a, filter: $f) { totalCount } }',
    {},
    { a: 'x' },
    { a: 1, f: { nothing: 1 } },
    { a: 1, f: { createdFrom: 'x' } },
    { a: 1 },
  ],
  [
    'texts that PostgreSQL cannot hold',
    'query ($s: String) { customers(filter: { search: $s }) { totalCount } }',
    { s: 'a\u0000b' },
    { s: '\ud800' },
    { s: 'a' },
  ],
];

describe('by hand', () => {
  test.each(someOf(cases, 4))('%s', async (_what, query, ...variables) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
    for (const caller of Object.values(callers))
      for (const set of variables.length > 0 ? variables : [{}]) await same(caller, query, set);
    // once more: the plans are known now, and their statements are prepared
    for (const caller of Object.values(callers))
      for (const set of variables.toReversed()) await same(caller, query, set);
  });

  test('records by every kind of key', async () => {
    const [, query] = cases.find(([what]) => what === 'records by key')!;
    for (const id of words.ids) await same(t.sales, query, { id });
    for (const id of words.ids.slice(0, 12)) await same(t.admin, query, { id: id.toUpperCase() });
  });

  test('a walk by cursors, forwards and backwards, through a list with ties and nulls and through a nested one', async () => {
    const query =
      'query ($first: Int, $after: String, $last: Int, $before: String) { customers(first: $first, after: $after, last: $last, before: $before, orderBy: [{ field: INDUSTRY, direction: DESC }, { field: STATUS }]) { edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';
    for (const [size, place, from] of [
      ['first', 'after', 'endCursor'],
      ['last', 'before', 'startCursor'],
    ] as const) {
      let cursor: string | undefined;
      for (let pages = 0; pages < 8; pages += 1) {
        const { data, ran } = await same(t.sales, query, { [size]: 4, ...(cursor && { [place]: cursor }) });
        expect(ran).toBe('compiled');
        cursor = data.customers.pageInfo[from] ?? cursor;
      }
    }
    const nested =
      'query ($after: String) { customers(first: 1, orderBy: [{ field: NUMBER }]) { nodes { opportunities(first: 1, after: $after, orderBy: [{ field: AMOUNT }]) { nodes { name } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }';
    const { data } = await same(t.admin, nested);
    await same(t.admin, nested, { after: data.customers.nodes[0].opportunities.pageInfo.endCursor });
  });

  test('reports of a platform administrator, who sees all tenants, are about the one alone that was asked for', async () => {
    for (const query of [
      '{ analyticsSegments(by: REGION) { name count share } }',
      '{ analyticsOverview { openOpportunities averageWonAmount { amount currency } } }',
    ])
      expect((await same(callers['platform']!, query)).ran).toBe('compiled');
  });

  test('a null where none may be: the error of the executor, in the same places', async () => {
    const own = await tenant();
    const { id: customer } = (
      await own.admin.graph('mutation { customerCreate(input: { name: "甲" }) { customer { id } } }')
    ).customerCreate.customer;
    const [first] = await create(own.admin, 'caseCreate', 'case', 'CaseInput', [
      { subject: '一', customer, kind: 'ISSUE', priority: 'LOW' },
      { subject: '二', customer, kind: 'ISSUE', priority: 'LOW' },
    ]);
    await own.sql("update service_case set priority = 'NONE' where id = $1", [first]);
    for (const query of [
      '{ cases { nodes { code respondBy } } }',
      '{ cases { totalCount } viewer { roles } a: customers { nodes { name c: cases { edges { cursor node { ...P } } } } } } fragment P on Case { subject by: resolveBy }',
      `query ($id: ID = "${first}") { case(id: $id) { code respondBy } viewer { user { login } } b: case(id: $id) { subject } }`,
    ]) {
      for (let n = 0; n < 3; n += 1) {
        const { ran, errors } = await same(own.admin, query);
        expect([ran, errors.map(({ extensions }: Data) => extensions.code)]).toEqual([
          'plain; a null in a non-null position',
          ['INTERNAL'],
        ]);
      }
    }
  });

  test('what is compiled takes one statement, whatever its fields are called', async () => {
    const [, named] = cases.find(([what]) => what === 'aliases that are names within statements')!;
    const { statements, headers } = await t.admin.graph.raw(named);
    expect([statements, headers.get('x-crm-executor')]).toEqual([1, 'compiled']);
    const [, query] = cases.find(([what]) => what === 'lists within lists')!;
    expect((await t.admin.graph.raw(query)).statements).toBe(1);
    expect((await t.admin.graph.raw(query, {}, { 'x-crm-executor': 'plain' })).statements).toBeGreaterThan(5);
  });
});

describe('queries nobody wrote', () => {
  const count = countOf({ few: 80, all: 2000 });
  /** How many are under way at once. */
  const combined = 6;

  test(
    `${count} of them, over the whole schema and by every kind of caller`,
    () =>
      repeatable(async () => {
        const asked = new Map(Object.keys(callers).map((name) => [name, new Set<string>()]));
        const declined: Array<{ query: string; set: object; ran: string | null; errors: Data }> = [];
        const tally = { compiled: 0, refused: 0 };
        async function one(place: number): Promise<void> {
          const { query, variables } = randomQuery(schema, words, seed + place);
          const document = parse(query);
          const mistakes = validate(schema, document);
          if (mistakes.length > 0)
            throw new Error(`Seed ${seed + place} wrote a query that is not valid: ${mistakes[0]!.message}\n${query}`);
          const [name, caller] = pick(Object.entries(callers), place);
          for (const field of fieldsIn(schema, document)) asked.get(name)!.add(field);
          // the first values once more at the end: their plan is known then, and its statement prepared
          for (const set of [variables[0]!, variables[1]!, variables[0]!]) {
            const { ran, errors } = await same(caller, query, set);
            const codes = ((errors ?? []) as Data[]).map(({ extensions }) => extensions.code);
            if (codes.includes('INTERNAL')) throw new Error(`${query}\n${JSON.stringify(set)} ends in INTERNAL.`);
            if (ran === 'compiled') tally.compiled += 1;
            else declined.push({ query, set, ran, errors });
            if (errors) tally.refused += 1;
          }
        }
        for (let begun = 0; begun < count; begun += combined)
          await Promise.all(
            Array.from({ length: Math.min(combined, count - begun) }, (_, index) => one(begun + index)),
          );
        const all = fieldsBelow(schema);
        const missing = [...all].filter((field) => ![...asked.values()].some((fields) => fields.has(field)));
        if (count >= 2000) {
          expect(missing.slice(all.size / 100)).toEqual([]);
          expect([...asked].filter(([, fields]) => fields.size < 0.8 * all.size).map(([name]) => name)).toEqual([]);
        }
        // each is asked three times, and what names records that its caller does not see is refused
        expect(tally.compiled).toBeGreaterThan(count);
        expect(tally.refused).toBeGreaterThan(0);
        // left to the executor are refused queries, and those with a wrong or forbidden argument at a field that happens not to be reached
        expect(
          declined.filter(
            ({ ran, errors }) =>
              !errors &&
              !/^plain; refused: (?!INTERNAL|UNAVAILABLE)[A-Z_]+$|^plain; Query\.(linkedCustomer\w*|customerStatistics|changes|(?:enum|record|field)Labels) is answered by code$/.test(
                ran ?? '',
              ),
          ),
        ).toEqual([]);
      }),
    900_000,
  );
});
