import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Reason } from '../graphql/arguments.js';
import { rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { DateTime } from '../model/scalars.js';
import { TokenRevocation } from './revocation.entity.js';
import { tokenRevocations } from './revocation.inputs.js';
import * as revocations from './revocation.service.js';

const Queries = rootFields(
  tokenRevocations,
  { one: 'tokenRevocation', many: 'tokenRevocations' },
  {
    one: 'One revocation of tokens; null if there is none. Only for those who administer the tenant.',
    many: 'Revocations of tokens that have not ended by themselves, newest first. Only for those who administer the tenant: fails with FORBIDDEN.',
  },
);

const TokenRevokePayload = payload('TokenRevokePayload', {
  tokenRevocation: [() => TokenRevocation, 'The revocation that was made.'],
});

@Resolver()
class Mutations {
  @Mutation(() => TokenRevokePayload, {
    nullable: true,
    description:
      'Revokes one token, or all that a user has by now: within five seconds no server accepts them in this tenant, and what they keep open is closed. Takes either `jti` or `user`. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, UNKNOWN_REFERENCE, TOO_LONG.',
  })
  tokenRevoke(
    @Ctx() ctx: Context,
    @Arg('jti', () => String, { nullable: true, description: 'Id of the token, which is its claim `jti`.' })
    jti?: string | null,
    @Arg('user', () => ID, {
      nullable: true,
      description:
        'The user whose tokens are revoked, by opaque id, number or login. Tokens that are issued later work.',
    })
    user?: string | null,
    @Arg('expiresAt', () => DateTime, {
      nullable: true,
      description: 'When the last of the tokens ends, if that is known; the revocation is removed then.',
    })
    expiresAt?: string | null,
    @Reason() reason?: string | null,
  ): Promise<object> {
    return answer(ctx, async () => ({
      tokenRevocation: await revocations.revoke(ctx, { jti, user, expiresAt, reason }),
    }));
  }
}

export const revocationResolvers = [Queries, Mutations];
