import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const renew =
  'mutation ($id: ID!, $input: ContractRenewInput!) { contractRenew(id: $id, input: $input) { contract { status endsOn amount { amount } renewals { totalCount } } contractRenewal { fromEndsOn toEndsOn fromAmount { amount } toAmount { amount } terms renewedBy { login } } userErrors { code field } } }';
const expire = 'mutation { contractsExpire { count userErrors { code } } }';

async function world(more: object): Promise<{ t: TestTenant; id: string }> {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  const { id } = await contract(t.admin, {
    name: '合同',
    customer: customerId,
    amount: { amount: '1000' },
    startsOn: '2025-01-01',
    endsOn: '2025-12-31',
    ...more,
  });
  return { t, id };
}

test.each([
  ['IN_FORCE', '2097-12-31'],
  ['EXPIRED', '2025-12-31'],
])('renewing a contract that is %s extends it and keeps what it was', async (status, endsOn) => {
  const { t, id } = await world({ status, endsOn });
  const answer = (
    await t.manager.graph(renew, {
      id,
      input: { endsOn: '2098-12-31', amount: { amount: '1200' }, terms: '上浮 20%' },
    })
  ).contractRenew;
  expect(answer).toEqual({
    contract: {
      status: 'IN_FORCE',
      endsOn: '2098-12-31',
      amount: { amount: '1200.00' },
      renewals: { totalCount: 1 },
    },
    contractRenewal: {
      fromEndsOn: endsOn,
      toEndsOn: '2098-12-31',
      fromAmount: { amount: '1000.00' },
      toAmount: { amount: '1200.00' },
      terms: '上浮 20%',
      renewedBy: { login: 'manager' },
    },
    userErrors: [],
  });
  expect((await t.sql('select type, data from outbox order by seq desc limit 1'))[0]).toMatchObject({
    type: 'crm.contract.renewed',
    data: { fromStatus: status, toStatus: 'IN_FORCE' },
  });
});

test('a renewal without an amount keeps the amount', async () => {
  const { t, id } = await world({ status: 'IN_FORCE' });
  expect(
    (await t.admin.graph(renew, { id, input: { endsOn: '2098-12-31' } })).contractRenew.contractRenewal,
  ).toMatchObject({ fromAmount: { amount: '1000.00' }, toAmount: { amount: '1000.00' }, terms: null });
});

test.each<[string, string, object, string]>([
  ['a draft', 'DRAFT', { endsOn: '2098-12-31' }, 'TRANSITION_NOT_ALLOWED status'],
  ['a terminated contract', 'TERMINATED', { endsOn: '2098-12-31' }, 'TRANSITION_NOT_ALLOWED status'],
  ['to the day on which it ends anyway', 'IN_FORCE', { endsOn: '2025-12-31' }, 'DATES_REVERSED endsOn'],
  ['to an earlier day', 'IN_FORCE', { endsOn: '2025-06-30' }, 'DATES_REVERSED endsOn'],
  [
    'for less than nothing',
    'IN_FORCE',
    { endsOn: '2098-12-31', amount: { amount: '-1' } },
    'OUT_OF_RANGE amount.amount',
  ],
  ['with endless terms', 'IN_FORCE', { endsOn: '2098-12-31', terms: 'x'.repeat(2001) }, 'TOO_LONG terms'],
])('renewing %s is refused and changes nothing', async (_name, status, input, error) => {
  const { t, id } = await world({ status });
  const look = async (): Promise<Data> => [
    await written(t),
    await t.sql('select * from contract'),
    await t.sql('select * from contract_renewal'),
  ];
  const before = await look();
  expect(await t.admin.graph.userErrors(renew, { id, input })).toEqual([error]);
  expect(await look()).toEqual(before);
});

test('of ten renewals to the same day at once one is made', async () => {
  const { t, id } = await world({ status: 'IN_FORCE' });
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => t.admin.graph.userErrors(renew, { id, input: { endsOn: '2098-12-31' } })),
  );
  expect(answers.toSorted()).toEqual([[], ...Array.from({ length: 9 }, () => ['DATES_REVERSED endsOn'])]);
  expect(await t.sql('select count(*)::int from contract_renewal')).toEqual([{ count: 1 }]);
});

test('contracts whose last day has passed expire, each once; others stay', async () => {
  const { t, id } = await world({ status: 'IN_FORCE' });
  const { id: customerId } = await customer(t.admin, { name: 'B' });
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
  for (const [name, more] of Object.entries({
    lastDay: { status: 'IN_FORCE', endsOn: today },
    endless: { status: 'IN_FORCE' },
    draft: { status: 'DRAFT', endsOn: '2025-01-01' },
  }))
    await contract(t.admin, { name, customer: customerId, ...more });
  const answers = await Promise.all([t.admin.graph(expire), t.admin.graph(expire)]);
  expect(answers.map(({ contractsExpire }) => contractsExpire.count).toSorted()).toEqual([0, 1]);
  expect(await t.sql('select name, status from contract order by number')).toEqual([
    { name: '合同', status: 'EXPIRED' },
    { name: 'lastDay', status: 'IN_FORCE' },
    { name: 'endless', status: 'IN_FORCE' },
    { name: 'draft', status: 'DRAFT' },
  ]);
  expect(await t.sql("select subject, data from outbox where type = 'crm.contract.expired'")).toEqual([
    { subject: id, data: { changed: ['status'], fromStatus: 'IN_FORCE', toStatus: 'EXPIRED', reason: null } },
  ]);
  expect(await t.viewer.graph.refused(expire)).toEqual(['FORBIDDEN']);
});
