import { ask, parametersOf, timeless, valueFor } from '../support/parameters.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// Widespread HTTP clients write lists as `status[]=1` or `status[0]=1`: that is `status=1`, for every parameter of every row.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲', status: 'ACTIVE', industry: '软件', tier: 'GOLD' });
  await customer(t.admin, { name: '乙', status: 'LOST', industry: '制造', tier: 'BRONZE' });
});

test.each<Dialect>(['erp', 'cell', 'lifecycle', 'platform'])(
  'every parameter of every list of %s means the same with brackets',
  async (dialect) => {
    let compared = 0;
    for (const { path, name, schema, rest } of await parametersOf(dialect, (place) => !place.includes('{'))) {
      const value = encodeURIComponent(valueFor(schema));
      const plain = timeless(await ask(t, dialect, `${path}?${name}=${value}${rest}`));
      for (const written of [`${name}[]`, `${name}%5B%5D`, `${name}[0]`])
        expect([path, written, timeless(await ask(t, dialect, `${path}?${written}=${value}${rest}`))]).toEqual([
          path,
          written,
          plain,
        ]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(10);
  },
  120_000,
);

test.each<[Dialect, string, (body: Data) => number]>([
  ['erp', '/api/v1/crm/accounts?status[]=inactive', ({ data }) => data.list.length],
  ['cell', '/api/v1/crm/customers?status[]=2', ({ total }) => total],
  ['cell', '/customers?status%5B%5D=2', ({ total }) => total],
  ['lifecycle', '/api/v1/customers?status[]=3', ({ data }) => data.total],
  ['platform', '/api/v1/customers/?status[]=lost', ({ data }) => data.count],
])('and filters: %s GET %s', async (dialect, path, count) => {
  const { status, body } = await ask(t, dialect, path);
  expect([status, count(body)]).toEqual([200, 1]);
});

test('several of them are one list', async () => {
  const { body } = await ask(t, 'lifecycle', '/api/v1/customers?status[]=2&status[]=3');
  expect(body.data.total).toBe(2);
});
