import { customer, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const convert = `mutation ($id: ID!, $input: LeadConvertInput!, $version: Int) { leadConvert(id: $id, input: $input, version: $version) {
  lead { status customer { id } contact { id } opportunity { id } } customer { id name phone email contactPerson owner { login } }
  contact { name phone link { primary customer { id } } } opportunity { name stage amount { amount } expectedCloseOn customer { id } campaign { name } owner { login } } userErrors { code field } } }`;
const documented = {
  createCustomer: true,
  createContact: true,
  opportunityName: '产品采购机会',
  amount: { amount: '1000000' },
  expectedCloseOn: '2023-07-31',
};

async function lead(by: Actor, input: object = {}): Promise<Data> {
  const { leadCreate } = await by.graph(
    'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { id } userErrors { code field } } }',
    {
      input: {
        name: '潜在客户A',
        company: '科技公司',
        contactPerson: '张三',
        phone: '13800138001',
        email: 'lead@example.com',
        source: 'WEBSITE',
        ...input,
      },
    },
  );
  return leadCreate.lead;
}

const counts = async (t: TestTenant): Promise<Data> =>
  (
    await t.sql(
      'select (select count(*)::int from customer) customers, (select count(*)::int from contact) contacts, (select count(*)::int from opportunity) opportunities, (select status from lead) as status',
    )
  )[0];

test('a lead becomes a customer, a contact and an opportunity in one transaction, carrying its campaign and owner over', async () => {
  const t = await tenant();
  const { campaignCreate } = await t.admin.graph(
    'mutation { campaignCreate(input: { name: "发布会", kind: EVENT }) { campaign { id } userErrors { code } } }',
  );
  const { id } = await lead(t.sales, { campaign: campaignCreate.campaign.id });
  const { leadConvert: made } = await t.admin.graph(convert, { id, input: documented });
  expect(made).toEqual({
    lead: {
      status: 'CONVERTED',
      customer: { id: made.customer.id },
      contact: { id: expect.any(String) },
      opportunity: { id: expect.any(String) },
    },
    customer: {
      id: made.customer.id,
      name: '科技公司',
      phone: '13800138001',
      email: 'lead@example.com',
      contactPerson: '张三',
      owner: { login: 'sales' },
    },
    contact: { name: '张三', phone: '13800138001', link: { primary: true, customer: { id: made.customer.id } } },
    opportunity: {
      name: '产品采购机会',
      stage: 'PROSPECTING',
      amount: { amount: '1000000.00' },
      expectedCloseOn: '2023-07-31',
      customer: { id: made.customer.id },
      campaign: { name: '发布会' },
      owner: { login: 'sales' },
    },
    userErrors: [],
  });
  const events = await t.sql('select type, data, xmin::text from outbox order by seq desc limit 5');
  expect(events[0]).toMatchObject({ type: 'crm.lead.converted', data: { customer: made.customer.id } });
  expect(events.map(({ type }) => type)).toEqual([
    'crm.lead.converted',
    'crm.opportunity.created',
    'crm.customerContact.created',
    'crm.contact.created',
    'crm.customer.created',
  ]);
  expect(new Set(events.map(({ xmin }) => xmin)).size).toBe(1);
});

test('a lead without company and person gives its own name', async () => {
  const t = await tenant();
  const { id } = await lead(t.admin, { company: null, contactPerson: null });
  expect(
    (await t.admin.graph(convert, { id, input: { createCustomer: true, createContact: true } })).leadConvert,
  ).toMatchObject({
    customer: { name: '潜在客户A' },
    contact: { name: '潜在客户A' },
    opportunity: null,
    userErrors: [],
  });
});

test.each<[string, object, object]>([
  ['nothing', {}, { customers: 0, contacts: 0, opportunities: 0, status: 'CONVERTED' }],
  [
    'a customer',
    { createCustomer: true, createContact: false },
    { customers: 1, contacts: 0, opportunities: 0, status: 'CONVERTED' },
  ],
  ['a contact', { createContact: true }, { customers: 0, contacts: 1, opportunities: 0, status: 'CONVERTED' }],
  [
    'a customer and an opportunity',
    { createCustomer: true, opportunityName: ' 商机 ' },
    { customers: 1, contacts: 0, opportunities: 1, status: 'CONVERTED' },
  ],
])('a lead becomes %s where only that is asked for', async (_name, input, expected) => {
  const t = await tenant();
  const { id } = await lead(t.admin);
  expect(await t.admin.graph.userErrors(convert, { id, input })).toEqual([]);
  expect(await counts(t)).toEqual(expected);
});

test('a lead that turns out to be a customer gives its contact and opportunity to that one', async () => {
  const t = await tenant();
  const there = await customer(t.admin, { name: '科技公司' });
  const { id } = await lead(t.admin);
  expect(
    (await t.admin.graph(convert, { id, input: { ...documented, customer: String(there.number) } })).leadConvert,
  ).toMatchObject({
    customer: { id: there.id, phone: null },
    contact: { link: { primary: false, customer: { id: there.id } } },
    opportunity: { customer: { id: there.id } },
    userErrors: [],
  });
  expect(await counts(t)).toEqual({ customers: 1, contacts: 1, opportunities: 1, status: 'CONVERTED' });
});

test.each<[string, object, string]>([
  ['an opportunity without a customer', { opportunityName: '商机' }, 'REQUIRED customer'],
  ['an amount of no opportunity', { createCustomer: true, amount: { amount: '5' } }, 'REQUIRED opportunityName'],
  ['a day of no opportunity', { createCustomer: true, expectedCloseOn: '2027-01-31' }, 'REQUIRED opportunityName'],
  ['a customer whose name is taken', { createCustomer: true, createContact: true }, 'NAME_TAKEN name'],
  ['a customer that does not exist', { customer: '0', createContact: true }, 'UNKNOWN_REFERENCE customer'],
  [
    'an opportunity of less than nothing, after customer and contact were made',
    { ...documented, customer: undefined, amount: { amount: '-1' } },
    'OUT_OF_RANGE amount.amount',
  ],
])('%s is refused: nothing is made, the lead stays open', async (name, input, error) => {
  const t = await tenant();
  if (name.includes('taken')) await customer(t.admin, { name: '科技公司' });
  const { id } = await lead(t.admin);
  const before = [await counts(t), await written(t)];
  expect(await t.admin.graph.userErrors(convert, { id, input })).toEqual([error]);
  expect([await counts(t), await written(t)]).toEqual(before);
});

test('a lead converts once: again, and for nine of ten at once, it is refused and nothing is made', async () => {
  const t = await tenant();
  const { id } = await lead(t.admin);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => t.admin.graph.userErrors(convert, { id, input: { createContact: true } })),
  );
  expect(answers.toSorted()).toEqual([[], ...Array.from({ length: 9 }, () => ['TRANSITION_NOT_ALLOWED status'])]);
  expect(await counts(t)).toEqual({ customers: 0, contacts: 1, opportunities: 0, status: 'CONVERTED' });
  const before = [await counts(t), await written(t)];
  expect(await t.admin.graph.userErrors(convert, { id, input: documented })).toEqual(['TRANSITION_NOT_ALLOWED status']);
  expect([await counts(t), await written(t)]).toEqual(before);
});

test('an unqualified lead, one of another tenant, or an old version is not converted', async () => {
  const t = await tenant();
  const { id } = await lead(t.admin);
  expect(await t.admin.graph.userErrors(convert, { id, input: {}, version: 9 })).toEqual(['VERSION_CONFLICT version']);
  expect(await t.outsider.graph.userErrors(convert, { id, input: {} })).toEqual(['NOT_FOUND id']);
  expect(await t.viewer.graph.refused(convert, { id, input: {} })).toEqual(['FORBIDDEN']);
  await t.admin.graph(
    'mutation ($id: ID!) { leadChangeStatus(id: $id, status: UNQUALIFIED) { userErrors { code } } }',
    { id },
  );
  expect(await t.admin.graph.userErrors(convert, { id, input: {} })).toEqual(['TRANSITION_NOT_ALLOWED status']);
  expect((await counts(t)).status).toBe('UNQUALIFIED');
});
