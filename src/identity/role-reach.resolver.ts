import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { rootField } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { ReachOfRecords, ReachRecord, ReachRole, ReachUse, RoleReach } from './role-reach.entity.js';
import * as reaches from './role-reach.service.js';

@ObjectType({ description: 'How far a role reaches among records of a kind.' })
class RoleReachEntry {
  @Field(() => ReachRole, { description: 'Whose reach it is: that of everybody who has this role.' })
  role!: string;

  @Field(() => ReachRecord, { description: 'The kind of records.' })
  record!: string;

  @Field(() => ReachUse, { description: 'What the reach is for.' })
  use!: string;

  @Field(() => ReachOfRecords, { description: 'Which of the records whoever has the role reaches.' })
  reach!: string;

  @Field(() => ReachOfRecords, { description: 'Which they reach where the tenant has decided nothing.' })
  default!: string;
}

@ObjectType({ description: 'How far roles reach in the tenant.' })
class RoleReachTable {
  @Field(() => [RoleReachEntry], { description: 'One for each role, kind of records and use.' })
  entries!: RoleReachEntry[];
}

const Queries = rootField(
  'roleReaches',
  () => RoleReachTable,
  {
    description:
      'How far the roles reach of which a tenant decides that. Who has several roles reaches whatever one of them does; administrators reach everything.',
  },
  { kind: 'caller', of: (ctx) => ({ entries: reaches.roleReaches(ctx) }) },
);

const RoleReachChangePayload = payload('RoleReachChangePayload', {
  roleReach: [() => RoleReach, 'How far the role reaches now; null if nothing was changed.'],
});

@Resolver()
class Mutations {
  @Mutation(() => RoleReachChangePayload, {
    nullable: true,
    description:
      'Decides which records of a kind whoever has a role sees, or may change of those that they see: within five seconds on every server and in everything that is open. Only for those who administer the tenant. Fails with FORBIDDEN.',
  })
  roleReachChange(
    @Ctx() ctx: Context,
    @Arg('role', () => ReachRole, { description: 'Whose reach it is: that of everybody who has this role.' })
    role: ReachRole,
    @Arg('record', () => ReachRecord, { description: 'The kind of records.' }) record: ReachRecord,
    @Arg('use', () => ReachUse, { description: 'What the reach is for.' }) use: ReachUse,
    @Arg('reach', () => ReachOfRecords, { description: 'Which of the records they reach from now on.' })
    reach: ReachOfRecords,
  ): Promise<object> {
    return answer(ctx, async () => ({ roleReach: await reaches.change(ctx, { role, record, use, reach }) }));
  }
}

export const roleReachResolvers = [Queries, Mutations];
