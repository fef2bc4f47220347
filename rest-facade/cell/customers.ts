import { csv } from '../engine/files/csv.js';
import { list, one, remove, update, write } from '../engine/rows.js';
import { as, constant, fixedAs, pick } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { asFile, customerStatus, instant, phone, tenantCode, user } from './dialect.js';

export const Customer: Shape = {
  customerId: 'id',
  tenantId: tenantCode,
  name: 'name',
  contactPhone: as('phone', phone),
  contactEmail: 'email',
  status: as('status', customerStatus),
  ownerId: 'owner.id',
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
};

const Body = pick(Customer, 'name', 'contactPhone', 'contactEmail');

export const customerMessages = {
  NOT_FOUND: { message: '客户不存在' },
  NAME_TAKEN: { message: '客户名称已存在' },
  'REQUIRED name': { message: '请填写客户名称', details: '客户名称为必填项' },
};

const Filter: Shape = { keyword: 'search', status: as('status', customerStatus) };
/** Where the keyword is looked for. */
const path: Shape = { searchIn: fixedAs('searchIn', 'NAME,PHONE,EMAIL') };
const headers: Shape = { 'x-user-id': as('owner', user) };

const file = csv(
  'customers.csv',
  [
    { heading: '客户ID', field: 'customerId' },
    { heading: '名称', field: 'name' },
    { heading: '联系电话', field: 'contactPhone' },
    { heading: '邮箱', field: 'contactEmail' },
    { heading: '状态', field: 'status' },
    { heading: '创建时间', field: 'createdAt', type: 'instant' },
  ],
  'text/csv; charset=utf-8-sig',
);

export const customerRows = [
  list('GET /customers', 'customers', Customer, Filter, { headers, path }),
  list('GET /customers/export', 'customers', Customer, Filter, { headers, path, ...asFile(file) }),
  list('GET /export/customers', 'customers', Customer, Filter, { headers, path, ...asFile(file, 'csv') }),
  one('GET /customers/:id', 'customer', Customer, {}, { messages: customerMessages }),
  write('POST /customers', 'customerCreate', Customer, Body, {
    status: 201,
    messages: customerMessages,
    headers: { 'x-user-id': as('owner', user) },
  }),
  update('PATCH /customers/:id', 'customerUpdate', Customer, Body, { messages: customerMessages }),
  remove(
    'DELETE /customers/:id',
    'customerDelete',
    { customerId: 'deletedId', deleted: constant(true) },
    { messages: customerMessages },
  ),
];
