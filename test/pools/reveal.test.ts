import { give, inPool, pool } from '../support/pools.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const people = (t: TestTenant, count: number): Promise<Actor[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => actor(`rep${place}`, t.code, ['sales'])));

const hides = { hidesUntilPicked: ['CONTACT_PERSON', 'PHONE', 'DESCRIPTION'] };
const secret = { contactPerson: '密联系人', phone: '13912345678', description: '密描述' };

describe.each([
  ['customers', 'CUSTOMER', 'customer', 'Customer'],
  ['leads', 'LEAD', 'lead', 'Lead'],
] as const)('%s', (kind, poolKind, record, type) => {
  const say = 'viewerCanReveal { allowed reason }';
  const read = async (by: Actor, id: string): Promise<Data> =>
    (await by.graph(`query ($id: ID!) { ${record}(id: $id) { contactPerson phone description ${say} } }`, { id }))[
      record
    ];

  test('fifty from whom more is hidden than they may be shown: each sees as many as the limit says, and nobody more', async () => {
    const t = await tenant();
    const all = await people(t, 10);
    const users = await Promise.all(all.map(async (one) => ({ user: await one.id() })));
    const id = await pool(t, { kind: poolKind, dailyViewLimit: 2, ...hides }, users);
    const records = await inPool(t, id, 5, kind, secret);
    const outcomes = await Promise.all(
      all.flatMap((one) => records.map((record_) => give(one, `${kind}Reveal`, [record_]))),
    );
    const codes = all.map((_, place) =>
      outcomes
        .slice(place * 5, place * 5 + 5)
        .flat()
        .map(String)
        .toSorted(),
    );
    expect(codes).toEqual(all.map(() => ['VIEW_LIMIT', 'VIEW_LIMIT', 'VIEW_LIMIT', 'null', 'null']));
    const stored = await t.sql('select count(*)::int n, count(distinct user_id)::int u from pool_reveal');
    expect(stored).toEqual([{ n: 20, u: 10 }]);
    const said = await t.sql(
      `select count(*)::int n, count(distinct actor)::int u from audit_entry where act = '${record}.reveal' and record_type = '${type}' and record = any($1)`,
      [records],
    );
    expect(said).toEqual([{ n: 20, u: 10 }]);
  });

  test('what is hidden is shown for the day in which it was asked for, to nobody else, and counted once', async () => {
    const t = await tenant();
    const [sales, colleague] = [await t.sales.id(), await t.sales2.id()];
    const id = await pool(t, { kind: poolKind, dailyViewLimit: 1, ...hides }, [{ user: sales }, { user: colleague }]);
    const [one, other] = (await inPool(t, id, 2, kind, secret)) as [string, string];
    const hidden = { contactPerson: null, phone: null, description: null };
    const shown = { contactPerson: '密联系人', phone: '139****5678', description: '密描述' };
    const left = async (by: Actor): Promise<unknown> =>
      (await by.graph('{ pools { nodes { viewerViewsLeft dailyViewLimit } } }')).pools.nodes;
    const can = { viewerCanReveal: { allowed: true, reason: null } };
    expect([await read(t.sales, one), await left(t.sales)]).toEqual([
      { ...hidden, ...can },
      [{ viewerViewsLeft: 1, dailyViewLimit: 1 }],
    ]);
    const before = await t.sql('select count(*)::int n from outbox');
    expect(await give(t.sales, `${kind}Reveal`, [one, one, other])).toEqual([null, null, 'VIEW_LIMIT']);
    expect(await give(t.sales, `${kind}Reveal`, [one])).toEqual([null]);
    expect(await t.sql('select count(*)::int n from outbox')).toEqual(before);
    expect(await t.sql(`select count(*)::int n from audit_entry where act = '${record}.reveal'`)).toEqual([{ n: 1 }]);
    expect([await read(t.sales, one), await read(t.sales, other), await left(t.sales)]).toEqual([
      { ...shown, ...can },
      { ...hidden, viewerCanReveal: { allowed: false, reason: 'VIEW_LIMIT' } },
      [{ viewerViewsLeft: 0, dailyViewLimit: 1 }],
    ]);
    expect([await read(t.sales2, one), await left(t.sales2)]).toEqual([
      { ...hidden, ...can },
      [{ viewerViewsLeft: 1, dailyViewLimit: 1 }],
    ]);
    // the history says who was shown it
    const history = `query ($id: ID!) { ${record}(id: $id) { history { nodes { operation actor { login } changes { field } } } } }`;
    expect((await t.admin.graph(history, { id: one }))[record].history.nodes[0]).toEqual({
      operation: `${record}.reveal`,
      actor: { login: 'sales' },
      changes: [],
    });
    await t.sql('update pool_reveal set day = day - 1');
    expect([await read(t.sales, one), await left(t.sales)]).toEqual([
      { ...hidden, ...can },
      [{ viewerViewsLeft: 1, dailyViewLimit: 1 }],
    ]);
  });

  test('who cannot be shown it reads why, and who sees it anyway is counted nothing', async () => {
    const t = await tenant();
    const stranger = await actor('stranger', t.code, ['sales']);
    const nobody = await actor('nobody', t.code, ['service'], { scope: '' });
    const members = [{ user: await t.sales.id() }, { user: await t.sales2.id(), role: 'ADMIN' as const }];
    const closed = await pool(t, { kind: poolKind, ...hides }, members);
    const open = await pool(t, { kind: poolKind, name: '不限', position: 1, dailyViewLimit: null, ...hides }, members);
    const [never] = (await inPool(t, closed, 1, kind, secret)) as [string];
    const [always] = (await inPool(t, open, 1, kind, secret)) as [string];
    const free = (
      await t.admin.graph(
        `mutation { ${record}Create(input: { name: "自由", ${record === 'lead' ? 'source: OTHER' : ''} }) { ${record} { id } } }`,
      )
    )[`${record}Create`][record].id as string;
    const reveal = (by: Actor): Promise<unknown> => give(by, `${kind}Reveal`, [never, always, free]);
    expect(await reveal(t.sales)).toEqual(['VIEW_LIMIT', null, 'NOT_IN_POOL']);
    expect(await reveal(stranger)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_IN_POOL']);
    for (const by of [t.sales2, t.manager, t.viewer, t.admin])
      expect(await reveal(by)).toEqual([null, null, 'NOT_IN_POOL']);
    expect(await nobody.graph.refused(`mutation { ${kind}Reveal(ids: ["1"]) { userErrors { code } } }`)).toEqual([
      'FORBIDDEN',
    ]);
    expect(await t.sql('select count(*)::int n from pool_reveal')).toEqual([{ n: 1 }]);
    const left = async (by: Actor): Promise<unknown> =>
      (await by.graph('{ pools { nodes { viewerViewsLeft } } }')).pools.nodes.map((one: Data) => one.viewerViewsLeft);
    expect([await left(t.sales), await left(t.sales2), await left(t.manager), await left(t.admin)]).toEqual([
      [0, null],
      [null, null],
      [null, null],
      [null, null],
    ]);
  });
});

const ways: Record<string, (by: Actor, id: string, number: number) => Promise<string>> = {
  list: async (by) => JSON.stringify(await by.graph('{ customers { nodes { contactPerson description } } }')),
  filter: async (by) =>
    JSON.stringify(await by.graph('{ customers(filter: { search: "密联系人" }) { nodes { contactPerson } } }')),
  node: async (by, id) =>
    JSON.stringify(await by.graph('query ($id: ID!) { node(id: $id) { ... on Customer { contactPerson } } }', { id })),
  history: async (by, id) =>
    JSON.stringify(
      await by.graph('query ($id: ID!) { customer(id: $id) { history { nodes { changes { after } } } } }', { id }),
    ),
  erp: async (by, _, number) => JSON.stringify((await by.rest('erp').get(`/accounts/${number}`)).body),
  cell: async (by, id) => JSON.stringify((await by.rest('cell').get(`/customers/${id}`)).body),
  lifecycle: async (by, _, number) => JSON.stringify((await by.rest('lifecycle').get(`/customers/${number}`)).body),
};

test('in every way to ask, what was shown is shown, to a subscriber too', async () => {
  const t = await tenant();
  const id = await pool(t, { dailyViewLimit: null, ...hides }, [{ user: await t.sales.id() }]);
  const [one] = (await inPool(t, id, 1, 'customers', secret)) as [string];
  const { number } = (await t.admin.graph('query ($id: ID!) { customer(id: $id) { number } }', { id: one })).customer;
  const seen = async (by: Actor): Promise<string[]> => {
    const found: string[] = [];
    for (const [way, ask] of Object.entries(ways)) if (/密/.test(await ask(by, one, number))) found.push(way);
    return found;
  };
  // a dialect shows what it has fields for
  const everywhere = await seen(t.admin);
  expect(everywhere.length).toBeGreaterThan(5);
  const change = (name: string): Promise<unknown> =>
    t.admin.graph(
      'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { id } } }',
      {
        id: one,
        input: { name },
      },
    );
  const subscription = await t.sales.subscribe('subscription { customerChanged { customer { contactPerson } } }');
  const next = async (name: string): Promise<unknown> => {
    await change(name);
    return (await subscription.next()).customerChanged.customer.contactPerson;
  };
  expect([await seen(t.sales), await next('一号')]).toEqual([[], null]);
  expect(await give(t.sales, 'customersReveal', [one])).toEqual([null]);
  expect([await seen(t.sales), await next('二号')]).toEqual([everywhere, '密联系人']);
});

describe('files and lists of the dialects hide what the pool hides until it is shown', () => {
  const secrets = { contactPerson: '密联系人', address: '密地址', description: '密描述' };
  const hidesUntilPicked = ['CONTACT_PERSON', 'ADDRESS', 'DESCRIPTION'];
  const fileOf =
    (format: string) =>
    async (by: Actor): Promise<string> =>
      (
        await fetch(`${process.env['CRM_TEST_ADDRESS']}/export/customers.${format}`, {
          headers: { authorization: `Bearer ${by.token}` },
        })
      ).text();
  const path =
    (dialect: 'erp' | 'cell' | 'lifecycle', of: string) =>
    async (by: Actor): Promise<string> =>
      JSON.stringify((await by.rest(dialect).get(of)).body);
  const lists: Record<string, Record<string, (by: Actor) => Promise<string>>> = {
    customers: {
      csv: fileOf('csv'),
      json: fileOf('json'),
      erp: path('erp', '/accounts'),
      'erp, by what is hidden': path('erp', `/accounts?search=${encodeURIComponent('密地址')}`),
      cell: path('cell', '/customers'),
      'cell, by what is hidden': path('cell', `/customers?keyword=${encodeURIComponent('密联系人')}`),
      lifecycle: path('lifecycle', '/customers'),
      'lifecycle, by what is hidden': path('lifecycle', `/customers/search?q=${encodeURIComponent('密联系人')}`),
    },
    leads: { erp: path('erp', '/leads') },
  };

  test.each([
    ['customers', 'CUSTOMER'],
    ['leads', 'LEAD'],
  ] as const)('%s', async (kind, poolKind) => {
    const t = await tenant();
    const { roleReachChange } = await t.admin.graph(
      `mutation { roleReachChange(role: MANAGER, record: ${poolKind}, use: SEE, reach: OWN) { userErrors { code } } }`,
    );
    expect(roleReachChange.userErrors).toEqual([]);
    const hidden = kind === 'leads' ? hidesUntilPicked.filter((name) => name !== 'ADDRESS') : hidesUntilPicked;
    const { contactPerson, address, description } = secrets;
    const id = await pool(t, { kind: poolKind, dailyViewLimit: 1, hidesUntilPicked: hidden }, [
      { user: await t.manager.id() },
    ]);
    const input = { contactPerson, description, ...(kind === 'customers' && { address }) };
    const [one] = (await inPool(t, id, 1, kind, input)) as [string];
    const shownTo = async (by: Actor): Promise<Record<string, string[]>> => {
      const found: Record<string, string[]> = {};
      for (const [name, ask] of Object.entries(lists[kind]!)) {
        const text = await ask(by);
        found[name] = Object.values(secrets).filter((value) => text.includes(value));
      }
      return found;
    };
    const all = await shownTo(t.admin);
    expect(Object.values(all).filter(({ length }) => length > 0).length).toBeGreaterThan(kind === 'leads' ? 0 : 3);
    const none = Object.fromEntries(Object.keys(all).map((name) => [name, []]));
    expect(await shownTo(t.manager)).toEqual(none);
    expect(await give(t.manager, `${kind}Reveal`, [one])).toEqual([null]);
    expect(await shownTo(t.manager)).toEqual(all);
  });
});
