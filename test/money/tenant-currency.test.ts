import { eventually } from '../support/eventually.js';
import { customer, opportunity, written } from '../support/records.js';
import { furtherServers } from '../support/server.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const update =
  'mutation ($input: TenantInput!) { tenantUpdate(input: $input) { tenant { name currency history { nodes { operation changes { field before after } } } } userErrors { code field } } }';
const currencyOf = async (by: Actor): Promise<string> =>
  (await by.graph('{ viewer { tenant { currency } } }')).viewer.tenant.currency;

test('whoever administers a tenant sets its currency, which is audited and published', async () => {
  const { admin, sql } = await tenant();
  expect(await currencyOf(admin)).toBe('CNY');
  expect((await admin.graph(update, { input: { currency: ' usd ' } })).tenantUpdate).toEqual({
    tenant: {
      name: admin.tenant,
      currency: 'USD',
      history: {
        nodes: [{ operation: 'tenant.update', changes: [{ field: 'currency', before: 'CNY', after: 'USD' }] }],
      },
    },
    userErrors: [],
  });
  expect(await sql('select type, data from outbox')).toEqual([
    { type: 'crm.tenant.updated', data: { changed: ['currency'] } },
  ]);
  expect(await currencyOf(admin)).toBe('USD');
});

test.each([
  ['a sign', '¥', 'INVALID currency'],
  ['a word', '人民币', 'INVALID currency'],
  ['a code of no currency', 'ABC', 'INVALID currency'],
  ['a former currency', 'DEM', 'INVALID currency'],
  ['something longer', 'CNY1', 'INVALID currency'],
  ['nothing', '', 'REQUIRED currency'],
  ['null', null, 'REQUIRED currency'],
])('%s is no currency', async (_what, currency, error) => {
  const t = await tenant();
  await t.admin.id();
  const before = await written(t);
  expect(await t.admin.graph.userErrors(update, { input: { currency, name: '华信' } })).toEqual([error]);
  expect(await written(t)).toEqual(before);
  expect(await currencyOf(t.admin)).toBe('CNY');
});

test('nobody else may', async () => {
  const t = await tenant();
  await t.admin.id();
  const before = await written(t);
  for (const who of [t.manager, t.sales, t.viewer])
    expect(await who.graph.refused(update, { input: { currency: 'USD' } })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual(before);
});

test('sums of reports follow at once, here and in another server; records keep their currency, and new ones have the new one', async () => {
  const { admin } = await tenant();
  const make = async (name: string, currency?: string): Promise<string> => {
    const { id } = await customer(admin, { name, ...(currency && { currency }) });
    await opportunity(admin, { name, customer: id, amount: { amount: '1000', ...(currency && { currency }) } });
    return id;
  };
  const first = await make('元');
  await make('USD', 'USD');
  const shown = `{ pipeline { amount { amount currency otherCurrencies { amount currency } } } customer(id: "${first}") { currency openOpportunityAmount { amount currency } } opportunities(orderBy: [{ field: NUMBER }]) { nodes { amount { amount currency } } sums { currency } } }`;
  const seen = async (): Promise<Data> => admin.graph(shown);
  const ofCell = async (): Promise<unknown> =>
    (await admin.rest('cell').get('/reports/sales-forecast')).body.byStage[0].totalAmountCents;
  const sum = (currency: string, other: string): Data => ({
    amount: { amount: '1000.00', currency, otherCurrencies: [{ amount: '1000.00', currency: other }] },
  });
  const before = await seen();
  expect(before.pipeline).toEqual(sum('CNY', 'USD'));

  await admin.graph(update, { input: { currency: 'USD' } });
  expect(await seen()).toEqual({ ...before, pipeline: sum('USD', 'CNY') });
  const third = await make('新');
  const { customer: added, opportunities } = await admin.graph(
    'query ($id: ID!) { customer(id: $id) { currency } opportunities(filter: { customer: [$id] }) { nodes { amount { currency } } } }',
    { id: third },
  );
  expect([added.currency, opportunities.nodes]).toEqual(['USD', [{ amount: { currency: 'USD' } }]]);
  expect(await ofCell()).toBe(200_000);

  const [other] = await furtherServers(1);
  const there = async (): Promise<Data> =>
    (
      (await (
        await fetch(`${other}/graphql`, {
          method: 'POST',
          headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ pipeline { amount { currency } } }' }),
        })
      ).json()) as Data
    ).data.pipeline.amount.currency;
  expect(await there()).toBe('USD');
  await admin.graph(update, { input: { currency: 'JPY' } });
  await eventually(there, (currency) => currency === 'JPY');
}, 30_000);
