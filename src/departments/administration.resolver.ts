import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { User } from '../identity/user.entity.js';
import { UserCreateInput, UserInput } from './administration.inputs.js';
import * as administration from './administration.service.js';
import { userActions } from './department.policy.js';

const record: Record<string, [() => unknown, string]> = { user: [() => User, 'The user after the change.'] };
const UserCreatePayload = payload('UserCreatePayload', record);
const UserUpdatePayload = payload('UserUpdatePayload', record);
const UserDeactivatePayload = payload('UserDeactivatePayload', record);
const UserReactivatePayload = payload('UserReactivatePayload', record);

@Resolver()
class Mutations {
  @Mutation(() => UserCreatePayload, {
    nullable: true,
    description:
      'Enters a user before their first token is seen: it is found by its subject, which is the login. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, ALREADY_EXISTS, UNKNOWN_REFERENCE.',
  })
  userCreate(@Ctx() ctx: Context, @Input(() => UserCreateInput, 'Who it is.') input: UserCreateInput): Promise<object> {
    return answer(ctx, async () => ({ user: await administration.create(ctx, input) }));
  }

  @Mutation(() => UserUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a user: what the records that they look after have of their department goes with it. CIRCULAR says that the manager reports to the user. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE, CIRCULAR.',
  })
  userUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => UserInput) input: UserInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ user: await administration.update(ctx, id, input, version) }));
  }

  @Mutation(() => UserDeactivatePayload, {
    nullable: true,
    description:
      'Takes a user the right to sign in: within five seconds no server takes their tokens in this tenant, and what they keep open is closed. What they look after stays theirs. Only for those who administer the tenant, who cannot deactivate themselves. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, INVALID.',
  })
  userDeactivate(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ user: await administration.deactivate(ctx, id, version) }));
  }

  @Mutation(() => UserReactivatePayload, {
    nullable: true,
    description:
      'Lets a user sign in again. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, INVALID.',
  })
  userReactivate(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ user: await administration.reactivate(ctx, id, version) }));
  }
}

export const administrationResolvers = [Mutations, ...permissionFields(userActions)];
