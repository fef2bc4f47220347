import { Arg, Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Money, moneyOf } from '../model/fields.js';
import { MoneySum, sumOfRows } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { Id, Input, Reason, sumsIn, Version } from '../graphql/arguments.js';
import { addOrder } from '../read/list.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import { customers } from '../customers/customer.inputs.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Contract, ContractStatus } from './contract.entity.js';
import { ContractInput, contracts as contractList } from './contract.inputs.js';
import {
  creditBalance,
  isInForce,
  lifetimeAmount,
  lifetimeValue,
  nextRenewal,
  nextRenewalAsText,
  outstanding,
  presentAmount,
  termsOf,
} from './contract.sql.js';
import * as contracts from './contract.service.js';
import './contract.timeline.js';
import { ContractRenewal } from './renewal.entity.js';
import { ContractRenewInput, contractRenewals } from './renewal.inputs.js';
import { contractActions } from './contract.policy.js';

const Queries = rootFields(
  contractList,
  { one: 'contract', many: 'contracts' },
  {
    one: 'One contract; null if there is none with this id that the caller may see.',
    many: 'Contracts that the caller may see.',
  },
);
const OfCustomer = childList(Customer, 'contracts', contractList, 'Contracts with the customer.', 'customer');
const OfOpportunity = childList(
  Opportunity,
  'contracts',
  contractList,
  'Contracts that came from the opportunity.',
  'opportunity',
);
const RenewalQueries = rootFields(
  contractRenewals,
  { one: 'contractRenewal', many: 'contractRenewals' },
  {
    one: 'One renewal of a contract; null if there is none that the caller may see.',
    many: 'Renewals of the contracts that the caller may see, newest first.',
  },
);
const RenewalsOfContract = childList(
  Contract,
  'renewals',
  contractRenewals,
  'How the contract was renewed, newest first.',
  'contract',
);

@ObjectType({ description: 'How much a customer may owe us, and how much of that is in use.' })
class Credit {
  @Field(() => Money, {
    nullable: true,
    description: 'Credit limit; null if none was set or if hidden from the caller.',
  })
  limit?: Money | null;

  @Field(() => MoneySum, {
    nullable: true,
    description:
      'What is not paid of the contracts in force, all their terms together; null if hidden from the caller.',
  })
  used?: MoneySum | null;
}

const CreditOfCustomer = addField(
  Customer,
  'credit',
  () => Credit,
  { description: 'Credit of the customer.' },
  {
    kind: 'embed',
    present: () => 'true',
    fields: () => ({
      limit: moneyOf((customer) => customer.shown('creditLimit')),
      used: sumOfRows(Contract, 'customer', outstanding, isInForce),
    }),
  },
  sumsIn,
);

const CreditBalance = addField(
  Customer,
  'creditBalance',
  () => MoneySum,
  {
    nullable: true,
    description: 'What was received for contracts beyond all their terms; null if hidden from the caller.',
  },
  { kind: 'embed', ...sumOfRows(Contract, 'customer', creditBalance, () => 'true') },
  sumsIn,
);

const ContractAmount = addField(
  Customer,
  'contractAmount',
  () => MoneySum,
  {
    nullable: true,
    description:
      'Sum of the amounts of the present terms of the contracts in force that the caller may see; null if hidden from the caller.',
  },
  { kind: 'embed', ...sumOfRows(Contract, 'customer', presentAmount, isInForce) },
  sumsIn,
);

const LifetimeValue = addField(
  Customer,
  'lifetimeValue',
  () => MoneySum,
  {
    nullable: true,
    description:
      'Sum of the amounts of all terms of the contracts in force or expired that the caller may see; null if hidden from the caller.',
  },
  { kind: 'embed', ...lifetimeValue },
  sumsIn,
);

@ObjectType({
  description: 'One term of a contract: from when to when it runs, what it owes, and what of that is open.',
})
class ContractTerm {
  @Field(() => Int, { description: 'Which term it is, counted from 1.' })
  term!: number;

  @Field(() => Day, { nullable: true, description: 'First day of the term.' })
  startsOn?: string | null;

  @Field(() => Day, { nullable: true, description: 'Last day of the term.' })
  endsOn?: string | null;

  @Field(() => Day, {
    nullable: true,
    description: 'Day by which the term is to be paid in full; null if none was agreed.',
  })
  dueOn?: string | null;

  @Field(() => Money, {
    nullable: true,
    description: 'Amount agreed for the term; null if none was or if hidden from the caller.',
  })
  amount?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description:
      'What of the amount of the term is not paid: payments go to the oldest term first. Null where `amount` is.',
  })
  outstandingAmount?: Money | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True if the term was due before today, in the time zone of the tenant, and is not paid in full; null if its amount is hidden from the caller.',
  })
  overdue?: boolean | null;
}

const Terms = addField(
  Contract,
  'terms',
  () => [ContractTerm],
  { description: 'Terms of the contract, the oldest first: the one from its beginning, and one for each renewal.' },
  {
    kind: 'listed',
    of: termsOf,
  },
);

const NextRenewal = addField(
  Customer,
  'nextRenewalOn',
  () => Day,
  { nullable: true, description: 'The first last day of its contracts in force; null if there is none.' },
  {
    kind: 'sql',
    sql: nextRenewalAsText,
  },
);

addOrder(customers, 'lifetimeValue', {
  description: 'The lifetime value, in the currency of each customer.',
  sql: (customer) => lifetimeAmount(customer, customer.col('currency')),
  cast: 'numeric',
});
addOrder(customers, 'lifetimeValueInTenantCurrency', {
  description: 'The lifetime value, in the currency of the tenant.',
  sql: (customer) => lifetimeAmount(customer, customer.currency()),
  cast: 'numeric',
});
addOrder(customers, 'nextRenewalOn', {
  description: 'The first last day of its contracts in force.',
  sql: nextRenewal,
  cast: 'date',
});

const record: Record<string, [() => unknown, string]> = {
  contract: [() => Contract, 'The contract after the change.'],
};
const ContractCreatePayload = payload('ContractCreatePayload', record);
const ContractUpdatePayload = payload('ContractUpdatePayload', record);
const ContractChangeStatusPayload = payload('ContractChangeStatusPayload', record);
const ContractSignPayload = payload('ContractSignPayload', {
  ...record,
  opportunity: [() => Opportunity, 'The opportunity it came from, won by the signature; null if it came from none.'],
  customer: [() => Customer, 'The customer, active from now on.'],
});
const ContractRenewPayload = payload('ContractRenewPayload', {
  ...record,
  contractRenewal: [() => ContractRenewal, 'The renewal as it was recorded.'],
});
const ContractsExpirePayload = payload('ContractsExpirePayload', {
  count: [() => Int, 'How many contracts have expired; call again while it is 500.'],
});
const ContractRestorePayload = payload('ContractRestorePayload', record);
const ContractDeletePayload = deletePayload(Contract);

@Resolver()
class Mutations {
  @Mutation(() => ContractCreatePayload, {
    nullable: true,
    description:
      'Creates a contract. Fails with REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  contractCreate(
    @Ctx() ctx: Context,
    @Input(() => ContractInput, 'What to store.') input: ContractInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.create(ctx, input) }));
  }

  @Mutation(() => ContractUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a contract; a state moves it there as `contractChangeStatus` does. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  contractUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => ContractInput) input: ContractInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.update(ctx, id, input, version) }));
  }

  @Mutation(() => ContractChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a contract to another state; into force as `contractSign` does. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  contractChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => ContractStatus, { description: 'The new state.' }) status: ContractStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => ContractSignPayload, {
    nullable: true,
    description:
      'Signs a draft: it comes into force, its opportunity is won and its customer active, all or nothing. Of what is in force already, the day of signature changes if another one is given. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT.',
  })
  contractSign(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('signedOn', () => Day, {
      nullable: true,
      description: 'Day of signature; without it the one already entered, or today.',
    })
    signedOn?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, () => contracts.sign(ctx, id, signedOn, version));
  }

  @Mutation(() => ContractRenewPayload, {
    nullable: true,
    description:
      'Extends a contract that is in force or has expired, and keeps what it was; an expired one is in force again. Fails with NOT_FOUND, REQUIRED, DATES_REVERSED, OUT_OF_RANGE, TOO_LONG, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT.',
  })
  contractRenew(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => ContractRenewInput, 'The terms of the renewal.') input: ContractRenewInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, () => contracts.renew(ctx, id, input, version));
  }

  @Mutation(() => ContractsExpirePayload, {
    nullable: true,
    description:
      'Marks contracts in force as expired whose last day lies before today, in the time zone of the tenant; at most 500 per call. Fails with FORBIDDEN.',
  })
  contractsExpire(@Ctx() ctx: Context): Promise<object> {
    return answer(ctx, async () => ({ count: await contracts.expire(ctx) }));
  }

  @Mutation(() => ContractDeletePayload, {
    nullable: true,
    description: 'Hides a contract; its number becomes free. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  contractDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await contracts.remove(ctx, id, version) }));
  }

  @Mutation(() => ContractRestorePayload, {
    nullable: true,
    description:
      'Brings back a deleted contract, with changes where its number, say, was given away meanwhile; only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, NUMBER_TAKEN, DATES_REVERSED, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, TRANSITION_NOT_ALLOWED, UNKNOWN_REFERENCE.',
  })
  contractRestore(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('input', () => ContractInput, { defaultValue: {}, description: 'What to change in the same mutation.' })
    input: ContractInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.restore(ctx, id, input, version) }));
  }
}

export const contractResolvers = [
  CreditBalance,
  Terms,
  Queries,
  ...groupsOf(contractList, 'contracts'),
  RenewalQueries,
  OfCustomer,
  OfOpportunity,
  RenewalsOfContract,
  CreditOfCustomer,
  ContractAmount,
  LifetimeValue,
  NextRenewal,
  Mutations,
  ...permissionFields(contractActions),
];
