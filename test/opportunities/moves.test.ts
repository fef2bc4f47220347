import { customer, opportunity, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const open = ['PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION'];
const stages = [...open, 'CLOSED_WON', 'CLOSED_LOST'];
const likelihood: Record<string, number> = {
  PROSPECTING: 10,
  QUALIFICATION: 10,
  NEEDS_ANALYSIS: 20,
  PROPOSAL: 40,
  NEGOTIATION: 60,
  CLOSED_WON: 100,
  CLOSED_LOST: 0,
};

const fields =
  'stage probability version closeReason actualAmount { amount } stageChanges(orderBy: [{ field: NUMBER }]) { nodes { fromStage toStage reason changedBy { login } } }';
const advance = `mutation ($id: ID!, $stage: OpportunityStage!, $reason: String, $version: Int) { opportunityChangeStage(id: $id, stage: $stage, reason: $reason, version: $version) { opportunity { ${fields} closedAt } userErrors { code field } } }`;
const win = `mutation ($id: ID!, $input: OpportunityWinInput, $version: Int) { opportunityWin(id: $id, input: $input, version: $version) { opportunity { ${fields} } userErrors { code field } } }`;
const lose = `mutation ($id: ID!, $input: OpportunityLoseInput) { opportunityLose(id: $id, input: $input) { opportunity { ${fields} } userErrors { code field } } }`;

async function sale(by: Actor, input: object = {}): Promise<Data> {
  const { id } = await customer(by, { name: `客户 ${crypto.randomUUID()}` });
  return opportunity(by, { name: '项目', customer: id, ...input });
}

const change = (fromStage: string | null, toStage: string, reason: string | null = null): object => ({
  fromStage,
  toStage,
  reason,
  changedBy: { login: 'admin' },
});

const pairs = stages
  .flatMap((from) => stages.map((to) => [from, to] as const))
  .filter(([from, to]) => from !== to || !open.includes(from));
const allowed = pairs.filter(([from, to]) => open.includes(from) || open.includes(to));
const refused = pairs.filter((pair) => !allowed.includes(pair));

test.each(allowed)('an opportunity moves from %s to %s, its likelihood and its history with it', async (from, to) => {
  const { admin } = await tenant();
  const { id } = await sale(admin, { stage: from, amount: { amount: '1000' } });
  const { opportunityChangeStage } = await admin.graph(advance, { id, stage: to, reason: '因为' });
  const { closedAt, ...moved } = opportunityChangeStage.opportunity;
  expect(moved).toEqual({
    stage: to,
    probability: likelihood[to],
    version: 2,
    closeReason: open.includes(to) ? null : '因为',
    actualAmount: to === 'CLOSED_WON' ? { amount: '1000.00' } : null,
    stageChanges: { nodes: [change(null, from), change(from, to, '因为')] },
  });
  expect(closedAt === null).toBe(open.includes(to));
});

test.each(refused)('an opportunity does not move from %s to %s, and nothing is written', async (from, to) => {
  const t = await tenant();
  const { id } = await sale(t.admin, { stage: from, amount: { amount: '1000' } });
  const before = [
    await written(t),
    await t.sql('select * from opportunity'),
    await t.sql('select * from stage_change'),
  ];
  expect(await t.admin.graph.userErrors(advance, { id, stage: to })).toEqual(['TRANSITION_NOT_ALLOWED stage']);
  expect(await t.admin.graph.userErrors(to === 'CLOSED_WON' ? win : lose, { id })).toEqual([
    'TRANSITION_NOT_ALLOWED stage',
  ]);
  expect([
    await written(t),
    await t.sql('select * from opportunity'),
    await t.sql('select * from stage_change'),
  ]).toEqual(before);
});

test('staying at an open stage is no move', async () => {
  const t = await tenant();
  const { id } = await sale(t.admin, { stage: 'PROPOSAL', probability: 55 });
  const before = await written(t);
  const { opportunityChangeStage } = await t.admin.graph(advance, { id, stage: 'PROPOSAL' });
  expect(opportunityChangeStage).toMatchObject({
    opportunity: {
      stage: 'PROPOSAL',
      probability: 55,
      version: 1,
      stageChanges: { nodes: [change(null, 'PROPOSAL')] },
    },
    userErrors: [],
  });
  expect(await written(t)).toEqual(before);
});

test('an opportunity is won with its expected amount or with another, and reopened without it', async () => {
  const { admin } = await tenant();
  const { id } = await sale(admin, { amount: { amount: '1000' } });
  expect(
    (await admin.graph(win, { id, input: { amount: { amount: '999.99' }, reason: '价格' } })).opportunityWin
      .opportunity,
  ).toMatchObject({
    stage: 'CLOSED_WON',
    actualAmount: { amount: '999.99' },
    closeReason: '价格',
    probability: 100,
  });
  expect((await admin.graph(advance, { id, stage: 'NEGOTIATION' })).opportunityChangeStage.opportunity).toMatchObject({
    stage: 'NEGOTIATION',
    actualAmount: null,
    closeReason: null,
    closedAt: null,
    probability: 60,
  });
  expect((await admin.graph(win, { id })).opportunityWin.opportunity).toMatchObject({
    actualAmount: { amount: '1000.00' },
    closeReason: null,
  });
});

test('an opportunity is lost with its reason', async () => {
  const { admin } = await tenant();
  const { id } = await sale(admin);
  expect((await admin.graph(lose, { id, input: { reason: '预算取消' } })).opportunityLose.opportunity).toMatchObject({
    stage: 'CLOSED_LOST',
    closeReason: '预算取消',
    probability: 0,
    actualAmount: null,
  });
});

test('of ten who close an opportunity at once, one does; the others learn that it is closed', async () => {
  const t = await tenant();
  const { id } = await sale(t.admin, { amount: { amount: '5' } });
  const before = await written(t);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => t.admin.graph.userErrors(index % 2 ? win : lose, { id })),
  );
  expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    ...Array.from({ length: 9 }, () => ['TRANSITION_NOT_ALLOWED stage']),
  ]);
  expect(await t.sql('select from_stage from stage_change order by number')).toEqual([
    { from_stage: null },
    { from_stage: 'PROSPECTING' },
  ]);
  const after = await written(t);
  expect([after.events - before.events, after.audit - before.audit]).toEqual([1, 2]);
});

test('ten moves at once leave a history without a gap', async () => {
  const { admin, sql } = await tenant();
  const { id } = await sale(admin);
  await Promise.all(
    Array.from({ length: 10 }, (_, index) => admin.graph(advance, { id, stage: open[1 + (index % 4)]! })),
  );
  const rows = await sql<{ from_stage: string | null; to_stage: string }>(
    'select from_stage, to_stage from stage_change order by number',
  );
  expect(rows.length).toBeGreaterThan(4);
  expect(rows.slice(1).map(({ from_stage }) => from_stage)).toEqual(rows.slice(0, -1).map(({ to_stage }) => to_stage));
  expect(
    (await admin.graph('query ($id: ID!) { opportunity(id: $id) { stage version } }', { id })).opportunity,
  ).toEqual({ stage: rows.at(-1)!.to_stage, version: rows.length });
});

test('a move from an older version is refused', async () => {
  const t = await tenant();
  const { id } = await sale(t.admin);
  await t.admin.graph(advance, { id, stage: 'PROPOSAL', version: 1 });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(advance, { id, stage: 'NEGOTIATION', version: 1 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  expect(await t.admin.graph.userErrors(win, { id, version: 1 })).toEqual(['VERSION_CONFLICT version']);
  expect(await written(t)).toEqual(before);
});

describe('an update', () => {
  const update = `mutation ($id: ID!, $input: OpportunityInput!) { opportunityUpdate(id: $id, input: $input) { opportunity { name ${fields} } userErrors { code field } } }`;

  test('with another stage moves the opportunity together with its fields, in one change', async () => {
    const t = await tenant();
    const { id } = await sale(t.admin, { stage: 'PROPOSAL', amount: { amount: '1000' } });
    const before = await written(t);
    const { opportunityUpdate } = await t.admin.graph(update, {
      id,
      input: { stage: 'CLOSED_WON', name: '新名', amount: { amount: '1200' } },
    });
    expect(opportunityUpdate).toEqual({
      opportunity: {
        name: '新名',
        stage: 'CLOSED_WON',
        probability: 100,
        version: 2,
        closeReason: null,
        actualAmount: { amount: '1200.00' },
        stageChanges: { nodes: [change(null, 'PROPOSAL'), change('PROPOSAL', 'CLOSED_WON')] },
      },
      userErrors: [],
    });
    expect((await written(t)).events).toBe(before.events + 1);
  });

  test('takes the likelihood that is given with the stage', async () => {
    const { admin } = await tenant();
    const { id } = await sale(admin, { stage: 'PROPOSAL' });
    const moved = async (input: object): Promise<Data> =>
      (await admin.graph(update, { id, input })).opportunityUpdate.opportunity;
    expect(await moved({ stage: 'NEGOTIATION', probability: 75 })).toMatchObject({
      stage: 'NEGOTIATION',
      probability: 75,
    });
    expect(await moved({ stage: 'NEGOTIATION', name: '新名' })).toMatchObject({
      name: '新名',
      stage: 'NEGOTIATION',
      probability: 75,
    });
    expect(await moved({ stage: 'PROPOSAL' })).toMatchObject({ stage: 'PROPOSAL', probability: 40 });
  });

  test('to a stage that cannot be reached changes nothing', async () => {
    const t = await tenant();
    const { id } = await sale(t.admin, { stage: 'CLOSED_WON', amount: { amount: '1000' } });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(update, { id, input: { stage: 'CLOSED_LOST', name: '新名' } })).toEqual([
      'TRANSITION_NOT_ALLOWED stage',
    ]);
    expect(await written(t)).toEqual(before);
    expect((await t.admin.graph(update, { id, input: { stage: 'CLOSED_WON' } })).opportunityUpdate).toMatchObject({
      opportunity: { version: 1 },
      userErrors: [],
    });
  });
});

test.each<[string, object, string[]]>([
  ['no name and no customer', {}, ['REQUIRED name', 'REQUIRED customer']],
  ['an unknown customer', { name: 'A', customer: crypto.randomUUID() }, ['UNKNOWN_REFERENCE customer']],
  ['a negative amount', { name: 'A', customer: 'x', amount: { amount: '-1' } }, ['OUT_OF_RANGE amount.amount']],
  ['a likelihood above 100', { name: 'A', customer: 'x', probability: 101 }, ['OUT_OF_RANGE probability']],
])('an opportunity with %s is refused, and nothing is written', async (_name, input, expected) => {
  const t = await tenant();
  expect(
    await t.admin.graph.userErrors(
      'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { userErrors { code field } } }',
      { input },
    ),
  ).toEqual(expected);
  expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
});

test('amounts and reasons that are wrong are named as the caller names them', async () => {
  const t = await tenant();
  const { id } = await sale(t.admin);
  const before = await written(t);
  expect(await t.admin.graph.userErrors(win, { id, input: { amount: { amount: '-1' } } })).toEqual([
    'OUT_OF_RANGE amount.amount',
  ]);
  expect(await t.admin.graph.userErrors(win, { id, input: { reason: '长'.repeat(501) } })).toEqual(['TOO_LONG reason']);
  expect(await t.admin.graph.userErrors(lose, { id, input: { reason: '长'.repeat(501) } })).toEqual([
    'TOO_LONG reason',
  ]);
  expect(await written(t)).toEqual(before);
});

test('numbers are OPP001 and on, without gaps for thirty at once', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  const made = await Promise.all(Array.from({ length: 30 }, () => opportunity(admin, { name: '项目', customer: id })));
  expect(made.map(({ code }) => code).toSorted()).toEqual(
    Array.from({ length: 30 }, (_, index) => `OPP${String(index + 1).padStart(3, '0')}`),
  );
});
