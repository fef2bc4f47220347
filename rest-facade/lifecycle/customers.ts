import { list, one, remove, update, write } from '../engine/rows.js';
import { as, decimalNumber, each, fixedAs, object, pick, required } from '../engine/shapes.js';
import type { Shape, Messages } from '../engine/types.js';
import { ContactCreate, ContactOfCustomer, contactMessages } from './contacts.js';
import {
  between,
  customerLevel,
  customerStatus,
  customerType,
  direction,
  instant,
  key,
  nothing,
  sorting,
  tenantNumber,
  text,
  uri,
} from './dialect.js';
import { Tag } from './tags.js';

/** Schema `Customer`. */
export const Customer: Shape = {
  customer_id: 'number',
  tenant_id: tenantNumber,
  customer_code: 'code',
  customer_name: 'name',
  customer_type: as('kind', customerType),
  industry: 'industry',
  scale: 'scale',
  address: 'address',
  website: as('website', uri),
  description: 'description',
  status: as('status', customerStatus),
  level: as('tier', customerLevel),
  source: 'source',
  assigned_manager_id: 'owner.number',
  health_score: as('healthScore', decimalNumber),
  ltv: as('lifetimeValue(sumsIn: TENANT).amount', decimalNumber),
  last_contact_date: as('lastContactAt', instant),
  next_renewal_date: 'nextRenewalOn',
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
};

const assigned_manager_id = as('owner', key);

/** Fields of a new customer. */
export const NewCustomer: Shape = {
  ...pick(Customer, 'industry', 'scale', 'address', 'website', 'description', 'level', 'source'),
  customer_name: required('name', text(200)),
  customer_type: required('kind', customerType),
  assigned_manager_id,
};

/** Schema `CustomerCreateRequest`. */
export const CustomerCreateRequest: Shape = { ...NewCustomer, contacts: each('$contacts', ContactCreate) };

/** Schema `CustomerUpdateRequest`. */
export const CustomerUpdateRequest: Shape = {
  ...pick(
    Customer,
    'customer_name',
    'customer_type',
    'industry',
    'scale',
    'address',
    'website',
    'description',
    'status',
    'level',
    'source',
  ),
  assigned_manager_id,
};

/** Schema `CustomerCreateResponse`. */
export const CustomerCreateResponse = pick(
  Customer,
  'customer_id',
  'customer_code',
  'customer_name',
  'status',
  'health_score',
  'created_at',
);

/** Schema `CustomerListItem`. */
export const CustomerListItem: Shape = {
  ...pick(
    Customer,
    'customer_id',
    'customer_code',
    'customer_name',
    'customer_type',
    'industry',
    'level',
    'status',
    'health_score',
    'ltv',
  ),
  assigned_manager: object('owner', { id: 'number', name: 'name' }),
  ...pick(Customer, 'last_contact_date', 'next_renewal_date'),
};

/** Schema `CustomerDetailResponse`. */
export const CustomerDetailResponse: Shape = {
  customer_info: object('', Customer),
  contacts: each('contacts(first: 500).edges', ContactOfCustomer),
  tags: each('tags(first: 500).nodes', Tag),
};

export const Filter: Shape = {
  status: as('status', customerStatus),
  level: as('tier', customerLevel),
  industry: 'industry',
  assigned_manager_id,
  health_score_min: as('healthScoreMin', between(0, 100)),
  health_score_max: as('healthScoreMax', between(0, 100)),
  keyword: 'search',
};

const order = sorting({
  created_at: 'CREATED_AT',
  updated_at: 'UPDATED_AT',
  health_score: 'HEALTH_SCORE',
  ltv: 'LIFETIME_VALUE_IN_TENANT_CURRENCY',
  next_renewal_date: 'NEXT_RENEWAL_ON',
});

export const messages = {
  NOT_FOUND: { code: '40001', message: '客户不存在' },
  NAME_TAKEN: { code: '40002', message: '客户名称已存在' },
  FORBIDDEN: { code: '40004', message: '没有权限操作该客户' },
  'REQUIRED customer_name': { message: '请填写客户名称' },
  'REQUIRED customer_type': { message: '请选择客户类型' },
  'UNKNOWN_REFERENCE assigned_manager_id': { message: '负责人不存在' },
};

/** Messages about the contacts inside of a customer. */
export const nested = (list: string, of: Messages): Messages =>
  Object.fromEntries(Object.entries(of).map(([key, message]) => [key.replace(' ', ` ${list}.*.`), message]));

export const customerRows = [
  list(
    'GET /customers',
    'customers',
    CustomerListItem,
    { ...Filter, sort: as('$orderBy', order, { unset: 'created_at' }), order: as('$orderBy', direction) },
    { messages, path: { searchIn: fixedAs('searchIn', 'NAME,CODE') } },
  ),
  list(
    'GET /customers/search',
    'customers',
    CustomerListItem,
    { q: required('search') },
    { messages: { 'REQUIRED q': { message: '请输入搜索关键词' } } },
  ),
  one('GET /customers/:id', 'customer', CustomerDetailResponse, {}, { messages }),
  write('POST /customers', 'customerOnboard', CustomerCreateResponse, CustomerCreateRequest, {
    messages: { ...messages, ...nested('contacts', contactMessages) },
    message: '客户创建成功',
  }),
  update('PUT /customers/:id', 'customerUpdate', Customer, CustomerUpdateRequest, {
    messages,
    message: '客户更新成功',
  }),
  remove('DELETE /customers/:id', 'customerDelete', {}, { messages, answer: nothing, message: '客户删除成功' }),
];
