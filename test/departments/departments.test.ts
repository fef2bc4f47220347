import { seed } from '../support/generated.js';
import { Random } from '../support/operations.js';
import { written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { department, paths, user } from './support.js';

// The organisation as a tree: who may change it, what is refused, and that what is stored of it agrees with itself.

const move =
  'mutation ($id: ID!, $parent: ID, $position: Int, $version: Int) { departmentMove(id: $id, parent: $parent, position: $position, version: $version) { department { version parent { id } position } userErrors { code field } } }';
const remove =
  'mutation ($id: ID!, $moveTo: ID, $version: Int) { departmentDelete(id: $id, moveTo: $moveTo, version: $version) { deletedId department { version } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: DepartmentInput!, $version: Int) { departmentUpdate(id: $id, input: $input, version: $version) { department { version name } userErrors { code field } } }';
const create =
  'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code field } } }';

/** 总公司 > 销售部 > (华东区 > 上海组, 华北区); 研发部 */
async function company(t: TestTenant): Promise<Record<string, string>> {
  const top = (await department(t.admin, '总公司', { code: 'D1' })).id;
  const sales = (await department(t.admin, '销售部', { parent: top, position: 1 })).id;
  const east = (await department(t.admin, '华东区', { parent: sales, position: 2 })).id;
  const north = (await department(t.admin, '华北区', { parent: sales, position: 1 })).id;
  const shanghai = (await department(t.admin, '上海组', { parent: east })).id;
  const research = (await department(t.admin, '研发部', { position: 5 })).id;
  return { top, sales, east, north, shanghai, research };
}

const names = (connection: Data): string[] => connection.nodes.map(({ name }: Data) => name);

test('the tree is read from every side, by everybody, in one statement', async () => {
  const t = await tenant();
  const of = await company(t);
  const [li, wang] = [
    await user(t.admin, 'li.lei', { name: '李雷', department: of['east'] }),
    await user(t.admin, 'wang.wu', { name: '王五', department: of['shanghai'], manager: 'li.lei' }),
  ];
  await t.admin.graph(update, { id: of['east'], input: { leader: 'li.lei' } });
  await t.admin.graph('mutation ($id: ID!) { userDeactivate(id: $id) { userErrors { code } } }', { id: wang.id });
  for (const by of [t.admin, t.manager, t.sales, t.viewer]) {
    await by.id();
    const { statements, body } = await by.graph.raw(
      `query ($east: ID!, $shanghai: ID!) {
        top: departments(filter: { isEmpty: [PARENT] }) { totalCount nodes { name depth } }
        east: department(id: $east) { parent { name } children { nodes { name } } ancestors(orderBy: [{ field: DEPTH }]) { nodes { name depth } } leader { name } users { nodes { name } } userCount }
        shanghai: department(id: $shanghai) { depth userCount users { nodes { name active } } }
        below: departments(filter: { ancestor: [$east] }, orderBy: [{ field: NAME }]) { nodes { name } }
        search: departments(filter: { search: "d1" }) { nodes { name } }
        led: departments(filter: { leader: ["li.lei"] }) { nodes { name } }
        direct: users(filter: { department: [$east] }) { nodes { name } }
        all: users(filter: { departmentAndBelow: [$east] }) { nodes { name department { name } manager { name } } }
        reports: users(filter: { manager: ["li.lei"] }) { nodes { name } }
        li: users(filter: { search: "li.lei" }) { nodes { reports { nodes { name } } departmentsLed { nodes { name } } } }
      }`,
      { east: of['east'], shanghai: of['shanghai'] },
    );
    expect([body.errors, statements]).toEqual([undefined, 1]);
    const { data } = body;
    expect(data.top).toEqual({
      totalCount: 2,
      nodes: [
        { name: '总公司', depth: 0 },
        { name: '研发部', depth: 0 },
      ],
    });
    expect(data.east).toEqual({
      parent: { name: '销售部' },
      children: { nodes: [{ name: '上海组' }] },
      ancestors: {
        nodes: [
          { name: '总公司', depth: 0 },
          { name: '销售部', depth: 1 },
        ],
      },
      leader: { name: '李雷' },
      users: { nodes: [{ name: '李雷' }] },
      userCount: 1,
    });
    expect(data.shanghai).toEqual({ depth: 3, userCount: 0, users: { nodes: [{ name: '王五', active: false }] } });
    expect(names(data.below).toSorted()).toEqual(['上海组', '华东区']);
    expect(names(data.search)).toEqual(['总公司']);
    expect(names(data.led)).toEqual(['华东区']);
    expect(names(data.direct)).toEqual(['李雷']);
    expect(data.all.nodes.toSorted((a: Data, b: Data) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: '李雷', department: { name: '华东区' }, manager: null },
      { name: '王五', department: { name: '上海组' }, manager: { name: '李雷' } },
    ]);
    expect(names(data.reports)).toEqual(['王五']);
    expect(data.li.nodes).toEqual([
      { reports: { nodes: [{ name: '王五' }] }, departmentsLed: { nodes: [{ name: '华东区' }] } },
    ]);
  }
  const { data } = (await t.admin.graph.raw('{ departments { nodes { name } } }')).body;
  expect(names(data.departments)).toEqual(['上海组', '总公司', '华北区', '销售部', '华东区', '研发部']);
  expect(
    await t.outsider.graph('query ($id: ID!) { department(id: $id) { id } departments { totalCount } }', {
      id: of['top'],
    }),
  ).toEqual({
    department: null,
    departments: { totalCount: 0 },
  });
  expect(li.version).toBe(1);
});

test('who does not administer the tenant changes nothing', async () => {
  const t = await tenant();
  const { top, research } = await company(t);
  const { id } = await user(t.admin, 'li.lei');
  await Promise.all([t.manager, t.sales, t.viewer].map((by) => by.id()));
  const before = await written(t);
  for (const by of [t.manager, t.sales, t.viewer]) {
    for (const [text, variables] of [
      [create, { input: { name: '新部门' } }],
      [update, { id: top, input: { name: '别名' } }],
      [move, { id: research, parent: top }],
      [remove, { id: research }],
      ['mutation ($id: ID!) { departmentRestore(id: $id) { userErrors { code } } }', { id: research }],
      [
        'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
        { input: { login: 'x' } },
      ],
      ['mutation ($id: ID!) { userUpdate(id: $id, input: { name: "别名" }) { userErrors { code } } }', { id }],
      ['mutation ($id: ID!) { userDeactivate(id: $id) { userErrors { code } } }', { id }],
      ['mutation ($id: ID!) { userReactivate(id: $id) { userErrors { code } } }', { id }],
    ] as const)
      expect([text, await by.graph.refused(text, variables)]).toEqual([text, ['FORBIDDEN']]);
  }
  expect(await written(t)).toEqual(before);
});

test('what is wrong is refused by field, without effect', async () => {
  const t = await tenant();
  const of = await company(t);
  const before = await written(t);
  const errors = (text: string, variables: object): Promise<string[]> => t.admin.graph.userErrors(text, variables);
  const nobody = '01900000-0000-7000-8000-000000000000';
  expect(await errors(create, { input: { name: ' ' } })).toEqual(['REQUIRED name']);
  expect(await errors(create, { input: { name: '研发部' } })).toEqual(['NAME_TAKEN name']);
  expect(await errors(create, { input: { name: '华东区', parent: of['sales'] } })).toEqual(['NAME_TAKEN name']);
  expect(await errors(create, { input: { name: '新', code: 'D1' } })).toEqual(['NUMBER_TAKEN code']);
  expect(await errors(create, { input: { name: '新', parent: nobody } })).toEqual(['UNKNOWN_REFERENCE parent']);
  expect(await errors(create, { input: { name: '新', leader: 'nobody' } })).toEqual(['UNKNOWN_REFERENCE leader']);
  expect(await errors(create, { input: { name: '新', position: -1 } })).toEqual(['OUT_OF_RANGE position']);
  expect(await errors(update, { id: of['top'], input: { name: null } })).toEqual(['REQUIRED name']);
  expect(await errors(update, { id: of['top'], input: { name: '总部' }, version: 7 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  expect(await errors(update, { id: nobody, input: { name: '总部' } })).toEqual(['NOT_FOUND id']);
  for (const parent of ['sales', 'east', 'shanghai'])
    expect(await errors(move, { id: of['sales'], parent: of[parent] })).toEqual(['CIRCULAR parent']);
  expect(await errors(move, { id: of['sales'], parent: nobody })).toEqual(['UNKNOWN_REFERENCE parent']);
  expect(await errors(move, { id: of['north'], parent: of['sales'], version: 2 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  expect(await errors(remove, { id: of['sales'] })).toEqual(['IN_USE id']);
  for (const moveTo of ['sales', 'shanghai'])
    expect(await errors(remove, { id: of['sales'], moveTo: of[moveTo] })).toEqual(['CIRCULAR moveTo']);
  expect(await written(t)).toEqual(before);
});

test('moved, deleted with what is in it handed on, and restored; each is in the history and published', async () => {
  const t = await tenant();
  const of = await company(t);
  const { id: li } = await user(t.admin, 'li.lei', { department: of['sales'] });
  expect((await t.admin.graph(move, { id: of['east'], parent: of['research'], position: 3 })).departmentMove).toEqual({
    department: { version: 2, parent: { id: of['research'] }, position: 3 },
    userErrors: [],
  });
  expect((await t.admin.graph(move, { id: of['east'] })).departmentMove.department).toEqual({
    version: 3,
    parent: null,
    position: 3,
  });
  const before = await written(t);
  expect((await t.admin.graph(move, { id: of['east'] })).departmentMove.department.version).toBe(3);
  expect(await written(t)).toEqual(before);
  expect((await t.admin.graph(remove, { id: of['sales'], moveTo: of['research'] })).departmentDelete).toEqual({
    deletedId: of['sales'],
    department: null,
    userErrors: [],
  });
  const { department: research, user: moved } = await t.admin.graph(
    'query ($id: ID!, $user: ID!) { department(id: $id) { children { nodes { name } } users { nodes { login } } } user(id: $user) { version department { name } history { nodes { operation changes { field before after } } } } }',
    { id: of['research'], user: li },
  );
  expect(research).toEqual({ children: { nodes: [{ name: '华北区' }] }, users: { nodes: [{ login: 'li.lei' }] } });
  expect([moved.version, moved.department]).toEqual([2, { name: '研发部' }]);
  expect(moved.history.nodes[0]).toEqual({
    operation: 'department.delete',
    changes: [{ field: 'department', before: of['sales'], after: of['research'] }],
  });
  expect(await t.admin.graph.userErrors(remove, { id: of['sales'] })).toEqual(['NOT_FOUND id']);
  const events = await t.sql<{ type: string }>(
    "select type from outbox where type ~ '^crm.(department|user)' order by seq desc limit 3",
  );
  expect(events.map(({ type }) => type).toSorted()).toEqual([
    'crm.department.deleted',
    'crm.department.updated',
    'crm.user.updated',
  ]);
  let { stored, recomputed } = await paths(t);
  expect(stored).toEqual(recomputed);
  // its name has gone to another one meanwhile
  const again = await department(t.admin, '销售部', { parent: of['top'] });
  const restore =
    'mutation ($id: ID!) { departmentRestore(id: $id) { department { deletedAt parent { name } } userErrors { code field } } }';
  expect(await t.admin.graph.userErrors(restore, { id: of['sales'] })).toEqual(['NAME_TAKEN name']);
  await t.admin.graph(update, { id: again.id, input: { name: '市场部' } });
  expect((await t.admin.graph(restore, { id: of['sales'] })).departmentRestore).toEqual({
    department: { deletedAt: null, parent: { name: '总公司' } },
    userErrors: [],
  });
  ({ stored, recomputed } = await paths(t));
  expect(stored).toEqual(recomputed);
  expect(stored).toHaveLength(11);
});

test('random changes leave the rows of the tree as its parents say', async () => {
  const t = await tenant();
  const random = new Random(seed);
  const known: string[] = [];
  let circles = 0;
  for (let step = 0; step < 120; step += 1) {
    const kind = known.length < 8 ? 0 : random.below(10);
    const parent = random.below(4) === 0 || known.length === 0 ? null : random.of(known);
    if (kind < 3) known.push((await department(t.admin, `部门${step}`, { parent })).id);
    else if (kind < 9) {
      const [error] = await t.admin.graph.userErrors(move, { id: random.of(known), parent });
      if (error) expect(error).toBe('CIRCULAR parent');
      circles += error ? 1 : 0;
    } else {
      const [id, moveTo] = [random.of(known), random.of(known)];
      const [error] = await t.admin.graph.userErrors(remove, { id, moveTo });
      if (error) expect(error).toBe('CIRCULAR moveTo');
      else known.splice(known.indexOf(id), 1);
    }
    const { stored, recomputed } = await paths(t);
    expect(stored).toEqual(recomputed);
  }
  expect(circles).toBeGreaterThan(0);
}, 60_000);

test('of two moves at once that would make a circle together exactly one is done', async () => {
  const t = await tenant();
  for (let round = 0; round < 8; round += 1) {
    const [one, other] = [await department(t.admin, `甲${round}`), await department(t.admin, `乙${round}`)];
    const answers = await Promise.all([
      t.admin.graph.userErrors(move, { id: one.id, parent: other.id }),
      t.admin.graph.userErrors(move, { id: other.id, parent: one.id }),
    ]);
    expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([[], ['CIRCULAR parent']]);
    const { stored, recomputed } = await paths(t);
    expect(stored).toEqual(recomputed);
  }
});
