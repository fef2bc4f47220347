import { At, Exact, OneOf, Text, To } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { type Money, MoneyOf } from '../model/fields.js';
import { enumeration } from '../model/enumeration.js';
import { Contract } from './contract.entity.js';

export const PaymentMethod = enumeration('PaymentMethod', 'How money was paid.', {
  BANK_TRANSFER: 'By transfer to our account.',
  CASH: 'In cash.',
  CHEQUE: 'By cheque or draft.',
  CARD: 'By card.',
  ALIPAY: 'By Alipay (支付宝).',
  WECHAT: 'By WeChat Pay (微信支付).',
  OTHER: 'In another way.',
});
export type PaymentMethod = keyof typeof PaymentMethod;

export const PaymentKind = enumeration('PaymentKind', 'Which way money went.', {
  PAYMENT: 'The customer paid us.',
  REFUND: 'We paid money back to the customer.',
});
export type PaymentKind = keyof typeof PaymentKind;

@Table({
  description: 'Money received for a contract, or paid back.',
  indexes: [['contract', 'paidAt']],
  orders: ['paidAt', 'createdAt', 'paidAmount'],
})
export class Payment extends Editable {
  @To(() => Contract, {
    belongs: true,
    description: 'For which contract; null if it is deleted or hidden from the caller.',
  })
  contract!: Contract;

  @OneOf(PaymentKind, { description: 'Whether money was received or paid back.', default: 'PAYMENT' })
  kind!: PaymentKind;

  @Exact({
    compared: true,
    hidden: true,
    mask: 'amount',
    range: [0.01, 9_999_999_999_999],
    description: 'Amount received or paid back, more than 0.',
  })
  paidAmount!: string;

  @MoneyOf('paidAmount', { description: 'Amount received or paid back; null if hidden from the caller.' })
  amount?: Money | null;

  @Text({
    hidden: true,
    max: 3,
    format: 'currency',
    description: "Currency of the amount: the contract's.",
    default: 'CNY',
  })
  currency!: string;

  @At({ description: 'When it was received.', default: 'now()' })
  paidAt!: string;

  @OneOf(PaymentMethod, { nullable: true, description: 'How it was paid; null where that was not said.' })
  method?: PaymentMethod | null;

  @Text({ max: 500, nullable: true, description: 'Remark on the payment, free text.' })
  remark?: string | null;
}
