import { caseOf, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code field } } }';
const advance =
  'mutation ($id: ID!, $stage: OpportunityStage!) { opportunityChangeStage(id: $id, stage: $stage) { userErrors { code } } }';

/** Subscribes to names of what is told, and gives the next so many; afterwards there is nothing more. */
async function received(
  by: Actor,
  query: string,
  variables: Record<string, unknown>,
  work: () => Promise<unknown>,
  count: number,
): Promise<string[]> {
  const feed = await by.subscribe(query, variables);
  await work();
  const found: string[] = [];
  while (found.length < count) {
    const [event] = Object.values(await feed.next()) as Data[];
    found.push(`${event.kind} ${(event.customer ?? event.opportunity ?? event.case ?? { name: null }).name}`);
  }
  await feed.none();
  return found;
}

test('kinds and changed members', async () => {
  const { admin } = await tenant();
  const query =
    'subscription ($kinds: [ChangeKind!], $changed: [String!]) { customerChanged(kinds: $kinds, changed: $changed) { kind customer { name } } }';
  const work = (name: string) => async (): Promise<void> => {
    const { id } = await customer(admin, { name });
    await admin.graph(update, { id, input: { industry: '软件' } });
    await admin.graph(update, { id, input: { name: `${name}二` } });
    await admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id });
  };
  expect(await received(admin, query, { kinds: ['CREATED'] }, work('甲'), 1)).toEqual(['CREATED 甲']);
  expect(await received(admin, query, { kinds: ['DELETED'] }, work('乙'), 1)).toEqual(['DELETED null']);
  expect(await received(admin, query, { changed: ['industry'] }, work('丙'), 1)).toEqual(['UPDATED 丙']);
  expect(
    await received(admin, query, { kinds: ['UPDATED', 'CREATED'], changed: ['name', 'region'] }, work('丁'), 1),
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
      async () => {
        await customer(admin, { name: '别的' });
        await admin.graph(update, { id, input: { region: '华东' } });
      },
      1,
    ),
  ).toEqual(['UPDATED 已有']);
  expect(
    await received(
      admin,
      query,
      { filter: { ids: [String(number)], owner } },
      async () => {
        await customer(admin, { name: '别的二', owner });
        await customer(admin, { name: '别的三' });
        await admin.graph(update, { id, input: { owner } });
      },
      1,
    ),
  ).toEqual(['UPDATED 已有']);
  expect(
    await received(
      admin,
      query,
      { filter: { search: '华信', status: ['ACTIVE'] } },
      async () => {
        await customer(admin, { name: '华信一', status: 'POTENTIAL' });
        await customer(admin, { name: '华信二', status: 'ACTIVE' });
      },
      1,
    ),
  ).toEqual(['CREATED 华信二']);
});

test('pipelineChanged by kind, stages, owner and customer', async () => {
  const { admin, sales } = await tenant();
  const { id: of } = await customer(admin, { name: '客户' });
  const { id: other } = await customer(admin, { name: '另一' });
  const query = `subscription ($kinds: [PipelineChangeKind!], $from: [OpportunityStage!], $to: [OpportunityStage!], $filter: OpportunityFilter) {
    pipelineChanged(kinds: $kinds, fromStages: $from, toStages: $to, filter: $filter) { kind cursor opportunity { name } } }`;
  const work = (name: string) => async (): Promise<void> => {
    const { id } = await opportunity(admin, { name, customer: of, owner: await sales.id() });
    await opportunity(admin, { name: `${name}旁`, customer: other });
    await admin.graph(advance, { id, stage: 'PROPOSAL' });
    await admin.graph('mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code } } }', { id });
  };
  expect(await received(admin, query, { kinds: ['CREATED'], filter: { customer: of } }, work('甲'), 1)).toEqual([
    'CREATED 甲',
  ]);
  expect(await received(admin, query, { from: ['PROPOSAL'] }, work('乙'), 1)).toEqual(['WON 乙']);
  expect(
    await received(
      admin,
      query,
      { to: ['PROPOSAL', 'CLOSED_WON'], filter: { owner: await sales.id() } },
      work('丙'),
      2,
    ),
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
    changed: ['priority'],
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
