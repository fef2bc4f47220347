import { caseOf, contact, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const create = 'mutation ($input: CaseInput!) { caseCreate(input: $input) { case { id } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CaseInput!, $version: Int) { caseUpdate(id: $id, input: $input, version: $version) { case { status resolution version } userErrors { code field } } }';
const move =
  'mutation ($id: ID!, $status: CaseStatus!) { caseChangeStatus(id: $id, status: $status) { case { status version } userErrors { code field } } }';
const close =
  'mutation ($id: ID!, $input: CaseCloseInput!) { caseClose(id: $id, input: $input) { case { status resolution satisfaction rating { responseTime communication } } userErrors { code field } } }';
const reopen =
  'mutation ($id: ID!) { caseReopen(id: $id) { case { status resolvedAt closedAt resolution } userErrors { code field } } }';
const rate =
  'mutation ($id: ID!, $input: CaseRatingInput!) { caseRate(id: $id, input: $input) { case { satisfaction rating { professionalism } } userErrors { code field } } }';
const comment =
  'mutation ($id: ID!, $content: String!) { caseCommentCreate(input: { case: $id, content: $content }) { caseComment { id content author { login } } case { respondedAt version } userErrors { code field } } }';

const moves: Record<string, string[]> = {
  NEW: ['IN_PROGRESS', 'RESOLVED', 'CLOSED'],
  IN_PROGRESS: ['RESOLVED', 'CLOSED'],
  RESOLVED: ['CLOSED', 'IN_PROGRESS'],
  CLOSED: ['IN_PROGRESS'],
};

async function reported(t: TestTenant, input: object = {}): Promise<Data> {
  const { id: customerId } = await customer(t.admin, { name: '甲' });
  return caseOf(t.admin, { subject: '无法登录', customer: customerId, ...input });
}

const moments = async (t: TestTenant): Promise<Data> =>
  (
    await t.sql(
      'select responded_at is not null responded, resolved_at is not null resolved, closed_at is not null closed from service_case',
    )
  )[0];

test('cases are numbered without gaps, also by ten at once', async () => {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: '甲' });
  const made = await Promise.all(
    Array.from({ length: 10 }, () => caseOf(t.admin, { subject: 'x', customer: customerId })),
  );
  expect(made.map(({ code }) => code).toSorted()).toEqual(
    Array.from({ length: 10 }, (_, index) => `CAS${String(index + 1).padStart(3, '0')}`),
  );
  expect(made.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'NEW'));
});

test.each<[string, object, string[]]>([
  ['no subject', { subject: undefined }, ['REQUIRED subject']],
  ['no customer', { customer: undefined }, ['REQUIRED customer']],
  ['an unknown customer', { customer: '01900000-0000-7000-8000-000000000000' }, ['UNKNOWN_REFERENCE customer']],
  ['an unknown contact', { contact: '7' }, ['UNKNOWN_REFERENCE contact']],
  ['a long subject', { subject: 'x'.repeat(201) }, ['TOO_LONG subject']],
])('%s is refused and nothing is written', async (_what, input, errors) => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '甲' });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(create, { input: { subject: 'x', customer: id, ...input } })).toEqual(errors);
  expect([await written(t), await t.sql('select id from service_case')]).toEqual([before, []]);
});

const pairs = Object.keys(moves).flatMap((from) =>
  Object.keys(moves)
    .filter((to) => to !== from)
    .map((to) => [from, to] as const),
);

test.each(pairs.filter(([from, to]) => moves[from]!.includes(to)))(
  'from %s to %s, with its moments',
  async (from, to) => {
    const t = await tenant();
    const { id } = await reported(t, { status: from });
    expect((await t.admin.graph(move, { id, status: to })).caseChangeStatus).toEqual({
      case: { status: to, version: 2 },
      userErrors: [],
    });
    expect(await moments(t)).toEqual({ responded: true, resolved: to !== 'IN_PROGRESS', closed: to === 'CLOSED' });
  },
);

test.each(pairs.filter(([from, to]) => !moves[from]!.includes(to)))('not from %s to %s', async (from, to) => {
  const t = await tenant();
  const { id } = await reported(t, { status: from });
  const before = [await written(t), await t.sql('select * from service_case')];
  expect(await t.admin.graph.userErrors(move, { id, status: to })).toEqual(['TRANSITION_NOT_ALLOWED status']);
  expect(await t.admin.graph.userErrors(update, { id, input: { status: to, resolution: 'x' } })).toEqual([
    'TRANSITION_NOT_ALLOWED status',
  ]);
  expect([await written(t), await t.sql('select * from service_case')]).toEqual(before);
});

test('an update moves and changes in one mutation and keeps the moment it was resolved when it is closed', async () => {
  const t = await tenant();
  const { id } = await reported(t);
  expect(
    (await t.admin.graph(update, { id, input: { status: 'RESOLVED', resolution: '重置用户密码' }, version: 1 }))
      .caseUpdate,
  ).toEqual({ case: { status: 'RESOLVED', resolution: '重置用户密码', version: 2 }, userErrors: [] });
  expect(await t.admin.graph.userErrors(update, { id, input: { subject: 'x' }, version: 1 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  await t.sql("update service_case set resolved_at = '2026-01-01' where tenant_id = app_tenant()");
  await t.admin.graph(close, { id, input: {} });
  expect(
    await t.sql(
      "select to_char(resolved_at at time zone 'UTC', 'YYYY-MM-DD') resolved, closed_at > now() - interval '1 hour' closed from service_case",
    ),
  ).toEqual([{ resolved: '2026-01-01', closed: true }]);
});

test('a case is closed once by ten at the same moment, and taken up again without its end', async () => {
  const t = await tenant();
  const { id } = await reported(t);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      t.admin.graph.userErrors(close, { id, input: { resolution: `办法${index}`, satisfaction: 5 } }),
    ),
  );
  expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    ...Array.from({ length: 9 }, () => ['TRANSITION_NOT_ALLOWED status']),
  ]);
  expect(await t.sql("select type from outbox where type like 'crm.case.%' order by seq")).toEqual([
    { type: 'crm.case.created' },
    { type: 'crm.case.closed' },
  ]);
  const { case: again } = (await t.admin.graph(reopen, { id })).caseReopen;
  expect(again).toEqual({
    status: 'IN_PROGRESS',
    resolvedAt: null,
    closedAt: null,
    resolution: expect.stringMatching(/^办法\d$/),
  });
  expect(await t.admin.graph.userErrors(reopen, { id })).toEqual(['TRANSITION_NOT_ALLOWED status']);
});

test.each<[object, string]>([
  [{ satisfaction: 6 }, 'OUT_OF_RANGE satisfaction'],
  [{ satisfaction: 0 }, 'OUT_OF_RANGE satisfaction'],
  [{ satisfaction: 5, responseTime: 6 }, 'OUT_OF_RANGE responseTime'],
  [{ resolution: 'x'.repeat(5001) }, 'TOO_LONG resolution'],
])('closing with %j is refused and the case stays open', async (input, error) => {
  const t = await tenant();
  const { id } = await reported(t);
  const before = await written(t);
  expect(await t.admin.graph.userErrors(close, { id, input })).toEqual([error]);
  expect([await written(t), await t.sql('select status, satisfaction from service_case')]).toEqual([
    before,
    [{ status: 'NEW', satisfaction: null }],
  ]);
});

test('what the customer says is kept with the closing, or later; never before it is resolved', async () => {
  const t = await tenant();
  const { id } = await reported(t);
  expect(await t.admin.graph.userErrors(rate, { id, input: { satisfaction: 4 } })).toEqual([
    'TRANSITION_NOT_ALLOWED satisfaction',
  ]);
  expect(
    (await t.admin.graph(close, { id, input: { resolution: '好了', satisfaction: 3, communication: 4 } })).caseClose
      .case,
  ).toEqual({
    status: 'CLOSED',
    resolution: '好了',
    satisfaction: 3,
    rating: { responseTime: null, communication: 4 },
  });
  expect((await t.admin.graph(rate, { id, input: { satisfaction: 4, professionalism: 5 } })).caseRate.case).toEqual({
    satisfaction: 4,
    rating: { professionalism: 5 },
  });
});

describe('a comment', () => {
  test('by who reported the case is no response, the first one by somebody else is', async () => {
    const t = await tenant();
    const { id } = await reported(t);
    const first = (await t.admin.graph(comment, { id, content: ' 还有问题 ' })).caseCommentCreate;
    expect(first).toEqual({
      caseComment: { id: expect.any(String), content: '还有问题', author: { login: 'admin' } },
      case: { respondedAt: null, version: 1 },
      userErrors: [],
    });
    const { case: responded } = (await t.manager.graph(comment, { id, content: '已收到' })).caseCommentCreate;
    expect(responded).toEqual({ respondedAt: expect.any(String), version: 2 });
    expect((await t.manager.graph(comment, { id, content: '好了' })).caseCommentCreate.case).toEqual(responded);
    expect(
      (
        await t.admin.graph(
          'query ($id: ID!) { case(id: $id) { comments { totalCount nodes { content author { login } case { id } } } } }',
          { id },
        )
      ).case.comments,
    ).toEqual({
      totalCount: 3,
      nodes: [
        ['还有问题', 'admin'],
        ['已收到', 'manager'],
        ['好了', 'manager'],
      ].map(([content, login]) => ({ content, author: { login }, case: { id } })),
    });
    expect(await t.sql("select type from outbox where type like 'crm.case.%' order by seq")).toEqual([
      { type: 'crm.case.created' },
      ...Array.from({ length: 3 }, () => ({ type: 'crm.case.commented' })),
    ]);
  });

  test('without words, or on a case of others, is refused', async () => {
    const t = await tenant();
    const { id: theirs } = await customer(t.sales2, { name: '别人的' });
    const { id } = await caseOf(t.sales2, { subject: 'x', customer: theirs });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(comment, { id, content: ' ' })).toEqual(['REQUIRED content']);
    expect(await t.admin.graph.refused(comment, { id })).toEqual(['BAD_USER_INPUT']);
    expect(await t.sales.graph.userErrors(comment, { id, content: 'x' })).toEqual(['UNKNOWN_REFERENCE case']);
    expect(await t.viewer.graph.refused(comment, { id, content: 'x' })).toEqual(['FORBIDDEN']);
    expect(await t.outsider.graph.userErrors(comment, { id, content: 'x' })).toEqual(['UNKNOWN_REFERENCE case']);
    expect([await written(t), await t.sql('select id from case_comment')]).toEqual([before, []]);
  });

  test('is gone with its case', async () => {
    const t = await tenant();
    const { id } = await reported(t);
    const { caseComment } = (await t.admin.graph(comment, { id, content: 'x' })).caseCommentCreate;
    await t.admin.graph('mutation ($id: ID!) { caseDelete(id: $id) { deletedId } }', { id });
    expect(
      await t.admin.graph('query ($id: ID!) { caseComments { totalCount } node(id: $id) { id } }', {
        id: caseComment.id,
      }),
    ).toEqual({ caseComments: { totalCount: 0 }, node: null });
  });
});

describe('targets', () => {
  const ago = (t: TestTenant, hours: Record<string, number>): Promise<unknown> =>
    t.sql(
      `update service_case set ${Object.entries(hours)
        .map(([column, value]) => `${column} = now() - interval '${value} hours'`)
        .join(', ')} where tenant_id = app_tenant()`,
    );
  const sla = async (t: TestTenant): Promise<boolean | null> =>
    (await t.admin.graph('{ cases { nodes { slaMet } } }')).cases.nodes[0].slaMet;

  test.each([
    ['URGENT', 1, 4],
    ['HIGH', 4, 24],
    ['MEDIUM', 8, 72],
    ['LOW', 24, 120],
  ])('%s: response within %i hours, resolution within %i', async (priority, respond, resolve) => {
    const t = await tenant();
    await reported(t, { priority });
    await t.sql("update service_case set created_at = '2026-01-01' where tenant_id = app_tenant()");
    const hours = (count: number): string => new Date(Date.UTC(2026, 0, 1, count)).toISOString();
    expect((await t.admin.graph('{ cases { nodes { respondBy resolveBy } } }')).cases.nodes).toEqual([
      { respondBy: hours(respond), resolveBy: hours(resolve) },
    ]);
  });

  test('are undecided until they are missed or the case is resolved', async () => {
    const t = await tenant();
    const { id } = await reported(t, { priority: 'HIGH' });
    expect(await sla(t)).toBeNull();
    await ago(t, { created_at: 5 });
    expect(await sla(t)).toBe(false);
    await ago(t, { responded_at: 2 });
    expect(await sla(t)).toBeNull();
    await t.admin.graph(move, { id, status: 'RESOLVED' });
    expect(await sla(t)).toBe(true);
    await ago(t, { created_at: 25, responded_at: 24 });
    expect(await sla(t)).toBe(false);
    expect(
      await t.admin.graph(
        '{ missed: cases(filter: { slaMissed: true }) { totalCount } kept: cases(filter: { slaMissed: false }) { totalCount } }',
      ),
    ).toEqual({ missed: { totalCount: 1 }, kept: { totalCount: 0 } });
  });
});

test('service records are the cases that were responded to, with minutes of work', async () => {
  const t = await tenant();
  const { id } = await reported(t);
  const records = async (): Promise<Data> =>
    (
      await t.admin.graph(
        '{ customers { nodes { cases { totalCount } responded: cases(filter: { responded: true, respondedFrom: "2026-01-02" }) { nodes { id resolutionMinutes workMinutes } } } } }',
      )
    ).customers.nodes[0];
  expect(await records()).toEqual({ cases: { totalCount: 1 }, responded: { nodes: [] } });
  await t.admin.graph(move, { id, status: 'IN_PROGRESS' });
  await t.sql(
    "update service_case set created_at = '2026-01-02 10:00+08', responded_at = '2026-01-02 10:30+08', resolved_at = '2026-01-02 12:15+08' where tenant_id = app_tenant()",
  );
  expect(await records()).toEqual({
    cases: { totalCount: 1 },
    responded: { nodes: [{ id, resolutionMinutes: 135, workMinutes: 105 }] },
  });
});

test('sales see cases of customers they may see and those assigned to them', async () => {
  const t = await tenant();
  const { id: mine } = await customer(t.sales, { name: '我的' });
  const { id: theirs } = await customer(t.sales2, { name: '别人的' });
  const { id: person } = await contact(t.sales, { name: '张三', customer: mine });
  const { id: a } = await caseOf(t.admin, { subject: 'a', customer: mine, contact: person });
  await caseOf(t.admin, { subject: 'b', customer: theirs });
  const { id: c } = await caseOf(t.admin, { subject: 'c', customer: theirs, assignee: await t.sales.id() });
  expect(
    (await t.sales.graph('{ cases(orderBy: { field: NUMBER }) { nodes { id contact { name } } } }')).cases.nodes,
  ).toEqual([
    { id: a, contact: { name: '张三' } },
    { id: c, contact: null },
  ]);
  expect(await t.outsider.graph('query ($id: ID!) { case(id: $id) { id } cases { totalCount } }', { id: a })).toEqual({
    case: null,
    cases: { totalCount: 0 },
  });
});
