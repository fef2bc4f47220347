import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { send } from '../support/http.js';
import { plain, startAnother, type Started } from '../support/server.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Who calls which endpoint of the dialects how often and when last: counted in memory by each server, added up in the
// database, for those who administer the tenant.

jest.setTimeout(120_000);

const report = `query ($filter: EndpointUseFilter, $orderBy: [EndpointUseOrder!]) {
  endpointUses(first: 100, filter: $filter, orderBy: $orderBy) {
    totalCount nodes { dialect endpoint userAgent count createdAt lastUsedAt user { login } apiKey { name } }
  }
}`;

const uses = async (t: TestTenant, filter: object = {}): Promise<Data[]> =>
  (await t.admin.graph(report, { filter })).endpointUses.nodes;

/** A use without its times, as one line. */
const line = ({ dialect, endpoint, user, apiKey, userAgent, count }: Data): string =>
  `${count} × ${dialect} ${endpoint} by ${apiKey?.name ?? user.login} with ${userAgent}`;

const lines = async (t: TestTenant, filter?: object): Promise<string[]> => (await uses(t, filter)).map(line).toSorted();

const call = (
  server: string,
  authorization: string,
  agent: string,
  [dialect, method, path, body]: readonly [dialect: string, method: string, path: string, body?: unknown],
): Promise<number> =>
  send(
    method,
    server + path,
    { authorization: `Bearer ${authorization}`, 'user-agent': agent, 'x-api-dialect': dialect },
    body,
  ).then(({ status }) => status);

const starting = (): Promise<Started> => startAnother(plain());

const keyOf = async (by: Actor, name: string): Promise<string> => {
  const made = await by.graph(
    'mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { key userErrors { code } } }',
    { input: { name, scopes: ['crm:read'] } },
  );
  return made.apiKeyCreate.key;
};

test('servers that stop add up what every client called, in each dialect, answered or refused, and lose nothing', async () => {
  const t = await tenant();
  const service = await keyOf(t.admin, '旧系统');
  const servers = await Promise.all([starting(), starting()]);
  const begun = Date.now();
  const calls: Array<[count: number, status: number, token: string, agent: string, Parameters<typeof call>[3]]> = [
    [3, 200, t.admin.token, 'ERP/1.0', ['erp', 'GET', '/api/v1/crm/accounts']],
    [2, 200, t.admin.token, 'ERP/2.0', ['erp', 'GET', '/api/v1/crm/accounts?page=1']],
    [1, 400, t.admin.token, 'ERP/1.0', ['erp', 'POST', '/api/v1/crm/accounts', {}]],
    [2, 200, service, '', ['cell', 'GET', '/api/v1/crm/customers']],
    [1, 403, service, '', ['cell', 'POST', '/api/v1/crm/customers', { name: '甲' }]],
    [2, 404, t.sales.token, 'Mobile', ['lifecycle', 'GET', '/api/v1/customers/99']],
    [1, 200, t.admin.token, 'ERP/1.0', ['platform', 'GET', '/api/v1/customers/']],
    // not counted: nobody knows who asks, or for what
    [1, 401, 'nobody', 'ERP/1.0', ['erp', 'GET', '/api/v1/crm/accounts']],
    [1, 404, t.admin.token, 'ERP/1.0', ['erp', 'GET', '/api/v1/crm/nothing']],
  ];
  for (const { address } of servers)
    for (const [count, status, token, agent, what] of calls)
      for (let each = 0; each < count; each += 1)
        expect([what, await call(address!, token, agent, what)]).toEqual([what, status]);
  const ended = Date.now();
  await Promise.all(servers.map((server) => server.stop()));
  expect(await lines(t)).toEqual([
    '2 × CELL POST /customers by 旧系统 with ',
    '2 × ERP POST /accounts by admin with ERP/1.0',
    '2 × PLATFORM GET /customers/ by admin with ERP/1.0',
    '4 × CELL GET /customers by 旧系统 with ',
    '4 × ERP GET /accounts by admin with ERP/2.0',
    '4 × LIFECYCLE GET /customers/:id by sales with Mobile',
    '6 × ERP GET /accounts by admin with ERP/1.0',
  ]);
  for (const { createdAt, lastUsedAt } of await uses(t)) {
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(begun);
    expect(Date.parse(lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(createdAt));
    expect(Date.parse(lastUsedAt)).toBeLessThanOrEqual(ended);
  }
  expect(await lines(t, { dialect: ['CELL'] })).toHaveLength(2);
  expect(await lines(t, { endpoint: ['GET /accounts'] })).toHaveLength(2);
  expect(await lines(t, { search: 'mobile customers' })).toEqual([
    '4 × LIFECYCLE GET /customers/:id by sales with Mobile',
  ]);
  expect(await lines(t, { user: await t.sales.id() })).toHaveLength(1);
  expect(
    (await t.admin.graph(report, { orderBy: [{ field: 'COUNT', direction: 'DESC' }] })).endpointUses.nodes.map(line)[0],
  ).toBe('6 × ERP GET /accounts by admin with ERP/1.0');
});

test('what is answered while a server stops is counted', async () => {
  const t = await tenant();
  const server = await starting();
  const what = ['erp', 'GET', '/api/v1/crm/accounts'] as const;
  expect(await call(server.address!, t.admin.token, 'first', what)).toBe(200);
  let answered = 0;
  const callers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const status = await call(server.address!, t.admin.token, 'busy', what).catch(() => 0);
      if (status !== 200) return;
      answered += 1;
    }
  });
  await eventually(
    async () => answered,
    (count) => count >= 50,
  );
  await server.stop();
  await Promise.all(callers);
  expect(await lines(t)).toEqual(
    [`1 × ERP GET /accounts by admin with first`, `${answered} × ERP GET /accounts by admin with busy`].toSorted(),
  );
});

test('a server that runs writes what it counted within seconds, and only those who administer the tenant see it', async () => {
  const t = await tenant();
  const path = '/accounts';
  for (let each = 0; each < 2; each += 1) await t.manager.rest('erp').get(path, { 'user-agent': 'Script/1 (x)' });
  await t.outsider.rest('erp').get(path);
  const found = await eventually(
    () => uses(t),
    (rows) => rows[0]?.count === 2,
  );
  expect(found.map(({ user }) => user.login)).toEqual(['manager']);
  const service = await actor('service', t.code, ['service'], {
    scope: 'crm:read crm:write crm:amounts crm:contact-data crm:export',
  });
  for (const who of [t.manager, t.sales, t.viewer, service]) {
    expect(await who.graph.refused('{ endpointUses { totalCount } }')).toEqual(['FORBIDDEN']);
  }
  await eventually(
    async () => (await t.outsider.graph(report)).endpointUses.nodes.map(line),
    ([one]) => one === '1 × ERP GET /accounts by outsider with node',
  );
  expect(await lines(t)).toHaveLength(1);
});

test('a user who calls itself by ever new names has twenty of them, and the others are counted together', async () => {
  const t = await tenant();
  const server = await starting();
  const what = ['cell', 'GET', '/api/v1/crm/customers'] as const;
  for (let each = 0; each < 30; each += 1)
    expect(await call(server.address!, t.admin.token, `agent ${each}`, what)).toBe(200);
  expect(await call(server.address!, t.admin.token, 'x'.repeat(5_000), what)).toBe(200);
  await server.stop();
  const again = await starting();
  expect(await call(again.address!, t.admin.token, randomUUID(), what)).toBe(200);
  expect(await call(again.address!, t.admin.token, 'agent 3', what)).toBe(200);
  await again.stop();
  const found = await uses(t);
  expect(found).toHaveLength(21);
  const counts = Object.fromEntries(found.map(({ userAgent, count }) => [userAgent, count]));
  expect([counts['agent 3'], counts['other']]).toEqual([2, 12]);
  expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(33);
});
