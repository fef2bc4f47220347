import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { restoration } from '../graphql/restoration.js';
import { permissionFields } from '../graphql/permissions.js';
import { HoldingLimit } from './holding-limit.entity.js';
import { HoldingLimitInput, holdingLimits as limitList } from './holding-limit.inputs.js';
import { holdingLimitActions } from './holding-limit.policy.js';
import * as limits from './holding-limit.service.js';

const Queries = rootFields(
  limitList,
  { one: 'holdingLimit', many: 'holdingLimits' },
  {
    one: 'One holding limit; null if there is none. Only for those who administer the tenant.',
    many: 'How many customers and leads users and members of departments may look after at once. Only for those who administer the tenant: fails with FORBIDDEN.',
  },
);

const record: Record<string, [() => unknown, string]> = {
  holdingLimit: [() => HoldingLimit, 'The limit after the change.'],
};
const HoldingLimitCreatePayload = payload('HoldingLimitCreatePayload', record);
const HoldingLimitUpdatePayload = payload('HoldingLimitUpdatePayload', record);
const HoldingLimitDeletePayload = deletePayload(HoldingLimit);

@Resolver()
class Mutations {
  @Mutation(() => HoldingLimitCreatePayload, {
    nullable: true,
    description:
      'Sets how many customers or leads a user, or each member of a department, may look after at once; what they have already stays theirs. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, OUT_OF_RANGE, ALREADY_EXISTS, UNKNOWN_REFERENCE.',
  })
  holdingLimitCreate(
    @Ctx() ctx: Context,
    @Input(() => HoldingLimitInput, 'What to store.') input: HoldingLimitInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ holdingLimit: await limits.create(ctx, input) }));
  }

  @Mutation(() => HoldingLimitUpdatePayload, {
    nullable: true,
    description:
      'Changes a holding limit; what is limited, and for whom, stays. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, OUT_OF_RANGE, UNKNOWN_REFERENCE.',
  })
  holdingLimitUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => HoldingLimitInput) input: HoldingLimitInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ holdingLimit: await limits.update(ctx, id, input, version) }));
  }

  @Mutation(() => HoldingLimitDeletePayload, {
    nullable: true,
    description:
      'Takes a holding limit away. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  holdingLimitDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await limits.remove(ctx, id, version) }));
  }
}

const HoldingLimitRestoration = restoration(limitList, limits.restore, ['ALREADY_EXISTS']);

export const holdingLimitResolvers = [
  Queries,
  Mutations,
  HoldingLimitRestoration,
  ...permissionFields(holdingLimitActions),
];
