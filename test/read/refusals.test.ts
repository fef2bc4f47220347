import { customer } from '../support/records.js';
import { tenant } from '../support/tenant.js';

// Rows of which some wait for the database and some do not, all with the same refused argument: the executor then lets go
// of promises that are still to fail, and that must not end the process.

test.each([
  ['an argument that a rule refuses', 'query', 'contacts(first: 501)', 'BAD_REQUEST'],
  [
    'an argument that GraphQL refuses',
    'query ($direction: SortDirection = ASC)',
    'contacts(orderBy: [{ field: NUMBER, direction: $direction }])',
    'BAD_USER_INPUT',
  ],
])('%s is refused, and the server goes on', async (_what, head, field, code) => {
  const { admin } = await tenant();
  await customer(admin, { name: '有负责人', owner: await admin.id() });
  await customer(admin, { name: '没有负责人' });
  await customer(admin, { name: '也有负责人', owner: await admin.id() });
  expect(
    await admin.graph.refused(`${head} { customers { nodes { owner { name } ${field} { totalCount } } } }`, {
      direction: null,
    }),
  ).toContain(code);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await admin.graph('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 3 } });
});
