import { token } from '../support/http.js';
import { customer } from '../support/records.js';
import { rawSocket } from '../support/socket.js';
import { tenant } from '../support/tenant.js';

// The close codes of graphql-transport-ws, over a socket without a client library.

const query = 'subscription { customerChanged { kind recordId } }';

test('4400 for what is no message', async () => {
  const socket = await rawSocket();
  socket.send('{"type":"nonsense"');
  expect(await socket.closed()).toEqual([4400, 'Invalid message received']);
});

test('4400 for a message of an unknown type', async () => {
  const socket = await rawSocket({ token: (await tenant()).admin.token });
  socket.send({ type: 'start', id: '1', payload: { query } });
  expect(await socket.closed()).toEqual([4400, 'Invalid message received']);
});

test('4401 for an operation before the socket was let in', async () => {
  const socket = await rawSocket();
  socket.send({ type: 'subscribe', id: '1', payload: { query } });
  expect(await socket.closed()).toEqual([4401, 'Unauthorized']);
});

test.each([
  ['none', {}],
  ['a wrong one', { Authorization: 'Bearer wrong' }],
])('4401 for a token that is %s', async (_name, payload) => {
  const socket = await rawSocket();
  socket.send({ type: 'connection_init', payload });
  expect(await socket.closed()).toEqual([4401, 'UNAUTHENTICATED']);
});

test('4403 for a tenant that the token does not allow', async () => {
  const { admin } = await tenant();
  const socket = await rawSocket();
  socket.send({
    type: 'connection_init',
    payload: { Authorization: `Bearer ${admin.token}`, 'X-Tenant-Id': (await tenant()).code },
  });
  expect(await socket.closed()).toEqual([4403, 'TENANT_FORBIDDEN']);
});

test('4406 without the protocol', async () => {
  expect((await (await rawSocket({ protocols: [] })).closed())[0]).toBe(4406);
});

test('4408 for a socket that does not say who it is', async () => {
  const socket = await rawSocket();
  expect(await socket.closed()).toEqual([4408, 'Connection initialisation timeout']);
});

test('4409 for a second operation under the same id', async () => {
  const socket = await rawSocket({ token: (await tenant()).admin.token });
  socket.send({ type: 'subscribe', id: 'a', payload: { query } });
  socket.send({ type: 'subscribe', id: 'a', payload: { query } });
  expect(await socket.closed()).toEqual([4409, 'Subscriber for a already exists']);
});

test('4429 for saying twice who it is', async () => {
  const { admin } = await tenant();
  const socket = await rawSocket({ token: admin.token });
  socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${admin.token}` } });
  expect(await socket.closed()).toEqual([4429, 'Too many initialisation requests']);
});

test('4401 when the token ends', async () => {
  const { code } = await tenant();
  const socket = await rawSocket({
    token: await token({ sub: 'admin', tenant_id: code, expires: Math.floor(Date.now() / 1000) + 2 }),
  });
  expect(await socket.closed()).toEqual([4401, 'UNAUTHENTICATED']);
});

test('messages are those of the protocol, whatever the id; a completed operation is sent nothing more', async () => {
  const { admin } = await tenant();
  const socket = await rawSocket({ token: admin.token });
  const ids = ['1', '2', 'a"\\b', '编号', 'x'.repeat(300)];
  for (const id of ids)
    socket.send({
      type: 'subscribe',
      id,
      payload: { query: 'subscription { customerChanged { kind customer { name } } }' },
    });
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
  await customer(admin, { name: '华信 🙂' });
  const data = { customerChanged: { kind: 'CREATED', customer: { name: '华信 🙂' } } };
  const got = [];
  while (got.length < ids.length) got.push(await socket.next());
  expect(got.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))).toEqual(
    ids.map((id) => ({ id, type: 'next', payload: { data } })),
  );
  for (const id of ids.slice(1)) socket.send({ type: 'complete', id });
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
  await customer(admin, { name: '第二' });
  expect((await socket.next()).id).toBe('1');
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
});

test.each([
  ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ['subscription {', 'GRAPHQL_PARSE_FAILED'],
  ['subscription { customerChanged { id } pipelineChanged { id } }', 'GRAPHQL_VALIDATION_FAILED'],
  [
    `subscription { customerChanged { customer { ${'contacts { nodes { customers { nodes { '.repeat(6)}id${' } } } }'.repeat(6)} } } }`,
    'BAD_REQUEST',
  ],
  ['subscription { customerChanged(kinds: [GONE]) { id } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['subscription ($kinds: [ChangeKind!]) { customerChanged(kinds: $kinds) { id } }', 'BAD_USER_INPUT'],
  ['subscription { customerChanged(changed: [NAM]) { id } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['subscription { customerChanged(after: "x") { id } }', 'CURSOR_INVALID'],
  ['subscription { customerChanged(after: "") { id } }', 'CURSOR_INVALID'],
  ['subscription { customerChanged(after: "99") { id } }', 'CURSOR_INVALID'],
])('%s is an error of the operation; the socket goes on', async (text, code) => {
  const { admin } = await tenant();
  const socket = await rawSocket({ token: admin.token });
  socket.send({ type: 'subscribe', id: '1', payload: { query: text, variables: { kinds: 'GONE' } } });
  const { type, payload } = await socket.next();
  expect([type, payload[0].extensions.code]).toEqual(['error', code]);
  socket.send({ type: 'subscribe', id: '1', payload: { query } });
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
  const { id } = await customer(admin, { name: '客户' });
  expect((await socket.next()).payload.data.customerChanged.recordId).toBe(id);
});

test('queries and mutations are answered on the socket too', async () => {
  const socket = await rawSocket({ token: (await tenant()).admin.token });
  socket.send({ type: 'subscribe', id: 'q', payload: { query: '{ viewer { roles } }' } });
  expect(await socket.next()).toEqual({
    id: 'q',
    type: 'next',
    payload: { data: { viewer: { roles: ['TENANT_ADMIN'] } } },
  });
  expect(await socket.next()).toEqual({ id: 'q', type: 'complete' });
});
