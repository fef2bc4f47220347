import { Arg, Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { isDisclosed } from '../model/derived.js';
import { Money, moneyOf } from '../model/fields.js';
import { MoneySum } from '../model/money.js';
import { Id, Input, sumsIn, Version } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import { Contract } from './contract.entity.js';
import { creditBalance, isOverdue, outstanding, overdueAmount, paid } from './contract.sql.js';
import { Payment } from './payment.entity.js';
import { PaymentInput, payments as paymentList } from './payment.inputs.js';
import * as payments from './payment.service.js';
import { isOfCustomer, receivableOf } from './payment.sql.js';
import { paymentActions } from './contract.policy.js';

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
  {
    nullable: true,
    description: 'What was received for the contract, refunds taken away; null if hidden from the caller.',
  },
  { kind: 'embed', ...moneyOf(paid) },
);
const OutstandingAmount = addField(
  Contract,
  'outstandingAmount',
  () => Money,
  {
    nullable: true,
    description:
      'What is not paid of all terms of the contract, never below 0; null if it has no amount or if hidden from the caller.',
  },
  { kind: 'embed', ...moneyOf((contract) => outstanding(contract).shown) },
);
const CreditBalance = addField(
  Contract,
  'creditBalance',
  () => Money,
  {
    nullable: true,
    description:
      'What was received for the contract beyond all its terms; null if it has no amount or if hidden from the caller.',
  },
  { kind: 'embed', ...moneyOf((contract) => creditBalance(contract).shown) },
);
const OverdueAmount = addField(
  Contract,
  'overdueAmount',
  () => Money,
  {
    nullable: true,
    description:
      'What is not paid of the terms that were due before today, in the time zone of the tenant; null if there is no amount or if hidden from the caller.',
  },
  { kind: 'embed', ...moneyOf((contract) => overdueAmount(contract).shown) },
);
const Overdue = addField(
  Contract,
  'overdue',
  () => Boolean,
  {
    nullable: true,
    description:
      'True if a term of the contract was due before today, in the time zone of the tenant, and is not paid in full; null if its amounts are hidden from the caller.',
  },
  { kind: 'sql', sql: isOverdue },
);

@ObjectType({ description: 'What a customer owes us for contracts that are in force or have expired.' })
class Receivable {
  @Field(() => Int, { description: 'How many contracts are not paid in full.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: 'What is not paid of the contracts, all their terms together; null if hidden from the caller.',
  })
  amount?: MoneySum | null;

  @Field(() => MoneySum, {
    nullable: true,
    description: 'What is not paid of the terms that were due before today; null if hidden from the caller.',
  })
  overdue?: MoneySum | null;
}

const ReceivableOfCustomer = addField(
  Customer,
  'receivable',
  () => Receivable,
  {
    nullable: true,
    description:
      'What the customer owes us, null if hidden from the caller; the contracts behind it are `contracts(filter: {receivable: true})`.',
  },
  {
    kind: 'embed',
    present: (customer) => isDisclosed(customer, 'Customer.receivable'),
    fields: receivableOf,
  },
  sumsIn,
);

const PaymentCreatePayload = payload('PaymentCreatePayload', { payment: [() => Payment, 'The new payment.'] });
const PaymentDeletePayload = deletePayload(Payment);

@Resolver()
class Mutations {
  @Mutation(() => PaymentCreatePayload, {
    nullable: true,
    description:
      'Enters a payment for a contract. Fails with REQUIRED, OUT_OF_RANGE, OVERPAYMENT, UNKNOWN_REFERENCE, INVALID, TOO_LONG, REFUND_TOO_LARGE, CURRENCY_FIXED.',
  })
  paymentCreate(
    @Ctx() ctx: Context,
    @Input(() => PaymentInput, 'The payment.') input: PaymentInput,
    @Arg('allowOverpayment', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'True takes more than what the contract owes, false refuses that with OVERPAYMENT.',
    })
    allowOverpayment?: boolean | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ payment: await payments.pay(ctx, input, allowOverpayment ?? false) }));
  }

  @Mutation(() => PaymentDeletePayload, {
    nullable: true,
    description:
      'Hides a payment that was entered by mistake; it no longer counts. Fails with NOT_FOUND, VERSION_CONFLICT, REFUND_TOO_LARGE.',
  })
  paymentDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await payments.remove(ctx, id, version) }));
  }
}

const PaymentRestoration = restoration(paymentList, payments.restore, ['OVERPAYMENT']);

export const paymentResolvers = [
  CreditBalance,
  OverdueAmount,
  Queries,
  ...groupsOf(paymentList, 'payments'),
  OfContract,
  OfCustomer,
  PaidAmount,
  OutstandingAmount,
  Overdue,
  ReceivableOfCustomer,
  Mutations,
  PaymentRestoration,
  ...permissionFields(paymentActions),
];
