import { command, type Change, type Stored } from '../write/command.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { mayWrite } from '../core/rights.js';
import { isMoney } from '../write/amounts.js';
import { checked, reasonIn } from '../write/validation.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import * as contacts from '../contacts/contact.service.js';
import { Customer } from '../customers/customer.entity.js';
import * as customers from '../customers/customer.service.js';
import { User } from '../identity/user.entity.js';
import * as opportunities from '../opportunities/opportunity.service.js';
import { Lead, type LeadStatus } from './lead.entity.js';
import type { LeadConvertInput, LeadInput } from './lead.inputs.js';
import './lead.policy.js';

/** Where a lead may go from where; what was converted stays so. */
export const transitions: Record<LeadStatus, readonly LeadStatus[]> = {
  NEW: ['QUALIFIED', 'UNQUALIFIED', 'CONVERTED'],
  QUALIFIED: ['UNQUALIFIED', 'CONVERTED'],
  UNQUALIFIED: ['QUALIFIED'],
  CONVERTED: [],
};

const required = ['name', 'source'];

/** Creates a lead; a salesperson's is their own unless they say otherwise. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: LeadInput): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'lead.create', async (change) => {
    return change.insert(Lead, {
      owner: ctx.rights.write === 'own' ? ctx.user.id : undefined,
      ...(await prepared(change, input, true)),
    } as never);
  });
}

/** Changes fields of a lead, not its state. Refuses NOT_FOUND, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: LeadInput, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'lead.update', async (change) => {
    const lead = await change.get(Lead, id, { version });
    change.update(Lead, lead, await prepared(change, input, false));
    return lead.id;
  });
}

/** Moves a lead to another state, save CONVERTED: that is `convert`. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: LeadStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  mayWrite(ctx.rights);
  const statusReason = reasonIn(reason);
  return command(ctx, { operation: 'lead.changeStatus', reason }, async (change) => {
    const lead = await change.get(Lead, id, { version });
    if (lead.status === status) {
      // what is said of the state it is in already is kept as well
      change.update(Lead, lead, reason ? { statusReason } : {});
      return lead.id;
    }
    if (status === 'CONVERTED') throw refuse('TRANSITION_NOT_ALLOWED', ['status'], { from: lead.status, to: status });
    move(change, lead, status, { statusReason });
    return lead.id;
  });
}

/** Hides a lead. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'lead.delete', async (change) => {
    const lead = await change.get(Lead, id, { version });
    change.hide(Lead, lead);
    return lead.id;
  });
}

/** What became of a lead: ids, or null for what was not asked for. */
export interface Converted {
  lead: string;
  customer: string | null;
  contact: string | null;
  opportunity: string | null;
}

/**
 * Turns a lead into a customer, a contact and an opportunity, or the parts that are asked for, all or nothing and once only: of
 * two conversions at the same moment the second waits for the lead's row and is refused. Refuses NOT_FOUND,
 * TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, NAME_TAKEN, UNKNOWN_REFERENCE, and REQUIRED of `customer` for an opportunity without
 * one, of `opportunityName` for an amount or a day without it.
 */
export function convert(
  ctx: Context,
  id: string,
  input: LeadConvertInput,
  version?: number | null,
): Promise<Converted> {
  mayWrite(ctx.rights);
  return command(ctx, 'lead.convert', async (change) => {
    const lead = await change.get(Lead, id, { version });
    const opportunityName = input.opportunityName?.trim();
    checkTransition(lead, 'CONVERTED');
    if (opportunityName && !input.customer && !input.createCustomer) throw refuse('REQUIRED', ['customer']);
    // what is said of an opportunity is not dropped
    if (!opportunityName && (isMoney(input.amount?.amount) || input.expectedCloseOn))
      throw refuse('REQUIRED', ['opportunityName']);
    const customer = input.customer
      ? await existing(change, input.customer)
      : input.createCustomer
        ? await makeCustomer(change, lead)
        : null;
    const contact = input.createContact ? await makeContact(change, lead, customer, !input.customer) : null;
    const opportunity =
      opportunityName && customer ? await makeOpportunity(change, lead, customer, { ...input, opportunityName }) : null;
    move(change, lead, 'CONVERTED', { customer, contact, opportunity, convertedAt: now().toISOString() });
    return { lead: lead.id, customer, contact, opportunity };
  });
}

async function existing(change: Change, key: string): Promise<string> {
  const customer = await change.find(Customer, parseKey(key));
  if (!customer) throw refuse('UNKNOWN_REFERENCE', ['customer']);
  return customer.id;
}

const makeCustomer = (change: Change, lead: Stored<Lead>): Promise<string> =>
  customers.add(change, {
    name: lead.company ?? lead.name,
    contactPerson: lead.contactPerson ?? null,
    phone: lead.phone ?? null,
    email: lead.email ?? null,
    source: lead.source,
    ...owned(lead),
  });

/** Most characters of a contact's name: where a lead names no person, its own name stands in. */
const maxNameLength = 100;

const makeContact = (change: Change, lead: Stored<Lead>, customer: string | null, primary: boolean): Promise<string> =>
  contacts.add(
    change,
    {
      name: lead.contactPerson ?? [...lead.name].slice(0, maxNameLength).join(''),
      phone: lead.phone ?? null,
      email: lead.email ?? null,
      ...(customer && { customer, primary }),
    },
    [],
  );

const makeOpportunity = (
  change: Change,
  lead: Stored<Lead>,
  customer: string,
  { opportunityName, amount, expectedCloseOn }: LeadConvertInput,
): Promise<string> =>
  opportunities.add(change, {
    name: opportunityName!,
    customer,
    amount: amount ?? null,
    expectedCloseOn: expectedCloseOn ?? null,
    campaign: lead.campaign ?? null,
    ...owned(lead),
  });

/** Whoever follows the lead looks after what it becomes. */
const owned = (lead: Stored<Lead>): { owner?: string } => (lead.owner ? { owner: lead.owner } : {});

function checkTransition(lead: Stored<Lead>, to: LeadStatus): void {
  const from = lead.status as LeadStatus;
  if (!transitions[from].includes(to)) throw refuse('TRANSITION_NOT_ALLOWED', ['status'], { from, to });
}

/** The one place where a lead changes its state: asks the table, says so to the world. */
function move(change: Change, lead: Stored<Lead>, status: LeadStatus, values: Partial<Stored<Lead>>): void {
  checkTransition(lead, status);
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
  const owner = await change.reference(User, input.owner, ['owner']);
  if (owner !== undefined) values['owner'] = owner;
  return values as Partial<Stored<Lead>>;
}
