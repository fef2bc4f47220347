import { written } from '../../support/records.js';
import { world } from './world.js';

const long = (length: number): string => '长'.repeat(length);

/** Request, body, and what is answered: HTTP status and errors by member. */
type Case = readonly [
  request: string,
  body: unknown,
  status: number,
  errors: Record<string, string[]>,
  headers?: Record<string, string>,
];

const customers = '/customers/';
const fields = '/customers/members/relations';
const tenants = '/customers/tenants/relations';
const view = '/customers/tenants/view';

const envelope: Case[] = [
  [`POST ${customers}`, '{"name": ', 400, { non_field_errors: ['请求无效：请求体不是有效的 JSON'] }],
  [`POST ${customers}`, '["甲"]', 400, { non_field_errors: ['请求无效：请求体必须是 JSON 对象'] }],
  [`POST ${customers}`, 'null', 400, { non_field_errors: ['请求无效：请求体必须是 JSON 对象'] }],
  [
    `POST ${customers}`,
    'name=甲',
    400,
    { non_field_errors: ['请求无效：请求体必须为 application/json'] },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  ['GET /customers/nothing/here/', undefined, 404, {}],
  ['GET /customers//', undefined, 404, {}],
  [`PATCH ${customers}`, { name: '乙' }, 405, {}],
  [`POST ${view}/`, { name: '乙' }, 405, {}],
  [`DELETE ${view}/{customer}/`, undefined, 405, {}],
];

const paging: Case[] = [customers, `${fields}/`, `${tenants}/`, `${view}/`, '/customers/search/'].flatMap(
  (path): Case[] => {
    const list = path.endsWith('search/') ? `${path}?q=公司&` : `${path}?`;
    return [
      [`GET ${list}page=0`, undefined, 400, { page: ['page 必须在 1 到 2147483647 之间'] }],
      [`GET ${list}page=two`, undefined, 400, { page: ['page 的值无效'] }],
      [`GET ${list}page=2`, undefined, 404, { page: ['页码超出范围'] }],
      [`GET ${list}page_size=0`, undefined, 400, { page_size: ['page_size 必须在 1 到 100 之间'] }],
      [`GET ${list}page_size=100000`, undefined, 400, { page_size: ['page_size 必须在 1 到 100 之间'] }],
      [`GET ${list}limit=101`, undefined, 400, { limit: ['limit 必须在 1 到 100 之间'] }],
    ];
  },
);

const records: Case[] = [
  [`POST ${customers}`, undefined, 400, { name: ['name 为必填项'] }],
  [`POST ${customers}`, {}, 400, { name: ['name 为必填项'] }],
  [`POST ${customers}`, { name: null }, 400, { name: ['name 为必填项'] }],
  [`POST ${customers}`, { name: '  ' }, 400, { name: ['name 为必填项'] }],
  [`POST ${customers}`, { name: 17 }, 400, { name: ['name 的值无效'] }],
  [`POST ${customers}`, { name: long(101) }, 400, { name: ['name 长度不能超过 100 个字符'] }],
  [`POST ${customers}`, { name: '乙\0' }, 400, { name: ['name 的值无效'] }],
  [`POST ${customers}`, { name: ' 甲公司 ' }, 400, { name: ['客户名称已存在'] }],
  [
    `POST ${customers}`,
    { name: '乙', type: 'startup', value_level: 'diamond', status: 'blocked', company_size: 'huge' },
    400,
    {
      type: ['type 的值无效'],
      value_level: ['value_level 的值无效'],
      status: ['status 的值无效'],
      company_size: ['company_size 的值无效'],
    },
  ],
  [`POST ${customers}`, { name: '乙', type: ['enterprise'] }, 400, { type: ['type 的值无效'] }],
  [`POST ${customers}`, { name: '乙', type: null }, 400, { type: ['type 为必填项'] }],
  [
    `POST ${customers}`,
    { name: '乙', establishment_date: '2020-02-30' },
    400,
    { establishment_date: ['establishment_date 的值无效'] },
  ],
  [
    `POST ${customers}`,
    { name: '乙', establishment_date: '01/02/2020' },
    400,
    { establishment_date: ['establishment_date 的值无效'] },
  ],
  [`POST ${customers}`, { name: '乙', website: 'example' }, 400, { website: ['website 的值无效'] }],
  [
    `POST ${customers}`,
    { name: '乙', website: `https://example.com/${'x'.repeat(200)}` },
    400,
    { website: ['website 长度不能超过 200 个字符'] },
  ],
  [
    `POST ${customers}`,
    { name: '乙', primary_contact_email: 'nobody' },
    400,
    { primary_contact_email: ['primary_contact_email 的值无效'] },
  ],
  [
    `POST ${customers}`,
    { name: '乙', primary_contact_phone: '1'.repeat(21), industry_type: long(51), source: long(51) },
    400,
    {
      primary_contact_phone: ['primary_contact_phone 长度不能超过 20 个字符'],
      industry_type: ['industry_type 长度不能超过 50 个字符'],
    },
  ],
  [`POST ${customers}`, { name: '乙', source: long(51) }, 400, { source: ['source 长度不能超过 50 个字符'] }],
  [
    `POST ${customers}`,
    { name: '乙', registered_capital: { amount: 1 } },
    400,
    { registered_capital: ['registered_capital 的值无效'] },
  ],
  [`PUT ${customers}{customer}/`, { notes: '无名称' }, 400, { name: ['name 为必填项'] }],
  [`PATCH ${customers}{customer}/`, { name: '' }, 400, { name: ['name 为必填项'] }],
  [
    `PATCH ${customers}{customer}/`,
    { primary_contact_phone: 1390013.5 },
    400,
    { primary_contact_phone: ['primary_contact_phone 的值无效'] },
  ],
  [`PATCH ${customers}{customer}/`, { is_deleted: 'perhaps' }, 400, { is_deleted: ['is_deleted 的值无效'] }],
  [`PATCH ${customers}{customer}/`, { is_deleted: null }, 400, { is_deleted: ['is_deleted 的值无效'] }],
  [`GET ${customers}{nobody}/`, undefined, 404, {}],
  [`GET ${customers}abc/`, undefined, 404, {}],
  [`PUT ${customers}{nobody}/`, { name: '乙' }, 404, {}],
  [`PATCH ${customers}abc/`, { name: '乙' }, 404, {}],
  [`DELETE ${customers}{nobody}/`, undefined, 404, {}],
  [`GET ${customers}?status=blocked`, undefined, 400, { status: ['status 的值无效'] }],
  [
    `GET ${customers}?type=startup&value_level=top&company_size=huge`,
    undefined,
    400,
    { type: ['type 的值无效'], value_level: ['value_level 的值无效'], company_size: ['company_size 的值无效'] },
  ],
  [`GET ${customers}?show_deleted=perhaps`, undefined, 400, { show_deleted: ['show_deleted 的值无效'] }],
  ['GET /customers/search/', undefined, 400, { q: ['q 为必填项'] }],
  ['GET /customers/search/?q=%20', undefined, 400, { q: ['q 为必填项'] }],
];

const bulk: Case[] = ['bulk-create', 'bulk-update', 'bulk-delete'].flatMap((operation): Case[] => {
  const list = operation === 'bulk-delete' ? 'ids' : 'customers';
  return [
    [`POST /customers/${operation}/`, {}, 400, { [list]: [`${list} 为必填项`] }],
    [`POST /customers/${operation}/`, { [list]: [] }, 400, { [list]: [`${list} 为必填项`] }],
    [`POST /customers/${operation}/`, { [list]: 'all' }, 400, { [list]: [`${list} 的值无效`] }],
    [
      `POST /customers/${operation}/`,
      { [list]: Array.from({ length: 5001 }, () => (list === 'ids' ? 1 : { id: 1, name: '乙' })) },
      400,
      { [list]: [`${list} 必须在 1 到 5000 之间`] },
    ],
    [`POST /customers/${operation}/`, '[]', 400, { non_field_errors: ['请求无效：请求体必须是 JSON 对象'] }],
  ];
});

const ofMembers: Case[] = [
  [`POST ${fields}/`, {}, 400, { customer_id: ['customer_id 为必填项'], member_id: ['member_id 为必填项'] }],
  [
    `POST ${fields}/`,
    { customer_id: true, member_id: 'somebody' },
    400,
    { customer_id: ['customer_id 的值无效'], member_id: ['member_id 的值无效'] },
  ],
  [`POST ${fields}/`, { customer_id: '{nobody}', member_id: '{member}' }, 400, { customer_id: ['客户不存在'] }],
  [`POST ${fields}/`, { customer_id: '{customer}', member_id: '{nobody}' }, 400, { member_id: ['联系人不存在'] }],
  [
    `POST ${fields}/`,
    { customer_id: '{customer}', member_id: '{member}' },
    400,
    { non_field_errors: ['该关系已存在'] },
  ],
  [
    `POST ${fields}/`,
    { customer_id: '{customer}', member_id: '{member}', role: long(51) },
    400,
    { role: ['role 长度不能超过 50 个字符'] },
  ],
  [
    `POST ${fields}/`,
    { customer_id: '{customer}', member_id: '{member}', is_primary: 'perhaps' },
    400,
    { is_primary: ['is_primary 的值无效'] },
  ],
  [`PUT ${fields}/{relation}/`, { customer_id: '{nobody}' }, 400, { customer_id: ['customer_id 的值无效'] }],
  [`PATCH ${fields}/{relation}/`, { is_primary: null }, 400, { is_primary: ['is_primary 的值无效'] }],
  [`PATCH ${fields}/{relation}/`, { remarks: 5 }, 400, { remarks: ['remarks 的值无效'] }],
  [`GET ${fields}/{nobody}/`, undefined, 404, {}],
  [`PUT ${fields}/{nobody}/`, {}, 404, {}],
  [`DELETE ${fields}/{nobody}/`, undefined, 404, {}],
  [`POST ${fields}/{nobody}/set-primary/`, undefined, 404, {}],
  [`GET ${fields}/?customer_id=somebody`, undefined, 400, { customer_id: ['customer_id 的值无效'] }],
  [`GET ${fields}/primary/`, undefined, 400, { customer_id: ['customer_id 为必填项'] }],
  [`GET ${fields}/primary/?customer_id={customer}`, undefined, 404, {}],
  [`GET ${fields}/primary/?customer_id={nobody}`, undefined, 404, {}],
  [`GET ${fields}/customer-members/`, undefined, 400, { customer_id: ['customer_id 为必填项'] }],
  [`GET ${fields}/customer-members/?customer_id={nobody}`, undefined, 404, {}],
  [`GET ${fields}/member-customers/?member_id={nobody}`, undefined, 404, {}],
  [
    `POST ${fields}/customer-members/delete/`,
    { member_ids: ['{member}'] },
    400,
    { customer_id: ['customer_id 为必填项'] },
  ],
  [
    `POST ${fields}/customer-members/delete/`,
    { customer_id: '{nobody}', member_ids: ['{member}'] },
    404,
    { customer_id: ['客户不存在'] },
  ],
  [
    `POST ${fields}/customer-members/delete/`,
    { customer_id: '{customer}' },
    400,
    { member_ids: ['member_ids 为必填项'] },
  ],
  [
    `POST ${fields}/member-customers/delete/`,
    { member_id: '{nobody}', customer_ids: ['{customer}'] },
    404,
    { member_id: ['联系人不存在'] },
  ],
];

const ofTenants: Case[] = [
  [`POST ${tenants}/`, {}, 400, { customer_id: ['customer_id 为必填项'], tenant_id: ['tenant_id 为必填项'] }],
  [`POST ${tenants}/`, { customer_id: '{nobody}', tenant_id: '{outsider}' }, 400, { customer_id: ['客户不存在'] }],
  [`POST ${tenants}/`, { customer_id: '{customer}', tenant_id: 'nowhere' }, 400, { tenant_id: ['租户不存在'] }],
  [`POST ${tenants}/`, { customer_id: '{customer}', tenant_id: { id: 1 } }, 400, { tenant_id: ['tenant_id 的值无效'] }],
  [
    `POST ${tenants}/`,
    { customer_id: '{customer}', tenant_id: '{outsider}', relation_type: 'partner' },
    400,
    { non_field_errors: ['该关系已存在'] },
  ],
  [
    `POST ${tenants}/`,
    { customer_id: '{customer}', tenant_id: '{outsider}', relation_type: 'enemy' },
    400,
    { relation_type: ['relation_type 的值无效'] },
  ],
  [
    `POST ${tenants}/`,
    { customer_id: '{customer}', tenant_id: '{outsider}', start_date: '2024-02-30' },
    400,
    { start_date: ['start_date 的值无效'] },
  ],
  [
    `POST ${tenants}/`,
    { customer_id: '{customer}', tenant_id: '{outsider}', start_date: '2024-02-01', end_date: '2024-01-31' },
    400,
    { end_date: ['end_date 早于开始日期'] },
  ],
  [
    `PATCH ${tenants}/{link}/`,
    { start_date: '2024-02-01', end_date: '2024-01-31' },
    400,
    { end_date: ['end_date 早于开始日期'] },
  ],
  [`PUT ${tenants}/{link}/`, { tenant_id: 'nowhere' }, 400, { tenant_id: ['tenant_id 的值无效'] }],
  [`PUT ${tenants}/{nobody}/`, {}, 404, {}],
  [`GET ${tenants}/{nobody}/`, undefined, 404, {}],
  [`DELETE ${tenants}/{nobody}/`, undefined, 404, {}],
  [`POST ${tenants}/{nobody}/set-primary/`, undefined, 404, {}],
  [`GET ${tenants}/primary/`, undefined, 400, { customer_id: ['customer_id 为必填项'] }],
  [`GET ${tenants}/primary/?customer_id={customer}`, undefined, 404, {}],
  [`GET ${tenants}/between/?customer_id={customer}`, undefined, 400, { tenant_id: ['tenant_id 为必填项'] }],
  [`GET ${tenants}/between/?tenant_id={outsider}`, undefined, 400, { customer_id: ['customer_id 为必填项'] }],
  [`GET ${view}/{nobody}/`, undefined, 404, {}],
  [`GET ${view}/{nobody}/relations/`, undefined, 404, {}],
  [`GET ${view}/?relation_status=sleeping`, undefined, 400, { relation_status: ['relation_status 的值无效'] }],
];

test('what a bad request is answered with, and that it changes nothing', async () => {
  const w = await world('customer', 'member', 'relation', 'link');
  const before = await written(w);
  for (const [request, body, status, errors, headers] of [
    ...envelope,
    ...paging,
    ...records,
    ...bulk,
    ...ofMembers,
    ...ofTenants,
  ]) {
    const { body: answer, ...rest } = await w.ask(request, body, { ...(headers && { headers }) });
    const said = { request, body, status: rest.status, errors: answer.errors };
    expect(said).toEqual({ request, body, status, errors });
    expect(answer).toEqual({ success: false, code: status, message: answer.message, errors, data: null });
    expect(answer.message).toMatch(/./);
    expect(await written(w)).toEqual(before);
  }
});

test('a path without its slash is not of this dialect', async () => {
  const w = await world('customer');
  expect((await w.ask('GET /customers/{customer}')).headers.get('x-api-dialect')).toBe('lifecycle');
  expect((await w.ask('GET /customers/{customer}/')).headers.get('x-api-dialect')).toBe('platform');
});
