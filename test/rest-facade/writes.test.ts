import { customer, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

/** How each dialect changes the name of a customer, and clears its region or phone. */
const updates: Array<[Dialect, 'put' | 'patch', path: (record: Data) => string, name: string]> = [
  ['erp', 'put', ({ id }) => `/accounts/${id}`, 'name'],
  ['cell', 'patch', ({ id }) => `/customers/${id}`, 'name'],
  ['lifecycle', 'put', ({ number }) => `/customers/${number}`, 'customer_name'],
  ['platform', 'put', ({ number }) => `/customers/${number}/`, 'name'],
  ['platform', 'patch', ({ number }) => `/customers/${number}/`, 'name'],
];

describe.each(updates)('in the dialect %s, by %s', (dialect, method, path, field) => {
  test('twelve changes at once without If-Match all succeed, and the last one is stored', async () => {
    const record = await customer(t.admin, { name: `${dialect} ${method} 0` });
    const names = Array.from({ length: 12 }, (_, index) => `${dialect} ${method} ${index + 1}`);
    const answers = await Promise.all(
      names.map((name) => t.admin.rest(dialect)[method](path(record), { [field]: name })),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    const [stored] = await t.sql('select name, version from customer where id = $1', [record.id]);
    expect(names).toContain(stored!['name']);
    expect(stored!['version']).toBe(record.version + 12);
  });

  test('If-None-Match: * refuses a change or deletion of what exists, and nothing is written', async () => {
    const record = await customer(t.admin, { name: `${dialect} ${method} 有` });
    const before = await written(t);
    const rest = t.admin.rest(dialect);
    const headers = { 'if-none-match': '*' };
    const status = dialect === 'cell' ? 409 : 412;
    const changed = await rest[method](path(record), { [field]: '改' }, headers);
    expect(changed.status).toBe(status);
    expect((await rest.delete(path(record), undefined, headers)).status).toBe(status);
    const { headers: shown } = await rest.get(path(record));
    const etag = { 'if-none-match': shown.get('etag')! };
    expect((await rest[method](path(record), { [field]: '改' }, etag)).status).toBe(status);
    expect(await written(t)).toEqual(before);
    const gone = path({ id: '01957d3c-8f5e-7b6a-9c1d-2e3f4a5b6c7d', number: 99_999_999 });
    expect((await rest[method](gone, { [field]: '改' }, headers)).status).toBe(404);
    expect(
      (await rest[method](path(record), { [field]: `${dialect} ${method} 改了` }, { 'if-none-match': '"other"' }))
        .status,
    ).toBe(200);
  });

  test('an answer that is replayed carries the tag of the first one', async () => {
    const record = await customer(t.admin, { name: `${dialect} ${method} 重放` });
    const key = { 'idempotency-key': `${dialect}-${method}` };
    const rest = t.admin.rest(dialect);
    const first = await rest[method](path(record), { [field]: `${dialect} ${method} 一次` }, key);
    const again = await rest[method](path(record), { [field]: `${dialect} ${method} 一次` }, key);
    if (dialect === 'cell') expect(again.status).toBe(409);
    else {
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
      expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
      expect(first.headers.get('etag')).toMatch(/^"\d+-/);
    }
  });

  test('X-Request-ID makes a write happen once in the cell alone', async () => {
    const id = { 'x-request-id': `mesh-${dialect}-${method}` };
    const records = [
      await customer(t.admin, { name: `${dialect} ${method} 甲` }),
      await customer(t.admin, { name: `${dialect} ${method} 乙` }),
    ];
    const statuses = [];
    for (const record of records)
      statuses.push(
        (await t.admin.rest(dialect)[method](path(record), { [field]: `${dialect} ${method} ${record.number}` }, id))
          .status,
      );
    expect(statuses).toEqual(dialect === 'cell' ? [200, 409] : [200, 200]);
  });
});

test('one request id with many writes of the graph is no repetition', async () => {
  const create = (name: string): Promise<Data> =>
    t.admin.graph.raw(
      'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { name } } }',
      { name },
      { 'x-request-id': 'mesh-graph' },
    );
  for (const name of ['图一', '图二']) expect((await create(name)).body.data.customerCreate.customer).toEqual({ name });
});

describe('a merge patch clears with null, or is refused as such', () => {
  test.each<[Dialect, 'put' | 'patch', (record: Data) => string, Data, column: string, status: number]>([
    ['erp', 'put', ({ id }) => `/accounts/${id}`, { region: null }, 'region', 200],
    ['cell', 'patch', ({ id }) => `/customers/${id}`, { contactPhone: null }, 'phone', 415],
    ['lifecycle', 'put', ({ number }) => `/customers/${number}`, { address: null }, 'address', 200],
    ['platform', 'patch', ({ number }) => `/customers/${number}/`, { primary_contact_phone: null }, 'phone', 200],
  ])('%s', async (dialect, method, path, body, column, status) => {
    const value = column === 'phone' ? '13800138000' : '上海';
    const record = await customer(t.admin, { name: `${dialect} 合并`, [column]: value });
    const patch = { 'content-type': 'application/merge-patch+json' };
    expect((await t.admin.rest(dialect)[method](path(record), body, patch)).status).toBe(status);
    const [stored] = await t.sql(`select ${column} as value from customer where id = $1`, [record.id]);
    expect(stored!['value']).toBe(status === 200 ? null : value);
    const operations = { 'content-type': 'application/json-patch+json' };
    const refused = await t.admin.rest(dialect)[method](path(record), '[]', operations);
    expect(refused.status).toBe(dialect === 'erp' ? 400 : 415);
  });
});
