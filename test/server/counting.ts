import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

/** A server of its own, so that nobody else's operations are counted or remembered there, with a tenant and what it counts. */
export interface CountingServer {
  server: Started;
  t: TestTenant;
  /** answers a request to the graph of those who administer the tenant */
  ask: (body: object) => Promise<Data>;
  /** every metric by its name with its labels */
  counters: () => Promise<Record<string, number>>;
}

export async function countingServer(): Promise<CountingServer> {
  const server = await startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_DATABASE_POOL: '2',
  });
  const t = await tenant();
  const platform = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
  const counters = async (): Promise<Record<string, number>> => {
    const { body, status } = await send('GET', `${server.address}/metrics/server`, {
      authorization: `Bearer ${platform}`,
    });
    expect(status).toBe(200);
    return Object.fromEntries(
      String(body)
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  };
  return {
    server,
    t,
    ask: async (body) =>
      (await send('POST', `${server.address}/graphql`, { authorization: `Bearer ${t.admin.token}` }, body)).body,
    counters,
  };
}
