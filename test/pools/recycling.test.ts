import { activity, customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { dayIn, night, plus, poolOf, ruleOf, storedAndDue } from './recycling.js';

const today = (): string => dayIn('Asia/Shanghai', new Date());

const held = ({ sql }: TestTenant, name: string, days: number): Promise<unknown> =>
  sql(`update customer set held_since = now() - make_interval(days => $2::int) where name = $1`, [name, days]);

test('takes whose day has come into the pool, with history, audit and event, and nobody else', async () => {
  const t = await tenant();
  const [pool, leadPool] = [await poolOf(t, 'CUSTOMER'), await poolOf(t, 'LEAD')];
  const owner = await t.sales.id();
  const ids: Record<string, string> = {};
  for (const name of ['到期', '今天', '明天', '刚领', '保护', '跟进'])
    ids[name] = (await customer(t.admin, { name, owner })).id;
  await activity(t.sales, { subject: '拜访', customer: ids['跟进'], status: 'COMPLETED' });
  const { leadCreate } = await t.admin.graph(
    'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { id } } }',
    { input: { name: '线索', owner } },
  );
  for (const [name, days] of [
    ['到期', 40],
    ['今天', 30],
    ['明天', 29],
    ['保护', 40],
    ['跟进', 40],
  ] as const)
    await held(t, name, days);
  await t.sql("update lead set held_since = now() - interval '8 days'");
  await t.sql("update customer set protected_until = current_date + 3 where name = '保护'");
  const rule = await ruleOf(t, { pool, name: '三十天未跟进', trigger: 'NO_FOLLOW_UP', days: 30 });
  const leadRule = await ruleOf(t, { pool: leadPool, name: '七天', trigger: 'HELD', days: 7 });
  const seen = await t.admin.subscribe(
    'subscription { customerChanged { kind customer { name owner { id } pool { id } } } }',
  );
  const [{ seq }] = (await t.sql('select max(seq) as seq from outbox')) as [Data];

  expect(await night(t)).toBe('3 customers and leads recycled, 0 reminders');

  const shown = 'name owner { id } pool { id } heldSince pooledAt recycleOn recycleRule { id } version';
  const { customers, leads } = await t.admin.graph(
    `{ customers(orderBy: [{ field: NUMBER }]) { nodes { ${shown} ownerChanges { nodes { kind reason fromOwner { id } toOwner { id } pool { id } } } } } leads { nodes { ${shown} ownerChanges { nodes { kind reason } } } } }`,
  );
  const recycled = {
    owner: null,
    heldSince: null,
    pooledAt: expect.any(String),
    recycleOn: null,
    recycleRule: null,
    version: 2,
  };
  const kept = {
    owner: { id: owner },
    pool: null,
    heldSince: expect.any(String),
    pooledAt: null,
    recycleRule: { id: rule },
    version: 1,
    ownerChanges: { nodes: [] },
  };
  const history = {
    kind: 'RECYCLE',
    reason: '三十天未跟进',
    fromOwner: { id: owner },
    toOwner: null,
    pool: { id: pool },
  };
  expect(customers.nodes).toEqual([
    { name: '到期', ...recycled, pool: { id: pool }, ownerChanges: { nodes: [history] } },
    { name: '今天', ...recycled, pool: { id: pool }, ownerChanges: { nodes: [history] } },
    { name: '明天', ...kept, recycleOn: plus(today(), 1) },
    { name: '刚领', ...kept, recycleOn: plus(today(), 30) },
    { name: '保护', ...kept, recycleOn: expect.any(String) },
    { name: '跟进', ...kept, recycleOn: plus(today(), 30) },
  ]);
  expect(leads.nodes).toEqual([
    {
      name: '线索',
      ...recycled,
      pool: { id: leadPool },
      ownerChanges: { nodes: [{ kind: 'RECYCLE', reason: '七天' }] },
    },
  ]);
  const event = (subject: string, from: string, into: string, reason: string): Data => ({
    type: expect.stringMatching(/^crm\.(customer|lead)\.recycled$/),
    subject,
    data: {
      changed: expect.arrayContaining(['owner', 'pool', 'heldSince', 'pooledAt']),
      fromOwner: owner,
      toOwner: null,
      pool: into,
      reason,
      recycleRule: from,
    },
  });
  expect(await t.sql('select type, subject, data from outbox where seq > $1 order by seq', [seq])).toEqual([
    event(ids['到期']!, rule, pool, '三十天未跟进'),
    event(ids['今天']!, rule, pool, '三十天未跟进'),
    event(leadCreate.lead.id, leadRule, leadPool, '七天'),
  ]);
  expect(
    await t.sql(
      "select face, actor_login, changes->'owner' as owner from audit_entry where record = $1 order by at desc limit 1",
      [ids['到期']],
    ),
  ).toEqual([{ face: 'system', actor_login: 'system', owner: [owner, null] }]);
  for (const name of ['到期', '今天'])
    expect(await seen.next()).toEqual({
      customerChanged: { kind: 'UPDATED', customer: { name, owner: null, pool: { id: pool } } },
    });
  await seen.none();
  const { recyclingRuns } = await t.admin.graph(
    '{ recyclingRuns(filter: { kind: [RECYCLE] }) { nodes { status day total done recycled reminded finishedAt } } }',
  );
  expect(recyclingRuns.nodes).toEqual([
    { status: 'DONE', day: today(), total: 3, done: 3, recycled: 3, reminded: 0, finishedAt: expect.any(String) },
  ]);

  // a second time there is nothing to do
  const [{ last }] = (await t.sql('select max(seq) as last from outbox')) as [Data];
  expect(await night(t)).toBe('0 customers and leads recycled, 0 reminders');
  expect(await t.sql('select 1 from outbox where seq > $1', [last])).toEqual([]);
  const { stored, due } = await storedAndDue(t);
  expect(stored).toEqual(due);
});

test('says that the day of a record is near: once for each rule and day on which that is to be said', async () => {
  const t = await tenant();
  const pool = await poolOf(t, 'CUSTOMER');
  const owner = await t.sales.id();
  const { id } = await customer(t.admin, { name: '将到期', owner });
  await customer(t.admin, { name: '还早', owner });
  await held(t, '将到期', 25);
  const rule = await ruleOf(t, { pool, name: '三十天', trigger: 'HELD', days: 30, reminderDays: [7, 3] });
  const reminders = (): Promise<Data[]> =>
    t.sql("select subject, data from outbox where type = 'crm.customer.recycle-due' order by seq");
  const due = plus(today(), 5);
  const reminder = { subject: id, data: { owner, recycleRule: rule, pool, recycleOn: due } };
  expect(await night(t)).toBe('0 customers and leads recycled, 1 reminders');
  expect(await reminders()).toEqual([reminder]);
  // again the same evening, and on the next ones until three days before
  expect(await night(t)).toBe('0 customers and leads recycled, 0 reminders');
  expect(await reminders()).toEqual([reminder]);
  await t.sql("update customer set held_since = held_since - interval '2 days' where id = $1", [id]);
  await t.sql('update customer set recycle_on = recycle_on - 2 where id = $1', [id]);
  expect(await night(t)).toBe('0 customers and leads recycled, 1 reminders');
  expect((await reminders()).slice(1)).toEqual([{ subject: id, data: { ...reminder.data, recycleOn: plus(due, -2) } }]);
  expect(await night(t)).toBe('0 customers and leads recycled, 0 reminders');
  expect(await reminders()).toHaveLength(2);
});

test('what is not due any more when its turn comes stays with its owner', async () => {
  const t = await tenant();
  const pool = await poolOf(t, 'CUSTOMER');
  const owner = await t.sales.id();
  const { id } = await customer(t.admin, { name: '客户', owner });
  await held(t, '客户', 40);
  await ruleOf(t, { pool, name: '三十天', trigger: 'HELD', days: 30 });
  // as if somebody had it protected while nobody computed its day
  await t.sql('update customer set protected_until = current_date + 10 where id = $1', [id]);
  expect(await night(t)).toBe('0 customers and leads recycled, 0 reminders');
  expect(
    (await t.admin.graph('query ($id: ID!) { customer(id: $id) { owner { id } recycleOn } }', { id })).customer,
  ).toEqual({
    owner: { id: owner },
    recycleOn: expect.any(String),
  });
});
