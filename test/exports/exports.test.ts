import { readCsv } from '../support/csv.js';
import { token } from '../support/http.js';
import { contact, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';
import { sheetsOf, type Sheet } from '../support/workbook.js';

interface Sent {
  filter?: object;
  orderBy?: object;
}

function exported(
  by: { token: string },
  file: string,
  { filter, orderBy }: Sent = {},
  language = 'zh',
): Promise<Response> {
  const query = new URLSearchParams({
    ...(filter && { filter: JSON.stringify(filter) }),
    ...(orderBy && { orderBy: JSON.stringify(orderBy) }),
  });
  return fetch(`${process.env['CRM_TEST_ADDRESS']}/export/${file}?${query}`, {
    headers: { authorization: `Bearer ${by.token}`, 'accept-language': language },
  });
}

const json = async (by: { token: string }, list: string, sent?: Sent): Promise<Data> =>
  (await exported(by, `${list}.json`, sent)).json();
async function csv(by: { token: string }, list: string, sent?: Sent, language?: string): Promise<string[][]> {
  const bytes = Buffer.from(await (await exported(by, `${list}.csv`, sent, language)).arrayBuffer());
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  return readCsv(bytes.subarray(3).toString());
}

async function sheet(by: Actor, list: string, sent?: Sent): Promise<Sheet> {
  const [first, ...more] = await sheetsOf(await exported(by, `${list}.xlsx`, sent));
  expect(more).toEqual([]);
  return first!;
}

const byNumber = [{ field: 'NUMBER' }];

async function world(): Promise<{ admin: Actor; manager: Actor; sales: Actor; viewer: Actor }> {
  const { admin, manager, sales, viewer } = await tenant();
  const a = await customer(admin, {
    name: '=1+1',
    phone: '13800138000',
    email: 'a@example.com',
    creditLimit: { amount: '1000.50' },
    owner: await sales.id(),
    industry: '软件',
  });
  await customer(admin, { name: '乙, "丙"', status: 'LOST' });
  await contact(admin, {
    name: '王芳',
    mobile: '13900001111',
    customer: a.id,
    position: '经理',
    birthday: '1980-02-29',
  });
  await opportunity(admin, {
    name: '项目',
    customer: a.id,
    amount: { amount: '99.90' },
    expectedCloseOn: '2026-12-31',
  });
  await contract(admin, {
    name: '合同',
    customer: a.id,
    amount: { amount: '12345.67' },
    status: 'IN_FORCE',
    dueOn: '2026-01-31',
  });
  return { admin, manager, sales, viewer };
}

test('each list is exported as JSON, in its own order, with what the graph shows', async () => {
  const { manager } = await world();
  const customers = await json(manager, 'customers', { orderBy: byNumber });
  expect(customers.map(({ name }: Data) => name)).toEqual(['=1+1', '乙, "丙"']);
  expect(customers[0]).toMatchObject({
    accountNo: 'ACC001',
    phone: '13800138000',
    credit: { limit: { amount: '1000.50', currency: 'CNY' } },
    owner: { name: 'sales' },
  });
  expect(await json(manager, 'contacts')).toEqual([
    expect.objectContaining({
      name: '王芳',
      mobile: '13900001111',
      link: expect.objectContaining({ position: '经理', customer: { name: '=1+1', accountNo: 'ACC001' } }),
    }),
  ]);
  expect(await json(manager, 'opportunities')).toEqual([
    expect.objectContaining({
      name: '项目',
      amount: { amount: '99.90', currency: 'CNY' },
      weightedAmount: { amount: '9.99' },
    }),
  ]);
  expect(await json(manager, 'contracts')).toEqual([
    expect.objectContaining({ name: '合同', outstandingAmount: { amount: '12345.67' }, overdue: true }),
  ]);
});

test('filter and order are those of the list', async () => {
  const { manager } = await world();
  const names = async (sent: Sent): Promise<string[]> =>
    (await json(manager, 'customers', sent)).map(({ name }: Data) => name);
  expect(await names({ filter: { status: ['LOST'] } })).toEqual(['乙, "丙"']);
  expect(await names({ filter: { search: '138001' } })).toEqual(['=1+1']);
  expect(await names({ orderBy: [{ field: 'NAME', direction: 'DESC' }] })).toEqual(['乙, "丙"', '=1+1']);
  expect(await names({ filter: { name: '没有' } })).toEqual([]);
});

test("CSV has headings in the caller's language, and nothing in it is a formula", async () => {
  const { manager } = await world();
  const [headings, first, second] = await csv(manager, 'customers', { orderBy: byNumber });
  expect(headings!.slice(0, 3)).toEqual(['客户编号', '客户编码', '客户名称']);
  expect([
    first![0],
    first![2],
    first![headings!.indexOf('电话')],
    first![headings!.indexOf('信用额度')],
    second![2],
  ]).toEqual(['ACC001', "'=1+1", '13800138000', '1000.50', '乙, "丙"']);
  expect((await csv(manager, 'customers', {}, 'en'))[0]!.slice(0, 3)).toEqual([
    'Account number',
    'Customer code',
    'Customer name',
  ]);
  for (const list of ['contacts', 'opportunities', 'contracts']) expect(await csv(manager, list)).toHaveLength(2);
});

test('a workbook has amounts as numbers and days as dates, and texts that look like formulas as texts', async () => {
  const { manager } = await world();
  const customers = await sheet(manager, 'customers', { orderBy: byNumber });
  const [headings, first] = customers.rows;
  const cell = (heading: string): unknown => first![headings!.indexOf(heading)];
  expect([customers.name, cell('客户名称'), cell('信用额度'), cell('健康度')]).toEqual(['客户', '=1+1', 1000.5, 75]);
  expect(cell('创建时间 (Asia/Shanghai)')).toBeInstanceOf(Date);
  const contracts = await sheet(manager, 'contracts');
  expect(contracts.rows[1]).toEqual(expect.arrayContaining([12345.67, new Date('2026-01-31')]));
});

test('a workbook holds every text that can be stored, as text', async () => {
  const { manager, sql } = await tenant();
  await customer(manager, { name: '0' });
  const texts = [
    '0123',
    '1e5',
    '2026-01-31',
    'TRUE',
    '<&> "]]>',
    '  两边  有空格  ',
    '上\n下',
    '_x0041_',
    '😀𠮷',
    '尾\u0001\u001f\ufffe巴',
  ];
  for (const [index, text] of texts.entries())
    await sql(
      `insert into customer (tenant_id, id, account_no, code, name) values (app_tenant(), gen_random_uuid(), 'T${index}', 'T${index}', $1)`,
      [text],
    );
  const { rows } = await sheet(manager, 'customers', { orderBy: byNumber });
  const at = rows[0]!.indexOf('客户名称');
  expect(rows.slice(1).map((row) => row[at])).toEqual(['0', ...texts.slice(0, -1), '尾巴']);
});

test('is for those who may export, and masked as lists are for them', async () => {
  const { admin, sales, viewer } = await world();
  for (const who of [sales, viewer]) {
    const answer = await exported(who, 'customers.csv');
    expect([answer.status, (await answer.json()).errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
  }
  expect((await fetch(`${process.env['CRM_TEST_ADDRESS']}/export/customers.csv`)).status).toBe(401);
  const service = {
    token: await token({ sub: 'robot', tenant_id: admin.tenant, roles: ['service'], scope: 'crm:read crm:export' }),
  };
  const [row] = await json(service, 'customers', { orderBy: byNumber });
  expect(row).toMatchObject({ phone: '138****8000', email: 'a***@example.com', credit: { limit: null } });
  expect(await json(service, 'customers', { filter: { search: '13800138' } })).toEqual([]);
  expect((await json(service, 'contracts'))[0]).toMatchObject({ amount: null, outstandingAmount: null });
  const [headings, first] = await csv(service, 'opportunities');
  expect(first![headings!.indexOf('预计金额')]).toBe('');
});

test.each<[string, string, string]>([
  ['what is no JSON', 'filter={', 'filter'],
  ['a filter that there is not', 'filter={"colour":"red"}', 'filter'],
  ['a wrong value', 'filter={"status":["GONE"]}', 'filter'],
  ['an order that there is not', 'orderBy=[{"field":"COLOUR"}]', 'orderBy'],
  ['another parameter', 'page=2', 'page'],
])('refuses %s and names the parameter', async (_name, query, field) => {
  const { manager } = await tenant();
  const answer = await fetch(`${process.env['CRM_TEST_ADDRESS']}/export/customers.csv?${encodeURI(query)}`, {
    headers: { authorization: `Bearer ${manager.token}`, 'accept-language': 'en' },
  });
  const { errors } = await answer.json();
  expect([answer.status, errors[0].extensions.code, errors[0].extensions.field]).toEqual([400, 'BAD_REQUEST', [field]]);
});

test('a long list comes whole, as it was at one moment, and not what is written meanwhile', async () => {
  const { manager, sql } = await tenant();
  await customer(manager, { name: '第一' });
  await sql(
    `insert into customer (tenant_id, id, account_no, code, name) select app_tenant(), gen_random_uuid(), 'X' || n, 'X' || n, '客户' || n from generate_series(1, 2600) n returning id`,
  );
  const answer = await exported(manager, 'customers.json', { orderBy: byNumber });
  await customer(manager, { name: '迟到' });
  const rows = (await answer.json()) as Data[];
  expect(rows).toHaveLength(2601);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(2601);
  expect(rows.some(({ name }) => name === '迟到')).toBe(false);
});
