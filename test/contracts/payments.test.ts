import { contract, customer, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const pay =
  'mutation ($input: PaymentInput!, $over: Boolean) { paymentCreate(input: $input, allowOverpayment: $over) { payment { id number amount { amount currency } method remark paidAt contract { id } } userErrors { code field } } }';
const money =
  'query ($id: ID!) { contract(id: $id) { paidAmount { amount } outstandingAmount { amount } overdue payments { totalCount nodes { amount { amount } } } } }';
const creditOf =
  'query ($id: ID!) { customer(id: $id) { credit { limit { amount } used { amount currency } } receivable { count amount { amount } overdue { amount } } } }';

async function world(
  amount: string | null = '1000.00',
  more: object = {},
): Promise<{ t: TestTenant; customerId: string; id: string }> {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  const { id } = await contract(t.admin, {
    name: '合同',
    customer: customerId,
    amount: amount && { amount },
    status: 'IN_FORCE',
    ...more,
  });
  return { t, customerId, id };
}

const paid = async (by: Actor, id: string, amount: string, over?: boolean): Promise<Data> =>
  (await by.graph(pay, { input: { contract: id, amount: { amount } }, over })).paymentCreate;

test('a payment is kept with its contract and counts towards it', async () => {
  const { t, id } = await world();
  const input = {
    contract: id,
    amount: { amount: '300.00' },
    paidAt: '2026-03-01T08:00:00Z',
    method: 'BANK_TRANSFER',
    remark: '首付',
  };
  const { payment, userErrors } = (await t.admin.graph(pay, { input })).paymentCreate;
  expect({ ...payment, id: null, number: null, userErrors }).toEqual({
    id: null,
    number: null,
    amount: { amount: '300.00', currency: 'CNY' },
    method: 'BANK_TRANSFER',
    remark: '首付',
    paidAt: '2026-03-01T08:00:00.000Z',
    contract: { id },
    userErrors: [],
  });
  await paid(t.admin, id, '200.50');
  expect((await t.admin.graph(money, { id })).contract).toEqual({
    paidAmount: { amount: '500.50' },
    outstandingAmount: { amount: '499.50' },
    overdue: false,
    payments: { totalCount: 2, nodes: [{ amount: { amount: '200.50' } }, { amount: { amount: '300.00' } }] },
  });
  expect((await t.sql('select type, data from outbox order by seq desc limit 1'))[0]).toEqual({
    type: 'crm.payment.created',
    data: { contract: id, kind: 'PAYMENT' },
  });
});

test('credit in use is what contracts in force have not yet paid', async () => {
  const { t, customerId, id } = await world();
  await contract(t.admin, { name: '草稿', customer: customerId, amount: { amount: '5000' }, status: 'DRAFT' });
  const second = await contract(t.admin, {
    name: '二',
    customer: customerId,
    amount: { amount: '100' },
    status: 'IN_FORCE',
  });
  await paid(t.admin, id, '400');
  await paid(t.admin, second.id, '150', true);
  expect((await t.admin.graph(creditOf, { id: customerId })).customer).toEqual({
    credit: { limit: null, used: { amount: '600.00', currency: 'CNY' } },
    receivable: { count: 1, amount: { amount: '600.00' }, overdue: { amount: '0.00' } },
  });
});

test('what was due and is not paid in full is overdue, until it is paid', async () => {
  const { t, customerId, id } = await world('1000.00', { dueOn: '2026-01-31' });
  await contract(t.admin, {
    name: '以后',
    customer: customerId,
    amount: { amount: '50' },
    status: 'IN_FORCE',
    dueOn: '2999-01-01',
  });
  const overdue =
    'query ($customer: ID!) { overdue: contracts(filter: { overdue: true, customer: [$customer] }) { nodes { id } } receivable: contracts(filter: { receivable: true, customer: [$customer] }) { totalCount } paid: contracts(filter: { receivable: false, customer: [$customer] }) { totalCount } }';
  await paid(t.admin, id, '999.99');
  expect(await t.admin.graph(overdue, { customer: customerId })).toEqual({
    overdue: { nodes: [{ id }] },
    receivable: { totalCount: 2 },
    paid: { totalCount: 0 },
  });
  expect((await t.admin.graph(creditOf, { id: customerId })).customer.receivable).toEqual({
    count: 2,
    amount: { amount: '50.01' },
    overdue: { amount: '0.01' },
  });
  await paid(t.admin, id, '0.01');
  expect(await t.admin.graph(overdue, { customer: customerId })).toEqual({
    overdue: { nodes: [] },
    receivable: { totalCount: 1 },
    paid: { totalCount: 1 },
  });
});

test('more than the amount is refused unless it is allowed; nothing is stored or published', async () => {
  const { t, id } = await world();
  await paid(t.admin, id, '600');
  const before = [await written(t), await t.sql('select * from payment')];
  expect(await paid(t.admin, id, '400.01')).toEqual({
    payment: null,
    userErrors: [{ code: 'OVERPAYMENT', field: ['input', 'amount', 'amount'] }],
  });
  expect([await written(t), await t.sql('select * from payment')]).toEqual(before);
  expect((await paid(t.admin, id, '400.01', true)).userErrors).toEqual([]);
  expect((await t.admin.graph(money, { id })).contract).toMatchObject({
    paidAmount: { amount: '1000.01' },
    outstandingAmount: { amount: '0.00' },
  });
});

test('a contract without an amount takes any payment', async () => {
  const { t, id } = await world(null);
  expect((await paid(t.admin, id, '123')).userErrors).toEqual([]);
  expect((await t.admin.graph(money, { id })).contract).toMatchObject({
    paidAmount: { amount: '123.00' },
    outstandingAmount: null,
  });
});

test('of ten payments at once only those are taken that the contract has room for', async () => {
  const { t, id } = await world();
  const answers = await Promise.all(Array.from({ length: 10 }, () => paid(t.admin, id, '300')));
  expect(answers.filter(({ payment }) => payment !== null)).toHaveLength(3);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
    Array.from({ length: 7 }, () => ({ code: 'OVERPAYMENT', field: ['input', 'amount', 'amount'] })),
  );
  expect(await t.sql('select sum(paid_amount)::text from payment')).toEqual([{ sum: '900.00' }]);
});

test('a deleted payment no longer counts, and makes room', async () => {
  const { t, id } = await world();
  const { payment } = await paid(t.admin, id, '1000');
  await t.admin.graph('mutation ($id: ID!) { paymentDelete(id: $id) { deletedId userErrors { code } } }', {
    id: payment.id,
  });
  expect((await t.admin.graph(money, { id })).contract).toMatchObject({
    paidAmount: { amount: '0.00' },
    outstandingAmount: { amount: '1000.00' },
    payments: { totalCount: 0 },
  });
  expect((await paid(t.admin, id, '1000')).userErrors).toEqual([]);
});

test.each([
  ['nothing', { amount: { amount: '0' } }, 'OUT_OF_RANGE amount.amount'],
  ['less than a cent', { amount: { amount: '0.001' } }, 'INVALID amount.amount'],
  ['less than nothing', { amount: { amount: '-1' } }, 'OUT_OF_RANGE amount.amount'],
  ['a long remark', { amount: { amount: '1' }, remark: 'x'.repeat(501) }, 'TOO_LONG remark'],
])('a payment of %s is refused', async (_name, fields, error) => {
  const { t, id } = await world();
  const before = await written(t);
  expect(await t.admin.graph.userErrors(pay, { input: { contract: id, ...fields } })).toEqual([error]);
  expect(await t.admin.graph.userErrors(pay, { input: { amount: { amount: '1' }, contract: '0' } })).toEqual([
    'UNKNOWN_REFERENCE contract',
  ]);
  expect(await written(t)).toEqual(before);
});

test('payments follow the rights on their contract: others do not see them, amounts are masked', async () => {
  const { t, customerId, id } = await world();
  await t.admin.graph(
    'mutation ($id: ID!, $owner: ID!) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }',
    { id: customerId, owner: await t.sales.id() },
  );
  await paid(t.admin, id, '300');
  const list = '{ payments { totalCount nodes { amount { amount } } } }';
  expect(await t.sales.graph(list)).toEqual({ payments: { totalCount: 1, nodes: [{ amount: { amount: '300.00' } }] } });
  expect(await t.sales2.graph(list)).toEqual({ payments: { totalCount: 0, nodes: [] } });
  expect(await t.viewer.graph(list)).toEqual({ payments: { totalCount: 1, nodes: [{ amount: null }] } });
  expect((await t.viewer.graph(money, { id })).contract).toMatchObject({ paidAmount: null, outstandingAmount: null });
  expect((await t.viewer.graph(creditOf, { id: customerId })).customer).toMatchObject({
    credit: { used: null },
    receivable: null,
  });
  expect(await t.viewer.graph('{ payments(filter: { amountMin: "1" }) { totalCount } }')).toEqual({
    payments: { totalCount: 0 },
  });
  expect(await t.outsider.graph(list)).toEqual({ payments: { totalCount: 0, nodes: [] } });
  expect(await t.sales2.graph.userErrors(pay, { input: { contract: id, amount: { amount: '1' } } })).toEqual([
    'UNKNOWN_REFERENCE contract',
  ]);
  expect(await t.viewer.graph.refused(pay, { input: { contract: id, amount: { amount: '1' } } })).toEqual([
    'FORBIDDEN',
  ]);
});
