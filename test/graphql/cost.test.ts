import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNonNullType, isObjectType, type GraphQLObjectType } from 'graphql';
import { isPage, kindOf, weightName } from '../../src/graphql/cost.js';
import { weights } from '../../src/graphql/weights.js';
import { openOrm } from '../../src/database/orm.js';
import ormOptions from '../../mikro-orm.config.js';
import { buildGraph } from '../../src/schema/schema.js';
import { send, testSecret } from '../support/http.js';
import { everythingOf } from '../support/operations.js';
import { contact, customer } from '../support/records.js';
import { startAnother, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// What an operation costs is known before it runs, and what costs too much does not run.

// the graph shows what the entities are, once they are known
openOrm(ormOptions, 'postgres://none:none@127.0.0.1:1/none');

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  for (let n = 0; n < 3; n += 1) {
    const { id } = await customer(t.admin, { name: `客户${n}` });
    await contact(t.admin, { name: `联系人${n}`, customer: id });
  }
});

const limit = 500_000;
const asked = { 'x-crm-cost': '1' };
const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const costOf = async (
  query: string,
  variables: object = {},
  headers: Record<string, string> = asked,
): Promise<Data> => {
  const { body } = await t.admin.graph.raw(query, variables, headers);
  expect(body.errors).toBeUndefined();
  return body.extensions?.cost;
};

test('every field that is computed, every page, report and field of the root has been weighed', () => {
  const schema = buildGraph();
  const wanted = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields())
          .filter((field) => kindOf(schema, type, field) === 'computed')
          .flatMap((field) => {
            const name = weightName(type, field, undefined);
            return isPage(field) && field.args.some(({ name: argument }) => argument === 'last')
              ? [name, `${name}.totalCount`]
              : [name];
          })
      : [],
  );
  expect(wanted.length).toBeGreaterThan(150);
  // `npm run bench -- --weights` weighs what is new
  expect(wanted.filter((name) => weights[name] === undefined)).toEqual([]);
  const there = new Set(wanted);
  const gone = Object.keys(weights).filter((name) => {
    const [type, field] = name.split('.');
    const of = schema.getType(type!);
    return !there.has(`${type}.${field}`) && !(isObjectType(of) && of.getFields()[field!]);
  });
  expect(gone).toEqual([]);
});

test('the cost is in the answers of those who ask, by a header or in the extensions, and to nobody else', async () => {
  const query = 'query Costed { customers(first: 10) { nodes { name } } }';
  const cost = { requested: expect.any(Number), actual: expect.any(Number), limit, left: expect.any(Number) };
  // the second and third time the operation is known
  for (let n = 0; n < 3; n += 1) {
    const authorization = `Bearer ${t.admin.token}`;
    const plain = await send('POST', '/graphql', { authorization }, { query });
    expect(plain.body).toEqual({ data: { customers: { nodes: expect.any(Array) } } });
    const costed = await send('POST', '/graphql', { authorization, ...asked }, { query });
    expect(costed.body).toEqual({ ...plain.body, extensions: { cost } });
    const extended = await send('POST', '/graphql', { authorization }, { query, extensions: { cost: true } });
    expect(extended.body).toEqual(costed.body);
    const got = await send(
      'GET',
      `/graphql?query=${encodeURIComponent(query)}&extensions=${encodeURIComponent('{"cost":true}')}`,
      { authorization, 'apollo-require-preflight': '1' },
    );
    expect(got.body).toEqual(costed.body);
    const { requested, left } = costed.body.extensions.cost;
    expect(left).toBe(limit - requested);
  }
});

test('pages multiply, nested ones too, and what was answered counts by what was there', async () => {
  const page = (first: number, inner: string): string => `{ customers(first: ${first}) { nodes { ${inner} } } }`;
  const [ten, hundred] = [await costOf(page(10, 'name')), await costOf(page(100, 'name'))];
  // the page itself, and 10 rows with a column: 0.6 points each
  expect(hundred.requested - ten.requested).toBe(54);
  // three rows are there
  expect(hundred.actual).toBe(ten.actual);
  expect(ten.requested - ten.actual).toBe(4);
  const nested = await costOf(page(100, 'contacts(first: 100) { nodes { name } }'));
  expect(nested.requested).toBeGreaterThan(100 * (weights['Customer.contacts']! + 60));
  expect(nested.actual).toBeLessThan(200);
  const variable = 'query ($n: Int = 100) { customers(first: $n) { nodes { name } } }';
  expect(await costOf(variable)).toEqual(hundred);
  expect(await costOf(variable, { n: 10 })).toEqual(ten);
});

test('what is computed weighs what was measured, for each name that it is given', async () => {
  const row = async (inner: string): Promise<number> =>
    (await costOf(`{ customers(first: 100) { nodes { id ${inner} } } }`)).requested;
  const none = await row('');
  for (const [selection, name] of [
    ['behaviorAnalysis { loginCount }', 'Customer.behaviorAnalysis'],
    ['healthTrend { direction }', 'Customer.healthTrend'],
    ['contacts(first: 0) { totalCount }', 'Customer.contacts.totalCount'],
  ] as const) {
    const once = (await row(selection)) - none;
    expect([name, once]).toEqual([name, expect.any(Number)]);
    expect(once).toBeGreaterThanOrEqual(100 * weights[name]! - 1);
    const twice = (await row(`${selection} again: ${selection}`)) - none;
    expect(Math.abs(twice - 2 * once)).toBeLessThanOrEqual(1);
  }
  const filtered = async (args: string): Promise<number> =>
    (await costOf(`{ customers${args} { totalCount } }`)).requested;
  const scan = weights['Query.customers.scan']!;
  expect((await filtered('(filter: { status: ACTIVE })')) - (await filtered('(filter: {})'))).toBe(Math.round(scan));
});

test('20 aliases of 500 customers with 9 aliases of two analyses each are refused before anything runs', async () => {
  const query = `{ ${times(20, (n) => `r${n}: customers(first: 500) { nodes { ${times(9, (m) => `b${m}: behaviorAnalysis { loginCount } h${m}: healthTrend { direction }`)} } }`)} }`;
  for (const executor of ['compiled', 'plain', 'compiled']) {
    const { status, body, headers } = await t.admin.graph.raw(query, {}, { ...asked, 'x-crm-executor': executor });
    const { requested } = body.errors[0].extensions.cost;
    expect(requested).toBeGreaterThan(20 * 500 * 9 * 100);
    expect([status, body]).toEqual([
      400,
      {
        errors: [
          {
            message: `The operation is too costly: it can cost ${requested} points; the limit is ${limit}.`,
            locations: [{ line: 1, column: 1 }],
            extensions: { code: 'MAX_COST_EXCEEDED', cost: { requested, limit } },
          },
        ],
        extensions: { cost: { requested, limit, left: 0 } },
      },
    ]);
    expect(headers.get('x-crm-statements')).toBe('0');
  }
  const chinese = await t.admin.graph.raw(query, {}, { 'accept-language': 'zh' });
  expect(chinese.body.errors[0].message).toMatch(/^操作开销过大：最多可达 \d+ 点，上限为 500000 点$/);
});

test('what screens ask for stays far below the limit', async () => {
  const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  const { query: first } = JSON.parse(/^\{"query": .*$/m.exec(readme)![0]) as { query: string };
  const all = buildGraph().getType('Customer');
  const computed = Object.values((all as GraphQLObjectType).getFields())
    .filter((field) => !field.args.some(({ defaultValue, type }) => isNonNullType(type) && defaultValue === undefined))
    .map((field) => `${field.name} ${everythingOf(field.type, '{ totalCount nodes { __typename } }')}`)
    .join(' ');
  const { id } = await customer(t.admin, { name: '一览' });
  for (const [what, query] of [
    ['the first query of the README', first],
    ['a customer with everything there is of it', `{ customer(id: "${id}") { ${computed} } }`],
    ['a page of customers with everything there is of them', `{ customers { nodes { ${computed} } } }`],
    [
      'a list of 500 with its counts',
      '{ customers(first: 500) { totalCount nodes { name openOpportunityCount openOpportunityAmount { amount } owner { name } } } }',
    ],
    [
      'all reports',
      '{ analyticsOverview { __typename } analyticsLoyalty { __typename } pipeline { __typename } forecast { __typename } funnel { __typename } salesVelocity { __typename } receivables { __typename } customerStatistics { __typename } }',
    ],
  ] as const) {
    const answer = await t.admin.graph.raw(query, {}, asked);
    expect([what, answer.body.errors]).toEqual([what, undefined]);
    // a page of everything counts, adds up and analyses all that hangs on 20 customers
    const share = what.startsWith('a page') ? 4 : 10;
    expect([what, answer.body.extensions.cost.requested < limit / share]).toEqual([what, true]);
  }
});

test('changes weigh by how many records they are about', async () => {
  const change = 'mutation ($ids: [ID!]!) { customersDelete(ids: $ids) { results { id userErrors { code } } } }';
  const none = ['00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000001'];
  const [one, two] = [await costOf(change, { ids: none.slice(1) }), await costOf(change, { ids: none })];
  expect(one.requested).toBeGreaterThan(50);
  expect(two.requested).toBeGreaterThan(100);
});

describe('over a socket', () => {
  test('the cost is in the answers of those who ask, and bounds queries, changes and subscriptions', async () => {
    const raw = await rawSocket({ token: t.admin.token });
    const ask = async (payload: object): Promise<Data> => {
      const id = String(Math.random());
      raw.send({ id, type: 'subscribe', payload });
      let message: Data;
      do message = await raw.next();
      while (message.id !== id);
      return message;
    };
    const query = '{ customers(first: 10) { nodes { name } } }';
    expect((await ask({ query })).payload).toEqual({ data: { customers: { nodes: expect.any(Array) } } });
    expect((await ask({ query, extensions: { cost: true } })).payload.extensions.cost).toEqual(await costOf(query));
    const costly = times(9, (m) => `b${m}: behaviorAnalysis { loginCount }`);
    for (const text of [
      `{ customers(first: 300) { nodes { ${costly} } } }`,
      `subscription { customerChanged { customer { contacts(first: 20) { nodes { customers(first: 20) { nodes { ${costly} } } } } } } }`,
    ]) {
      const { type, payload } = await ask({ query: text });
      expect([type, payload[0].extensions.code]).toEqual(['error', 'MAX_COST_EXCEEDED']);
    }
  });
});

describe('where an operation may cost little', () => {
  let server: Started;
  beforeAll(async () => {
    server = await startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret(), CRM_OPERATION_COST: '100' });
  }, 60_000);
  afterAll(() => server.stop());

  test('what costs more is refused, and REST goes on', async () => {
    const ask = (first: number): Promise<Data> =>
      send(
        'POST',
        `${server.address}/graphql`,
        { authorization: `Bearer ${t.admin.token}` },
        { query: `{ customers(first: ${first}) { nodes { name } } }` },
      );
    expect((await ask(10)).body.errors).toBeUndefined();
    expect((await ask(500)).body.errors[0].extensions.code).toBe('MAX_COST_EXCEEDED');
    const rest = await send('GET', `${server.address}/api/v1/crm/accounts?size=100`, {
      authorization: `Bearer ${t.admin.token}`,
    });
    expect(rest.status).toBe(200);
  });
});
