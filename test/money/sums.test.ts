import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLObjectType,
} from 'graphql';
import { readCsv } from '../support/csv.js';
import { address } from '../support/http.js';
import { contract, customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { sheetsOf } from '../support/workbook.js';

// The same business three times, each time in another currency, in a tenant of its own and all together in one tenant:
// whatever is added up there must be what it is in the tenants where there is one currency alone.

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const currencies = ['CNY', 'JPY', 'USD'] as const;
type Currency = (typeof currencies)[number];
/** What everything costs in a currency: so far apart that no mixture of them looks like one of them. */
const unit: Record<Currency, number> = { CNY: 1, JPY: 1_000, USD: 1_000_000 };

interface World {
  t: TestTenant;
  /** a customer with sums in yuan, and one with sums in dollars */
  customers: Data[];
}
const alone: Partial<Record<Currency, World>> = {};
let all: World;
const aDay = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * aDay).toISOString();

/** Of every customer an open, a won and a lost opportunity, one that has no amount, contracts that are owed and overdue, paid in part and paid too much. */
async function world(of: readonly Currency[]): Promise<World> {
  const t = await tenant();
  const run = async (mutation: string, variables: object): Promise<void> => {
    const [payload] = Object.values(await t.admin.graph(mutation, variables)) as Data[];
    expect(payload.userErrors).toEqual([]);
  };
  const customers: Data[] = [];
  for (const own of ['CNY', 'USD'] as const)
    customers.push(
      await customer(t.admin, {
        name: `客户${own}`,
        currency: own,
        creditLimit: { amount: String(9 * unit[own]) },
        status: 'ACTIVE',
        industry: '软件',
        region: '华东',
        size: 'LARGE',
      }),
    );
  for (const currency of of)
    for (const [index, { id }] of customers.entries()) {
      const money = (amount: number): Data => ({ amount: String(amount * (index + 1) * unit[currency]), currency });
      const sale = (name: string, more: object): Promise<Data> => opportunity(t.admin, { name, customer: id, ...more });
      await sale('开放', { stage: 'PROPOSAL', amount: money(11), expectedCloseOn: '2027-03-31' });
      await sale('无额', { stage: 'PROPOSAL' });
      await sale('赢单', { stage: 'CLOSED_WON', amount: money(20), actualAmount: money(17) });
      await sale('赢单无额', { stage: 'CLOSED_WON' });
      await sale('输单', { stage: 'CLOSED_LOST', amount: money(13) });
      const agreed = (more: object): Promise<Data> =>
        contract(t.admin, { name: '合同', customer: id, status: 'IN_FORCE', endsOn: '2090-12-31', ...more });
      const part = await agreed({ amount: money(100), dueOn: '2020-01-31' });
      const whole = await agreed({ amount: money(30) });
      await agreed({ amount: money(7), endsOn: '2020-12-31', dueOn: '2020-01-31' });
      for (const [of, amount] of [
        [part, 40],
        [whole, 35],
      ] as const)
        await run(
          'mutation ($input: PaymentInput!) { paymentCreate(input: $input, allowOverpayment: true) { userErrors { code } } }',
          { input: { contract: of.id, amount: money(amount), paidAt: daysAgo(10) } },
        );
      await run('mutation ($input: CampaignInput!) { campaignCreate(input: $input) { userErrors { code } } }', {
        input: { name: '活动', kind: 'EVENT', budget: money(3), actualCost: money(2) },
      });
    }
  return { t, customers };
}

beforeAll(async () => {
  for (const currency of currencies) alone[currency] = await world([currency]);
  all = await world(currencies);
}, 120_000);

/** A way to a sum: the fields from the root to it, as they are written in a query. */
interface Way {
  field: string;
  steps: string[];
  ofCustomer: boolean;
}

/** Every way from the root to a field that is a sum, through whatever is no list of records; of customers, through one of them. */
function waysTo(type: GraphQLObjectType, steps: string[] = [], ofCustomer = false): Way[] {
  return Object.values(type.getFields()).flatMap(({ name, args, type: of }): Way[] => {
    const target = getNamedType(of);
    if (!isObjectType(target)) return [];
    const isOne = steps.length === 0 && name === 'customer';
    const written = isOne ? ['customer(id: $id)'] : calls(name, args);
    if (target.name === 'MoneySum')
      return written.map((step) => ({ field: `${type.name}.${name}`, steps: [...steps, step], ofCustomer }));
    const isRecord = target.getInterfaces().length > 0;
    if (target.getFields()['nodes'] || (isRecord && !isOne) || target.name === 'Money') return [];
    return written.flatMap((step) => waysTo(target, [...steps, step], ofCustomer || isOne));
  });
}

/** A field with every combination of the enumerations that it must or may be given, and a day long ago for a moment. */
function calls(name: string, args: readonly GraphQLArgument[]): string[] {
  const choices = args
    .filter(({ name: argument, type }) => isNonNullType(type) || argument === 'sumsIn')
    .map(({ name: argument, type }) => {
      const target = getNamedType(type);
      if (target.name === 'AsOf') return [`${argument}: { day: "2020-01-01" }`];
      return isEnumType(target) ? target.getValues().map((value) => `${argument}: ${value.name}`) : [];
    });
  const combined = choices.reduce<string[][]>(
    (found, values) => found.flatMap((one) => values.map((value) => [...one, value])),
    [[]],
  );
  return combined.map((given) => (given.length > 0 ? `${name}(${given.join(', ')})` : name));
}

const aSum = '{ amount currency otherCurrencies { amount currency } }';

/** All sums that lie at the end of a way, in order. */
async function sumsAt({ t, customers }: World, { steps, ofCustomer }: Way): Promise<Data[]> {
  const query = `query ${ofCustomer ? '($id: ID!)' : ''} ${steps.reduceRight((below, step) => `{ value: ${step} ${below} }`, aSum)}`;
  const found: Data[] = [];
  const collect = (value: Data): void => {
    if (Array.isArray(value)) for (const one of value) collect(one);
    else if (value === null || 'otherCurrencies' in value) found.push(value);
    else collect(value.value);
  };
  for (const { id } of ofCustomer ? customers : [{ id: null }]) collect(await t.admin.graph(query, { id }));
  return found;
}

/** What a sum says of a currency, in it or beside it. */
const part = ({ amount, currency, otherCurrencies }: Data, of: Currency): string =>
  currency === of ? amount : (otherCurrencies.find((other: Data) => other.currency === of)?.amount ?? '0.00');

const ways = waysTo(schema.getQueryType()!);

test('there is a way to every sum of the graph', () => {
  const sums = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter((field) => getNamedType(field.type).name === 'MoneySum')
          .map((field) => `${type.name}.${field.name}`)
      : [],
  );
  expect([...new Set(ways.map(({ field }) => field))].toSorted()).toEqual(sums.toSorted());
  expect(sums.length).toBeGreaterThan(20);
});

test.each(ways.map((way) => [way.steps.join('.'), way] as const))(
  '%s is in one currency, and names what there is in others',
  async (_name, way) => {
    const isOfTenant = !way.ofCustomer || way.steps.some((step) => step.includes('sumsIn: TENANT'));
    const found = await sumsAt(all, way);
    // a trend of something else than revenue has no sums
    if (way.steps[0]!.startsWith('analyticsTrend') && !way.steps[0]!.includes('REVENUE')) {
      expect(new Set(found)).toEqual(new Set([null]));
      return;
    }
    const expected = isOfTenant ? found.map(() => 'CNY') : ['CNY', 'USD'];
    expect(found.map(({ currency }) => currency)).toEqual(expected);
    for (const { currency, otherCurrencies } of found) {
      const others = otherCurrencies.map((other: Data) => other.currency);
      expect(others).toEqual([...currencies].filter((one) => one !== currency && others.includes(one)));
      for (const { amount } of otherCurrencies) expect(Number(amount)).not.toBe(0);
    }
    for (const currency of currencies)
      expect([currency, found.map((sum) => part(sum, currency))]).toEqual([
        currency,
        (await sumsAt(alone[currency]!, way)).map((sum) => part(sum, currency)),
      ]);
    // there is something to be told apart, but for a day before all of it
    expect(found.some(({ amount }) => Number(amount) > 0)).toBe(!way.steps.includes('start'));
  },
);

test('sums of lists are kept apart by currency', async () => {
  const lists = Object.values(schema.getQueryType()!.getFields()).flatMap(({ name, type }) => {
    const connection = getNamedType(type) as GraphQLObjectType;
    const sums = isObjectType(connection) && connection.getFields()['sums'];
    if (!sums) return [];
    const amounts = Object.values((getNamedType(sums.type) as GraphQLObjectType).getFields())
      .filter((field) => getNamedType(field.type).name === 'Money')
      .map((field) => `${field.name} { amount currency }`);
    return [[name, `{ sums: ${name}(first: 0) { sums { currency count ${amounts.join(' ')} } } }`] as const];
  });
  expect(lists.map(([name]) => name).toSorted()).toEqual([
    'campaigns',
    'contracts',
    'customers',
    'opportunities',
    'payments',
  ]);
  for (const [name, query] of lists) {
    const sumsOf = async ({ t }: World): Promise<Data[]> => (await t.admin.graph(query)).sums.sums;
    const expected: Data[] = [];
    for (const currency of currencies)
      expected.push(...(await sumsOf(alone[currency]!)).filter((sum) => sum.currency === currency));
    const found = await sumsOf(all);
    // a record without an amount is in the currency of the tenant, and adds nothing
    const amounts = (sums: Data[]): Data[] => sums.map(({ count: _, ...rest }) => rest);
    if (name === 'customers')
      expect(found).toEqual(
        (['CNY', 'USD'] as const).map((currency) => ({
          currency,
          count: 1,
          creditLimit: { amount: (9 * unit[currency]).toFixed(2), currency },
        })),
      );
    else expect([name, amounts(found)]).toEqual([name, amounts(expected)]);
  }
});

/** A number of a dialect that is a sum: how it is asked for, and where it stands in the answer. */
const numbers: Array<[dialect: 'erp' | 'cell' | 'lifecycle', path: string, at: (body: Data) => unknown]> = [
  ['erp', '/accounts/{id}', ({ data }) => data.creditUsed],
  ['erp', '/analytics/overview', ({ data }) => data.totalRevenue],
  ['erp', '/analytics/trends?metric=revenue&period=year', ({ data }) => data.data.at(-1).value],
  ...['industry', 'region', 'size', 'loyalty'].map(
    (by): [dialect: 'erp', path: string, at: (body: Data) => unknown] => [
      'erp',
      `/analytics/segmentation?segmentBy=${by}`,
      ({ data }) => data.segments.map(({ revenue }: Data) => revenue),
    ],
  ),
  ['erp', '/analytics/loyalty', ({ data }) => data.loyaltyLevels.map(({ revenue }: Data) => revenue)],
  ['cell', '/customers/{id}/360', ({ summary }) => summary.openAmountCents],
  ['cell', '/customers/{id}/360', ({ summary }) => summary.wonAmountCents],
  ['cell', '/customers/{id}/360', ({ summary }) => summary.contractAmountCents],
  ['cell', '/customers/{id}/360', ({ summary }) => summary.receivableCents],
  [
    'cell',
    '/opportunities/forecast',
    ({ byStage, totalWeightedCents }) => [byStage[0].totalAmountCents, totalWeightedCents],
  ],
  ['cell', '/pipeline/summary', ({ byStage, totalWeightedCents }) => [byStage[0].totalAmountCents, totalWeightedCents]],
  ['cell', '/reports/sales-forecast', ({ byStage }) => byStage.map(({ totalAmountCents }: Data) => totalAmountCents)],
  ['cell', '/pipeline/funnel', ({ stages }) => stages.map(({ totalAmountCents }: Data) => totalAmountCents)],
  ['cell', '/reports/funnel', ({ data }) => data.map(({ totalAmountCents }: Data) => totalAmountCents)],
  ['cell', '/metrics', ({ metrics }) => metrics.funnel_by_stage.map(({ totalAmountCents }: Data) => totalAmountCents)],
  ['lifecycle', '/customers?sort=ltv', ({ data }) => data.items.map(({ ltv }: Data) => ltv)],
  ['lifecycle', '/customers/search?q=客户', ({ data }) => data.items.map(({ ltv }: Data) => ltv)],
  ['lifecycle', '/customers/{number}', ({ data }) => data.customer_info.ltv],
  ['lifecycle', '/customers/{number}/analysis/value', ({ data }) => data.value_analysis.ltv],
  ['lifecycle', '/customers/{number}/analysis/value', ({ data }) => data.value_analysis.arpu],
  ['lifecycle', '/customers/{number}/analysis/value', ({ data }) => data.financial_metrics.total_revenue],
  ['lifecycle', '/customers/{number}/analysis/value', ({ data }) => data.financial_metrics.monthly_revenue],
];

test.each(numbers)(
  'in %s, %s is in the currency of the tenant alone, for customers of whatever currency',
  async (dialect, path, at) => {
    const asked = async ({ t, customers }: World): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const { id, number } of customers) {
        const { status, body } = await t.admin.rest(dialect).get(path.replace('{id}', id).replace('{number}', number));
        expect(status).toBe(200);
        found.push(at(body));
      }
      return found;
    };
    const [mixed, yuan] = [await asked(all), await asked(alone.CNY!)];
    expect(mixed).toEqual(yuan);
    expect(mixed.flat().some((value) => Number(value) > 0)).toBe(true);
  },
);

test('the sums of customers in a file are in the currency of the tenant alone', async () => {
  const file = ({ t }: World, format: string): Promise<Response> =>
    fetch(`${address()}/api/v1/customers/export?format=${format}`, {
      headers: { authorization: `Bearer ${t.admin.token}` },
    });
  const csv = async (of: World): Promise<unknown[]> => {
    const [headings, ...rows] = readCsv((await (await file(of, 'csv')).text()).replace(/^\uFEFF/, ''));
    return rows.map((row) => Number(row[headings!.indexOf('客户价值')]));
  };
  const excel = async (of: World): Promise<unknown[]> => {
    const [sheet] = await sheetsOf(await file(of, 'excel'));
    const [headings, ...rows] = sheet!.rows;
    return rows.map((row) => row[headings!.indexOf('客户价值')]);
  };
  const yuan = await csv(alone.CNY!);
  expect(yuan.some((value) => Number(value) > 0)).toBe(true);
  for (const found of [await csv(all), await excel(all), await excel(alone.CNY!)]) expect(found).toEqual(yuan);
});

test('customers are ordered by what they are worth in either currency', async () => {
  const { admin } = await tenant();
  for (const [currency, amounts] of [
    ['CNY', { CNY: '100' }],
    ['USD', { CNY: '50', USD: '500' }],
  ] as const) {
    const { id } = await customer(admin, { name: currency, currency });
    for (const [of, amount] of Object.entries(amounts))
      await contract(admin, { name: '合同', customer: id, status: 'IN_FORCE', amount: { amount, currency: of } });
  }
  const order = async (field: string): Promise<string[]> =>
    (
      await admin.graph(`{ customers(orderBy: [{ field: ${field}, direction: DESC }]) { nodes { name } } }`)
    ).customers.nodes.map(({ name }: Data) => name);
  expect(await order('LIFETIME_VALUE')).toEqual(['USD', 'CNY']);
  expect(await order('LIFETIME_VALUE_IN_TENANT_CURRENCY')).toEqual(['CNY', 'USD']);
  const { items } = (await admin.rest('lifecycle').get('/customers?sort=ltv')).body.data;
  expect(items.map(({ customer_name: name, ltv }: Data) => [name, ltv])).toEqual([
    ['CNY', 100],
    ['USD', 50],
  ]);
});

test('a sum over nothing is 0.00 in the currency in which it would be', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '空', currency: 'JPY' });
  const empty: World = { t, customers: [{ id }] };
  for (const way of ways) {
    const isOfTenant = !way.ofCustomer || way.steps.some((step) => step.includes('sumsIn: TENANT'));
    for (const sum of (await sumsAt(empty, way)).filter((one) => one !== null))
      expect([way.steps, sum]).toEqual([
        way.steps,
        { amount: '0.00', currency: isOfTenant ? 'CNY' : 'JPY', otherCurrencies: [] },
      ]);
  }
  // won, but without an amount
  await opportunity(t.admin, { name: '赢单', customer: id, stage: 'CLOSED_WON' });
  const { customer: found, analyticsOverview } = await t.admin.graph(
    'query ($id: ID!) { customer(id: $id) { wonOpportunityAmount { amount } } analyticsOverview { wonOpportunities totalRevenue { amount } averageWonAmount { amount } } }',
    { id },
  );
  expect(found.wonOpportunityAmount).toEqual({ amount: '0.00' });
  expect(analyticsOverview).toEqual({
    wonOpportunities: 1,
    totalRevenue: { amount: '0.00' },
    averageWonAmount: { amount: '0.00' },
  });
});
