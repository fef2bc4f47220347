import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql';
import { written } from '../support/records.js';
import { schema } from '../support/mutations.js';
import { tenant, type Data } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';
import { create, read, update, view } from './support.js';

// What is checked of lists of the graph when they are saved under a name, and what is kept of them.

const kinds: Record<string, string> = Object.fromEntries(
  Object.values(
    (
      schema.getType('SavedViewKind') as unknown as { getValues(): Array<{ name: string; description: string }> }
    ).getValues(),
  ).map(({ name, description }) => [name, /`(\w+)`/.exec(description)![1]!]),
);

const argumentOf = (list: string, name: string): GraphQLInputType =>
  schema
    .getQueryType()!
    .getFields()
    [list]!.args.find((arg) => arg.name === name)!.type;

/** A value that a type takes, in the form in which it is kept; names of records are those that anybody may use. */
function valid(type: GraphQLInputType, name: string, depth = 0): unknown {
  const of = getNullableType(type);
  if (isListType(of)) return [valid(of.ofType, name, depth)];
  if (isEnumType(of)) return of.getValues()[0]!.name;
  if (isInputObjectType(of)) return depth > 0 ? {} : filterOf(of, depth + 1);
  const values: Record<string, unknown> = { Boolean: true, Int: 3, Decimal: '5.00', Date: '2026-02-28', Percent: 12.5 };
  return values[of.name] ?? (/owner|staff|assignee|user/i.test(name) && of.name === 'ID' ? 'ME' : '张三');
}

/** Every field of a filter at once but those that are objects of their own. */
const filterOf = (type: GraphQLInputObjectType, depth = 0): object =>
  Object.fromEntries(
    Object.values(type.getFields())
      .filter((field) => !isInputObjectType(getNamedType(field.type)) || field.name === 'not')
      .map((field) => [field.name, valid(field.type, field.name, depth)]),
  );

test('the filter and the order of every kind are taken as the list takes them, and come back the same', async () => {
  const { manager } = await tenant();
  for (const [kind, list] of Object.entries(kinds)) {
    const filter = filterOf(getNamedType(argumentOf(list, 'filter')) as GraphQLInputObjectType);
    const named = getNamedType(argumentOf(list, 'orderBy')) as GraphQLInputObjectType;
    const steps = (getNamedType(named.getFields()['field']!.type) as unknown as { getValues(): Data[] })
      .getValues()
      .slice(0, 10)
      .map(({ name: field }) => ({ field, direction: 'DESC' }));
    const saved = await view(manager, { kind, filter: JSON.stringify(filter), orderBy: JSON.stringify(steps) });
    expect([kind, saved.outdated]).toEqual([kind, []]);
    for (const part of ['filter', 'resolvedFilter']) expect(JSON.parse(saved[part])).toEqual(filter);
    for (const part of ['orderBy', 'resolvedOrderBy']) expect(JSON.parse(saved[part])).toEqual(steps);
    // the list takes what comes out as it is: records that are not there are refused by it, and nothing else
    const type = (argument: string): string => String(argumentOf(list, argument));
    const { body } = await manager.graph.raw(
      `query ($filter: ${type('filter')}, $orderBy: ${type('orderBy')}) { list: ${list}(filter: $filter, orderBy: $orderBy) { totalCount } }`,
      { filter: JSON.parse(saved.resolvedFilter), orderBy: JSON.parse(saved.resolvedOrderBy) },
    );
    for (const error of body.errors ?? []) expect([kind, error.extensions.code]).toEqual([kind, 'UNKNOWN_REFERENCE']);
  }
});

test('what a list does not take is refused with its path, and nothing is saved', async () => {
  const t = await tenant();
  await t.sales.id();
  for (const [kind, list] of Object.entries(kinds)) {
    const before = await written(t);
    const type = getNamedType(argumentOf(list, 'filter')) as GraphQLInputObjectType;
    // an object is no value of any field but of another input, where a number is none
    const fields = Object.values(type.getFields()).slice(0, 20);
    const isObject = (of: GraphQLInputType): boolean => isInputObjectType(getNamedType(of));
    const wrong = Object.fromEntries(fields.map(({ name, type: of }) => [name, isObject(of) ? 7 : { x: 1 }]));
    const found = await t.sales.graph.userErrors(create, {
      input: { kind, name: '坏', filter: JSON.stringify(wrong) },
    });
    expect([kind, found.toSorted()]).toEqual([
      kind,
      fields
        .map(({ name, type: of }) => `INVALID filter.${name}${isListType(getNullableType(of)) ? '.0' : ''}`)
        .toSorted(),
    ]);
    expect(await written(t)).toEqual(before);
  }
  const refused = (input: object): Promise<string[]> =>
    t.sales.graph.userErrors(create, { input: { kind: 'CUSTOMER', name: '坏', ...input } });
  const filter = (value: unknown): Promise<string[]> => refused({ filter: JSON.stringify(value) });
  const before = await written(t);
  expect(await refused({ filter: '{' })).toEqual(['INVALID filter']);
  expect(await filter([])).toEqual(['INVALID filter']);
  expect(await filter(null)).toEqual([]);
  expect(await filter({ nosuch: 1, status: ['ACTIVE', 'GONE'], not: { createdFrom: 'TODAY+', stage: 'X' } })).toEqual([
    'INVALID filter.nosuch',
    'INVALID filter.status.1',
    'INVALID filter.not.stage',
    'INVALID filter.not.createdFrom',
  ]);
  expect(await filter({ createdFrom: '2026-02-30' })).toEqual(['INVALID filter.createdFrom']);
  expect(await filter({ name: 'x'.repeat(201) })).toEqual(['TOO_LONG filter.name']);
  expect(await filter({ tag: Array.from({ length: 1_100 }, () => '长标签'.repeat(3)) })).toEqual(['TOO_LONG filter']);
  const nested = (depth: number): object => (depth === 0 ? { name: '一' } : { not: nested(depth - 1) });
  expect(await filter(nested(9))).toEqual([`INVALID filter${'.not'.repeat(9)}`]);
  expect(
    await refused({ orderBy: '[{"field":"NAME","direction":"UP"},{"direction":"ASC"},{"field":"PHONE"}]' }),
  ).toEqual(['INVALID orderBy.0.direction', 'INVALID orderBy.1.field', 'INVALID orderBy.2.field']);
  expect(await refused({ orderBy: JSON.stringify(Array.from({ length: 11 }, () => ({ field: 'NAME' }))) })).toEqual([
    'OUT_OF_RANGE orderBy',
  ]);
  expect(await refused({ columns: ['name', 'nosuch', 'contacts', 'viewerCanUpdate'] })).toEqual([
    'INVALID columns.1',
    'INVALID columns.2',
    'INVALID columns.3',
  ]);
  expect(await refused({ columns: Array.from({ length: 51 }, () => 'name') })).toEqual(['OUT_OF_RANGE columns']);
  expect(await refused({ name: '长'.repeat(101) })).toEqual(['TOO_LONG name']);
  expect(await refused({ name: ' ' })).toEqual(['REQUIRED name']);
  expect(await t.sales.graph.userErrors(create, { input: {} })).toEqual(['REQUIRED kind', 'REQUIRED name']);
  // one was saved above, with a filter that is null
  expect((await written(t)).audit).toBe(before.audit + 1);
  const { body } = await t.sales.graph.raw(
    create,
    { input: { kind: 'CUSTOMER', name: '坏', filter: '{"x":1}' } },
    { 'accept-language': 'zh' },
  );
  expect(body.data.savedViewCreate.userErrors).toEqual([
    { code: 'INVALID', field: ['input', 'filter', 'x'], message: expect.stringContaining('指定的字段不存在') },
  ]);
});

test('a filter is kept in one form: a list where one is meant, no nulls, days of instants, texts as they are', async () => {
  const t = await tenantIn('Asia/Shanghai');
  const saved = await view(t.admin, {
    columns: ['name', 'phone', 'owner', 'credit', 'name'],
    filter:
      '{ "createdUntil": "2026-03-01T20:00:00Z", "status": "ACTIVE", "name": null, "search": "TODAY \\t 张", "createdFrom": " start_of_month-1 " }',
    orderBy: '{"field": "NAME"}',
  });
  expect(JSON.parse(saved.filter)).toEqual({
    search: 'TODAY \t 张',
    status: ['ACTIVE'],
    createdFrom: 'START_OF_MONTH-1',
    createdUntil: '2026-03-02',
  });
  expect(JSON.parse(saved.resolvedFilter)).toEqual({
    ...JSON.parse(saved.filter),
    createdFrom: expect.stringMatching(/^\d{4}-\d{2}-01$/),
  });
  expect(JSON.parse(saved.orderBy)).toEqual([{ field: 'NAME', direction: 'ASC' }]);
  expect(saved.columns).toEqual(['name', 'phone', 'owner', 'credit']);
  const changed = (await t.admin.graph(update, { id: saved.id, input: { orderBy: null, filter: null } }))
    .savedViewUpdate;
  expect(changed.userErrors).toEqual([]);
  expect(changed.savedView).toMatchObject({
    version: 2,
    filter: '{}',
    resolvedFilter: '{}',
    orderBy: null,
    resolvedOrderBy: null,
    columns: saved.columns,
    outdated: [],
  });
});

test('a view says what of it the schema does not have any more, and the rest can still be used', async () => {
  const t = await tenant();
  const saved = await view(t.sales, {
    filter: '{"status":["ACTIVE"],"createdFrom":"TODAY-7"}',
    orderBy: '[{"field":"NAME"}]',
    columns: ['name', 'phone'],
  });
  // as a release would have left it whose schema had other names
  await t.sql(
    `update saved_view set uses = (select array_agg(replace(replace(u, 'CustomerStatus.ACTIVE', 'CustomerStatus.FORMER'), 'Customer.phone', 'Customer.fax')) from unnest(uses) u) where id = $1`,
    [saved.id],
  );
  expect(await read(t.sales, saved.id)).toMatchObject({
    filter: expect.stringContaining('TODAY-7'),
    resolvedFilter: null,
    resolvedOrderBy: '[{"field":"NAME","direction":"ASC"}]',
    outdated: ['filter.status.ACTIVE', 'columns.phone'],
  });
  await t.sales.graph(update, { id: saved.id, input: { filter: '{"createdFrom":"TODAY-7"}' } });
  expect((await read(t.sales, saved.id)).outdated).toEqual(['columns.phone']);
  await t.sales.graph(update, { id: saved.id, input: { columns: ['name'] } });
  expect((await read(t.sales, saved.id)).outdated).toEqual([]);
});
