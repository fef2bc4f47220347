import { customer, opportunity } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const customers = 'subscription { customerChanged { kind changed recordId customer { name version } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }';

test('customerChanged is about creation, change, deletion and return', async () => {
  const { admin, viewer } = await tenant();
  const feed = await viewer.subscribe(customers);
  const { id } = await customer(admin, { name: '华信' });
  const next = async (): Promise<Data> => (await feed.next()).customerChanged;
  expect(await next()).toEqual({ kind: 'CREATED', changed: [], recordId: id, customer: { name: '华信', version: 1 } });
  await admin.graph(update, { id, input: { name: '华信二', industry: '软件' } });
  expect(await next()).toEqual({
    kind: 'UPDATED',
    changed: ['NAME', 'INDUSTRY'],
    recordId: id,
    customer: { name: '华信二', version: 2 },
  });
  await admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id });
  expect(await next()).toMatchObject({ kind: 'DELETED', recordId: id, customer: null });
  await admin.graph('mutation ($id: ID!) { customerRestore(id: $id) { userErrors { code } } }', { id });
  expect(await next()).toMatchObject({ kind: 'RESTORED', customer: { name: '华信二', version: 4 } });
});

test("opportunityChanged shows sales the opportunities that they may see, and nobody of another tenant's", async () => {
  const { admin, sales, outsider } = await tenant();
  const query = 'subscription { opportunityChanged { kind opportunity { name } } }';
  const [feed, foreign] = [await sales.subscribe(query), await outsider.subscribe(query)];
  const { id: theirs } = await customer(admin, { name: '同事的', owner: await admin.id() });
  await opportunity(admin, { name: '同事的单', customer: theirs });
  const { id: own } = await customer(sales, { name: '自己的' });
  await opportunity(sales, { name: '自己的单', customer: own });
  expect((await feed.next()).opportunityChanged).toEqual({ kind: 'CREATED', opportunity: { name: '自己的单' } });
  await foreign.none();
});
