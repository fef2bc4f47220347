import { activity, customer } from '../support/records.js';
import { furtherServers } from '../support/server.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const query =
  'subscription ($after: String, $kinds: [DueKind!], $filter: TaskDueFilter) { taskDue(after: $after, kinds: $kinds, filter: $filter) { kind dueAt recordId successTask { title } activity { subject } } }';
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

async function task(by: Actor, input: object): Promise<string> {
  const { successTaskCreate } = await by.graph(
    'mutation ($input: SuccessTaskInput!) { successTaskCreate(input: $input) { successTask { id } userErrors { code field } } }',
    { input: { kind: 'PROBLEM', ...input } },
  );
  expect(successTaskCreate.userErrors).toEqual([]);
  return successTaskCreate.successTask.id;
}

const dueEvents = ({ sql }: { sql: (text: string) => Promise<Data[]> }): Promise<string[]> =>
  sql("select type || ' ' || subject as due from outbox where type like '%.due' order by seq").then((rows) =>
    rows.map((row) => row.due as string),
  );

const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

test('tasks and planned activities are published as they fall due, those overdue at once, and none before', async () => {
  const { admin } = await tenant();
  const feed = await admin.subscribe(query);
  const { id: of } = await customer(admin, { name: '客户' });
  const later = inMs(3_000);
  await task(admin, { title: '明年', customer: of, dueAt: '2099-01-01T00:00:00Z' });
  await task(admin, { title: '没有期限', customer: of });
  const past = '2026-01-05T01:00:00.000Z';
  const overdue = await task(admin, { title: '逾期', customer: of, dueAt: past });
  expect((await feed.next()).taskDue).toEqual({
    kind: 'SUCCESS_TASK',
    dueAt: past,
    recordId: overdue,
    successTask: { title: '逾期' },
    activity: null,
  });
  await activity(admin, { subject: '办完的', customer: of, startsAt: past, status: 'COMPLETED' });
  const { id: call } = await activity(admin, { subject: '电话', customer: of, startsAt: later });
  expect((await feed.next()).taskDue).toEqual({
    kind: 'ACTIVITY',
    dueAt: later,
    recordId: call,
    successTask: null,
    activity: { subject: '电话' },
  });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(later));
  await feed.none(2_500);
});

test('what is put off is published again, what is done by then is not', async () => {
  const { admin, sql } = await tenant();
  const feed = await admin.subscribe(query);
  const { id: customerId } = await customer(admin, { name: '客户' });
  const id = await task(admin, { title: '回访', customer: customerId, dueAt: inMs(-1_000) });
  const done = await task(admin, { title: '办完', customer: customerId, dueAt: inMs(2_500) });
  expect((await feed.next()).taskDue.recordId).toBe(id);
  await admin.graph('mutation ($id: ID!) { successTaskChangeStatus(id: $id, status: DONE) { userErrors { code } } }', {
    id: done,
  });
  await admin.graph(
    'mutation ($id: ID!, $input: SuccessTaskInput!) { successTaskUpdate(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { dueAt: inMs(2_000) } },
  );
  expect((await feed.next()).taskDue.recordId).toBe(id);
  await feed.none(2_500);
  expect(await dueEvents({ sql })).toEqual([`crm.successTask.due ${id}`, `crm.successTask.due ${id}`]);
  // the record is as people left it: falling due is no change of it
  expect(await sql('select version from success_task where id = $1', [id])).toEqual([{ version: 2 }]);
});

test('by kind, by whom it is to be done, for which customer and how urgently; and only what one may see', async () => {
  const { admin, sales, viewer } = await tenant();
  const [mine, theirs] = [await sales.id(), await admin.id()];
  const { id: a } = await customer(admin, { name: '甲', owner: theirs });
  const { id: b } = await customer(admin, { name: '乙', owner: theirs });
  const feeds = await Promise.all([
    viewer.subscribe(query, { kinds: ['ACTIVITY'] }),
    viewer.subscribe(query, { filter: { assignee: mine } }),
    viewer.subscribe(query, { filter: { customer: b, priority: ['URGENT'] } }),
    sales.subscribe(query),
  ]);
  await task(admin, { title: '甲任务', customer: a, assignee: theirs, dueAt: inMs(-3_000) });
  await task(admin, { title: '乙任务', customer: b, assignee: mine, dueAt: inMs(-2_000) });
  await activity(admin, { subject: '乙拜访', customer: b, staff: theirs, priority: 'URGENT', startsAt: inMs(-1_000) });
  const names = ({ taskDue }: Data): string => taskDue.successTask?.title ?? taskDue.activity.subject;
  expect(await Promise.all(feeds.map(async (feed) => names(await feed.next())))).toEqual([
    '乙拜访',
    '乙任务',
    '乙拜访',
    '乙任务',
  ]);
  for (const feed of feeds) await feed.none(1_200);
});

test('several servers tell once, also of what fell due while nobody listened', async () => {
  const { admin, sql } = await tenant();
  const { id: of } = await customer(admin, { name: '客户' });
  const ids: string[] = [];
  // stored while nobody who listens keeps the tenant followed
  for (let index = 0; index < 30; index += 1)
    ids.push(
      await task(admin, {
        title: `${index}`,
        customer: of,
        dueAt: new Date(Date.now() - (30 - index) * 1_000).toISOString(),
      }),
    );
  const servers = await furtherServers(3);
  const feeds = await Promise.all(servers.map((server) => admin.subscribe(query, { after: '1' }, server)));
  for (const feed of feeds) {
    const received: string[] = [];
    while (received.length < ids.length) received.push((await feed.next()).taskDue.recordId);
    expect(received.toSorted()).toEqual(ids.toSorted());
  }
  await pause(1_500);
  for (const feed of feeds) await feed.none();
  expect((await dueEvents({ sql })).toSorted()).toEqual(ids.map((id) => `crm.successTask.due ${id}`).toSorted());
});
