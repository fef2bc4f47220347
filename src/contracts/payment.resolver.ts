import { Arg, Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Money, moneyOf } from '../model/fields.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { Customer } from '../customers/customer.entity.js';
import { Contract } from './contract.entity.js';
import { isOverdue, outstanding, paid } from './contract.sql.js';
import { Payment } from './payment.entity.js';
import { PaymentInput, payments as paymentList } from './payment.inputs.js';
import * as payments from './payment.service.js';
import { isOfCustomer, receivableOf } from './payment.sql.js';

const Queries = rootFields(
  paymentList,
  { one: 'payment', many: 'payments' },
  {
    one: 'One payment; null if there is none with this id that the caller may see.',
    many: 'Payments for the contracts that the caller may see, the latest first.',
  },
);
const OfContract = childList(
  Contract,
  'payments',
  paymentList,
  'Payments for the contract, the latest first.',
  'contract',
);
const OfCustomer = childList(
  Customer,
  'payments',
  paymentList,
  'Payments for the contracts with the customer, the latest first.',
  { knownVisible: 'contract', where: isOfCustomer },
);

const PaidAmount = addField(
  Contract,
  'paidAmount',
  () => Money,
  { nullable: true, description: 'Sum of its payments; null if amounts are hidden from the caller.' },
  { kind: 'embed', ...moneyOf(paid) },
);
const OutstandingAmount = addField(
  Contract,
  'outstandingAmount',
  () => Money,
  {
    nullable: true,
    description:
      'What of its amount has not been paid yet, never below 0; null if it has no amount or if hidden from the caller.',
  },
  { kind: 'embed', ...moneyOf(outstanding) },
);
const Overdue = addField(
  Contract,
  'overdue',
  () => Boolean,
  { description: 'True if it was due before today, in the time zone of the tenant, and is not paid in full.' },
  { kind: 'sql', sql: isOverdue },
);

@ObjectType({ description: 'What a customer owes us for contracts that are in force or have expired.' })
class Receivable {
  @Field(() => Int, { description: 'How many contracts are not paid in full.' })
  count!: number;

  @Field(() => Money, {
    nullable: true,
    description: 'What has not been paid yet; null if amounts are hidden from the caller.',
  })
  amount?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: 'That part of it which is overdue; null if amounts are hidden from the caller.',
  })
  overdue?: Money | null;
}

const ReceivableOfCustomer = addField(
  Customer,
  'receivable',
  () => Receivable,
  {
    nullable: true,
    description: 'What the customer owes us; the contracts behind it are `contracts(filter: {receivable: true})`.',
  },
  {
    kind: 'embed',
    present: () => 'true',
    fields: receivableOf,
  },
);

const PaymentCreatePayload = payload('PaymentCreatePayload', { payment: [() => Payment, 'The new payment.'] });
const PaymentDeletePayload = deletePayload(Payment);

@Resolver()
class Mutations {
  @Mutation(() => PaymentCreatePayload, {
    nullable: true,
    description:
      'Enters a payment for a contract. Fails with REQUIRED, OUT_OF_RANGE, OVERPAYMENT, UNKNOWN_REFERENCE, INVALID, TOO_LONG.',
  })
  paymentCreate(
    @Ctx() ctx: Context,
    @Input(() => PaymentInput, 'The payment.') input: PaymentInput,
    @Arg('allowOverpayment', () => Boolean, {
      nullable: true,
      description: "True takes more than the contract's amount; otherwise that is refused with OVERPAYMENT.",
    })
    allowOverpayment?: boolean | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ payment: await payments.pay(ctx, input, allowOverpayment ?? false) }));
  }

  @Mutation(() => PaymentDeletePayload, {
    nullable: true,
    description:
      'Hides a payment that was entered by mistake; it no longer counts. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  paymentDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await payments.remove(ctx, id, version) }));
  }
}

export const paymentResolvers = [
  Queries,
  OfContract,
  OfCustomer,
  PaidAmount,
  OutstandingAmount,
  Overdue,
  ReceivableOfCustomer,
  Mutations,
];
