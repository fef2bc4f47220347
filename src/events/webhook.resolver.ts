import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { Webhook } from './webhook.entity.js';
import { webhookDeliveries, WebhookInput, webhooks as webhookList } from './webhook.inputs.js';
import { isOfWebhook } from './webhook.sql.js';
import * as webhooks from './webhook.service.js';

const Queries = rootFields(
  webhookList,
  { one: 'webhook', many: 'webhooks' },
  {
    one: 'One webhook; null if there is none. Only for those who administer the tenant.',
    many: 'Webhooks of the tenant, newest first. Only for those who administer it: fails with FORBIDDEN.',
  },
);
const OfWebhook = childList(
  Webhook,
  'deliveries',
  webhookDeliveries,
  'Events that could not be delivered at once, oldest first: waiting and dead ones.',
  isOfWebhook,
);

const record: Record<string, [() => unknown, string]> = { webhook: [() => Webhook, 'The webhook after the change.'] };
const secret: Record<string, [() => unknown, string]> = {
  secret: [
    () => String,
    'What deliveries are signed with from now on, as `whsec_…`; shown this once, and null where a request is repeated under its `Idempotency-Key`.',
  ],
};
const WebhookCreatePayload = payload('WebhookCreatePayload', { ...record, ...secret });
const WebhookUpdatePayload = payload('WebhookUpdatePayload', record);
const WebhookEnablePayload = payload('WebhookEnablePayload', record);
const WebhookDisablePayload = payload('WebhookDisablePayload', record);
const WebhookRotateSecretPayload = payload('WebhookRotateSecretPayload', { ...record, ...secret });
const WebhookReplayPayload = payload('WebhookReplayPayload', record);
const WebhookRetryPayload = payload('WebhookRetryPayload', {
  ...record,
  count: [() => Int, 'How many deliveries are tried again.'],
});
const WebhookDeletePayload = deletePayload(Webhook);

@Resolver()
class Mutations {
  @Mutation(() => WebhookCreatePayload, {
    nullable: true,
    description:
      'Creates a webhook; events from now on are delivered to it at least once and in order for each record. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_EVENT_TYPE, TARGET_REFUSED.',
  })
  webhookCreate(
    @Ctx() ctx: Context,
    @Input(() => WebhookInput, 'What to store.') input: WebhookInput,
  ): Promise<object> {
    return answer(ctx, () => webhooks.create(ctx, input));
  }

  @Mutation(() => WebhookUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a webhook. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_EVENT_TYPE, TARGET_REFUSED.',
  })
  webhookUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => WebhookInput) input: WebhookInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ webhook: await webhooks.update(ctx, id, input, version) }));
  }

  @Mutation(() => WebhookEnablePayload, {
    nullable: true,
    description:
      'Enables a webhook again; deliveries continue where they stopped, except for events that the feed no longer keeps. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  webhookEnable(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ webhook: await webhooks.enable(ctx, id, version) }));
  }

  @Mutation(() => WebhookDisablePayload, {
    nullable: true,
    description: 'Stops telling a webhook. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, TOO_LONG.',
  })
  webhookDisable(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ webhook: await webhooks.disable(ctx, id, reason ?? null, version) }));
  }

  @Mutation(() => WebhookRotateSecretPayload, {
    nullable: true,
    description:
      'Gives a webhook a new secret. For a while deliveries are signed with the one before it as well. Fails with FORBIDDEN, NOT_FOUND, OUT_OF_RANGE.',
  })
  webhookRotateSecret(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('overlapHours', () => Int, {
      nullable: true,
      defaultValue: webhooks.defaultOverlap,
      description: `Hours for which the former secret goes on to hold: 0 to ${webhooks.maxOverlap}.`,
    })
    overlapHours?: number | null,
  ): Promise<object> {
    return answer(ctx, () => webhooks.rotateSecret(ctx, id, overlapHours ?? undefined));
  }

  @Mutation(() => WebhookReplayPayload, {
    nullable: true,
    description:
      'Delivers everything after a cursor of the feed to a webhook again, under the same ids. Fails with FORBIDDEN, NOT_FOUND, CURSOR_INVALID, CURSOR_EXPIRED.',
  })
  webhookReplay(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor of an event or a page. If left out, from the oldest event that is kept.',
    })
    after?: string | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ webhook: await webhooks.replay(ctx, id, after) }));
  }

  @Mutation(() => WebhookRetryPayload, {
    nullable: true,
    description:
      'Tries dead deliveries again, as if for the first time; they come behind later events of their records; those named that are not dead are left as they are. Fails with FORBIDDEN, NOT_FOUND, UNKNOWN_REFERENCE.',
  })
  webhookRetry(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('deliveries', () => [ID], {
      nullable: true,
      description: 'Opaque ids of deliveries of the webhook. If left out, all that are dead.',
    })
    deliveries?: string[] | null,
  ): Promise<object> {
    return answer(ctx, () => webhooks.retry(ctx, id, deliveries));
  }

  @Mutation(() => WebhookDeletePayload, {
    nullable: true,
    description:
      'Deletes a webhook with its secrets and its deliveries. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  webhookDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await webhooks.remove(ctx, id, version) }));
  }
}

export const webhookResolvers = [Queries, OfWebhook, Mutations];
