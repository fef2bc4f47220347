import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { contract, customer, opportunity } from '../support/records.js';

const entries =
  'query ($filter: AuditEntryFilter, $orderBy: [AuditEntryOrder!], $first: Int, $after: String, $offset: Int) { auditEntries(filter: $filter, orderBy: $orderBy, first: $first, after: $after, offset: $offset) { totalCount pageInfo { hasNextPage endCursor } nodes { number at actor { login } actorLogin channel requestId operation reason recordType recordId record { __typename id } changes { field before after } } } }';
const history = (record: string): string =>
  `query ($id: ID!) { ${record}(id: $id) { history(orderBy: { field: NUMBER }) { totalCount nodes { operation reason actorLogin changes { field before after } } } } }`;
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { id } userErrors { code } } }';

const listed = async (by: Actor, variables: object = {}): Promise<Data> =>
  (await by.graph(entries, variables)).auditEntries;
const changesOf = ({ changes }: Data): Data =>
  Object.fromEntries(changes.map(({ field, before, after }: Data) => [field, [before, after]]));

test('an entry says who did what, when, through which channel, under which request id, to which record, and every field before and after', async () => {
  const { admin, sales } = await tenant();
  const owner = await sales.id();
  const began = Date.now();
  const raw = await sales.graph.raw(
    'mutation { customerCreate(input: { name: "华信", phone: "13800138000", creditLimit: { amount: "1000" }, tier: GOLD }) { customer { id } userErrors { code } } }',
    {},
    { 'x-request-id': 'r-1' },
  );
  const { id } = raw.body.data.customerCreate.customer;
  await admin.graph.raw(
    update,
    { id, input: { tier: 'SILVER', creditLimit: { amount: '2500.5' }, phone: null, owner: null } },
    { 'x-request-id': 'r-2' },
  );
  const { nodes, totalCount } = await listed(admin);
  expect(totalCount).toBe(2);
  const [changed, made] = nodes;
  expect(made).toEqual({
    number: expect.any(Number),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    actor: { login: 'sales' },
    actorLogin: 'sales',
    channel: 'GRAPHQL',
    requestId: 'r-1',
    operation: 'customer.create',
    reason: null,
    recordType: 'Customer',
    recordId: id,
    record: { __typename: 'Customer', id },
    changes: [
      ['creditLimit', '1000.00'],
      ['currency', 'CNY'],
      ['heldSince', expect.any(String)],
      ['name', '华信'],
      ['owner', owner],
      ['phone', '13800138000'],
      ['tier', 'GOLD'],
    ].map(([field, after]) => ({ field, before: null, after })),
  });
  expect(Date.parse(made.at)).toBeGreaterThanOrEqual(began - 1);
  expect(changed).toMatchObject({
    actor: { login: 'admin' },
    requestId: 'r-2',
    operation: 'customer.update',
    recordId: id,
  });
  expect(changesOf(changed)).toEqual({
    creditLimit: ['1000.00', '2500.50'],
    heldSince: [expect.any(String), null],
    owner: [owner, null],
    phone: ['13800138000', null],
    tier: ['GOLD', 'SILVER'],
  });
});

test('amounts stand under the name that the graph has for them, references as ids, days as days', async () => {
  const { admin } = await tenant();
  const { id: owner } = await customer(admin, { name: '华信' });
  const { id } = await contract(admin, {
    name: '框架',
    customer: owner,
    amount: { amount: '12' },
    endsOn: '2027-01-31',
  });
  const [node] = (await listed(admin, { filter: { recordType: ['Contract'] } })).nodes;
  expect(changesOf(node)).toEqual({
    amount: [null, '12.00'],
    currency: [null, 'CNY'],
    customer: [null, owner],
    endsOn: [null, '2027-01-31'],
    name: [null, '框架'],
    status: [null, 'DRAFT'],
  });
  expect(node.record).toEqual({ __typename: 'Contract', id });
});

test('a reason is kept apart from the operation', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '华信' });
  await admin.graph(
    'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST, reason: "价格: 太贵") { userErrors { code } } }',
    { id },
  );
  expect((await admin.graph(history('customer'), { id })).customer.history.nodes[1]).toEqual({
    operation: 'customer.changeStatus',
    reason: '价格: 太贵',
    actorLogin: 'admin',
    changes: [{ field: 'status', before: 'POTENTIAL', after: 'LOST' }],
  });
});

describe('the log', () => {
  let t: TestTenant;
  let ids: string[];
  beforeAll(async () => {
    t = await tenant();
    ids = [];
    for (let index = 0; index < 5; index += 1)
      ids.push((await customer(index % 2 ? t.manager : t.admin, { name: `客户${index}` })).id);
    await opportunity(t.admin, { name: '商机', customer: ids[0]! });
    await t.admin.rest('cell').patch(`/customers/${ids[1]}`, { name: '改名' }, { 'x-request-id': 'r-cell' });
    await t.admin.rest('cell').delete(`/customers/${ids[2]}`);
  });

  test.each<[string, (t: TestTenant) => Promise<object>, string[]]>([
    [
      'by type',
      async () => ({ recordType: ['Opportunity', 'StageChange'] }),
      ['opportunity.create', 'opportunity.create'],
    ],
    ['by record', async () => ({ record: ids[1] }), ['customer.update', 'customer.create']],
    ['by a deleted record', async () => ({ record: ids[2] }), ['customer.delete', 'customer.create']],
    ['by something that is no id', async () => ({ record: '1' }), []],
    ['by actor', async ({ manager }) => ({ actor: await manager.id() }), ['customer.create', 'customer.create']],
    ['by the server itself', async () => ({ actorLogin: 'system' }), []],
    ['by login', async () => ({ actorLogin: 'manager' }), ['customer.create', 'customer.create']],
    ['by channel', async () => ({ channel: ['CELL', 'ERP'] }), ['customer.delete', 'customer.update']],
    [
      'by operation',
      async () => ({ operation: ['customer.update', 'customer.delete'] }),
      ['customer.delete', 'customer.update'],
    ],
    ['by request', async () => ({ requestId: 'r-cell' }), ['customer.update']],
    ['from an instant on', async () => ({ from: new Date(Date.now() + 60_000).toISOString() }), []],
    [
      'until an instant',
      async () => ({ until: new Date(Date.now() + 60_000).toISOString(), channel: ['CELL'] }),
      ['customer.delete', 'customer.update'],
    ],
    [
      'between two instants',
      async () => ({ from: new Date(Date.now() - 600_000).toISOString(), until: '2020-01-01T00:00:00Z' }),
      [],
    ],
  ])('is filtered %s', async (_how, filter, operations) => {
    const { nodes, totalCount } = await listed(t.admin, { filter: await filter(t) });
    expect([nodes.map(({ operation }: Data) => operation), totalCount]).toEqual([operations, operations.length]);
  });

  test('is ordered, and paged by cursor and by number, each page in one statement', async () => {
    const all = (await listed(t.admin)).nodes.map(({ number }: Data) => number);
    expect(all).toEqual(all.toSorted((a: number, b: number) => b - a));
    const orderBy = [{ field: 'NUMBER', direction: 'ASC' }];
    const found: number[] = [];
    for (let after: string | null = null; ;) {
      const answer: Data = await t.admin.graph.raw(entries, { orderBy, first: 4, after });
      const page = answer.body.data.auditEntries;
      expect([answer.headers.get('x-crm-executor'), answer.statements]).toEqual(['compiled', 1]);
      found.push(...page.nodes.map(({ number }: Data) => number));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(found).toEqual(all.toReversed());
    expect((await listed(t.admin, { orderBy, first: 2, offset: 3 })).nodes.map(({ number }: Data) => number)).toEqual(
      found.slice(3, 5),
    );
  });

  test('shows no record that is deleted', async () => {
    const [{ record, recordId }] = (await listed(t.admin, { filter: { operation: ['customer.delete'] } })).nodes;
    expect([record, recordId]).toEqual([null, ids[2]]);
  });

  test('is for those who administer, and for services with the scope', async () => {
    for (const by of [
      t.manager,
      t.sales,
      t.viewer,
      await actor('robot', t.code, ['service'], { scope: 'crm:read crm:write crm:amounts' }),
    ])
      expect(await by.graph.refused('{ auditEntries { totalCount } }')).toEqual(['FORBIDDEN']);
    const platform = await actor('root', t.code, ['platform_admin']);
    const robot = await actor('auditor', t.code, ['service'], { scope: 'crm:audit' });
    const { totalCount } = await listed(t.admin);
    for (const by of [platform, robot]) expect((await listed(by)).totalCount).toBe(totalCount);
    expect((await listed(robot)).nodes.map(({ record }: Data) => record)).toEqual(
      Array.from({ length: totalCount }, () => null),
    );
    expect((await listed(t.outsider)).totalCount).toBe(0);
  });

  test('is reached by no other way', async () => {
    const [{ id }] = (await t.admin.graph('{ auditEntries(first: 1) { nodes { id } } }')).auditEntries.nodes;
    for (const by of [t.admin, t.viewer])
      expect((await by.graph('query ($id: ID!) { node(id: $id) { id } }', { id })).node).toBeNull();
  });
});

describe('the history of a record', () => {
  const person = {
    name: '华信',
    phone: '13800138000',
    email: 'someone@example.com',
    bankAccount: '6222 0000',
    creditLimit: { amount: '1000' },
  };
  const seen = async (by: Actor, id: string): Promise<Data> =>
    (await by.graph(history('customer'), { id })).customer?.history.nodes.map(changesOf);

  test('shows what its reader may see of the record, masked as the record is', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { ...person, owner: await t.sales.id() });
    await t.admin.graph(update, {
      id,
      input: { phone: '13911112222', creditLimit: { amount: '2000' }, remarks: '重要' },
    });
    const plain = [
      {
        bankAccount: [null, '6222 0000'],
        creditLimit: [null, '1000.00'],
        currency: [null, 'CNY'],
        email: [null, 'someone@example.com'],
        heldSince: [null, expect.any(String)],
        name: [null, '华信'],
        owner: [null, await t.sales.id()],
        phone: [null, '13800138000'],
      },
      { creditLimit: ['1000.00', '2000.00'], phone: ['13800138000', '13911112222'], remarks: [null, '重要'] },
    ];
    for (const by of [t.admin, t.manager, t.sales]) expect(await seen(by, id)).toEqual(plain);
    expect(await seen(t.viewer, id)).toEqual([
      {
        ...plain[0],
        bankAccount: [null, null],
        creditLimit: [null, null],
        currency: [null, 'CNY'],
        email: [null, 's***@example.com'],
        phone: [null, '138****8000'],
      },
      { ...plain[1], creditLimit: [null, null], phone: ['138****8000', '139****2222'] },
    ]);
    expect(await seen(t.sales2, id)).toBeUndefined();
  });

  test('of a customer that nobody owns is masked for sales, as the customer is', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, person);
    expect(await seen(t.sales, id)).toEqual([
      {
        bankAccount: [null, null],
        creditLimit: [null, null],
        currency: [null, 'CNY'],
        email: [null, 's***@example.com'],
        name: [null, '华信'],
        phone: [null, '138****8000'],
      },
    ]);
  });

  test('of a deleted record is there for those who may see deleted ones', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '华信' });
    await admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
    const { customer: gone } = await admin.graph(
      'query ($id: ID!) { customer(id: $id, deleted: true) { history { nodes { operation changes { field before after } } } } }',
      { id },
    );
    expect(gone.history.nodes.map(({ operation }: Data) => operation)).toEqual(['customer.delete', 'customer.create']);
    expect(gone.history.nodes[0].changes).toEqual([
      { field: 'deletedAt', before: null, after: expect.stringMatching(/Z$/) },
    ]);
  });

  test('takes one statement for a page of records, however many', async () => {
    const t = await tenant();
    for (let index = 0; index < 20; index += 1) await customer(t.admin, { name: `客户${index}` });
    for (const by of [t.admin, t.sales]) {
      for (const first of [5, 20]) {
        const { body, statements, headers } = await by.graph.raw(
          'query ($first: Int) { customers(first: $first) { nodes { history { totalCount nodes { changes { field after } record { id } } } } } }',
          { first },
        );
        expect(body.data.customers.nodes.map((node: Data) => node.history.totalCount)).toEqual(
          Array.from({ length: first }, () => 1),
        );
        expect([statements, headers.get('x-crm-executor')]).toEqual([1, 'compiled']);
      }
    }
  });
});
