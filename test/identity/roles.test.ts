import { randomUUID } from 'node:crypto';
import { contact, contract, customer, opportunity, written } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

type Who = 'admin' | 'manager' | 'sales' | 'sales2' | 'viewer' | 'outsider';

let t: TestTenant;
/** ids by what they are called below */
let ids: Record<string, string>;

const secrets = (digit: number): object => ({
  phone: `1381234800${digit}`,
  email: `zhang${digit}@example.com`,
  bankAccount: `6222-0${digit}`,
  creditLimit: { amount: `${digit}000.00` },
});

/** Three customers, of sales, of sales2 and of nobody, each with a contact, an opportunity and a contract. */
beforeAll(async () => {
  t = await tenant();
  const owners = { mine: await t.sales.id(), theirs: await t.sales2.id(), free: null };
  await t.viewer.id();
  ids = {};
  for (const [place, [name, owner]] of Object.entries(owners).entries()) {
    const index = place + 1;
    const { id } = await customer(t.admin, { name, owner, ...secrets(index) });
    ids[name] = id;
    ids[`contact of ${name}`] = (
      await contact(t.admin, {
        name: `contact of ${name}`,
        customer: id,
        phone: `1391234900${index}`,
        email: `li${index}@example.com`,
        wechat: `li${index}`,
        birthday: '1980-01-01',
      })
    ).id;
    ids[`opportunity of ${name}`] = (
      await opportunity(t.admin, { name: `opportunity of ${name}`, customer: id, amount: { amount: `${index}00.00` } })
    ).id;
    ids[`contract of ${name}`] = (
      await contract(t.admin, { name: `contract of ${name}`, customer: id, amount: { amount: `${index}0.00` } })
    ).id;
  }
});

const seen: Record<Who, string[]> = {
  admin: ['mine', 'theirs', 'free'],
  manager: ['mine', 'theirs', 'free'],
  sales: ['mine', 'free'],
  sales2: ['theirs', 'free'],
  viewer: ['mine', 'theirs', 'free'],
  outsider: [],
};
const unmasked: Record<Who, string[]> = {
  admin: ['mine', 'theirs', 'free'],
  manager: ['mine', 'theirs', 'free'],
  sales: ['mine'],
  sales2: ['theirs'],
  viewer: [],
  outsider: [],
};
const everybody = Object.keys(seen) as Who[];
const names = ['mine', 'theirs', 'free'];
const byNumber = '[{ field: NUMBER }]';

describe.each(everybody)('%s', (who) => {
  const me = (): Actor => t[who];

  test('sees these customers and what hangs on them, in lists, counts, by id and as nodes', async () => {
    const lists = await me().graph(`{
      customers(orderBy: ${byNumber}) { totalCount nodes { name } }
      contacts(orderBy: ${byNumber}) { totalCount nodes { name } }
      customerContacts(orderBy: ${byNumber}) { totalCount nodes { contact { name } customer { name } } }
      opportunities(orderBy: ${byNumber}) { totalCount nodes { name } }
      stageChanges(orderBy: ${byNumber}) { totalCount nodes { opportunity { name } } }
      contracts(orderBy: ${byNumber}) { totalCount nodes { name } }
    }`);
    const of = (kind: string): Data => ({
      totalCount: seen[who].length,
      nodes: seen[who].map((name) => ({ name: `${kind} of ${name}` })),
    });
    expect(lists).toEqual({
      customers: { totalCount: seen[who].length, nodes: seen[who].map((name) => ({ name })) },
      contacts: of('contact'),
      customerContacts: {
        totalCount: seen[who].length,
        nodes: seen[who].map((name) => ({ contact: { name: `contact of ${name}` }, customer: { name } })),
      },
      opportunities: of('opportunity'),
      stageChanges: {
        totalCount: seen[who].length,
        nodes: seen[who].map((name) => ({ opportunity: { name: `opportunity of ${name}` } })),
      },
      contracts: of('contract'),
    });
    for (const [kind, prefix] of [
      ['customer', ''],
      ['contact', 'contact of '],
      ['opportunity', 'opportunity of '],
      ['contract', 'contract of '],
    ]) {
      for (const name of names) {
        const id = ids[prefix + name];
        const data = await me().graph(
          `query ($id: ID!) { one: ${kind}(id: $id) { id } node(id: $id) { id __typename } }`,
          { id },
        );
        const visible = seen[who].includes(name);
        expect([name, data]).toEqual([
          name,
          {
            one: visible ? { id } : null,
            node: visible ? { id, __typename: `${kind![0]!.toUpperCase()}${kind!.slice(1)}` } : null,
          },
        ]);
      }
    }
  });

  test('sees contact data and amounts of exactly these', async () => {
    const { customers } = await me().graph(`{ customers(orderBy: ${byNumber}) { nodes {
      name phone email bankAccount credit { limit { amount } } openOpportunityAmount { amount }
      contacts { nodes { phone email wechat birthday } }
      opportunities { nodes { amount { amount currency } weightedAmount { amount } } }
      contracts { nodes { amount { amount } } }
    } } }`);
    const expected = names.map((name, place) => {
      const index = place + 1;
      const open = unmasked[who].includes(name);
      return {
        name,
        phone: open ? `1381234800${index}` : `138****800${index}`,
        email: open ? `zhang${index}@example.com` : 'z***@example.com',
        bankAccount: open ? `6222-0${index}` : null,
        credit: { limit: open ? { amount: `${index}000.00` } : null },
        openOpportunityAmount: open ? { amount: `${index}00.00` } : null,
        contacts: {
          nodes: [
            open
              ? {
                  phone: `1391234900${index}`,
                  email: `li${index}@example.com`,
                  wechat: `li${index}`,
                  birthday: '1980-01-01',
                }
              : { phone: `139****900${index}`, email: 'l***@example.com', wechat: null, birthday: null },
          ],
        },
        opportunities: {
          nodes: [
            {
              amount: open ? { amount: `${index}00.00`, currency: 'CNY' } : null,
              weightedAmount: open ? { amount: `${index}0.00` } : null,
            },
          ],
        },
        contracts: { nodes: [{ amount: open ? { amount: `${index}0.00` } : null }] },
      };
    });
    expect(customers.nodes).toEqual(expected.filter(({ name }) => seen[who].includes(name)));
  });

  test.each([
    ['a hidden digit of a phone', 'search: "12348"'],
    ['a hidden part of an e-mail', 'search: "zhang"'],
    ['a hidden phone, as name or contact', 'search: "1381234800", searchIn: [NAME, PHONE, EMAIL]'],
  ])('finds by %s only what is shown unmasked', async (_name, filter) => {
    const { customers } = await me().graph(
      `{ customers(orderBy: ${byNumber}, filter: { ${filter} }) { totalCount nodes { name } } }`,
    );
    expect(customers).toEqual({ totalCount: unmasked[who].length, nodes: unmasked[who].map((name) => ({ name })) });
  });

  test('finds by what a mask leaves to be seen', async () => {
    const { customers, contacts } = await me().graph(
      '{ customers(filter: { search: "800" }) { totalCount } contacts(filter: { phone: "900" }) { totalCount } }',
    );
    expect([customers.totalCount, contacts.totalCount]).toEqual([seen[who].length, seen[who].length]);
  });

  test('finds contacts by phone and e-mail, and opportunities by amount, only where they are shown', async () => {
    const data = await me().graph(
      '{ byPhone: contacts(filter: { phone: "12349" }) { totalCount } byMail: contacts(filter: { email: "li" }) { totalCount } bySearch: contacts(filter: { search: "12349" }) { totalCount } byAmount: opportunities(filter: { amountMin: "0" }) { totalCount } }',
    );
    const count = { totalCount: unmasked[who].length };
    expect(data).toEqual({ byPhone: count, byMail: count, bySearch: count, byAmount: count });
  });

  test('learns no order from amounts that are hidden', async () => {
    const { opportunities, contracts } = await me().graph(
      '{ opportunities(orderBy: [{ field: AMOUNT, direction: DESC }, { field: NUMBER, direction: ASC }]) { nodes { name amount { amount } } } contracts(orderBy: [{ field: AMOUNT, direction: DESC }, { field: NUMBER, direction: ASC }]) { nodes { name amount { amount } } } }',
    );
    for (const [kind, { nodes }] of [
      ['opportunity', opportunities],
      ['contract', contracts],
    ]) {
      const hidden = seen[who].filter((name) => !unmasked[who].includes(name));
      const shown = unmasked[who].toSorted((a, b) => names.indexOf(b) - names.indexOf(a));
      expect(nodes.map(({ name }: Data) => name)).toEqual([...hidden, ...shown].map((name) => `${kind} of ${name}`));
    }
  });
});

const writes: Array<[string, string, (name: string) => object]> = [
  [
    'customerUpdate',
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { remarks: "x" }) { userErrors { code field } } }',
    (name) => ({ id: ids[name] }),
  ],
  [
    'customerChangeStatus',
    'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST) { userErrors { code field } } }',
    (name) => ({ id: ids[name] }),
  ],
  [
    'customerDelete',
    'mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code field } } }',
    (name) => ({ id: ids[name] }),
  ],
  [
    'contactUpdate',
    'mutation ($id: ID!) { contactUpdate(id: $id, input: { department: "x" }) { userErrors { code field } } }',
    (name) => ({ id: ids[`contact of ${name}`] }),
  ],
  [
    'contactDelete',
    'mutation ($id: ID!) { contactDelete(id: $id) { userErrors { code field } } }',
    (name) => ({ id: ids[`contact of ${name}`] }),
  ],
  [
    'opportunityUpdate',
    'mutation ($id: ID!) { opportunityUpdate(id: $id, input: { description: "x" }) { userErrors { code field } } }',
    (name) => ({ id: ids[`opportunity of ${name}`] }),
  ],
  [
    'opportunityWin',
    'mutation ($id: ID!) { opportunityWin(id: $id) { userErrors { code field } } }',
    (name) => ({ id: ids[`opportunity of ${name}`] }),
  ],
  [
    'contractUpdate',
    'mutation ($id: ID!) { contractUpdate(id: $id, input: { serviceLevel: "x" }) { userErrors { code field } } }',
    (name) => ({ id: ids[`contract of ${name}`] }),
  ],
  [
    'contractDelete',
    'mutation ($id: ID!) { contractDelete(id: $id) { userErrors { code field } } }',
    (name) => ({ id: ids[`contract of ${name}`] }),
  ],
];
const creations: Array<[string, string, (name: string) => object]> = [
  ['customerCreate', 'mutation { customerCreate(input: { name: "new" }) { userErrors { code field } } }', () => ({})],
  [
    'contactCreate',
    'mutation ($c: ID) { contactCreate(input: { name: "new", customer: $c }) { userErrors { code field } } }',
    (name) => ({ c: ids[name] }),
  ],
  [
    'customerContactCreate',
    'mutation ($c: ID, $p: ID) { customerContactCreate(input: { customer: $c, contact: $p }) { userErrors { code field } } }',
    (name) => ({ c: ids[name], p: ids['contact of free'] }),
  ],
  [
    'opportunityCreate',
    'mutation ($c: ID) { opportunityCreate(input: { name: "new", customer: $c }) { userErrors { code field } } }',
    (name) => ({ c: ids[name] }),
  ],
  [
    'contractCreate',
    'mutation ($c: ID) { contractCreate(input: { name: "new", customer: $c }) { userErrors { code field } } }',
    (name) => ({ c: ids[name] }),
  ],
  ['customerOnboard', 'mutation { customerOnboard(input: { name: "new" }) { userErrors { code field } } }', () => ({})],
];

async function leavesAllAlone(work: () => Promise<void>): Promise<void> {
  const look = async (): Promise<unknown> => [
    await written(t),
    await t.sql(
      'select id, version, updated_at from customer union all select id, version, updated_at from contact union all select id, version, updated_at from opportunity union all select id, version, updated_at from contract order by 1',
    ),
  ];
  const before = await look();
  await work();
  expect(await look()).toEqual(before);
}

describe('a viewer', () => {
  test.each([...writes, ...creations])('may not %s: FORBIDDEN, and nothing is written', (_name, mutation, variables) =>
    leavesAllAlone(async () => {
      const { body } = await t.viewer.graph.raw(mutation, variables('mine'));
      expect(body.errors.map(({ extensions, message }: Data) => [extensions, message])).toEqual([
        [{ code: 'FORBIDDEN', status: 403 }, 'You are not allowed to do this.'],
      ]);
      expect(Object.values(body.data)).toEqual([null]);
    }),
  );
});

describe('sales', () => {
  test.each(writes)(
    "cannot %s what hangs on a colleague's customer: it does not exist for them",
    (_name, mutation, variables) =>
      leavesAllAlone(async () => {
        expect(await t.sales.graph.userErrors(mutation, variables('theirs'))).toEqual(['NOT_FOUND id']);
      }),
  );

  test.each(creations.slice(1, 5))("cannot %s on a colleague's customer", (_name, mutation, variables) =>
    leavesAllAlone(async () => {
      expect(await t.sales.graph.userErrors(mutation, variables('theirs'))).toEqual(['UNKNOWN_REFERENCE customer']);
    }),
  );

  test('may write what is their own, and what nobody owns', async () => {
    const { sales, admin } = await tenant();
    const mine = await customer(admin, { name: 'mine', owner: await sales.id() });
    const free = await customer(admin, { name: 'free' });
    for (const { id } of [mine, free]) expect(await sales.graph.userErrors(writes[0]![1], { id })).toEqual([]);
  });

  test('own what they create unless they say otherwise', async () => {
    const { sales, sales2 } = await tenant();
    const { id } = await customer(sales, { name: 'new' });
    const { id: sale } = await opportunity(sales, { name: 'opportunity', customer: id });
    expect(
      await sales.graph(
        'query ($id: ID!, $opportunity: ID!) { customer(id: $id) { owner { login } } opportunity(id: $opportunity) { owner { login } } }',
        { id, opportunity: sale },
      ),
    ).toEqual({ customer: { owner: { login: 'sales' } }, opportunity: { owner: { login: 'sales' } } });
    const given = await sales.graph(
      'mutation ($owner: ID) { customerCreate(input: { name: "given", owner: $owner }) { customer { id } userErrors { code } } }',
      { owner: await sales2.id() },
    );
    expect(given.customerCreate).toEqual({ customer: null, userErrors: [] });
    expect((await sales2.graph('{ customers { nodes { name } } }')).customers.nodes).toEqual([{ name: 'given' }]);
  });

  test("see an opportunity of their own on a colleague's customer, without the customer", async () => {
    const { admin, sales, sales2 } = await tenant();
    const { id } = await customer(admin, { name: 'theirs', owner: await sales2.id() });
    await opportunity(admin, { name: 'opportunity', customer: id, owner: await sales.id(), amount: { amount: '5' } });
    expect(
      await sales.graph(
        '{ opportunities { totalCount nodes { name amount { amount } customer { name } } } customers { totalCount } }',
      ),
    ).toEqual({
      opportunities: { totalCount: 1, nodes: [{ name: 'opportunity', amount: { amount: '5.00' }, customer: null }] },
      customers: { totalCount: 0 },
    });
  });

  test('lose sight of a customer that is given to a colleague', async () => {
    const { admin, sales, sales2 } = await tenant();
    const { id } = await customer(sales, { name: 'mine' });
    await admin.graph(
      'mutation ($id: ID!, $owner: ID) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }',
      { id, owner: await sales2.id() },
    );
    expect(await sales.graph('query ($id: ID!) { customer(id: $id) { id } customers { totalCount } }', { id })).toEqual(
      { customer: null, customers: { totalCount: 0 } },
    );
    expect(
      await sales2.graph('query ($id: ID!) { customer(id: $id) { id } customers { totalCount } }', { id }),
    ).toEqual({ customer: { id }, customers: { totalCount: 1 } });
  });
});

describe('a service', () => {
  const service = (scope?: string): Promise<Actor> =>
    actor(`service-${randomUUID()}`, t.code, ['service'], scope === undefined ? {} : { scope });
  const query =
    '{ customers(orderBy: [{ field: NUMBER }], first: 1) { totalCount nodes { phone credit { limit { amount } } } } }';

  test.each<[string | undefined, object]>([
    [undefined, { totalCount: 0, nodes: [] }],
    ['crm:unknown', { totalCount: 0, nodes: [] }],
    ['crm:contact-data crm:amounts', { totalCount: 0, nodes: [] }],
    ['crm:read', { totalCount: 3, nodes: [{ phone: '138****8001', credit: { limit: null } }] }],
    ['crm:read crm:contact-data', { totalCount: 3, nodes: [{ phone: '13812348001', credit: { limit: null } }] }],
    [
      'crm:read crm:amounts',
      { totalCount: 3, nodes: [{ phone: '138****8001', credit: { limit: { amount: '1000.00' } } }] },
    ],
    ['crm:admin', { totalCount: 3, nodes: [{ phone: '13812348001', credit: { limit: { amount: '1000.00' } } }] }],
  ])('with scope %s sees what that grants', async (scope, customers) => {
    expect(await (await service(scope)).graph(query)).toEqual({ customers });
  });

  test.each([undefined, 'crm:read', 'crm:audit', 'crm:amounts'])('with scope %s writes nothing', (scope) =>
    leavesAllAlone(async () => {
      expect(
        await (
          await service(scope)
        ).graph.refused('mutation { customerCreate(input: { name: "new" }) { userErrors { code } } }'),
      ).toEqual(['FORBIDDEN']);
    }),
  );

  test('with scope crm:write writes', async () => {
    const other = await tenant();
    const writer = await actor('writer', other.code, ['service'], { scope: 'crm:write' });
    expect((await customer(writer, { name: 'new' })).accountNo).toBe('ACC001');
  });
});

test('scopes count for no other role', async () => {
  const viewer = await actor('scoped', t.code, ['viewer'], { scope: 'crm:admin' });
  expect(
    await viewer.graph.refused('mutation { customerCreate(input: { name: "new" }) { userErrors { code } } }'),
  ).toEqual(['FORBIDDEN']);
});
