import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { permit } from '../core/needs.js';
import { check } from '../model/actions.js';
import { amountIn, currencyIn, isMoney, keepCurrency, placesOf } from '../write/amounts.js';
import { datedOnes, type DatedRecords } from '../write/dated.js';
import { checked, inOrder } from '../write/validation.js';
import { User } from '../identity/user.entity.js';
import { Campaign, type CampaignStatus } from './campaign.entity.js';
import type { CampaignInput, CampaignMetricsInput } from './campaign.inputs.js';
import { campaignActions as can, campaignStates } from './campaign.policy.js';
import './campaign.events.js';

/** Where a campaign stands now: as the graph shows it, whether the server has written it already or not. */
function statusNow(campaign: Stored<Campaign>, timeZone: string): CampaignStatus {
  const { status, startsOn, endsOn, updatedAt } = campaign;
  const touchedOn = dayIn(timeZone, new Date(updatedAt));
  const hasBegun = status === 'PLANNING' && hasCome(startsOn, timeZone) && touchedOn < startsOn!;
  const isOver = isPast(endsOn, timeZone);
  if ((status === 'ACTIVE' && isOver && touchedOn <= endsOn!) || (hasBegun && isOver)) return 'COMPLETED';
  return hasBegun ? 'ACTIVE' : (status as CampaignStatus);
}

const isPast = (day: string | null | undefined, timeZone: string): boolean =>
  day !== null && day !== undefined && day < dayIn(timeZone);
const hasCome = (day: string | null | undefined, timeZone: string): boolean =>
  day !== null && day !== undefined && day <= dayIn(timeZone);

/** Where a campaign stands after a change of its days: what is over, or has begun, only because of a day that is put right is not. */
function statusAfter(
  campaign: Stored<Campaign>,
  { startsOn, endsOn }: Partial<Stored<Campaign>>,
  timeZone: string,
): CampaignStatus {
  const { status } = campaign;
  const isUnfinished = endsOn !== undefined && !isPast(endsOn, timeZone) && isPast(campaign.endsOn, timeZone);
  if (status === 'COMPLETED' && isUnfinished) return 'ACTIVE';
  const isPutOff = startsOn !== undefined && !hasCome(startsOn, timeZone) && hasCome(campaign.startsOn, timeZone);
  if (status !== 'PLANNING') return status === 'ACTIVE' && isPutOff ? 'PLANNING' : (status as CampaignStatus);
  return isPutOff || statusNow(campaign, timeZone) !== 'ACTIVE' ? status : 'ACTIVE';
}

const required = ['name', 'kind', 'currency'];
const amounts = { plannedBudget: 'budget', spentAmount: 'actualCost', earnedAmount: 'revenue' };

/** Creates a campaign. Refuses REQUIRED, DATES_REVERSED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: CampaignInput): Promise<string> {
  permit(ctx.rights, 'campaignCreate');
  return command(ctx, 'campaign.create', async (change) => {
    const values = await prepared(change, input, true);
    inOrder('startsOn', 'endsOn', { ...input }, values);
    return change.insert(Campaign, {
      currency: ctx.tenant.currency,
      ...values,
      code: new SeriesNumber('campaign', 'CMP', 3),
    } as never);
  });
}

/** Changes fields of a campaign, not its state. Refuses NOT_FOUND, VERSION_CONFLICT, DATES_REVERSED and invalid fields. */
export function update(ctx: Context, id: string, input: CampaignInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'campaign.update', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    const values = await prepared(change, input, false);
    inOrder('startsOn', 'endsOn', { ...input }, { ...campaign, ...values });
    checkCurrency(campaign, values.currency, 'budget.currency');
    const from = campaign.status;
    const status = statusAfter(campaign, values, ctx.tenant.timeZone);
    if (status === from) change.update(Campaign, campaign, values);
    else change.update(Campaign, campaign, { ...values, status }, { data: { fromStatus: from, toStatus: status } });
    return campaign.id;
  });
}

/** Moves a campaign to another state. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: CampaignStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  can.changeStatus.demand(ctx.rights);
  return command(ctx, { operation: 'campaign.changeStatus', reason }, async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    const from = statusNow(campaign, ctx.tenant.timeZone);
    if (from === status) return campaign.id;
    check(campaignStates.refusal(from, status));
    change.update(
      Campaign,
      campaign,
      { status },
      { data: { fromStatus: from, toStatus: status, reason: reason ?? null } },
    );
    return campaign.id;
  });
}

/** Campaigns whose first day has come and that are not active yet; not those that somebody has changed since they were over. */
export const begun: DatedRecords = {
  entity: Campaign,
  open: `t.status = 'PLANNING' and (t.ends_on is null or t.ends_on >= $2::date or t.updated_at < t.ends_on)`,
  day: 'startsOn',
  from: 'that day',
};

/** Campaigns that are over and not completed yet. */
export const ended: DatedRecords = {
  entity: Campaign,
  open: `t.status = 'ACTIVE'`,
  day: 'endsOn',
  from: 'the day after',
};

/** Starts planned campaigns whose first day has come in the tenant's time zone, at most 500; returns how many. Those that were changed within so many seconds are left for later. */
export const start = (ctx: Context, untouchedFor: number): Promise<number> =>
  follow(ctx, 'campaign.start', begun, 'ACTIVE', untouchedFor);

/** Completes active campaigns whose last day lies before today, as `start` starts them. */
export const complete = (ctx: Context, untouchedFor: number): Promise<number> =>
  follow(ctx, 'campaign.complete', ended, 'COMPLETED', untouchedFor);

function follow(
  ctx: Context,
  operation: string,
  records: DatedRecords,
  status: CampaignStatus,
  untouchedFor: number,
): Promise<number> {
  return command(ctx, operation, async (change) => {
    const campaigns = await datedOnes(change, Campaign, records, untouchedFor);
    for (const campaign of campaigns)
      change.update(
        Campaign,
        campaign,
        { status },
        { data: { fromStatus: campaign.status, toStatus: status, reason: null } },
      );
    return campaigns.length;
  });
}

/** Records results as totals up to now. Refuses NOT_FOUND, VERSION_CONFLICT, OUT_OF_RANGE. */
export function recordMetrics(
  ctx: Context,
  id: string,
  input: CampaignMetricsInput,
  version?: number | null,
): Promise<string> {
  can.recordMetrics.demand(ctx.rights);
  return command(ctx, 'campaign.recordMetrics', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    const { currency, place } = currencyIn({ revenue: input.revenue, actualCost: input.actualCost });
    const values = checked(
      Campaign,
      { ...input, spentAmount: amountIn(input.actualCost), earnedAmount: amountIn(input.revenue), currency },
      { create: false, required: [], named: placesOf(amounts, place) },
    );
    checkCurrency(campaign, values['currency'], place);
    change.update(Campaign, campaign, values as never, { event: 'metricsRecorded' });
    return campaign.id;
  });
}

/** Hides a campaign. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'campaign.delete', async (change) => {
    const campaign = await change.get(Campaign, id, { version });
    change.hide(Campaign, campaign);
    return campaign.id;
  });
}

/** Brings a deleted campaign back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

async function prepared(change: Change, input: CampaignInput, creating: boolean): Promise<Partial<Stored<Campaign>>> {
  const { currency, place } = currencyIn({ budget: input.budget, actualCost: input.actualCost });
  const values = checked(
    Campaign,
    { ...input, plannedBudget: amountIn(input.budget), spentAmount: amountIn(input.actualCost), currency },
    { create: creating, required, named: placesOf(amounts, place) },
  );
  const owner = await change.reference(User, input.owner, ['owner'], 'login');
  if (owner !== undefined) values['owner'] = owner;
  return values as Partial<Stored<Campaign>>;
}

const checkCurrency = (campaign: Stored<Campaign>, given: unknown, place: string): void =>
  keepCurrency(
    campaign.currency,
    given,
    [campaign.plannedBudget, campaign.spentAmount, campaign.earnedAmount].some(isMoney),
    place,
  );
