import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { DateTime } from '../model/scalars.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyInput, apiKeys as apiKeyList } from './api-key.inputs.js';
import { apiKeyActions } from './api-key.policy.js';
import * as apiKeys from './api-key.service.js';

const Queries = rootFields(
  apiKeyList,
  { one: 'apiKey', many: 'apiKeys' },
  {
    one: 'One API key; null if there is none. Only for those who administer the tenant.',
    many: 'API keys of the tenant, newest first. Only for those who administer it: fails with FORBIDDEN.',
  },
);

const record: Record<string, [() => unknown, string]> = { apiKey: [() => ApiKey, 'The API key after the change.'] };
const key: Record<string, [() => unknown, string]> = {
  key: [
    () => String,
    'What the program signs in with, as `crm_…`; shown this once, and null where a request is repeated under its `Idempotency-Key`.',
  ],
};
const ApiKeyCreatePayload = payload('ApiKeyCreatePayload', { ...record, ...key });
const ApiKeyRotatePayload = payload('ApiKeyRotatePayload', { ...record, ...key });
const ApiKeyRevokePayload = payload('ApiKeyRevokePayload', record);

@Resolver()
class Mutations {
  @Mutation(() => ApiKeyCreatePayload, {
    nullable: true,
    description:
      'Makes an API key with a user of its own. Only for those who administer the tenant, and only for what they may do themselves. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  apiKeyCreate(@Ctx() ctx: Context, @Input(() => ApiKeyInput, 'What it is.') input: ApiKeyInput): Promise<object> {
    return answer(ctx, () => apiKeys.create(ctx, input));
  }

  @Mutation(() => ApiKeyRotatePayload, {
    nullable: true,
    description:
      'Gives an API key a new secret. The one before it works until `formerUntil`; an earlier one ends at once. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, INVALID.',
  })
  apiKeyRotate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('formerUntil', () => DateTime, {
      nullable: true,
      description: `Until when the former secret goes on to work: at most ${apiKeys.maxOverlapDays} days; one that has passed ends it at once, and without one it has ${apiKeys.defaultOverlapHours} hours.`,
    })
    formerUntil?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, () => apiKeys.rotate(ctx, id, formerUntil, version));
  }

  @Mutation(() => ApiKeyRevokePayload, {
    nullable: true,
    description:
      'Revokes an API key for good: within five seconds no server accepts it, and what it keeps open is closed. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TOO_LONG.',
  })
  apiKeyRevoke(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ apiKey: await apiKeys.revoke(ctx, id, reason, version) }));
  }
}

export const apiKeyResolvers = [Queries, Mutations, ...permissionFields(apiKeyActions)];
