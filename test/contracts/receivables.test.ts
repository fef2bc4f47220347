import { queries } from '../support/http.js';
import { contract, customer } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const receivables = `{ receivables { currency count customerCount overdueCount amount { amount } overdueAmount { amount } overdueTo30Days { amount } overdueTo60Days { amount } overdueTo90Days { amount } overdueLonger { amount }
  contracts(orderBy: [{ field: NUMBER }]) { totalCount nodes { name outstandingAmount { amount currency } overdue } }
  overdue: contracts(filter: { overdue: true }, orderBy: [{ field: DUE_ON }]) { nodes { name } }
  customers(orderBy: [{ field: NUMBER }]) { totalCount nodes { name receivable { count amount { amount otherCurrencies { amount currency } } overdue { amount } } } } } }`;

/** So many days before or after today, in the time zone of the tenant. */
const inDays = (days: number): string =>
  new Date(Date.now() + (8 * 60 + days * 24 * 60) * 60_000).toISOString().slice(0, 10);

const pay = (by: Actor, id: string, amount: string): Promise<Data> =>
  by.graph('mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code } } }', {
    input: { contract: id, amount: { amount } },
  });

async function world(): Promise<TestTenant> {
  const t = await tenant();
  const [a, b] = [
    await customer(t.admin, { name: 'A', owner: await t.sales.id() }),
    await customer(t.admin, { name: 'B', owner: await t.sales2.id() }),
  ];
  const agreed = (of: { id: string }, name: string, amount: string | null, more: object): Promise<Data> =>
    contract(t.admin, { name, customer: of.id, amount: amount && { amount }, status: 'IN_FORCE', ...more });
  const part = await agreed(a, '部分', '1000', { dueOn: inDays(-1) });
  await pay(t.admin, part.id, '400.5');
  await agreed(a, '三十', '30', { dueOn: inDays(-30) });
  await agreed(a, '三一', '31', { dueOn: inDays(-31) });
  await agreed(b, '九十', '90', { dueOn: inDays(-90) });
  await agreed(b, '很久', '91', { dueOn: inDays(-91) });
  await agreed(b, '今天', '7', { dueOn: inDays(0) });
  await agreed(b, '无期', '5', {});
  await agreed(b, '美元', null, { amount: { amount: '12', currency: 'USD' }, dueOn: inDays(5) });
  const whole = await agreed(a, '付清', '50', { dueOn: inDays(-10) });
  await pay(t.admin, whole.id, '50');
  await agreed(a, '无额', null, { dueOn: inDays(-10) });
  await agreed(a, '草稿', '1', { status: 'DRAFT', dueOn: inDays(-10) });
  return t;
}

const money = (amount: string, currency = 'CNY'): Data => ({ amount, currency });

test('what the tenant is owed is summed by currency and age, with the contracts and customers behind it, in one statement', async () => {
  const { admin } = await world();
  let data: Data;
  expect(await queries(async () => (data = await admin.graph(receivables)))).toBe(1);
  const [yuan, dollars] = data!.receivables;
  expect(yuan).toEqual({
    currency: 'CNY',
    count: 7,
    customerCount: 2,
    overdueCount: 5,
    amount: { amount: '853.50' },
    overdueAmount: { amount: '841.50' },
    overdueTo30Days: { amount: '629.50' },
    overdueTo60Days: { amount: '31.00' },
    overdueTo90Days: { amount: '90.00' },
    overdueLonger: { amount: '91.00' },
    contracts: {
      totalCount: 7,
      nodes: [
        ['部分', '599.50', true],
        ['三十', '30.00', true],
        ['三一', '31.00', true],
        ['九十', '90.00', true],
        ['很久', '91.00', true],
        ['今天', '7.00', false],
        ['无期', '5.00', false],
      ].map(([name, amount, overdue]) => ({ name, outstandingAmount: money(amount as string), overdue })),
    },
    overdue: { nodes: ['很久', '九十', '三一', '三十', '部分'].map((name) => ({ name })) },
    customers: {
      totalCount: 2,
      nodes: [
        {
          name: 'A',
          receivable: { count: 3, amount: { amount: '660.50', otherCurrencies: [] }, overdue: { amount: '660.50' } },
        },
        {
          name: 'B',
          receivable: {
            count: 5,
            amount: { amount: '193.00', otherCurrencies: [money('12.00', 'USD')] },
            overdue: { amount: '181.00' },
          },
        },
      ],
    },
  });
  expect(dollars).toMatchObject({
    currency: 'USD',
    count: 1,
    overdueCount: 0,
    amount: { amount: '12.00' },
    overdueAmount: { amount: '0.00' },
    overdueLonger: { amount: '0.00' },
    contracts: { nodes: [{ name: '美元' }] },
    overdue: { nodes: [] },
    customers: { nodes: [{ name: 'B' }] },
  });
  expect(data!.receivables).toHaveLength(2);
});

test('a salesperson is shown their own customers, a viewer of no amounts, another tenant of nothing', async () => {
  const { sales, viewer, outsider } = await world();
  const { receivables: own } = await sales.graph(receivables);
  expect(own).toEqual([
    expect.objectContaining({ count: 3, customerCount: 1, amount: { amount: '660.50' }, overdueCount: 3 }),
  ]);
  expect((await viewer.graph(receivables)).receivables).toEqual([]);
  expect((await outsider.graph(receivables)).receivables).toEqual([]);
});

test.each(['plain', 'compiled'])(
  'contracts behind a sum are counted whose amounts are shown to who sees only some (%s)',
  async (executor) => {
    const { admin, code } = await tenant();
    const both = await actor('both', code, ['sales', 'viewer']);
    for (const owner of [await both.id(), null]) {
      const { id } = await customer(admin, { name: `A of ${owner}`, owner });
      await contract(admin, { name: 'A', customer: id, amount: { amount: '10' }, status: 'IN_FORCE' });
    }
    const { body } = await both.graph.raw(
      '{ receivables { contracts { totalCount } } }',
      {},
      { 'x-crm-executor': executor },
    );
    expect(body).toEqual({ data: { receivables: [{ contracts: { totalCount: 1 } }] } });
  },
);
