import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// What hangs on a customer is seen by who works on it too: who reaches whose work, in each way to ask for it.

/** 总部 leads to 华东, 华东 to 上海; all of them work for a customer of somebody whom nobody reaches. */
let t: TestTenant;
let people: Record<'总' | '东' | '沪' | '沪乙' | '独', Actor>;
const made: Record<string, Record<string, string>> = {};

const done = async (query: string, variables: object, by: Actor = t.admin): Promise<Data> => {
  const [payload] = Object.values(await by.graph(query, variables)) as Data[];
  expect(payload.userErrors).toEqual([]);
  return payload;
};
const reach = async (use: string, to: string): Promise<void> =>
  void (await done(
    'mutation ($use: ReachUse!, $reach: Reach!) { roleReachChange(role: SALES, record: CUSTOMER, use: $use, reach: $reach) { userErrors { code } } }',
    { use, reach: to },
  ));

/** Each kind of record: its list, what names it, and who works on it. */
const kinds = [
  ['opportunity', 'opportunities', 'name', 'owner', { amount: { amount: '100' } }],
  ['activity', 'activities', 'subject', 'staff', { kind: 'CALL', status: 'PLANNED' }],
  ['case', 'cases', 'subject', 'assignee', {}],
  ['successTask', 'successTasks', 'title', 'assignee', { kind: 'RENEWAL' }],
] as const;

beforeAll(async () => {
  t = await tenant();
  const departments: Record<string, string> = {};
  for (const [name, parent] of [
    ['总部', ''],
    ['华东', '总部'],
    ['上海', '华东'],
  ] as const) {
    const { department } = await done(
      'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code } } }',
      { input: { name, ...(parent && { parent: departments[parent] }) } },
    );
    departments[name] = department.id;
  }
  const logins = { 总: 'zong', 东: 'dong', 沪: 'hu', 沪乙: 'hu2', 独: 'du' };
  people = Object.fromEntries(
    await Promise.all(
      Object.entries(logins).map(async ([name, login]) => [name, await actor(login, t.code, ['sales'], { name })]),
    ),
  );
  const update = async (who: Actor, input: object): Promise<void> =>
    void (await done(
      'mutation ($id: ID!, $input: UserInput!) { userUpdate(id: $id, input: $input) { userErrors { code } } }',
      { id: await who.id(), input },
    ));
  await people['独'].id();
  for (const [name, place] of Object.entries({ 总: '总部', 东: '华东', 沪: '上海', 沪乙: '上海' }))
    await update(people[name as '总'], { department: departments[place] });
  await update(people['沪'], { manager: await people['东'].id() });
  const { customer } = await done(
    'mutation { customerCreate(input: { name: "独家客户", owner: "du" }) { customer { id } userErrors { code } } }',
    {},
  );
  for (const [kind, , title, by, more] of kinds)
    for (const [name, who] of Object.entries(people)) {
      const type = kind[0]!.toUpperCase() + kind.slice(1);
      const payload = await done(
        `mutation ($input: ${type}Input!) { ${kind}Create(input: $input) { ${kind} { id } userErrors { code } } }`,
        { input: { [title]: name, [by]: await who.id(), customer: customer.id, ...more } },
      );
      (made[kind] ??= {})[name] = payload[kind].id;
    }
}, 60_000);

const sorted = (nodes: Data[], title: string): string[] => nodes.map((node) => node[title] as string).toSorted();
const names = /总|东|沪乙|沪|独/g;

/** Ways to ask for opportunities; each answers whose it shows. */
const ways: Record<string, (who: Actor) => Promise<string[]>> = {
  node: async (who) => {
    const found: string[] = [];
    for (const [name, id] of Object.entries(made['opportunity']!))
      if ((await who.graph('query ($id: ID!) { node(id: $id) { id } }', { id })).node) found.push(name);
    return found.toSorted();
  },
  groups: async (who) =>
    (
      await who.graph('{ opportunityGroups(by: [{ field: OWNER }]) { groups { keys { label } count } } }')
    ).opportunityGroups.groups
      .map(({ keys: [key] }: Data) => key.label)
      .toSorted(),
  feed: async (who) => {
    const { changes } = await who.graph('{ changes(first: 500) { events { type recordId } } }');
    const created = changes.events.filter(({ type }: Data) => type === 'crm.opportunity.created');
    return Object.entries(made['opportunity']!)
      .filter(([, id]) => created.some(({ recordId }: Data) => recordId === id))
      .map(([name]) => name)
      .toSorted();
  },
  search: async (who) => {
    const found: string[] = [];
    for (const name of Object.keys(made['opportunity']!)) {
      const { opportunities } = await who.graph(
        'query ($search: String!) { opportunities(filter: { search: $search }) { nodes { name } } }',
        { search: name },
      );
      if (opportunities.nodes.some((one: Data) => one.name === name)) found.push(name);
    }
    return found.toSorted();
  },
  erp: async (who) => of((await who.rest('erp').get('/opportunities?size=50')).body),
  cell: async (who) => of((await who.rest('cell').get('/opportunities?pageSize=50')).body),
};

/** Whose opportunities a dialect's answer has. */
const of = (body: unknown): string[] => {
  const found = [...JSON.stringify(body).matchAll(/"(?:name|title|opportunityName)":"([^"]+)"/g)].map(
    ([, name]) => name!,
  );
  return [...new Set(found.filter((name) => name.replace(names, '') === ''))].toSorted();
};

const reaches: Array<[reach: string, who: keyof typeof people, names: string]> = [
  ['NONE', '东', '东'],
  ['OWN', '东', '东'],
  ['SUBORDINATES', '东', '东 沪'],
  ['DEPARTMENT', '沪', '沪 沪乙'],
  ['DEPARTMENT', '东', '东'],
  ['DEPARTMENT_AND_BELOW', '总', '东 总 沪 沪乙'],
  ['DEPARTMENT_AND_BELOW', '东', '东 沪 沪乙'],
  ['ALL', '沪', '东 总 沪 沪乙 独'],
];

test.each(reaches)('with %s, %s sees the work of %s', async (to, who, seen) => {
  await reach('SEE', to);
  await reach('WRITE', 'OWN');
  const by = people[who];
  const expected = seen.split(' ').toSorted();
  for (const [kind, list, title] of kinds) {
    const answer = (await by.graph(`{ ${list}(first: 50) { totalCount nodes { ${title} } } }`))[list];
    expect([kind, answer.totalCount, sorted(answer.nodes, title)]).toEqual([kind, expected.length, expected]);
  }
  for (const [way, ask] of Object.entries(ways)) expect([way, await ask(by)]).toEqual([way, expected]);
  const { sums } = (await by.graph('{ opportunities { sums { amount { amount } } } }')).opportunities;
  expect(sums).toEqual([{ amount: { amount: `${expected.length * 100}.00` } }]);
  // the customer itself stays hidden from whoever does not reach it
  const { customers } = await by.graph('{ customers(filter: { search: "独家" }) { totalCount } }');
  expect(customers.totalCount).toBe(to === 'ALL' ? 1 : 0);
});

test('what colleagues work on may be changed as far as the reach for changing goes, and no further', async () => {
  await reach('SEE', 'DEPARTMENT_AND_BELOW');
  await reach('WRITE', 'SUBORDINATES');
  for (const [kind, , title] of kinds) {
    const type = kind[0]!.toUpperCase() + kind.slice(1);
    const change = (name: string): Promise<string[]> =>
      people['东'].graph.codes(
        `mutation ($id: ID!, $input: ${type}Input!) { ${kind}Update(id: $id, input: $input) { userErrors { code field } } }`,
        { id: made[kind]![name], input: { [title]: name } },
      );
    expect([kind, await change('沪'), await change('沪乙'), await change('独')]).toEqual([
      kind,
      [],
      ['FORBIDDEN'],
      ['NOT_FOUND'],
    ]);
    const { node } = await people['东'].graph(
      `query ($id: ID!) { node(id: $id) { ... on ${type} { viewerCanUpdate { allowed reason } } } }`,
      { id: made[kind]!['沪乙'] },
    );
    expect([kind, node.viewerCanUpdate]).toEqual([kind, { allowed: false, reason: 'NOT_OWNER' }]);
  }
});

test('who moves to another department takes along what they work on', async () => {
  await reach('SEE', 'DEPARTMENT');
  const seen = async (): Promise<string[]> =>
    sorted((await people['沪'].graph('{ cases(first: 50) { nodes { subject } } }')).cases.nodes, 'subject');
  expect(await seen()).toEqual(['沪', '沪乙']);
  const move = async (department: string | null): Promise<void> =>
    void (await done(
      'mutation ($id: ID!, $department: ID) { userUpdate(id: $id, input: { department: $department }) { userErrors { code } } }',
      { id: await people['沪乙'].id(), department },
    ));
  await move(null);
  expect(await seen()).toEqual(['沪']);
});
