import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Records named by their ids are looked for in the round trip of the writes that need them; what is refused stays the same.

const create =
  'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { opportunity { code name customer { name } } userErrors { code field } } }';
const relate =
  'mutation ($input: CustomerRelationInput!) { customerRelationCreate(input: $input) { customerRelation { id } userErrors { code field } } }';
const nobody = '01900000-0000-7000-8000-000000000000';

let t: TestTenant;
beforeEach(async () => {
  t = await tenant();
});

const refused = async (input: object): Promise<Data> => (await t.admin.graph(create, { input })).opportunityCreate;
const left = async (): Promise<Data> => [
  await t.sql('select 1 from opportunity'),
  await t.sql('select 1 from audit_entry'),
  await t.sql('select 1 from outbox'),
  await t.sql("select 1 from series where name = 'opportunity'"),
];

test("a record that does not exist, or is another tenant's, is refused by name, and nothing is left behind", async () => {
  const foreign = await customer((await tenant()).admin, { name: 'fremd' });
  for (const id of [nobody, foreign.id]) {
    expect(await refused({ name: 'x', customer: id })).toEqual({
      opportunity: null,
      userErrors: [{ code: 'UNKNOWN_REFERENCE', field: ['input', 'customer'] }],
    });
  }
  expect(await left()).toEqual([[], [], [], []]);
});

test('of several records that do not exist the first is named', async () => {
  const { id } = await customer(t.admin, { name: 'da' });
  const error = (field: string): Data => ({
    opportunity: null,
    userErrors: [{ code: 'UNKNOWN_REFERENCE', field: ['input', field] }],
  });
  expect(await refused({ name: 'x', customer: nobody, campaign: nobody })).toEqual(error('customer'));
  expect(await refused({ name: 'x', customer: id, campaign: nobody })).toEqual(error('campaign'));
  expect(await refused({ name: 'x', customer: nobody, owner: 'nobody' })).toEqual(error('customer'));
});

test('a record that does not exist is reported before a rule that comes behind it', async () => {
  const { customerRelationCreate } = await t.admin.graph(relate, {
    input: { from: nobody, to: nobody, kind: 'PARTNER' },
  });
  expect(customerRelationCreate).toEqual({
    customerRelation: null,
    userErrors: [{ code: 'UNKNOWN_REFERENCE', field: ['input', 'from'] }],
  });
  const { id } = await customer(t.admin, { name: 'da' });
  const again = await t.admin.graph(relate, { input: { from: id, to: id, kind: 'PARTNER' } });
  expect(again.customerRelationCreate).toEqual({
    customerRelation: null,
    userErrors: [{ code: 'INVALID', field: ['input', 'to'] }],
  });
});

test('the record is shown as it was committed, number and all', async () => {
  const { id } = await customer(t.admin, { name: 'da' });
  for (const code of ['OPP001', 'OPP002', 'OPP003']) {
    expect((await t.admin.graph(create, { input: { name: code, customer: id } })).opportunityCreate).toEqual({
      opportunity: { code, name: code, customer: { name: 'da' } },
      userErrors: [],
    });
  }
  expect(await t.sql('select seq from outbox order by seq')).toHaveLength(4);
});
