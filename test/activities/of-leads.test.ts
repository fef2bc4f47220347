import { pool, give } from '../support/pools.js';
import { activity, contact, customer, lead, opportunity, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Activities with leads: who sees them, what they may be with beside the lead, and where they go with it.

const create =
  'mutation ($input: ActivityInput!) { activityCreate(input: $input) { activity { id } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: ActivityInput!) { activityUpdate(id: $id, input: $input) { userErrors { code field } } }';
const convert =
  'mutation ($id: ID!, $input: LeadConvertInput!) { leadConvert(id: $id, input: $input) { customer { id lastContactAt } contact { id lastContactAt } opportunity { id } userErrors { code field } } }';
const undo = 'mutation ($id: ID!) { leadUndoConversion(id: $id) { userErrors { code field } } }';

let t: TestTenant;
beforeEach(async () => {
  t = await tenant();
});

const done = async (mutation: string, variables: object, by: Actor = t.admin): Promise<void> =>
  expect(await by.graph.userErrors(mutation, variables)).toEqual([]);
const act = (what: string, id: string, by: Actor = t.admin): Promise<void> =>
  done(`mutation ($id: ID!) { ${what}(id: $id) { userErrors { code field } } }`, { id }, by);
const reach = (record: string, use: string, to: string): Promise<void> =>
  done(
    `mutation { roleReachChange(role: SALES, record: ${record}, use: ${use}, reach: ${to}) { userErrors { code } } }`,
    {},
  );
/** What an activity is with. */
const stored = async (id: string, by: Actor = t.admin): Promise<Data> =>
  (
    await by.graph(
      'query ($id: ID!) { activity(id: $id) { lead { id } customer { id } contact { id } opportunity { id } } }',
      { id },
    )
  ).activity;
const withLead = (leadId: string): Data => ({ lead: { id: leadId }, customer: null, contact: null, opportunity: null });

test('activities of a lead are a list of it, and lists are filtered by leads', async () => {
  const [{ id: one }, { id: other }] = [
    await lead(t.admin, { name: '甲线索' }),
    await lead(t.admin, { name: '乙线索' }),
  ];
  const { id: customerId } = await customer(t.admin, { name: '客户' });
  await activity(t.admin, { subject: '首次电话', lead: one, startsAt: '2026-03-01T01:00:00Z', status: 'COMPLETED' });
  await activity(t.admin, { subject: '上门', lead: one, startsAt: '2026-03-05T01:00:00Z' });
  await activity(t.admin, { subject: '别人的', lead: other });
  await activity(t.admin, { subject: '客户的', customer: customerId });
  const { status, body, statements } = await t.admin.graph.raw(
    `query ($one: ID!) { lead(id: $one) { activities(orderBy: [{ field: STARTS_AT, direction: DESC }]) { totalCount nodes { subject lead { name } customer { id } } } }
      both: activities(filter: { lead: [$one, "${other}"] }) { totalCount }
      activityGroups(by: [{ field: LEAD }]) { groups { count keys { label } } } }`,
    { one },
  );
  expect([status, statements]).toEqual([200, 1]);
  expect(body.data).toEqual({
    lead: {
      activities: {
        totalCount: 2,
        nodes: [
          { subject: '上门', lead: { name: '甲线索' }, customer: null },
          { subject: '首次电话', lead: { name: '甲线索' }, customer: null },
        ],
      },
    },
    both: { totalCount: 3 },
    activityGroups: {
      groups: expect.arrayContaining([
        { count: 2, keys: [{ label: '甲线索' }] },
        { count: 1, keys: [{ label: '乙线索' }] },
      ]),
    },
  });
  // by the integer number as well, as other references
  const { number } = (await t.admin.graph('query ($one: ID!) { lead(id: $one) { number } }', { one })).lead;
  await activity(t.admin, { subject: '第三次', lead: String(number) });
  expect(
    (await t.admin.graph(`{ activities(filter: { lead: ["${number}"] }) { totalCount } }`)).activities.totalCount,
  ).toBe(3);
});

describe('who sees and changes them', () => {
  /** Numbers of activities that somebody is shown, in every face that has them. */
  const shown = async (by: Actor, id: string, leadId: string): Promise<Data> => {
    const { body } = await by.graph.raw(
      'query ($id: ID!, $lead: ID!) { activity(id: $id) { subject } node(id: $id) { id } activities { totalCount nodes { subject } } search: activities(filter: { search: "密谈" }) { totalCount } activityGroups(by: [{ field: STATUS }]) { groups { count } } lead(id: $lead) { activities { totalCount } } changes(first: 100) { events { type recordId } } }',
      { id, lead: leadId },
    );
    const { activity: one, node, activities, search, activityGroups, lead: of, changes } = body.data;
    return {
      one: one?.subject ?? null,
      node: node !== null,
      list: [activities.totalCount, activities.nodes.length, search.totalCount],
      groups: activityGroups.groups.map(({ count }: Data) => count),
      lead: of && of.activities.totalCount,
      feed: changes.events.filter(({ recordId, type }: Data) => recordId === id && type.startsWith('crm.activity'))
        .length,
      erp: (await by.rest('erp').get('/activities')).body.data.total,
      cell: (await by.rest('cell').get('/follow-ups')).body.total,
    };
  };
  const all = { one: '密谈', node: true, list: [1, 1, 1], groups: [1], lead: 1, feed: 1, erp: 1, cell: 1 };
  const none = { one: null, node: false, list: [0, 0, 0], groups: [], lead: null, feed: 0, erp: 0, cell: 0 };

  test('whoever sees the lead, and whoever does it', async () => {
    const { id: leadId } = await lead(t.admin, { name: '线索', owner: await t.sales.id() });
    await t.sales2.id();
    const { id } = await activity(t.admin, { subject: '密谈', lead: leadId });
    for (const by of [t.admin, t.manager, t.viewer, t.sales]) expect(await shown(by, id, leadId)).toEqual(all);
    expect(await shown(t.sales2, id, leadId)).toEqual(none);
    expect(await t.sales2.graph.userErrors(create, { input: { subject: '我也来', lead: leadId } })).toEqual([
      'UNKNOWN_REFERENCE lead',
    ]);
    await done(update, { id, input: { staff: await t.sales2.id() } });
    expect(await shown(t.sales2, id, leadId)).toEqual({ ...all, lead: null, feed: 2 });
    expect(await stored(id, t.sales2)).toEqual({ ...withLead(leadId), lead: null });
    // what they do is theirs to change, without a word about the lead
    await done(update, { id, input: { subject: '密谈二' } }, t.sales2);
  });

  test.each([
    ['LEAD', 'all customers and no leads but their own', 'CUSTOMER'],
    ['CUSTOMER', 'all leads and no customers but their own', 'LEAD'],
  ])('%s: who reaches %s', async (own, _what, everything) => {
    for (const use of ['SEE', 'WRITE']) {
      await reach(own, use, 'OWN');
      await reach(everything, use, 'ALL');
    }
    const owner = await t.sales.id();
    await t.sales2.id();
    const { id: leadId } = await lead(t.admin, { name: '线索', owner });
    const { id: customerId } = await customer(t.admin, { name: '客户', owner });
    await activity(t.admin, { subject: '线索的', lead: leadId });
    await activity(t.admin, { subject: '客户的', customer: customerId });
    const seen = own === 'LEAD' ? '客户的' : '线索的';
    const { activities } = await t.sales2.graph(
      '{ activities { totalCount nodes { subject viewerCanUpdate { allowed } } } }',
    );
    expect(activities).toEqual({ totalCount: 1, nodes: [{ subject: seen, viewerCanUpdate: { allowed: true } }] });
  });

  test('members of the pool that it lies in see it and add nothing until they have picked it', async () => {
    const sales2 = await t.sales2.id();
    const { id: leadId } = await lead(t.admin, { name: '线索' });
    const { id } = await activity(t.admin, { subject: '密谈', lead: leadId, staff: null });
    const poolId = await pool(t, { kind: 'LEAD', name: '线索公海' }, [{ user: sales2 }]);
    expect(await give(t.admin, 'leadsReturn', [leadId], { pool: poolId })).toEqual([null]);
    expect(await shown(t.sales2, id, leadId)).toEqual(all);
    expect(await shown(t.sales, id, leadId)).toEqual(none);
    const before = await written(t);
    const add = (): Promise<string[]> => t.sales2.graph.codes(create, { input: { subject: '抢先', lead: leadId } });
    expect(await add()).toEqual(['FORBIDDEN']);
    expect(await written(t)).toEqual(before);
    expect(await give(t.sales2, 'leadsPick', [leadId])).toEqual([null]);
    expect(await add()).toEqual([]);
  });
});

test('what is planned with a lead is for whoever gets it', async () => {
  const [one, other] = [await t.sales.id(), await t.sales2.id()];
  const poolId = await pool(t, { kind: 'LEAD', name: '线索公海' }, [{ user: one }]);
  const { id: leadId } = await lead(t.admin, { name: '线索', owner: one });
  const { id: planned } = await activity(t.admin, { subject: '回访', lead: leadId, staff: one });
  const { id: past } = await activity(t.admin, { subject: '已谈', lead: leadId, staff: one, status: 'COMPLETED' });
  const doers = async (): Promise<string[]> => {
    const rows = await t.sql(
      'select u.login from activity a join user_account u on u.id = a.staff_id where a.id = any($1) order by a.number',
      [[planned, past]],
    );
    return rows.map(({ login }) => login as string);
  };
  expect(await give(t.admin, 'leadsAssign', [leadId], { input: { owner: other } })).toEqual([null]);
  expect(await doers()).toEqual(['sales2', 'sales']);
  expect(await give(t.admin, 'leadsTransfer', [leadId], { to: one })).toEqual([null]);
  expect(await doers()).toEqual(['sales', 'sales']);
  expect(await give(t.admin, 'leadsReturn', [leadId], { pool: poolId })).toEqual([null]);
  await done(update, { id: planned, input: { staff: one } });
  expect(await give(t.sales, 'leadsPick', [leadId])).toEqual([null]);
  expect(await doers()).toEqual(['sales', 'sales']);
  const { user } = await t.admin.graph(
    'query ($id: ID!) { user(id: $id) { handOverPreview(kinds: [ACTIVITY, LEAD]) { kind count } } }',
    { id: one },
  );
  expect(user.handOverPreview).toEqual([
    { kind: 'LEAD', count: 1 },
    { kind: 'ACTIVITY', count: 1 },
  ]);
});

test('what does not agree with the lead is refused, and nothing is written', async () => {
  const { id: leadId } = await lead(t.admin, { name: '线索' });
  const { id: ours } = await customer(t.admin, { name: '甲' });
  const { id: others } = await customer(t.admin, { name: '乙' });
  const { id: person } = await contact(t.admin, { name: '张三', customer: ours });
  const { id: sale } = await opportunity(t.admin, { name: '商机', customer: ours });
  const { id } = await activity(t.admin, { subject: '电话', lead: leadId });
  const { id: free } = await activity(t.admin, { subject: '电话', customer: ours });
  const nobody = '01900000-0000-7000-8000-000000000000';
  const before = await written(t);
  const state = await stored(id);
  const refusals: Array<[object, string]> = [
    [{ lead: nobody }, 'UNKNOWN_REFERENCE lead'],
    [{ lead: '999999999' }, 'UNKNOWN_REFERENCE lead'],
    [{ lead: leadId, customer: ours }, 'INVALID customer'],
    [{ lead: leadId, contact: person }, 'INVALID contact'],
    [{ lead: leadId, opportunity: sale }, 'INVALID opportunity'],
  ];
  for (const [input, error] of refusals)
    expect([input, await t.admin.graph.userErrors(create, { input: { subject: 'x', ...input } })]).toEqual([
      input,
      [error],
    ]);
  expect(await t.admin.graph.userErrors(update, { id, input: { customer: ours } })).toEqual(['INVALID customer']);
  expect(await t.admin.graph.userErrors(update, { id: free, input: { lead: leadId } })).toEqual(['INVALID lead']);
  expect([await written(t), await stored(id)]).toEqual([before, state]);

  // of a converted one
  await done(convert, { id: leadId, input: { customer: ours } });
  expect(await stored(id)).toEqual({ ...withLead(leadId), customer: { id: ours } });
  expect(await t.admin.graph.userErrors(update, { id, input: { customer: others } })).toEqual(['INVALID customer']);
  expect(await t.admin.graph.userErrors(create, { input: { subject: 'x', lead: leadId, customer: others } })).toEqual([
    'INVALID customer',
  ]);
  await done(update, { id, input: { contact: person, opportunity: sale } });
  await done(update, { id: free, input: { lead: leadId } });
  const { id: later } = await activity(t.admin, { subject: '转化之后', lead: leadId });
  expect(await stored(later)).toEqual({ ...withLead(leadId), customer: { id: ours } });
  // without the lead it is any activity
  await done(update, { id: later, input: { lead: null, customer: others } });
  expect(await stored(later)).toEqual({ lead: null, customer: { id: others }, contact: null, opportunity: null });
});

describe('conversion', () => {
  const startsAt = '2026-03-01T01:00:00.000Z';

  test('takes them along to the customer and the person, and back when it is undone', async () => {
    const owner = await t.sales.id();
    await t.sales2.id();
    const { id: leadId } = await lead(t.admin, { name: '线索', company: '科技公司', contactPerson: '张三', owner });
    const { id: past } = await activity(t.sales, { subject: '已谈', lead: leadId, startsAt, status: 'COMPLETED' });
    await activity(t.sales, { subject: '更早', lead: leadId, startsAt: '2026-02-01T01:00:00Z', status: 'COMPLETED' });
    const { id: planned } = await activity(t.sales, { subject: '回访', lead: leadId });
    const { id: gone } = await activity(t.sales, { subject: '删除', lead: leadId });
    await act('activityDelete', gone, t.sales);
    const { leadConvert: made } = await t.sales.graph(convert, {
      id: leadId,
      input: { createCustomer: true, createContact: true, opportunityName: '采购' },
    });
    expect(made.userErrors).toEqual([]);
    const whole = {
      lead: { id: leadId },
      customer: { id: made.customer.id },
      contact: { id: made.contact.id },
      opportunity: null,
    };
    for (const id of [past, planned]) expect(await stored(id, t.sales)).toEqual(whole);
    const {
      customer: of,
      contact: person,
      lead: still,
    } = await t.sales.graph(
      'query ($c: ID!, $p: ID!, $l: ID!) { customer(id: $c) { lastContactAt activities { totalCount } timeline { nodes { kind title } } } contact(id: $p) { lastContactAt activities { totalCount } } lead(id: $l) { activities { totalCount } } }',
      { c: made.customer.id, p: made.contact.id, l: leadId },
    );
    expect(of).toMatchObject({ lastContactAt: startsAt, activities: { totalCount: 3 } });
    expect(of.timeline.nodes).toContainEqual({ kind: 'ACTIVITY', title: '已谈' });
    expect([person, still]).toEqual([
      { lastContactAt: startsAt, activities: { totalCount: 3 } },
      { activities: { totalCount: 3 } },
    ]);
    const events = await t.sql("select type, subject from outbox where type = 'crm.activity.updated'");
    expect(events.map(({ subject }) => subject)).toEqual(expect.arrayContaining([past, planned]));
    expect(events).toHaveLength(3);
    const { auditEntries } = await t.admin.graph(
      'query ($id: ID!) { auditEntries(filter: { record: $id }) { nodes { operation } } }',
      { id: past },
    );
    expect(auditEntries.nodes.map(({ operation }: Data) => operation)).toContain('lead.convert');
    // what was deleted before comes back as the others are
    await act('activityRestore', gone);
    expect(await stored(gone)).toEqual(whole);
    await act('activityDelete', gone);

    await done(undo, { id: leadId }, t.sales);
    for (const id of [past, planned]) expect(await stored(id, t.sales)).toEqual(withLead(leadId));
    await act('activityRestore', gone);
    expect(await stored(gone)).toEqual(withLead(leadId));
    const { lead: back } = await t.sales.graph('query ($id: ID!) { lead(id: $id) { activities { totalCount } } }', {
      id: leadId,
    });
    expect(back.activities.totalCount).toBe(4);
  });

  test('what is about another opportunity stays with the customer when it is undone; what is about the one that it made forbids that', async () => {
    const { id: there } = await customer(t.admin, { name: '老客户' });
    const { id: sale } = await opportunity(t.admin, { name: '老商机', customer: there });
    const { id: leadId } = await lead(t.admin, { name: '线索' });
    const { leadConvert: made } = await t.admin.graph(convert, {
      id: leadId,
      input: { customer: there, opportunityName: '新商机' },
    });
    const { id: about } = await activity(t.admin, {
      subject: '谈新商机',
      lead: leadId,
      opportunity: made.opportunity.id,
    });
    const { id: other } = await activity(t.admin, { subject: '谈老商机', lead: leadId, opportunity: sale });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(undo, { id: leadId })).toEqual(['BUILT_UPON opportunity']);
    expect(await written(t)).toEqual(before);
    await act('activityDelete', about);
    await done(undo, { id: leadId });
    expect(await stored(other)).toEqual({
      lead: null,
      customer: { id: there },
      contact: null,
      opportunity: { id: sale },
    });
  });

  test('into nothing leaves them with the lead, and with a person alone they are with that person', async () => {
    const { id: one } = await lead(t.admin, { name: '一' });
    const { id: other } = await lead(t.admin, { name: '二', contactPerson: '李四' });
    const [{ id: first }, { id: second }] = [
      await activity(t.admin, { subject: '一', lead: one }),
      await activity(t.admin, { subject: '二', lead: other }),
    ];
    await done(convert, { id: one, input: {} });
    expect(await stored(first)).toEqual(withLead(one));
    const { leadConvert: made } = await t.admin.graph(convert, { id: other, input: { createContact: true } });
    expect(await stored(second)).toEqual({ ...withLead(other), contact: { id: made.contact.id } });
    const { id: later } = await activity(t.admin, { subject: '三', lead: other });
    expect(await stored(later)).toEqual({ ...withLead(other), contact: { id: made.contact.id } });
  });

  test('and activities that are entered at the same moment agree in the end, whichever comes first', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id: leadId } = await lead(t.admin, { name: `线索${round}`, company: `公司${round}` });
      const { id: there } = await activity(t.admin, { subject: '早就有', lead: leadId });
      const [converted, ...rest] = await Promise.all([
        t.admin.graph.userErrors(convert, { id: leadId, input: { createCustomer: true } }),
        t.admin.graph.userErrors(create, { input: { subject: '同时', lead: leadId } }),
        t.admin.graph.userErrors(update, { id: there, input: { lead: leadId, subject: '改' } }),
      ]);
      expect([converted, ...rest]).toEqual([[], [], []]);
    }
    expect(
      await t.sql(
        'select 1 from activity a join lead l on l.id = a.lead_id where a.customer_id is distinct from l.customer_id',
      ),
    ).toEqual([]);
    expect(await t.sql('select count(*)::int from activity where customer_id is not null')).toEqual([{ count: 16 }]);
  });
});

test('they go and come back with the lead, unless there is a customer that they are with', async () => {
  const [{ id: leadId }, { id: other }] = [
    await lead(t.admin, { name: '线索' }),
    await lead(t.admin, { name: '转化' }),
  ];
  const { id } = await activity(t.admin, { subject: '电话', lead: leadId });
  const { id: carried } = await activity(t.admin, { subject: '成了', lead: other });
  const { leadConvert: made } = await t.admin.graph(convert, { id: other, input: { createCustomer: true } });
  const list = async (): Promise<string[]> =>
    (
      await t.admin.graph('{ activities(orderBy: [{ field: NUMBER }]) { totalCount nodes { id } } }')
    ).activities.nodes.map((node: Data) => node.id);
  await act('leadDelete', leadId);
  await act('leadDelete', other);
  expect(await list()).toEqual([carried]);
  expect(await stored(carried)).toEqual({ ...withLead(other), lead: null, customer: { id: made.customer.id } });
  const { auditEntries: before } = await t.admin.graph('{ auditEntries { totalCount } }');
  expect(
    await t.admin.graph.userErrors('mutation ($id: ID!) { activityComplete(id: $id) { userErrors { code field } } }', {
      id,
    }),
  ).toEqual(['NOT_FOUND id']);
  expect((await t.admin.graph('{ auditEntries { totalCount } }')).auditEntries).toEqual(before);
  await act('leadRestore', leadId);
  expect(await list()).toEqual([id, carried]);
  // what was deleted by itself does not come back to a lead that is not there
  await act('activityDelete', id);
  await act('leadDelete', leadId);
  expect(
    await t.admin.graph.userErrors('mutation ($id: ID!) { activityRestore(id: $id) { userErrors { code field } } }', {
      id,
    }),
  ).toEqual(['UNKNOWN_REFERENCE lead']);
  await act('customerDelete', made.customer.id);
  expect(await list()).toEqual([]);
});
