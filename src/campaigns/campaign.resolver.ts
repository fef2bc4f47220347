import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { rootFields } from '../graphql/fields.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Campaign, CampaignStatus } from './campaign.entity.js';
import { CampaignInput, CampaignMetricsInput, campaigns as campaignList } from './campaign.inputs.js';
import * as campaigns from './campaign.service.js';
import { campaignActions } from './campaign.policy.js';

const Queries = rootFields(
  campaignList,
  { one: 'campaign', many: 'campaigns' },
  { one: 'One campaign; null if there is none with this id.', many: 'Campaigns of the tenant.' },
);

const record: Record<string, [() => unknown, string]> = {
  campaign: [() => Campaign, 'The campaign after the change.'],
};
const CampaignCreatePayload = payload('CampaignCreatePayload', record);
const CampaignUpdatePayload = payload('CampaignUpdatePayload', record);
const CampaignChangeStatusPayload = payload('CampaignChangeStatusPayload', record);
const CampaignRecordMetricsPayload = payload('CampaignRecordMetricsPayload', record);
const CampaignDeletePayload = deletePayload(Campaign);

@Resolver()
class Mutations {
  @Mutation(() => CampaignCreatePayload, {
    nullable: true,
    description:
      'Creates a campaign; `name` and `kind` are required. Fails with FORBIDDEN, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  campaignCreate(
    @Ctx() ctx: Context,
    @Input(() => CampaignInput, 'What to store.') input: CampaignInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ campaign: await campaigns.create(ctx, input) }));
  }

  @Mutation(() => CampaignUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a campaign, not its state. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  campaignUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CampaignInput) input: CampaignInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ campaign: await campaigns.update(ctx, id, input, version) }));
  }

  @Mutation(() => CampaignChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a campaign to another state. Fails with FORBIDDEN, NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  campaignChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => CampaignStatus, { description: 'The new state.' }) status: CampaignStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ campaign: await campaigns.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => CampaignRecordMetricsPayload, {
    nullable: true,
    description:
      'Records the results of a campaign as totals up to now. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, OUT_OF_RANGE.',
  })
  campaignRecordMetrics(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CampaignMetricsInput, 'What was counted and spent up to now.') input: CampaignMetricsInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ campaign: await campaigns.recordMetrics(ctx, id, input, version) }));
  }

  @Mutation(() => CampaignDeletePayload, {
    nullable: true,
    description: 'Hides a campaign. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  campaignDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await campaigns.remove(ctx, id, version) }));
  }
}

const CampaignRestoration = restoration(campaignList, campaigns.restore);

export const campaignResolvers = [Queries, Mutations, CampaignRestoration, ...permissionFields(campaignActions)];
