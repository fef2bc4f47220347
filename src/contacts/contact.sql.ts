import type { Arguments, Scope } from '../model/fields.js';
import { idOf } from '../read/references.js';
import { isGiven } from '../read/value.js';
import { Customer } from '../customers/customer.entity.js';
import { CustomerContact } from './contact.entity.js';

/** SQL condition: a link of the contact. */
export const ofContact = (link: Scope, contact: Scope): string => `${link.col('contact')} = ${contact.col('id')}`;

/** The link of a contact to the customer that the argument names, or the first one: its id, as SQL. */
export function linkOf(contact: Scope, argument: Arguments): string {
  const { from, where, row: link } = contact.rows(CustomerContact);
  const customer = argument('customer');
  const chosen = customer.is(isGiven) ? ` and ${link.col('customer')} = ${idOf(Customer, contact, customer)}` : '';
  return `(select ${link.col('id')} from ${from} where ${where} and ${link.col('contact')} = ${contact.col('id')}${chosen} order by ${link.col('number')} limit 1)`;
}

/** The customer's primary contact: its id, as SQL. */
export function primaryContact(customer: Scope): string {
  const { from, where, row: link } = customer.referring(CustomerContact, 'customer');
  return `(select ${link.col('contact')} from ${from} where ${where} and ${link.col('primary')})`;
}
