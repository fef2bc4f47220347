import { customer } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

// One text, sent again with other values: what was compiled for one form of the values must not answer another.
const names = (list: Data): string[] => list.nodes.map(({ name }: Data) => name);

test('a list that was asked without a filter is filtered when it is asked with one, and the other way round', async () => {
  const { admin } = await tenant();
  for (const name of ['甲', '乙']) await customer(admin, { name });
  const query =
    'query FormsOfFilter($filter: CustomerFilter, $orderBy: [CustomerOrder!]) { customers(filter: $filter, orderBy: $orderBy) { totalCount nodes { name } } }';
  const ask = async (variables: object): Promise<Data> => {
    const { customers } = await admin.graph(query, variables);
    return [names(customers), customers.totalCount];
  };
  const unfiltered = [['乙', '甲'], 2];
  const filtered = [['甲'], 1];
  expect(await ask({})).toEqual(unfiltered);
  expect(await ask({ filter: { name: '甲' } })).toEqual(filtered);
  expect(await ask({ filter: {} })).toEqual(unfiltered);
  expect(await ask({ filter: null })).toEqual(unfiltered);
  expect(await ask({ filter: { owner: null } })).toEqual(unfiltered);
  expect(await ask({ filter: { owner: await admin.id() } })).toEqual([[], 0]);
  expect(await ask({ filter: { name: '甲' } })).toEqual(filtered);
  expect(await ask({ orderBy: [{ field: 'NUMBER', direction: 'ASC' }] })).toEqual([['甲', '乙'], 2]);
  expect(await ask({ orderBy: [] })).toEqual(unfiltered);
  expect(await ask({})).toEqual(unfiltered);
});

test('the same holds for a list below a record', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '甲' });
  for (const position of ['CEO', 'CTO']) {
    const { contactCreate } = await admin.graph(
      'mutation Add($input: ContactInput!) { contactCreate(input: $input) { userErrors { code } } }',
      { input: { name: position, customer: id, position } },
    );
    expect(contactCreate.userErrors).toEqual([]);
  }
  const query =
    'query FormsBelow($id: ID!, $filter: CustomerContactFilter) { customer(id: $id) { contacts(filter: $filter) { edges { position } } } }';
  const ask = async (filter?: object): Promise<Data> =>
    (await admin.graph(query, { id, ...(filter && { filter }) })).customer.contacts.edges.map(
      ({ position }: Data) => position,
    );
  expect(await ask()).toEqual(['CEO', 'CTO']);
  expect(await ask({ position: 'CTO' })).toEqual(['CTO']);
  expect(await ask()).toEqual(['CEO', 'CTO']);
});
