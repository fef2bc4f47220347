import { customer, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

/** How each dialect reads, changes and deletes a customer, and what it says to a change that was overtaken. */
interface Settings {
  path: (record: Data) => string;
  method: 'put' | 'patch';
  name: string;
  /** the record in an answer */
  read: (body: Data) => Data;
  /** the record in a refusal */
  current: (body: Data) => Data;
  status: number;
  refusal: Data;
}

const dialects: Record<Dialect, Settings> = {
  erp: {
    path: ({ id }) => `/accounts/${id}`,
    method: 'put',
    name: 'name',
    read: ({ data }) => data,
    current: ({ current }) => current,
    status: 412,
    refusal: { code: 412, data: null },
  },
  cell: {
    path: ({ id }) => `/customers/${id}`,
    method: 'patch',
    name: 'name',
    read: (body) => body,
    current: ({ details }) => details.current,
    status: 409,
    refusal: { code: 'CONFLICT', message: '记录已被他人修改，与 If-Match 不符' },
  },
  lifecycle: {
    path: ({ number }) => `/customers/${number}`,
    method: 'put',
    name: 'customer_name',
    read: ({ data }) => data.customer_info ?? data,
    current: ({ current }) => current.customer_info,
    status: 412,
    refusal: { success: false, code: 412, error_code: 'PRECONDITION_FAILED' },
  },
  platform: {
    path: ({ number }) => `/customers/${number}/`,
    method: 'patch',
    name: 'name',
    read: ({ data }) => data,
    current: ({ current }) => current,
    status: 412,
    refusal: { success: false, code: 412, data: null },
  },
};

const strong = /^"\d+-[\w-]{16}"$/;
const versionOf = (etag: string | null): number => Number(/^"(\d+)-/.exec(etag!)![1]);

describe.each(Object.entries(dialects) as Array<[Dialect, Settings]>)(
  'in the dialect %s',
  (dialect, { path, method, name, read, current, status, refusal }) => {
    let t: TestTenant;
    let record: Data;
    let rest: ReturnType<TestTenant['admin']['rest']>;
    const etag = async (): Promise<string> => (await rest.get(path(record))).headers.get('etag')!;
    const named = async (): Promise<Data> => (await t.sql('select name, version, deleted_at from customer'))[0];

    beforeEach(async () => {
      t = await tenant();
      record = await customer(t.admin, { name: '华信', phone: '13800138000' });
      rest = t.admin.rest(dialect);
    });

    test('a record that is read has a strong tag, which is another one after every change', async () => {
      const first = await etag();
      expect([first, versionOf(first)]).toEqual([expect.stringMatching(strong), 1]);
      expect(await etag()).toBe(first);
      expect((await rest.get(path(record))).headers.get('cache-control')).toBe('private, no-cache');
      const changed = await rest[method](path(record), { [name]: '华信二' });
      expect([changed.status, versionOf(changed.headers.get('etag'))]).toEqual([200, 2]);
      expect(versionOf(await etag())).toBe(2);
    });

    test('a tag that the client holds is answered with 304 and nothing else', async () => {
      const first = await etag();
      for (const held of [first, `W/${first}`, `"other", ${first}`, '*']) {
        const answer = await rest.get(path(record), { 'if-none-match': held });
        expect([held, answer.status, answer.body, answer.headers.get('etag')]).toEqual([held, 304, '', first]);
      }
      for (const other of ['"other"', '""', 'nonsense'])
        expect((await rest.get(path(record), { 'if-none-match': other })).status).toBe(200);
      await rest[method](path(record), { [name]: '华信二' });
      const answer = await rest.get(path(record), { 'if-none-match': first });
      expect([answer.status, read(answer.body)[name]]).toEqual([200, '华信二']);
    });

    test('a change goes through with the present tag, one of several, or any', async () => {
      for (const [index, made] of [(tag: string) => tag, (tag: string) => `"1-x", ${tag}`, () => '*'].entries()) {
        const answer = await rest[method](path(record), { [name]: `华信${index}` }, { 'if-match': made(await etag()) });
        expect([answer.status, read(answer.body)?.[name] ?? (await named()).name]).toEqual([200, `华信${index}`]);
      }
      expect(await named()).toEqual({ name: '华信2', version: 4, deleted_at: null });
    });

    test('a change that somebody else has overtaken is refused, does nothing, and shows the record as it is', async () => {
      const stale = await etag();
      await t.manager.graph(
        'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "先到" }) { userErrors { code } } }',
        { id: record.id },
      );
      const before = await written(t);
      const answer = await rest[method](path(record), { [name]: '后到' }, { 'if-match': stale });
      expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(refusal)]);
      expect([current(answer.body)[name], answer.headers.get('etag')]).toEqual(['先到', expect.stringMatching(/^"2-/)]);
      expect([await named(), await written(t)]).toEqual([{ name: '先到', version: 2, deleted_at: null }, before]);
      // with the tag that the refusal carries the change is made
      expect(
        (await rest[method](path(record), { [name]: '后到' }, { 'if-match': answer.headers.get('etag')! })).status,
      ).toBe(200);
    });

    test.each(['W/"1-abc"', '"abc"', 'nonsense', '""'])(
      'a tag that stands for no version is none that matches: %s',
      async (tag) => {
        const answer = await rest[method](path(record), { [name]: '改' }, { 'if-match': tag });
        expect([answer.status, current(answer.body)[name]]).toEqual([status, '华信']);
        expect(await named()).toEqual({ name: '华信', version: 1, deleted_at: null });
      },
    );

    test('a change that is repeated under its key gets the first answer, although its tag is outdated by then', async () => {
      const headers = { 'if-match': await etag(), 'idempotency-key': 'c-1' };
      const first = await rest[method](path(record), { [name]: '改' }, headers);
      const again = await rest[method](path(record), { [name]: '改' }, headers);
      expect(first.status).toBe(200);
      expect(
        dialect === 'cell'
          ? [again.body.code, again.body.details.body]
          : [again.headers.get('idempotency-replayed'), again.body],
      ).toEqual([dialect === 'cell' ? 'IDEMPOTENT_CONFLICT' : 'true', first.body]);
      expect(await named()).toEqual({ name: '改', version: 2, deleted_at: null });
    });

    test('a deletion is held to the tag as well', async () => {
      const stale = await etag();
      await rest[method](path(record), { [name]: '改' });
      const answer = await rest.delete(path(record), undefined, { 'if-match': stale });
      expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(refusal)]);
      expect([current(answer.body)[name], answer.headers.get('etag')]).toEqual(['改', expect.stringMatching(/^"2-/)]);
      expect((await named()).deleted_at).toBeNull();
      expect((await rest.delete(path(record), undefined, { 'if-match': answer.headers.get('etag')! })).status).toBe(
        200,
      );
      expect((await named()).deleted_at).not.toBeNull();
    });

    test('where there is no record, that is what is said', async () => {
      const missing = { id: '01a00000-0000-7000-8000-000000000000', number: 999_999_999 };
      for (const tag of ['*', '"1-abc"'])
        expect((await rest[method](path(missing), { [name]: '改' }, { 'if-match': tag })).status).toBe(404);
    });

    test('of several that change the same version at the same moment one wins, twenty-five times over, and none is lost', async () => {
      const rounds = 25;
      for (let round = 0; round < rounds; round += 1) {
        const tag = await etag();
        const answers = await Promise.all(
          Array.from({ length: 4 }, (_, racer) =>
            rest[method](path(record), { [name]: `${round}-${racer}` }, { 'if-match': tag }),
          ),
        );
        const won = answers.flatMap((answer, racer) => (answer.status === 200 ? [racer] : []));
        expect([answers.map((answer) => answer.status).toSorted(), (await named()).name]).toEqual([
          [200, status, status, status],
          `${round}-${won[0]}`,
        ]);
      }
      expect((await named()).version).toBe(1 + rounds);
    });
  },
);

test('the record in a refusal is masked as its reader sees it', async () => {
  const t = await tenant();
  const record = await customer(t.admin, {
    name: '华信',
    phone: '13800138000',
    creditLimit: { amount: '1000' },
    owner: await t.sales2.id(),
  });
  const other = await customer(t.admin, { name: '无主', phone: '13800138000', creditLimit: { amount: '1000' } });
  const sales = t.sales.rest('erp');
  const refused = await sales.put(`/accounts/${other.id}`, { name: '改' }, { 'if-match': '"7-x"' });
  const seen = await sales.get(`/accounts/${other.id}`);
  expect([refused.status, refused.body.current]).toEqual([412, seen.body.data]);
  expect(JSON.stringify(refused.body)).not.toContain('13800138000');
  expect((await sales.put(`/accounts/${record.id}`, { name: '改' }, { 'if-match': '"7-x"' })).status).toBe(404);
});

test("another dialect's tag holds, and so does one that was shown to somebody else", async () => {
  const t = await tenant();
  const record = await customer(t.admin, { name: '华信', phone: '13800138000' });
  const masked = await t.viewer.rest('erp').get(`/accounts/${record.id}`);
  const plain = await t.admin.rest('erp').get(`/accounts/${record.id}`);
  expect(masked.headers.get('etag')).not.toBe(plain.headers.get('etag'));
  for (const [index, tag] of [masked, plain].entries()) {
    const fitting = tag.headers.get('etag')!.replace(/^"\d+/, `"${index + 1}`);
    expect(
      (
        await t.admin
          .rest('lifecycle')
          .put(`/customers/${record.number}`, { customer_name: `改${index}` }, { 'if-match': fitting })
      ).status,
    ).toBe(200);
  }
});

test('what changes without the record changes the tag of those who read it, and keeps nobody from changing the record', async () => {
  const { admin } = await tenant();
  const record = await customer(admin, { name: '华信' });
  const cell = admin.rest('cell');
  const first = (await cell.get(`/customers/${record.id}/360`)).headers.get('etag')!;
  await cell.post('/contacts', { customerId: record.id, name: '王芳' });
  const second = await cell.get(`/customers/${record.id}/360`, { 'if-none-match': first });
  expect([second.status, second.body.summary.contactCount, versionOf(second.headers.get('etag'))]).toEqual([200, 1, 1]);
  expect((await cell.patch(`/customers/${record.id}`, { name: '改' }, { 'if-match': first })).status).toBe(200);
});

test('a change that cannot be held to a version is refused rather than made blindly', async () => {
  const t = await tenant();
  const record = await customer(t.admin, { name: '华信' });
  const before = await written(t);
  const answer = await t.admin
    .rest('lifecycle')
    .post(`/customers/${record.number}/tags`, { tag_name: '重点' }, { 'if-match': '"1-x"' });
  expect([answer.status, await written(t)]).toEqual([412, before]);
});

test('a creation answers the tag of what it made', async () => {
  const { admin } = await tenant();
  const made = await admin.rest('cell').post('/customers', { name: '华信' });
  const { customerId } = made.body;
  expect(made.headers.get('etag')).toBe((await admin.rest('cell').get(`/customers/${customerId}`)).headers.get('etag'));
});
