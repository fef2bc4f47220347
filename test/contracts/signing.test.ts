import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const sign =
  'mutation ($id: ID!, $signedOn: Date, $version: Int) { contractSign(id: $id, signedOn: $signedOn, version: $version) { contract { status signedOn } opportunity { stage actualAmount { amount } closeReason } customer { status statusChanges { nodes { fromStatus toStatus reason changedBy { login } } } } userErrors { code field } } }';

async function world(
  stage = 'NEGOTIATION',
  status = 'POTENTIAL',
): Promise<{ t: TestTenant; id: string; code: string }> {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A', status });
  const { opportunityCreate } = await t.admin.graph(
    'mutation ($customer: ID!, $stage: OpportunityStage) { opportunityCreate(input: { name: "商机", customer: $customer, amount: { amount: "900" }, stage: $stage }) { opportunity { id } userErrors { code } } }',
    { customer: customerId, stage },
  );
  const { id, code } = await contract(t.admin, {
    name: '合同',
    customer: customerId,
    opportunity: opportunityCreate.opportunity.id,
    amount: { amount: '1000' },
  });
  return { t, id, code };
}

const everything = async (t: TestTenant): Promise<Data> => [
  await written(t),
  await t.sql('select * from contract'),
  await t.sql('select * from opportunity'),
  await t.sql('select * from customer'),
  await t.sql('select * from status_change'),
];

test("signing puts the draft into force, wins its opportunity with the contract's amount and makes the customer active", async () => {
  const { t, id, code } = await world();
  expect((await t.manager.graph(sign, { id, signedOn: '2026-03-01' })).contractSign).toEqual({
    contract: { status: 'IN_FORCE', signedOn: '2026-03-01' },
    opportunity: { stage: 'CLOSED_WON', actualAmount: { amount: '1000.00' }, closeReason: code },
    customer: {
      status: 'ACTIVE',
      statusChanges: {
        nodes: [{ fromStatus: 'POTENTIAL', toStatus: 'ACTIVE', reason: code, changedBy: { login: 'manager' } }],
      },
    },
    userErrors: [],
  });
  const events = await t.sql('select type, xmin::text from outbox order by seq desc limit 3');
  expect(events.map(({ type }) => type)).toEqual([
    'crm.customer.updated',
    'crm.opportunity.closed',
    'crm.contract.signed',
  ]);
  expect(new Set(events.map(({ xmin }) => xmin)).size).toBe(1);
});

test('moving a draft into force by its status is signing it', async () => {
  const { t, id } = await world();
  await t.admin.graph(
    'mutation ($id: ID!) { contractChangeStatus(id: $id, status: IN_FORCE) { userErrors { code } } }',
    { id },
  );
  expect(
    await t.sql('select o.stage, c.status from opportunity o join customer c on c.tenant_id = o.tenant_id'),
  ).toEqual([{ stage: 'CLOSED_WON', status: 'ACTIVE' }]);
});

test('signing what is in force changes nothing, also for ten at once', async () => {
  const { t, id } = await world();
  const answers = await Promise.all(Array.from({ length: 10 }, () => t.admin.graph.userErrors(sign, { id })));
  expect(answers).toEqual(Array.from({ length: 10 }, () => []));
  expect(
    await t.sql(
      "select (select count(*)::int from outbox where type = 'crm.contract.signed') signed, (select count(*)::int from status_change) moves, (select version from contract) as version",
    ),
  ).toEqual([{ signed: 1, moves: 1, version: 2 }]);
});

test('an opportunity that is won already keeps what it was won with; a customer that is active stays so', async () => {
  const { t, id } = await world('CLOSED_WON', 'ACTIVE');
  expect((await t.admin.graph(sign, { id })).contractSign).toMatchObject({
    opportunity: { actualAmount: { amount: '900.00' } },
    customer: { status: 'ACTIVE', statusChanges: { nodes: [] } },
  });
});

test('an opportunity that is lost cannot be won by a signature: nothing is changed', async () => {
  const { t, id } = await world('CLOSED_LOST');
  const before = await everything(t);
  expect(await t.admin.graph.userErrors(sign, { id })).toEqual(['TRANSITION_NOT_ALLOWED stage']);
  expect(await everything(t)).toEqual(before);
});

test('a signature from an old version, of another tenant or by a viewer is refused and changes nothing', async () => {
  const { t, id } = await world();
  const before = await everything(t);
  expect(await t.admin.graph.userErrors(sign, { id, version: 7 })).toEqual(['VERSION_CONFLICT version']);
  expect(await t.outsider.graph.userErrors(sign, { id })).toEqual(['NOT_FOUND id']);
  expect(await t.viewer.graph.refused(sign, { id })).toEqual(['FORBIDDEN']);
  expect(await everything(t)).toEqual(before);
});
