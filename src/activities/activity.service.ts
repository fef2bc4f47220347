import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { check } from '../model/actions.js';
import type { EntityClass } from '../model/model.js';
import { permit } from '../core/needs.js';
import { recordsWhere } from '../write/many.js';
import { checked, inOrder } from '../write/validation.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Activity, type ActivityStatus } from './activity.entity.js';
import type { ActivityInput } from './activity.inputs.js';
import { asLeadStands, followLead } from './of-lead.js';
import { activityActions as can, activityStates } from './activity.policy.js';
import './activity.events.js';

const eventOf: Record<ActivityStatus, string> = { PLANNED: 'updated', COMPLETED: 'completed', CANCELLED: 'cancelled' };

const required = ['kind', 'importance', 'priority'];

/** Creates an activity, by default done by the caller. Refuses REQUIRED, UNKNOWN_REFERENCE, DATES_REVERSED and invalid fields. */
export function create(ctx: Context, input: ActivityInput): Promise<string> {
  permit(ctx.rights, 'activityCreate');
  return command(ctx, 'activity.create', (change) => add(change, input));
}

/** As `create`, inside a change that is under way. */
export async function add(change: Change, input: ActivityInput): Promise<string> {
  if (isMissing(input.subject) && isMissing(input.content)) throw refuse('REQUIRED', ['subject']);
  const status = input.status ?? 'PLANNED';
  const activity = {
    staff: change.ctx.user.id,
    ...(await prepared(change, input)),
    status,
    ...(status === 'COMPLETED' && { completedAt: now().toISOString() }),
  };
  const id = change.insert(Activity, activity as never, { data: { status } });
  await raiseLastContact(change, activity);
  return id;
}

/** Changes fields of an activity; a new status is a move. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, DATES_REVERSED and invalid fields. */
export function update(ctx: Context, id: string, input: ActivityInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'activity.update', async (change) => {
    // as its conversion does: the lead before its activities
    if (input.lead) await change.lock(Lead, [input.lead]);
    const activity = await change.get(Activity, id, { version });
    const values = await prepared(change, input, activity);
    await move(change, activity, input.status ?? activity.status, values);
    return activity.id;
  });
}

/** Records that an activity has taken place. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, TOO_LONG. */
export function complete(ctx: Context, id: string, outcome?: string | null, version?: number | null): Promise<string> {
  can.complete.demand(ctx.rights);
  const values = checked(Activity, { outcome: outcome ?? undefined }, { create: false, required });
  return command(ctx, 'activity.complete', async (change) => {
    const activity = await change.get(Activity, id, { version });
    await move(change, activity, 'COMPLETED', values);
    return activity.id;
  });
}

/** Calls an activity off. Refuses NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED. */
export function cancel(ctx: Context, id: string, reason?: string | null, version?: number | null): Promise<string> {
  can.cancel.demand(ctx.rights);
  return command(ctx, { operation: 'activity.cancel', reason }, async (change) => {
    const activity = await change.get(Activity, id, { version });
    await move(change, activity, 'CANCELLED', {}, { reason: reason ?? null });
    return activity.id;
  });
}

/** Hides an activity. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'activity.delete', async (change) => {
    const activity = await change.get(Activity, id, { version });
    change.hide(Activity, activity);
    return activity.id;
  });
}

/** Brings a deleted activity back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, INVALID. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version, async (change, activity) => {
    const [lead] = activity.lead ? await recordsWhere(change, Lead, 't.id = $2', [activity.lead]) : [];
    return lead && asLeadStands(activity, lead);
  });

/** The one place where an activity changes its state: asks the table, stores the values that go with it. A move to where it stands is none. */
async function move(
  change: Change,
  activity: Stored<Activity>,
  to: ActivityStatus,
  values: Partial<Stored<Activity>>,
  data: Record<string, unknown> = {},
): Promise<void> {
  const from = activity.status as ActivityStatus;
  if (from === to) change.update(Activity, activity, values);
  else {
    check(activityStates.refusal(from, to));
    const completedAt = to === 'COMPLETED' ? now().toISOString() : null;
    change.update(
      Activity,
      activity,
      { ...values, status: to, completedAt },
      { event: eventOf[to], data: { fromStatus: from, toStatus: to, ...data } },
    );
  }
  await raiseLastContact(change, activity);
}

/**
 * What has taken place counts as contact with its customer and person. Written past the records' versions and audit:
 * the date follows from activities, which have both. One atomic comparison, so that it never falls.
 */
export async function raiseLastContact(change: Change, activity: Partial<Stored<Activity>>): Promise<void> {
  if (activity.status !== 'COMPLETED') return;
  const began = activity.startsAt ?? activity.completedAt;
  for (const [table, id] of [
    ['customer', activity.customer],
    ['contact', activity.contact],
  ] as const) {
    if (!id) continue;
    await change.query(
      `update ${table} set last_contact_at = least($3::timestamptz, now()) where tenant_id = $1 and id = $2 and (last_contact_at is null or last_contact_at < least($3::timestamptz, now()))`,
      [change.ctx.tenant.id, id, began],
    );
  }
}

const isMissing = (value: unknown): boolean => value === undefined || value === null;

const references: ReadonlyArray<['customer' | 'contact' | 'opportunity', EntityClass]> = [
  ['customer', Customer],
  ['contact', Contact],
  ['opportunity', Opportunity],
];

/** The input as columns: checked, references resolved, the customer taken from the opportunity, the duration from start and end. */
async function prepared(
  change: Change,
  input: ActivityInput,
  before?: Stored<Activity>,
): Promise<Partial<Stored<Activity>>> {
  const values = checked(
    Activity,
    { ...(input as Record<string, unknown>), status: undefined },
    { create: false, required },
  ) as Partial<Stored<Activity>>;
  for (const [field, entity] of references) {
    const id = await change.reference(entity, input[field], [field]);
    if (id !== undefined) values[field] = id;
  }
  const staff = await change.reference(User, input.staff, ['staff'], 'login');
  if (staff !== undefined) values.staff = staff;
  await takeCustomerOfOpportunity(change, values, before);
  await followLead(change, input, values, before);
  const startsAt = values.startsAt === undefined ? before?.startsAt : values.startsAt;
  const endsAt = values.endsAt === undefined ? before?.endsAt : values.endsAt;
  inOrder('startsAt', 'endsAt', { ...input }, { startsAt, endsAt });
  if (!startsAt || !endsAt) return values;
  if (input.durationMinutes === undefined && (values.startsAt || values.endsAt))
    values.durationMinutes = minutesBetween(startsAt, endsAt);
  return values;
}

const minutesBetween = (from: string, until: string): number =>
  Math.round((Date.parse(until) - Date.parse(from)) / 60_000);

/** An opportunity belongs to one customer: that is the activity's unless it names one itself. */
async function takeCustomerOfOpportunity(
  change: Change,
  values: Partial<Stored<Activity>>,
  before?: Stored<Activity>,
): Promise<void> {
  if (values.opportunity === undefined && values.customer === undefined) return;
  const opportunity = values.opportunity === undefined ? before?.opportunity : values.opportunity;
  if (!opportunity) return;
  const found = await change.find(Opportunity, { id: opportunity }, { lock: false });
  if (!found) return;
  values.customer ??= found.customer;
}
