import { Field, ID, InputType } from 'type-graphql';
import { inputFrom } from '../model/inputs.js';
import { Day, Decimal } from '../model/scalars.js';
import { among, atLeast, atMost, contains, fromDay, hasSome, refersTo, untilDay, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { Contract } from './contract.entity.js';
import { Payment, PaymentMethod } from './payment.entity.js';
import { isFor } from './payment.sql.js';
import './contract.policy.js';

@InputType({
  description: 'Conditions on payments; all given ones hold. Amounts match only where the caller may see them.',
})
export class PaymentFilter {
  @Where(refersTo('contract', Contract), () => ID, 'For this contract.')
  contract?: string;

  @Where(hasSome(Contract, isFor, refersTo('customer', Customer)), () => ID, 'For any contract with this customer.')
  customer?: string;

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
    number: 'Its integer number.',
    amount: { description: 'Its amount.', by: 'paidAmount', cast: 'numeric' },
  },
  defaultOrder: [['PAID_AT', 'DESC']],
});

@InputType({
  description: 'A payment to enter. `contract` and `amount` are required; by default it counts as received now.',
})
export class PaymentInput extends inputFrom(
  'PaymentMembers',
  Payment,
  ['contract', 'paidAt', 'method', 'remark'],
  'Fields of a payment that are written as they are.',
) {
  @Field(() => Decimal, { nullable: true, description: 'Amount received, more than 0.' })
  amount?: string | null;
}
