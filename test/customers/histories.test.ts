import { customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const changeStatus =
  'mutation ($id: ID!, $status: CustomerStatus!, $reason: String) { customerChangeStatus(id: $id, status: $status, reason: $reason) { customer { status } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { id } userErrors { code field } } }';
const histories =
  'query ($id: ID!) { customer(id: $id) { statusChanges { nodes { fromStatus toStatus reason changedBy { login } } } ownerChanges { nodes { fromOwner { login } toOwner { login } changedBy { login } } } } }';

describe('a change of state', () => {
  test('is kept with its reason, by whatever act it came; staying is none', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A' });
    await t.manager.graph(changeStatus, { id, status: 'ACTIVE', reason: '首单' });
    await t.admin.graph(changeStatus, { id, status: 'ACTIVE', reason: '再来' });
    await t.admin.graph(update, { id, input: { status: 'LOST', industry: '软件' } });
    expect((await t.admin.graph(histories, { id })).customer.statusChanges.nodes).toEqual([
      { fromStatus: 'ACTIVE', toStatus: 'LOST', reason: null, changedBy: { login: 'admin' } },
      { fromStatus: 'POTENTIAL', toStatus: 'ACTIVE', reason: '首单', changedBy: { login: 'manager' } },
    ]);
    expect((await t.sql('select data from outbox order by seq desc limit 1'))[0]!.data).toEqual({
      changed: ['status', 'industry'],
      fromStatus: 'ACTIVE',
      toStatus: 'LOST',
      reason: null,
    });
  });

  test('with a reason of 501 characters is refused and nothing is kept', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A' });
    const before = await written(t);
    expect(await t.admin.graph.userErrors(changeStatus, { id, status: 'LOST', reason: 'x'.repeat(501) })).toEqual([
      'TOO_LONG reason',
    ]);
    expect([await written(t), await t.sql('select * from status_change')]).toEqual([before, []]);
  });

  test('cannot be rewritten, even by the server', async () => {
    const t = await tenant();
    const rights = await t.sql(
      "select table_name, string_agg(privilege_type, ',' order by privilege_type) may from information_schema.role_table_grants where grantee = 'crm_server' and table_name in ('status_change', 'owner_change', 'credit_assessment', 'contract_renewal') group by 1 order by 1",
    );
    expect(rights).toEqual(
      ['contract_renewal', 'credit_assessment', 'owner_change', 'status_change'].map((table_name) => ({
        table_name,
        may: 'INSERT,SELECT',
      })),
    );
  });
});

test('a change of owner is kept; the history goes with the right to see the customer', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A' });
  const [sales, sales2] = [await t.sales.id(), await t.sales2.id()];
  for (const owner of [sales, sales, sales2, null]) await t.admin.graph(update, { id, input: { owner } });
  const by = { changedBy: { login: 'admin' } };
  expect((await t.admin.graph(histories, { id })).customer.ownerChanges.nodes).toEqual([
    { fromOwner: { login: 'sales2' }, toOwner: null, ...by },
    { fromOwner: { login: 'sales' }, toOwner: { login: 'sales2' }, ...by },
    { fromOwner: null, toOwner: { login: 'sales' }, ...by },
  ]);
  await t.admin.graph(update, { id, input: { owner: sales2 } });
  const count = '{ ownerChanges { totalCount } }';
  expect(
    [await t.sales.graph(count), await t.sales2.graph(count), await t.outsider.graph(count)].map(
      ({ ownerChanges }) => ownerChanges.totalCount,
    ),
  ).toEqual([0, 4, 0]);
});

describe('a credit assessment', () => {
  const assess =
    'mutation ($input: CreditAssessmentInput!) { creditAssessmentCreate(input: $input) { customer { credit { limit { amount } } } creditAssessment { assessedOn assessor score limit { amount currency } remarks enteredBy { login } } userErrors { code field } } }';
  const documented = {
    assessedOn: '2023-06-01',
    assessor: 'admin',
    score: 85,
    creditLimit: { amount: '2000000' },
    remarks: '信用良好，提高信用额度',
  };
  const look = async (t: TestTenant): Promise<Data> => [
    await written(t),
    await t.sql('select credit_limit from customer'),
    await t.sql('select * from credit_assessment'),
  ];

  test("is kept and moves the customer's credit limit", async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A', creditLimit: { amount: '1000000' } });
    expect((await t.manager.graph(assess, { input: { customer: id, ...documented } })).creditAssessmentCreate).toEqual({
      customer: { credit: { limit: { amount: '2000000.00' } } },
      creditAssessment: {
        assessedOn: '2023-06-01',
        assessor: 'admin',
        score: 85,
        limit: { amount: '2000000.00', currency: 'CNY' },
        remarks: '信用良好，提高信用额度',
        enteredBy: { login: 'manager' },
      },
      userErrors: [],
    });
    await t.admin.graph(assess, {
      input: { customer: id, ...documented, assessedOn: '2022-01-01', score: 10, creditLimit: undefined },
    });
    const list =
      'query ($id: ID!) { customer(id: $id) { credit { limit { amount } } creditAssessments { nodes { score limit { amount } } } } }';
    expect((await t.admin.graph(list, { id })).customer).toEqual({
      credit: { limit: { amount: '2000000.00' } },
      creditAssessments: {
        nodes: [
          { score: 85, limit: { amount: '2000000.00' } },
          { score: 10, limit: null },
        ],
      },
    });
    expect((await t.viewer.graph(list, { id })).customer).toEqual({
      credit: { limit: null },
      creditAssessments: {
        nodes: [
          { score: 85, limit: null },
          { score: 10, limit: null },
        ],
      },
    });
  });

  test('is of today and by the caller unless given', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A' });
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
    expect(
      (await t.admin.graph(assess, { input: { customer: id, score: 0 } })).creditAssessmentCreate.creditAssessment,
    ).toMatchObject({ assessedOn: today, assessor: 'admin', score: 0, limit: null });
  });

  test.each<[string, object, string]>([
    ['with a score below 0', { score: -1 }, 'OUT_OF_RANGE score'],
    ['with a score above 100', { score: 101 }, 'OUT_OF_RANGE score'],
    ['with a limit below 0', { creditLimit: { amount: '-1' } }, 'OUT_OF_RANGE creditLimit.amount'],
  ])('%s is refused; the limit stays', async (_name, fields, error) => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A', creditLimit: { amount: '5' } });
    const before = await look(t);
    expect(await t.admin.graph.userErrors(assess, { input: { customer: id, ...documented, ...fields } })).toEqual([
      error,
    ]);
    expect(await t.outsider.graph.userErrors(assess, { input: { customer: id, ...documented } })).toEqual([
      'UNKNOWN_REFERENCE customer',
    ]);
    expect(await t.viewer.graph.refused(assess, { input: { customer: id, ...documented } })).toEqual(['FORBIDDEN']);
    expect(await look(t)).toEqual(before);
  });
});
