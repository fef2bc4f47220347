import { randomUUID } from 'node:crypto';
import { customer, written } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const create =
  'mutation ($input: CustomerTenantInput!) { customerTenantCreate(input: $input) { customerTenant { id number relationType primary active contractNumber startsOn endsOn description linkedTenant { code name } customer { name } } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CustomerTenantInput!) { customerTenantUpdate(id: $id, input: $input) { customerTenant { relationType primary } userErrors { code field } } }';
const setPrimary =
  'mutation ($id: ID!) { customerTenantSetPrimary(id: $id) { customerTenant { primary } userErrors { code field } } }';
const remove = 'mutation ($id: ID!) { customerTenantDelete(id: $id) { deletedId userErrors { code field } } }';
const linked =
  'query ($filter: LinkedCustomerFilter, $orderBy: LinkedCustomerOrder, $first: Int, $offset: Int) { linkedCustomers(filter: $filter, orderBy: $orderBy, first: $first, offset: $offset) { totalCount nodes { name phone status ownerTenant { code } links { relationType primary active } } } }';

/** A further tenant with its administrator, known to the server. */
async function neighbour(): Promise<Actor> {
  const other = await actor('admin', `n-${randomUUID()}`, ['tenant_admin']);
  await other.id();
  return other;
}

async function link(by: Actor, input: object): Promise<Data> {
  const { customerTenantCreate } = await by.graph(create, { input });
  expect(customerTenantCreate.userErrors).toEqual([]);
  return customerTenantCreate.customerTenant;
}

const day = (fromToday: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() + fromToday * 86_400_000));

async function world(): Promise<{ t: TestTenant; other: Actor; id: string }> {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A', phone: '13800138001' });
  return { t, other: await neighbour(), id };
}

test('a link names the tenant by code, id or number and is read from the customer', async () => {
  const { t, other, id } = await world();
  const { viewer } = await other.graph('{ viewer { tenant { id number } } }');
  const input = {
    customer: id,
    relationType: 'PROVIDER',
    primary: true,
    contractNumber: 'HT-1',
    startsOn: '2026-01-01',
    endsOn: '2999-12-31',
    description: '服务',
  };
  const made = await link(t.admin, { ...input, tenant: other.tenant });
  expect({ ...made, id: null, number: null }).toEqual({
    id: null,
    number: null,
    relationType: 'PROVIDER',
    primary: true,
    active: true,
    contractNumber: 'HT-1',
    startsOn: '2026-01-01',
    endsOn: '2999-12-31',
    description: '服务',
    linkedTenant: { code: other.tenant, name: other.tenant },
    customer: { name: 'A' },
  });
  await link(t.admin, { customer: id, tenant: viewer.tenant.id, relationType: 'CLIENT' });
  await link(t.admin, { customer: id, tenant: String(viewer.tenant.number), relationType: 'PARTNER' });
  const between =
    'query ($customer: ID!, $tenant: ID!) { customer(id: $customer) { tenants(filter: { tenant: [$tenant] }) { totalCount } } customerTenants(filter: { customer: [$customer], tenant: [$tenant], relationType: [PROVIDER] }) { nodes { id } } }';
  for (const tenantKey of [other.tenant, viewer.tenant.id, String(viewer.tenant.number)])
    expect(await t.viewer.graph(between, { customer: id, tenant: tenantKey })).toEqual({
      customer: { tenants: { totalCount: 3 } },
      customerTenants: { nodes: [{ id: made.id }] },
    });
});

test.each([
  [-1, -1, false],
  [-1, 0, true],
  [0, 0, true],
  [0, 1, true],
  [1, 2, false],
])('a link from day %i to day %i is active today: %s', async (from, to, active) => {
  const { t, other, id } = await world();
  expect(
    (await link(t.admin, { customer: id, tenant: other.tenant, startsOn: day(from), endsOn: day(to) })).active,
  ).toBe(active);
  expect(
    await t.admin.graph('query ($active: Boolean) { customerTenants(filter: { active: $active }) { totalCount } }', {
      active,
    }),
  ).toEqual({ customerTenants: { totalCount: 1 } });
});

test('the administrator of the linked tenant reads the customer as it is, and nobody else there or elsewhere does', async () => {
  const { t, other, id } = await world();
  await link(t.admin, { customer: id, tenant: other.tenant, relationType: 'PARTNER', primary: true });
  const seen = {
    linkedCustomers: {
      totalCount: 1,
      nodes: [
        {
          name: 'A',
          phone: '13800138001',
          status: 'POTENTIAL',
          ownerTenant: { code: t.code },
          links: [{ relationType: 'PARTNER', primary: true, active: true }],
        },
      ],
    },
  };
  expect(await other.graph(linked)).toEqual(seen);
  expect(
    await other.graph('query ($id: ID!) { linkedCustomer(id: $id) { id name accountNo } customer(id: $id) { id } }', {
      id,
    }),
  ).toEqual({ linkedCustomer: { id, name: 'A', accountNo: 'ACC001' }, customer: null });
  const manager = await actor('manager', other.tenant, ['manager']);
  expect(await manager.graph.refused(linked)).toEqual(['FORBIDDEN']);
  expect(await t.outsider.graph(linked)).toEqual({ linkedCustomers: { totalCount: 0, nodes: [] } });
  expect(await t.outsider.graph('query ($id: ID!) { linkedCustomer(id: $id) { id } }', { id })).toEqual({
    linkedCustomer: null,
  });
  expect(
    await other.graph.userErrors(
      'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "B" }) { userErrors { code field } } }',
      { id },
    ),
  ).toEqual(['NOT_FOUND id']);
});

test('what is not linked any more, or deleted, is not read any more', async () => {
  const { t, other, id } = await world();
  const second = await customer(t.admin, { name: 'B' });
  const made = await link(t.admin, { customer: id, tenant: other.tenant });
  await link(t.admin, { customer: second.id, tenant: other.tenant });
  await t.admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id: second.id });
  expect((await other.graph(linked)).linkedCustomers.nodes.map(({ name }: Data) => name)).toEqual(['A']);
  expect((await t.admin.graph(remove, { id: made.id })).customerTenantDelete).toEqual({
    deletedId: made.id,
    userErrors: [],
  });
  expect(await other.graph(linked)).toEqual({ linkedCustomers: { totalCount: 0, nodes: [] } });
  expect(await t.sql('select count(*)::int from customer_tenant')).toEqual([{ count: 1 }]);
});

test('a mirror without a link grants nothing', async () => {
  const { t, other, id } = await world();
  await link(t.admin, { customer: id, tenant: other.tenant });
  await t.sql('delete from customer_tenant');
  expect(await other.graph(linked)).toEqual({ linkedCustomers: { totalCount: 0, nodes: [] } });
});

test('linked customers of several owners make one list: filtered, ordered, paged', async () => {
  const [one, two] = [await world(), await tenant()];
  const { t, other } = one;
  await link(t.admin, { customer: one.id, tenant: other.tenant, relationType: 'CLIENT' });
  for (const [by, name, relationType, more] of [
    [t.admin, 'D', 'SUPPLIER', {}],
    [two.admin, 'B', 'CLIENT', { kind: 'GOVERNMENT', status: 'ACTIVE' }],
    [two.admin, 'C', 'CLIENT', { tier: 'GOLD', phone: '13911112222' }],
  ] as const) {
    const { id } = await customer(by, { name, ...more });
    await link(by, { customer: id, tenant: other.tenant, relationType, ...(name === 'D' && { endsOn: '2020-01-01' }) });
  }
  const names = async (variables: object): Promise<[string, number]> => {
    const { linkedCustomers } = await other.graph(linked, { orderBy: { field: 'NAME' }, ...variables });
    return [linkedCustomers.nodes.map(({ name }: Data) => name).join(''), linkedCustomers.totalCount];
  };
  expect(await names({})).toEqual(['ABCD', 4]);
  expect(await names({ orderBy: { field: 'CREATED_AT', direction: 'DESC' } })).toEqual(['CBDA', 4]);
  expect(await names({ first: 2, offset: 1 })).toEqual(['BC', 4]);
  expect(await names({ first: 0 })).toEqual(['', 4]);
  expect(await names({ offset: 9 })).toEqual(['', 4]);
  expect(await names({ filter: { relationType: ['SUPPLIER'] } })).toEqual(['D', 1]);
  expect(await names({ filter: { active: true } })).toEqual(['ABC', 3]);
  expect(await names({ filter: { active: false } })).toEqual(['D', 1]);
  expect(await names({ filter: { status: ['ACTIVE'], kind: ['GOVERNMENT'] } })).toEqual(['B', 1]);
  expect(await names({ filter: { tier: ['GOLD'] } })).toEqual(['C', 1]);
  expect(await names({ filter: { search: '1391111' } })).toEqual(['C', 1]);
  expect(await names({ filter: { search: '%' } })).toEqual(['', 0]);
  expect(await other.graph.refused(linked, { first: 501 })).toEqual(['BAD_REQUEST']);
  expect(await other.graph.refused(linked, { offset: -1 })).toEqual(['BAD_REQUEST']);
});

describe('the main link', () => {
  const mains = async (t: TestTenant): Promise<Data> =>
    t.sql('select relation_type, count(*)::int from customer_tenant where "primary" group by 1 order by 1');

  test('is one per customer and type: setting one clears the other of its type only', async () => {
    const { t, other, id } = await world();
    const another = await neighbour();
    const first = await link(t.admin, { customer: id, tenant: other.tenant, relationType: 'CLIENT', primary: true });
    await link(t.admin, { customer: id, tenant: other.tenant, relationType: 'PARTNER', primary: true });
    const second = await link(t.admin, { customer: id, tenant: another.tenant, relationType: 'CLIENT', primary: true });
    const state = 'query ($id: ID!) { customer(id: $id) { tenants { nodes { id primary } } } }';
    const primary = async (): Promise<string[]> =>
      (await t.admin.graph(state, { id })).customer.tenants.nodes
        .filter((node: Data) => node.primary)
        .map((node: Data) => node.id);
    expect(await primary()).toContain(second.id);
    expect(await primary()).toHaveLength(2);
    expect((await t.admin.graph(setPrimary, { id: first.id })).customerTenantSetPrimary).toEqual({
      customerTenant: { primary: true },
      userErrors: [],
    });
    expect(await primary()).toContain(first.id);
    expect(await mains(t)).toEqual([
      { relation_type: 'CLIENT', count: 1 },
      { relation_type: 'PARTNER', count: 1 },
    ]);
    // a main link that changes its type takes the place of the other type's main link
    expect(
      (await t.admin.graph(update, { id: first.id, input: { relationType: 'SUPPLIER' } })).customerTenantUpdate,
    ).toEqual({ customerTenant: { relationType: 'SUPPLIER', primary: true }, userErrors: [] });
    expect(
      (await t.admin.graph(update, { id: second.id, input: { relationType: 'SUPPLIER', primary: true } }))
        .customerTenantUpdate.userErrors,
    ).toEqual([]);
    expect(await mains(t)).toEqual([
      { relation_type: 'PARTNER', count: 1 },
      { relation_type: 'SUPPLIER', count: 1 },
    ]);
  });

  test('stays one when ten are made main at once', async () => {
    const { t, id } = await world();
    const links: Data[] = [];
    for (let n = 0; n < 5; n += 1)
      links.push(await link(t.admin, { customer: id, tenant: (await neighbour()).tenant }));
    const answers = await Promise.all(
      [...links, ...links].map((made) => t.admin.graph.userErrors(setPrimary, { id: made.id })),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => []));
    expect(await mains(t)).toEqual([{ relation_type: 'CLIENT', count: 1 }]);
  });
});

test('the same tenant in the same way is linked once, also for ten at once; refused links leave no mirror', async () => {
  const { t, other, id } = await world();
  const input = { customer: id, tenant: other.tenant, relationType: 'CLIENT' };
  const answers = await Promise.all(Array.from({ length: 10 }, () => t.admin.graph.userErrors(create, { input })));
  expect(answers.toSorted()).toEqual([[], ...Array.from({ length: 9 }, () => ['ALREADY_LINKED tenant'])]);
  expect((await other.graph(linked)).linkedCustomers.totalCount).toBe(1);
  const before = await written(t);
  for (const [fields, error] of [
    [{ tenant: 'nobody-knows' }, 'UNKNOWN_REFERENCE tenant'],
    [{ tenant: null }, 'REQUIRED tenant'],
    [{ customer: '0' }, 'UNKNOWN_REFERENCE customer'],
    [{ startsOn: '2026-02-01', endsOn: '2026-01-31' }, 'DATES_REVERSED endsOn'],
    [{ contractNumber: 'x'.repeat(101) }, 'TOO_LONG contractNumber'],
  ] as const) {
    expect(await t.admin.graph.userErrors(create, { input: { ...input, relationType: 'OTHER', ...fields } })).toEqual([
      error,
    ]);
  }
  for (const by of [t.manager, t.sales, t.viewer])
    expect(await by.graph.refused(create, { input })).toEqual(['FORBIDDEN']);
  expect(await written(t)).toEqual(before);
  expect(await t.sql('select count(*)::int from customer_tenant')).toEqual([{ count: 1 }]);
});

test('another tenant reads these fields of a linked customer and of the link, and no others', async () => {
  const { admin } = await tenant();
  const { customer, link } = await admin.graph(
    '{ customer: __type(name: "LinkedCustomer") { fields { name } } link: __type(name: "LinkedRelation") { fields { name } } }',
  );
  const names = (type: Data): string[] => type.fields.map(({ name }: Data) => name).toSorted();
  expect(names(customer).join(' ')).toBe(
    'accountNo address bankAccount bankName businessScope code contactPerson createdAt creditRating currency description ' +
      'email establishedOn healthScore id industry kind lastContactAt legalRepresentative licenseNo links name number ' +
      'ownerTenant paymentTerms phone region registeredAddress registeredCapital remarks scale size source ' +
      'specialRequirements status taxNo tier updatedAt website',
  );
  expect(names(link).join(' ')).toBe(
    'active contractNumber createdAt description endsOn id number primary relationType startsOn updatedAt',
  );
});
