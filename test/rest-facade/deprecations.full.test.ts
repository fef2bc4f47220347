import { readConfig } from '../../src/config.js';
import { dialects } from '../../rest-facade/index.js';
import { send, token, type Answer } from '../support/http.js';
import { parseMetrics } from '../support/prometheus.js';
import { plain, startAnother, type Started } from '../support/server.js';
import { bases, tenant, type Data, type TestTenant } from '../support/tenant.js';

// What is deprecated says so: in `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` of every answer, whatever its
// status, and in the OpenAPI documents.

jest.setTimeout(180_000);

const link = 'https://example.com/从/erp';
let server: Started;
let t: TestTenant;

beforeAll(async () => {
  t = await tenant();
  server = await startAnother({
    ...plain(),
    CRM_DEPRECATIONS:
      'erp=2026-07-01/2027-07-01, erp GET /accounts=2026-08-01, cell GET /customers/:id=2026-07-01/2026-07-01, cell POST /customers=2025-01-01,lifecycle GET /customers=2026-01-31/2028-02-29,platform GET /customers/=2024-02-29',
    CRM_DEPRECATION_LINK: link,
  });
});
afterAll(() => server?.stop());

const july2026 = '@1782864000';
const july2027 = 'Thu, 01 Jul 2027 00:00:00 GMT';

const ask = (method: string, path: string, dialect: string, body?: unknown, token = t.admin.token): Promise<Answer> =>
  send(method, server.address! + path, { authorization: `Bearer ${token}`, 'x-api-dialect': dialect }, body);

const said = ({ headers }: Answer): Array<string | null> => [headers.get('deprecation'), headers.get('sunset')];

test.each<
  [what: string, dialect: keyof typeof bases, method: string, path: string, status: number, said: Array<string | null>]
>([
  ['a row of a dialect', 'erp', 'GET', '/contacts', 200, [july2026, july2027]],
  ['a row that is named beside its dialect', 'erp', 'GET', '/accounts', 200, ['@1785542400', null]],
  ['a refused row of a dialect', 'erp', 'GET', '/accounts/99', 404, [july2026, july2027]],
  ['what a dialect does not have', 'erp', 'GET', '/nothing', 404, [july2026, july2027]],
  ['a refused write of a dialect', 'erp', 'POST', '/accounts', 400, [july2026, july2027]],
  ['a row', 'cell', 'GET', '/customers/99', 404, [july2026, 'Wed, 01 Jul 2026 00:00:00 GMT']],
  ['a refused write', 'cell', 'POST', '/customers', 400, ['@1735689600', null]],
  ['another row', 'cell', 'GET', '/customers', 200, [null, null]],
  ['another method', 'cell', 'PUT', '/customers/99', 404, [null, null]],
  ['what a dialect does not have, of which rows are deprecated', 'cell', 'GET', '/nothing', 404, [null, null]],
  ['a list', 'lifecycle', 'GET', '/customers', 200, ['@1769817600', 'Tue, 29 Feb 2028 00:00:00 GMT']],
  ['a refused page', 'lifecycle', 'GET', '/customers?page=0', 400, ['@1769817600', 'Tue, 29 Feb 2028 00:00:00 GMT']],
  ['the head of a list', 'lifecycle', 'HEAD', '/customers', 200, ['@1769817600', 'Tue, 29 Feb 2028 00:00:00 GMT']],
  ['a list with a slash', 'platform', 'GET', '/customers/', 200, ['@1709164800', null]],
  ['another row with a slash', 'platform', 'GET', '/customers/statistics/', 200, [null, null]],
])('%s: %s %s %s', async (_what, dialect, method, path, status, expected) => {
  const answer = await ask(
    method,
    bases[dialect] + path,
    dialect,
    method === 'POST' || method === 'PUT' ? {} : undefined,
  );
  expect([answer.status, said(answer)]).toEqual([status, expected]);
  const [since, until] = expected;
  expect(answer.headers.get('link')).toBe(
    since
      ? [
          `<${new URL(link).href}>; rel="deprecation"; type="text/html"`,
          ...(until ? [`<${new URL(link).href}>; rel="sunset"; type="text/html"`] : []),
        ].join(', ')
      : null,
  );
});

test.each(['erp', 'cell', 'lifecycle', 'platform'] as const)(
  'who is not let in learns it as well: %s',
  async (dialect) => {
    const row = { erp: '/accounts', cell: '/customers/1', lifecycle: '/customers', platform: '/customers/' }[dialect];
    const answer = await ask('GET', bases[dialect] + row, dialect, undefined, 'nobody');
    expect([answer.status, said(answer)[0]]).toEqual([401, expect.stringMatching(/^@\d+$/)]);
  },
);

test('pages of other origins may read it', async () => {
  const answer = await send('GET', `${server.address}/api/v1/crm/accounts`, {
    origin: 'https://crm.example.com',
    authorization: `Bearer ${t.admin.token}`,
  });
  expect(answer.headers.get('access-control-expose-headers')!.split(',')).toEqual(
    expect.arrayContaining(['deprecation', 'link', 'sunset']),
  );
});

test('the documents mark what is deprecated and nothing else', async () => {
  const marked = async (name: string): Promise<string[]> => {
    const { paths } = (await send('GET', `${server.address}/api/v1/schema/?format=json&dialect=${name}`)).body as Data;
    return Object.entries(paths as Record<string, Record<string, Data>>).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { deprecated, description }]) =>
        deprecated ? [`${method.toUpperCase()} ${path}${/ It ends on (\S+)\.$/.exec(description)?.[1] ?? ''}`] : [],
      ),
    );
  };
  expect(await marked('cell')).toEqual(['POST /api/v1/crm/customers', 'GET /api/v1/crm/customers/{id}2026-07-01']);
  expect(await marked('lifecycle')).toEqual(['GET /api/v1/customers2028-02-29']);
  expect(await marked('platform')).toEqual(['GET /api/v1/customers/']);
  const erp = await marked('erp');
  expect(erp).toHaveLength(dialects.find(({ name }) => name === 'erp')!.rows.length);
  expect(erp.filter((row) => !row.endsWith('2027-07-01'))).toEqual(['GET /api/v1/crm/accounts']);
  expect(await marked('all')).toHaveLength(erp.length + 4);
});

test('metrics name the same rows, with the same days', async () => {
  const operator = await token({ sub: 'operator', tenant_id: t.code, roles: ['platform_admin'] });
  const { body } = await send('GET', `${server.address}/metrics/server`, { authorization: `Bearer ${operator}` });
  const all = parseMetrics(String(body));
  const of = (name: string): Map<string, number> =>
    new Map(all.get(name)!.samples.map(({ labels, value }) => [`${labels['channel']} ${labels['operation']}`, value]));
  const day = (text: string): number => Date.parse(text) / 1_000;
  const erp = dialects.find(({ name }) => name === 'erp')!.rows.map(({ method, pattern }) => `${method} ${pattern}`);
  expect(of('crm_deprecation_timestamp_seconds')).toEqual(
    new Map([
      ...erp.map((row): [string, number] => [`erp ${row}`, day(row === 'GET /accounts' ? '2026-08-01' : '2026-07-01')]),
      ['cell POST /customers', day('2025-01-01')],
      ['cell GET /customers/:id', day('2026-07-01')],
      ['lifecycle GET /customers', day('2026-01-31')],
      ['platform GET /customers/', day('2024-02-29')],
    ]),
  );
  expect(of('crm_sunset_timestamp_seconds')).toEqual(
    new Map([
      ...erp.filter((row) => row !== 'GET /accounts').map((row): [string, number] => [`erp ${row}`, day('2027-07-01')]),
      ['cell GET /customers/:id', day('2026-07-01')],
      ['lifecycle GET /customers', day('2028-02-29')],
    ]),
  );
});

test('where nothing is deprecated nothing is said', async () => {
  const answer = await t.admin.rest('erp').get('/accounts');
  expect([...said(answer), answer.headers.get('link')]).toEqual([null, null, null]);
});

test.each(['erp GET /nothing', 'erp POST /accounts/', 'crm'])(
  'a server does not start with %s, which is not there',
  async (name) => {
    const { code, stderr } = await startAnother({ ...plain(), CRM_DEPRECATIONS: `cell=2026-07-01,${name}=2026-07-01` });
    expect([code, stderr]).toEqual([1, `CRM_DEPRECATIONS names "${name}", which is no dialect and no row of one.\n`]);
  },
);

test('every row of every dialect can be named', () => {
  const rows = dialects.flatMap(({ name, rows: all }) =>
    all.map(({ method, pattern }) => ({ dialect: name, row: `${method} ${pattern}` })),
  );
  const text = rows.map(({ dialect, row }) => `${dialect} ${row}=2026-07-01`).join(',');
  expect(readConfig({ CRM_DEPRECATIONS: text }).CRM_DEPRECATIONS.map(({ dialect, row }) => ({ dialect, row }))).toEqual(
    rows,
  );
});
