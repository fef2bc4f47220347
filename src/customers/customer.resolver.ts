import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { changesOf } from '../graphql/changes.js';
import { rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { answer, answerBulk, bulkPayload, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer, CustomerStatus } from './customer.entity.js';
import { CustomerEdit, CustomerInput, customers as customerList } from './customer.inputs.js';
import * as customers from './customer.service.js';
import { customerActions } from './customer.policy.js';
import { CustomerTag } from './tag.entity.js';

const CustomerQueries = rootFields(
  customerList,
  { one: 'customer', many: 'customers' },
  {
    one: 'One customer; null if there is none with this id that the caller may see.',
    many: 'Customers that the caller may see.',
  },
);

const record: Record<string, [() => unknown, string]> = {
  customer: [() => Customer, 'The customer after the change; null if nothing was changed or it is deleted.'],
};
const CustomerCreatePayload = payload('CustomerCreatePayload', record);
const CustomerUpdatePayload = payload('CustomerUpdatePayload', record);
const CustomerChangeStatusPayload = payload('CustomerChangeStatusPayload', record);
const CustomerDeletePayload = deletePayload(Customer);
const CustomersUpdatePayload = bulkPayload('CustomersUpdatePayload', ['customer', () => Customer]);
const CustomersDeletePayload = bulkPayload('CustomersDeletePayload');
const CustomerRestorePayload = payload('CustomerRestorePayload', record);

@Resolver()
class CustomerMutations {
  @Mutation(() => CustomerCreatePayload, {
    nullable: true,
    description: 'Creates a customer. Fails with REQUIRED, INVALID, TOO_LONG, NAME_TAKEN, UNKNOWN_REFERENCE.',
  })
  customerCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerInput, 'What to store.') input: CustomerInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customer: await customers.create(ctx, input) }));
  }

  @Mutation(() => CustomerUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a customer. Fails with NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  customerUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CustomerInput) input: CustomerInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customer: await customers.update(ctx, id, input, version) }));
  }

  @Mutation(() => CustomerChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a customer to another state, with a reason for its history. Fails with NOT_FOUND, VERSION_CONFLICT, TOO_LONG.',
  })
  customerChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => CustomerStatus, { description: 'The new state.' }) status: CustomerStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customer: await customers.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => CustomerDeletePayload, {
    nullable: true,
    description:
      'Hides a customer; its name becomes free. `customerRestore` brings it back. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  customerDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await customers.remove(ctx, id, version) }));
  }

  @Mutation(() => CustomersUpdatePayload, {
    nullable: true,
    description:
      'Changes many customers, at most 5000: what is refused is reported in its result, the rest is kept. Items are refused as by `customerUpdate`. Fails with OUT_OF_RANGE.',
  })
  customersUpdate(
    @Ctx() ctx: Context,
    @Arg('inputs', () => [CustomerEdit], { description: 'The changes.' }) inputs: CustomerEdit[],
  ): Promise<object> {
    return answerBulk(ctx, () => customers.updateMany(ctx, inputs), 'customer');
  }

  @Mutation(() => CustomersDeletePayload, {
    nullable: true,
    description:
      'Hides many customers, at most 5000: what is refused is reported in its result, the rest is hidden. Items are refused as by `customerDelete`. Fails with OUT_OF_RANGE.',
  })
  customersDelete(
    @Ctx() ctx: Context,
    @Arg('ids', () => [ID], { description: 'Opaque ids or integer numbers.' }) ids: string[],
  ): Promise<object> {
    return answerBulk(ctx, () => customers.removeMany(ctx, ids));
  }

  @Mutation(() => CustomerRestorePayload, {
    nullable: true,
    description:
      'Brings a deleted customer back, with changes where its name, say, was given away meanwhile; only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  customerRestore(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('input', () => CustomerInput, { defaultValue: {}, description: 'What to change in the same mutation.' })
    input: CustomerInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customer: await customers.restore(ctx, id, input, version) }));
  }
}

export const customerResolvers = [
  changesOf(customerList),
  CustomerQueries,
  ...groupsOf(customerList, 'customers', {
    tag: { entity: CustomerTag, by: 'customer', property: 'name', description: 'A tag of the customer.' },
  }),
  CustomerMutations,
  ...permissionFields(customerActions),
];
