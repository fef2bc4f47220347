import { batch, list, one, remove, update, write } from '../engine/rows.js';
import { as, each, phoneAs, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  asRecord,
  asSent,
  below,
  companySize,
  countOf,
  countsBy,
  customerStatus,
  customerType,
  day,
  failedItem,
  failedKey,
  flag,
  instant,
  isThere,
  key,
  nothing,
  ordering,
  outcome,
  text,
  url,
  valueLevel,
  written,
} from './dialect.js';

/** The fields of a customer that clients write. */
const Fields: Shape = {
  name: as('name', text(100)),
  type: as('kind', customerType),
  value_level: as('tier', valueLevel),
  status: as('status', customerStatus),
  business_license_number: 'licenseNo',
  tax_identification_number: 'taxNo',
  registered_capital: 'registeredCapital',
  legal_representative: 'legalRepresentative',
  registered_address: 'registeredAddress',
  business_address: 'address',
  business_scope: 'businessScope',
  industry_type: as('industry', text(50)),
  company_size: as('size', companySize),
  establishment_date: as('establishedOn', day),
  website: as('website', url),
  primary_contact_name: as('contactPerson', text(50)),
  primary_contact_phone: as('phone', phoneAs(text(20))),
  primary_contact_email: 'email',
  bank_name: 'bankName',
  bank_account: 'bankAccount',
  credit_rating: 'creditRating',
  payment_terms: 'paymentTerms',
  special_requirements: 'specialRequirements',
  notes: 'remarks',
  source: 'source',
};

/** A customer in full, as a tenant sees one of its own or one that it is linked with. */
export const Record: Shape = {
  id: 'number',
  ...Fields,
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
};

/** What a customer is made of: clients may leave out all but the name, and one of theirs is active from the start. */
export const Created: Shape = {
  ...Fields,
  name: required('name', text(100)),
  status: as('status', customerStatus, { unset: 'active' }),
};

export const Customer: Shape = { ...Record, is_deleted: as('deletedAt', isThere), ...written };

/** A customer in lists. */
export const Item: Shape = pick(
  Record,
  'id',
  'name',
  'type',
  'value_level',
  'status',
  'primary_contact_name',
  'primary_contact_phone',
  'industry_type',
  'company_size',
  'created_at',
);

const Filter: Shape = {
  search: 'search',
  ...pick(Fields, 'type', 'value_level', 'status', 'company_size'),
  industry_type: 'industry',
  is_deleted: as('deleted', flag),
  show_deleted: as('$deleted', flag),
  ordering: as(
    '$orderBy',
    ordering({
      id: 'NUMBER',
      name: 'NAME',
      created_at: 'CREATED_AT',
      updated_at: 'UPDATED_AT',
      value_level: 'TIER',
      status: 'STATUS',
      industry_type: 'INDUSTRY',
    }),
  ),
};

export const Statistics: Shape = {
  total_count: 'totalCount',
  active_count: countOf('byStatus', 'status', 'ACTIVE'),
  inactive_count: countOf('byStatus', 'status', 'INACTIVE'),
  potential_count: countOf('byStatus', 'status', 'POTENTIAL'),
  lost_count: countOf('byStatus', 'status', 'LOST'),
  by_type: countsBy('byKind', 'kind', customerType),
  by_value_level: countsBy('byTier', 'tier', valueLevel),
  by_company_size: countsBy('bySize', 'size', companySize),
};

const messages = { NOT_FOUND: { message: '客户不存在' }, NAME_TAKEN: { message: '客户名称已存在' } };
/** The message about an item that is not an object. */
const ofItems = { ...messages, 'INVALID ': { message: '数据格式无效' } };
const shown = { query: pick(Filter, 'show_deleted'), messages };

const erase = remove('DELETE /customers/:id/', 'customerDelete', {}, { messages, answer: nothing });
const restore = write('PATCH /customers/:id/', 'customerRestore', Customer, Fields, { messages });
const instead = {
  is_deleted: [
    [true, erase],
    [false, restore],
  ],
} as const;

export const customerRows = [
  list('GET /customers/', 'customers', Item, Filter),
  write('POST /customers/', 'customerCreate', Customer, Created, { status: 201, messages }),
  one('GET /customers/:id/', 'customer', Customer, {}, shown),
  update(
    'PUT /customers/:id/',
    'customerUpdate',
    Customer,
    { ...Fields, name: required('name', text(100)) },
    { ...shown, instead },
  ),
  update('PATCH /customers/:id/', 'customerUpdate', Customer, Fields, { ...shown, instead }),
  erase,
  list('GET /customers/search/', 'customers', Customer, {
    q: required('search'),
    ...pick(Filter, 'show_deleted', 'ordering'),
  }),
  one('GET /customers/statistics/', 'customerStatistics', Statistics, pick(Filter, 'show_deleted')),
  batch(
    'POST /customers/bulk-create/',
    'customersOnboard',
    Customer,
    { customers: each('$inputs', below('customer', Created)) },
    outcome(201, 'created', 'customers', asRecord, failedItem),
    { messages: ofItems },
  ),
  batch(
    'POST /customers/bulk-update/',
    'customersUpdate',
    Customer,
    { customers: each('$inputs', { id: required('id', key), ...below('input', Fields) }) },
    outcome(200, 'updated', 'customers', asRecord, failedItem),
    { messages: ofItems },
  ),
  batch(
    'POST /customers/bulk-delete/',
    'customersDelete',
    {},
    { ids: as('$ids', key) },
    outcome(200, 'deleted', 'ids', asSent, failedKey),
    { messages },
  ),
];
