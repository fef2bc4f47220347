import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const pay =
  'mutation ($input: PaymentInput!) { paymentCreate(input: $input, allowOverpayment: true) { payment { id kind amount { amount } } userErrors { code field } } }';
const shown =
  'query ($id: ID!) { contract(id: $id) { paidAmount { amount } outstandingAmount { amount } overdueAmount { amount } creditBalance { amount } terms { amount { amount } outstandingAmount { amount } } } }';

async function world(amount: string | null = '100'): Promise<{ t: TestTenant; id: string; company: Data }> {
  const t = await tenant();
  const company = await customer(t.admin, { name: '甲' });
  const { id } = await contract(t.admin, {
    name: '合同',
    customer: company.id,
    status: 'IN_FORCE',
    endsOn: '2090-12-31',
    amount: amount && { amount },
  });
  return { t, id, company };
}

const entered = async ({ admin }: TestTenant, id: string, amount: string, kind = 'PAYMENT'): Promise<Data> =>
  (await admin.graph(pay, { input: { contract: id, kind, amount: { amount } } })).paymentCreate;

const tooLarge = [{ code: 'REFUND_TOO_LARGE', field: ['input', 'amount', 'amount'] }];

test('what was paid too much is a credit balance, and is given back', async () => {
  const { t, id } = await world();
  await entered(t, id, '130');
  const seen = async (): Promise<Data> => (await t.admin.graph(shown, { id })).contract;
  expect(await seen()).toMatchObject({
    paidAmount: { amount: '130.00' },
    outstandingAmount: { amount: '0.00' },
    creditBalance: { amount: '30.00' },
  });
  expect(await entered(t, id, '30', 'REFUND')).toMatchObject({
    payment: { kind: 'REFUND', amount: { amount: '30.00' } },
    userErrors: [],
  });
  expect(await seen()).toMatchObject({ paidAmount: { amount: '100.00' }, creditBalance: { amount: '0.00' } });
  await entered(t, id, '99.99', 'REFUND');
  expect(await seen()).toMatchObject({ paidAmount: { amount: '0.01' }, outstandingAmount: { amount: '99.99' } });
});

test('more than was received is not given back, not by ten at once and not by taking back the payment', async () => {
  const { t, id } = await world();
  expect((await entered(t, id, '0.01', 'REFUND')).userErrors).toEqual(tooLarge);
  const { payment } = await entered(t, id, '50');
  const before = await written(t);
  expect((await entered(t, id, '50.01', 'REFUND')).userErrors).toEqual(tooLarge);
  expect(await written(t)).toEqual(before);
  const answers = await Promise.all(Array.from({ length: 10 }, () => entered(t, id, '15', 'REFUND')));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(3);
  const remove = 'mutation ($id: ID!) { paymentDelete(id: $id) { deletedId userErrors { code } } }';
  const then = await written(t);
  expect((await t.admin.graph(remove, { id: payment.id })).paymentDelete).toEqual({
    deletedId: null,
    userErrors: [{ code: 'REFUND_TOO_LARGE' }],
  });
  expect(await written(t)).toEqual(then);
  expect((await t.admin.graph(shown, { id })).contract.paidAmount).toEqual({ amount: '5.00' });
});

test('in the cell a refund is less than nothing, read and written', async () => {
  const { t, id } = await world();
  const cell = t.admin.rest('cell');
  const sent = (amountCents: unknown): Promise<Data> =>
    cell.post('/payments', { contractId: id, amountCents, paymentAt: '2026-01-01' });
  expect((await sent(5000)).body.amountCents).toBe(5000);
  const { body, status } = await sent(-1999);
  expect([status, body.amountCents]).toEqual([201, -1999]);
  const tooMuch = await sent(-3002);
  expect([tooMuch.status, tooMuch.body.message]).toEqual([409, '退款金额超过已收金额']);
  expect((await sent(0)).status).toBe(400);
  expect((await sent(-0.5)).status).toBe(400);
  const { data } = (await cell.get('/payments')).body;
  expect(data.map(({ amountCents }: Data) => amountCents).toSorted()).toEqual([-1999, 5000]);
  const { payments } = await t.admin.graph(
    '{ payments(orderBy: [{ field: NUMBER }]) { nodes { kind amount { amount } } } }',
  );
  expect(payments.nodes).toEqual([
    { kind: 'PAYMENT', amount: { amount: '50.00' } },
    { kind: 'REFUND', amount: { amount: '19.99' } },
  ]);
});

test('a term that owes nothing in particular hides neither what former ones owe nor shows it to those who may not see it', async () => {
  const { t, id, company } = await world('100');
  await t.admin.graph(
    'mutation ($id: ID!) { a: contractRenew(id: $id, input: { endsOn: "2091-12-31", amount: { amount: "5" } }) { userErrors { code } } b: contractUpdate(id: $id, input: { amount: null }) { userErrors { code } } }',
    { id },
  );
  await entered(t, id, '40');
  expect((await t.admin.graph(shown, { id })).contract).toEqual({
    paidAmount: { amount: '40.00' },
    outstandingAmount: { amount: '60.00' },
    overdueAmount: { amount: '0.00' },
    creditBalance: null,
    terms: [
      { amount: { amount: '100.00' }, outstandingAmount: { amount: '60.00' } },
      { amount: null, outstandingAmount: null },
    ],
  });
  const hidden = { amount: null, outstandingAmount: null };
  const sums =
    'query ($id: ID!) { receivables { count amount { amount } } customer(id: $id) { receivable { amount { amount } } credit { used { amount } } lifetimeValue { amount } } contracts { sums { outstandingAmount { amount } } } }';
  expect(await t.viewer.graph(sums, { id: company.id })).toEqual({
    receivables: [],
    customer: { receivable: null, credit: { used: null }, lifetimeValue: null },
    contracts: { sums: [{ outstandingAmount: null }] },
  });
  expect((await t.viewer.graph(shown, { id })).contract).toEqual({
    paidAmount: null,
    outstandingAmount: null,
    overdueAmount: null,
    creditBalance: null,
    terms: [hidden, hidden],
  });
  expect(await t.admin.graph(sums, { id: company.id })).toEqual({
    receivables: [{ count: 1, amount: { amount: '60.00' } }],
    customer: {
      receivable: { amount: { amount: '60.00' } },
      credit: { used: { amount: '60.00' } },
      lifetimeValue: { amount: '100.00' },
    },
    contracts: { sums: [{ outstandingAmount: { amount: '60.00' } }] },
  });
});
