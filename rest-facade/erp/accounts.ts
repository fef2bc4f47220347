import { list, one, remove, update, write } from '../engine/rows.js';
import { as, each, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { accountStatus, accountType, amount, day, loyaltyLevel, nothing, phone, written } from './dialect.js';

const Company: Shape = {
  id: 'id',
  accountNo: 'accountNo',
  name: 'name',
  type: as('kind', accountType),
  industry: 'industry',
  region: 'region',
  address: 'address',
  contactPerson: 'contactPerson',
  phone: as('phone', phone),
  email: 'email',
};

const status = as('status', accountStatus);
export const Account: Shape = { ...Company, status, ...written };

export const Person: Shape = {
  id: 'node.id',
  name: 'node.name',
  position: 'position',
  phone: 'node.phone',
  email: 'node.email',
};

export const Detail: Shape = {
  ...Company,
  website: 'website',
  taxNo: 'taxNo',
  creditLimit: as('credit(sumsIn: TENANT).limit.amount', amount),
  creditUsed: as('credit(sumsIn: TENANT).used.amount', amount),
  loyaltyLevel: as('tier', loyaltyLevel),
  remarks: 'remarks',
  status,
  contacts: each('contacts(first: 500).edges', Person),
  ...written,
};

const Body: Shape = {
  ...pick(
    Detail,
    'name',
    'type',
    'industry',
    'region',
    'address',
    'contactPerson',
    'phone',
    'email',
    'website',
    'taxNo',
    'loyaltyLevel',
    'remarks',
  ),
  creditLimit: as('creditLimit.amount', amount),
};

/** To the ERP an account is active from the beginning. */
const NewBody: Shape = { ...Body, status: as('status', accountStatus, { unset: 'active' }) };

const Filter: Shape = {
  accountNo: 'accountNo',
  name: 'name',
  status,
  industry: 'industry',
  region: 'region',
  type: as('kind', accountType),
};

export const Assessment: Shape = {
  assessmentDate: as('assessedOn', day),
  assessor: 'assessor',
  creditScore: required('score'),
  creditLimit: as('creditLimit.amount', amount),
  remarks: 'remarks',
};

const messages = {
  NOT_FOUND: { code: 4001, message: '客户不存在' },
  NAME_TAKEN: { message: '客户名称已存在' },
};

export const accountRows = [
  list('GET /accounts', 'customers', Account, Filter),
  one('GET /accounts/:id', 'customer', Detail, {}, { messages }),
  write('POST /accounts', 'customerCreate', pick(Account, 'id', 'accountNo'), NewBody, { messages }),
  update('PUT /accounts/:id', 'customerUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /accounts/:id', 'customerDelete', {}, { messages, answer: nothing }),
  update(
    'PUT /accounts/:id/status',
    'customerChangeStatus',
    { status },
    { status: required('$status', accountStatus), reason: '$reason' },
    { messages, answer: nothing },
  ),
  write('POST /accounts/:id/credit-assessment', 'creditAssessmentCreate', { assessmentId: 'id' }, Assessment, {
    messages: { ...messages, 'UNKNOWN_REFERENCE id': { status: 404, ...messages.NOT_FOUND } },
    path: { id: '$input.customer' },
    record: 'creditAssessment',
    // today, and whoever sends it
    demands: { assessmentDate: false, assessor: false },
  }),
];
