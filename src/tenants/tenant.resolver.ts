import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Input } from '../graphql/arguments.js';
import { answer, payload } from '../graphql/payload.js';
import { Tenant } from './tenant.entity.js';
import { TenantInput } from './tenant.inputs.js';
import * as tenants from './tenant.service.js';

const TenantUpdatePayload = payload('TenantUpdatePayload', {
  tenant: [() => Tenant, 'The tenant after the change.'],
});

@Resolver()
class Mutations {
  @Mutation(() => TenantUpdatePayload, {
    nullable: true,
    description:
      'Changes the tenant of the request; in effect in every server within seconds. Only for those who administer it. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG.',
  })
  tenantUpdate(@Ctx() ctx: Context, @Input(() => TenantInput) input: TenantInput): Promise<object> {
    return answer(ctx, async () => ({ tenant: await tenants.update(ctx, input) }));
  }
}

export const tenantResolvers = [Mutations];
