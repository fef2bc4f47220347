import { getNamedType, isInputObjectType } from 'graphql';
import { mutations } from '../support/mutations.js';
import { contact, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Mutations that name several records: what each has to do with the others. Those that must agree are refused where they do not.

/** The records that a mutation names, as paths of its arguments. */
const named = Object.entries(mutations).flatMap(([mutation, { args }]) => {
  const ids = args.flatMap(({ name, type }) => {
    const of = getNamedType(type);
    if (of.name === 'ID') return [name];
    return isInputObjectType(of)
      ? Object.values(of.getFields()).flatMap((field) =>
          getNamedType(field.type).name === 'ID' ? [`${name}.${field.name}`] : [],
        )
      : [];
  });
  return ids.length > 1 ? [[mutation, ids] as const] : [];
});

/** People who look after records, and campaigns that they come from, have nothing to do with whose the records are. */
const independent = /\.(?:owner|assignee|staff|campaign)\b/;

const pairs = 'held by pairs.test.ts';
const apart = 'are linked by it, whosever they are';
const below = 'below';
const why: Record<string, string> = {
  activityCreate: pairs,
  activityUpdate: pairs,
  caseCreate: pairs,
  caseUpdate: pairs,
  contractCreate: pairs,
  contractRestore: pairs,
  contractUpdate: pairs,
  contactUnlinkCustomers: 'test/contacts: what is not linked is reported',
  customerUnlinkContacts: 'test/contacts: what is not linked is reported',
  customerMemberCreate: apart,
  ...Object.fromEntries(
    ['customers', 'leads'].flatMap((records) => [
      [`${records}Assign`, 'gives records to people: test/pools'],
      [`${records}MovePool`, 'puts records into a pool of their kind: test/pools'],
      [`${records}Return`, 'puts records into a pool of their kind: test/pools'],
      [`${records}Transfer`, 'gives records to people: test/pools'],
    ]),
  ),
  departmentCreate: apart,
  departmentDelete: 'puts what is in it into another department: test/departments',
  departmentMove: 'refused where it would be below itself: test/departments',
  departmentUpdate: apart,
  holdingLimitCreate: 'is for one of them: test/pools',
  holdingLimitUpdate: 'is for one of them: test/pools',
  poolDelete: 'puts what lies in it into another pool of the kind: test/pools',
  poolRuleUpdate: 'is for records of the kind of the pool: test/pools',
  poolSetMembers: apart,
  userCreate: apart,
  userUpdate: 'refused where a user would report to themselves: test/departments',
  contactUpdate: 'links the person to the customer, where it is not linked yet',
  customerContactCreate: apart,
  customerContactUpdate: below,
  customerRelationCreate: apart,
  customerTagDelete: below,
  customerTenantCreate: apart,
  customerTenantUpdate: below,
  fileAttach: 'to one record, test/files',
  leadConvert: 'takes the lead to the customer',
  opportunityUpdate: 'moves the opportunity to the customer, with what refers to it: pairs.test.ts',
  savedViewUpdate: apart,
  successTaskUpdate: 'moves the task to the customer; nothing refers to tasks',
  webhookRetry: 'test/events/webhook-failures: deliveries of another webhook are unknown',
};

test('of every mutation that names several records it is known what they have to do with each other', () => {
  const open = named.filter(([, ids]) => ids.filter((id) => !independent.test(id)).length > 1);
  expect(open.map(([mutation]) => mutation).toSorted()).toEqual(Object.keys(why).toSorted());
});

let t: TestTenant;
let ours: Data;
let others: Data;
let person: Data;
beforeEach(async () => {
  t = await tenant();
  [ours, others] = [await customer(t.admin, { name: '甲' }), await customer(t.admin, { name: '乙' })];
  person = await contact(t.admin, { name: '张三', customer: ours['id'] });
});

/** The refusals of a mutation, which has no effect if there is one. */
async function refusals(mutation: string, variables: Data): Promise<string[]> {
  const { args } = mutations[mutation]!;
  const used = args.filter(({ name }) => name in variables);
  const text = `mutation (${used.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')}) { ${mutation}(${used.map(({ name }) => `${name}: $${name}`).join(', ')}) { userErrors { code field } } }`;
  const before = await written(t);
  const found = await t.admin.graph.userErrors(text, variables);
  if (found.length > 0) expect(await written(t)).toEqual(before);
  return found;
}

test('a link keeps its customer and its contact, and takes them again', async () => {
  const other = await contact(t.admin, { name: '李四', customer: others['id'] });
  const change = (input: Data): Promise<string[]> =>
    refusals('customerContactUpdate', { id: person['link'].id, input });
  const [position, nobody] = ['经理', '01900000-0000-7000-8000-000000000000'];
  expect(await change({ position, customer: others['id'] })).toEqual(['INVALID customer']);
  expect(await change({ position, customer: String(others['number']) })).toEqual(['INVALID customer']);
  expect(await change({ position, contact: other['id'] })).toEqual(['INVALID contact']);
  expect(await change({ position, contact: null })).toEqual(['INVALID contact']);
  expect(await change({ position, customer: nobody })).toEqual(['UNKNOWN_REFERENCE customer']);
  expect(await change({ position, customer: String(ours['number']), contact: person['id'] })).toEqual([]);
  expect(
    (await t.admin.graph('{ customerContacts(first: 1) { nodes { position customer { id } contact { id } } } }'))
      .customerContacts.nodes,
  ).toEqual([{ position, customer: { id: ours['id'] }, contact: { id: person['id'] } }]);
});

test('so does a link to a tenant', async () => {
  await t.outsider.id();
  const third = await tenant();
  await third.admin.id();
  const { customerTenantCreate: made } = await t.admin.graph(
    'mutation ($input: CustomerTenantInput!) { customerTenantCreate(input: $input) { customerTenant { id } userErrors { code } } }',
    { input: { customer: ours['id'], tenant: t.outsider.tenant, relationType: 'PARTNER' } },
  );
  const change = (input: Data): Promise<string[]> =>
    refusals('customerTenantUpdate', { id: made.customerTenant.id, input });
  expect(await change({ description: 'x', customer: others['id'] })).toEqual(['INVALID customer']);
  expect(await change({ description: 'x', tenant: third.code })).toEqual(['INVALID tenant']);
  expect(await change({ description: 'x', tenant: 'nobody' })).toEqual(['UNKNOWN_REFERENCE tenant']);
  expect(await change({ description: 'x', tenant: null })).toEqual(['INVALID tenant']);
  expect(await change({ description: 'x', customer: ours['id'], tenant: t.outsider.tenant })).toEqual([]);
});

test('people who come with a new customer are of no other', async () => {
  expect(
    await refusals('customerOnboard', {
      input: { name: '丙' },
      contacts: [{ name: '王五' }, { name: '赵六', customer: ours['id'] }],
    }),
  ).toEqual(['INVALID contacts.1.customer']);
  expect(
    await refusals('customerOnboard', { input: { name: '丙' }, contacts: [{ name: '王五', customer: null }] }),
  ).toEqual([]);
});

test('a tag is deleted as one of its customer, of no other', async () => {
  const { customerTagCreate: made } = await t.admin.graph(
    'mutation ($id: ID!) { customerTagCreate(input: { customer: $id, name: "重点" }) { customerTag { id } } }',
    { id: ours['id'] },
  );
  const { id } = made.customerTag;
  expect(await refusals('customerTagDelete', { id, customer: others['id'] })).toEqual(['NOT_FOUND id']);
  expect(await refusals('customerTagDelete', { id, customer: ours['id'] })).toEqual([]);
});
