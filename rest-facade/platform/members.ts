import { all, batch, list, one, remove, update, write } from '../engine/rows.js';
import { as, constant, object, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  always,
  asSent,
  below,
  failedKey,
  firstOf,
  fixed,
  flag,
  instant,
  key,
  nothing,
  ordering,
  outcome,
  tenantName,
  tenantNumber,
  written,
} from './dialect.js';
import { Item } from './customers.js';

/** A relation between a customer and a member: flat, and its two sides as objects. */
export const Relation: Shape = {
  id: 'number',
  customer_id: 'customer.number',
  customer_name: 'customer.name',
  member_id: 'contact.number',
  member_name: 'contact.name',
  member_email: 'contact.email',
  member_phone: 'contact.phone',
  customer: object('customer', { id: 'number', name: 'name' }),
  member: object('contact', { id: 'number', username: 'name', name: 'name', phone: 'phone', email: 'email' }),
  role: 'role',
  position: 'position',
  is_primary: as('primary', flag),
  remarks: 'remarks',
  ...written,
};

const Fields = pick(Relation, 'role', 'position', 'is_primary', 'remarks');
const Sides: Shape = { customer_id: required('customer', key), member_id: required('contact', key) };
const FixedSides: Shape = { customer_id: fixed('customer'), member_id: fixed('contact') };

const Filter: Shape = {
  customer_id: as('customer', key),
  member_id: as('contact', key),
  is_primary: as('primary', flag),
  role: 'role',
  ordering: as('$orderBy', ordering({ id: 'NUMBER', created_at: 'CREATED_AT', is_primary: 'PRIMARY' }), {
    unset: '-is_primary,-created_at',
  }),
};

/** The relation behind a member of a customer, or a customer of a member. */
export const Behind: Shape = {
  id: 'number',
  role: 'role',
  is_primary: as('primary', flag),
  remarks: 'remarks',
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
};

/** A member as its user account would look; people at customers have none, so what belongs to accounts is empty. */
export const Member: Shape = {
  id: 'node.number',
  username: 'node.name',
  email: 'node.email',
  phone: 'node.phone',
  nick_name: 'node.name',
  first_name: constant(''),
  last_name: constant(''),
  is_active: constant(true),
  avatar: constant(null),
  wechat_id: 'node.wechat',
  tenant: tenantNumber,
  tenant_name: tenantName,
  is_sub_account: constant(false),
  parent: constant(null),
  parent_username: constant(null),
  date_joined: as('node.createdAt', instant),
  status: constant('active'),
  relation: object('link', Behind),
};

/** A customer of a member, with the relation behind it. */
export const CustomerOf: Shape = { ...below('node', Item), relation: object('link', Behind) };

const base = '/customers/members/relations';
const messages = {
  NOT_FOUND: { message: '关系不存在' },
  'UNKNOWN_REFERENCE customer_id': { message: '客户不存在' },
  'UNKNOWN_REFERENCE member_id': { message: '联系人不存在' },
};
const noCustomer = { NOT_FOUND: { message: '客户不存在' } };
const noMember = { NOT_FOUND: { message: '联系人不存在' } };
const unlinked = outcome(200, 'deleted', 'ids', asSent, failedKey);

export const memberRows = [
  list(`GET ${base}/`, 'customerContacts', Relation, Filter),
  write(`POST ${base}/`, 'customerContactCreate', Relation, { ...Sides, ...Fields }, { status: 201, messages }),
  one(`GET ${base}/:id/`, 'customerContact', Relation, {}, { messages }),
  update(`PUT ${base}/:id/`, 'customerContactUpdate', Relation, { ...FixedSides, ...Fields }, { messages }),
  update(`PATCH ${base}/:id/`, 'customerContactUpdate', Relation, { ...FixedSides, ...Fields }, { messages }),
  remove(`DELETE ${base}/:id/`, 'customerContactDelete', {}, { messages, answer: nothing }),
  write(`POST ${base}/:id/set-primary/`, 'customerContactSetPrimary', Relation, {}, { messages }),
  all(
    `GET ${base}/primary/`,
    'customerContacts',
    Relation,
    { customer_id: required('customer', key), is_primary: always('primary', true) },
    { answer: firstOf, messages: { NOT_FOUND: { message: '该客户没有主要联系人' } } },
  ),
  all(
    `GET ${base}/customer-members/`,
    'customer.contacts',
    Member,
    { customer_id: required('$id', key) },
    { messages: noCustomer },
  ),
  all(
    `GET ${base}/member-customers/`,
    'contact.customers',
    CustomerOf,
    { member_id: required('$id', key) },
    { messages: noMember },
  ),
  batch(
    `POST ${base}/customer-members/delete/`,
    'customerUnlinkContacts',
    {},
    { customer_id: required('$id', key), member_ids: as('$contacts', key) },
    unlinked,
    {
      needs: { customer_id: 'customer(id: $id)' },
      messages: { ...messages, 'NOT_FOUND customer_id': noCustomer.NOT_FOUND },
    },
  ),
  batch(
    `POST ${base}/member-customers/delete/`,
    'contactUnlinkCustomers',
    {},
    { member_id: required('$id', key), customer_ids: as('$customers', key) },
    unlinked,
    { needs: { member_id: 'contact(id: $id)' }, messages: { ...messages, 'NOT_FOUND member_id': noMember.NOT_FOUND } },
  ),
];
