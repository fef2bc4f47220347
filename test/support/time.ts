import { tenant, type TestTenant } from './tenant.js';

/** A fresh tenant whose clocks are in that time zone. */
export async function tenantIn(timeZone: string): Promise<TestTenant> {
  const t = await tenant();
  const { tenantUpdate } = await t.admin.graph(
    'mutation ($timeZone: String!) { tenantUpdate(input: { timeZone: $timeZone }) { tenant { timeZone } userErrors { code field } } }',
    { timeZone },
  );
  expect(tenantUpdate).toEqual({ tenant: { timeZone }, userErrors: [] });
  return t;
}
