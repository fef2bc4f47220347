import { send, testSecret } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// What operators can find a request by: its id in the answer, in the audit and in the log, and a line for every answer.

let server: Started;
let t: TestTenant;
beforeAll(async () => {
  server = await startAnother({
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_ACCESS_LOG: '1',
  });
  t = await tenant();
}, 60_000);
afterAll(() => server?.stop());

const own = (): Record<string, string> => ({ authorization: `Bearer ${t.admin.token}`, 'x-request-id': '' });

/** The lines of the access log for a request, once there are. */
async function linesOf(id: string): Promise<Array<Record<string, unknown>>> {
  for (;;) {
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('"request.answered"') && line.includes(JSON.stringify(id)))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    if (lines.length > 0) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const query = 'query Names { customers(first: 1) { nodes { name } } }';

test.each([
  ['an operation by resolvers or compiled', 'POST', '/graphql', { query }, 200, { operation: 'Names', statements: 1 }],
  ['the same by the fast path', 'POST', '/graphql', { query }, 200, { operation: 'Names', statements: 1 }],
  ['an operation that is not valid', 'POST', '/graphql', { query: '{ nothing }' }, 400, {}],
  ['a body that is not JSON', 'POST', '/graphql', '{', 400, {}],
  ['a REST row', 'GET', '/api/v1/crm/accounts?keyword=13800138000', undefined, 200, { operation: 'GET /accounts' }],
  ['a REST record that there is not', 'GET', '/api/v1/customers/13800138000', undefined, 404, {}],
  ['a page', 'GET', '/', undefined, 200, {}],
  ['health', 'GET', '/health', undefined, 200, {}],
] as const)(
  '%s returns an id, and is logged by it without what was sent',
  async (_, method, path, body, status, more) => {
    const answer = await send(method, server.address + path, own(), body);
    const id = answer.headers.get('x-request-id')!;
    expect([answer.status, id]).toEqual([status, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const [line, ...others] = await linesOf(id);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      level: 30,
      method,
      status,
      path: path.replace(/\?.*/, '').replace('13800138000', '***'),
      ...more,
    });
    if ('operation' in more) expect(line).toMatchObject({ tenant: t.code, user: t.admin.subject });
    expect(JSON.stringify(line)).not.toMatch(/13800138000|Bearer|eyJ/);
  },
);

test('the id that a client sends is the one of the answer, of the log, of the audit and of a dialect that shows it', async () => {
  const headers = { ...own(), 'x-request-id': `mine-${crypto.randomUUID()}` };
  const id = headers['x-request-id'];
  const mutation = { query: 'mutation { customerCreate(input: { name: "甲" }) { userErrors { code } } }' };
  expect((await send('POST', `${server.address}/graphql`, headers, mutation)).headers.get('x-request-id')).toBe(id);
  expect(await linesOf(id)).toMatchObject([{ status: 200 }]);
  const audit = `{ auditEntries(filter: { requestId: "${id}" }) { totalCount } }`;
  expect((await t.admin.graph(audit)).auditEntries.totalCount).toBeGreaterThan(0);
  const lifecycle = await send('GET', `${server.address}/api/v1/customers`, { ...headers, 'x-request-id': `${id}-2` });
  expect([lifecycle.body.trace_id, lifecycle.headers.get('x-request-id')]).toEqual([`${id}-2`, `${id}-2`]);
});

test('an id of ours is no key: the same write twice without an id is made twice', async () => {
  const create = (): ReturnType<typeof send> =>
    send('POST', `${server.address}/api/v1/crm/customers`, own(), { name: `乙${crypto.randomUUID()}` });
  expect([(await create()).status, (await create()).status]).toEqual([201, 201]);
});
