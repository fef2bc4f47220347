import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Input } from '../graphql/arguments.js';
import { rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import * as administration from './administration.service.js';
import { Tenant } from './tenant.entity.js';
import { TenantCreateInput, TenantInput, tenants } from './tenant.inputs.js';

const Queries = rootFields(
  tenants,
  { one: 'tenant', many: 'tenants' },
  {
    one: 'A tenant: any for platform administrators, the own one for others; null if there is none.',
    many: 'Every tenant of this server, active or not. Only for platform administrators: FORBIDDEN else.',
  },
);

const TenantCreatePayload = payload('TenantCreatePayload', { tenant: [() => Tenant, 'The new tenant.'] });
const TenantUpdatePayload = payload('TenantUpdatePayload', {
  tenant: [() => Tenant, 'The tenant after the change.'],
});

@Resolver()
class Mutations {
  @Mutation(() => TenantCreatePayload, {
    nullable: true,
    description:
      'Creates a tenant, in which nobody has been yet; it is audited and published in the new tenant. Only for platform administrators. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, ALREADY_EXISTS.',
  })
  tenantCreate(@Ctx() ctx: Context, @Input(() => TenantCreateInput) input: TenantCreateInput): Promise<object> {
    return answer(ctx, async () => ({ tenant: await administration.create(ctx, input) }));
  }

  @Mutation(() => TenantUpdatePayload, {
    nullable: true,
    description:
      'Changes a tenant; in effect in every server within seconds. The tenant of the request for those who administer it, any with `id` for platform administrators. Fails with FORBIDDEN, NOT_FOUND, REQUIRED, INVALID, TOO_LONG.',
  })
  tenantUpdate(
    @Ctx() ctx: Context,
    @Input(() => TenantInput) input: TenantInput,
    @Arg('id', () => ID, {
      nullable: true,
      description: 'Opaque id, integer number or code of the tenant to change; that of the request if left out.',
    })
    id?: string | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ tenant: await administration.update(ctx, input, id) }));
  }
}

export const tenantResolvers = [Queries, Mutations];
