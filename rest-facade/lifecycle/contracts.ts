import { all, list, one, update, write } from '../engine/rows.js';
import { as, decimalNumber, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  between,
  contractStatus,
  contractType,
  day,
  inOrderOf,
  instant,
  key,
  renewalType,
  tenantNumber,
  text,
  uri,
} from './dialect.js';

const amount = between(0, 9_999_999_999_999);

/** Schema `CustomerContract`. */
export const Contract: Shape = {
  contract_id: 'number',
  tenant_id: tenantNumber,
  customer_id: 'customer.number',
  contract_code: 'code',
  contract_name: 'name',
  contract_type: as('kind', contractType),
  contract_amount: as('amount.amount', decimalNumber),
  currency: 'amount.currency',
  start_date: 'startsOn',
  end_date: as('endsOn', day),
  status: as('status', contractStatus),
  renewal_type: as('renewal', renewalType),
  renewal_notice_days: 'noticeDays',
  payment_terms: as('paymentTerms', text(100)),
  service_level: as('serviceLevel', text(100)),
  contract_file_url: as('fileUrl', uri),
  signed_date: 'signedOn',
  created_by: 'createdBy.number',
  created_at: as('createdAt', instant),
  updated_at: as('updatedAt', instant),
};

/** What both requests may set. */
const Terms: Shape = {
  renewal_type: Contract['renewal_type']!,
  renewal_notice_days: 'noticeDays',
  payment_terms: Contract['payment_terms']!,
  service_level: Contract['service_level']!,
  contract_file_url: Contract['contract_file_url']!,
  currency: 'amount.currency',
  signed_date: as('signedOn', day),
  status: as('status', contractStatus),
};

/** Schema `CustomerContractCreateRequest`. */
export const ContractCreate: Shape = {
  contract_name: required('name'),
  contract_type: required('kind', contractType),
  contract_amount: required('amount.amount', amount),
  start_date: required('startsOn', day),
  end_date: required('endsOn', day),
  ...Terms,
};

/** Schema `CustomerContractUpdateRequest`. */
export const ContractUpdate: Shape = {
  contract_name: 'name',
  contract_type: as('kind', contractType),
  contract_amount: as('amount.amount', amount),
  start_date: as('startsOn', day),
  end_date: as('endsOn', day),
  ...Terms,
};

/** Schema `ContractRenewalRequest`. */
export const ContractRenewal: Shape = {
  new_end_date: required('endsOn', day),
  new_amount: as('amount.amount', amount),
  renewal_terms: 'terms',
};

const unlawful = { status: 400, code: '40005' };
const messages = {
  NOT_FOUND: { message: '合同不存在' },
  'UNKNOWN_REFERENCE id': { status: 404, code: '40001', message: '客户不存在' },
  FORBIDDEN: { message: '没有权限操作该合同' },
  DATES_REVERSED: { ...unlawful, message: '合同结束日期必须晚于开始日期' },
  TRANSITION_NOT_ALLOWED: { ...unlawful, message: '合同状态不允许此操作' },
  ...Object.fromEntries(
    ['contract_amount', 'new_amount'].map((field) => [
      `OUT_OF_RANGE ${field}`,
      { ...unlawful, message: '合同金额不合法' },
    ]),
  ),
  ...Object.fromEntries(
    ['start_date', 'end_date', 'signed_date', 'new_end_date'].map((field) => [
      `INVALID ${field}`,
      { ...unlawful, message: '合同日期不合法' },
    ]),
  ),
};

export const contractRows = [
  all(
    'GET /customers/:id/contracts',
    'customer.contracts',
    Contract,
    { status: as('status', contractStatus) },
    { messages: { NOT_FOUND: { code: '40001', message: '客户不存在' } } },
  ),
  write('POST /customers/:id/contracts', 'contractCreate', Contract, ContractCreate, {
    messages,
    path: { id: as('$input.customer', key) },
    message: '合同创建成功',
  }),
  list(
    'GET /contracts/expiring',
    'contracts',
    Contract,
    { days: as('expiringWithin', between(1, 365), { unset: 90 }) },
    { path: { order: inOrderOf('ENDS_ON', 'ASC') } },
  ),
  one('GET /contracts/:id', 'contract', Contract, {}, { messages }),
  update('PUT /contracts/:id', 'contractUpdate', Contract, ContractUpdate, { messages, message: '合同更新成功' }),
  write('POST /contracts/:id/renew', 'contractRenew', Contract, ContractRenewal, {
    messages,
    record: 'contract',
    message: '合同续约成功',
  }),
];
