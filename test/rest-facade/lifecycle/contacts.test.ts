import { written } from '../../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';
import type { Answer } from '../../support/http.js';

const rest = (by: Actor) => by.rest('lifecycle');
const said = ({ status, body }: Answer): Data => [
  status,
  (body as Data).error_code,
  ...(body as Data).errors.map(({ field }: Data) => field),
];

const person = {
  contact_name: '张伟',
  position: '技术总监',
  department: '技术部',
  phone: '021-88886666',
  mobile: '13800138000',
  email: 'zhangwei@example.com',
  wechat: 'zhangwei',
  is_primary: 1,
  is_decision_maker: 1,
  influence_level: 3,
  contact_preference: '电话',
};

async function world(): Promise<TestTenant & { customer: number; other: number; contact: number }> {
  const t = await tenant();
  const [customer, other] = (
    await Promise.all(
      ['甲公司', '乙公司'].map((customer_name) =>
        rest(t.admin).post('/customers', { customer_name, customer_type: 1 }),
      ),
    )
  ).map(({ body }) => (body as Data).data.customer_id);
  const contact = (await rest(t.admin).post(`/customers/${customer}/contacts`, person)).body.data.contact_id;
  return { ...t, customer, other, contact };
}

test('a contact is created, listed and changed member by member', async () => {
  const { admin, customer, contact } = await world();
  const shown = {
    contact_id: contact,
    customer_id: customer,
    ...person,
    last_contact_date: null,
    created_at: expect.stringMatching(/Z$/),
    updated_at: expect.stringMatching(/Z$/),
  };
  expect((await rest(admin).get(`/customers/${customer}/contacts`)).body.data).toEqual([shown]);
  const changed = await rest(admin).put(`/customers/${customer}/contacts/${contact}`, {
    contact_name: '张卫',
    position: 'CTO',
    is_decision_maker: 0,
    influence_level: 2,
    wechat: null,
    is_primary: 0,
  });
  expect(changed.body.data).toEqual({
    ...shown,
    contact_name: '张卫',
    position: 'CTO',
    is_decision_maker: 0,
    influence_level: 2,
    wechat: null,
  });
});

test('one contact is the primary one, and making another one that clears it', async () => {
  const { admin, customer, contact } = await world();
  const second = (await rest(admin).post(`/customers/${customer}/contacts`, { contact_name: '李娜' })).body.data
    .contact_id;
  const answer = await rest(admin).put(`/customers/${customer}/contacts/${second}/primary`);
  expect([answer.status, answer.body.success, answer.body.data]).toEqual([200, true, null]);
  const flags = (await rest(admin).get(`/customers/${customer}/contacts`)).body.data.map((one: Data) => [
    one.contact_id,
    one.is_primary,
  ]);
  expect(flags).toEqual([
    [second, 1],
    [contact, 0],
  ]);
});

test('a contact is deleted', async () => {
  const { admin, customer, contact } = await world();
  const answer = await rest(admin).delete(`/customers/${customer}/contacts/${contact}`);
  expect([answer.status, answer.body.data]).toEqual([200, null]);
  expect((await rest(admin).get(`/customers/${customer}/contacts`)).body.data).toEqual([]);
  expect(said(await rest(admin).delete(`/customers/${customer}/contacts/${contact}`))).toEqual([
    404,
    'NOT_FOUND',
    'contactId',
  ]);
});

test("a contact is none of another customer's", async () => {
  const t = await world();
  const before = await written(t);
  const path = `/customers/${t.other}/contacts/${t.contact}`;
  for (const answer of [
    await rest(t.admin).put(path, { contact_name: '李' }),
    await rest(t.admin).delete(path),
    await rest(t.admin).put(`${path}/primary`),
  ])
    expect(said(answer)).toEqual([404, 'NOT_FOUND', 'contactId']);
  for (const path_ of [`/customers/999999/contacts/${t.contact}`, `/customers/999999/contacts/${t.contact}/primary`])
    expect(said(await rest(t.admin).put(path_, {}))).toEqual([404, '40001', 'id']);
  expect(said(await rest(t.admin).get('/customers/999999/contacts'))).toEqual([404, '40001']);
  expect(said(await rest(t.admin).post('/customers/999999/contacts', person))).toEqual([404, '40001', 'id']);
  expect(await written(t)).toEqual(before);
});

test.each<[string, object, string, string]>([
  ['no name', { contact_name: undefined }, 'INVALID_PARAMETER', 'contact_name'],
  ['a name too long', { contact_name: '长'.repeat(101) }, 'INVALID_PARAMETER', 'contact_name'],
  ['an e-mail that is none', { email: 'nobody' }, '40003', 'email'],
  ['an e-mail too long', { email: `${'a'.repeat(100)}@b.example` }, '40003', 'email'],
  ['a phone of letters', { phone: 'call me' }, '40003', 'phone'],
  ['a mobile too long', { mobile: '138001380001380013800' }, '40003', 'mobile'],
  ['a position too long', { position: '长'.repeat(101) }, 'INVALID_PARAMETER', 'position'],
  ['a preference too long', { contact_preference: '长'.repeat(51) }, 'INVALID_PARAMETER', 'contact_preference'],
  ['a flag of 2', { is_primary: 2 }, 'INVALID_PARAMETER', 'is_primary'],
  ['an unknown influence', { influence_level: 4 }, 'INVALID_PARAMETER', 'influence_level'],
])('a new contact with %s is refused', async (_what, fields, code, field) => {
  const t = await world();
  const before = await written(t);
  expect(said(await rest(t.admin).post(`/customers/${t.customer}/contacts`, { ...person, ...fields }))).toEqual([
    400,
    code,
    field,
  ]);
  expect(await written(t)).toEqual(before);
});

test.each<[string, object, string, string]>([
  ['a name of nothing', { contact_name: '' }, 'INVALID_PARAMETER', 'contact_name'],
  ['an e-mail that is none', { email: 'nobody' }, '40003', 'email'],
  ['a phone of letters', { phone: 'call me' }, '40003', 'phone'],
  ['an unknown influence', { influence_level: 4 }, 'INVALID_PARAMETER', 'influence_level'],
])('a change to %s is refused', async (_what, fields, code, field) => {
  const t = await world();
  const before = await written(t);
  expect(said(await rest(t.admin).put(`/customers/${t.customer}/contacts/${t.contact}`, fields))).toEqual([
    400,
    code,
    field,
  ]);
  expect(await written(t)).toEqual(before);
});
