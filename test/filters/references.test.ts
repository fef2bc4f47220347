import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  type GraphQLEnumType,
  type GraphQLInputType,
} from 'graphql';
import { send, type Answer } from '../support/http.js';
import { contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

const isNames = (type: GraphQLInputType): boolean => isListType(type) && getNamedType(type).name === 'ID';

/** Every condition of every list and report that takes names of records: where it stands in an operation. */
const conditions = Object.values(schema.getQueryType()!.getFields()).flatMap(({ name, type, args }) =>
  args.flatMap((argument) => {
    const filter = getNamedType(argument.type);
    if (!isInputObjectType(filter)) return [];
    const fields = 'totalCount' in ((getNamedType(type) as Data).getFields?.() ?? {}) ? 'totalCount' : '__typename';
    const field = args.find((one) => one.name === 'field');
    const needed = field
      ? `field: ${(getNamedType(field.type) as GraphQLEnumType).getValues()[0]!.name}, `
      : {
          analyticsSegments: 'by: TIER, ',
          analyticsTrend: `metric: ${argument.name.toUpperCase()}, `,
          pipelineChange: 'from: { day: "2020-01-01" }, ',
        }[name];
    return Object.values(filter.getFields())
      .filter((field) => isNames(field.type) && field.name !== 'ids')
      .map((field) => ({
        place: `${name}(${argument.name}: {${field.name}})`,
        path: [argument.name, field.name],
        fields,
        ask: (value: string) => `${name}(${needed ?? ''}${argument.name}: { ${field.name}: ${value} })`,
      }));
  }),
);

/** What an operation with one root field was refused with: code, path, and whether anything was answered. */
const refusal = ({ body }: Answer): unknown[] => [
  body.data && Object.values(body.data)[0],
  ...body.errors.map(({ extensions: { code, field } }: Data) => [code, field]),
];

let t: TestTenant;
let theirs: string;

beforeAll(async () => {
  t = await tenant();
  theirs = (await customer(t.outsider, { name: '别家' })).id;
  await customer(t.admin, { name: '自家' });
});

test('there are conditions of many lists and of reports', () => {
  expect(conditions.length).toBeGreaterThan(60);
  expect(conditions.map(({ place }) => place)).toEqual(
    expect.arrayContaining([
      'customers(filter: {owner})',
      'pipeline(filter: {owner})',
      'receivables(filter: {customer})',
      'analyticsTrend(activities: {staff})',
      'endpointUses(filter: {apiKey})',
    ]),
  );
});

test('a condition refuses whatever names no record, with its path, and an empty list finds nothing', async () => {
  const wrong: unknown[] = [];
  const unknown = ['nobody', randomUUID(), '999999999', theirs];
  for (const [index, { place, path, ask, fields }] of conditions.entries()) {
    const name = unknown[index % unknown.length]!;
    for (const [value, where] of [
      [`"${name}"`, path],
      [`["${name}", "${randomUUID()}"]`, [...path, '0']],
    ] as const) {
      const answer = await t.platform.graph.raw(`{ ${ask(value)} { ${fields} } }`);
      if (
        JSON.stringify(answer.body.errors ? refusal(answer) : answer.body) !==
        JSON.stringify([null, ['UNKNOWN_REFERENCE', where]])
      )
        wrong.push([place, value, answer.body]);
    }
    const none = await t.platform.graph.raw(`{ ${ask('[]')} { ${fields} } }`);
    if (none.body.errors || (fields === 'totalCount' && (Object.values(none.body.data)[0] as Data).totalCount !== 0))
      wrong.push([place, '[]', none.body]);
    const blank = await t.platform.graph.raw(`{ ${ask('""')} { ${fields} } }`);
    if (blank.body.errors) wrong.push([place, '""', blank.body]);
  }
  expect(wrong).toEqual([]);
});

test('a record that is hidden, one of another tenant, a deleted one and none at all are answered alike', async () => {
  const w = await tenant();
  const [, foreign] = await Promise.all([w.sales.id(), customer(w.outsider, { name: '别家' })]);
  const hidden = await customer(w.admin, { name: '他人的', owner: await w.sales2.id() });
  const deleted = await customer(w.admin, { name: '已删除', owner: await w.sales.id() });
  await opportunity(w.admin, { name: '商机', customer: hidden.id });
  await opportunity(w.admin, { name: '商机二', customer: deleted.id });
  await w.admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id: deleted.id });
  const query = 'query ($c: [ID!]) { opportunities(filter: { customer: $c }) { totalCount } }';
  const answers = await Promise.all(
    [hidden.id, String(hidden.number), deleted.id, foreign.id, randomUUID(), '999999999', '不存在'].map(
      async (name) => {
        const { status, body } = await w.sales.graph.raw(query, { c: [name] });
        return { status, body };
      },
    ),
  );
  expect(answers[0]).toEqual({
    status: 200,
    body: {
      data: { opportunities: null },
      errors: [
        {
          message: expect.any(String),
          locations: expect.any(Array),
          path: ['opportunities'],
          extensions: { code: 'UNKNOWN_REFERENCE', status: 400, field: ['filter', 'customer'] },
        },
      ],
    },
  });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  // who may see what is deleted may name it
  expect(await w.admin.graph(query, { c: [deleted.id, hidden.id] })).toEqual({ opportunities: { totalCount: 1 } });
});

test('tags are named by what the caller sees of them', async () => {
  const w = await tenant();
  const tag =
    'mutation ($c: ID!, $name: String!) { customerTagCreate(input: { customer: $c, name: $name }) { userErrors { code } } }';
  const mine = await customer(w.admin, { name: '我的', owner: await w.sales.id() });
  const other = await customer(w.admin, { name: '别人的', owner: await w.sales2.id() });
  await w.admin.graph(tag, { c: mine.id, name: '重点' });
  await w.admin.graph(tag, { c: other.id, name: '机密' });
  const query = 'query ($tag: [String!]) { customers(filter: { tag: $tag }) { nodes { name } } }';
  const names = (data: Data): string[] => data.customers.nodes.map(({ name }: Data) => name).toSorted();
  expect(names(await w.admin.graph(query, { tag: ['重点', '机密'] }))).toEqual(['别人的', '我的']);
  expect(names(await w.sales.graph(query, { tag: ['重点'] }))).toEqual(['我的']);
  expect(names(await w.sales.graph(query, { tag: [] }))).toEqual([]);
  const [hidden, absent] = await Promise.all(
    ['机密', '没有'].map(async (name) => (await w.sales.graph.raw(query, { tag: ['重点', name] })).body),
  );
  expect(hidden.errors[0].extensions).toEqual({
    code: 'UNKNOWN_REFERENCE',
    status: 400,
    field: ['filter', 'tag', '1'],
  });
  expect(absent).toEqual(hidden);
});

test('several owners by id, number and login, ME, and several industries and regions', async () => {
  const w = await tenant();
  const make = async (name: string, by: Actor | null, more: object = {}): Promise<Data> =>
    customer(w.admin, { name, ...(by && { owner: await by.id() }), ...more });
  await make('甲', w.sales, { industry: '软件开发', region: '华东' });
  await make('乙', w.sales2, { industry: '制造', region: '华北' });
  await make('丙', w.admin, { industry: '软件', region: '华南' });
  await make('丁', null, { industry: '金融' });
  const found = async (by: Actor, filter: object): Promise<string> => {
    const data = await by.graph(
      'query ($f: CustomerFilter) { customers(filter: $f, orderBy: { field: NUMBER }) { nodes { name } } }',
      { f: filter },
    );
    return data.customers.nodes.map(({ name }: Data) => name).join('');
  };
  const { viewer } = await w.sales2.graph('{ viewer { user { number } } }');
  expect(await found(w.admin, { owner: 'ME' })).toBe('丙');
  expect(await found(w.sales, { owner: ['ME'] })).toBe('甲');
  expect(await found(w.admin, { owner: ['ME', 'sales'] })).toBe('甲丙');
  expect(await found(w.admin, { owner: [await w.sales.id(), String(viewer.user.number)] })).toBe('甲乙');
  expect(await found(w.admin, { owner: ['sales', 'sales2', 'admin'] })).toBe('甲乙丙');
  expect(await found(w.admin, { not: { owner: ['sales', 'ME'] } })).toBe('乙丁');
  expect(await found(w.admin, { industry: ['软件', '金融'] })).toBe('甲丙丁');
  expect(await found(w.admin, { industry: '软件' })).toBe('甲丙');
  expect(await found(w.admin, { industry: [] })).toBe('');
  expect(await found(w.admin, { industry: '' })).toBe('甲乙丙丁');
  expect(await found(w.admin, { region: ['华东', '华南'], industry: ['软件', '金融'] })).toBe('甲丙');
});

test('every way to send a filter refuses alike: below a record, in not, in payloads, sockets, exports; the dialects find nothing', async () => {
  const w = await tenant();
  const { id } = await customer(w.admin, { name: '客户' });
  await opportunity(w.admin, { name: '商机', customer: id });
  await contract(w.admin, { name: '合同', customer: id });
  const refused = async (query: string): Promise<unknown> =>
    (await w.admin.graph.raw(query, { id })).body.errors.map(({ path, extensions: { code, field } }: Data) => [
      code,
      path.join('.'),
      field.join('.'),
    ]);
  expect(
    await refused(
      'query ($id: ID!) { customer(id: $id) { name opportunities(filter: { owner: "nobody" }) { totalCount } } }',
    ),
  ).toEqual([['UNKNOWN_REFERENCE', 'customer.opportunities', 'filter.owner']]);
  expect(
    await refused(
      '{ customers(filter: { not: { not: { owner: ["ME", "nobody"] } } }) { totalCount } a: customers { totalCount } }',
    ),
  ).toEqual([['UNKNOWN_REFERENCE', 'customers', 'filter.not.not.owner.1']]);
  // the change is made: what is wrong is said of the list alone
  expect(
    await refused(
      'mutation ($id: ID!) { customerUpdate(id: $id, input: { region: "华东" }) { customer { region opportunities(filter: { owner: "nobody" }) { totalCount } } } }',
    ),
  ).toEqual([['UNKNOWN_REFERENCE', 'customerUpdate.customer.opportunities', 'filter.owner']]);
  expect(
    await w.admin.graph(
      'query ($id: ID!) { customer(id: $id) { region } a: customers(filter: { owner: "ME" }) { totalCount } }',
      { id },
    ),
  ).toEqual({
    customer: { region: '华东' },
    a: { totalCount: 0 },
  });

  for (const [field, filter] of [
    ['customerChanged', '{ owner: "nobody" }'],
    ['pipelineChanged', '{ campaign: "999999999" }'],
    ['taskDue', '{ assignee: "nobody" }'],
  ])
    await expect(
      (await w.admin.subscribe(`subscription { ${field}(filter: ${filter}) { id } }`)).next(),
    ).rejects.toThrow('UNKNOWN_REFERENCE');

  const file = await send('GET', `/export/opportunities.csv?filter=${encodeURIComponent('{"owner":"nobody"}')}`, {
    authorization: `Bearer ${w.admin.token}`,
  });
  expect([file.status, file.body.errors[0].extensions.code, file.body.errors[0].extensions.field]).toEqual([
    400,
    'UNKNOWN_REFERENCE',
    ['filter', 'owner'],
  ]);

  const list = await w.admin.rest('erp').get(`/opportunities?accountId=${randomUUID()}`);
  expect([list.status, list.body.data.total, list.body.data.list]).toEqual([200, 0, []]);
});

test('subscribers with the same filter that names ME get their own', async () => {
  const w = await tenant();
  const query = 'subscription { customerChanged(filter: { owner: "ME" }) { customer { name } } }';
  const [first, second] = [await w.admin.subscribe(query), await w.manager.subscribe(query)];
  await customer(w.admin, { name: '甲', owner: await w.admin.id() });
  await customer(w.admin, { name: '乙', owner: await w.manager.id() });
  expect((await first.next()).customerChanged).toEqual({ customer: { name: '甲' } });
  expect((await second.next()).customerChanged).toEqual({ customer: { name: '乙' } });
  await Promise.all([first.none(), second.none()]);
});
