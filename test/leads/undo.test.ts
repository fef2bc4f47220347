import { contact, contract, customer, opportunity, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const convert = `mutation ($id: ID!, $input: LeadConvertInput!) { leadConvert(id: $id, input: $input) {
  customer { id name } contact { id name phone } opportunity { id } userErrors { code field } } }`;
const undo = `mutation ($id: ID!, $reason: String, $version: Int) { leadUndoConversion(id: $id, reason: $reason, version: $version) {
  lead { status convertedAt version customer { id } contact { id } opportunity { id } } userErrors { code field message } } }`;
const everything = { createCustomer: true, createContact: true, opportunityName: '采购' };

let t: TestTenant;
beforeEach(async () => {
  t = await tenant();
});

async function lead(input: object = {}, by: Actor = t.admin): Promise<string> {
  const { leadCreate } = await by.graph(
    'mutation ($input: LeadInput!) { leadCreate(input: $input) { lead { id } userErrors { code field } } }',
    { input: { name: '线索', company: '科技公司', contactPerson: '张三', phone: '13800138001', ...input } },
  );
  expect(leadCreate.userErrors).toEqual([]);
  return leadCreate.lead.id;
}

const converted = async (id: string, input: object): Promise<Data> =>
  (await t.admin.graph(convert, { id, input })).leadConvert;
const done = async (mutation: string, variables: object = {}): Promise<void> => {
  expect(await t.admin.graph.userErrors(mutation, variables)).toEqual([]);
};
const shown = (): Promise<Data> =>
  t.admin.graph(
    '{ customers { nodes { name } } contacts { nodes { name } } opportunities { nodes { name } } customerContacts { totalCount } stageChanges { totalCount } }',
  );
const nothing = {
  customers: { nodes: [] },
  contacts: { nodes: [] },
  opportunities: { nodes: [] },
  customerContacts: { totalCount: 0 },
  stageChanges: { totalCount: 0 },
};

test.each(['NEW', 'QUALIFIED'])(
  'what was made of a lead that was %s is hidden, and the lead is what it was',
  async (status) => {
    const id = await lead();
    if (status === 'QUALIFIED')
      await done('mutation ($id: ID!) { leadChangeStatus(id: $id, status: QUALIFIED) { userErrors { code } } }', {
        id,
      });
    const made = await converted(id, everything);
    const { leadUndoConversion: undone } = await t.admin.graph(undo, { id, reason: '错了' });
    expect(undone).toEqual({
      lead: {
        status,
        convertedAt: null,
        version: expect.any(Number),
        customer: null,
        contact: null,
        opportunity: null,
      },
      userErrors: [],
    });
    expect(await shown()).toEqual(nothing);
    const events = await t.sql('select type, data from outbox order by seq desc limit 4');
    expect(events.map(({ type }) => type)).toEqual([
      'crm.lead.conversionUndone',
      'crm.customer.deleted',
      'crm.contact.deleted',
      'crm.opportunity.deleted',
    ]);
    expect(events[0]!.data).toMatchObject({ fromStatus: 'CONVERTED', toStatus: status, customer: made.customer.id });
    const { auditEntries } = await t.admin.graph(
      '{ auditEntries(filter: { operation: "lead.undoConversion" }, first: 10) { nodes { recordType reason } } }',
    );
    expect(auditEntries.nodes.map(({ recordType }: Data) => recordType).toSorted()).toEqual([
      'Contact',
      'Customer',
      'Lead',
      'Opportunity',
    ]);
    expect(auditEntries.nodes[0].reason).toBe('错了');
    // and it can be converted anew, under the same name
    expect((await converted(id, everything)).userErrors).toEqual([]);
  },
);

test('what was there before stays', async () => {
  const { id: there } = await customer(t.admin, { name: '科技公司' });
  const { id: person } = await contact(t.admin, { name: '张三丰', customer: there, phone: '138-0013-8001' });
  const id = await lead();
  const made = await converted(id, { customer: there, createContact: true, opportunityName: '采购' });
  expect([made.customer.id, made.contact.id]).toEqual([there, person]);
  await done(undo, { id });
  expect(await shown()).toEqual({
    customers: { nodes: [{ name: '科技公司' }] },
    contacts: { nodes: [{ name: '张三丰' }] },
    opportunities: { nodes: [] },
    customerContacts: { totalCount: 1 },
    stageChanges: { totalCount: 0 },
  });
});

const works: Array<[what: string, field: string, said: RegExp, work: (made: Data) => Promise<unknown>]> = [
  [
    'a contract',
    'opportunity',
    /Contract \(1\)/,
    ({ customer: { id }, opportunity: { id: of } }) =>
      contract(t.admin, { name: '合同', customer: id, opportunity: of }),
  ],
  [
    'another opportunity',
    'customer',
    /Opportunity \(1\)/,
    ({ customer: { id } }) => opportunity(t.admin, { name: '另一个', customer: id }),
  ],
  [
    'a move of the opportunity',
    'opportunity',
    /Change of stage \(1\)/,
    ({ opportunity: { id } }) =>
      done('mutation ($id: ID!) { opportunityChangeStage(id: $id, stage: PROPOSAL) { userErrors { code } } }', { id }),
  ],
  [
    'an activity with the person',
    'contact',
    /Activity \(1\)/,
    ({ contact: { id } }) =>
      done('mutation ($id: ID!) { activityCreate(input: { subject: "拜访", contact: $id }) { userErrors { code } } }', {
        id,
      }),
  ],
  [
    'a tag',
    'customer',
    /Tag \(1\)/,
    ({ customer: { id } }) =>
      done(
        'mutation ($id: ID!) { customerTagCreate(input: { customer: $id, name: "重点" }) { userErrors { code } } }',
        {
          id,
        },
      ),
  ],
  [
    'another person',
    'customer',
    /Customer's contact \(1\)/,
    ({ customer: { id } }) => contact(t.admin, { name: '李四', customer: id }),
  ],
];

test.each(works)('%s keeps a conversion from being undone, and that is said', async (_what, field, said, work) => {
  const id = await lead();
  const made = await converted(id, everything);
  await work(made);
  const before = [await written(t), await shown()];
  const { leadUndoConversion: refused } = await t.admin.graph(undo, { id });
  expect(refused.lead).toBeNull();
  expect(refused.userErrors).toContainEqual({
    code: 'BUILT_UPON',
    field: [field],
    message: expect.stringMatching(said),
  });
  expect([await written(t), await shown()]).toEqual(before);
});

test('what was deleted of it meanwhile, and what the server adds by itself, keeps nobody from it', async () => {
  const id = await lead();
  const made = await converted(id, everything);
  await done('mutation ($id: ID!) { opportunityDelete(id: $id) { userErrors { code } } }', { id: made.opportunity.id });
  await done('mutation ($id: ID!) { customerCalculateHealth(id: $id) { userErrors { code } } }', {
    id: made.customer.id,
  });
  await done(undo, { id });
  expect(await shown()).toEqual(nothing);
});

test('a lead that is not converted, another version, and whoever may not, are refused', async () => {
  const id = await lead();
  expect(await t.admin.graph.userErrors(undo, { id })).toEqual(['TRANSITION_NOT_ALLOWED status']);
  await converted(id, everything);
  expect(await t.admin.graph.userErrors(undo, { id, version: 1 })).toEqual(['VERSION_CONFLICT version']);
  expect(await t.outsider.graph.userErrors(undo, { id })).toEqual(['NOT_FOUND id']);
  expect(await t.viewer.graph.refused(undo, { id })).toEqual(['FORBIDDEN']);
  const answers = await Promise.all(Array.from({ length: 5 }, () => t.admin.graph.userErrors(undo, { id })));
  expect(answers.toSorted()).toEqual([[], ...Array.from({ length: 4 }, () => ['TRANSITION_NOT_ALLOWED status'])]);
});

describe('a person who is a contact of the customer already', () => {
  test.each<[string, object, object, boolean]>([
    ['with the same phone', { phone: '13800138001' }, {}, true],
    ['with the same phone, written differently', { phone: '+86 138-0013-8001' }, {}, true],
    ['with the same mobile phone', { mobile: '0086 138 0013 8001' }, {}, true],
    ['with the same e-mail', { email: 'Zhang@Example.com' }, { email: 'zhang@example.com' }, true],
    ['with the same name, where the lead has no more', {}, { phone: null }, true],
    ['with the same name and another phone', { phone: '13900139000' }, {}, false],
    ['with the same name and no phone', {}, {}, false],
    ['with the same extension', { phone: '8001' }, { phone: '8001' }, true],
    ['with a phone that only ends as it does', { phone: '8001' }, {}, false],
  ])('%s', async (_what, stored, input, same) => {
    const { id: there } = await customer(t.admin, { name: '科技公司' });
    const person = await contact(t.admin, { name: '张三', customer: there, ...stored });
    const elsewhere = await customer(t.admin, { name: '别家' });
    await contact(t.admin, { name: '张三', customer: elsewhere.id, phone: '13800138001', email: 'zhang@example.com' });
    const made = await converted(await lead(input), { customer: there, createContact: true });
    expect([made.userErrors, made.contact.id === person.id]).toEqual([[], same]);
    expect((await t.sql('select 1 from contact')).length).toBe(same ? 2 : 3);
  });

  test('is taken by both of two conversions at the same moment', async () => {
    const { id: there } = await customer(t.admin, { name: '科技公司' });
    const ids = await Promise.all([lead(), lead()]);
    const made = await Promise.all(ids.map((id) => converted(id, { customer: there, createContact: true })));
    expect(new Set(made.map(({ contact: { id } }) => id)).size).toBe(1);
    expect(await t.sql('select 1 from customer_contact')).toHaveLength(1);
    // the one that was made by the one is what the other one is built on
    const errors = await Promise.all(ids.map((id) => t.admin.graph.userErrors(undo, { id })));
    expect(errors.toSorted((a, b) => a.length - b.length)[0]).toEqual([]);
  });
});
