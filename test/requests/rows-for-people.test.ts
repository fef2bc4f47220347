import { readCsv } from '../support/csv.js';
import { send } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type Dialect } from '../support/tenant.js';

test('an import says of each row what is wrong with which field, and takes phones that are whole numbers', async () => {
  const { admin, sql } = await tenant();
  const { body } = await admin.rest('cell').post('/customers/import', {
    items: [
      { name: '行1', contactPhone: 13800138000 },
      {},
      { name: ['x'] },
      { name: '行4', contactEmail: 5, contactPhone: true },
    ],
  });
  expect(body.errorsDetail.map(({ index, reason }: Data) => [index, reason])).toEqual([
    [1, '客户名称为空'],
    [2, '数据格式错误：name'],
    [3, '数据格式错误：contactPhone；数据格式错误：contactEmail'],
  ]);
  expect(await sql('select name, phone from customer')).toEqual([{ name: '行1', phone: '13800138000' }]);
  const { body: opportunities } = await admin.rest('cell').post('/opportunities/import', { items: [{}] });
  expect(opportunities.errorsDetail[0].reason).toContain('客户与标题必填');
});

test.each<[Dialect, path: string, body: Data]>([
  ['erp', '/accounts', { name: '甲', phone: 13800138000 }],
  ['cell', '/customers', { name: '甲', contactPhone: 13800138000 }],
  ['platform', '/customers/', { name: '甲', primary_contact_phone: 13800138000 }],
])('%s takes a phone that is a whole number, and none that is a fraction', async (dialect, path, body) => {
  const { admin, sql } = await tenant();
  expect((await admin.rest(dialect).post(path, body)).status).toBeLessThan(300);
  const broken = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, name === 'name' ? '乙' : Number(value) + 0.5]),
  );
  expect((await admin.rest(dialect).post(path, broken)).status).toBe(400);
  expect(await sql('select name, phone from customer')).toEqual([{ name: '甲', phone: '13800138000' }]);
});

test.each(['zh', 'en'] as const)('a file in %s calls columns and values as the graph does', async (language) => {
  const { admin } = await tenant();
  await customer(admin, {
    name: '甲',
    kind: 'ENTERPRISE',
    status: 'LOST',
    tier: 'GOLD',
    size: 'SMALL',
    industry: '电力',
  });
  const { fieldLabels, enumLabels } = await admin.graph(
    'query ($language: Language!) { fieldLabels(types: ["Customer"], language: $language) { fields { name label } } enumLabels(language: $language) { name values { value label } } }',
    { language: language.toUpperCase() },
  );
  const called = (name: string): string =>
    fieldLabels[0].fields.find((field: Data) => field.name === name).label as string;
  const value = (of: string, name: string): string =>
    enumLabels.find((found: Data) => found.name === of).values.find((found: Data) => found.value === name)
      .label as string;
  const [headings, row] = readCsv(
    (
      await send('GET', '/export/customers.csv', {
        authorization: `Bearer ${admin.token}`,
        'accept-language': language,
      })
    ).body.replace(/^\uFEFF/, ''),
  );
  const cell = (name: string): string | undefined => row![headings!.indexOf(called(name))];
  expect(['name', 'kind', 'status', 'tier', 'size', 'industry', 'code', 'createdAt'].map(cell)).toEqual([
    '甲',
    value('CustomerKind', 'ENTERPRISE'),
    value('CustomerStatus', 'LOST'),
    value('CustomerTier', 'GOLD'),
    value('CompanySize', 'SMALL'),
    '电力',
    expect.stringMatching(/./),
    expect.stringMatching(/^\d{4}-/),
  ]);
  expect(cell('tier')).toBe(language === 'zh' ? '非常重要' : 'Gold');
});

test.each(['/export', '/api/v1/crm/export'])('%s answers the files of the cell', async (base) => {
  const t = await tenant();
  await customer(t.manager, { name: '甲', phone: '13800138000' });
  const headers = { authorization: `Bearer ${t.manager.token}`, 'x-tenant-id': t.code };
  for (const query of ['', '?format=csv', '?format=CSV']) {
    const { status, body, headers: answered } = await send('GET', `${base}/customers${query}`, headers);
    expect([status, answered.get('content-disposition'), body.split('\r\n')[1].split(',').slice(1, 3)]).toEqual([
      200,
      'attachment; filename=customers.csv',
      ['甲', '138****8000'],
    ]);
  }
  const json = await send('GET', `${base}/customers?format=json`, headers);
  expect(json.body).toMatchObject({ data: [{ name: '甲', contactPhone: '138****8000' }], total: 1 });
  expect((await send('GET', `${base}/opportunities?format=json`, headers)).body).toMatchObject({ data: [], total: 0 });
  const viewer = { authorization: `Bearer ${t.viewer.token}`, 'x-tenant-id': t.code };
  expect((await send('GET', `${base}/customers`, viewer)).status).toBe(403);
});
