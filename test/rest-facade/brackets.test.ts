import { send } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// Widespread HTTP clients write lists as `status[]=1` or `status[0]=1`: that is `status=1`, for every parameter of every row.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲', status: 'ACTIVE', industry: '软件', tier: 'GOLD' });
  await customer(t.admin, { name: '乙', status: 'LOST', industry: '制造', tier: 'BRONZE' });
});

const ask = (dialect: Dialect, path: string): Promise<Data> =>
  send('GET', path, {
    authorization: `Bearer ${t.admin.token}`,
    'x-api-dialect': dialect,
    ...(dialect === 'cell' && { 'x-tenant-id': t.code }),
  });

/** A value that the parameter takes; one that is no list of words. */
const valueFor = ({ enum: values, type, default: preset, anyOf }: Data): string =>
  String(values?.[0] ?? preset ?? (anyOf ? valueFor(anyOf[0]) : type === 'integer' || type === 'number' ? 1 : '甲'));

const timeless = ({ status, body }: Data): string =>
  JSON.stringify([status, body])
    .replace(/"(timestamp|trace_id|requestId)":"[^"]*"/g, '')
    .replace(/%5B\d*%5D|\[\d*\]/g, '');

test.each<Dialect>(['erp', 'cell', 'lifecycle', 'platform'])(
  'every parameter of every list of %s means the same with brackets',
  async (dialect) => {
    const { paths } = (await send('GET', `/api/v1/schema/?format=json&dialect=${dialect}`)).body;
    let compared = 0;
    for (const [path, { get }] of Object.entries(paths as Data) as Array<[string, Data]>) {
      if (!get || path.includes('{')) continue;
      const parameters = get.parameters.filter(
        (parameter: Data) => parameter.in === 'query' && parameter.name !== 'format',
      );
      const required = parameters.filter((parameter: Data) => parameter.required);
      const rest = (name: string): string =>
        required
          .filter((parameter: Data) => parameter.name !== name)
          .map(
            (parameter: Data) =>
              `&${parameter.name}=${encodeURIComponent(valueFor(parameter.schema.items ?? parameter.schema))}`,
          )
          .join('');
      for (const { name, schema } of parameters) {
        const value = encodeURIComponent(valueFor(schema.items ?? schema));
        const plain = timeless(await ask(dialect, `${path}?${name}=${value}${rest(name)}`));
        for (const written of [`${name}[]`, `${name}%5B%5D`, `${name}[0]`])
          expect([path, written, timeless(await ask(dialect, `${path}?${written}=${value}${rest(name)}`))]).toEqual([
            path,
            written,
            plain,
          ]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(10);
  },
  120_000,
);

test.each<[Dialect, string, (body: Data) => number]>([
  ['erp', '/api/v1/crm/accounts?status[]=inactive', ({ data }) => data.list.length],
  ['cell', '/api/v1/crm/customers?status[]=2', ({ total }) => total],
  ['cell', '/customers?status%5B%5D=2', ({ total }) => total],
  ['lifecycle', '/api/v1/customers?status[]=3', ({ data }) => data.total],
  ['platform', '/api/v1/customers/?status[]=lost', ({ data }) => data.count],
])('and filters: %s GET %s', async (dialect, path, count) => {
  const { status, body } = await ask(dialect, path);
  expect([status, count(body)]).toEqual([200, 1]);
});

test('several of them are one list', async () => {
  const { body } = await ask('lifecycle', '/api/v1/customers?status[]=2&status[]=3');
  expect(body.data.total).toBe(2);
});
