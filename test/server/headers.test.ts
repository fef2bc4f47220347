import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';

// What keeps browsers from doing harm with an answer stands on every one, in production behind TLS.

let server: Started;
let authorization: string;
beforeAll(async () => {
  server = await startAnother({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: testSecret(),
    CRM_TENANT_AUTOCREATE: '1',
    CRM_TRUST_PROXY: '1',
    CRM_ALLOWED_ORIGINS: 'https://crm.example.com, https://other.example.com',
  });
  authorization = `Bearer ${await token({ tenant_id: `t-${crypto.randomUUID()}` })}`;
}, 60_000);
afterAll(() => server.stop());

const routes: ReadonlyArray<[method: string, path: string, status: number, body?: object]> = [
  ['GET', '/', 200],
  ['GET', '/graphiql', 200],
  ['GET', '/schema.graphql', 404],
  ['GET', '/docs', 200],
  ['GET', '/openapi.json', 200],
  ['GET', '/asyncapi', 200],
  ['GET', '/asyncapi.json', 200],
  ['GET', '/asyncapi.yaml', 200],
  ['GET', '/api/v1/docs/', 200],
  ['GET', '/api/v1/redoc/', 200],
  ['GET', '/api/v1/schema/', 200],
  ['POST', '/graphql', 200, { query: '{ viewer { roles } }' }],
  ['POST', '/graphql', 400, { query: '{' }],
  ['GET', '/api/v1/events', 200],
  ['GET', '/api/v1/crm/accounts', 200],
  ['GET', '/customers', 200],
  ['GET', '/api/v1/customers', 200],
  ['GET', '/api/v1/customers/', 200],
  ['GET', '/api/v1/customers/1', 404],
  ['GET', '/export/customers.csv', 200],
  ['GET', '/export/customers.xlsx', 200],
  ['GET', '/api/v1/files/1', 404],
  ['POST', '/api/v1/files', 400, {}],
  ['GET', '/health', 200],
  ['GET', '/metrics', 200],
  ['GET', '/metrics/server', 403],
  ['GET', '/nowhere', 404],
];

test.each(routes.map(([method, path, status, body]) => ({ method, path, status, body })))(
  '$method $path answers $status with them',
  async ({ method, path, status, body }) => {
    for (const accept of ['text/html,*/*', '*/*']) {
      const answer = await send(
        method,
        server.address! + path,
        { authorization, accept, 'x-forwarded-proto': 'https', origin: 'https://crm.example.com' },
        body,
      );
      const { headers } = answer;
      expect(answer.status).toBe(status);
      expect(
        Object.fromEntries(
          [
            'x-content-type-options',
            'x-frame-options',
            'referrer-policy',
            'strict-transport-security',
            'access-control-allow-origin',
          ].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
        'access-control-allow-origin': 'https://crm.example.com',
      });
      const policy = headers.get('content-security-policy');
      expect(policy).toMatch(/default-src 'none'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-(?:inline|eval)'/);
      expect(headers.get('access-control-expose-headers')).toMatch(/etag.*ratelimit.*retry-after.*x-request-id/);
    }
  },
);

test('pages of other origins are not let in, and what a page may ask is remembered for two hours', async () => {
  const preflight = (origin: string): ReturnType<typeof send> =>
    send('OPTIONS', `${server.address}/graphql`, { origin, 'access-control-request-method': 'POST' });
  const allowed = await preflight('https://other.example.com');
  expect([
    allowed.status,
    allowed.headers.get('access-control-allow-origin'),
    allowed.headers.get('access-control-max-age'),
  ]).toEqual([204, 'https://other.example.com', '7200']);
  const refused = await preflight('https://evil.example.com');
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  expect((await send('GET', `${server.address}/health`)).headers.get('strict-transport-security')).toBeNull();
});
