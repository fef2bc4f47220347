import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { Lead } from '../leads/lead.entity.js';
import type { Became } from '../leads/conversion.service.js';
import type { Change, Stored } from '../write/command.js';
import { recordsWhere } from '../write/many.js';
import type { Activity } from './activity.entity.js';
import type { ActivityInput } from './activity.inputs.js';

type Values = Partial<Stored<Activity>>;

/** What else an activity can be with. */
const others = ['customer', 'contact', 'opportunity'] as const;

/** How an activity with a lead is stored as that stands: with what the lead has become; what is about another opportunity stays with its customer. */
export function asLeadStands(activity: Values, { status, customer, contact }: Omit<Became, 'id'>): Values {
  if (status === 'CONVERTED') return { customer: customer ?? null, contact: activity.contact ?? contact ?? null };
  return activity.opportunity ? { lead: null } : { customer: null, contact: null };
}

/**
 * Has an activity that is with a lead, or comes to be, be with what that has become and nothing else. The lead stays as it is
 * until the commit. Refuses UNKNOWN_REFERENCE, FORBIDDEN for a lead that the caller may not change, and INVALID, naming what does not agree with the lead.
 */
export async function followLead(
  change: Change,
  input: ActivityInput,
  values: Values,
  before: Values = {},
): Promise<void> {
  if (input.lead === null) values.lead = null;
  const isNamed = input.lead !== undefined && input.lead !== null;
  const lead = isNamed ? await named(change, input.lead) : await known(change, values, before);
  if (!lead) return;
  const after = { ...before, ...values };
  const wrong = others.filter((field) => after[field] && (lead.status !== 'CONVERTED' || !agrees(field, after, lead)));
  if (wrong.length > 0) throw refuse('INVALID', [wrong.find((field) => input[field]) ?? 'lead']);
  values.lead = lead.id;
  if (lead.status !== 'CONVERTED') return;
  values.customer = lead.customer ?? null;
  if (input.lead && input.contact === undefined) values.contact = after.contact ?? lead.contact ?? null;
}

/** Whether what an activity is with is what the lead has become; that contacts and opportunities are the customer's is held for all activities. */
const agrees = (field: (typeof others)[number], after: Values, lead: Stored<Lead>): boolean =>
  field === 'customer' ? after.customer === lead.customer : Boolean(lead.customer) || after[field] === lead[field];

async function named(change: Change, key: unknown): Promise<Stored<Lead>> {
  const lead = await change.find(Lead, parseKey(String(key)));
  if (!lead) throw refuse('UNKNOWN_REFERENCE', ['lead']);
  return lead;
}

/** The lead that an activity is with already, whoever may see it, where something changes that has to agree with it. */
async function known(change: Change, values: Values, before: Values): Promise<Stored<Lead> | undefined> {
  if (values.lead === null || !before.lead || others.every((field) => values[field] === undefined)) return undefined;
  return (await recordsWhere(change, Lead, 't.id = $2', [before.lead]))[0];
}
