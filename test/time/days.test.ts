import { activity, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';

const newYork = 'America/New_York';

/** What a browser, a program and a person send for a day, and the day that it is in a tenant of that time zone. */
const forms: Array<[sent: string, timeZone: string, day: string]> = [
  ['2027-03-31', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-30T16:00:00.000Z', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-30T15:59:59.999Z', 'Asia/Shanghai', '2027-03-30'],
  ['2027-03-31T00:00:00+08:00', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-31T00:00:00+0800', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-31T23:59:59', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-31 00:00:00', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-31T00:00:00Z', 'Asia/Shanghai', '2027-03-31'],
  ['2027-03-31T04:00:00Z', newYork, '2027-03-31'],
  ['2027-03-31T03:59:59Z', newYork, '2027-03-30'],
  ['2027-01-31T04:59:59Z', newYork, '2027-01-30'],
  ['2027-01-31T05:00:00Z', newYork, '2027-01-31'],
  ['2027-03-31T00:30:00', newYork, '2027-03-31'],
];
const zones = ['Asia/Shanghai', newYork];
const tenants: Record<string, TestTenant> = {};
const customers: Record<string, string> = {};

beforeAll(async () => {
  for (const zone of zones) {
    tenants[zone] = await tenantIn(zone);
    customers[zone] = (await customer(tenants[zone].admin, { name: 'A' })).id;
  }
});

describe('what is sent for a day is the day in the time zone of the tenant', () => {
  test.each(forms)('in the graph: %s in %s', async (sent, zone, day) => {
    const { admin } = tenants[zone]!;
    const text = (value: string): string =>
      `mutation ($input: ContractInput!) { contractCreate(input: $input) { contract { endsOn } userErrors { code } } second: contractCreate(input: { name: "B", customer: "${customers[zone]}", endsOn: ${value} }) { contract { endsOn } } }`;
    const { contractCreate, second } = await admin.graph(text(JSON.stringify(sent)), {
      input: { name: 'A', customer: customers[zone], endsOn: sent },
    });
    expect([contractCreate.contract, second.contract]).toEqual([{ endsOn: day }, { endsOn: day }]);
    const found = (executor: string, filter: string, variables?: object): Promise<Data> =>
      admin.graph
        .raw(
          `query ${variables ? '($filter: ContractFilter)' : ''} { contracts(filter: ${filter}) { totalCount nodes { endsOn } } }`,
          variables,
          { 'x-crm-executor': executor },
        )
        .then(({ body, headers }) => {
          expect([body.errors, headers.get('x-crm-executor')!.split(';')[0]]).toEqual([undefined, executor]);
          return new Set(body.data.contracts.nodes.map(({ endsOn }: Data) => endsOn));
        });
    for (const executor of ['compiled', 'plain']) {
      expect(await found(executor, `{ endsFrom: "${sent}", endsUntil: "${sent}" }`)).toEqual(new Set([day]));
      expect(await found(executor, '$filter', { filter: { endsFrom: sent, endsUntil: sent } })).toEqual(new Set([day]));
    }
  });

  test('one text of a query, remembered for all, is read in the time zone of each tenant', async () => {
    const query =
      '{ contracts(filter: { endsFrom: "2028-06-30T20:00:00Z", endsUntil: "2028-06-30T20:00:00Z" }) { nodes { endsOn } } }';
    for (const zone of zones)
      for (const endsOn of ['2028-06-30', '2028-07-01'])
        await contract(tenants[zone]!.admin, { name: 'C', customer: customers[zone]!, endsOn });
    const days = await Promise.all(zones.map((zone) => tenants[zone]!.admin.graph(query)));
    expect(days.map(({ contracts }) => contracts.nodes)).toEqual([
      [{ endsOn: '2028-07-01' }],
      [{ endsOn: '2028-06-30' }],
    ]);
  });

  test.each(forms)('in the dialects: %s in %s', async (sent, zone, day) => {
    const { admin } = tenants[zone]!;
    const [lifecycle, erp, cell, platform] = (['lifecycle', 'erp', 'cell', 'platform'] as const).map((dialect) =>
      admin.rest(dialect),
    );
    const encoded = encodeURIComponent(sent);

    const made = await lifecycle!.post(`/customers/${customers[zone]}/contracts`, {
      contract_name: '合同',
      contract_type: 1,
      contract_amount: 1,
      start_date: '2020-01-01',
      end_date: sent,
    });
    expect([made.status, made.body.data?.end_date]).toEqual([200, day]);
    const expiring = await lifecycle!.put(`/contracts/${made.body.data.contract_id}`, { end_date: sent });
    expect(expiring.body.data.end_date).toBe(day);

    const { body: account } = await erp!.post('/campaigns', { name: 'A', type: 'event', startDate: sent });
    const campaign = await erp!.get(`/campaigns/${account.data.id}`);
    expect(campaign.body.data.startDate).toBe(day);
    const listed = await erp!.get(`/campaigns?pageSize=100&startDateStart=${encoded}&startDateEnd=${encoded}`);
    expect(new Set(listed.body.data.list.map(({ startDate }: Data) => startDate))).toEqual(new Set([day]));

    const signed = await cell!.post('/contracts', {
      customerId: customers[zone],
      contractNo: `HT-${crypto.randomUUID()}`,
      amountCents: 1,
      signedAt: sent,
    });
    expect([signed.status, signed.body.signedAt]).toEqual([201, day]);

    const company = await platform!.post('/customers/', {
      name: `公司 ${crypto.randomUUID()}`,
      type: 'enterprise',
      establishment_date: sent,
    });
    expect([company.status, company.body.data?.establishment_date]).toEqual([201, day]);
  });
});

describe('a time without a zone is one on the clocks of the tenant', () => {
  /** The clocks go forward on 14 March 2027 at 2:00 and back on 7 November at 2:00. */
  test.each([
    ['2027-07-01T09:00:00', '2027-07-01T13:00:00.000Z'],
    ['2027-01-01 09:00', '2027-01-01T14:00:00.000Z'],
    ['2027-03-14T01:59:59.999', '2027-03-14T06:59:59.999Z'],
    ['2027-03-14T02:30:00', '2027-03-14T07:30:00.000Z'],
    ['2027-03-14T03:30:00', '2027-03-14T07:30:00.000Z'],
    ['2027-11-07T00:59:59', '2027-11-07T04:59:59.000Z'],
    ['2027-11-07T01:30:00', '2027-11-07T05:30:00.000Z'],
    ['2027-11-07T02:00:00', '2027-11-07T07:00:00.000Z'],
    ['2027-11-07T01:30:00-05:00', '2027-11-07T06:30:00.000Z'],
  ])('in New York %s is %s', async (sent, instant) => {
    const { admin } = tenants[newYork]!;
    const { activityCreate } = await admin.graph(
      'mutation ($input: ActivityInput!) { activityCreate(input: $input) { activity { startsAt } userErrors { code field } } }',
      { input: { kind: 'CALL', subject: 'A', customer: customers[newYork], startsAt: sent } },
    );
    expect(activityCreate).toEqual({ activity: { startsAt: instant }, userErrors: [] });
    const { body } = await admin.rest('lifecycle').post(`/customers/${customers[newYork]}/communications`, {
      communication_type: 1,
      direction: 1,
      subject: 'A',
      content: 'B',
      communication_date: sent,
    });
    expect(body.data.communication_date).toBe(instant);
    const { body: made } = await admin
      .rest('erp')
      .post('/activities', { type: 'call', subject: 'A', accountId: customers[newYork], startTime: sent });
    const { body: read } = await admin.rest('erp').get(`/activities/${made.data.id}`);
    expect(read.data.startTime).toBe(`${instant.slice(0, 19)}Z`);
  });

  test('a day for an instant is its beginning, where no hour is skipped or doubled', async () => {
    for (const [zone, day, instant] of [
      ['Asia/Shanghai', '2027-03-01', '2027-02-28T16:00:00.000Z'],
      // on these days the clocks show the hour after midnight twice, or not at all
      ['America/Havana', '2027-11-07', '2027-11-07T04:00:00.000Z'],
      ['America/Santiago', '2027-09-05', '2027-09-05T04:00:00.000Z'],
    ] as const) {
      const { admin } = await tenantIn(zone);
      const { id } = await customer(admin, { name: 'A' });
      const { body } = await admin.rest('lifecycle').post(`/customers/${id}/communications`, {
        communication_type: 1,
        direction: 1,
        subject: 'A',
        content: 'B',
        communication_date: day,
      });
      expect([zone, body.data?.communication_date]).toEqual([zone, instant]);
    }
  });

  test('what is paid on a day is paid on that day for the tenant', async () => {
    for (const zone of ['Asia/Shanghai', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', newYork]) {
      const { admin } = await tenantIn(zone);
      const { id } = await customer(admin, { name: 'A' });
      const { id: contractId } = await contract(admin, { name: 'A', customer: id, amount: { amount: '10' } });
      await admin.rest('cell').post('/payments', { contractId, amountCents: 100, paymentAt: '2027-03-02' });
      const { payments } = await admin.graph(
        '{ payments(filter: { paidFrom: "2027-03-02", paidUntil: "2027-03-02" }) { totalCount } }',
      );
      expect([zone, payments.totalCount]).toEqual([zone, 1]);
    }
  });
});

test('a day in a filter has all its hours, also those that the clocks show twice', async () => {
  for (const [zone, day, inside, outside] of [
    [
      'America/Havana',
      '2027-11-07',
      ['2027-11-07T04:00:00Z', '2027-11-07T05:30:00Z', '2027-11-08T04:59:59Z'],
      ['2027-11-07T03:59:59Z', '2027-11-08T05:00:00Z'],
    ],
    [
      'America/Santiago',
      '2027-09-05',
      ['2027-09-05T04:00:00Z', '2027-09-06T02:59:59Z'],
      ['2027-09-05T03:59:59Z', '2027-09-06T03:00:00Z'],
    ],
    [
      newYork,
      '2027-11-07',
      ['2027-11-07T04:00:00Z', '2027-11-07T05:30:00Z', '2027-11-07T06:30:00Z', '2027-11-08T04:59:59Z'],
      ['2027-11-07T03:59:59Z', '2027-11-08T05:00:00Z'],
    ],
    [
      newYork,
      '2027-03-14',
      ['2027-03-14T05:00:00Z', '2027-03-15T03:59:59Z'],
      ['2027-03-14T04:59:59Z', '2027-03-15T04:00:00Z'],
    ],
  ] as const) {
    const { admin } = await tenantIn(zone);
    const { id } = await customer(admin, { name: 'A' });
    for (const startsAt of [...inside, ...outside])
      await activity(admin, { kind: 'CALL', subject: startsAt, customer: id, startsAt });
    const { activities } = await admin.graph(
      'query ($day: Date) { activities(filter: { startsFrom: $day, startsUntil: $day }, orderBy: [{ field: STARTS_AT, direction: ASC }]) { nodes { subject } } }',
      { day },
    );
    expect([zone, activities.nodes.map(({ subject }: Data) => subject)]).toEqual([zone, inside]);
  }
});

test('a subscription reads the days of its filter in the time zone of the tenant', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  const subscription = await admin.subscribe(
    'subscription { opportunityChanged(filter: { closeFrom: "2027-03-30T16:00:00.000Z" }) { opportunity { expectedCloseOn } } }',
  );
  await opportunity(admin, { name: 'A', customer: id, expectedCloseOn: '2027-03-30' });
  await opportunity(admin, { name: 'B', customer: id, expectedCloseOn: '2027-03-31' });
  expect(await subscription.next()).toEqual({ opportunityChanged: { opportunity: { expectedCloseOn: '2027-03-31' } } });
});
