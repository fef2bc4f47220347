import { contract, customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const statuses = ['DRAFT', 'IN_FORCE', 'EXPIRED', 'TERMINATED'];
const moves: Record<string, string[]> = {
  DRAFT: ['IN_FORCE', 'TERMINATED'],
  IN_FORCE: ['EXPIRED', 'TERMINATED'],
  EXPIRED: [],
  TERMINATED: [],
};

const create =
  'mutation ($input: ContractInput!) { contractCreate(input: $input) { contract { id code } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: ContractInput!, $version: Int) { contractUpdate(id: $id, input: $input, version: $version) { contract { version } userErrors { code field } } }';
const changeStatus =
  'mutation ($id: ID!, $status: ContractStatus!) { contractChangeStatus(id: $id, status: $status) { contract { status signedOn version } userErrors { code field } } }';
const remove = 'mutation ($id: ID!) { contractDelete(id: $id) { deletedId userErrors { code field } } }';

const day = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());

test('a contract is numbered by the server unless it brings its number', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  const made = await Promise.all(Array.from({ length: 10 }, () => contract(admin, { name: '合同', customer: id })));
  const prefix = `CONT-${day().replaceAll('-', '')}-`;
  expect(made.map(({ code }) => code).toSorted()).toEqual(
    Array.from({ length: 10 }, (_, index) => `${prefix}${String(index + 1).padStart(4, '0')}`),
  );
  expect((await contract(admin, { name: '合同', customer: id, code: ' HT-1 ' })).code).toBe('HT-1');
  expect((await contract(admin, { name: '合同', customer: id, code: null })).code).toBe(`${prefix}0011`);
});

test("a number is one living contract's, also for ten at once, and becomes free by deletion", async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A' });
  const input = { name: '合同', customer: id, code: 'HT-1' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => t.admin.graph(create, { input })));
  expect(answers.flatMap(({ contractCreate }) => contractCreate.userErrors)).toEqual(
    Array.from({ length: 9 }, () => ({ code: 'NUMBER_TAKEN', field: ['input', 'code'] })),
  );
  const winner = answers.find(({ contractCreate }) => contractCreate.contract)!.contractCreate.contract;
  expect(await t.sql('select code from contract')).toEqual([{ code: 'HT-1' }]);
  await t.admin.graph(remove, { id: winner.id });
  expect((await contract(t.admin, input)).code).toBe('HT-1');
});

const pairs = statuses.flatMap((from) => statuses.map((to) => [from, to] as const));

async function moved(from: string, to: string): Promise<{ answer: Data; before: unknown; after: unknown }> {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  const { id } = await contract(t.admin, { name: '合同', customer: customerId, status: from });
  const look = async (): Promise<unknown> => [await written(t), await t.sql('select * from contract')];
  const before = await look();
  const { contractChangeStatus: answer } = await t.admin.graph(changeStatus, { id, status: to });
  return { answer, before, after: await look() };
}

test.each(pairs.filter(([from, to]) => moves[from]!.includes(to)))(
  'a contract goes from %s to %s',
  async (from, to) => {
    expect((await moved(from, to)).answer).toEqual({
      contract: { status: to, signedOn: to === 'IN_FORCE' ? day() : null, version: 2 },
      userErrors: [],
    });
  },
);

test.each(pairs.filter(([from, to]) => from !== to && !moves[from]!.includes(to)))(
  'a contract does not go from %s to %s, and nothing is written',
  async (from, to) => {
    const { answer, before, after } = await moved(from, to);
    expect(answer).toEqual({ contract: null, userErrors: [{ code: 'TRANSITION_NOT_ALLOWED', field: ['status'] }] });
    expect(after).toEqual(before);
  },
);

test.each(statuses)('a contract that stays %s is not written', async (status) => {
  const { answer, before, after } = await moved(status, status);
  expect(answer).toEqual({ contract: { status, signedOn: null, version: 1 }, userErrors: [] });
  expect(after).toEqual(before);
});

test('a day of signature that was given stays', async () => {
  const { admin } = await tenant();
  const { id: customerId } = await customer(admin, { name: 'A' });
  const { id } = await contract(admin, { name: '合同', customer: customerId, signedOn: '2026-01-02' });
  expect((await admin.graph(changeStatus, { id, status: 'IN_FORCE' })).contractChangeStatus.contract.signedOn).toBe(
    '2026-01-02',
  );
});

test.each<[string, object, string[]]>([
  ['an end before the start', { startsOn: '2026-03-02', endsOn: '2026-03-01' }, ['DATES_REVERSED endsOn']],
  ['a negative amount', { amount: { amount: '-1' } }, ['OUT_OF_RANGE amount.amount']],
  ['a notice of no days', { noticeDays: 0 }, ['OUT_OF_RANGE noticeDays']],
  ['a null name', { name: null }, ['REQUIRED name']],
  ['a null customer', { customer: null }, ['REQUIRED customer']],
  ['an unknown opportunity', { opportunity: crypto.randomUUID() }, ['UNKNOWN_REFERENCE opportunity']],
])('%s is refused, on creation and on change, and nothing is written', async (_name, input, expected) => {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  const { id } = await contract(t.admin, { name: '合同', customer: customerId });
  const before = [await written(t), await t.sql('select * from contract')];
  expect(await t.admin.graph.userErrors(create, { input: { name: '合同二', customer: customerId, ...input } })).toEqual(
    expected,
  );
  expect(await t.admin.graph.userErrors(update, { id, input })).toEqual(expected);
  expect([await written(t), await t.sql('select * from contract')]).toEqual(before);
});

test('an end is compared with the start that is stored', async () => {
  const { admin } = await tenant();
  const { id: customerId } = await customer(admin, { name: 'A' });
  const { id } = await contract(admin, {
    name: '合同',
    customer: customerId,
    startsOn: '2026-03-01',
    endsOn: '2026-03-01',
  });
  expect(await admin.graph.userErrors(update, { id, input: { endsOn: '2026-02-28' } })).toEqual([
    'DATES_REVERSED endsOn',
  ]);
  expect(await admin.graph.userErrors(update, { id, input: { endsOn: '2026-02-28', startsOn: null } })).toEqual([]);
});

test('a customer sums what is in force, to the cent', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: 'A', creditLimit: { amount: '1000' } });
  for (const [status, amount, endsOn] of [
    ['IN_FORCE', '0.10', '2099-12-31'],
    ['IN_FORCE', '0.20', '2099-06-30'],
    ['DRAFT', '100', '2026-01-01'],
    ['EXPIRED', '50', '2020-01-01'],
    ['TERMINATED', '7', '2020-01-01'],
  ]) {
    await contract(admin, { name: '合同', customer: id, status, amount: amount && { amount }, endsOn });
  }
  const data = await admin.graph(
    'query ($id: ID!) { customer(id: $id) { contractAmount { amount currency } lifetimeValue { amount } nextRenewalOn credit { limit { amount } used { amount } } } }',
    { id },
  );
  expect(data.customer).toEqual({
    contractAmount: { amount: '0.30', currency: 'CNY' },
    lifetimeValue: { amount: '50.30' },
    nextRenewalOn: '2099-06-30',
    credit: { limit: { amount: '1000.00' }, used: { amount: '0.30' } },
  });
});
