import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { restoration } from '../graphql/restoration.js';
import { permissionFields } from '../graphql/permissions.js';
import { Pool } from './pool.entity.js';
import { PoolInput, PoolMemberInput, poolMembers, pools as poolList } from './pool.inputs.js';
import { poolActions } from './pool.policy.js';
import * as pools from './pool.service.js';

const Queries = rootFields(
  poolList,
  { one: 'pool', many: 'pools' },
  {
    one: 'One pool; null if there is none with this id.',
    many: 'Pools of the tenant, in their order. `customers(filter: { pool: … })` and `leads(filter: { pool: … })` have what lies in one.',
  },
);
const MembersOfPool = childList(Pool, 'members', poolMembers, 'Who works with the pool.', 'pool');

const record: Record<string, [() => unknown, string]> = { pool: [() => Pool, 'The pool after the change.'] };
const PoolCreatePayload = payload('PoolCreatePayload', record);
const PoolUpdatePayload = payload('PoolUpdatePayload', record);
const PoolSetMembersPayload = payload('PoolSetMembersPayload', record);

@Resolver()
class Mutations {
  @Mutation(() => PoolCreatePayload, {
    nullable: true,
    description:
      'Makes a pool; nobody works with it yet. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NAME_TAKEN.',
  })
  poolCreate(@Ctx() ctx: Context, @Input(() => PoolInput, 'What to store.') input: PoolInput): Promise<object> {
    return answer(ctx, async () => ({ pool: await pools.create(ctx, input) }));
  }

  @Mutation(() => PoolUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a pool; its kind stays. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NAME_TAKEN.',
  })
  poolUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => PoolInput) input: PoolInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ pool: await pools.update(ctx, id, input, version) }));
  }

  @Mutation(() => PoolSetMembersPayload, {
    nullable: true,
    description:
      'Says who works with a pool; whoever is not named no longer does. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, INVALID, OUT_OF_RANGE, UNKNOWN_REFERENCE.',
  })
  poolSetMembers(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('inputs', () => [PoolMemberInput], {
      description: `Everybody who is to work with it, at most ${pools.maxMembers}; each a user or a department, and once.`,
    })
    inputs: PoolMemberInput[],
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ pool: await pools.setMembers(ctx, id, inputs, version) }));
  }
}

const PoolRestoration = restoration(poolList, pools.restore, ['NAME_TAKEN']);

export const poolResolvers = [Queries, MembersOfPool, Mutations, PoolRestoration, ...permissionFields(poolActions)];
