import { list, one, write } from '../engine/rows.js';
import { as, derived, required } from '../engine/shapes.js';
import type { Converter, Shape } from '../engine/types.js';
import {
  cents,
  contractStatus,
  currency,
  customerMissing,
  day,
  instant,
  missing,
  moment,
  tenantCode,
} from './dialect.js';

export const Contract: Shape = {
  contractId: 'id',
  tenantId: tenantCode,
  customerId: 'customer.id',
  opportunityId: 'opportunity.id',
  contractNo: 'code',
  amountCents: as('amount.amount', cents),
  currency: as('amount.currency', currency),
  status: as('status', contractStatus),
  signedAt: as('signedOn', day),
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
};

/** The number is stored as the title too: the dialect has no other title. */
const NewContract: Shape = {
  customerId: required('customer'),
  contractNo: { ...required('code'), also: 'name' },
  amountCents: required('amount.amount', cents),
  opportunityId: 'opportunity',
  currency: 'amount.currency',
  signedAt: as('signedOn', day),
  status: as('status', contractStatus),
};

const contractMessages = {
  NOT_FOUND: { message: '合同不存在' },
  NUMBER_TAKEN: { message: '合同编号已存在' },
  'REQUIRED contractNo': { message: '请填写合同编号' },
  'REQUIRED status': { message: '状态必填' },
  ...customerMissing,
  ...missing('opportunityId', '商机不存在'),
};

/** The cents of a payment as what was received: a refund is less than nothing. */
const signedCents: Converter = { ...cents, in: (value, call) => cents.in(withoutSign(value), call) };
const withoutSign = (value: unknown): unknown =>
  typeof value === 'number' ? Math.abs(value) : typeof value === 'string' ? value.trim().replace(/^-/, '') : value;

/** Which way the money went, by the sign of the cents. */
const paymentKind: Converter = {
  out: (kind) => kind,
  in: (value) => (value === null ? undefined : Number(value) < 0 ? 'REFUND' : 'PAYMENT'),
};

const received = derived({ amount: 'amount.amount', kind: 'kind' }, ({ amount, kind }, call) => {
  const shown = cents.out(amount, call);
  return kind === 'REFUND' && typeof shown === 'number' ? -shown : shown;
});

export const Payment: Shape = {
  paymentId: 'id',
  tenantId: tenantCode,
  contractId: 'contract.id',
  amountCents: { ...received, wire: cents.wire! },
  paymentAt: as('paidAt', instant),
  remark: 'remark',
  createdAt: as('createdAt', instant),
};

const NewPayment: Shape = {
  contractId: required('contract'),
  amountCents: { ...required('amount.amount', signedCents), also: as('kind', paymentKind) },
  paymentAt: required('paidAt', moment),
  remark: 'remark',
};

export const contractRows = [
  list('GET /contracts', 'contracts', Contract, { customerId: 'customer' }),
  one('GET /contracts/:id', 'contract', Contract, {}, { messages: contractMessages }),
  write('POST /contracts', 'contractCreate', Contract, NewContract, { status: 201, messages: contractMessages }),
  write(
    'PATCH /contracts/:id',
    'contractChangeStatus',
    Contract,
    { status: required('$status', contractStatus) },
    { messages: contractMessages },
  ),
  list('GET /payments', 'payments', Payment, { contractId: 'contract' }),
  write('POST /payments', 'paymentCreate', Payment, NewPayment, {
    status: 201,
    messages: missing('contractId', '合同不存在'),
  }),
];
