import { tenant, type Actor, type Data } from '../support/tenant.js';

test('takes five thousand with a contact each in a few statements; sent again under the same key it has no second effect', async () => {
  const { manager, sql } = await tenant();
  const inputs = Array.from({ length: 5_000 }, (_, n) => ({
    customer: { name: n === 4_321 ? '' : `客户${n}`, phone: `138${String(n).padStart(8, '0')}` },
    contacts: [
      { name: `甲${n}`, primary: true },
      { name: `乙${n}`, email: n === 77 ? 'none' : `b${n}@example.com`, primary: true, position: '经理' },
    ],
  }));
  const send = (): ReturnType<Actor['graph']['raw']> =>
    manager.graph.raw(
      'mutation ($inputs: [CustomerOnboardInput!]!) { customersOnboard(inputs: $inputs) { results { id userErrors { code field } } } }',
      { inputs },
      { 'idempotency-key': 'five thousand' },
    );
  const first = await send();
  const { results } = first.body.data.customersOnboard;
  expect(
    results.flatMap(({ id, userErrors }: Data, index: number) => (id === null ? [[index, userErrors]] : [])),
  ).toEqual([
    [77, [{ code: 'INVALID', field: ['inputs', '77', 'contacts', '1', 'email'] }]],
    [4_321, [{ code: 'REQUIRED', field: ['inputs', '4321', 'customer', 'name'] }]],
  ]);
  expect(first.statements).toBeLessThan(200);
  const again = await send();
  expect([again.headers.get('idempotency-replayed'), again.body]).toEqual(['true', first.body]);
  expect(
    await sql(
      'select (select count(*)::int from customer) customers, (select count(*)::int from contact) contacts, (select count(*)::int from customer_contact where "primary") primaries',
    ),
  ).toEqual([{ customers: 4_998, contacts: 9_996, primaries: 4_998 }]);
  expect(await sql('select distinct position from customer_contact where "primary"')).toEqual([{ position: '经理' }]);
}, 120_000);
