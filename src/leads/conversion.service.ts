import { command, type Change, type Stored } from '../write/command.js';
import { now } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import type { EntityClass } from '../model/model.js';
import { parseKey } from '../core/id.js';
import { isMoney } from '../write/amounts.js';
import { Contact } from '../contacts/contact.entity.js';
import * as contacts from '../contacts/contact.service.js';
import { Customer } from '../customers/customer.entity.js';
import * as customers from '../customers/customer.service.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import * as opportunities from '../opportunities/opportunity.service.js';
import { builtOn, inWords, type Made } from './built.js';
import { Lead } from './lead.entity.js';
import type { LeadConvertInput } from './lead.inputs.js';
import { move } from './lead.service.js';
import { leadActions as can } from './lead.policy.js';

/** What became of a lead: ids, or null for what was not asked for. */
export interface Converted {
  lead: string;
  customer: string | null;
  contact: string | null;
  opportunity: string | null;
}

/** A lead as it stands after its conversion, or after that was undone. */
export type Became = Pick<Stored<Lead>, 'id' | 'status' | 'customer' | 'contact'>;
type Carrying = (change: Change, lead: Became) => Promise<void>;

const carrying: Carrying[] = [];

/** Declares what a capability has of leads that is with what they become, and again with the lead alone when that is undone. */
export const carriedAlong = (carry: Carrying): void => void carrying.push(carry);

async function carryAlong(change: Change, lead: Became): Promise<void> {
  for (const carry of carrying) await carry(change, lead);
}

/**
 * Turns a lead into a customer, a contact and an opportunity, or the parts that are asked for, all or nothing and once
 * only: of two conversions at the same moment the second waits for the lead's row and is refused. A person who is a
 * contact of the customer already is taken as that contact. Activities go along. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT,
 * NAME_TAKEN, UNKNOWN_REFERENCE, and REQUIRED of `customer` for an opportunity without one, of `opportunityName` for an
 * amount or a day without it.
 */
export function convert(
  ctx: Context,
  id: string,
  input: LeadConvertInput,
  version?: number | null,
): Promise<Converted> {
  can.convert.demand(ctx.rights);
  return command(ctx, 'lead.convert', async (change) => {
    const lead = await change.get(Lead, id, { version });
    const opportunityName = input.opportunityName?.trim();
    can.convert.check(lead.status);
    if (opportunityName && !input.customer && !input.createCustomer) throw refuse('REQUIRED', ['customer']);
    // what is said of an opportunity is not dropped
    if (!opportunityName && (isMoney(input.amount?.amount) || input.expectedCloseOn))
      throw refuse('REQUIRED', ['opportunityName']);
    const customer = input.customer
      ? await existing(change, input.customer)
      : input.createCustomer
        ? await makeCustomer(change, lead)
        : null;
    const known =
      input.createContact && input.customer ? await contacts.sameAt(change, customer!, personOf(lead)) : null;
    const contact = known ?? (input.createContact ? await makeContact(change, lead, customer, !input.customer) : null);
    const opportunity =
      opportunityName && customer ? await makeOpportunity(change, lead, customer, { ...input, opportunityName }) : null;
    await carryAlong(change, { id: lead.id, status: 'CONVERTED', customer, contact });
    move(change, lead, 'CONVERTED', {
      customer,
      contact,
      opportunity,
      convertedAt: now().toISOString(),
      convertedFrom: lead.status,
      madeCustomer: customer !== null && !input.customer,
      madeContact: contact !== null && !known,
    });
    return { lead: lead.id, customer, contact, opportunity };
  });
}

async function existing(change: Change, key: string): Promise<string> {
  const customer = await change.find(Customer, parseKey(key));
  if (!customer) throw refuse('UNKNOWN_REFERENCE', ['customer']);
  return customer.id;
}

/** What making a record is refused for, as what of the input it comes from: by the field of the record, or all of it by `otherwise`. */
const asOfInput = (
  making: Promise<string>,
  names: Readonly<Record<string, string>>,
  otherwise?: string,
): Promise<string> =>
  making.catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(
      error.issues.map(({ field: [first = '', ...rest] = [], ...issue }) => ({
        ...issue,
        field: otherwise === undefined ? [names[first] ?? first, ...rest] : [otherwise],
      })),
    );
  });

const makeCustomer = (change: Change, lead: Stored<Lead>): Promise<string> =>
  asOfInput(
    customers.add(change, {
      name: lead.company ?? lead.name,
      contactPerson: lead.contactPerson ?? null,
      phone: lead.phone ?? null,
      email: lead.email ?? null,
      source: lead.source,
      ...owned(lead),
    }),
    {},
    'createCustomer',
  );

/** Most characters of a contact's name: where a lead names no person, its own name stands in. */
const maxNameLength = 100;

const personOf = (lead: Stored<Lead>): { name: string; phone: string | null; email: string | null } => ({
  name: lead.contactPerson ?? [...lead.name].slice(0, maxNameLength).join(''),
  phone: lead.phone ?? null,
  email: lead.email ?? null,
});

const makeContact = (change: Change, lead: Stored<Lead>, customer: string | null, primary: boolean): Promise<string> =>
  asOfInput(
    contacts.add(change, { ...personOf(lead), ...(customer && { customer, primary }) }, []),
    {},
    'createContact',
  );

const makeOpportunity = (
  change: Change,
  lead: Stored<Lead>,
  customer: string,
  { opportunityName, amount, expectedCloseOn }: LeadConvertInput,
): Promise<string> =>
  asOfInput(
    opportunities.add(change, {
      name: opportunityName!,
      customer,
      amount: amount ?? null,
      expectedCloseOn: expectedCloseOn ?? null,
      campaign: lead.campaign ?? null,
      ...owned(lead),
    }),
    { name: 'opportunityName' },
  );

/** Whoever follows the lead looks after what it becomes. */
const owned = (lead: Stored<Lead>): { owner?: string } => (lead.owner ? { owner: lead.owner } : {});

/**
 * Takes a conversion back: what it made is hidden, what was there before stays, and the lead is what it was. Refuses
 * NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED for a lead that is not converted, TOO_LONG, and BUILT_UPON if anything refers to
 * what it made, or if the opportunity has been moved since.
 */
export function undo(ctx: Context, id: string, reason?: string | null, version?: number | null): Promise<string> {
  can.undoConversion.demand(ctx.rights);
  return command(ctx, { operation: 'lead.undoConversion', reason }, async (change) => {
    const lead = await change.get(Lead, id, { version });
    const from = lead.status;
    const to = lead.convertedFrom ?? 'NEW';
    can.undoConversion.check(from);
    const made = [
      ...(await present(change, Opportunity, lead.opportunity, 'opportunity')),
      ...(await present(change, Contact, lead.madeContact ? lead.contact : null, 'contact')),
      ...(await present(change, Customer, lead.madeCustomer ? lead.customer : null, 'customer')),
    ];
    const { customer, contact, opportunity } = lead;
    await carryAlong(change, { id: lead.id, status: to, customer: null, contact: null });
    await checkNothingBuilt(change, lead, made);
    for (const { entity, record } of made) change.hide(entity, record as never);
    change.update(
      Lead,
      lead,
      {
        status: to,
        customer: null,
        contact: null,
        opportunity: null,
        convertedAt: null,
        convertedFrom: null,
        madeCustomer: false,
        madeContact: false,
      },
      { event: 'conversionUndone', data: { fromStatus: from, toStatus: to, customer, contact, opportunity } },
    );
    return lead.id;
  });
}

/** The record that a conversion made, locked; none if it has been deleted since. Refuses NOT_FOUND for one that the caller does not see. */
async function present(
  change: Change,
  entity: EntityClass,
  id: string | null | undefined,
  field: Made['field'],
): Promise<Made[]> {
  const key = id ? { id } : null;
  const record = await change.find(entity, key);
  if (record) return [{ entity, field, record: record as { id: string } }];
  if (key && !(await change.find(entity, key, { deleted: true })))
    throw refuse('NOT_FOUND', [field], { record: entity.name });
  return [];
}

async function checkNothingBuilt(change: Change, lead: Stored<Lead>, made: readonly Made[]): Promise<void> {
  const links = await change.query(
    'select id from customer_contact where tenant_id = $1 and customer_id = $2 and contact_id = $3',
    [change.ctx.tenant.id, lead.customer ?? null, lead.contact ?? null],
  );
  const known = [lead.id, ...made.map(({ record }) => record.id), ...links.map(([id]) => id!)];
  const issues: Issue[] = [];
  for (const one of made) {
    const found = await builtOn(change, one, known);
    if (found.length > 0)
      issues.push({ code: 'BUILT_UPON', field: [one.field], params: { records: inWords(found, change.ctx.locale) } });
  }
  if (issues.length > 0) throw new DomainError(issues);
}
