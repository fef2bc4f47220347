import { randomUUID } from 'node:crypto';
import { send, serverUrl } from '../support/http.js';
import { customer, written } from '../support/records.js';
import { furtherServers, plain, startAnother } from '../support/server.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { wayTo } from './withheld.js';

const create =
  'mutation ($name: String) { customerCreate(input: { name: $name }) { customer { id name version createdAt } userErrors { code field message } } }';
const key = (): { 'idempotency-key': string } => ({ 'idempotency-key': randomUUID() });
const kept = ({ sql }: TestTenant): Promise<Data> =>
  sql('select count(*)::int n from idempotency_key').then(([row]) => row!.n);
const text = async (by: Actor, body: object, headers: object): Promise<string> =>
  (
    await fetch(`${process.env['CRM_TEST_ADDRESS']}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${by.token}`, ...headers },
      body: JSON.stringify(body),
    })
  ).text();

describe('in the graph', () => {
  test.each(['idempotency-key'])(
    'a mutation repeated under its %s is answered again, byte for byte, and done once',
    async (header) => {
      const t = await tenant();
      const headers = { [header]: 'one' };
      const body = { query: create, variables: { name: '华信' } };
      const first = await text(t.admin, body, headers);
      expect(JSON.parse(first).data.customerCreate).toMatchObject({
        customer: { name: '华信', version: 1 },
        userErrors: [],
      });
      // what has happened since does not show in the answer
      await t.admin.graph(
        'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "改" }) { userErrors { code } } }',
        { id: JSON.parse(first).data.customerCreate.customer.id },
      );
      const before = await written(t);
      expect(await text(t.admin, body, headers)).toBe(first);
      const again = await t.admin.graph.raw(create, { name: '华信' }, headers);
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
      expect(await written(t)).toEqual(before);
    },
  );

  test('the first answer is none that was replayed', async () => {
    const { admin } = await tenant();
    const first = await admin.graph.raw(create, { name: 'A' }, key());
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
  });

  test('fifty at the same moment have one effect and one answer', async () => {
    const t = await tenant();
    const headers = key();
    await t.admin.id();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => t.admin.graph.raw(create, { name: '华信' }, headers)),
    );
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]!.body.data.customerCreate.userErrors).toEqual([]);
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test.each<[string, (by: TestTenant, headers: Record<string, string>) => Promise<Data>]>([
    ['with other values', ({ admin }, headers) => admin.graph.raw(create, { name: 'B' }, headers)],
    [
      'as another operation',
      ({ admin }, headers) => admin.graph.raw(create.replace('createdAt', 'number'), { name: 'A' }, headers),
    ],
    ['by somebody else', ({ manager }, headers) => manager.graph.raw(create, { name: 'A' }, headers)],
  ])('the same key %s is refused and does nothing', async (_how, other) => {
    const t = await tenant();
    const headers = key();
    await t.admin.graph.raw(create, { name: 'A' }, headers);
    const refused = await other(t, headers);
    expect([refused.status, refused.body.data, refused.body.errors[0].extensions.code]).toEqual([
      409,
      undefined,
      'IDEMPOTENCY_KEY_REUSED',
    ]);
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test('tenants do not share keys', async () => {
    const { admin, outsider } = await tenant();
    const headers = key();
    const [one, two] = [
      await admin.graph.raw(create, { name: 'A' }, headers),
      await outsider.graph.raw(create, { name: 'A' }, headers),
    ];
    expect(one.body.data.customerCreate.customer.id).not.toBe(two.body.data.customerCreate.customer.id);
    expect(two.headers.get('idempotency-replayed')).toBeNull();
  });

  test.each<[string, (t: TestTenant, headers: Record<string, string>) => Promise<Data>, Data]>([
    [
      'by a rule',
      ({ admin }, headers) => admin.graph.raw(create, { name: '有了' }, headers),
      expect.objectContaining({
        data: { customerCreate: { customer: null, userErrors: [expect.objectContaining({ code: 'NAME_TAKEN' })] } },
      }),
    ],
    [
      'by rights',
      ({ viewer }, headers) => viewer.graph.raw(create, { name: 'A' }, headers),
      expect.objectContaining({
        errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })],
      }),
    ],
    [
      'by the schema',
      ({ admin }, headers) => admin.graph.raw(create, { name: { a: 1 } }, headers),
      expect.objectContaining({ errors: [expect.objectContaining({ message: expect.stringContaining('$name') })] }),
    ],
  ])('what is refused %s leaves no trace, and the key stays free', async (_how, refused, answer) => {
    const t = await tenant();
    await customer(t.admin, { name: '有了' });
    const [before, keys] = [await written(t), await kept(t)];
    const headers = key();
    expect((await refused(t, headers)).body).toEqual(answer);
    expect([await written(t), await kept(t)]).toEqual([before, keys]);
    const done = await t.admin.graph.raw(create, { name: '新的' }, headers);
    expect([done.body.data.customerCreate.customer.name, done.headers.get('idempotency-replayed')]).toEqual([
      '新的',
      null,
    ]);
  });

  test('of several changes in one operation those that were made are kept with the answer', async () => {
    const t = await tenant();
    const headers = key();
    const both =
      'mutation { a: customerCreate(input: { name: "A" }) { customer { name } userErrors { code } } b: customerCreate(input: { name: "A" }) { customer { name } userErrors { code } } c: customerCreate(input: { name: "C" }) { customer { name } userErrors { code } } }';
    const first = await t.admin.graph.raw(both, {}, headers);
    expect(first.body.data).toEqual({
      a: { customer: { name: 'A' }, userErrors: [] },
      b: { customer: null, userErrors: [{ code: 'NAME_TAKEN' }] },
      c: { customer: { name: 'C' }, userErrors: [] },
    });
    const again = await t.admin.graph.raw(both, {}, headers);
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([first.body, 'true']);
    expect(await written(t)).toEqual({ audit: 2, events: 2, seq: 2 });
  });

  test('without a key nothing is remembered', async () => {
    const t = await tenant();
    for (const name of ['A', 'B'])
      expect(
        (await t.admin.graph.raw(create, { name }, { 'x-request-id': '' })).body.data.customerCreate.customer.name,
      ).toBe(name);
    expect(await kept(t)).toBe(0);
  });

  test('a key is forgotten when its time is over', async () => {
    const t = await tenant();
    const headers = key();
    await t.admin.graph.raw(create, { name: 'A' }, headers);
    const [times] = await t.sql('select extract(epoch from expires_at - at)::int as seconds from idempotency_key');
    expect(times!.seconds).toBe(86_400);
    await t.sql("update idempotency_key set expires_at = now() - interval '1 second'");
    const later = await t.admin.graph.raw(create, { name: 'B' }, headers);
    expect([later.body.data.customerCreate.customer.name, later.headers.get('idempotency-replayed')]).toEqual([
      'B',
      null,
    ]);
    const again = await t.admin.graph.raw(create, { name: 'B' }, headers);
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([later.body, 'true']);
  });
});

describe('in the dialect cell', () => {
  test('a repeated request is a conflict that carries the first answer', async () => {
    const t = await tenant();
    const cell = t.admin.rest('cell');
    const named = { 'x-request-id': 'r-1' };
    const first = await cell.post('/customers', { name: '华信' }, named);
    expect(first.status).toBe(201);
    const conflict = {
      code: 'IDEMPOTENT_CONFLICT',
      message: '幂等冲突：该请求已处理过',
      details: { status: 201, body: first.body },
      requestId: 'r-1',
    };
    for (const body of [{ name: '华信' }, { name: '另一个' }]) {
      const again = await cell.post('/customers', body, named);
      expect([again.status, again.body]).toEqual([409, conflict]);
    }
    const others = await t.manager.rest('cell').post('/customers', { name: '华信' }, named);
    expect([others.status, others.body.code, others.body.details]).toEqual([409, 'IDEMPOTENT_CONFLICT', '']);
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test('every kind of write is remembered, and reads are not', async () => {
    const t = await tenant();
    const cell = t.admin.rest('cell');
    const { customerId } = (await cell.post('/customers', { name: '华信' })).body;
    const path = `/customers/${customerId}`;
    for (let round = 0; round < 2; round += 1) {
      expect((await cell.get(path, { 'x-request-id': 'g' })).status).toBe(200);
      expect((await cell.patch(path, { name: '华信二' }, { 'x-request-id': 'p' })).status).toBe(
        round === 0 ? 200 : 409,
      );
    }
    expect((await cell.delete(path, undefined, { 'x-request-id': 'd' })).status).toBe(200);
    const again = await cell.delete(path, undefined, { 'x-request-id': 'd' });
    expect([again.status, again.body.details]).toEqual([409, { status: 200, body: { customerId, deleted: true } }]);
    expect(await written(t)).toEqual({ audit: 3, events: 3, seq: 3 });
  });

  test('fifty at the same moment have one effect', async () => {
    const t = await tenant();
    await t.admin.id();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        t.admin.rest('cell').post('/customers', { name: '华信' }, { 'x-request-id': 'same' }),
      ),
    );
    const first = answers.filter(({ status }) => status === 201);
    expect(first).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409).map(({ body }) => body.details)).toEqual(
      Array.from({ length: 49 }, () => ({ status: 201, body: first[0]!.body })),
    );
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test('what was refused leaves no trace, and the request id stays free', async () => {
    const t = await tenant();
    const cell = t.admin.rest('cell');
    const named = { 'x-request-id': 'r-1' };
    expect((await cell.post('/customers', { name: ' ' }, named)).status).toBe(400);
    expect(await kept(t)).toBe(0);
    expect((await cell.post('/customers', { name: '华信' }, named)).status).toBe(201);
  });
});

describe('with several servers', () => {
  test('fifty at the same moment, spread over two servers, have one effect', async () => {
    const t = await tenant();
    const [other] = await furtherServers(1);
    await t.admin.id();
    const headers = { authorization: `Bearer ${t.admin.token}`, ...key() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        send('POST', `${index % 2 ? other : ''}/graphql`, headers, {
          query: create,
          variables: { name: '华信' },
        }),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]!.body.data.customerCreate.userErrors).toEqual([]);
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test('what a server committed before it was killed is answered by another one, and done once', async () => {
    const t = await tenant();
    const way = await wayTo(serverUrl());
    const doomed = await startAnother({ ...plain(), CRM_DATABASE_URL: way.url });
    try {
      await t.admin.id();
      const headers = { authorization: `Bearer ${t.admin.token}`, ...key() };
      const request = { query: create, variables: { name: '华信' } };
      // the server knows the user, so that its next commit is the change
      await send('POST', `${doomed.address}/graphql`, headers, { query: '{ viewer { roles } }' });
      const held = way.withhold();
      const lost = send('POST', `${doomed.address}/graphql`, headers, request);
      const failure = lost.catch((error: Error) => error.message);
      await held;
      expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
      await doomed.kill();
      expect(await failure).toBe('fetch failed');
      const again = await send('POST', '/graphql', headers, request);
      const [stored] = await t.sql('select id::text, name from customer');
      expect([again.status, again.headers.get('idempotency-replayed'), again.body.data.customerCreate]).toEqual([
        200,
        'true',
        { customer: expect.objectContaining({ ...stored, version: 1 }), userErrors: [] },
      ]);
      expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
    } finally {
      await doomed.kill();
      way.close();
    }
  });
});
