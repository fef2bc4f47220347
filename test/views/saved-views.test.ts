import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
} from 'graphql';
import { relativeDay, resolvedJson, storedJson } from '../../src/read/relative-day.js';
import { department } from '../departments/support.js';
import { customer, written } from '../support/records.js';
import { schema } from '../support/mutations.js';
import { tenant, type Data } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';
import { create, read, remove, seen, setDefault, setRoleDefault, update, view } from './support.js';

// Lists of the graph saved under a name: what is checked when they are saved, what they are when they are opened, and who sees them.

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

/** The day that many units from a day of the calendar, counted by hand. */
const at = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

test.each(['Pacific/Kiritimati', 'Pacific/Niue'])(
  'relative days are those of the clocks of the tenant: %s',
  async (zone) => {
    const t = await tenantIn(zone);
    const local = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
    const forms = [
      'TODAY',
      'TODAY+30',
      'TODAY-1W',
      'TODAY-1M',
      'TODAY+1Q',
      'TODAY-1Y',
      'START_OF_WEEK',
      'END_OF_WEEK+1',
      'START_OF_MONTH',
      'END_OF_MONTH',
      'END_OF_MONTH+1',
      'START_OF_QUARTER-1',
      'END_OF_QUARTER',
      'START_OF_YEAR',
      'END_OF_YEAR-1',
    ];
    for (let attempt = 0; ; attempt += 1) {
      const today = local();
      const [year, month, day] = today.split('-').map(Number) as [number, number, number];
      const monthOf = (offset: number): string => {
        const last = new Date(Date.UTC(year, month - 1 + offset + 1, 0)).getUTCDate();
        return at(year, month - 1 + offset, Math.min(day, last));
      };
      const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
      const quarter = Math.floor((month - 1) / 3) * 3;
      const expected = [
        today,
        at(year, month - 1, day + 30),
        at(year, month - 1, day - 7),
        monthOf(-1),
        monthOf(3),
        monthOf(-12),
        at(year, month - 1, day - weekday),
        at(year, month - 1, day - weekday + 13),
        at(year, month - 1, 1),
        at(year, month, 0),
        at(year, month + 1, 0),
        at(year, quarter - 3, 1),
        at(year, quarter + 3, 0),
        at(year, 0, 1),
        at(year - 1, 11, 31),
      ];
      const parts = [forms.slice(0, 8), forms.slice(8)];
      const found: string[] = [];
      for (const part of parts) {
        const nested = part.reduceRight<object>((inner, form) => ({ not: inner, createdFrom: form }), {});
        const saved = await view(t.admin, { filter: JSON.stringify(nested) });
        for (let one = JSON.parse(saved.resolvedFilter); one?.createdFrom; one = one.not) found.push(one.createdFrom);
      }
      if (local() !== today && attempt < 2) continue;
      expect(Object.fromEntries(forms.map((form, index) => [form, found[index]]))).toEqual(
        Object.fromEntries(forms.map((form, index) => [form, expected[index]])),
      );
      return;
    }
  },
);

test('ME and MY_DEPARTMENT are whoever opens the view', async () => {
  const t = await tenant();
  const east = (await department(t.admin, '华东区')).id;
  const shanghai = (await department(t.admin, '上海组', { parent: east })).id;
  const north = (await department(t.admin, '华北区')).id;
  await Promise.all([t.manager, t.sales, t.sales2, t.viewer].map((by) => by.id()));
  const move = (login: string, to: string | null): Promise<Data> =>
    t.admin.graph(
      'mutation ($id: ID!, $to: ID) { userUpdate(id: $id, input: { department: $to }) { userErrors { code } } }',
      { id: login, to },
    );
  await move(await t.manager.id(), east);
  await move(await t.sales.id(), shanghai);
  await move(await t.sales2.id(), north);
  for (const [name, by] of [
    ['甲', t.sales],
    ['乙', t.sales2],
    ['丙', t.manager],
  ] as const)
    await customer(t.admin, { name, owner: await by.id() });
  const mine = await view(t.admin, { name: '我的', sharing: 'TENANT', filter: '{"owner":["ME"]}' });
  const ours = await view(t.admin, {
    name: '本部门',
    sharing: 'TENANT',
    filter: '{"ownerDepartment":["MY_DEPARTMENT"]}',
  });
  const both = await view(t.admin, {
    name: '两个',
    sharing: 'TENANT',
    filter: JSON.stringify({ ownerDepartment: ['MY_DEPARTMENT', north] }),
  });
  const open = async (by: typeof t.admin, { id }: Data): Promise<string[]> => {
    const { resolvedFilter } = await read(by, id);
    const { body, statements } = await by.graph.raw(
      'query ($filter: CustomerFilter) { customers(filter: $filter, orderBy: [{ field: NUMBER }]) { nodes { name } } }',
      { filter: JSON.parse(resolvedFilter) },
    );
    expect([body.errors, statements]).toEqual([undefined, 1]);
    return body.data.customers.nodes.map(({ name }: Data) => name);
  };
  expect(await open(t.manager, mine)).toEqual(['丙']);
  expect(await open(t.sales, mine)).toEqual(['甲']);
  expect(await open(t.viewer, mine)).toEqual([]);
  expect(await open(t.manager, ours)).toEqual(['甲', '丙']);
  // a view widens nobody's sight
  expect(await open(t.sales, ours)).toEqual(['甲']);
  expect(await open(t.viewer, ours)).toEqual([]);
  expect(await open(t.manager, both)).toEqual(['甲', '乙', '丙']);
  await move(await t.manager.id(), north);
  // the customers of a manager go along
  expect(await open(t.manager, ours)).toEqual(['乙', '丙']);
  // what a list refuses, it refuses of a view as well: the customer is somebody else's
  const [other] = (await t.admin.graph('{ customers(filter: {name: "乙"}) { nodes { id } } }')).customers.nodes;
  const about = await view(t.admin, {
    kind: 'OPPORTUNITY',
    sharing: 'TENANT',
    filter: JSON.stringify({ customer: [other.id] }),
  });
  const filter = JSON.parse((await read(t.sales, about.id)).resolvedFilter);
  const opportunities = 'query ($filter: OpportunityFilter) { opportunities(filter: $filter) { totalCount } }';
  expect(await t.sales.graph.refused(opportunities, { filter })).toEqual(['UNKNOWN_REFERENCE']);
  expect(await t.manager.graph(opportunities, { filter })).toEqual({ opportunities: { totalCount: 0 } });
});

test('a view is seen by its owner and by those with whom it is shared, and changed by whoever may', async () => {
  const t = await tenant();
  const east = (await department(t.admin, '华东区')).id;
  const shanghai = (await department(t.admin, '上海组', { parent: east })).id;
  const north = (await department(t.admin, '华北区')).id;
  const place = async (by: typeof t.admin, to: string | null): Promise<void> =>
    void (await t.admin.graph(
      'mutation ($id: ID!, $to: ID) { userUpdate(id: $id, input: { department: $to }) { userErrors { code } } }',
      { id: await by.id(), to },
    ));
  await Promise.all([t.sales, t.sales2, t.viewer, t.manager, t.outsider].map((by) => by.id()));
  await place(t.sales, east);
  await place(t.sales2, shanghai);
  const own = await view(t.sales, { name: '自己' });
  const shared = await view(t.sales, { name: '共享', sharing: 'DEPARTMENT', department: east });
  const all = await view(t.admin, { name: '全部', sharing: 'TENANT' });
  expect(await seen(t.sales)).toEqual(['共享', '全部', '自己']);
  expect(await seen(t.sales2)).toEqual(['共享', '全部']);
  for (const by of [t.viewer, t.manager]) expect(await seen(by)).toEqual(['全部']);
  expect(await seen(t.admin)).toEqual(['共享', '全部']);
  expect(await seen(t.outsider)).toEqual([]);
  expect(await seen(t.sales, { mine: true, sharing: ['PRIVATE'] })).toEqual(['自己']);
  for (const by of [t.manager, t.admin, t.outsider]) {
    const { node } = await by.graph('query ($id: ID!) { node(id: $id) { id } }', { id: own.id });
    expect(node).toBeNull();
    expect(await by.graph.userErrors(update, { id: own.id, input: { name: '抢' } })).toEqual(['NOT_FOUND id']);
  }
  // events say nothing of it to others, whatever they see of everything else
  const types = async (by: typeof t.admin): Promise<string[]> =>
    (await by.graph('{ changes(first: 500) { events { type recordId } } }')).changes.events
      .filter(({ type }: Data) => type.startsWith('crm.savedView'))
      .map(({ recordId }: Data) => recordId);
  expect(await types(t.sales)).toEqual([own.id, shared.id, all.id]);
  expect(await types(t.manager)).toEqual([all.id]);
  expect(await types(t.admin)).toEqual([shared.id, all.id]);
  // who may change what
  const can = async (by: typeof t.admin, { id }: Data): Promise<[boolean, boolean]> => {
    const { savedView } = await by.graph(
      'query ($id: ID!) { savedView(id: $id) { viewerCanUpdate { allowed } viewerCanDelete { allowed } } }',
      { id },
    );
    return [savedView.viewerCanUpdate.allowed, savedView.viewerCanDelete.allowed];
  };
  expect([await can(t.sales, own), await can(t.sales, shared), await can(t.sales, all)]).toEqual([
    [true, true],
    [true, true],
    [false, false],
  ]);
  expect([
    await can(t.sales2, shared),
    await can(t.admin, shared),
    await can(t.viewer, all),
    await can(t.manager, all),
  ]).toEqual([
    [false, false],
    [true, true],
    [false, false],
    [false, false],
  ]);
  const before = await written(t);
  for (const by of [t.sales2, t.viewer])
    expect(await by.graph.codes(update, { id: by === t.viewer ? all.id : shared.id, input: { name: '改' } })).toEqual([
      'FORBIDDEN',
    ]);
  expect(await t.sales.graph.codes(remove, { id: all.id })).toEqual(['FORBIDDEN']);
  // with whom somebody may share
  const share = (by: typeof t.admin, input: object): Promise<string[]> =>
    by.graph.codes(create, { input: { kind: 'LEAD', name: '线索', ...input } });
  expect(await share(t.manager, { sharing: 'TENANT' })).toEqual(['FORBIDDEN']);
  expect(await share(t.sales, { sharing: 'DEPARTMENT', department: north })).toEqual(['FORBIDDEN']);
  expect(await share(t.sales2, { sharing: 'DEPARTMENT', department: east })).toEqual(['FORBIDDEN']);
  expect(await share(t.sales, { sharing: 'DEPARTMENT' })).toEqual(['REQUIRED']);
  expect(await share(t.sales, { department: east })).toEqual(['INVALID']);
  expect(await share(t.sales, { sharing: 'DEPARTMENT', department: own.id })).toEqual(['UNKNOWN_REFERENCE']);
  expect(await written(t)).toEqual(before);
  expect(await share(t.sales, { sharing: 'DEPARTMENT', department: shanghai })).toEqual([]);
  // a department that moves, and a user who does, see what they see then
  const viewer = await view(t.viewer, { name: '只读的' });
  expect(viewer.owner.login).toBe('viewer');
  await t.admin.graph(
    'mutation ($id: ID!, $parent: ID) { departmentMove(id: $id, parent: $parent) { userErrors { code } } }',
    { id: shanghai, parent: north },
  );
  expect(await seen(t.sales2, { kind: ['CUSTOMER'] })).toEqual(['全部']);
  await place(t.sales2, east);
  expect(await seen(t.sales2, { kind: ['CUSTOMER'] })).toEqual(['共享', '全部']);
  // no longer shared, no longer seen
  expect((await t.sales.graph(update, { id: shared.id, input: { sharing: 'PRIVATE' } })).savedViewUpdate).toMatchObject(
    {
      savedView: { sharing: 'PRIVATE', department: null },
      userErrors: [],
    },
  );
  expect(await seen(t.sales2, { kind: ['CUSTOMER'] })).toEqual(['全部']);
});

test('the own default goes before that of the role, and both only while the view is there', async () => {
  const t = await tenant();
  await Promise.all([t.sales, t.sales2, t.manager].map((by) => by.id()));
  const all = await view(t.admin, { name: '全部', sharing: 'TENANT' });
  const other = await view(t.admin, { name: '别的', sharing: 'TENANT' });
  const own = await view(t.sales, { name: '自己' });
  const leads = await view(t.sales, { name: '线索', kind: 'LEAD' });
  const defaults = (by: typeof t.admin): Promise<string[]> => seen(by, { isDefault: true });
  expect(await defaults(t.sales)).toEqual([]);
  const before = await written(t);
  for (const by of [t.sales, t.manager])
    expect(await by.graph.codes(setRoleDefault, { role: 'SALES', kind: 'CUSTOMER', view: all.id })).toEqual([
      'FORBIDDEN',
    ]);
  expect(await t.admin.graph.userErrors(setRoleDefault, { role: 'SALES', kind: 'LEAD', view: all.id })).toEqual([
    'INVALID view',
  ]);
  expect(await t.admin.graph.userErrors(setRoleDefault, { role: 'SALES', kind: 'CUSTOMER', view: own.id })).toEqual([
    'NOT_FOUND view',
  ]);
  expect(await t.sales.graph.userErrors(setDefault, { kind: 'CUSTOMER', view: leads.id })).toEqual(['INVALID view']);
  expect(await t.sales2.graph.userErrors(setDefault, { kind: 'CUSTOMER', view: own.id })).toEqual(['NOT_FOUND view']);
  const unshared = await view(t.admin, { name: '管理员自己' });
  expect(
    await t.admin.graph.userErrors(setRoleDefault, { role: 'SALES', kind: 'CUSTOMER', view: unshared.id }),
  ).toEqual(['INVALID view']);
  expect((await written(t)).audit).toBe(before.audit + 1);
  const ofRole = async (role: string, id: string | null): Promise<Data> =>
    (await t.admin.graph(setRoleDefault, { role, kind: 'CUSTOMER', view: id })).savedViewSetRoleDefault;
  const ofMine = async (by: typeof t.admin, id: string | null): Promise<Data> =>
    (await by.graph(setDefault, { kind: 'CUSTOMER', view: id })).savedViewSetDefault;
  expect(await ofRole('SALES', all.id)).toEqual({ savedView: { name: '全部', defaultFor: ['SALES'] }, userErrors: [] });
  expect([await defaults(t.sales), await defaults(t.sales2), await defaults(t.manager)]).toEqual([
    ['全部'],
    ['全部'],
    [],
  ]);
  expect(await ofMine(t.sales, own.id)).toEqual({ savedView: { name: '自己' }, userErrors: [] });
  expect([await defaults(t.sales), await defaults(t.sales2)]).toEqual([['自己'], ['全部']]);
  expect(await ofMine(t.sales, other.id)).toEqual({ savedView: { name: '别的' }, userErrors: [] });
  expect(await defaults(t.sales)).toEqual(['别的']);
  // one statement for the list with all of it
  const { statements, body } = await t.sales.graph.raw(
    '{ savedViews(filter: {kind: [CUSTOMER]}) { nodes { name isDefault resolvedFilter resolvedOrderBy outdated columns owner { name } viewerCanUpdate { allowed } } } }',
  );
  expect([body.errors, statements]).toEqual([undefined, 1]);
  expect(body.data.savedViews.nodes.map(({ name, isDefault }: Data) => [name, isDefault])).toEqual([
    ['别的', true],
    ['全部', false],
    ['自己', false],
  ]);
  // the role's default is given to another view
  expect(await ofRole('SALES', other.id)).toEqual({
    savedView: { name: '别的', defaultFor: ['SALES'] },
    userErrors: [],
  });
  expect((await read(t.admin, all.id)).defaultFor).toEqual([]);
  await ofRole('SALES', all.id);
  // what is shared no more is nobody's default, and what is chosen falls back
  await t.admin.graph(update, { id: other.id, input: { sharing: 'PRIVATE' } });
  expect(await defaults(t.sales)).toEqual(['全部']);
  await ofMine(t.sales, own.id);
  expect((await t.sales.graph(remove, { id: own.id })).savedViewDelete.deletedId).toBe(own.id);
  expect(await defaults(t.sales)).toEqual(['全部']);
  expect(await ofMine(t.sales, null)).toEqual({ savedView: null, userErrors: [] });
  await t.admin.graph(update, { id: all.id, input: { sharing: 'PRIVATE' } });
  expect((await read(t.admin, all.id)).defaultFor).toEqual([]);
  expect(await defaults(t.sales2)).toEqual([]);
});

test('a version that is past is refused, there are at most so many, and a successor gets what is shared', async () => {
  const t = await tenant();
  const team = (await department(t.admin, '销售部')).id;
  await t.sales2.id();
  await t.admin.graph(
    'mutation ($id: ID!, $to: ID) { userUpdate(id: $id, input: { department: $to }) { userErrors { code } } }',
    { id: await t.sales.id(), to: team },
  );
  const shared = await view(t.sales, { name: '共享', sharing: 'DEPARTMENT', department: team });
  const own = await view(t.sales, { name: '自己', filter: '{"status":"ACTIVE"}' });
  await t.sales.graph(update, { id: own.id, version: 1, input: { name: '改了' } });
  expect(await t.sales.graph.codes(update, { id: own.id, version: 1, input: { name: '又改' } })).toEqual([
    'VERSION_CONFLICT',
  ]);
  expect(await t.sales.graph.codes(remove, { id: own.id, version: 1 })).toEqual(['VERSION_CONFLICT']);
  expect(await read(t.sales, own.id)).toMatchObject({ name: '改了', version: 2, filter: '{"status":["ACTIVE"]}' });
  expect(await t.sales.graph.userErrors(update, { id: own.id, input: { kind: 'LEAD' } })).toEqual(['INVALID kind']);
  const { userHandOver } = await t.admin.graph(
    'mutation ($id: ID!, $input: HandOverInput!) { userHandOver(id: $id, input: $input) { counts { kind count } userErrors { code field } } }',
    { id: await t.sales.id(), input: { to: { owner: await t.sales2.id() }, kinds: ['SAVED_VIEW'] } },
  );
  expect(userHandOver).toEqual({ counts: [{ kind: 'SAVED_VIEW', count: 1 }], userErrors: [] });
  expect((await read(t.sales2, shared.id)).owner.login).toBe('sales2');
  expect((await read(t.sales, own.id)).owner.login).toBe('sales');
  expect(await seen(t.sales2)).toEqual(['共享']);
  const [{ n }] = (await t.sql("select count(*)::int as n from saved_view where name = '共享'")) as [Data];
  expect(n).toBe(1);
  // most of them are put there, since they would take long
  await t.sql(
    "insert into saved_view (tenant_id, id, kind, name, owner_id, columns, default_for, uses) select tenant_id, gen_random_uuid(), 'LEAD', 'x' || i, owner_id, '{}', '{}', '{}' from saved_view, generate_series(1, 198) i where name = '改了'",
  );
  await view(t.sales, { name: '第二百个' });
  expect(await t.sales.graph.userErrors(create, { input: { kind: 'LEAD', name: '多了' } })).toEqual([
    'SAVED_VIEW_LIMIT',
  ]);
  await view(t.sales2, { name: '别人的' });
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

test('relative days at the ends of months, quarters and years', async () => {
  const t = await tenant();
  await t.admin.id();
  const days: Array<[today: string, form: string, day: string]> = [
    ['2026-01-31', 'TODAY+1M', '2026-02-28'],
    ['2024-01-31', 'TODAY+1M', '2024-02-29'],
    ['2026-03-31', 'TODAY-1M', '2026-02-28'],
    ['2024-02-29', 'TODAY+1Y', '2025-02-28'],
    ['2026-05-31', 'TODAY+1Q', '2026-08-31'],
    ['2026-11-30', 'TODAY+1Q', '2027-02-28'],
    ['2026-12-31', 'TODAY+1', '2027-01-01'],
    ['2026-01-31', 'END_OF_MONTH', '2026-01-31'],
    ['2026-01-31', 'END_OF_MONTH+1', '2026-02-28'],
    ['2026-01-31', 'END_OF_MONTH-2', '2025-11-30'],
    ['2026-01-31', 'START_OF_MONTH+1', '2026-02-01'],
    ['2026-12-31', 'START_OF_QUARTER', '2026-10-01'],
    ['2026-12-31', 'END_OF_QUARTER+1', '2027-03-31'],
    ['2026-01-01', 'START_OF_YEAR-1', '2025-01-01'],
    ['2028-02-29', 'END_OF_YEAR', '2028-12-31'],
    // 2026-11-30 is a Monday
    ['2026-11-30', 'START_OF_WEEK', '2026-11-30'],
    ['2026-11-29', 'START_OF_WEEK', '2026-11-23'],
    ['2026-11-29', 'END_OF_WEEK', '2026-11-29'],
    ['2026-12-31', 'END_OF_WEEK+1', '2027-01-10'],
    ['2026-12-31', 'TODAY-2W', '2026-12-17'],
  ];
  const found = await t.sql<{ day: string }>(
    `select ${resolvedJson('x.stored', 'x.today')} as day from unnest($1::text[], $2::date[]) with ordinality x(stored, today, place) order by x.place`,
    [days.map(([, form]) => storedJson({ d: relativeDay(form) })), days.map(([today]) => today)],
  );
  expect(found.map(({ day }, index) => [...days[index]!.slice(0, 2), JSON.parse(day).d])).toEqual(days);
});

test('what is nearly a relative day is none, and one form is kept of each', () => {
  const texts = [
    'today',
    ' TODAY+0 ',
    'TODAY+07D',
    'TODAY-3m',
    'end_of_week+01',
    'START_OF_YEAR-0',
    'TODAY+36500',
    'TODAY-100Y',
  ];
  expect(texts.map((text) => relativeDay(text)?.text)).toEqual([
    'TODAY',
    'TODAY',
    'TODAY+7',
    'TODAY-3M',
    'END_OF_WEEK+1',
    'START_OF_YEAR',
    'TODAY+36500',
    'TODAY-100Y',
  ]);
  const none = [
    '',
    'TODAY+',
    'TODAYD',
    'TODAY 1',
    'TODAY+1X',
    'START_OF_DAY',
    'START_OF_MONTH+1M',
    'TODAY+36501',
    'TODAY-101Y',
    'END_OF_YEAR+101',
    'TODAY+1.5',
    'TODAY--1',
    '今天',
  ];
  expect(none.filter((text) => relativeDay(text))).toEqual([]);
});
