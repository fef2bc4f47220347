import { all, list, one, remove, update, write } from '../engine/rows.js';
import { as, constant, each, object, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  always,
  countsBy,
  customerStatus,
  customerType,
  day,
  firstOf,
  fixed,
  flag,
  instant,
  key,
  nothing,
  ordering,
  relationStatus,
  relationType,
  relationTypeDisplay,
  tenantKey,
  tenantName,
  tenantNumber,
  valueLevel,
  written,
} from './dialect.js';
import { Item, Record, Statistics } from './customers.js';

/** Fields of a link between a customer and a tenant, the same for both sides. */
export const Link: Shape = {
  relation_type: as('relationType', relationType),
  relation_type_display: as('relationType', relationTypeDisplay),
  is_primary: as('primary', flag),
  contract_number: 'contractNumber',
  start_date: as('startsOn', day),
  end_date: as('endsOn', day),
  description: 'description',
  is_active: as('active', flag),
};

/** A relation between a customer and a tenant: flat, and its two sides as objects. */
export const Relation: Shape = {
  id: 'number',
  customer_id: 'customer.number',
  customer_name: 'customer.name',
  tenant_id: 'linkedTenant.number',
  tenant_name: 'linkedTenant.name',
  customer: object('customer', { id: 'number', name: 'name' }),
  tenant: object('linkedTenant', { id: 'number', name: 'name', code: 'code' }),
  ...Link,
  ...written,
};

const Fields = pick(
  Relation,
  'relation_type',
  'is_primary',
  'contract_number',
  'start_date',
  'end_date',
  'description',
);
const Sides: Shape = { customer_id: required('customer', key), tenant_id: required('tenant', tenantKey) };
const FixedSides: Shape = { customer_id: fixed('customer'), tenant_id: fixed('tenant') };

const Filter: Shape = {
  customer_id: as('customer', key),
  tenant_id: as('tenant', tenantKey),
  relation_type: as('relationType', relationType),
  is_primary: as('primary', flag),
  is_active: as('active', flag),
  ordering: as(
    '$orderBy',
    ordering({ id: 'NUMBER', created_at: 'CREATED_AT', is_primary: 'PRIMARY', start_date: 'STARTS_ON' }),
    { unset: '-is_primary,-created_at' },
  ),
};

const base = '/customers/tenants/relations';
const messages = {
  NOT_FOUND: { message: '关系不存在' },
  'UNKNOWN_REFERENCE customer_id': { message: '客户不存在' },
  'UNKNOWN_REFERENCE tenant_id': { message: '租户不存在' },
};

/** The caller's tenant looks at a customer that is linked with it: the main link is the relation. */
export const Behind: Shape = {
  id: 'number',
  ...Link,
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
};
export const Viewed: Shape = { ...Record, relation: object('links', Behind) };

/** The links of a viewed customer, each with its two sides. */
const Links: Shape = {
  customer_id: 'number',
  customer_name: 'name',
  tenant_id: tenantNumber,
  tenant_name: tenantName,
  links: each('links', Behind),
};
const Unsaid: Shape = { created_by: constant(null), updated_by: constant(null) };

function linksOf(value: unknown): unknown {
  const { links, ...sides } = value as { links: object[] };
  return links.map((link) => ({ ...link, ...sides }));
}

const ViewFilter: Shape = {
  search: 'search',
  relation_type: as('relationType', relationType),
  relation_status: as('active', relationStatus),
  type: as('kind', customerType),
  value_level: as('tier', valueLevel),
  status: as('status', customerStatus),
};

const view = '/customers/tenants/view';
const viewMessages = { NOT_FOUND: { message: '客户不存在' } };

export const tenantRows = [
  list(`GET ${base}/`, 'customerTenants', Relation, Filter),
  write(`POST ${base}/`, 'customerTenantCreate', Relation, { ...Sides, ...Fields }, { status: 201, messages }),
  one(`GET ${base}/:id/`, 'customerTenant', Relation, {}, { messages }),
  update(`PUT ${base}/:id/`, 'customerTenantUpdate', Relation, { ...FixedSides, ...Fields }, { messages }),
  update(`PATCH ${base}/:id/`, 'customerTenantUpdate', Relation, { ...FixedSides, ...Fields }, { messages }),
  remove(`DELETE ${base}/:id/`, 'customerTenantDelete', {}, { messages, answer: nothing }),
  write(`POST ${base}/:id/set-primary/`, 'customerTenantSetPrimary', Relation, {}, { messages }),
  all(
    `GET ${base}/primary/`,
    'customer.tenants',
    Relation,
    { customer_id: required('$id', key), relation_type: Filter['relation_type']!, is_primary: always('primary', true) },
    { answer: firstOf, messages: { NOT_FOUND: { message: '该客户没有主要租户关系' } } },
  ),
  all(`GET ${base}/between/`, 'customerTenants', Relation, {
    customer_id: required('customer', key),
    tenant_id: required('tenant', tenantKey),
  }),
  list(
    `GET ${view}/`,
    'linkedCustomers',
    { ...Item, relation: object('links', Behind) },
    {
      ...ViewFilter,
      ordering: as('$orderBy', ordering({ name: 'NAME', created_at: 'CREATED_AT', updated_at: 'UPDATED_AT' })),
    },
  ),
  one(`GET ${view}/:id/`, 'linkedCustomer', Viewed, {}, { messages: viewMessages }),
  one(
    `GET ${view}/statistics/`,
    'linkedCustomerStatistics',
    {
      ...Statistics,
      by_relation_type: countsBy('byRelationType', 'relationType', relationType),
      by_relation_status: object('', { active: 'withActiveLink', inactive: 'withInactiveLink' }),
    },
    ViewFilter,
  ),
  one(
    `GET ${view}/:id/relations/`,
    'linkedCustomer',
    { ...Links, ...Unsaid },
    {},
    { answer: linksOf, messages: viewMessages },
  ),
];
