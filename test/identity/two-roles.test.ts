import { contact, contract, customer, opportunity, written } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// With the roles `sales` and `viewer` one sees everything and changes one's own: the one role widens nothing of the other.

let t: TestTenant;
let both: Actor;
/** for each owner of a customer: the customer, and what hangs on it */
const made: Record<'mine' | 'free' | 'theirs', Record<string, string>> = { mine: {}, free: {}, theirs: {} };

beforeAll(async () => {
  t = await tenant();
  both = await actor('both', t.code, ['sales', 'viewer']);
  const owners = { mine: await both.id(), free: null, theirs: await t.sales2.id() };
  for (const [whose, owner] of Object.entries(owners) as Array<[keyof typeof made, string | null]>) {
    const { id } = await customer(t.admin, { name: whose, owner });
    const person = await contact(t.admin, { name: whose, customer: id });
    const [sale, agreement] = [
      await opportunity(t.admin, { name: whose, customer: id }),
      await contract(t.admin, { name: whose, customer: id }),
    ];
    made[whose] = {
      customer: id,
      contact: person.id,
      link: person.link.id,
      opportunity: sale.id,
      contract: agreement.id,
    };
  }
});

const changes: Array<[kind: string, mutation: string]> = [
  ['customer', 'customerUpdate(id: $id, input: { remarks: "x" })'],
  ['customer', 'customerChangeStatus(id: $id, status: ACTIVE)'],
  ['customer', 'creditAssessmentCreate(input: { customer: $id, score: 5, creditLimit: { amount: "5" } })'],
  ['customer', 'usageEventsCreate(inputs: [{ customer: $id, kind: LOGIN }])'],
  ['contact', 'contactUpdate(id: $id, input: { department: "x" })'],
  ['link', 'customerContactUpdate(id: $id, input: { position: "x" })'],
  ['opportunity', 'opportunityUpdate(id: $id, input: { description: "x" })'],
  ['opportunity', 'opportunityChangeStage(id: $id, stage: PROPOSAL)'],
  ['contract', 'contractUpdate(id: $id, input: { name: "x" })'],
  ['contract', 'contractSign(id: $id)'],
  ['contract', 'paymentCreate(input: { contract: $id, amount: { amount: "5" } }, allowOverpayment: true)'],
];

test('all customers are seen', async () => {
  expect((await both.graph('{ customers(orderBy: { field: NUMBER }) { nodes { name } } }')).customers.nodes).toEqual(
    Object.keys(made).map((name) => ({ name })),
  );
});

test.each(changes)(
  '%s: %s does its work for the own and the unassigned, and nothing for a colleague’s',
  async (kind, mutation) => {
    const change = (whose: keyof typeof made): Promise<Data> =>
      both.graph.raw(`mutation ($id: ID!) { ${mutation} { userErrors { code } } }`, { id: made[whose][kind] });
    const [name] = mutation.split('(');
    const before = await written(t);
    const refused = await change('theirs');
    expect([refused.body.errors?.[0].extensions.code, refused.body.data]).toEqual(['FORBIDDEN', { [name!]: null }]);
    expect(await written(t)).toEqual(before);
    for (const whose of ['mine', 'free'] as const)
      expect((await change(whose)).body).toEqual({ data: { [name!]: { userErrors: [] } } });
    expect((await written(t)).audit).toBeGreaterThan(before.audit);
  },
);

test('of many changes those to a colleague’s customers are refused by themselves', async () => {
  const ids = [made.mine['customer'], made.theirs['customer']];
  const { customersUpdate } = await both.graph(
    'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { id userErrors { code } } } }',
    { inputs: ids.map((id) => ({ id, input: { remarks: 'y' } })) },
  );
  expect(customersUpdate.results).toEqual([
    { id: ids[0], userErrors: [] },
    { id: null, userErrors: [{ code: 'FORBIDDEN' }] },
  ]);
  expect(await t.sql("select name from customer where remarks = 'y'")).toEqual([{ name: 'mine' }]);
});
