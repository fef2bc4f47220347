import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { mayWriteAll } from '../core/rights.js';
import { check } from '../model/actions.js';
import { amountIn, currencyIn, isMoney, keepCurrency, placesOf } from '../write/amounts.js';
import { endedOnes, type EndedRecords } from '../write/ending.js';
import { checked } from '../write/validation.js';
import { User } from '../identity/user.entity.js';
import { Campaign, type CampaignStatus } from './campaign.entity.js';
import type { CampaignInput, CampaignMetricsInput } from './campaign.inputs.js';
import { campaignActions as can, campaignStates } from './campaign.policy.js';

/** Where a campaign stands now: as the graph shows it, whether the server has written it already or not. */
function statusNow({ status, endsOn, updatedAt }: Stored<Campaign>, timeZone: string): CampaignStatus {
  const isOver = status === 'ACTIVE' && isPast(endsOn, timeZone) && dayIn(timeZone, new Date(updatedAt)) <= endsOn!;
  return isOver ? 'COMPLETED' : (status as CampaignStatus);
}

const isPast = (day: string | null | undefined, timeZone: string): boolean =>
  day !== null && day !== undefined && day < dayIn(timeZone);

const required = ['name', 'kind', 'currency'];
const amounts = { plannedBudget: 'budget', spentAmount: 'actualCost', earnedAmount: 'revenue' };

/** Creates a campaign. Refuses REQUIRED, DATES_REVERSED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: CampaignInput): Promise<string> {
  mayWriteAll(ctx.rights);
  return command(ctx, 'campaign.create', async (change) => {
    const values = await prepared(change, input, true);
    checkTerm(values);
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
    checkTerm({ ...campaign, ...values });
    checkCurrency(campaign, values.currency, 'budget.currency');
    // what is over only because of a last day that is put right is not
    const { timeZone } = ctx.tenant;
    const isBack =
      campaign.status === 'COMPLETED' &&
      isPast(campaign.endsOn, timeZone) &&
      !isPast(values.endsOn === undefined ? campaign.endsOn : values.endsOn, timeZone);
    if (isBack)
      change.update(
        Campaign,
        campaign,
        { ...values, status: 'ACTIVE' },
        { data: { fromStatus: 'COMPLETED', toStatus: 'ACTIVE' } },
      );
    else change.update(Campaign, campaign, values);
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

/** Campaigns that are over and not completed yet. */
export const ended: EndedRecords = { entity: Campaign, open: `t.status = 'ACTIVE'`, endsOn: 'endsOn' };

/** Completes active campaigns whose last day lies before today in the tenant's time zone, at most 500; returns how many. Those that were changed within so many seconds are left for later. */
export function complete(ctx: Context, untouchedFor: number): Promise<number> {
  mayWriteAll(ctx.rights);
  return command(ctx, 'campaign.complete', async (change) => {
    const campaigns = await endedOnes(change, Campaign, ended, untouchedFor);
    for (const campaign of campaigns)
      change.update(
        Campaign,
        campaign,
        { status: 'COMPLETED' },
        { data: { fromStatus: 'ACTIVE', toStatus: 'COMPLETED', reason: null } },
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

function checkTerm({ startsOn, endsOn }: { startsOn?: string | null; endsOn?: string | null }): void {
  if (startsOn && endsOn && endsOn < startsOn) throw refuse('DATES_REVERSED', ['endsOn']);
}

async function prepared(change: Change, input: CampaignInput, creating: boolean): Promise<Partial<Stored<Campaign>>> {
  const { currency, place } = currencyIn({ budget: input.budget, actualCost: input.actualCost });
  const values = checked(
    Campaign,
    { ...input, plannedBudget: amountIn(input.budget), spentAmount: amountIn(input.actualCost), currency },
    { create: creating, required, named: placesOf(amounts, place) },
  );
  const owner = await change.reference(User, input.owner, ['owner']);
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
