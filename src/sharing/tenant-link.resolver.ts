import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import * as linked from './linked-customer.service.js';
import { CustomerTenant } from './tenant-link.entity.js';
import {
  CustomerTenantInput,
  customerTenants,
  LinkedCustomer,
  LinkedCustomerFilter,
  LinkedCustomerOrder,
  LinkedCustomerPage,
} from './tenant-link.inputs.js';
import * as links from './tenant-link.service.js';
import { tenantLinkActions } from './tenant-link.policy.js';

const Queries = rootFields(
  customerTenants,
  { one: 'customerTenant', many: 'customerTenants' },
  {
    one: 'One link between a customer and a tenant; null if there is none that the caller may see.',
    many: 'Links between customers and tenants that the caller may see, the main ones first.',
  },
);
const OfCustomer = childList(
  Customer,
  'tenants',
  customerTenants,
  'Tenants that work with the customer, each through its link; the main ones first.',
  'customer',
);

const record: Record<string, [() => unknown, string]> = {
  customerTenant: [() => CustomerTenant, 'The link after the change.'],
};
const CustomerTenantCreatePayload = payload('CustomerTenantCreatePayload', record);
const CustomerTenantUpdatePayload = payload('CustomerTenantUpdatePayload', record);
const CustomerTenantSetPrimaryPayload = payload('CustomerTenantSetPrimaryPayload', record);
const CustomerTenantDeletePayload = deletePayload(CustomerTenant);

@Resolver()
class LinkedQueries {
  @Query(() => LinkedCustomerPage, {
    nullable: true,
    description: 'Customers that tenants have linked to this one; only for those who administer this tenant.',
  })
  linkedCustomers(
    @Ctx() ctx: Context,
    @Arg('filter', () => LinkedCustomerFilter, {
      nullable: true,
      description: 'Only customers that meet all of these conditions.',
    })
    filter?: LinkedCustomerFilter | null,
    @Arg('orderBy', () => LinkedCustomerOrder, {
      nullable: true,
      defaultValue: { field: 'CREATED_AT', direction: 'DESC' },
      description: 'Order of the list.',
    })
    orderBy?: LinkedCustomerOrder | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'Rows of the page: 0 to 500.' })
    first?: number | null,
    @Arg('offset', () => Int, { nullable: true, defaultValue: 0, description: 'Rows to pass over from the front.' })
    offset?: number | null,
  ): Promise<object> {
    return linked.linkedCustomers(ctx, filter ?? {}, orderBy ?? { field: 'CREATED_AT', direction: 'DESC' }, {
      first: first ?? 20,
      offset: offset ?? 0,
    });
  }

  @Query(() => LinkedCustomer, {
    nullable: true,
    description:
      'One customer that a tenant has linked to this one; null if there is none. Only for those who administer this tenant.',
  })
  linkedCustomer(@Ctx() ctx: Context, @Id() id: string): Promise<object | null> {
    return linked.linkedCustomer(ctx, id);
  }
}

@Resolver()
class Mutations {
  @Mutation(() => CustomerTenantCreatePayload, {
    nullable: true,
    description:
      'Links a customer to a tenant, whose administrators may then read it. Only for those who administer this tenant. Fails with FORBIDDEN, REQUIRED, INVALID, UNKNOWN_REFERENCE, ALREADY_LINKED, DATES_REVERSED, TOO_LONG.',
  })
  customerTenantCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerTenantInput, 'The link.') input: CustomerTenantInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerTenant: await links.create(ctx, input) }));
  }

  @Mutation(() => CustomerTenantUpdatePayload, {
    nullable: true,
    description:
      'Changes a link; its customer and tenant stay. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, UNKNOWN_REFERENCE, ALREADY_LINKED, DATES_REVERSED, TOO_LONG.',
  })
  customerTenantUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CustomerTenantInput) input: CustomerTenantInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerTenant: await links.update(ctx, id, input, version) }));
  }

  @Mutation(() => CustomerTenantSetPrimaryPayload, {
    nullable: true,
    description:
      'Makes a link the main one of its customer and type. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  customerTenantSetPrimary(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ customerTenant: await links.setPrimary(ctx, id, version) }));
  }

  @Mutation(() => CustomerTenantDeletePayload, {
    nullable: true,
    description: 'Removes a link for good. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  customerTenantDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await links.remove(ctx, id, version) }));
  }
}

export const tenantLinkResolvers = [
  Queries,
  OfCustomer,
  LinkedQueries,
  Mutations,
  ...permissionFields(tenantLinkActions),
];
