import { customer, written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);

test('a contact is created at a customer, listed, read, changed and deleted', async () => {
  const { admin, code, sql } = await tenant();
  const { id: customerId } = await customer(admin, { name: '甲' });
  const cell = admin.rest('cell');
  const created = await cell.post('/contacts', {
    customerId,
    name: '李四',
    phone: '13900139001',
    email: 'lisi@example.com',
    isPrimary: true,
  });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    contactId: expect.any(String),
    tenantId: code,
    customerId,
    name: '李四',
    phone: '139****9001',
    email: 'lisi@example.com',
    isPrimary: true,
    createdAt: instant,
    updatedAt: instant,
  });
  const { contactId } = created.body;

  expect((await cell.get(`/contacts?customerId=${customerId}`)).body).toEqual({
    data: [created.body],
    total: 1,
    page: 1,
    pageSize: 20,
  });
  expect((await cell.get(`/contacts/${contactId}`)).body).toEqual(created.body);

  const changed = await cell.patch(`/contacts/${contactId}`, { ...created.body, name: '王五', isPrimary: false });
  expect([changed.status, changed.body.name, changed.body.phone, changed.body.isPrimary]).toEqual([
    200,
    '王五',
    '139****9001',
    false,
  ]);
  expect(await sql('select name, phone, email from contact')).toEqual([
    { name: '王五', phone: '13900139001', email: 'lisi@example.com' },
  ]);

  expect((await cell.delete(`/contacts/${contactId}`)).body).toEqual({ contactId, deleted: true });
  const gone = await cell.get(`/contacts/${contactId}`);
  expect([gone.status, gone.body]).toEqual([
    404,
    { code: 'NOT_FOUND', message: '联系人不存在', details: '', requestId: expect.any(String) },
  ]);
});

test('the list of a customer shows each contact as it is there', async () => {
  const { admin } = await tenant();
  const first = (await customer(admin, { name: '甲' })).id;
  const second = (await customer(admin, { name: '乙' })).id;
  const { contactId } = (await admin.rest('cell').post('/contacts', { customerId: first, name: '李四' })).body;
  await admin.graph(
    'mutation Link($input: CustomerContactInput!) { customerContactCreate(input: $input) { userErrors { code } } }',
    { input: { customer: second, contact: contactId, primary: true } },
  );
  const listed = async (query: string): Promise<Data> =>
    (await admin.rest('cell').get(`/contacts${query}`)).body.data.map(({ customerId, isPrimary }: Data) => [
      customerId,
      isPrimary,
    ]);
  expect(await listed(`?customerId=${first}`)).toEqual([[first, false]]);
  expect(await listed(`?customerId=${second}`)).toEqual([[second, true]]);
  expect(await listed('')).toEqual([[first, false]]);
  expect(await listed('?customerId=nope')).toEqual([]);
});

test.each<[what: string, body: Data, status: number, answer: Data]>([
  [
    'no customer',
    { name: '李四' },
    400,
    { code: 'BAD_REQUEST', message: 'customerId 为必填项', details: 'customerId 为必填项' },
  ],
  [
    'a customer that does not exist',
    { name: '李四', customerId: 'nope' },
    404,
    { code: 'NOT_FOUND', message: '客户不存在', details: 'customerId 指向的记录不存在' },
  ],
  [
    'no name',
    { customerId: 'it' },
    400,
    { code: 'BAD_REQUEST', message: '请填写联系人姓名', details: 'name 为必填项' },
  ],
  [
    'a flag that is none',
    { customerId: 'it', name: '李四', isPrimary: 'perhaps' },
    400,
    { code: 'BAD_REQUEST', message: 'isPrimary 的值无效', details: 'isPrimary 的值无效' },
  ],
])('creation is refused for %s, and nothing is written', async (_what, body, status, answer) => {
  const { admin, sql } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  const before = await written({ sql });
  const refused = await admin
    .rest('cell')
    .post('/contacts', { ...body, ...(body.customerId === 'it' && { customerId: id }) });
  expect([refused.status, refused.body]).toEqual([status, { ...answer, requestId: expect.any(String) }]);
  expect(await written({ sql })).toEqual(before);
});
