/** An operation of the document, and an example of it: what is sent, and the documented answer, ids and times aside. */
export interface Operation {
  operation: string;
  /** the path and query of the example, where they are not the operation's own */
  example?: string;
  body?: object;
  status?: number;
  data: unknown;
  /** sent by the administrator of the tenant that a customer is linked to */
  byPartner?: boolean;
  /** name under which the answer's `id` is kept for later examples */
  keep?: string;
}

/** Stands for a number that the server gives. */
export const number = { any: 'number' };
/** Stands for an instant in UTC with six decimals. */
export const instant = { any: 'instant' };

const written = { created_at: instant, updated_at: instant, created_by: 'admin', updated_by: 'admin' };

const sent = {
  name: '北京科技有限公司',
  type: 'enterprise',
  value_level: 'gold',
  status: 'active',
  business_license_number: '91110108MA01',
  tax_identification_number: '110101123456789',
  registered_capital: '500万元',
  legal_representative: '李强',
  registered_address: '北京市海淀区',
  business_address: '北京市朝阳区',
  business_scope: '软件开发',
  industry_type: '科技',
  company_size: 'medium',
  establishment_date: '2010-05-01',
  website: 'https://www.example.com',
  primary_contact_name: '张三',
  primary_contact_phone: '13800138000',
  primary_contact_email: 'zhangsan@example.com',
  bank_name: '工商银行',
  bank_account: '6222000011112222',
  credit_rating: 'AAA',
  payment_terms: '月结30天',
  special_requirements: '需要发票',
  notes: '重要客户',
  source: '展会',
};

const customer = { id: number, ...sent, is_deleted: false, ...written };
const itemOf = ({
  name,
  type,
  value_level,
  status,
  primary_contact_name,
  primary_contact_phone,
  industry_type,
  company_size,
}: typeof sent): object => ({
  id: number,
  name,
  type,
  value_level,
  status,
  primary_contact_name,
  primary_contact_phone,
  industry_type,
  company_size,
  created_at: instant,
});
const empty = Object.fromEntries(Object.keys(sent).map((name) => [name, null])) as Record<keyof typeof sent, null>;
const created = (name: string): object => ({
  id: number,
  ...empty,
  name,
  type: 'enterprise',
  value_level: 'bronze',
  status: 'active',
  is_deleted: false,
  ...written,
});

/** A page with everything on it, in both documented forms. */
const pageOf = (...results: object[]): object => ({
  count: results.length,
  next: null,
  previous: null,
  results,
  pagination: { count: results.length, next: null, previous: null, page_size: 10, current_page: 1, total_pages: 1 },
});

const later = { ...sent, notes: '已更新', value_level: 'platinum' };
const now = { ...customer, ...later };

const customers: Operation[] = [
  { operation: 'POST /customers/', body: sent, status: 201, data: customer, keep: 'customer' },
  { operation: 'GET /customers/', data: pageOf(itemOf(sent)) },
  { operation: 'GET /customers/{id}/', example: '/customers/{customer}/', data: customer },
  {
    operation: 'PUT /customers/{id}/',
    example: '/customers/{customer}/',
    body: { ...sent, notes: '已更新' },
    data: { ...customer, notes: '已更新' },
  },
  {
    operation: 'PATCH /customers/{id}/',
    example: '/customers/{customer}/',
    body: { value_level: 'platinum' },
    data: now,
  },
  { operation: 'GET /customers/search/', example: '/customers/search/?q=110101', data: pageOf(now) },
  {
    operation: 'POST /customers/bulk-create/',
    body: { customers: [{ name: '上海贸易' }] },
    status: 201,
    data: { created_count: 1, failed_count: 0, created_customers: [created('上海贸易')], failed_customers: [] },
    keep: 'second',
  },
  {
    operation: 'POST /customers/bulk-update/',
    body: { customers: [{ id: '{second}', name: '上海商贸' }] },
    data: { updated_count: 1, failed_count: 0, updated_customers: [created('上海商贸')], failed_customers: [] },
  },
  {
    operation: 'GET /customers/statistics/',
    data: {
      total_count: 2,
      active_count: 2,
      inactive_count: 0,
      potential_count: 0,
      lost_count: 0,
      by_type: { enterprise: 2 },
      by_value_level: { platinum: 1, bronze: 1 },
      by_company_size: { medium: 1, None: 1 },
    },
  },
  {
    operation: 'POST /customers/bulk-delete/',
    body: { ids: ['{second}'] },
    data: { deleted_count: 1, failed_count: 0, deleted_ids: [number], failed_ids: [] },
  },
];

const sides = { customer_id: number, customer_name: sent.name, customer: { id: number, name: sent.name } };
const person = {
  member_id: number,
  member_name: '王五',
  member_email: 'wangwu@example.com',
  member_phone: '13900139000',
  member: { id: number, username: '王五', name: '王五', phone: '13900139000', email: 'wangwu@example.com' },
};
const relation = {
  id: number,
  ...sides,
  ...person,
  role: '技术',
  position: '主管',
  is_primary: false,
  remarks: '周一联系',
  ...written,
};
const primary = { ...relation, role: '决策', is_primary: true };

const fields: Operation[] = [
  {
    operation: 'POST /customers/members/relations/',
    body: {
      customer_id: '{customer}',
      member_id: '{member}',
      role: '技术',
      position: '主管',
      is_primary: false,
      remarks: '周一联系',
    },
    status: 201,
    data: relation,
    keep: 'relation',
  },
  {
    operation: 'GET /customers/members/relations/',
    example: '/customers/members/relations/?customer_id={customer}',
    data: pageOf(relation),
  },
  {
    operation: 'GET /customers/members/relations/{id}/',
    example: '/customers/members/relations/{relation}/',
    data: relation,
  },
  {
    operation: 'PUT /customers/members/relations/{id}/',
    example: '/customers/members/relations/{relation}/',
    body: { customer_id: '{customer}', member_id: '{member}', role: '决策', is_primary: false, remarks: '周一联系' },
    data: { ...relation, role: '决策' },
  },
  {
    operation: 'POST /customers/members/relations/{id}/set-primary/',
    example: '/customers/members/relations/{relation}/set-primary/',
    data: primary,
  },
  {
    operation: 'GET /customers/members/relations/primary/',
    example: '/customers/members/relations/primary/?customer_id={customer}',
    data: primary,
  },
  {
    operation: 'DELETE /customers/members/relations/{id}/',
    example: '/customers/members/relations/{relation}/',
    data: null,
  },
];

const terms = {
  contract_number: 'HT-2024-01',
  start_date: '2024-01-01',
  end_date: '2099-12-31',
  description: '框架协议',
};
const linked = {
  relation_type: 'supplier',
  relation_type_display: '供应商',
  is_primary: false,
  ...terms,
  is_active: true,
};
const link = {
  id: number,
  ...sides,
  tenant_id: number,
  tenant_name: '{partner}',
  tenant: { id: number, name: '{partner}', code: '{partner}' },
  ...linked,
  ...written,
};
const main = { ...link, is_primary: true };
const behind = { id: number, ...linked, is_primary: true, created_at: instant, updated_at: instant };

const tenants: Operation[] = [
  {
    operation: 'POST /customers/tenants/relations/',
    body: { customer_id: '{customer}', tenant_id: '{partner}', relation_type: 'client', is_primary: false, ...terms },
    status: 201,
    data: { ...link, relation_type: 'client', relation_type_display: '客户' },
    keep: 'link',
  },
  {
    operation: 'PUT /customers/tenants/relations/{id}/',
    example: '/customers/tenants/relations/{link}/',
    body: { relation_type: 'supplier', ...terms },
    data: link,
  },
  {
    operation: 'GET /customers/tenants/relations/',
    example: '/customers/tenants/relations/?customer_id={customer}&tenant_id={partner}&relation_type=supplier',
    data: pageOf(link),
  },
  { operation: 'GET /customers/tenants/relations/{id}/', example: '/customers/tenants/relations/{link}/', data: link },
  {
    operation: 'POST /customers/tenants/relations/{id}/set-primary/',
    example: '/customers/tenants/relations/{link}/set-primary/',
    data: main,
  },
  {
    operation: 'GET /customers/tenants/relations/primary/',
    example: '/customers/tenants/relations/primary/?customer_id={customer}',
    data: main,
  },
  {
    operation: 'GET /customers/tenants/relations/between/',
    example: '/customers/tenants/relations/between/?customer_id={customer}&tenant_id={partner}',
    data: [main],
  },
  { operation: 'GET /customers/tenants/view/', byPartner: true, data: pageOf({ ...itemOf(later), relation: behind }) },
  {
    operation: 'GET /customers/tenants/view/{id}/',
    example: '/customers/tenants/view/{customer}/',
    byPartner: true,
    data: { id: number, ...later, created_at: instant, updated_at: instant, relation: behind },
  },
  {
    operation: 'GET /customers/tenants/view/statistics/',
    byPartner: true,
    data: {
      total_count: 1,
      active_count: 1,
      inactive_count: 0,
      potential_count: 0,
      lost_count: 0,
      by_type: { enterprise: 1 },
      by_value_level: { platinum: 1 },
      by_company_size: { medium: 1 },
      by_relation_type: { supplier: 1 },
      by_relation_status: { active: 1, inactive: 0 },
    },
  },
  {
    operation: 'GET /customers/tenants/view/{id}/relations/',
    example: '/customers/tenants/view/{customer}/relations/',
    byPartner: true,
    data: [
      {
        ...behind,
        customer_id: number,
        customer_name: sent.name,
        tenant_id: number,
        tenant_name: '{partner}',
        created_by: null,
        updated_by: null,
      },
    ],
  },
  {
    operation: 'DELETE /customers/tenants/relations/{id}/',
    example: '/customers/tenants/relations/{link}/',
    data: null,
  },
  { operation: 'DELETE /customers/{id}/', example: '/customers/{customer}/', data: null },
];

/** Every operation of the document, in an order in which its examples can be sent. */
export const documented: readonly Operation[] = [...customers, ...fields, ...tenants];

/** Operations beyond the document that its real clients use. */
export const extras = [
  'PATCH /customers/members/relations/{id}/',
  'GET /customers/members/relations/customer-members/',
  'GET /customers/members/relations/member-customers/',
  'POST /customers/members/relations/customer-members/delete/',
  'POST /customers/members/relations/member-customers/delete/',
  'PATCH /customers/tenants/relations/{id}/',
];
