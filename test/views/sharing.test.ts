import { department } from '../departments/support.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';
import { create, read, remove, seen, setDefault, setRoleDefault, update, view } from './support.js';

// Who sees and changes saved views, and who opens a list with which of them.

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
