import { furtherServers } from '../support/server.js';
import { send } from '../support/http.js';
import { written } from '../support/records.js';
import { rawSocket } from '../support/socket.js';
import { eventually } from '../support/eventually.js';
import { actor, tenant, type Data } from '../support/tenant.js';
import { department, user } from './support.js';

// Users as those who administer the tenant change them: entered, changed, taken the right to sign in.

const update =
  'mutation ($id: ID!, $input: UserInput!, $version: Int) { userUpdate(id: $id, input: $input, version: $version) { user { version name email phone login department { name } manager { login } updatedBy { login } } userErrors { code field } } }';
const create =
  'mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id version login name active } userErrors { code field } } }';
const deactivate =
  'mutation ($id: ID!, $version: Int) { userDeactivate(id: $id, version: $version) { user { version active } userErrors { code field } } }';
const reactivate =
  'mutation ($id: ID!) { userReactivate(id: $id) { user { version active } userErrors { code field } } }';

test('a user is entered, found by their first token, and what it says of them stays the authority', async () => {
  const t = await tenant();
  const east = await department(t.admin, '华东区');
  const { userCreate } = await t.admin.graph(create, {
    input: {
      login: 'li.lei',
      name: '李雷',
      email: 'li.lei@example.com',
      phone: '13912345678',
      department: east.id,
      manager: 'admin',
    },
  });
  expect(userCreate).toEqual({
    user: { id: expect.any(String), version: 1, login: 'li.lei', name: '李雷', active: true },
    userErrors: [],
  });
  const { id } = userCreate.user;
  const li = await actor('li.lei', t.code, ['sales']);
  expect(await li.id()).toBe(id);
  const { userUpdate } = await t.admin.graph(update, { id, input: { name: '李大雷', phone: null, manager: null } });
  expect(userUpdate).toEqual({
    user: {
      version: 2,
      name: '李大雷',
      email: 'li.lei@example.com',
      phone: null,
      login: 'li.lei',
      department: { name: '华东区' },
      manager: null,
      updatedBy: { login: 'admin' },
    },
    userErrors: [],
  });
  await t.admin.graph(update, { id, input: { phone: '13912345678' } });
  const named = await actor('li.lei', t.code, ['sales'], { name: '李雷雷' });
  expect((await named.graph('{ viewer { user { name version email } } }')).viewer.user).toEqual({
    name: '李雷雷',
    version: 3,
    email: 'li.lei@example.com',
  });
  const { user: seen } = await t.viewer.graph(
    'query ($id: ID!) { user(id: $id) { email hiddenFields history { nodes { changes { field before after } } } } }',
    { id },
  );
  expect(seen.email).toBe('l***@example.com');
  expect(seen.hiddenFields).toEqual(['email', 'phone']);
  expect(JSON.stringify(seen)).not.toMatch(/li\.lei@|13912345678/);
});

test('what is wrong of a user is refused by field, without effect', async () => {
  const t = await tenant();
  const [one, two, three] = [
    await user(t.admin, 'one'),
    await user(t.admin, 'two', { manager: 'one' }),
    await user(t.admin, 'three', { manager: 'two' }),
  ];
  const [system] = await t.sql<{ id: string }>(
    "insert into user_account (tenant_id, id, subject, login, name) values (app_tenant(), gen_random_uuid(), 'system', 'system', '系统') on conflict (tenant_id, subject) do update set name = excluded.name returning id",
  );
  const before = await written(t);
  const errors = (text: string, variables: object): Promise<string[]> => t.admin.graph.userErrors(text, variables);
  expect(await errors(create, { input: { login: 'one' } })).toEqual(['ALREADY_EXISTS login']);
  expect(await errors(create, { input: { login: 'system' } })).toEqual(['INVALID login']);
  expect(await errors(create, { input: { login: 'api-key:1' } })).toEqual(['INVALID login']);
  expect(await errors(create, { input: { login: ' ' } })).toEqual(['REQUIRED login']);
  expect(await errors(create, { input: { login: 'new', email: 'x' } })).toEqual(['INVALID email']);
  expect(await errors(update, { id: one.id, input: { name: null } })).toEqual(['REQUIRED name']);
  expect(await errors(update, { id: one.id, input: { name: '一' }, version: 2 })).toEqual(['VERSION_CONFLICT version']);
  expect(await errors(update, { id: one.id, input: { department: '7' } })).toEqual(['UNKNOWN_REFERENCE department']);
  expect(await errors(update, { id: one.id, input: { manager: 'nobody' } })).toEqual(['UNKNOWN_REFERENCE manager']);
  for (const { id } of [one, two, three])
    expect(await errors(update, { id: one.id, input: { manager: id } })).toEqual(['CIRCULAR manager']);
  expect(await errors(update, { id: system!.id, input: { name: '一' } })).toEqual(['INVALID id']);
  expect(await errors(deactivate, { id: system!.id })).toEqual(['INVALID id']);
  expect(await errors(deactivate, { id: await t.admin.id() })).toEqual(['INVALID id']);
  expect(await errors(deactivate, { id: one.id, version: 9 })).toEqual(['VERSION_CONFLICT version']);
  expect(await written(t)).toEqual(before);
  // three reports to two, who reports to one: two of them at once cannot close the circle
  const { id: four } = await user(t.admin, 'four');
  const answers = await Promise.all([
    errors(update, { id: one.id, input: { manager: four } }),
    errors(update, { id: four, input: { manager: three.id } }),
  ]);
  expect(answers.flat()).toEqual(['CIRCULAR manager']);
});

test('who is deactivated loses socket and tokens in every server within five seconds, and is back when reactivated', async () => {
  const t = await tenant();
  const [other] = (await furtherServers(1)) as [string];
  const id = await t.sales.id();
  const ask = async (server = ''): Promise<number> =>
    (
      await send(
        'POST',
        `${server}/graphql`,
        { authorization: `Bearer ${t.sales.token}` },
        { query: '{ viewer { roles } }' },
      )
    ).status;
  expect([await ask(), await ask(other)]).toEqual([200, 200]);
  const sockets = await Promise.all([
    rawSocket({ token: t.sales.token }),
    rawSocket({ token: t.sales.token, server: other }),
  ]);
  const since = Date.now();
  expect((await t.admin.graph(deactivate, { id, version: 1 })).userDeactivate).toEqual({
    user: { version: 2, active: false },
    userErrors: [],
  });
  expect(await Promise.all(sockets.map((one) => one.closed()))).toEqual([
    [4403, 'FORBIDDEN'],
    [4403, 'FORBIDDEN'],
  ]);
  await eventually(
    async () => [await ask(), await ask(other)],
    ([one, two]) => one === 403 && two === 403,
  );
  expect(Date.now() - since).toBeLessThan(5_000);
  const before = await written(t);
  expect((await t.admin.graph(deactivate, { id })).userDeactivate.user).toEqual({ version: 2, active: false });
  expect(await written(t)).toEqual(before);
  expect((await t.admin.graph(reactivate, { id })).userReactivate).toEqual({
    user: { version: 3, active: true },
    userErrors: [],
  });
  expect([await ask(), await ask(other)]).toEqual([200, 200]);
  const { history } = (
    await t.admin.graph('query ($id: ID!) { user(id: $id) { history { nodes { operation } } } }', { id })
  ).user;
  expect(history.nodes.map(({ operation }: Data) => operation)).toEqual(['user.reactivate', 'user.deactivate']);
  const types = await t.sql<{ type: string }>("select type from outbox where type like 'crm.user.%' order by seq");
  expect(types.map(({ type }) => type)).toEqual(['crm.user.deactivated', 'crm.user.reactivated']);
});
