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

/** Subscribes in the tenant, at these servers: each then looks there every second for what the clock has brought, not once a round. */
export const watched = ({ admin }: TestTenant, ...servers: Array<string | undefined>): Promise<unknown> =>
  Promise.all(
    (servers.length > 0 ? servers : [undefined]).map((server) =>
      admin.subscribe('subscription { taskDue { kind } }', {}, server),
    ),
  );

/** Lets the rows of a table have been changed so long ago that the server takes them for left alone. */
export const leftAlone = ({ sql }: TestTenant, table: 'campaign' | 'contract'): Promise<unknown> =>
  sql(`update ${table} set updated_at = now() - interval '11 seconds'`);
