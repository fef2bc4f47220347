import { customer, contact } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Collaborators of a customer: they see what its owner sees of it, and change it where they may, until their last day.

let t: TestTenant;
let id: string;
beforeEach(async () => {
  t = await tenant();
  id = (await customer(t.sales, { name: '甲', phone: '13800138000' })).id;
  await contact(t.sales, { name: '王', mobile: '13900139000', customer: id });
  await t.sales2.id();
});

const add = (by: Actor, input: object): Promise<Data> =>
  by.graph(
    'mutation ($input: CustomerMemberInput!) { customerMemberCreate(input: $input) { customerMember { id access until user { login } } userErrors { code field } } }',
    { input },
  );
const addRefused = (by: Actor, input: object): Promise<string[]> =>
  by.graph.codes(
    'mutation ($input: CustomerMemberInput!) { customerMemberCreate(input: $input) { userErrors { code field } } }',
    { input },
  );
const seen = async (by: Actor): Promise<Data> =>
  (await by.graph('query ($id: ID!) { customer(id: $id) { name phone contacts { nodes { name mobile } } } }', { id }))
    .customer;
const rename = (by: Actor): Promise<string[]> =>
  by.graph.codes(
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { region: "华东" }) { userErrors { code field } } }',
    { id },
  );
const whole = { name: '甲', phone: '13800138000', contacts: { nodes: [{ name: '王', mobile: '13900139000' }] } };

test('a reader sees what the owner sees, changes nothing, and sees nothing any more once removed', async () => {
  expect([await seen(t.sales2), await rename(t.sales2)]).toEqual([null, ['NOT_FOUND']]);
  const { customerMemberCreate } = await add(t.sales, { customer: id, user: 'sales2' });
  const { id: member, ...made } = customerMemberCreate.customerMember;
  expect(made).toEqual({ access: 'READ', until: null, user: { login: 'sales2' } });
  expect([await seen(t.sales2), await rename(t.sales2)]).toEqual([whole, ['FORBIDDEN']]);
  expect((await t.sales2.graph('{ customers { totalCount nodes { name } } }')).customers).toEqual({
    totalCount: 1,
    nodes: [{ name: '甲' }],
  });
  // collaborators let nobody in, but leave when they wish
  expect(await addRefused(t.sales2, { customer: id, user: 'manager' })).toEqual(['FORBIDDEN']);
  const remove = 'mutation ($id: ID!) { customerMemberDelete(id: $id) { deletedId userErrors { code field } } }';
  expect((await t.sales.graph(remove, { id: member })).customerMemberDelete).toEqual({
    deletedId: member,
    userErrors: [],
  });
  expect([await seen(t.sales2), await rename(t.sales2)]).toEqual([null, ['NOT_FOUND']]);
});

test('a writer changes it, what they add is seen by the owner, and lets nobody else in', async () => {
  const { customerMemberCreate } = await add(t.sales, { customer: id, user: 'sales2', access: 'WRITE' });
  expect(await rename(t.sales2)).toEqual([]);
  await contact(t.sales2, { name: '李', mobile: '13700137000', customer: id });
  expect((await seen(t.sales)).contacts.nodes).toContainEqual({ name: '李', mobile: '13700137000' });
  expect(await addRefused(t.sales2, { customer: id, user: 'manager' })).toEqual(['FORBIDDEN']);
  expect(
    await t.sales2.graph.codes(
      'mutation ($id: ID!) { customerMemberUpdate(id: $id, input: { until: "2099-01-01" }) { userErrors { code field } } }',
      { id: customerMemberCreate.customerMember.id },
    ),
  ).toEqual(['FORBIDDEN']);
  expect(await t.sql('select access, until from customer_member')).toEqual([{ access: 'WRITE', until: null }]);
});

test('the last day ends it, and it can be put off', async () => {
  const today = (await t.sql<{ day: string }>("select (now() at time zone 'Asia/Shanghai')::date::text as day"))[0]!
    .day;
  const { customerMemberCreate } = await add(t.sales, { customer: id, user: 'sales2', until: today });
  expect(await seen(t.sales2)).toEqual(whole);
  await t.sql('update customer_member set until = until - 1');
  expect(await seen(t.sales2)).toBeNull();
  const update =
    'mutation ($id: ID!, $input: CustomerMemberChange!) { customerMemberUpdate(id: $id, input: $input) { customerMember { access until } userErrors { code field } } }';
  expect(
    (
      await t.sales.graph(update, {
        id: customerMemberCreate.customerMember.id,
        input: { until: null, access: 'WRITE' },
      })
    ).customerMemberUpdate,
  ).toEqual({ customerMember: { access: 'WRITE', until: null }, userErrors: [] });
  expect([await seen(t.sales2), await rename(t.sales2)]).toEqual([whole, []]);
});

test('nobody is a collaborator twice, and only of what exists and is seen', async () => {
  await add(t.sales, { customer: id, user: 'sales2' });
  expect(await addRefused(t.sales, { customer: id, user: 'sales2' })).toEqual(['ALREADY_LINKED']);
  expect(await addRefused(t.sales, { customer: id, user: 'nobody' })).toEqual(['UNKNOWN_REFERENCE']);
  expect(await addRefused(t.sales, { customer: '999999', user: 'sales2' })).toEqual(['UNKNOWN_REFERENCE']);
  expect(await addRefused(t.viewer, { customer: id, user: 'sales2' })).toEqual(['FORBIDDEN']);
  const other = (await customer(t.sales2, { name: '乙' })).id;
  expect(await addRefused(t.sales, { customer: other, user: 'sales' })).toEqual(['UNKNOWN_REFERENCE']);
  expect(await t.sql('select 1 from customer_member')).toHaveLength(1);
});
