import { bulk, type ItemResult } from '../write/bulk.js';
import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { staysAsItIs } from '../write/fixed.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { permit } from '../core/needs.js';
import { checked } from '../write/validation.js';
import { Customer } from '../customers/customer.entity.js';
import type { CustomerInput } from '../customers/customer.inputs.js';
import * as customers from '../customers/customer.service.js';
import { Contact, CustomerContact } from './contact.entity.js';
import type { ContactInput, CustomerContactInput, CustomerOnboardInput } from './contact.inputs.js';
import { contactActions as can, linkActions } from './contact.policy.js';
import './contact.events.js';

constraintMeans('customer_contact_customer_contact', 'ALREADY_LINKED', ['contact']);

const required = ['name', 'decisionMaker', 'influence'];

/** Creates a person, linked to a customer where one is named. Refuses REQUIRED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: ContactInput): Promise<string> {
  permit(ctx.rights, 'contactCreate');
  return command(ctx, 'contact.create', (change) => add(change, input, []));
}

/** Creates many people, each linked to the customer that it names; what is refused is reported, the rest is kept. */
export const createMany = (ctx: Context, inputs: readonly ContactInput[]): Promise<ItemResult[]> =>
  bulk(
    ctx,
    'contactsCreate',
    'contact.create',
    'inputs',
    inputs,
    (change, input) => add(change, input, []),
    (change) =>
      change.lock(
        Customer,
        inputs.map(({ customer }) => customer),
      ),
  );

/** Creates a customer with its first contacts, all or nothing. Refuses as `create` of both do, and INVALID for a contact of another customer; fields are named `contacts.0.email`. */
export function onboard(ctx: Context, input: CustomerInput, contacts: readonly ContactInput[]): Promise<string> {
  permit(ctx.rights, 'customerOnboard');
  return command(ctx, 'customer.onboard', (change) => welcome(change, { customer: input, contacts }));
}

/** Creates many customers with their contacts; what is refused is reported, the rest is kept. */
export const onboardMany = (ctx: Context, inputs: readonly CustomerOnboardInput[]): Promise<ItemResult[]> =>
  bulk(ctx, 'customersOnboard', 'customer.onboard', 'inputs', inputs, welcome);

async function welcome(
  change: Change,
  { customer: input, contacts }: { customer: CustomerInput; contacts?: readonly ContactInput[] | null },
): Promise<string> {
  const customer = await customers.add(change, input);
  const primary = (contacts ?? []).findLastIndex((contact) => contact.primary);
  for (const [index, person] of (contacts ?? []).entries()) {
    const path = ['contacts', String(index)];
    // they are people of this customer, of no other
    if (person.customer) throw refuse('INVALID', [...path, 'customer']);
    const { values, link } = checkedContact(person, path);
    // nobody else knows the customer yet: there is nothing to lock, and no other primary contact than among these
    change.insert(CustomerContact, {
      customer,
      contact: change.insert(Contact, values as never),
      ...link,
      ...(link.primary && { primary: index === primary }),
    });
  }
  return customer;
}

/** As `create`, inside a change that is under way; `path` is put before the fields' names in refusals. */
export async function add(change: Change, input: ContactInput, path: string[]): Promise<string> {
  const { values, link } = checkedContact(input, path);
  const customer = input.customer ? await lockedCustomer(change, input.customer, [...path, 'customer']) : null;
  const contact = change.insert(Contact, values as never);
  if (customer) await addLink(change, customer, contact, link);
  return contact;
}

/**
 * A person of a customer, which is locked, who is this one: with the same phone, whatever its separators and country
 * prefix, or the same e-mail; where neither is known, with the same name. Null if there is none.
 */
export async function sameAt(
  change: Change,
  customer: string,
  { name, phone, email }: { name: string; phone: string | null; email: string | null },
): Promise<string | null> {
  const [row] = await change.query(
    `select c.id from customer_contact l join contact c on c.tenant_id = $1 and c.id = l.contact_id and c.deleted_at is null
      where l.tenant_id = $1 and l.customer_id = $2
        and (nullif(phone_key($3), '') in (phone_key(c.phone), phone_key(c.mobile)) or fold($4::text) = fold(c.email)
          or $3::text is null and $4::text is null and text_key($5) = text_key(c.name))
      order by l."primary" desc, l.number limit 1`,
    [change.ctx.tenant.id, customer, phone, email, name],
  );
  return row?.[0] ?? null;
}

/** Changes a person, and the link to the customer that the input names (by default the first link). Refuses NOT_FOUND, VERSION_CONFLICT and invalid fields. */
export function update(ctx: Context, id: string, input: ContactInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'contact.update', async (change) => {
    const contact = await change.get(Contact, id, { version });
    change.update(
      Contact,
      contact,
      checked(Contact, input as Record<string, unknown>, { create: false, required }) as never,
    );
    const fields = checkedLink(input, []);
    if (input.customer || Object.keys(fields).length > 0)
      await updateLinkOf(change, contact.id, input.customer ?? undefined, fields);
    return contact.id;
  });
}

/** Hides a person; the links are hidden with them. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'contact.delete', async (change) => {
    const contact = await change.get(Contact, id, { version });
    for (const link of await linksWhere(change, 'contact_id = $2 and "primary"', contact.id))
      change.update(CustomerContact, link, { primary: false });
    change.hide(Contact, contact);
    return contact.id;
  });
}

/** Brings a deleted person back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version);

/** Links a person to a customer. Refuses ALREADY_LINKED, UNKNOWN_REFERENCE, REQUIRED and invalid fields. */
export function link(ctx: Context, input: CustomerContactInput): Promise<string> {
  permit(ctx.rights, 'customerContactCreate');
  return command(ctx, 'customerContact.create', async (change) => {
    for (const field of ['customer', 'contact'] as const) if (!input[field]) throw refuse('REQUIRED', [field]);
    const customer = await lockedCustomer(change, input.customer!, ['customer']);
    const contact = await change.reference(Contact, input.contact, ['contact']);
    return addLink(change, customer, contact!, checkedLink(input, []));
  });
}

/** Changes a link; its two sides stay: INVALID for another one. Refuses NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE and invalid fields. */
export function updateLink(
  ctx: Context,
  id: string,
  input: CustomerContactInput,
  version?: number | null,
): Promise<string> {
  linkActions.update.demand(ctx.rights);
  return command(ctx, 'customerContact.update', async (change) => {
    const { customer, contact } = await change.get(CustomerContact, id, { lock: false });
    await staysAsItIs(change, Customer, input.customer, customer, 'customer');
    await staysAsItIs(change, Contact, input.contact, contact, 'contact');
    await lockedCustomer(change, customer!, ['customer']);
    const found = await change.get(CustomerContact, id, { version });
    await changeLink(change, found, checkedLink(input, []));
    return found.id;
  });
}

/** Makes a link the one primary contact of its customer. Refuses NOT_FOUND. */
export const setPrimary = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  updateLink(ctx, id, { primary: true }, version);

/** Removes a link for good. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function unlink(ctx: Context, id: string, version?: number | null): Promise<string> {
  linkActions.delete.demand(ctx.rights);
  return command(ctx, 'customerContact.delete', async (change) => {
    const found = await change.get(CustomerContact, id, { version });
    change.remove(CustomerContact, found);
    return found.id;
  });
}

/** Removes the links of several people with one customer for good; those who have none are reported with NOT_FOUND, links that the caller may only read with FORBIDDEN. */
export const unlinkContacts = (ctx: Context, customer: string, contacts: readonly string[]): Promise<ItemResult[]> =>
  bulk(
    ctx,
    'customerUnlinkContacts',
    'customerContact.delete',
    'contacts',
    contacts,
    (change, contact) => unlinkSides(change, customer, contact, 'customer'),
    (change) => lockLinks(change, [customer], contacts),
  );

/** Removes the links of one person with several customers for good; customers without one are reported with NOT_FOUND, links that the caller may only read with FORBIDDEN. */
export const unlinkCustomers = (ctx: Context, contact: string, customers: readonly string[]): Promise<ItemResult[]> =>
  bulk(
    ctx,
    'contactUnlinkCustomers',
    'customerContact.delete',
    'customers',
    customers,
    (change, customer) => unlinkSides(change, customer, contact, 'contact'),
    (change) => lockLinks(change, customers, [contact]),
  );

/** Locks the links between customers and contacts, in the order of their ids. */
async function lockLinks(change: Change, customers: readonly string[], contacts: readonly string[]): Promise<void> {
  const ids = async (entity: typeof Customer | typeof Contact, texts: readonly string[]): Promise<string[]> => [
    ...(await change.references(entity, texts)).values(),
  ];
  await change.query(
    'select t.id from customer_contact t where t.tenant_id = $1 and t.customer_id = any($2::uuid[]) and t.contact_id = any($3::uuid[]) order by t.id for no key update of t',
    [change.ctx.tenant.id, await ids(Customer, customers), await ids(Contact, contacts)],
  );
}

/** Removes the link between the record of `side`, which the argument `id` names, and the item. */
async function unlinkSides(
  change: Change,
  customerKey: string,
  contactKey: string,
  side: 'customer' | 'contact',
): Promise<string> {
  const customer = await change.find(Customer, parseKey(customerKey), { lock: false });
  const contact = await change.find(Contact, parseKey(contactKey), { lock: false });
  const named = side === 'customer' ? customer : contact;
  const [id] =
    customer && contact
      ? await linkIdsWhere(change, 'contact_id = $2 and customer_id = $3', contact.id, customer.id)
      : [];
  const found = id && (await change.find(CustomerContact, { id }));
  if (!found) throw refuse('NOT_FOUND', named ? [] : ['id'], { record: CustomerContact.name });
  change.remove(CustomerContact, found);
  return found.id;
}

const checkedContact = (
  input: ContactInput,
  path: string[],
): { values: ReturnType<typeof checked>; link: LinkFields } => ({
  values: checked(Contact, input as Record<string, unknown>, { create: true, required, path }),
  link: checkedLink(input, path),
});

type LinkFields = Partial<Pick<Stored<CustomerContact>, 'role' | 'position' | 'primary' | 'remarks'>>;

function checkedLink(
  input: { role?: unknown; position?: unknown; primary?: unknown; remarks?: unknown },
  path: string[],
): LinkFields {
  const { role, position, primary, remarks } = input;
  return checked(
    CustomerContact,
    { role, position, primary: primary === null ? undefined : primary, remarks },
    { create: false, required: [], path },
  );
}

/** Whoever changes the contacts of a customer holds its row: two requests cannot both make a primary one. */
async function lockedCustomer(change: Change, key: string, field: string[]): Promise<string> {
  const customer = await change.find(Customer, parseKey(key));
  if (!customer) throw refuse('UNKNOWN_REFERENCE', field);
  return customer.id;
}

async function addLink(change: Change, customer: string, contact: string, fields: LinkFields): Promise<string> {
  if (fields.primary) await demote(change, customer);
  return change.insert(CustomerContact, { customer, contact, ...fields });
}

async function changeLink(change: Change, link: Stored<CustomerContact>, fields: LinkFields): Promise<void> {
  if (fields.primary && !link.primary) await demote(change, link.customer!);
  change.update(CustomerContact, link, fields);
}

async function updateLinkOf(
  change: Change,
  contact: string,
  customerKey: string | undefined,
  fields: LinkFields,
): Promise<void> {
  const customer = customerKey === undefined ? undefined : await lockedCustomer(change, customerKey, ['customer']);
  const [first] = customer
    ? await linksWhere(change, 'contact_id = $2 and customer_id = $3', contact, customer)
    : await linksWhere(change, 'contact_id = $2', contact);
  if (!first) {
    if (customer) await addLink(change, customer, contact, fields);
    return;
  }
  if (!customer) await lockedCustomer(change, first.customer!, ['customer']);
  await changeLink(change, first, fields);
}

async function demote(change: Change, customer: string): Promise<void> {
  for (const link of await linksWhere(change, 'customer_id = $2 and "primary"', customer))
    change.update(CustomerContact, link, { primary: false });
}

async function linkIdsWhere(change: Change, condition: string, ...values: unknown[]): Promise<string[]> {
  const rows = await change.query(
    `select id from customer_contact where tenant_id = $1 and ${condition} order by number`,
    [change.ctx.tenant.id, ...values],
  );
  return rows.map(([id]) => id!);
}

/** The links that the caller may change. */
async function linksWhere(
  change: Change,
  condition: string,
  ...values: unknown[]
): Promise<Array<Stored<CustomerContact>>> {
  const ids = await linkIdsWhere(change, condition, ...values);
  const found = await Promise.all(ids.map((id) => change.find(CustomerContact, { id }, { skip: true })));
  return found.filter((link) => link !== null);
}
