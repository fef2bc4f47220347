import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, isObjectType } from 'graphql';
import { contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

/** What counts the records of a list beside it: by the type of the report and its list. */
const countOf: Record<string, string> = {
  'PipelineStage.opportunities': 'count',
  'ForecastMonth.opportunities': 'count',
  'FunnelStage.opportunities': 'entered',
  'PipelineMovement.opportunities': 'count',
  'ReceivableTotal.contracts': 'count',
  'ReceivableTotal.customers': 'customerCount',
};

/** Fields of a report that say how many of a list's records there are, with the filter that leaves these. */
const partsOf: Record<string, Record<string, string>> = {
  'ReceivableTotal.contracts': { overdueCount: '{ overdue: true }' },
  'FunnelStage.opportunities': { won: '{ stage: CLOSED_WON }', lost: '{ stage: CLOSED_LOST }' },
};

test('every report with a list beside it is held by this file', () => {
  const found = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(
      (type) =>
        !type.getInterfaces().some(({ name }) => name === 'Node') &&
        !/^(Query|Subscription|SearchResult|PoolRulePreview|Tenant)$|Connection$|Edge$/.test(type.name),
    )
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => getNamedType(field.type).name.endsWith('Connection'))
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(found.toSorted()).toEqual(Object.keys(countOf).toSorted());
});

let t: TestTenant;

beforeAll(async () => {
  t = await tenant();
  const owners = [await t.sales.id(), await t.sales2.id(), null];
  for (let index = 0; index < 6; index += 1) {
    const owner = owners[index % 3]!;
    const { id } = await customer(t.admin, {
      name: `客户${index}`,
      owner,
      tier: index % 2 ? 'GOLD' : 'SILVER',
      status: 'ACTIVE',
    });
    for (const stage of ['PROSPECTING', 'PROPOSAL', 'CLOSED_WON', 'CLOSED_LOST'])
      await opportunity(t.admin, {
        name: `商机${index}${stage}`,
        customer: id,
        owner,
        stage,
        amount: { amount: '100', currency: index % 2 ? 'USD' : 'CNY' },
        expectedCloseOn: index % 2 ? '2999-01-15' : '2999-02-15',
      });
    await contract(t.admin, {
      name: `合同${index}`,
      customer: id,
      status: 'IN_FORCE',
      amount: { amount: '1000', currency: index % 2 ? 'USD' : 'CNY' },
      dueOn: index % 2 ? '2020-01-01' : '2999-01-01',
    });
  }
});

/** Each report with its arguments for a filter, the list of its parts, and a filter with what it should leave. */
const reports: Array<[report: string, type: string, args: (filter: string) => string]> = [
  ['pipeline', 'PipelineStage', (filter) => `(filter: ${filter})`],
  ['pipeline', 'PipelineStage', (filter) => `(openOnly: true, filter: ${filter})`],
  ['forecast', 'ForecastMonth', (filter) => `(filter: ${filter})`],
  ['funnel', 'FunnelStage', (filter) => `(filter: ${filter})`],
  ['funnel', 'FunnelStage', (filter) => `(from: "2020-01-01", until: "2020-12-31", filter: ${filter})`],
  ['receivables', 'ReceivableTotal', (filter) => `(filter: ${filter})`],
  ['pipelineChange', 'PipelineMovement', (filter) => `(from: { day: "2020-01-01" }, filter: ${filter})`],
];

/** The parts of a report that are not all of it: the field that has them, beside the count of all where there is one. */
const within: Record<string, { parts: string; all: string }> = {
  PipelineStage: { parts: 'stages', all: 'count' },
  PipelineMovement: { parts: 'movements', all: '' },
};

const filtersOf = async (report: string): Promise<string[]> => {
  const { customers } = await t.admin.graph('{ customers(filter: { owner: "sales" }) { nodes { id } } }');
  const named = `customer: ["${customers.nodes[0].id}"]`;
  if (report === 'receivables')
    return ['null', '{}', `{ ${named} }`, '{ overdue: true }', '{ customer: [] }', '{ not: { search: "合同1" } }'];
  return [
    'null',
    '{}',
    '{ owner: "sales" }',
    '{ owner: ["sales", "sales2"] }',
    '{ owner: "ME" }',
    '{ owner: [] }',
    `{ ${named} }`,
    '{ not: { search: "商机1" } }',
    '{ amountMin: "100" }',
  ];
};

test.each(reports)('%s: the counts of %s are those of the lists beside them', async (report, type, args) => {
  const lists = Object.entries(countOf).filter(([place]) => place.startsWith(`${type}.`));
  const selection = lists
    .map(([place, count]) => {
      const list = place.split('.')[1]!;
      const parts = Object.entries(partsOf[place] ?? {}).map(
        ([field, filter]) => `${field} only_${field}: ${list}(filter: ${filter}) { totalCount }`,
      );
      return [count, `${list}(first: 100) { totalCount nodes { id } }`, ...parts].join(' ');
    })
    .join(' ');
  const wrong: unknown[] = [];
  let narrowed = 0;
  for (const by of [t.admin, t.sales, t.viewer] satisfies Actor[]) {
    const all: number[] = [];
    for (const filter of await filtersOf(report)) {
      const { parts: field, all: whole = '' } = within[type] ?? {};
      const body = field ? `{ ${whole} ${field} { ${selection} } }` : `{ ${selection} }`;
      const found = (await by.graph(`{ report: ${report}${args(filter)} ${body} }`)).report as Data;
      const parts = (field ? found[field] : found) as Data[];
      for (const part of parts)
        for (const [place, count] of lists) {
          const list = part[place.split('.')[1]!];
          const others = Object.keys(partsOf[place] ?? {}).filter(
            (field) => part[field] !== part[`only_${field}`].totalCount,
          );
          if (part[count] !== list.totalCount || part[count] !== list.nodes.length || others.length > 0)
            wrong.push([by.subject, filter, part]);
        }
      const total = parts.reduce((sum, part) => sum + part[lists[0]![1]], 0);
      if (whole && total !== found[whole]) wrong.push([by.subject, filter, found[whole], total]);
      all.push(total);
    }
    if (new Set(all).size > 2) narrowed += 1;
  }
  expect(wrong).toEqual([]);
  // the filters narrow what each caller sees, but for the range of a funnel in which nothing was created; amounts that are owed the viewer does not see
  expect(narrowed).toBe(args('').includes('2020-12-31') ? 0 : type === 'ReceivableTotal' ? 2 : 3);
});

test('the other reports are of what their filters leave, as the lists are', async () => {
  const { customers, won, open } = await t.admin.graph(`{
    customers(filter: { owner: "sales" }) { totalCount }
    won: opportunities(filter: { owner: "sales", stage: CLOSED_WON }) { totalCount }
    open: opportunities(filter: { owner: "sales", open: true }) { totalCount } }`);
  expect([customers.totalCount, won.totalCount, open.totalCount]).toEqual([2, 2, 4]);
  expect(
    await t.admin
      .graph(
        `{
      analyticsOverview(customers: { owner: "sales" }, opportunities: { owner: "sales" }) { totalCustomers openOpportunities wonOpportunities }
      customerStatistics(filter: { owner: "sales" }) { totalCount byTier { tier count } }
      analyticsSegments(by: TIER, filter: { owner: "sales" }) { name count revenue { amount otherCurrencies { amount } } }
      analyticsLoyalty(filter: { owner: "sales" }) { levels { tier count } }
      salesVelocity(filter: { owner: "sales" }) { openCount wonCount lostCount }
      a: analyticsTrend(metric: CUSTOMERS, customers: { owner: "sales" }, from: "2000-01-01", period: YEAR) { count }
      b: analyticsTrend(metric: REVENUE, opportunities: { owner: ["sales"] }, period: YEAR) { count }
      c: analyticsTrend(metric: ACTIVITIES, activities: { staff: [] }, period: YEAR) { count } }`,
      )
      .then((data: Data) => ({
        ...data,
        a: data.a.at(-1).count,
        b: data.b.reduce((sum: number, { count }: Data) => sum + count, 0),
        c: data.c.reduce((sum: number, { count }: Data) => sum + count, 0),
      })),
  ).toEqual({
    analyticsOverview: { totalCustomers: 2, openOpportunities: 4, wonOpportunities: 2 },
    customerStatistics: {
      totalCount: 2,
      byTier: [
        { tier: 'GOLD', count: 1 },
        { tier: 'SILVER', count: 1 },
      ],
    },
    analyticsSegments: expect.arrayContaining([
      { name: 'GOLD', count: 1, revenue: { amount: '0.00', otherCurrencies: [{ amount: '100.00' }] } },
      { name: 'SILVER', count: 1, revenue: { amount: '100.00', otherCurrencies: [] } },
    ]),
    analyticsLoyalty: {
      levels: [
        { tier: 'PLATINUM', count: 0 },
        { tier: 'GOLD', count: 1 },
        { tier: 'SILVER', count: 1 },
        { tier: 'BRONZE', count: 0 },
      ],
    },
    salesVelocity: { openCount: 4, wonCount: 2, lostCount: 2 },
    a: 2,
    b: 2,
    c: 0,
  });
});
