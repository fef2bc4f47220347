import { eventually } from '../support/eventually.js';
import { contract, customer } from '../support/records.js';
import { furtherServers } from '../support/server.js';
import { leftAlone, watched } from '../support/time.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const overdueEvents = ({ sql }: TestTenant): Promise<Data[]> =>
  sql("select subject, data from outbox where type = 'crm.contract.overdue' order by seq");
const run = async ({ admin }: TestTenant, mutation: string, variables: object): Promise<Data> => {
  const [payload] = Object.values(await admin.graph(mutation, variables)) as Data[];
  expect(payload.userErrors).toEqual([]);
  return payload;
};
const pay = (t: TestTenant, of: string, amount: string, kind = 'PAYMENT'): Promise<Data> =>
  run(t, 'mutation ($input: PaymentInput!) { paymentCreate(input: $input) { payment { id } userErrors { code } } }', {
    input: { contract: of, kind, amount: { amount } },
  });
const renew = (t: TestTenant, id: string, input: object): Promise<Data> =>
  run(
    t,
    'mutation ($id: ID!, $input: ContractRenewInput!) { contractRenew(id: $id, input: $input) { userErrors { code } } }',
    { id, input },
  );

async function agreed(t: TestTenant, more: object): Promise<string> {
  const { id } = await customer(t.admin, { name: `甲 ${crypto.randomUUID()}` });
  const { id: of } = await contract(t.admin, {
    name: '合同',
    customer: id,
    status: 'IN_FORCE',
    endsOn: '2090-12-31',
    amount: { amount: '100' },
    dueOn: '2024-01-31',
    ...more,
  });
  return of;
}

test('terms that were due before today and are not paid are published once each, by several servers too, and audited as a change of the server', async () => {
  const t = await tenant();
  await watched(t, undefined, ...(await furtherServers(2)));
  const open = await agreed(t, {});
  const expired = await agreed(t, { endsOn: '2024-12-31' });
  const later = await agreed(t, { dueOn: '2090-01-31' });
  await agreed(t, { dueOn: null });
  const draft = await agreed(t, { status: 'DRAFT' });
  const paid = await agreed(t, { dueOn: '2090-01-31' });
  await pay(t, paid, '100');
  await run(
    t,
    'mutation ($id: ID!) { contractUpdate(id: $id, input: { dueOn: "2024-05-31" }) { userErrors { code } } }',
    { id: paid },
  );
  const first = await eventually(
    () => overdueEvents(t),
    (rows) => rows.length >= 2,
  );
  const event = (subject: string, term = 1, dueOn = '2024-01-31'): Data => ({
    subject,
    data: { term, dueOn },
  });
  const bySubject = (a: Data, b: Data): number => (a.subject < b.subject ? -1 : 1);
  expect(first.toSorted(bySubject)).toEqual([event(open), event(expired)].toSorted(bySubject));
  const { contract: seen } = await t.admin.graph(
    'query ($id: ID!) { contract(id: $id) { overdue version history(filter: { operation: ["contract.overdue"] }) { nodes { actorLogin channel changes { field before after } } } } }',
    { id: open },
  );
  expect(seen).toEqual({
    overdue: true,
    version: 1,
    history: {
      nodes: [
        {
          actorLogin: 'system',
          channel: 'SYSTEM',
          changes: [{ field: 'overdue', before: 'false', after: 'true' }],
        },
      ],
    },
  });

  // signed, refunded, renewed to an earlier day, put off to another past day: each becomes overdue by that
  await run(t, 'mutation ($id: ID!) { contractSign(id: $id) { userErrors { code } } }', { id: draft });
  await pay(t, paid, '1', 'REFUND');
  await renew(t, later, { endsOn: '2091-12-31', dueOn: '2024-06-30', amount: { amount: '5' } });
  await run(
    t,
    'mutation ($id: ID!) { contractUpdate(id: $id, input: { dueOn: "2024-02-29" }) { userErrors { code } } }',
    { id: open },
  );
  const all = await eventually(
    () => overdueEvents(t),
    (rows) => rows.length >= 6,
  );
  expect(all.slice(2).toSorted(bySubject)).toEqual(
    [event(draft), event(paid, 1, '2024-05-31'), event(later, 2, '2024-06-30'), event(open, 1, '2024-02-29')].toSorted(
      bySubject,
    ),
  );
  await new Promise((settle) => setTimeout(settle, 2_500));
  expect(await overdueEvents(t)).toHaveLength(6);
  const seqs = await t.sql('select count(*)::int as count, max(seq)::int as last from outbox');
  expect(seqs[0]!['count']).toBe(seqs[0]!['last']);
});

describe('a planned campaign', () => {
  const create =
    'mutation ($input: CampaignInput!) { campaignCreate(input: $input) { campaign { id status } userErrors { code } } }';
  const dayFrom = (days: number): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(Date.now() + days * 86_400_000);

  test('starts on its first day by the server itself, with audit and event; one that was put off is planned again', async () => {
    const t = await tenant();
    await watched(t);
    const made: Record<string, string> = {};
    for (const [name, days] of Object.entries({
      today: { startsOn: dayFrom(0) },
      running: { startsOn: dayFrom(-3), endsOn: dayFrom(3) },
      tomorrow: { startsOn: dayFrom(1) },
      dateless: {},
      entered: { startsOn: '2020-01-01', endsOn: '2020-12-31' },
    }))
      made[name] = (await run(t, create, { input: { name, kind: 'EVENT', ...days } })).campaign.id;
    await leftAlone(t, 'campaign');
    const stored = async (): Promise<Data> =>
      Object.fromEntries((await t.sql('select name, status from campaign')).map(({ name, status }) => [name, status]));
    const found = await eventually(stored, ({ today, running }) => today === 'ACTIVE' && running === 'ACTIVE');
    expect(found).toEqual({
      today: 'ACTIVE',
      running: 'ACTIVE',
      tomorrow: 'PLANNING',
      dateless: 'PLANNING',
      entered: 'PLANNING',
    });
    const { campaign } = await t.admin.graph(
      'query ($id: ID!) { campaign(id: $id) { history(first: 1) { nodes { channel operation changes { field before after } } } } }',
      { id: made['today'] },
    );
    expect(campaign.history.nodes).toEqual([
      {
        channel: 'SYSTEM',
        operation: 'campaign.start',
        changes: [{ field: 'status', before: 'PLANNING', after: 'ACTIVE' }],
      },
    ]);
    expect(
      await t.sql("select data from outbox where type = 'crm.campaign.updated' and subject = $1", [made['today']]),
    ).toEqual([{ data: { changed: ['status'], fromStatus: 'PLANNING', toStatus: 'ACTIVE', reason: null } }]);
    const { campaignUpdate } = await t.admin.graph(
      'mutation ($id: ID!, $startsOn: Date) { campaignUpdate(id: $id, input: { startsOn: $startsOn }) { campaign { status } userErrors { code } } }',
      { id: made['today'], startsOn: dayFrom(5) },
    );
    expect(campaignUpdate).toEqual({ campaign: { status: 'PLANNING' }, userErrors: [] });
    expect((await t.admin.rest('erp').get(`/campaigns/${made['running']}`)).body.data.status).toBe('active');
  });

  test('has begun, or is over, for whoever asks once its days have come untouched', async () => {
    const t = await tenant();
    for (const [name, days] of Object.entries({
      begun: { startsOn: dayFrom(-1), endsOn: dayFrom(1) },
      over: { startsOn: dayFrom(-3), endsOn: dayFrom(-1) },
    }))
      await run(t, create, { input: { name, kind: 'EVENT', ...days } });
    await t.sql("update campaign set updated_at = now() - interval '9 days'");
    const { campaigns } = await t.admin.graph('{ campaigns(orderBy: [{ field: NUMBER }]) { nodes { name status } } }');
    expect(campaigns.nodes).toEqual([
      { name: 'begun', status: 'ACTIVE' },
      { name: 'over', status: 'COMPLETED' },
    ]);
  });
});

test('signing what is in force with another day stores that day, in the graph and in the dialects', async () => {
  const t = await tenant();
  const id = await agreed(t, { signedOn: '2026-01-01' });
  const sign =
    'mutation ($id: ID!, $on: Date) { contractSign(id: $id, signedOn: $on) { contract { signedOn version } userErrors { code } } }';
  const signed = async (on: string | null): Promise<Data> => (await run(t, sign, { id, on })).contract;
  expect(await signed(null)).toEqual({ signedOn: '2026-01-01', version: 1 });
  expect(await signed('2026-01-01')).toEqual({ signedOn: '2026-01-01', version: 1 });
  expect(await signed('2026-02-02')).toEqual({ signedOn: '2026-02-02', version: 2 });
  const { contract: seen } = await t.admin.graph('query ($id: ID!) { contract(id: $id) { number } }', { id });
  const lifecycle = await t.admin
    .rest('lifecycle')
    .put(`/contracts/${seen.number}`, { status: 2, signed_date: '2026-03-03' });
  expect([lifecycle.status, lifecycle.body.data.signed_date]).toEqual([200, '2026-03-03']);
  const cell = await t.admin.rest('cell').patch(`/contracts/${id}`, { status: 2 });
  expect([cell.status, cell.body.signedAt]).toEqual([200, '2026-03-03']);
});
