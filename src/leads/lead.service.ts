import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import type { Context } from '../core/context.js';
import { permit } from '../core/needs.js';
import { ownsNew } from '../core/rights.js';
import { changeHeld, heldFrom, type HeldRecords } from '../pools/held.service.js';
import { checked, reasonIn } from '../write/validation.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { followOwner } from '../departments/owner-department.js';
import { User } from '../identity/user.entity.js';
import { LeadOwnerChange } from './history.entity.js';
import { Lead, type LeadStatus } from './lead.entity.js';
import type { LeadInput } from './lead.inputs.js';
import { leadActions as can } from './lead.policy.js';
import './lead.events.js';

const required = ['name', 'source'];

/** Leads as records that somebody follows or that lie in pools. */
export const heldLeads: HeldRecords<Lead> = { entity: Lead, kind: 'LEAD', history: LeadOwnerChange, of: 'lead' };
followOwner(Lead);

/** Creates a lead; a salesperson's is their own unless they say otherwise. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: LeadInput): Promise<string> {
  permit(ctx.rights, 'leadCreate');
  return command(ctx, 'lead.create', async (change) => {
    const values = await prepared(change, input, true);
    const owner = values.owner === undefined && ownsNew(ctx.rights, 'lead') ? ctx.user.id : values.owner;
    return change.insert(Lead, { ...values, owner, ...heldFrom(owner) } as never);
  });
}

/** Changes fields of a lead, not its state. Refuses NOT_FOUND, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: LeadInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'lead.update', async (change) => {
    const lead = await change.get(Lead, id, { version });
    changeHeld(change, heldLeads, lead, await prepared(change, input, false));
    return lead.id;
  });
}

/** Moves a lead to another state, save CONVERTED: that is `convert` in `conversion.service.ts`. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: LeadStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  can.changeStatus.demand(ctx.rights);
  const statusReason = reasonIn(reason);
  return command(ctx, { operation: 'lead.changeStatus', reason }, async (change) => {
    const lead = await change.get(Lead, id, { version });
    if (lead.status === status) {
      // what is said of the state it is in already is kept as well
      change.update(Lead, lead, reason ? { statusReason } : {});
      return lead.id;
    }
    can.changeStatus.check(lead.status, status);
    move(change, lead, status, { statusReason });
    return lead.id;
  });
}

/** Hides a lead. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'lead.delete', async (change) => {
    const lead = await change.get(Lead, id, { version });
    change.hide(Lead, lead);
    return lead.id;
  });
}

/** Brings a deleted lead back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, INVALID. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

/** The one place where a lead changes its state, and the event says so; whether it may is asked before. */
export function move(change: Change, lead: Stored<Lead>, status: LeadStatus, values: Partial<Stored<Lead>>): void {
  const { customer, contact, opportunity } = values;
  const data = {
    fromStatus: lead.status,
    toStatus: status,
    ...(status === 'CONVERTED' && { customer, contact, opportunity }),
  };
  change.update(Lead, lead, { ...values, status }, { event: status === 'CONVERTED' ? 'converted' : 'updated', data });
}

async function prepared(change: Change, input: LeadInput, creating: boolean): Promise<Partial<Stored<Lead>>> {
  const values = checked(Lead, { ...input }, { create: creating, required });
  const campaign = await change.reference(Campaign, input.campaign, ['campaign']);
  if (campaign !== undefined) values['campaign'] = campaign;
  const owner = await change.reference(User, input.owner, ['owner'], 'login');
  if (owner !== undefined) values['owner'] = owner;
  return values as Partial<Stored<Lead>>;
}
