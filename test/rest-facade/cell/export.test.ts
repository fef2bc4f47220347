import { readCsv } from '../../support/csv.js';
import { customer, opportunity } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';

/** Records of a CSV file, without its byte order mark. */
const lines = (text: string): string[][] => readCsv(text.replace(/^\uFEFF/, ''));

test('customers are exported in pages of JSON', async () => {
  const { admin } = await tenant();
  for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
  const page = async (query: string): Promise<Data> => (await admin.rest('cell').get(`/customers/export${query}`)).body;
  const whole = await page('');
  expect([whole.data.map(({ name }: Data) => name), whole.total, whole.page, whole.pageSize]).toEqual([
    ['丙', '乙', '甲'],
    3,
    1,
    1000,
  ]);
  expect((await page('?page=2&pageSize=2')).data.map(({ name }: Data) => name)).toEqual(['甲']);
  expect((await page('?format=xml&keyword=乙')).total).toBe(1);
  expect((await page('?pageSize=5001')).code).toBe('BAD_REQUEST');
});

test('customers are exported as CSV, with byte order mark, headings and phones masked; nothing in it is a formula', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '=1+1', phone: '13800138000', email: 'a@example.com' });
  await customer(admin, { name: '甲, "乙"\n丙' });
  const { status, headers, body } = await admin.rest('cell').get('/customers/export?format=CSV');
  expect([
    status,
    headers.get('content-type'),
    headers.get('content-disposition'),
    headers.get('x-api-dialect'),
  ]).toEqual([200, 'text/csv; charset=utf-8-sig', 'attachment; filename=customers.csv', 'cell']);
  expect(headers.get('x-response-time')).toMatch(/^\d+$/);
  const answer = await fetch(`${process.env['CRM_TEST_ADDRESS']}/customers/export?format=csv`, {
    headers: { authorization: `Bearer ${admin.token}` },
  });
  expect([...new Uint8Array(await answer.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const at = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.000\\+08:00';
  expect(body).toMatch(
    new RegExp(
      `^\uFEFF?客户ID,名称,联系电话,邮箱,状态,创建时间\r\n[0-9a-f-]{36},"甲, ""乙""\n丙",,,1,${at}\r\n${id},'=1\\+1,138\\*{4}8000,a@example.com,1,${at}\r\n$`,
    ),
  );
});

test.each<[name: string, shown: string]>([
  ['=HYPERLINK("http://x","甲")', '\'=HYPERLINK("http://x","甲")'],
  ['+86 公司', "'+86 公司"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1+1', "'＝1+1"],
  ['－甲', "'－甲"],
  ['甲;=1+1', '甲;=1+1'],
  ['甲\t=1+1', '甲\t=1+1'],
  ['甲\r\n=1+1', '甲\r\n=1+1'],
  ["'=1+1", "'=1+1"],
  ['甲"乙', '甲"乙'],
  ['甲=乙', '甲=乙'],
])('a customer called %j is the text %j of one field', async (name, shown) => {
  const { admin } = await tenant();
  await customer(admin, { name, email: '=cmd@example.com' });
  const [, row] = lines((await admin.rest('cell').get('/customers/export?format=csv')).body);
  expect([row![1], row![3]]).toEqual([shown, "'=cmd@example.com"]);
  const raw = (await admin.rest('cell').get('/customers/export?format=csv')).body as string;
  if (/[,;"\t\r\n]/.test(shown)) expect(raw).toContain(`,"${shown.replaceAll('"', '""')}",`);
});

test('opportunities are exported as CSV: whole, of one customer, or one page', async () => {
  const { admin } = await tenant();
  const { id: customerId } = await customer(admin, { name: '甲' });
  const { id: other } = await customer(admin, { name: '乙' });
  const { id } = await opportunity(admin, {
    name: '一',
    customer: customerId,
    amount: { amount: '12.50' },
    stage: 'CLOSED_WON',
  });
  await opportunity(admin, { name: '二', customer: other });
  const exported = async (query: string): Promise<string[][]> =>
    lines((await admin.rest('cell').get(`/opportunities/export?format=csv${query}`)).body);
  const [headings, , first] = await exported('');
  expect(headings).toEqual(['商机ID', '客户ID', '标题', '金额(分)', '币种', '阶段', '状态', '创建时间']);
  expect(first).toEqual([id, customerId, '一', '1250', 'CNY', '5', '2', expect.stringMatching(/\+08:00$/)]);
  expect((await exported(`&customerId=${other}`)).slice(1).map(([, , title]) => title)).toEqual(['二']);
  expect((await exported('&page=2&pageSize=1')).slice(1).map(([, , title]) => title)).toEqual(['一']);
});

test('a list longer than a portion is sent whole, each row once', async () => {
  const { admin } = await tenant();
  const items = Array.from({ length: 1201 }, (_, index) => ({ name: `客户${index}` }));
  expect((await admin.rest('cell').post('/customers/import', { items })).body.created).toBe(1201);
  const { body } = await admin.rest('cell').get('/customers/export?format=csv');
  const names = lines(body)
    .slice(1)
    .map(([, name]) => name);
  expect([names.length, new Set(names).size, names[0], names.at(-1)]).toEqual([1201, 1201, '客户1200', '客户0']);
}, 60_000);

test('who may not export is refused, and an empty list is a file of headings', async () => {
  const { admin, viewer, sales, manager } = await tenant();
  for (const by of [viewer, sales]) {
    for (const path of ['/customers/export', '/customers/export?format=csv', '/opportunities/export']) {
      const { status, body } = await by.rest('cell').get(path);
      expect([status, body]).toEqual([
        403,
        { code: 'FORBIDDEN', message: '没有权限执行此操作', details: '', requestId: expect.any(String) },
      ]);
    }
  }
  for (const by of [admin, manager])
    expect(lines((await by.rest('cell').get('/opportunities/export?format=csv')).body)).toHaveLength(1);
  expect((await admin.rest('cell').get('/customers/export?format=csv&status=9')).body.code).toBe('BAD_REQUEST');
});
