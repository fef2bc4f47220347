import { caseOf, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code field } } }';
const advance =
  'mutation ($id: ID!, $stage: OpportunityStage!) { opportunityChangeStage(id: $id, stage: $stage) { userErrors { code } } }';

type Step = () => Promise<unknown>;

/**
 * Subscribes and takes the steps; gives the kinds and names of what was published. An event is waited for before the step
 * that follows the one it comes from, since it carries the record as it is when it is sent.
 */
async function received(
  by: Actor,
  query: string,
  variables: Record<string, unknown>,
  steps: Step[],
  counts: number[],
): Promise<string[]> {
  const feed = await by.subscribe(query, variables);
  const found: string[] = [];
  for (const [index, step] of steps.entries()) {
    await step();
    for (let count = counts[index] ?? 0; count > 0; count -= 1) {
      const [event] = Object.values(await feed.next()) as Data[];
      found.push(`${event.kind} ${(event.customer ?? event.opportunity ?? { name: null }).name}`);
    }
  }
  await feed.none();
  return found;
}

test('kinds and changed members', async () => {
  const { admin } = await tenant();
  const query =
    'subscription ($kinds: [ChangeKind!], $changed: [CustomerField!]) { customerChanged(kinds: $kinds, changed: $changed) { kind customer { name } } }';
  const life = (name: string): Step[] => {
    let id: string;
    return [
      async () => ({ id } = await customer(admin, { name })),
      () => admin.graph(update, { id, input: { industry: '软件' } }),
      () => admin.graph(update, { id, input: { name: `${name}二` } }),
      () => admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id }),
    ];
  };
  expect(await received(admin, query, { kinds: ['CREATED'] }, life('甲'), [1])).toEqual(['CREATED 甲']);
  expect(await received(admin, query, { kinds: ['DELETED'] }, life('乙'), [0, 0, 0, 1])).toEqual(['DELETED null']);
  expect(await received(admin, query, { changed: ['INDUSTRY'] }, life('丙'), [0, 1])).toEqual(['UPDATED 丙']);
  expect(
    await received(admin, query, { kinds: ['UPDATED', 'CREATED'], changed: ['NAME', 'REGION'] }, life('丁'), [0, 0, 1]),
  ).toEqual(['UPDATED 丁二']);
});

test('conditions on the record, as they hold when it is published', async () => {
  const { admin, sales } = await tenant();
  const owner = await sales.id();
  const { id, number } = await customer(admin, { name: '已有' });
  const query =
    'subscription ($filter: CustomerFilter) { customerChanged(filter: $filter) { kind customer { name } } }';
  expect(
    await received(
      admin,
      query,
      { filter: { ids: [id] } },
      [() => customer(admin, { name: '别的' }), () => admin.graph(update, { id, input: { region: '华东' } })],
      [0, 1],
    ),
  ).toEqual(['UPDATED 已有']);
  expect(
    await received(
      admin,
      query,
      { filter: { ids: [String(number)], owner } },
      [
        () => customer(admin, { name: '别的二', owner }),
        () => customer(admin, { name: '别的三' }),
        () => admin.graph(update, { id, input: { owner } }),
      ],
      [0, 0, 1],
    ),
  ).toEqual(['UPDATED 已有']);
  expect(
    await received(
      admin,
      query,
      { filter: { search: '华信', status: ['ACTIVE'] } },
      [
        () => customer(admin, { name: '华信一', status: 'POTENTIAL' }),
        () => customer(admin, { name: '华信二', status: 'ACTIVE' }),
      ],
      [0, 1],
    ),
  ).toEqual(['CREATED 华信二']);
});

test('pipelineChanged by kind, stages, owner and customer', async () => {
  const { admin, sales } = await tenant();
  const { id: of } = await customer(admin, { name: '客户' });
  const { id: other } = await customer(admin, { name: '另一' });
  const query = `subscription ($kinds: [PipelineChangeKind!], $from: [OpportunityStage!], $to: [OpportunityStage!], $filter: OpportunityFilter) {
    pipelineChanged(kinds: $kinds, fromStages: $from, toStages: $to, filter: $filter) { kind cursor opportunity { name } } }`;
  const owner = await sales.id();
  const life = (name: string): Step[] => {
    let id: string;
    return [
      async () => ({ id } = await opportunity(admin, { name, customer: of, owner })),
      () => opportunity(admin, { name: `${name}旁`, customer: other }),
      () => admin.graph(advance, { id, stage: 'PROPOSAL' }),
      () => admin.graph('mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code } } }', { id }),
    ];
  };
  expect(await received(admin, query, { kinds: ['CREATED'], filter: { customer: of } }, life('甲'), [1])).toEqual([
    'CREATED 甲',
  ]);
  expect(await received(admin, query, { from: ['PROPOSAL'] }, life('乙'), [0, 0, 0, 1])).toEqual(['WON 乙']);
  expect(
    await received(admin, query, { to: ['PROPOSAL', 'CLOSED_WON'], filter: { owner } }, life('丙'), [0, 0, 1, 1]),
  ).toEqual(['MOVED 丙', 'WON 丙']);
});

test('caseChanged is about cases, by whom they are worked on', async () => {
  const { admin, sales } = await tenant();
  const { id: of } = await customer(admin, { name: '客户' });
  const feed = await admin.subscribe(
    'subscription ($filter: CaseFilter) { caseChanged(filter: $filter) { kind changed recordId case { subject status } } }',
    { filter: { assignee: await sales.id() } },
  );
  await caseOf(admin, { subject: '无人', customer: of });
  const { id } = await caseOf(admin, { subject: '有人', customer: of, assignee: await sales.id() });
  expect((await feed.next()).caseChanged).toEqual({
    kind: 'CREATED',
    changed: [],
    recordId: id,
    case: { subject: '有人', status: 'NEW' },
  });
  await admin.graph(
    'mutation ($id: ID!, $input: CaseInput!) { caseUpdate(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { priority: 'URGENT' } },
  );
  expect((await feed.next()).caseChanged).toEqual({
    kind: 'UPDATED',
    changed: ['PRIORITY'],
    recordId: id,
    case: { subject: '有人', status: 'NEW' },
  });
  await feed.none();
});

test('an event is masked as the subscriber may see it', async () => {
  const { admin, viewer, manager } = await tenant();
  const query = 'subscription { opportunityChanged { opportunity { amount { amount } customer { phone } } } }';
  const [seen, hidden] = [await manager.subscribe(query), await viewer.subscribe(query)];
  const { id } = await customer(admin, { name: '客户', phone: '13800138000' });
  await opportunity(admin, { name: '单', customer: id, amount: { amount: '100.00' } });
  expect((await seen.next()).opportunityChanged.opportunity).toEqual({
    amount: { amount: '100.00' },
    customer: { phone: '13800138000' },
  });
  expect((await hidden.next()).opportunityChanged.opportunity).toEqual({
    amount: null,
    customer: { phone: '138****8000' },
  });
});

test('pipelineChanged is sent for amounts, owners and deletion as well, each with what was changed', async () => {
  const { admin, sales } = await tenant();
  const { id: of } = await customer(admin, { name: '甲' });
  const feed = await admin.subscribe(
    'subscription { pipelineChanged { kind fromStage toStage changed opportunity { name } } }',
  );
  const { id } = await opportunity(admin, { name: '单', customer: of, amount: { amount: '10', currency: 'CNY' } });
  const change =
    'mutation ($id: ID!, $input: OpportunityInput!) { opportunityUpdate(id: $id, input: $input) { userErrors { code field } } }';
  for (const input of [
    { description: '无关' },
    { amount: { amount: '20', currency: 'CNY' } },
    { owner: await sales.id() },
    { probability: 35 },
    { stage: 'PROPOSAL', amount: { amount: '30', currency: 'CNY' } },
  ])
    expect(await admin.graph.userErrors(change, { id, input })).toEqual([]);
  const events: unknown[] = [];
  const next = async (): Promise<unknown> => events.push(Object.values((await feed.next()).pipelineChanged as Data));
  while (events.length < 5) await next();
  // an event shows the record as it is when it is sent
  for (const what of ['Delete', 'Restore']) {
    await admin.graph(`mutation ($id: ID!) { opportunity${what}(id: $id) { userErrors { code } } }`, { id });
    await next();
  }
  const named = { name: '单' };
  expect(events).toEqual([
    ['CREATED', null, 'PROSPECTING', [], named],
    ['AMOUNT_CHANGED', null, null, ['AMOUNT'], named],
    ['OWNER_CHANGED', null, null, ['OWNER'], named],
    ['AMOUNT_CHANGED', null, null, ['PROBABILITY'], named],
    ['MOVED', 'PROSPECTING', 'PROPOSAL', expect.arrayContaining(['STAGE', 'AMOUNT']), named],
    ['DELETED', null, null, [], null],
    ['RESTORED', null, null, [], named],
  ]);
  await feed.none();
});
