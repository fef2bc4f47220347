import { customer } from '../../support/records.js';
import { tenant, type Actor } from '../../support/tenant.js';
import { sheetsOf, type Sheet } from '../../support/workbook.js';

const headings = [
  '客户编码',
  '客户名称',
  '客户类型',
  '行业',
  '规模',
  '客户等级',
  '状态',
  '健康度',
  '客户价值',
  '客户经理',
  '来源',
  '最近联系时间',
  '下次续约日期',
  '创建时间',
];
const excel = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const exported = (by: Actor, query = ''): Promise<Response> =>
  fetch(`${process.env['CRM_TEST_ADDRESS']}/api/v1/customers/export${query}`, {
    headers: { authorization: `Bearer ${by.token}` },
  });

/** The only sheet of an exported workbook. */
async function sheet(by: Actor, query = ''): Promise<Sheet> {
  const answer = await exported(by, query);
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
    200,
    excel,
    'attachment; filename=customers.xlsx',
  ]);
  const sheets = await sheetsOf(answer);
  expect(sheets.map(({ name }) => name)).toEqual(['客户']);
  return sheets[0]!;
}

/** The values of a column below its heading. */
const column = ({ rows }: Sheet, number: number): unknown[] => rows.slice(1).map((row) => row[number - 1]);

test('customers are exported as an Excel workbook with typed columns, unless asked otherwise', async () => {
  const { admin } = await tenant();
  const { viewer } = await admin.graph('{ viewer { user { number name } } }');
  const { body } = await admin.rest('lifecycle').post('/customers', {
    customer_name: '=1+1',
    customer_type: 2,
    industry: '软件',
    scale: '中型',
    level: 3,
    source: '官网',
    assigned_manager_id: viewer.user.number,
  });
  const { data } = await admin
    .rest('lifecycle')
    .get(`/customers/${body.data.customer_id}`)
    .then((answer) => answer.body);
  const found = await sheet(admin);
  expect(found.rows[0]).toEqual(
    headings.map((heading) => (heading.endsWith('时间') ? `${heading} (Asia/Shanghai)` : heading)),
  );
  expect(found.rows).toHaveLength(2);
  // what the clocks in Shanghai show, eight hours ahead: sheets know no time zones
  const created = new Date(Date.parse(data.customer_info.created_at as string) + 8 * 3_600_000);
  const row = found.rows[1]!;
  expect(headings.map((_, index) => row[index])).toEqual([
    data.customer_info.customer_code,
    '=1+1',
    '政府',
    '软件',
    '中型',
    'VIP',
    '潜在',
    75,
    data.customer_info.ltv,
    viewer.user.name,
    '官网',
    null,
    null,
    expect.any(Date),
  ]);
  // Excel keeps instants as fractions of days
  expect(Math.abs((row[13] as Date).getTime() - created.getTime())).toBeLessThan(2);
  expect([9, 12, 13, 14].map((number) => found.formats[number - 1])).toEqual([
    '#,##0.00',
    'yyyy-mm-dd hh:mm:ss',
    'yyyy-mm-dd',
    'yyyy-mm-dd hh:mm:ss',
  ]);
  expect(found.widths).toEqual([22, 32, 10, 16, 12, 10, 10, 10, 16, 14, 14, 20, 14, 20]);
});

test('customers are exported as CSV with byte order mark; nothing in it is a formula', async () => {
  const { admin } = await tenant();
  const { code } = await customer(admin, { name: '=1+1' });
  const answer = await exported(admin, '?format=csv');
  expect([
    answer.status,
    answer.headers.get('content-type'),
    answer.headers.get('content-disposition'),
    answer.headers.get('x-api-dialect'),
  ]).toEqual([200, 'text/csv; charset=utf-8', 'attachment; filename=customers.csv', 'lifecycle']);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const [first, second, ...rest] = bytes.subarray(3).toString().split('\r\n');
  expect([first, rest]).toEqual([headings.join(','), ['']]);
  expect(second!.split(',').slice(0, 3)).toEqual([code, "'=1+1", '企业']);
});

test('status and level choose what is exported, repeated or with commas', async () => {
  const { admin } = await tenant();
  const levels = { BRONZE: '甲', SILVER: '乙', GOLD: '丙' };
  for (const [tier, name] of Object.entries(levels)) await customer(admin, { name, tier });
  await customer(admin, { name: '丁', status: 'LOST' });
  const names = async (query: string): Promise<unknown[]> => column(await sheet(admin, query), 2).toSorted();
  expect(await names('?level=2&level=3')).toEqual(['丙', '乙']);
  expect(await names('?level=2,3&format=EXCEL')).toEqual(['丙', '乙']);
  expect(await names('?status=3')).toEqual(['丁']);
  expect(await names('?status=3&level=2')).toEqual([]);
});

test('a list longer than a portion is in the workbook whole, each row once', async () => {
  const { admin } = await tenant();
  const items = Array.from({ length: 1201 }, (_, index) => ({ name: `客户${index}` }));
  expect((await admin.rest('cell').post('/customers/import', { items })).body.created).toBe(1201);
  const names = column(await sheet(admin), 2);
  expect([names.length, new Set(names).size, names[0], names.at(-1)]).toEqual([1201, 1201, '客户1200', '客户0']);
}, 60_000);

test('who may not export is refused, as is what means nothing', async () => {
  const { admin, viewer, sales, manager } = await tenant();
  for (const by of [viewer, sales]) {
    const { status, body } = await by.rest('lifecycle').get('/customers/export');
    expect([status, body.code, body.error_code]).toEqual([403, 403, 'FORBIDDEN']);
  }
  for (const [query, field] of [
    ['format=pdf', 'format'],
    ['status=9', 'status'],
    ['level=x&format=csv', 'level'],
  ]) {
    const { status, body } = await admin.rest('lifecycle').get(`/customers/export?${query}`);
    expect([status, body.error_code, body.errors.map((error: { field: string }) => error.field)]).toEqual([
      400,
      'INVALID_PARAMETER',
      [field],
    ]);
  }
  expect((await sheet(manager)).rows).toHaveLength(1);
});
