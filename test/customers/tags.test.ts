import { customer, written } from '../support/records.js';
import { tenant } from '../support/tenant.js';

const add =
  'mutation ($input: CustomerTagInput!) { customerTagCreate(input: $input) { customerTag { id name kind category value confidence addedBy { login } } userErrors { code field } } }';
const remove = 'mutation ($id: ID!) { customerTagDelete(id: $id) { deletedId userErrors { code field } } }';

test('a tag is set, found by, and removed for good', async () => {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  await customer(t.admin, { name: 'B' });
  const { customerTag, userErrors } = (
    await t.manager.graph(add, {
      input: {
        customer: customerId,
        name: ' 高价值 客户_1 ',
        kind: 'AUTOMATIC',
        category: '价值',
        value: 'A',
        confidence: 95,
      },
    })
  ).customerTagCreate;
  expect([{ ...customerTag, id: null }, userErrors]).toEqual([
    {
      id: null,
      name: '高价值 客户_1',
      kind: 'AUTOMATIC',
      category: '价值',
      value: 'A',
      confidence: 95,
      addedBy: { login: 'manager' },
    },
    [],
  ]);
  expect(
    await t.admin.graph('{ customers(filter: { tag: "高价值 客户_1" }) { nodes { name tags { nodes { name } } } } }'),
  ).toEqual({ customers: { nodes: [{ name: 'A', tags: { nodes: [{ name: '高价值 客户_1' }] } }] } });
  expect((await t.admin.graph(remove, { id: customerTag.id })).customerTagDelete).toEqual({
    deletedId: customerTag.id,
    userErrors: [],
  });
  expect(await t.sql('select * from customer_tag')).toEqual([]);
  expect(await t.admin.graph.userErrors(remove, { id: customerTag.id })).toEqual(['NOT_FOUND id']);
  expect((await t.sql("select type from outbox where type like '%Tag%' order by seq")).map(({ type }) => type)).toEqual(
    ['crm.customerTag.added', 'crm.customerTag.deleted'],
  );
});

test('a customer has a tag once, also for ten at once; another customer may have it too', async () => {
  const t = await tenant();
  const [a, b] = [await customer(t.admin, { name: 'A' }), await customer(t.admin, { name: 'B' })];
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => t.admin.graph.userErrors(add, { input: { customer: a.id, name: 'VIP' } })),
  );
  expect(answers.toSorted()).toEqual([[], ...Array.from({ length: 9 }, () => ['NAME_TAKEN name'])]);
  expect(await t.admin.graph.userErrors(add, { input: { customer: b.id, name: 'VIP' } })).toEqual([]);
});

test.each<[string, object, string]>([
  ['a blank name', { name: ' ' }, 'REQUIRED name'],
  ['special characters', { name: 'a<b>' }, 'INVALID name'],
  ['an exclamation mark', { name: '重要!' }, 'INVALID name'],
  ['101 characters', { name: '长'.repeat(101) }, 'TOO_LONG name'],
  ['more than certainty', { name: 'VIP', confidence: 101 }, 'OUT_OF_RANGE confidence'],
  ['no kind', { name: 'VIP', kind: null }, 'REQUIRED kind'],
  ['an unknown customer', { name: 'VIP', customer: '0' }, 'UNKNOWN_REFERENCE customer'],
])('a tag of %s is refused and not stored', async (_name, fields, error) => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A' });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(add, { input: { customer: id, ...fields } })).toEqual([error]);
  expect([await written(t), await t.sql('select * from customer_tag')]).toEqual([before, []]);
});

describe('a relation between customers', () => {
  const relate =
    'mutation ($input: CustomerRelationInput!) { customerRelationCreate(input: $input) { customerRelation { id kind from { name } to { name } } userErrors { code field } } }';
  const relations = 'query ($id: ID!) { customer(id: $id) { relations { nodes { kind from { name } to { name } } } } }';

  test('is seen from both sides, and goes with either of them', async () => {
    const t = await tenant();
    const [a, b] = [await customer(t.admin, { name: 'A' }), await customer(t.admin, { name: 'B' })];
    await t.admin.graph(relate, { input: { from: a.id, to: String(b.number), kind: 'PARENT' } });
    const seen = { customer: { relations: { nodes: [{ kind: 'PARENT', from: { name: 'A' }, to: { name: 'B' } }] } } };
    expect([await t.admin.graph(relations, { id: a.id }), await t.admin.graph(relations, { id: b.id })]).toEqual([
      seen,
      seen,
    ]);
    await t.admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id: a.id });
    expect(await t.admin.graph(relations, { id: b.id })).toEqual({ customer: { relations: { nodes: [] } } });
  });

  test('is removed for good', async () => {
    const t = await tenant();
    const [a, b] = [await customer(t.admin, { name: 'A' }), await customer(t.admin, { name: 'B' })];
    const { customerRelation } = (await t.admin.graph(relate, { input: { from: a.id, to: b.id, kind: 'PARTNER' } }))
      .customerRelationCreate;
    await t.admin.graph('mutation ($id: ID!) { customerRelationDelete(id: $id) { deletedId userErrors { code } } }', {
      id: customerRelation.id,
    });
    expect(await t.sql('select * from customer_relation')).toEqual([]);
  });

  test('with itself, twice, or with a hidden customer is refused; whoever does not see both sides does not see it', async () => {
    const t = await tenant();
    const [a, b] = [
      await customer(t.admin, { name: 'A' }),
      await customer(t.admin, { name: 'B', owner: await t.sales.id() }),
    ];
    const other = await customer(t.outsider, { name: 'C' });
    await t.admin.graph(relate, { input: { from: a.id, to: b.id, kind: 'PARTNER' } });
    const before = await written(t);
    expect(
      await t.admin.graph.userErrors(relate, { input: { from: a.id, to: String(a.number), kind: 'PARENT' } }),
    ).toEqual(['INVALID to']);
    expect(await t.admin.graph.userErrors(relate, { input: { from: a.id, to: b.id, kind: 'PARTNER' } })).toEqual([
      'ALREADY_LINKED to',
    ]);
    expect(await t.admin.graph.userErrors(relate, { input: { from: a.id, to: other.id, kind: 'PARTNER' } })).toEqual([
      'UNKNOWN_REFERENCE to',
    ]);
    expect(await t.sales2.graph.userErrors(relate, { input: { from: b.id, to: a.id, kind: 'PARTNER' } })).toEqual([
      'UNKNOWN_REFERENCE from',
    ]);
    expect(await t.admin.graph.refused(relate, { input: { from: a.id } })).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ]);
    expect(await written(t)).toEqual(before);
    const count = '{ customerRelations { totalCount } }';
    expect(
      [await t.sales.graph(count), await t.sales2.graph(count)].map(
        ({ customerRelations }) => customerRelations.totalCount,
      ),
    ).toEqual([1, 0]);
  });
});
