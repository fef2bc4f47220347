import { customer, opportunity } from '../support/records.js';
import { rawSocket } from '../support/socket.js';
import type { Subscription } from '../support/subscribe.js';
import { actor, tenant, type Actor, type Data } from '../support/tenant.js';

// Reports that are sent while something behind them changes: what is sent last is how they are.

const selection = `{
  byStage: opportunityGroups(by: [{field: STAGE}], measures: [{key: "sum", of: AMOUNT, as: SUM}]) {
    groups { keys { value } count values { money { amounts { amount currency } } } } totals { count }
  }
  pipeline(openOnly: true) { count amount { amount } }
}`;
const query = `subscription { reportsChanged ${selection} }`;

/** The reports as the queries of the same names give them. */
const asked = async (by: Actor): Promise<Data> => by.graph(selection);

/** Takes what is sent until it is that, and returns how many came before. */
async function untilSent(feed: Subscription, wished: Data): Promise<number> {
  for (let before = 0; ; before += 1) {
    const { reportsChanged } = await feed.next();
    if (JSON.stringify(reportsChanged) === JSON.stringify(wished)) return before;
    if (before === 20) expect(reportsChanged).toEqual(wished);
  }
}

const update =
  'mutation ($id: ID!, $input: OpportunityInput!) { opportunityUpdate(id: $id, input: $input) { userErrors { code } } }';

test('reports come at the start and after each change, exactly as queries have them, whatever an owner loses from sight', async () => {
  const { admin, sales, sales2 } = await tenant();
  const [feed, theirs] = await Promise.all([admin.subscribe(query), sales.subscribe(query)]);
  const none = { byStage: { groups: [], totals: { count: 0 } }, pipeline: { count: 0, amount: { amount: '0.00' } } };
  expect([(await feed.next()).reportsChanged, (await theirs.next()).reportsChanged]).toEqual([none, none]);

  const { id: owner } = await customer(admin, { name: '华信', owner: await sales.id() });
  const { id } = await opportunity(admin, { name: '一期', customer: owner, amount: { amount: '120000.50' } });
  const one = {
    byStage: {
      groups: [
        {
          keys: [{ value: 'PROSPECTING' }],
          count: 1,
          values: [{ money: { amounts: [{ amount: '120000.50', currency: 'CNY' }] } }],
        },
      ],
      totals: { count: 1 },
    },
    pipeline: { count: 1, amount: { amount: '120000.50' } },
  };
  expect(await asked(admin)).toEqual(one);
  await Promise.all([untilSent(feed, one), untilSent(theirs, one)]);

  await admin.graph(update, { id, input: { amount: { amount: '1.00' } } });
  await untilSent(feed, await asked(admin));
  await admin.graph(
    'mutation ($id: ID!, $owner: ID!) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }',
    { id: owner, owner: await sales2.id() },
  );
  await untilSent(theirs, none);
  await admin.graph('mutation ($id: ID!) { opportunityDelete(id: $id) { userErrors { code } } }', { id });
  await untilSent(feed, none);
}, 60_000);

test('200 changes are followed at most once a second, and the last reports are the true ones; what changes none of them sends nothing', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '华信' });
  const raw = await rawSocket({ token: admin.token });
  const sent: Array<{ at: number; count: number }> = [];
  raw.socket.on('message', (text) => {
    const { type, payload } = JSON.parse(String(text));
    if (type === 'next') sent.push({ at: Date.now(), count: payload.data.reportsChanged.pipeline.count });
  });
  raw.send({
    id: '1',
    type: 'subscribe',
    payload: { query: 'subscription { reportsChanged { pipeline { count } } }' },
  });
  const until = async (count: number): Promise<void> => {
    while (sent.at(-1)?.count !== count) await new Promise((settle) => setTimeout(settle, 20));
  };
  await until(0);
  for (let n = 0; n < 20; n += 1)
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => opportunity(admin, { name: `商机${n * 10 + i}`, customer: id })),
    );
  await until(200);
  const gaps = sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
  expect(gaps.filter((gap) => gap < 950)).toEqual([]);
  const before = sent.length;
  await admin.graph(
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { region: "华东" }) { userErrors { code } } }',
    { id },
  );
  await new Promise((settle) => setTimeout(settle, 2_500));
  expect(sent).toHaveLength(before);
}, 60_000);

test('other rights are other reports, and what is refused is said beside the others', async () => {
  const { admin, sales, code } = await tenant();
  await customer(admin, { name: '同事的', owner: await admin.id() });
  const feed = await sales.subscribe('subscription { reportsChanged { customerStatistics { totalCount } } }');
  expect((await feed.next()).reportsChanged).toEqual({ customerStatistics: { totalCount: 0 } });
  await admin.graph(
    'mutation { roleReachChange(role: SALES, record: CUSTOMER, use: SEE, reach: ALL) { userErrors { code } } }',
  );
  await untilSent(feed, { customerStatistics: { totalCount: 1 } });

  // `ME`, however it is written, is each of two who have the same rights otherwise
  const mine = 'subscription { reportsChanged { customerGroups(filter: {owner: "\\u004dE"}) { totals { count } } } }';
  const boss = await actor('boss', code, ['tenant_admin']);
  await customer(boss, { name: '老板的', owner: await boss.id() });
  const [ofAdmin, ofBoss] = await Promise.all([admin.subscribe(mine), boss.subscribe(mine)]);
  await untilSent(ofAdmin, { customerGroups: { totals: { count: 1 } } });
  await customer(boss, { name: '老板的二', owner: await boss.id() });
  await untilSent(ofBoss, { customerGroups: { totals: { count: 2 } } });
  await ofAdmin.none(1_500);

  const raw = await rawSocket({ token: sales.token });
  const refused = `subscription ($with: Boolean = false) { reports: reportsChanged { ...All cursor @include(if: $with) } }
    fragment All on ReportSet { __typename none: customerGroups(by: [{field: STATUS}, {field: STATUS}]) { totals { count } } all: customerStatistics { totalCount } }`;
  raw.send({ id: '1', type: 'subscribe', payload: { query: refused } });
  const { payload } = await raw.next();
  expect(payload.data).toEqual({ reports: { __typename: 'ReportSet', none: null, all: { totalCount: 3 } } });
  expect(payload.errors).toMatchObject([{ path: ['reports', 'none'], extensions: { code: 'INVALID' } }]);
}, 60_000);

test('ten subscriptions to reports on one connection, each bounded by what a query may cost', async () => {
  const { admin } = await tenant();
  const raw = await rawSocket({ token: admin.token });
  const count = 'subscription { reportsChanged { pipeline { count } } }';
  for (let id = 0; id < 11; id += 1) raw.send({ id: `${id}`, type: 'subscribe', payload: { query: count } });
  const received: Data[] = [];
  while (received.length < 11) received.push(await raw.next());
  expect(received.filter(({ type }) => type === 'next')).toHaveLength(10);
  expect(received.find(({ type }) => type === 'error').payload[0].extensions.code).toBe('RATE_LIMITED');
  raw.send({ id: received.find(({ type }) => type === 'next').id, type: 'complete' });
  raw.send({ id: 'again', type: 'subscribe', payload: { query: count } });
  expect(await raw.next()).toMatchObject({ id: 'again', type: 'next' });

  const many = Array.from({ length: 9 }, (_, n) => `b${n}: behaviorAnalysis { loginCount }`).join(' ');
  const much = `{ pipeline { stages { opportunities(first: 100) { nodes { customer { ${many} } } } } } }`;
  const { extensions } = (await admin.graph.raw(much)).body.errors[0];
  expect(extensions.code).toBe('MAX_COST_EXCEEDED');
  raw.send({ id: 'much', type: 'subscribe', payload: { query: `subscription { reportsChanged ${much} }` } });
  const answer = await raw.next();
  expect([answer.type, answer.payload[0].extensions.code]).toEqual(['error', 'MAX_COST_EXCEEDED']);
  // what the subscription itself costs comes on top
  expect(answer.payload[0].extensions.cost.requested - extensions.cost.requested).toBeLessThan(1_000);
}, 60_000);
