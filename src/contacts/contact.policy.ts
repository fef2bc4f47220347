import { actions, restore } from '../model/actions.js';
import { exists, type Scope } from '../model/fields.js';
import { access } from '../read/access.js';
import { hasEntered } from '../identity/reach.sql.js';
import { belongsToCustomer, onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Customer } from '../customers/customer.entity.js';
import { isDeleted } from '../customers/customer.sql.js';
import { Contact, CustomerContact } from './contact.entity.js';

const linked = (row: Scope, condition: (link: Scope) => string): string =>
  exists(
    row,
    CustomerContact,
    (link) => `${link.col('contact')} = ${row.col('id')} and ${condition(link)}`,
    'unscoped',
  );

const linkedTo = (row: Scope, condition: (customer: Scope) => string): string =>
  linked(row, (link) => {
    const { from, where, row: customer } = link.unscoped(Customer, true);
    return `exists (select 1 from ${from} where ${where} and ${customer.col('id')} = ${link.col('customer')} and ${condition(customer)})`;
  });

/** A person is visible through any customer that is, and to whoever entered them; and is not there while all the customers are deleted. */
access(Contact, {
  exists: (row) => `(not ${linkedTo(row, isDeleted)} or ${linkedTo(row, (customer) => `not ${isDeleted(customer)}`)})`,
  visible: (row) => `${hasEntered(row)} or ${linked(row, onVisibleCustomer)}`,
  own: (row) => `(${linked(row, onOwnCustomer)} or ${hasEntered(row)} and not ${linked(row, () => 'true')})`,
});

// whoever sees a customer sees the persons that are linked to it
access(CustomerContact, { ...belongsToCustomer, shows: ['customer', 'contact'] });

export const contactActions = actions(Contact, { update: {}, delete: {}, restore });
export const linkActions = actions(CustomerContact, { update: {}, setPrimary: {}, delete: {} });
