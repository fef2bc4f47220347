import { eventually } from '../support/eventually.js';
import { contract, customer } from '../support/records.js';
import { leftAlone, watched } from '../support/time.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const dayFrom = (days: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(Date.now() + days * 86_400_000);

async function inForce(t: TestTenant, endsOn: string): Promise<{ customer: Data; contract: Data }> {
  const company = await customer(t.admin, { name: `A ${endsOn}` });
  return {
    customer: company,
    contract: await contract(t.admin, {
      name: 'A',
      customer: company.id,
      status: 'IN_FORCE',
      amount: { amount: '100' },
      startsOn: '2020-01-01',
      endsOn,
    }),
  };
}

describe('a contract whose last day is over', () => {
  test('has expired at once in the graph and in every dialect, in filters and sums too', async () => {
    const t = await tenant();
    const over = await inForce(t, dayFrom(-1));
    const last = await inForce(t, dayFrom(0));
    const read = async (id: string): Promise<Data> =>
      (
        await t.admin.graph(
          'query ($id: ID!) { contract(id: $id) { status customer { credit { used { amount } } nextRenewalOn } } }',
          { id },
        )
      ).contract;
    expect(await read(over.contract.id)).toEqual({
      status: 'EXPIRED',
      customer: { credit: { used: { amount: '0.00' } }, nextRenewalOn: null },
    });
    expect(await read(last.contract.id)).toEqual({
      status: 'IN_FORCE',
      customer: { credit: { used: { amount: '100.00' } }, nextRenewalOn: dayFrom(0) },
    });
    for (const executor of ['compiled', 'plain'])
      for (const [status, expected] of [
        ['EXPIRED', [over.contract.id]],
        ['IN_FORCE', [last.contract.id]],
        ['TERMINATED', []],
      ] as const) {
        const { body } = await t.admin.graph.raw(
          'query ($status: [ContractStatus!]) { contracts(filter: { status: $status }) { totalCount nodes { id status } } }',
          { status: [status] },
          { 'x-crm-executor': executor },
        );
        expect(body.data.contracts).toEqual({
          totalCount: expected.length,
          nodes: expected.map((id) => ({ id, status })),
        });
      }
    const lifecycle = t.admin.rest('lifecycle');
    expect((await lifecycle.get(`/contracts/${over.contract.number}`)).body.data.status).toBe(3);
    const ofCustomer = await lifecycle.get(`/customers/${over.customer.number}/contracts?status=3`);
    expect(ofCustomer.body.data).toHaveLength(1);
    const { body } = await t.admin.rest('cell').get('/contracts');
    expect(body.data.map(({ status }: Data) => status).toSorted()).toEqual([2, 3]);
  });

  test('is marked so by the server itself, once, as a change with audit and event', async () => {
    const t = await tenant();
    await watched(t);
    const { contract: over } = await inForce(t, dayFrom(-1));
    await leftAlone(t, 'contract');
    const stored = await eventually(
      () => t.sql('select status, version from contract'),
      ([row]) => row!['status'] === 'EXPIRED',
    );
    expect(stored).toEqual([{ status: 'EXPIRED', version: 2 }]);
    const { contract: seen } = await t.admin.graph(
      'query ($id: ID!) { contract(id: $id) { history(first: 1) { nodes { actorLogin channel operation changes { field before after } } } } }',
      { id: over.id },
    );
    expect(seen.history.nodes).toEqual([
      {
        actorLogin: 'system',
        channel: 'SYSTEM',
        operation: 'contract.expire',
        changes: [{ field: 'status', before: 'IN_FORCE', after: 'EXPIRED' }],
      },
    ]);
    expect(await t.sql("select subject, data from outbox where type = 'crm.contract.expired'")).toEqual([
      {
        subject: over.id,
        data: { changed: ['status'], fromStatus: 'IN_FORCE', toStatus: 'EXPIRED', reason: null },
      },
    ]);
  });

  test('can be renewed, but not terminated or signed; a last day that is put right puts it in force again', async () => {
    const t = await tenant();
    const { contract: over } = await inForce(t, dayFrom(-1));
    const move =
      'mutation ($id: ID!, $to: ContractStatus!) { contractChangeStatus(id: $id, status: $to) { contract { status } userErrors { code } } }';
    expect(await t.admin.graph.userErrors(move, { id: over.id, to: 'TERMINATED' })).toEqual(['TRANSITION_NOT_ALLOWED']);
    expect(await t.admin.graph.userErrors(move, { id: over.id, to: 'IN_FORCE' })).toEqual(['TRANSITION_NOT_ALLOWED']);
    const change =
      'mutation ($id: ID!, $endsOn: Date) { contractUpdate(id: $id, input: { endsOn: $endsOn }) { contract { status } userErrors { code } } }';
    await t.admin.graph('mutation { contractsExpire { count userErrors { code } } }');
    for (const [endsOn, status] of [
      [dayFrom(-2), 'EXPIRED'],
      [dayFrom(0), 'IN_FORCE'],
      [null, 'IN_FORCE'],
    ])
      expect((await t.admin.graph(change, { id: over.id, endsOn })).contractUpdate).toEqual({
        contract: { status },
        userErrors: [],
      });
  });
});

test('an active campaign whose last day is over is completed by the server itself', async () => {
  const t = await tenant();
  await watched(t);
  const { campaignCreate } = await t.admin.graph(
    'mutation ($endsOn: Date) { campaignCreate(input: { name: "A", kind: EVENT, endsOn: $endsOn }) { campaign { id } } }',
    { endsOn: dayFrom(-1) },
  );
  const { id } = campaignCreate.campaign;
  await t.admin.graph('mutation ($id: ID!) { campaignChangeStatus(id: $id, status: ACTIVE) { userErrors { code } } }', {
    id,
  });
  await leftAlone(t, 'campaign');
  const asked =
    'query ($id: ID!) { campaign(id: $id) { status history(first: 1) { nodes { channel operation } } } campaigns(filter: { status: COMPLETED }) { totalCount } }';
  const seen = await eventually(
    () => t.admin.graph(asked, { id }) as Promise<Data>,
    ({ campaign }) => campaign.status === 'COMPLETED',
  );
  expect(seen).toEqual({
    campaign: { status: 'COMPLETED', history: { nodes: [{ channel: 'SYSTEM', operation: 'campaign.complete' }] } },
    campaigns: { totalCount: 1 },
  });
  expect((await t.admin.rest('erp').get(`/campaigns/${id}`)).body.data.status).toBe('completed');

  // one that nobody has touched since its last day is over for whoever asks, before the server has written anything
  await t.sql("update campaign set status = 'ACTIVE', updated_at = now() - interval '3 days', ends_on = $1::date", [
    dayFrom(-2),
  ]);
  const { campaigns } = await t.admin.graph('{ campaigns(filter: { status: ACTIVE }) { totalCount } }');
  expect(campaigns.totalCount).toBe(0);
});

test('tasks and planned activities say whether they are overdue, and are found by it', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A' });
  const task = (input: object): Promise<Data> =>
    t.admin.graph('mutation ($input: SuccessTaskInput!) { successTaskCreate(input: $input) { userErrors { code } } }', {
      input: { kind: 'RENEWAL', ...input },
    });
  await task({ title: '昨天', customer: id, dueAt: new Date(Date.now() - 86_400_000).toISOString() });
  await task({ title: '明天', customer: id, dueAt: new Date(Date.now() + 86_400_000).toISOString() });
  await task({ title: '随时', customer: id });
  const found = async (overdue: boolean): Promise<Data> =>
    (
      await t.admin.graph(
        'query ($overdue: Boolean) { successTasks(filter: { overdue: $overdue }, orderBy: [{ field: NUMBER }]) { nodes { title overdue } } }',
        { overdue },
      )
    ).successTasks.nodes;
  expect(await found(true)).toEqual([{ title: '昨天', overdue: true }]);
  expect(await found(false)).toEqual([
    { title: '明天', overdue: false },
    { title: '随时', overdue: false },
  ]);
});

test('a number of days that leads beyond all calendars is no fault', async () => {
  const { admin } = await tenant();
  const { contracts } = await admin.graph('{ contracts(filter: { expiringWithin: 2147483647 }) { totalCount } }');
  expect(contracts.totalCount).toBe(0);
});
