import { Field, ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { MoneyInput } from '../model/money.js';
import { Day, Decimal } from '../model/scalars.js';
import { among, atLeast, atMost, contains, fromDay, hasSome, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { Contract } from './contract.entity.js';
import { received } from './contract.sql.js';
import { Payment, PaymentKind, PaymentMethod } from './payment.entity.js';
import { isFor } from './payment.sql.js';
import './contract.policy.js';

@InputType({
  description: 'Conditions on payments; all given ones hold. Amounts match only where the caller may see them.',
})
export class PaymentFilter extends filterFrom('PaymentColumnFilter', Payment) {
  @Where(refersTo('contract', Contract), () => [ID], 'For one of these contracts.')
  contract?: string[];

  @Where(
    hasSome(Contract, isFor, refersTo('customer', Customer)),
    () => [ID],
    'For any contract with one of these customers.',
  )
  customer?: string[];

  @Where(among('kind'), () => [PaymentKind], 'Payments, or refunds.')
  kind?: string[];

  @Where(among('method'), () => [PaymentMethod], 'Paid in one of these ways.')
  method?: string[];

  @Where(contains('remark'), () => String, 'Contained in the remark.')
  remark?: string;

  @Where(atLeast('paidAmount', 'numeric'), () => Decimal, 'Amount of at least this.')
  amountMin?: string;

  @Where(atMost('paidAmount', 'numeric'), () => Decimal, 'Amount of at most this.')
  amountMax?: string;

  @Where(fromDay('paidAt'), () => Day, 'Received on this day or later, in the time zone of the tenant.')
  paidFrom?: string;

  @Where(untilDay('paidAt'), () => Day, 'Received on this day or earlier, in the time zone of the tenant.')
  paidUntil?: string;
}

export const payments = list(Payment, {
  filter: PaymentFilter,
  order: {
    paidAt: 'When it was received.',
    createdAt: 'When it was entered.',
    number: 'The integer `number`.',
    amount: { description: 'Amount of the payment.', by: 'paidAmount' },
  },
  defaultOrder: [['PAID_AT', 'DESC']],
  sums: { amount: { description: 'What was received, refunds taken away.', summand: received } },
  restorable: true,
});

@InputType({ description: 'A payment to enter, or a refund.' })
export class PaymentInput extends inputFrom(
  'PaymentFields',
  Payment,
  [...written(Payment), 'contract', 'kind', 'paidAt', 'method', 'remark'],
  'Fields of a payment that are written as they are. If `paidAt` is left out, it counts as received now.',
  { required: ['contract'], defaults: { kind: 'PAYMENT' } },
) {
  @Field(() => MoneyInput, {
    description: 'Amount received or paid back, more than 0, in the currency of the contract.',
  })
  amount!: MoneyInput;
}
