import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
} from 'graphql';
import { isChosen } from '../support/generated.js';
import { create, filled } from '../support/filled.js';
import { contact, customer } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

interface List {
  name: string;
  filter: GraphQLInputObjectType;
  fields: GraphQLInputField[];
}

/** Every list at the root of the graph, with the fields of its filter. */
const lists: List[] = Object.values(schema.getQueryType()!.getFields()).flatMap(({ name, type, args }) => {
  const filter = args.find((argument) => argument.name === 'filter');
  const named = filter && getNamedType(filter.type);
  return getNamedType(type).name.endsWith('Connection') && isInputObjectType(named)
    ? [{ name, filter: named, fields: Object.values(named.getFields()) }]
    : [];
});

let t: TestTenant;
/** Every tenant of the server is in one list, and other tests add some meanwhile: those that are counted have these codes. */
const codes = Array.from({ length: 4 }, () => `a-${randomUUID()}`);
beforeAll(async () => {
  t = await tenant();
  await filled(t);
  await admitted();
}, 180_000);

/** API keys, tenants and revoked tokens, with and without what they can have. */
async function admitted(): Promise<void> {
  const owner = await t.sales.id();
  const keys = await create(t.admin, 'apiKeyCreate', 'apiKey', 'ApiKeyInput', [
    { name: '程序1', scopes: ['crm:read'] },
    { name: '程序2', scopes: ['crm:read', 'crm:write'], owner, expiresAt: '2099-01-01T00:00:00Z' },
    { name: '程序3', role: 'VIEWER', scopes: [] },
  ]);
  const tenants = codes.map((code, index) => ({
    code,
    ...(index % 2 && { name: `租户${index}`, currency: 'USD', language: 'EN' }),
  }));
  await create(t.platform, 'tenantCreate', 'tenant', 'TenantCreateInput', tenants);
  const { id } = await customer(t.admin, { name: '有标签' });
  const answers: Data[] = [
    await t.admin.graph(
      'mutation ($id: ID!) { customerTagCreate(input: { customer: $id, name: "1" }) { userErrors { code } } }',
      { id },
    ),
    await t.platform.graph(
      'mutation ($id: ID!) { tenantUpdate(id: $id, input: { active: false }) { userErrors { code } } }',
      { id: codes[1] },
    ),
    await t.admin.graph(
      `mutation ($rotated: ID!, $revoked: ID!, $jti: String!, $other: String!, $user: ID!) {
        a: apiKeyRotate(id: $rotated) { userErrors { code } } b: apiKeyRevoke(id: $revoked, reason: "离职") { userErrors { code } }
        c: tokenRevoke(jti: $jti) { userErrors { code } } d: tokenRevoke(user: $user, reason: "丢失") { userErrors { code } }
        e: tokenRevoke(jti: $other, expiresAt: "2099-01-01T00:00:00Z") { userErrors { code } } }`,
      { rotated: keys[1], revoked: keys[2], jti: randomUUID(), other: randomUUID(), user: await t.sales2.id() },
    ),
  ];
  expect(answers.flatMap((data) => Object.values(data)).flatMap(({ userErrors }: Data) => userErrors)).toEqual([]);
}

/** The filter, kept to the rows of this test where others are in the list as well. */
const within = ({ name }: List, filter: object): object => {
  if (name !== 'tenants') return filter;
  return 'code' in filter ? { code: codes, not: { not: filter } } : { code: codes, ...filter };
};

/** How many rows a list has with each of these filters, in their order. */
async function counts(by: Actor, list: List, filters: object[]): Promise<number[]> {
  const { name, filter } = list;
  const found: number[] = [];
  // 20 fields at the root are allowed
  for (let from = 0; from < filters.length; from += 20) {
    const part = filters.slice(from, from + 20);
    const data = await by.graph(
      `query (${part.map((_, index) => `$f${index}: ${filter.name}`).join(', ')}) { ${part.map((_, index) => `r${index}: ${name}(filter: $f${index}) { totalCount }`).join(' ')} }`,
      Object.fromEntries(part.map((value, index) => [`f${index}`, within(list, value)])),
    );
    found.push(...part.map((_, index) => data[`r${index}`].totalCount as number));
  }
  return found;
}

/** Who sees most of a list: tenants are for those who administer the platform. */
const first = ({ name }: List): Actor => (name === 'tenants' ? t.platform : t.admin);
const all = async (list: List): Promise<number> => (await counts(first(list), list, [{}]))[0]!;
/** Who asks: whoever administers the tenant, and somebody who sees less, unless the list is for the former alone. */
const callers = (list: List, other: Actor): Actor[] =>
  ['apiKeys', 'auditEntries', 'endpointUses', 'holdingLimits', 'tenants', 'tokenRevocations', 'webhooks'].includes(
    list.name,
  )
    ? [first(list)]
    : [first(list), other];
/** A text, or a list of names in whose place a text can stand. */
const isText = ({ name, type }: GraphQLInputField): boolean =>
  ['String', 'ID'].includes(String(type)) ||
  (String(type) === '[ID!]' && name !== 'ids') ||
  ['industry', 'region', 'tag'].includes(name);

test('there are lists with something in them', async () => {
  expect(lists.length).toBeGreaterThan(20);
  const sizes = await Promise.all(lists.map(async (list) => [list.name, await all(list)] as const));
  expect(sizes.filter(([, size]) => size === 0).map(([name]) => name)).toEqual([
    'customerMembers',
    'endpointUses',
    'healthRuns',
    'holdingLimits',
    'poolRules',
    'recyclingRuns',
    'savedViews',
    'webhooks',
  ]);
});

/** With `npm test` half of the lists, others in the next run. */
const chosen = lists.filter(({ name }) => name === 'customers' || isChosen(name, 2));

describe.each(chosen.map((list) => [list.name, list] as const))('%s', (_name, list) => {
  test('null and, for texts, the empty one and white space are as good as nothing, whatever the condition', async () => {
    const empties = list.fields.flatMap((field) => [
      { [field.name]: null },
      ...(isText(field) ? ['', ' \t', '\u3000'].map((text) => ({ [field.name]: text })) : []),
    ]);
    const size = await all(list);
    expect(await counts(first(list), list, empties)).toEqual(empties.map(() => size));
    expect(
      await counts(first(list), list, [Object.assign({}, ...empties), { not: Object.assign({}, ...empties) }]),
    ).toEqual([size, size]);
  });

  test('an empty list finds nothing and leaves nothing out, whatever the condition, and its description says so', async () => {
    const ofLists = list.fields.filter(({ type }) => isListType(getNullableType(type)));
    const size = await all(list);
    const each = (filter: (empty: object) => object): object[] => ofLists.map(({ name }) => filter({ [name]: [] }));
    expect(
      await counts(
        first(list),
        list,
        each((empty) => empty),
      ),
    ).toEqual(ofLists.map(() => 0));
    expect(
      await counts(
        first(list),
        list,
        each((not) => ({ not })),
      ),
    ).toEqual(ofLists.map(() => size));
    const says = ' An empty list finds nothing.';
    expect(ofLists.filter(({ description }) => !description!.endsWith(says))).toEqual([]);
  });

  test('rows that do not meet a condition are all the others, also those that are empty', async () => {
    const values: Record<string, unknown> = {
      String: '1',
      Boolean: true,
      Int: 1,
      Date: '2026-03-01',
      DateTime: '2026-03-01T00:00:00Z',
      Decimal: '1',
    };
    const filters = list.fields
      .filter(({ name }) => !['not', 'searchIn'].includes(name))
      .flatMap(({ name, type }) => {
        const named = getNamedType(type);
        const value = isEnumType(named) ? named.getValues()[0]!.name : values[named.name];
        return value === undefined ? [] : [{ [name]: isListType(getNullableType(type)) ? [value] : value }];
      });
    for (const by of callers(list, t.sales)) {
      const [whole] = await counts(by, list, [{}]);
      const met = await counts(by, list, filters);
      const unmet = await counts(
        by,
        list,
        filters.map((filter) => ({ not: filter })),
      );
      expect(unmet.map((count, index) => [filters[index], count])).toEqual(
        met.map((count, index) => [filters[index], whole! - count]),
      );
      expect(
        await counts(
          by,
          list,
          filters.map((filter) => ({ not: { not: filter } })),
        ),
      ).toEqual(met);
    }
  });

  test('each of the fields that can be empty is as empty as it is shown', async () => {
    const isEmpty = list.fields.find(({ name }) => name === 'isEmpty');
    if (!isEmpty) return;
    const fields = (getNamedType(isEmpty.type) as GraphQLEnumType).getValues().map(({ name }) => name);
    const type = list.filter.name.replace(/Filter$/, '');
    const shown = Object.values(
      (schema.getType(type) as unknown as { getFields(): Record<string, { name: string; type: unknown }> }).getFields(),
    );
    for (const by of callers(list, t.viewer)) {
      const [whole] = await counts(by, list, [{}]);
      const empty = await counts(
        by,
        list,
        fields.map((field) => ({ isEmpty: [field] })),
      );
      const given = await counts(
        by,
        list,
        fields.map((field) => ({ not: { isEmpty: [field] } })),
      );
      expect(given.map((count, index) => [fields[index], count])).toEqual(
        empty.map((count, index) => [fields[index], whole! - count]),
      );
      // references can be hidden although they are there; money is asked for by its amount
      const members = fields.flatMap((field, index) => {
        const found = shown.find(
          ({ name }) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() === field,
        );
        const text = String(found?.type ?? '');
        return /^(String|Date|DateTime|Int|Decimal|Boolean)$/.test(text) || (found && isEnumType(schema.getType(text)))
          ? [{ member: found!.name, count: empty[index]! }]
          : text === 'Money'
            ? [{ member: `${found!.name} { amount }`, count: empty[index]! }]
            : [];
      });
      const {
        list: { nodes },
      } = await by.graph(
        `query ($f: ${list.filter.name}) { list: ${list.name}(first: 500, filter: $f) { nodes { ${members.map(({ member }, index) => `m${index}: ${member}`).join(' ')} __typename } } }`,
        { f: within(list, {}) },
      );
      expect(
        members.map(({ member }, index) => [member, nodes.filter((node: Data) => node[`m${index}`] === null).length]),
      ).toEqual(members.map(({ member, count }) => [member, count]));
    }
  });
});

/** Fields of the root that are no list of records, and what is read of them with each of their arguments. */
const reports = Object.values(schema.getQueryType()!.getFields()).filter(
  ({ name, type, args }) =>
    args.some((argument) => !isRequiredArgument(argument)) &&
    !lists.some((list) => list.name === name) &&
    !args.some((argument) => argument.name === 'id' || argument.name === 'after') &&
    !getNamedType(type).name.endsWith('Connection'),
);

/** Everything of a type that needs no argument, to this depth. */
function selectionOf(type: GraphQLNamedType, depth = 3): string {
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const below = getNamedType(field.type);
    if (isLeafType(below)) return [field.name];
    if (depth === 0 || !isObjectType(below) || below.name.endsWith('Connection')) return [];
    const inner = selectionOf(below, depth - 1);
    return inner === '' ? [] : [`${field.name} ${inner}`];
  });
  return fields.length === 0 ? '' : `{ ${fields.join(' ')} }`;
}

test.each(reports.map((field) => [field.name, field] as const))(
  'an argument of %s that says nothing is as good as none',
  async (name, { type, args }) => {
    const values: Record<string, unknown> = {
      SegmentDimension: 'TIER',
      TrendMetric: 'REVENUE',
      AsOf: { day: '2020-01-01' },
    };
    const given = Object.fromEntries(
      args.filter(isRequiredArgument).map(({ name: argument, type: wanted }) => {
        const of = getNamedType(wanted);
        return [argument, values[of.name] ?? (isEnumType(of) ? of.getValues()[0]!.name : undefined)];
      }),
    );
    // what ends now ends later when it is asked again
    if (name === 'pipelineChange') given['until'] = { day: '2026-01-01' };
    const by = name.startsWith('linked') ? t.outsider : t.admin;
    const ask = async (more: object): Promise<unknown> => {
      const all = { ...given, ...more };
      const used = args.filter((argument) => argument.name in all);
      const head = used.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ');
      const call = used.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
      return by.graph(
        `query ${head && `(${head})`} { ${name}${call && `(${call})`} ${selectionOf(getNamedType(type))} }`,
        all,
      );
    };
    const whole = await ask({});
    expect(JSON.stringify(whole).length).toBeGreaterThan(30);
    for (const argument of args.filter(
      (one) => !isRequiredArgument(one) && one.defaultValue === undefined && !(one.name in given),
    )) {
      const named = getNamedType(argument.type);
      // a blank in a list names something that is not there
      const isOne = !isListType(getNullableType(argument.type));
      const empties: unknown[] = [null, ...(isOne && ['ID', 'String'].includes(named.name) ? ['', ' '] : [])];
      if (isInputObjectType(named) && !named.isOneOf) {
        const fields = Object.values(named.getFields());
        empties.push(
          {},
          Object.fromEntries(fields.map((field) => [field.name, null])),
          Object.fromEntries(fields.filter(isText).map((field) => [field.name, ' '])),
        );
      }
      for (const empty of empties)
        expect([name, argument.name, empty, await ask({ [argument.name]: empty })]).toEqual([
          name,
          argument.name,
          empty,
          whole,
        ]);
    }
  },
);

test('an argument below a record that says nothing is as good as none', async () => {
  const query = `query ($of: ID, $period: LookBack) { contacts(first: 30, orderBy: [{ field: NUMBER }]) { nodes { link(customer: $of) { id } } }
    customers(first: 5, orderBy: [{ field: NUMBER }]) { nodes { behaviorAnalysis(period: $period) { caseCount } satisfaction(period: $period) { count } } } }`;
  const whole = await t.admin.graph(query, {});
  for (const variables of [{ of: null, period: null }, { of: '' }, { of: ' ' }])
    expect([variables, await t.admin.graph(query, variables)]).toEqual([variables, whole]);
});

test('below a record and in what is found nothing says nothing as well, and it is one statement', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  await contact(admin, { name: '张三', customer: id, position: '经理' });
  await contact(admin, { name: '李四', customer: id });
  const query =
    'query ($id: ID!, $f: CustomerContactFilter, $c: CustomerFilter) { customer(id: $id) { contacts(filter: $f) { totalCount nodes { customers { nodes { contacts(filter: $f) { totalCount } } } } } } search(text: "甲") { customers(filter: $c) { totalCount } } }';
  const ask = async (f: object | null, c: object | null): Promise<number[]> => {
    const { statements, body } = await admin.graph.raw(query, { id, f, c });
    expect(statements).toBe(1);
    const { contacts } = body.data.customer;
    return [
      contacts.totalCount,
      contacts.nodes[0]?.customers.nodes[0].contacts.totalCount ?? 0,
      body.data.search.customers.totalCount,
    ];
  };
  expect(await ask(null, null)).toEqual([2, 2, 1]);
  expect(await ask({ position: '', role: null, contact: '' }, { industry: '', owner: null })).toEqual([2, 2, 1]);
  expect(await ask({ isEmpty: ['POSITION'] }, { isEmpty: ['INDUSTRY'] })).toEqual([1, 1, 1]);
  expect(await ask({ not: { isEmpty: ['POSITION'] } }, { not: { isEmpty: ['INDUSTRY'] } })).toEqual([1, 1, 0]);
});

test('a cursor holds for the same filter said in another way, and for no other', async () => {
  const { admin } = await tenant();
  for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
  const query =
    'query ($f: CustomerFilter, $after: String) { customers(first: 1, filter: $f, after: $after, orderBy: [{ field: NUMBER }]) { nodes { name } pageInfo { endCursor } } }';
  const { customers: first } = await admin.graph(query, { f: { search: null, industry: '', not: { region: '' } } });
  const after = first.pageInfo.endCursor;
  expect((await admin.graph(query, { f: { not: {} }, after })).customers.nodes).toEqual([{ name: '乙' }]);
  expect((await admin.graph(query, { after })).customers.nodes).toEqual([{ name: '乙' }]);
  expect(await admin.graph.refused(query, { f: { not: { region: '华东' } }, after })).toEqual(['CURSOR_INVALID']);
});

test.each([
  [9, 'variables'],
  [20_000, 'variables'],
  [9, 'the text'],
])('conditions %i deep in %s are refused', async (depth, place) => {
  const [before, after] = place === 'variables' ? ['{"not":', '{"name":"x"}'] : ['{not:', '{name:"x"}'];
  const filter = before!.repeat(depth) + after + '}'.repeat(depth);
  const answer = await fetch(`${process.env['CRM_TEST_ADDRESS']}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${t.admin.token}`, 'content-type': 'application/json' },
    body:
      place === 'variables'
        ? `{"query":"query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }","variables":{"f":${filter}}}`
        : JSON.stringify({ query: `{ customers(filter: ${filter}) { totalCount } }` }),
  });
  const { errors } = (await answer.json()) as Data;
  expect([answer.status < 500, errors[0].extensions.code]).toEqual([true, 'BAD_REQUEST']);
});

test('eight deep is answered', async () => {
  let filter: object = { name: '客户' };
  for (let n = 0; n < 7; n += 1) filter = { not: filter };
  expect(
    (await t.admin.graph('query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }', { f: filter }))
      .customers.totalCount,
  ).toBe((await t.admin.graph('{ customers(filter: { not: { name: "客户" } }) { totalCount } }')).customers.totalCount);
});
