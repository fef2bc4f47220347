import { customer, opportunity } from '../support/records.js';
import { token } from '../support/http.js';
import { subscribe } from '../support/subscribe.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const pipeline =
  'subscription { pipelineChanged { id kind fromStage toStage at opportunity { name stage amount { amount } actualAmount { amount } } } }';
const advance =
  'mutation ($id: ID!, $stage: OpportunityStage!) { opportunityChangeStage(id: $id, stage: $stage) { userErrors { code field } } }';
const win = 'mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code field } } }';
const lose = 'mutation ($id: ID!) { opportunityLose(id: $id) { userErrors { code field } } }';
const give =
  'mutation ($id: ID!, $owner: ID) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }';

const sale = async (by: Actor, name: string, input: object = {}): Promise<Data> =>
  opportunity(by, { name, customer: (await customer(by, { name: `${name}的客户` })).id, ...input });
const seen = ({ pipelineChanged }: Data): unknown[] => [
  pipelineChanged.kind,
  pipelineChanged.fromStage,
  pipelineChanged.toStage,
  pipelineChanged.opportunity.name,
];

test('whoever may see an opportunity is notified of its creation, its moves and its end, with the stage before and after', async () => {
  const { admin, manager, sql } = await tenant();
  const feed = await manager.subscribe(pipeline);
  const { id } = await sale(admin, '甲', { amount: { amount: '1000' } });
  const events: Data[] = [await feed.next()];
  for (const [mutation, variables] of [
    [advance, { stage: 'PROPOSAL' }],
    [win, {}],
    [advance, { stage: 'NEGOTIATION' }],
    [lose, {}],
  ] as const) {
    await admin.graph(mutation, { id, ...variables });
    const event = await feed.next();
    // what is told is already committed
    expect(event.pipelineChanged.opportunity.stage).toBe(event.pipelineChanged.toStage);
    events.push(event);
  }
  expect(events.map(seen)).toEqual([
    ['CREATED', null, 'PROSPECTING', '甲'],
    ['MOVED', 'PROSPECTING', 'PROPOSAL', '甲'],
    ['WON', 'PROPOSAL', 'CLOSED_WON', '甲'],
    ['MOVED', 'CLOSED_WON', 'NEGOTIATION', '甲'],
    ['LOST', 'NEGOTIATION', 'CLOSED_LOST', '甲'],
  ]);
  expect(events[2].pipelineChanged.opportunity).toMatchObject({
    amount: { amount: '1000.00' },
    actualAmount: { amount: '1000.00' },
  });
  const outbox = await sql(
    `select id::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from outbox where type like 'crm.opportunity.%' order by seq`,
  );
  expect(events.map(({ pipelineChanged: { id: event, at } }) => ({ id: event, at }))).toEqual(outbox);
  await feed.none();
});

// A feed is in order: where the first event that comes is the last one made, those before it were not sent.

test('nobody in another tenant is notified of it', async () => {
  const { admin, outsider } = await tenant();
  const feed = await outsider.subscribe(pipeline);
  await admin.graph(win, { id: (await sale(admin, '甲')).id });
  await sale(outsider, '自己的');
  expect(seen(await feed.next())).toEqual(['CREATED', null, 'PROSPECTING', '自己的']);
});

test('sales are notified only of opportunities that they may see at that moment', async () => {
  const { admin, sales, sales2 } = await tenant();
  const feed = await sales.subscribe(pipeline);
  const { id: theirs } = await customer(admin, { name: '同事的', owner: await sales2.id() });
  await opportunity(admin, { name: '同事的单', customer: theirs });
  const { id: free } = await customer(admin, { name: '无主的' });
  const moving = await opportunity(admin, { name: '无主的单', customer: free, amount: { amount: '7' } });
  const first = await feed.next();
  expect(seen(first)).toEqual(['CREATED', null, 'PROSPECTING', '无主的单']);
  expect(first.pipelineChanged.opportunity.amount).toBeNull();
  await admin.graph(give, { id: free, owner: await sales2.id() });
  await admin.graph(win, { id: moving.id });
  await admin.graph(give, { id: theirs, owner: await sales.id() });
  await opportunity(admin, { name: '自己的单', customer: theirs, amount: { amount: '8' } });
  const second = await feed.next();
  expect(seen(second)).toEqual(['CREATED', null, 'PROSPECTING', '自己的单']);
  expect(second.pipelineChanged.opportunity.amount).toEqual({ amount: '8.00' });
});

test('a viewer is notified of all, without amounts', async () => {
  const { admin, viewer } = await tenant();
  const feed = await viewer.subscribe(pipeline);
  await sale(admin, '甲', { amount: { amount: '1000' } });
  expect((await feed.next()).pipelineChanged.opportunity).toEqual({
    name: '甲',
    stage: 'PROSPECTING',
    amount: null,
    actualAmount: null,
  });
});

test('what was refused, or is no move, is not published', async () => {
  const { admin, viewer } = await tenant();
  const { id } = await sale(admin, '甲', { stage: 'CLOSED_LOST' });
  const { id: staying } = await sale(admin, '乙');
  const feed = await admin.subscribe(pipeline);
  expect(await admin.graph.userErrors(win, { id })).toEqual(['TRANSITION_NOT_ALLOWED stage']);
  expect(await viewer.graph.refused(win, { id: staying })).toEqual(['FORBIDDEN']);
  expect(
    await admin.graph.userErrors('mutation { opportunityCreate(input: { name: "丙" }) { userErrors { code field } } }'),
  ).toEqual(['REQUIRED customer']);
  await admin.graph(advance, { id: staying, stage: 'PROSPECTING' });
  await admin.graph(
    'mutation ($id: ID!) { opportunityUpdate(id: $id, input: { name: "乙二" }) { userErrors { code } } }',
    { id: staying },
  );
  await admin.graph(advance, { id: staying, stage: 'PROPOSAL' });
  expect(seen(await feed.next())).toEqual(['MOVED', 'PROSPECTING', 'PROPOSAL', '乙二']);
});

test('twenty opportunities made at once are published once each', async () => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  const feed = await admin.subscribe('subscription { pipelineChanged { id } }');
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => opportunity(admin, { name: `项目${index}`, customer: id })),
  );
  const received: string[] = [];
  while (received.length < 20) received.push((await feed.next()).pipelineChanged.id);
  await feed.none();
  const outbox = await sql(`select id::text from outbox where type = 'crm.opportunity.created'`);
  expect(received.toSorted()).toEqual(outbox.map((row) => row.id).toSorted());
});

test('every subscriber gets every event, and one that leaves gets no more', async () => {
  const { admin, manager } = await tenant();
  const [first, second] = [await admin.subscribe(pipeline), await manager.subscribe(pipeline)];
  await sale(admin, '甲');
  expect([seen(await first.next()), seen(await second.next())]).toEqual(
    Array.from({ length: 2 }, () => ['CREATED', null, 'PROSPECTING', '甲']),
  );
  await first.close();
  await sale(admin, '乙');
  expect(seen(await second.next())).toEqual(['CREATED', null, 'PROSPECTING', '乙']);
  await first.none(50);
});

test.each<[string, () => Promise<string>, object]>([
  ['without a token', () => Promise.resolve(''), { code: 4401, reason: 'UNAUTHENTICATED' }],
  [
    'with an expired token',
    async () => `Bearer ${await token({ tenant_id: 'x', expires: Math.floor(Date.now() / 1000) - 60 })}`,
    { code: 4401, reason: 'UNAUTHENTICATED' },
  ],
  [
    'for a tenant that cannot be',
    async () => `Bearer ${await token({ tenant_id: '-' })}`,
    { code: 4403, reason: 'TENANT_FORBIDDEN' },
  ],
])('a socket %s is closed', async (_name, authorization, reason) => {
  await expect(subscribe(await authorization(), pipeline)).rejects.toThrow(JSON.stringify(reason));
});

test('a query over the socket answers as over HTTP, and mistakes are reported with the same codes', async () => {
  const { admin, viewer } = await tenant();
  await customer(admin, { name: 'A', phone: '13812348000' });
  const query = await viewer.subscribe('{ customers { nodes { phone } } }');
  expect(await query.next()).toEqual({ customers: { nodes: [{ phone: '138****8000' }] } });
  const refused = await viewer.subscribe('mutation { customerCreate(input: { name: "B" }) { userErrors { code } } }');
  await expect(refused.next()).rejects.toThrow('"code":"FORBIDDEN"');
});

test('a fraction of a percent is how likely no opportunity is, in the graph and in the ERP', async () => {
  const t = await tenant();
  await sale(t.admin, '商机', { probability: 12 });
  const found = (filter: string): Promise<number> =>
    t.admin
      .graph(`{ opportunities(filter: {${filter}}) { totalCount } }`)
      .then((data) => data.opportunities.totalCount);
  expect([await found('probability: 12'), await found('probability: 12.5')]).toEqual([1, 0]);
  const listed = async (query: string): Promise<[number, number]> => {
    const { status, body } = await t.admin.rest('erp').get(`/opportunities?${query}`);
    return [status, body.data.total];
  };
  expect(await listed('probability=12')).toEqual([200, 1]);
  expect(await listed('probability=12.5')).toEqual([200, 0]);
});
