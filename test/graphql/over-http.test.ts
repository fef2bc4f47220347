import { auditServer } from 'graphql-http';
import { address, send } from '../support/http.js';
import { tenant } from '../support/tenant.js';

// The audit of GraphQL over HTTP, of the working group's own library.

test('the server conforms to GraphQL over HTTP in every point of its audit', async () => {
  const { admin } = await tenant();
  const results = await auditServer({
    url: `${address()}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: {
          ...(init.headers as object),
          authorization: `Bearer ${admin.token}`,
          'apollo-require-preflight': '1',
        },
      }),
  });
  expect(results).toHaveLength(61);
  expect(
    results
      .filter(({ status }) => status !== 'ok')
      .map((result) => `${result.name}: ${'reason' in result ? result.reason : ''}`),
  ).toEqual([]);
}, 60_000);

const mutation = {
  query: 'mutation { customerCreate(input: { name: "甲公司" }) { customer { name } userErrors { code } } }',
};

test.each([
  'application/xml',
  'text/html',
  'application/json;q=0',
  'image/*, text/event-stream',
  'application/json; q=0, application/graphql-response+json;q=0.0',
])('a mutation whose answer `%s` would not take is refused before it runs, with a key and without', async (accept) => {
  const { admin } = await tenant();
  for (const more of [{}, { 'idempotency-key': 'once' }] as Array<Record<string, string>>) {
    const authorization = `Bearer ${admin.token}`;
    const { status, body } = await send('POST', '/graphql', { authorization, accept, ...more }, mutation);
    expect([status, body.errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE']);
  }
  expect((await admin.graph('{ customers { totalCount } }')).customers.totalCount).toBe(0);
});

test.each(['application/json', 'application/*', '*/*', 'text/html, application/json;q=0.1'])(
  'a mutation whose answer `%s` takes runs',
  async (accept) => {
    const { admin } = await tenant();
    const authorization = `Bearer ${admin.token}`;
    const { status, body } = await send('POST', '/graphql', { authorization, accept }, mutation);
    expect([status, body.data.customerCreate]).toEqual([200, { customer: { name: '甲公司' }, userErrors: [] }]);
  },
);
