import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { aggregate, Money, moneyOf, type Scope } from '../core/fields.js';
import { Day } from '../core/scalars.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Contract, ContractStatus } from './contract.entity.js';
import { ContractInput, contracts as contractList } from './contract.inputs.js';
import * as contracts from './contract.service.js';
import './contract.timeline.js';

const Queries = rootFields(contractList, { one: 'contract', many: 'contracts' }, { one: 'One contract; null if there is none with this id that the caller may see.', many: 'Contracts that the caller may see.' });
const OfCustomer = childList(Customer, 'contracts', contractList, 'Contracts with the customer.', (contract, customer) => `${contract.col('customer')} = ${customer}`);
const OfDeal = childList(Opportunity, 'contracts', contractList, 'Contracts that came from the deal.', (contract, deal) => `${contract.col('opportunity')} = ${deal}`);

@ObjectType({ description: 'How much the customer may owe us, and how much of that is in use.' })
class Credit {
  @Field(() => Money, { nullable: true, description: 'Credit limit; null if none was set or if hidden from the caller.' })
  limit?: Money | null;

  @Field(() => Money, { nullable: true, description: 'Sum of the amounts of the contracts in force; null if amounts are hidden from the caller.' })
  used?: Money | null;
}

const inForce = (customer: Scope, expression: (contract: Scope) => string): string =>
  aggregate(customer, 'Contract', expression, (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${contract.col('status')} = 'IN_FORCE'`);

const CreditOfCustomer = addField(Customer, 'credit', () => Credit, { description: 'Credit of the customer.' }, {
  kind: 'embed',
  present: () => 'true',
  members: () => ({
    limit: moneyOf((customer) => customer.shown('creditLimit')),
    used: moneyOf((customer) => inForce(customer, (contract) => `case when count(*) = 0 then 0 else sum(${contract.shown('agreedAmount')}) end`)),
  }),
});

const ContractAmount = addField(Customer, 'contractAmount', () => Money, { nullable: true, description: 'Sum of the amounts of the contracts in force that the caller may see; null if there is none.' }, {
  kind: 'embed',
  ...moneyOf((customer) => inForce(customer, (contract) => `sum(${contract.shown('agreedAmount')})`)),
});

const LifetimeValue = addField(Customer, 'lifetimeValue', () => Money, { nullable: true, description: 'Sum of the amounts of all contracts that ever came into force and that the caller may see; null if there is none.' }, {
  kind: 'embed',
  ...moneyOf((customer) => aggregate(customer, 'Contract', (contract) => `sum(${contract.shown('agreedAmount')})`, (contract) => `${contract.col('customer')} = ${customer.col('id')} and ${contract.col('status')} in ('IN_FORCE', 'EXPIRED')`)),
});

const NextRenewal = addField(Customer, 'nextRenewalOn', () => Day, { nullable: true, description: 'The first last day of its contracts in force; null if there is none.' }, {
  kind: 'sql',
  sql: (customer) => inForce(customer, (contract) => `min(${contract.col('endsOn')})::text`),
});

const record: Record<string, [() => unknown, string]> = { contract: [() => Contract, 'The contract after the change.'] };
const ContractCreatePayload = payload('ContractCreatePayload', record);
const ContractUpdatePayload = payload('ContractUpdatePayload', record);
const ContractChangeStatusPayload = payload('ContractChangeStatusPayload', record);
const ContractDeletePayload = payload('ContractDeletePayload', { deletedId: [() => ID, 'Id of the deleted contract.'] });

@Resolver()
class Mutations {
  @Mutation(() => ContractCreatePayload, { nullable: true, description: 'Creates a contract. Fails with REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE.' })
  contractCreate(@Ctx() ctx: Context, @Input(() => ContractInput, 'What to store.') input: ContractInput): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.create(ctx, input) }));
  }

  @Mutation(() => ContractUpdatePayload, { nullable: true, description: 'Changes members of a contract, not its state. Fails with NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE.' })
  contractUpdate(@Ctx() ctx: Context, @Id() id: string, @Input(() => ContractInput) input: ContractInput, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.update(ctx, id, input, version) }));
  }

  @Mutation(() => ContractChangeStatusPayload, { nullable: true, description: 'Puts a contract into force, or ends it. Fails with NOT_FOUND, MOVE_NOT_ALLOWED, VERSION_CONFLICT.' })
  contractChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => ContractStatus, { description: 'The new state.' }) status: ContractStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ contract: await contracts.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => ContractDeletePayload, { nullable: true, description: 'Hides a contract; its number becomes free. Fails with NOT_FOUND.' })
  contractDelete(@Ctx() ctx: Context, @Id() id: string): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await contracts.remove(ctx, id) }));
  }
}

export const contractResolvers = [Queries, OfCustomer, OfDeal, CreditOfCustomer, ContractAmount, LifetimeValue, NextRenewal, Mutations];
