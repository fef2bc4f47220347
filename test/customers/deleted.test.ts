import { customer, contact, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const listed =
  '($filter: CustomerFilter, $deleted: Boolean) { customers(filter: $filter, deleted: $deleted, orderBy: [{ field: NUMBER }]) { totalCount nodes { name deletedAt primaryContact { id } contacts { totalCount } } } }';

/** The same query by compiled statement and by the plain executor, which must not differ. */
async function both(by: Actor, query: string, variables: object): Promise<Data> {
  const [compiled, plain] = await Promise.all([
    by.graph.raw(query, variables),
    by.graph.raw(query, variables, { 'x-crm-executor': 'plain' }),
  ]);
  expect(compiled.headers.get('x-crm-executor')).toBe('compiled');
  expect(plain.body).toEqual(compiled.body);
  return compiled.body.data;
}

async function oneOfTwoDeleted(): Promise<{
  admin: Actor;
  manager: Actor;
  gone: Data;
  t: Awaited<ReturnType<typeof tenant>>;
}> {
  const t = await tenant();
  const gone = await customer(t.admin, { name: '甲', kind: 'GOVERNMENT', tier: 'GOLD' });
  await contact(t.admin, { name: '张三', customer: gone.id, primary: true });
  await customer(t.admin, { name: '乙', size: 'SMALL' });
  expect(
    await t.admin.graph.userErrors('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code field } } }', {
      id: gone.id,
    }),
  ).toEqual([]);
  return { ...t, gone, t };
}

test('whoever administers the tenant may list deleted customers, and read one', async () => {
  const { admin, gone } = await oneOfTwoDeleted();
  const names = async (variables: object): Promise<string[]> => {
    const { customers } = await both(admin, `query ${listed}`, variables);
    expect(customers.totalCount).toBe(customers.nodes.length);
    return customers.nodes.map(({ name }: Data) => name);
  };
  expect(await names({})).toEqual(['乙']);
  expect(await names({ deleted: false })).toEqual(['乙']);
  expect(await names({ deleted: true })).toEqual(['甲', '乙']);
  expect(await names({ deleted: true, filter: { deleted: true } })).toEqual(['甲']);
  expect(await names({ deleted: true, filter: { deleted: false } })).toEqual(['乙']);
  expect(await names({ filter: { deleted: true } })).toEqual([]);
  const one = 'query ($id: ID!, $deleted: Boolean) { customer(id: $id, deleted: $deleted) { name deletedAt } }';
  expect(await both(admin, one, { id: gone.id })).toEqual({ customer: null });
  const { customer: found } = await both(admin, one, { id: gone.id, deleted: true });
  expect(found).toEqual({ name: '甲', deletedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
});

test('nobody else may, whatever they ask for', async () => {
  const { t, gone } = await oneOfTwoDeleted();
  for (const by of [t.manager, t.sales, t.viewer]) {
    expect(await by.graph.refused('{ customers(deleted: true) { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(
      await by.graph.refused('query ($id: ID!) { customer(id: $id, deleted: true) { id } }', { id: gone.id }),
    ).toEqual(['FORBIDDEN']);
    expect(await by.graph.refused('{ customerStatistics(deleted: true) { totalCount } }')).toEqual(['FORBIDDEN']);
  }
  const { customers } = await t.outsider.graph('{ customers(deleted: true) { totalCount } }');
  expect(customers.totalCount).toBe(0);
});

test('a customer is brought back with changes, or not at all', async () => {
  const { admin, gone, t } = await oneOfTwoDeleted();
  const restore =
    'mutation ($id: ID!, $input: CustomerInput) { customerRestore(id: $id, input: $input) { customer { name status deletedAt } userErrors { code field } } }';
  const before = await written(t);
  expect(await admin.graph.userErrors(restore, { id: gone.id, input: { name: '乙' } })).toEqual(['NAME_TAKEN name']);
  expect(await admin.graph.userErrors(restore, { id: gone.id, input: { email: 'nobody' } })).toEqual(['INVALID email']);
  expect(await written(t)).toEqual(before);
  const { customerRestore } = await admin.graph(restore, { id: gone.id, input: { name: '丙', status: 'LOST' } });
  expect(customerRestore).toEqual({ customer: { name: '丙', status: 'LOST', deletedAt: null }, userErrors: [] });
  expect(await admin.graph.userErrors(restore, { id: gone.id })).toEqual(['NOT_FOUND id']);
});

test('customers are counted by value, as the caller may see them', async () => {
  const { admin, t } = await oneOfTwoDeleted();
  await customer(t.sales2, { name: '丁', status: 'ACTIVE', tier: 'GOLD' });
  const counts =
    'query ($deleted: Boolean) { customerStatistics(deleted: $deleted) { totalCount byStatus { status count } byKind { kind count } byTier { tier count } bySize { size count } } }';
  const { customerStatistics: all } = await both(admin, counts, { deleted: true });
  expect(all).toEqual({
    totalCount: 3,
    byStatus: [
      { status: 'POTENTIAL', count: 2 },
      { status: 'ACTIVE', count: 1 },
    ],
    byKind: [
      { kind: 'ENTERPRISE', count: 2 },
      { kind: 'GOVERNMENT', count: 1 },
    ],
    byTier: [
      { tier: 'GOLD', count: 2 },
      { tier: 'BRONZE', count: 1 },
    ],
    bySize: [
      { size: null, count: 2 },
      { size: 'SMALL', count: 1 },
    ],
  });
  expect((await both(admin, counts, {})).customerStatistics).toMatchObject({
    totalCount: 2,
    byKind: [{ kind: 'ENTERPRISE', count: 2 }],
  });
  const { customerStatistics: own } = await both(t.sales, counts, {});
  expect(own).toMatchObject({ totalCount: 1, byStatus: [{ status: 'POTENTIAL', count: 1 }] });
  const { customerStatistics: none } = await both(t.outsider, counts, {});
  expect(none).toEqual({ totalCount: 0, byStatus: [], byKind: [], byTier: [], bySize: [] });
  expect(await t.manager.graph.refused('{ linkedCustomerStatistics { totalCount } }')).toEqual(['FORBIDDEN']);
});
