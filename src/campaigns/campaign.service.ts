import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { checked } from '../write/validation.js';
import { User } from '../identity/user.entity.js';
import { Campaign, type CampaignStatus } from './campaign.entity.js';
import type { CampaignInput, CampaignRecordMetricsInput } from './campaign.inputs.js';
import { mayRunCampaigns } from './campaign.policy.js';

/** Where a campaign may go from where; what is over stays over. */
export const transitions: Record<CampaignStatus, readonly CampaignStatus[]> = {
  PLANNING: ['ACTIVE', 'CANCELLED'],
  ACTIVE: ['COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
};

const required = ['name', 'kind', 'currency'];
const named = { plannedBudget: 'budget', spentAmount: 'actualCost', earnedAmount: 'revenue' };

/** Creates a campaign. Refuses REQUIRED, DATES_REVERSED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: CampaignInput): Promise<string> {
  mayRunCampaigns(ctx.rights);
  return command(ctx, 'campaign.create', async (change) => {
    const values = await prepared(change, input, true);
    checkTerm(values);
    return change.insert(Campaign, { ...values, code: new SeriesNumber('campaign', 'CMP', 3) } as never);
  });
}

/** Changes fields of a campaign, not its state. Refuses NOT_FOUND, VERSION_CONFLICT, DATES_REVERSED and invalid fields. */
export function update(ctx: Context, id: string, input: CampaignInput, version?: number | null): Promise<string> {
  mayRunCampaigns(ctx.rights);
  return command(ctx, 'campaign.update', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    const values = await prepared(change, input, false);
    checkTerm({ ...campaign, ...values });
    change.update(Campaign, campaign, values);
    return campaign.id;
  });
}

/** Moves a campaign to another state. Refuses NOT_FOUND, MOVE_NOT_ALLOWED, VERSION_CONFLICT. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: CampaignStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  mayRunCampaigns(ctx.rights);
  return command(ctx, 'campaign.changeStatus', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    const from = campaign.status as CampaignStatus;
    if (from === status) return campaign.id;
    if (!transitions[from].includes(status)) throw refuse('MOVE_NOT_ALLOWED', ['status'], { from, to: status });
    change.update(
      Campaign,
      campaign,
      { status },
      { data: { fromStatus: from, toStatus: status, reason: reason ?? null } },
    );
    return campaign.id;
  });
}

/** Records results as totals up to now. Refuses NOT_FOUND, VERSION_CONFLICT, OUT_OF_RANGE. */
export function recordMetrics(
  ctx: Context,
  id: string,
  input: CampaignRecordMetricsInput,
  version?: number | null,
): Promise<string> {
  mayRunCampaigns(ctx.rights);
  return command(ctx, 'campaign.recordMetrics', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    change.update(
      Campaign,
      campaign,
      checked(
        Campaign,
        { ...input, spentAmount: input.actualCost, earnedAmount: input.revenue },
        { create: false, required: [], named },
      ) as never,
      { event: 'metricsRecorded' },
    );
    return campaign.id;
  });
}

/** Hides a campaign. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  mayRunCampaigns(ctx.rights);
  return command(ctx, 'campaign.delete', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    change.hide(Campaign, campaign);
    return campaign.id;
  });
}

function checkTerm({ startsOn, endsOn }: { startsOn?: string | null; endsOn?: string | null }): void {
  if (startsOn && endsOn && endsOn < startsOn) throw refuse('DATES_REVERSED', ['endsOn']);
}

async function prepared(change: Change, input: CampaignInput, creating: boolean): Promise<Partial<Stored<Campaign>>> {
  const values = checked(
    Campaign,
    { ...input, plannedBudget: input.budget, spentAmount: input.actualCost },
    { create: creating, required, named },
  );
  const owner = await change.reference(User, input.owner, ['owner']);
  if (owner !== undefined) values['owner'] = owner;
  return values as Partial<Stored<Campaign>>;
}
