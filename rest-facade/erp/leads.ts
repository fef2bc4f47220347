import { list, one, remove, update, write } from '../engine/rows.js';
import { as, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { amount, day, leadSource, leadStatus, nothing, phone, written } from './dialect.js';

const Beginning: Shape = {
  id: 'id',
  name: 'name',
  company: 'company',
  contactPerson: 'contactPerson',
  phone: as('phone', phone),
  email: 'email',
  source: as('source', leadSource),
  status: as('status', leadStatus),
  score: 'score',
};

export const Lead: Shape = { ...Beginning, ...written };
export const Detail: Shape = { ...Beginning, description: 'description', campaignId: 'campaign.id', ...written };
const Body: Shape = {
  ...pick(Detail, 'name', 'company', 'contactPerson', 'phone', 'email', 'source', 'description'),
  campaignId: 'campaign',
};
const Filter: Shape = {
  ...pick(Lead, 'name', 'status', 'source'),
  createdDateStart: 'createdFrom',
  createdDateEnd: 'createdUntil',
};

export const Converted: Shape = { accountId: 'customer.id', contactId: 'contact.id', opportunityId: 'opportunity.id' };
const Conversion: Shape = {
  createAccount: 'createCustomer',
  createContact: 'createContact',
  accountId: 'customer',
  opportunityName: 'opportunityName',
  estimatedAmount: as('amount.amount', amount),
  closeDate: as('expectedCloseOn', day),
};

const wrongStatus = { status: 400, code: 4009, message: '线索状态错误' };
const messages = {
  NOT_FOUND: { code: 4005, message: '线索不存在' },
  'INVALID status': wrongStatus,
  TRANSITION_NOT_ALLOWED: wrongStatus,
  NAME_TAKEN: { message: '客户名称已存在' },
};

export const leadRows = [
  list('GET /leads', 'leads', Lead, Filter, { messages }),
  write('POST /leads', 'leadCreate', pick(Lead, 'id'), Body, { messages }),
  one('GET /leads/:id', 'lead', Detail, {}, { messages }),
  update('PUT /leads/:id', 'leadUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /leads/:id', 'leadDelete', {}, { messages, answer: nothing }),
  update(
    'PUT /leads/:id/status',
    'leadChangeStatus',
    pick(Lead, 'status'),
    { status: required('$status', leadStatus), reason: '$reason' },
    { messages, answer: nothing },
  ),
  write('POST /leads/:id/convert', 'leadConvert', Converted, Conversion, { messages, record: '' }),
];
