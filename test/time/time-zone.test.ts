import { eventually } from '../support/eventually.js';
import { furtherServers } from '../support/server.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const update =
  'mutation ($input: TenantInput!) { tenantUpdate(input: $input) { tenant { name timeZone history { nodes { actorLogin channel operation changes { field before after } } } } userErrors { code field } } }';
const viewer = '{ viewer { tenant { name timeZone } } }';

test('whoever administers a tenant sets its name and its time zone, which is audited and published', async () => {
  const { admin, sql } = await tenant();
  expect((await admin.graph(viewer)).viewer.tenant.timeZone).toBe('Asia/Shanghai');
  const { tenantUpdate } = await admin.graph(update, { input: { name: ' 华信 ', timeZone: 'europe/berlin' } });
  expect(tenantUpdate).toEqual({
    tenant: {
      name: '华信',
      timeZone: 'Europe/Berlin',
      history: {
        nodes: [
          {
            actorLogin: 'admin',
            channel: 'GRAPHQL',
            operation: 'tenant.update',
            changes: [
              { field: 'name', before: admin.tenant, after: '华信' },
              { field: 'timeZone', before: 'Asia/Shanghai', after: 'Europe/Berlin' },
            ],
          },
        ],
      },
    },
    userErrors: [],
  });
  expect(await sql('select type, subject = app_tenant()::text as mine, data from outbox')).toEqual([
    { type: 'crm.tenant.updated', mine: true, data: { changed: ['name', 'timeZone'] } },
  ]);
  expect((await admin.graph(viewer)).viewer.tenant).toEqual({ name: '华信', timeZone: 'Europe/Berlin' });
});

test('what is the same already is not written', async () => {
  const t = await tenant();
  await t.admin.graph(update, { input: { timeZone: 'UTC' } });
  const before = await written(t);
  expect((await t.admin.graph(update, { input: { timeZone: 'UTC' } })).tenantUpdate.userErrors).toEqual([]);
  expect((await t.admin.graph(update, { input: {} })).tenantUpdate.tenant.timeZone).toBe('UTC');
  expect(await written(t)).toEqual(before);
});

test.each([
  ['a name that there is not', 'Mars/Olympus_Mons'],
  ['an offset', '+08:00'],
  ['an abbreviation', 'CEST'],
  ['a rule of POSIX', 'EST5EDT4,M3.2.0,M11.1.0'],
  ['a file that is no zone', 'posixrules'],
  ['a path', '../../etc/passwd'],
  ['a zone of another reckoning', 'right/Europe/Berlin'],
  ['a text that is too long', 'A'.repeat(65)],
])('%s is no time zone', async (_what, timeZone) => {
  const t = await tenant();
  await t.admin.id();
  const before = await written(t);
  expect(await t.admin.graph.userErrors(update, { input: { timeZone } })).toEqual([
    timeZone.length > 64 ? 'TOO_LONG timeZone' : 'INVALID timeZone',
  ]);
  expect(await t.admin.graph.userErrors(update, { input: { timeZone: null, name: '' } })).toEqual([
    'REQUIRED name',
    'REQUIRED timeZone',
  ]);
  expect(await written(t)).toEqual(before);
  expect((await t.admin.graph(viewer)).viewer.tenant.timeZone).toBe('Asia/Shanghai');
});

test('nobody else may', async () => {
  const t = await tenant();
  await t.admin.id();
  const before = await written(t);
  for (const who of [t.manager, t.sales, t.viewer])
    expect(await who.graph.refused(update, { input: { timeZone: 'UTC' } })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual(before);
});

test('a new time zone is in effect at once, in another server within seconds, and for subscriptions that are open', async () => {
  const { admin } = await tenant();
  const [other] = await furtherServers(1);
  const createdOn = async (address: string, day: string): Promise<number> => {
    const answer = await fetch(`${address}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'query ($day: Date) { activities(filter: { startsFrom: $day, startsUntil: $day }) { totalCount } }',
        variables: { day },
      }),
    });
    return ((await answer.json()) as Data).data.activities.totalCount;
  };
  const { id } = await customer(admin, { name: 'A' });
  await admin.graph(
    'mutation ($customer: ID!) { activityCreate(input: { kind: CALL, subject: "A", customer: $customer, startsAt: "2027-06-30T17:00:00Z" }) { userErrors { code } } }',
    { customer: id },
  );
  const here = process.env['CRM_TEST_ADDRESS']!;
  const subscription = await admin.subscribe(
    'subscription { opportunityChanged(filter: { closeFrom: "2027-06-30T17:00:00Z" }) { opportunity { name } } }',
    {},
    other!,
  );
  for (const address of [here, other!])
    expect([await createdOn(address, '2027-06-30'), await createdOn(address, '2027-07-01')]).toEqual([0, 1]);

  await admin.graph(update, { input: { timeZone: 'America/New_York' } });
  expect([await createdOn(here, '2027-06-30'), await createdOn(here, '2027-07-01')]).toEqual([1, 0]);
  await eventually(
    () => createdOn(other!, '2027-06-30'),
    (count) => count === 1,
  );
  expect(await createdOn(other!, '2027-07-01')).toBe(0);
  for (const [name, expectedCloseOn] of [
    ['A', '2027-06-29'],
    ['B', '2027-06-30'],
  ])
    await admin.graph(
      'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { userErrors { code } } }',
      { input: { name, customer: id, expectedCloseOn } },
    );
  expect(await subscription.next()).toEqual({ opportunityChanged: { opportunity: { name: 'B' } } });
}, 60_000);
