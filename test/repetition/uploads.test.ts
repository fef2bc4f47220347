import { send } from '../support/http.js';
import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';
import { contents, upload } from '../support/upload.js';

const named = { 'idempotency-key': 'u-1' };
const kept = async ({ sql }: TestTenant): Promise<Data> =>
  (await sql('select (select count(*)::int from file) files, (select count(*)::int from idempotency_key) keys'))[0];

test('an upload that is repeated under its key is recorded once and answered as the first time', async () => {
  const t = await tenant();
  const first = await upload(t.admin, 'a.txt', contents['a.txt'], {}, named);
  const again = await upload(t.admin, 'a.txt', contents['a.txt'], {}, named);
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
  expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([200, first.body, 'true']);
  expect([await kept(t), await written(t)]).toEqual([
    { files: 1, keys: 1 },
    { audit: 1, events: 1, seq: 1 },
  ]);
  // the content of the first is still there
  expect((await send('GET', first.body.data.url, { authorization: `Bearer ${t.admin.token}` })).body).toBe(
    '0123456789',
  );
});

test.each<[string, string, Uint8Array | string, Data]>([
  ['content', 'a.txt', 'other', {}],
  ['name', 'b.txt', contents['a.txt'], {}],
  ['member', 'a.txt', contents['a.txt'], { contract: '' }],
])('another %s under the same key is refused and leaves nothing', async (_what, name, content, fields) => {
  const t = await tenant();
  const { id } = await contract(t.admin, { name: '框架', customer: (await customer(t.admin, { name: '华信' })).id });
  expect((await upload(t.admin, 'a.txt', contents['a.txt'], {}, named)).status).toBe(200);
  const before = [await kept(t), await written(t)];
  const refused = await upload(t.admin, name, content, 'contract' in fields ? { contract: id } : {}, named);
  expect([refused.status, refused.body]).toEqual([
    409,
    { code: 409, message: 'The key has already been used for another request.', data: null },
  ]);
  expect([await kept(t), await written(t)]).toEqual(before);
});

test('twenty uploads at the same moment are recorded once', async () => {
  const t = await tenant();
  await t.admin.id();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => upload(t.admin, 'a.txt', contents['a.txt'], {}, named)),
  );
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
  expect(await kept(t)).toEqual({ files: 1, keys: 1 });
});

test('an upload that was refused leaves its key free', async () => {
  const t = await tenant();
  expect((await upload(t.admin, 'a.exe', 'MZ', {}, named)).status).toBe(415);
  expect(
    (await upload(t.admin, 'a.txt', 'x', { contract: '01890000-0000-7000-8000-000000000000' }, named)).status,
  ).toBe(400);
  expect((await upload(t.admin, 'a.txt', 'x', {}, named)).status).toBe(200);
});

describe('in every dialect', () => {
  const creations: Record<Dialect, [path: string, body: object, other: object, status: number]> = {
    erp: ['/accounts', { name: '华信' }, { name: '另一个' }, 200],
    cell: ['/customers', { name: '华信' }, { name: '另一个' }, 201],
    lifecycle: [
      '/customers',
      { customer_name: '华信', customer_type: 1 },
      { customer_name: '另一个', customer_type: 1 },
      200,
    ],
    platform: ['/customers/', { name: '华信' }, { name: '另一个' }, 201],
  };

  test.each(Object.keys(creations) as Dialect[])(
    '%s: a repetition has no effect, another request under the key is refused, and a key too long is',
    async (dialect) => {
      const t = await tenant();
      const [path, body, other, status] = creations[dialect];
      const rest = t.admin.rest(dialect);
      const first = await rest.post(path, body, named);
      expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([status, null]);
      const again = await rest.post(path, body, named);
      if (dialect === 'cell')
        expect([again.status, again.body.code, again.body.details]).toEqual([
          409,
          'IDEMPOTENT_CONFLICT',
          { status, body: first.body },
        ]);
      else
        expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
          status,
          first.body,
          'true',
        ]);
      const refused = await rest.post(path, other, named);
      expect(refused.status).toBe({ erp: 400, cell: 409, lifecycle: 409, platform: 400 }[dialect]);
      const long = await rest.post(path, other, { 'idempotency-key': 'k'.repeat(201) });
      expect([long.status, JSON.stringify(long.body)]).toEqual([400, expect.stringContaining('Idempotency-Key')]);
      expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
      expect((await rest.post(path, other, { 'idempotency-key': 'k'.repeat(200) })).status).toBe(status);
    },
  );

  test('an import counts as one request', async () => {
    const t = await tenant();
    const items = { items: [{ name: '甲' }, { name: '甲' }, { name: '乙' }] };
    const first = await t.admin.rest('cell').post('/customers/import', items, named);
    expect([first.body.created, first.body.errors]).toEqual([2, 1]);
    const again = await t.admin.rest('cell').post('/customers/import', items, named);
    expect(again.body.details ?? again.body).toEqual(
      again.status === 409 ? { status: first.status, body: first.body } : first.body,
    );
    expect(await t.sql('select name from customer order by number')).toEqual([{ name: '甲' }, { name: '乙' }]);
  });
});

test('a key too long for the graph is refused, before anything is done', async () => {
  const t = await tenant();
  const refused = await t.admin.graph.raw(
    'mutation { customerCreate(input: { name: "A" }) { userErrors { code } } }',
    {},
    { 'idempotency-key': 'k'.repeat(201) },
  );
  expect([
    refused.status,
    refused.body.data,
    refused.body.errors[0].extensions.code,
    refused.body.errors[0].message,
  ]).toEqual([400, undefined, 'TOO_LONG', 'Idempotency-Key is longer than 200 characters.']);
  expect(await t.sql('select 1 from customer')).toEqual([]);
});
