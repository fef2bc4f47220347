import { Ctx, Field, ID, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { rootField, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { restoration } from '../graphql/restoration.js';
import { permissionFields } from '../graphql/permissions.js';
import { PoolKind } from '../pools/pool.entity.js';
import { HoldingLimit } from './holding-limit.entity.js';
import { maxHolders, previewLimit } from './limit-preview.sql.js';
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

@ObjectType({ description: 'Somebody who looks after more records than a limit allows.' })
class HoldingLimitHolder {
  @Field(() => String, { description: 'Opaque id of the user.' })
  userId!: string;

  @Field(() => String, { description: 'What the user is called.' })
  name!: string;

  @Field(() => Int, { description: 'How many records they look after now that count under the limit.' })
  held!: number;

  @Field(() => Int, {
    description:
      'How many more that is than the limit. They stay theirs, and they get no more until they have fewer than the limit.',
  })
  over!: number;
}

@ObjectType({ description: 'Who would be over a holding limit today if it were stored.' })
class HoldingLimitPreview {
  @Field(() => PoolKind, { description: 'Of which records the limit is.' })
  kind!: string;

  @Field(() => Int, {
    description:
      'For how many users it would be the limit that holds: not for those with one of their own or of a nearer department.',
  })
  total!: number;

  @Field(() => Int, { description: 'How many of them look after more records than it allows.' })
  overCount!: number;

  @Field(() => [HoldingLimitHolder], {
    description: `Who that is: the first ${maxHolders}, those who are furthest over it first.`,
  })
  holders!: HoldingLimitHolder[];
}

const Preview = rootField(
  'holdingLimitPreview',
  () => HoldingLimitPreview,
  {
    description:
      'Who would be over a holding limit today, one that is stored or one that is described; null if there is no such limit, or if it is not for exactly one user or department that there is. Only for those who administer the tenant: fails with FORBIDDEN.',
  },
  { kind: 'report', of: previewLimit },
  {
    id: [() => ID, 'A stored limit, by opaque id or integer number.', 'optional'],
    input: [
      () => HoldingLimitInput,
      'A limit as it could be stored, its user by opaque id or integer number; counts where no `id` is given.',
      'optional',
    ],
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
  Preview,
  Mutations,
  HoldingLimitRestoration,
  ...permissionFields(holdingLimitActions),
];
