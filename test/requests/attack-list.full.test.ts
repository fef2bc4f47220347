import { attacks, type Target } from '../support/attacks.js';
import { send, testSecret } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// Every attack of the list is refused in its way, changes nothing, and others are answered meanwhile.

let server: Started;
let attacked: TestTenant;
let other: TestTenant;
let target: Target;
beforeAll(async () => {
  [attacked, other] = [await tenant(), await tenant()];
  await attacked.admin.id();
  await attacked.sql(
    `insert into customer (tenant_id, id, account_no, code, name, address) select app_tenant(), gen_random_uuid(), 'X' || n, 'X' || n, '攻击目标' || n, repeat('客', 6000) from generate_series(1, 600) n returning tenant_id`,
  );
  server = await startAnother({
    NODE_ENV: 'test',
    AUTH_JWT_SECRET: testSecret(),
    CRM_INTROSPECTION: '0',
    CRM_CLIENT_SECONDS: '2',
  });
  target = { address: server.address!, token: attacked.admin.token };
}, 60_000);
afterAll(() => server.stop());

/** What another tenant is answered. */
const light = async (): Promise<unknown> => {
  const authorization = `Bearer ${other.admin.token}`;
  const { status, body } = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization },
    { query: '{ customers(first: 5) { totalCount nodes { name } } }' },
  );
  return [status, body];
};
const answered = [200, { data: { customers: { totalCount: 0, nodes: [] } } }];

test.each(attacks.map((attack) => [attack.name, attack] as const))(
  '%s',
  async (_name, { strike, outcome, holds }) => {
    let under = true;
    const strikes = Promise.all(Array.from({ length: holds ? 3 : 2 }, (_, n) => strike(target, n))).finally(
      () => (under = false),
    );
    let count = 0;
    do {
      expect(await light()).toEqual(answered);
      count += 1;
      if (holds) await new Promise((resolve) => setTimeout(resolve, 100));
    } while (under);
    expect(count).toBeGreaterThan(0);
    for (const what of await strikes) expect(what).toMatch(outcome);
    expect(await light()).toEqual(answered);
    expect(await attacked.sql("select 1 from customer where name like 'attack%'")).toEqual([]);
    expect(server.output()).not.toMatch(/"level":(?:50|60)/);
  },
  60_000,
);
