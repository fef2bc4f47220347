import { activity, contact, customer, opportunity, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const create =
  'mutation ($input: ActivityInput!) { activityCreate(input: $input) { activity { id } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: ActivityInput!, $version: Int) { activityUpdate(id: $id, input: $input, version: $version) { activity { version status durationMinutes outcome } userErrors { code field } } }';
const complete =
  'mutation ($id: ID!, $outcome: String) { activityComplete(id: $id, outcome: $outcome) { activity { status outcome version } userErrors { code field } } }';
const cancel =
  'mutation ($id: ID!) { activityCancel(id: $id, reason: "客户出差") { activity { status version } userErrors { code field } } }';
const remove = 'mutation ($id: ID!) { activityDelete(id: $id) { deletedId userErrors { code field } } }';
const lastContact = async (
  { admin }: { admin: { graph: (query: string, variables: object) => Promise<Data> } },
  id: string,
): Promise<string | null> =>
  (await admin.graph('query ($id: ID!) { customer(id: $id) { lastContactAt } }', { id })).customer.lastContactAt;

test("an activity is the caller's and planned unless told, and takes its customer from the opportunity", async () => {
  const t = await tenant();
  const { id: customerId } = await customer(t.sales, { name: '甲' });
  const { id: sale } = await opportunity(t.sales, { name: '商机', customer: customerId });
  const { id } = await activity(t.sales, {
    subject: ' 拜访 ',
    opportunity: sale,
    startsAt: '2030-01-01T10:00:00+08:00',
    endsAt: '2030-01-01T11:30:00+08:00',
    kindLabel: '上门',
  });
  expect(
    await t.sales.graph(
      'query ($id: ID!) { activity(id: $id) { kind kindLabel status subject customer { id } opportunity { id } staff { login } createdBy { login } startsAt durationMinutes importance priority completedAt } customer: customer(id: "' +
        customerId +
        '") { activities { totalCount } } }',
      { id },
    ),
  ).toEqual({
    activity: {
      kind: 'CALL',
      kindLabel: '上门',
      status: 'PLANNED',
      subject: '拜访',
      customer: { id: customerId },
      opportunity: { id: sale },
      staff: { login: 'sales' },
      createdBy: { login: 'sales' },
      startsAt: '2030-01-01T02:00:00.000Z',
      durationMinutes: 90,
      importance: 'MEDIUM',
      priority: 'MEDIUM',
      completedAt: null,
    },
    customer: { activities: { totalCount: 1 } },
  });
});

test.each<[string, object, string[]]>([
  ['neither subject nor content', {}, ['REQUIRED subject']],
  [
    'an end before its start',
    { subject: 'x', startsAt: '2026-01-01T10:00:00Z', endsAt: '2026-01-01T09:00:00Z' },
    ['DATES_REVERSED endsAt'],
  ],
  [
    'an unknown customer',
    { subject: 'x', customer: '01900000-0000-7000-8000-000000000000' },
    ['UNKNOWN_REFERENCE customer'],
  ],
  ['an unknown opportunity', { subject: 'x', opportunity: '7' }, ['UNKNOWN_REFERENCE opportunity']],
  ['a long subject', { subject: 'x'.repeat(201) }, ['TOO_LONG subject']],
  ['a negative duration', { subject: 'x', durationMinutes: -1 }, ['OUT_OF_RANGE durationMinutes']],
])('%s is refused and nothing is written', async (_what, input, errors) => {
  const t = await tenant();
  await customer(t.admin, { name: '甲' });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(create, { input })).toEqual(errors);
  expect([await written(t), await t.sql('select id from activity')]).toEqual([before, []]);
});

test('an opportunity of another customer is refused', async () => {
  const t = await tenant();
  const { id: one } = await customer(t.admin, { name: '甲' });
  const { id: other } = await customer(t.admin, { name: '乙' });
  const { id: sale } = await opportunity(t.admin, { name: '商机', customer: other });
  expect(await t.admin.graph.userErrors(create, { input: { subject: 'x', customer: one, opportunity: sale } })).toEqual(
    ['INVALID opportunity'],
  );
  expect(await t.sql('select id from activity')).toEqual([]);
});

describe('what has taken place', () => {
  test('raises the last contact of customer and person, and never lowers it', async () => {
    const t = await tenant();
    const { id: customerId } = await customer(t.admin, { name: '甲' });
    const { id: person } = await contact(t.admin, { name: '张三', customer: customerId });
    await activity(t.admin, {
      content: '电话',
      customer: customerId,
      contact: person,
      status: 'COMPLETED',
      startsAt: '2026-03-01T00:00:00Z',
    });
    expect(await lastContact(t, customerId)).toBe('2026-03-01T00:00:00.000Z');
    await activity(t.admin, {
      content: '更早',
      customer: customerId,
      contact: person,
      status: 'COMPLETED',
      startsAt: '2026-02-01T00:00:00Z',
    });
    const { id } = await activity(t.admin, { subject: '会议', customer: customerId, startsAt: '2026-04-01T00:00:00Z' });
    expect(await lastContact(t, customerId)).toBe('2026-03-01T00:00:00.000Z');
    expect((await t.admin.graph(complete, { id, outcome: '同意' })).activityComplete).toEqual({
      activity: { status: 'COMPLETED', outcome: '同意', version: 2 },
      userErrors: [],
    });
    expect(await lastContact(t, customerId)).toBe('2026-04-01T00:00:00.000Z');
    expect(
      (await t.admin.graph('query ($id: ID!) { contact(id: $id) { lastContactAt } }', { id: person })).contact
        .lastContactAt,
    ).toBe('2026-03-01T00:00:00.000Z');
    expect((await t.sql('select version from customer'))[0]).toEqual({ version: 1 });
  });

  test('before its planned start counts as contact now, not in the future', async () => {
    const t = await tenant();
    const { id: customerId } = await customer(t.admin, { name: '甲' });
    await activity(t.admin, {
      subject: '提前',
      customer: customerId,
      status: 'COMPLETED',
      startsAt: '2090-01-01T00:00:00Z',
    });
    expect(Date.parse((await lastContact(t, customerId))!)).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  test('is completed once by ten at the same moment', async () => {
    const t = await tenant();
    const { id } = await activity(t.admin, { subject: '会议' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => t.admin.graph(complete, { id })));
    expect(answers.map(({ activityComplete }) => activityComplete)).toEqual(
      Array.from({ length: 10 }, () => ({
        activity: { status: 'COMPLETED', outcome: null, version: 2 },
        userErrors: [],
      })),
    );
    expect(await t.sql("select type from outbox where type like 'crm.activity.%' order by seq")).toEqual([
      { type: 'crm.activity.created' },
      { type: 'crm.activity.completed' },
    ]);
  });

  test('cannot be called off or planned again', async () => {
    const t = await tenant();
    const { id } = await activity(t.admin, { subject: '会议', status: 'COMPLETED' });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(cancel, { id })).toEqual(['TRANSITION_NOT_ALLOWED status']);
    expect(await t.admin.graph.userErrors(update, { id, input: { status: 'PLANNED', outcome: 'x' } })).toEqual([
      'TRANSITION_NOT_ALLOWED status',
    ]);
    expect([await written(t), await t.sql('select outcome, version from activity')]).toEqual([
      before,
      [{ outcome: null, version: 1 }],
    ]);
  });
});

test('an update moves, changes and measures in one mutation, and is refused on an old version', async () => {
  const t = await tenant();
  const { id } = await activity(t.admin, { subject: '会议', startsAt: '2026-01-01T10:00:00Z' });
  expect(
    (
      await t.admin.graph(update, {
        id,
        input: { status: 'COMPLETED', outcome: '好', endsAt: '2026-01-01T10:20:00Z' },
        version: 1,
      })
    ).activityUpdate,
  ).toEqual({ activity: { version: 2, status: 'COMPLETED', durationMinutes: 20, outcome: '好' }, userErrors: [] });
  expect(await t.admin.graph.userErrors(update, { id, input: { outcome: '坏' }, version: 1 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  expect(await t.sql('select outcome from activity')).toEqual([{ outcome: '好' }]);
});

test('a cancelled activity can be planned again; a deleted one is gone', async () => {
  const t = await tenant();
  const { id } = await activity(t.admin, { subject: '会议' });
  expect((await t.admin.graph(cancel, { id })).activityCancel).toEqual({
    activity: { status: 'CANCELLED', version: 2 },
    userErrors: [],
  });
  expect(
    (await t.sql("select act, reason from audit_entry where record_type = 'Activity' order by number desc limit 1"))[0],
  ).toEqual({ act: 'activity.cancel', reason: '客户出差' });
  expect((await t.admin.graph(update, { id, input: { status: 'PLANNED' } })).activityUpdate.activity.status).toBe(
    'PLANNED',
  );
  expect((await t.admin.graph(remove, { id })).activityDelete).toEqual({ deletedId: id, userErrors: [] });
  expect(await t.admin.graph('{ activities { totalCount } }')).toEqual({ activities: { totalCount: 0 } });
  expect(await t.admin.graph.userErrors(complete, { id })).toEqual(['NOT_FOUND id']);
});

test('lists are filtered by kind, state, day in the zone of the tenant, opportunity and text', async () => {
  const t = await tenant();
  const { id: customerId, number } = await customer(t.admin, { name: '甲' });
  const { id: sale } = await opportunity(t.admin, { name: '商机', customer: customerId });
  // 16:30 UTC is already the next day in Shanghai
  await activity(t.admin, {
    subject: 'a',
    kind: 'MEETING',
    customer: customerId,
    startsAt: '2026-03-01T16:30:00Z',
    status: 'COMPLETED',
  });
  await activity(t.admin, {
    subject: 'b',
    kind: 'CALL',
    opportunity: sale,
    startsAt: '2026-03-01T15:30:00Z',
    content: '报价 100%',
  });
  await activity(t.admin, { subject: 'c', kind: 'NOTE' });
  const found = async (filter: object): Promise<string[]> =>
    (
      await t.admin.graph(
        'query ($filter: ActivityFilter) { activities(filter: $filter, orderBy: { field: SUBJECT }) { nodes { subject } } }',
        { filter },
      )
    ).activities.nodes.map(({ subject }: Data) => subject);
  expect(await found({ kind: ['MEETING', 'NOTE'] })).toEqual(['a', 'c']);
  expect(await found({ status: ['COMPLETED'] })).toEqual(['a']);
  expect(await found({ startsFrom: '2026-03-02', startsUntil: '2026-03-02' })).toEqual(['a']);
  expect(await found({ startsUntil: '2026-03-01' })).toEqual(['b']);
  expect(await found({ customer: String(number) })).toEqual(['a', 'b']);
  // null says nothing; what is empty is asked for as such
  expect(await found({ customer: null })).toEqual(['a', 'b', 'c']);
  expect(await found({ isEmpty: ['CUSTOMER'] })).toEqual(['c']);
  expect(await found({ opportunity: sale })).toEqual(['b']);
  expect(await found({ search: '100%' })).toEqual(['b']);
});

describe('of who sees it', () => {
  test('sales see and change activities of customers they may see and their own, others are as if there were none', async () => {
    const t = await tenant();
    const { id: mine } = await customer(t.sales, { name: '我的' });
    const { id: theirs } = await customer(t.sales2, { name: '别人的' });
    const { id: seen } = await activity(t.admin, { subject: '我的客户', customer: mine });
    const { id: hidden } = await activity(t.admin, { subject: '别人的客户', customer: theirs });
    const { id: own } = await activity(t.admin, { subject: '我去', customer: theirs, staff: await t.sales.id() });
    expect(
      (await t.sales.graph('{ activities(orderBy: { field: NUMBER }) { nodes { id customer { id } } } }')).activities
        .nodes,
    ).toEqual([
      { id: seen, customer: { id: mine } },
      { id: own, customer: null },
    ]);
    const before = await written(t);
    expect(await t.sales.graph.userErrors(complete, { id: hidden })).toEqual(['NOT_FOUND id']);
    expect(await t.sales.graph.userErrors(create, { input: { subject: 'x', customer: theirs } })).toEqual([
      'UNKNOWN_REFERENCE customer',
    ]);
    expect(await t.viewer.graph.refused(complete, { id: seen })).toEqual(['FORBIDDEN']);
    expect(await t.outsider.graph.userErrors(complete, { id: seen })).toEqual(['NOT_FOUND id']);
    expect(await written(t)).toEqual(before);
    expect(
      await t.outsider.graph('query ($id: ID!) { activity(id: $id) { id } node(id: $id) { id } }', { id: seen }),
    ).toEqual({ activity: null, node: null });
  });
});
