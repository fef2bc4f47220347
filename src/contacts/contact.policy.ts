import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/query.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Contact, CustomerContact } from './contact.entity.js';

const isCreator = (row: Scope): string => `${row.col('createdBy')} = ${row.me()}`;
const linked = (row: Scope, condition: (link: Scope) => string): string =>
  exists(
    row,
    CustomerContact,
    (link) => `${link.col('contact')} = ${row.col('id')} and ${condition(link)}`,
    'unscoped',
  );

/** A person is visible through any customer that is, and to whoever entered them. */
access(Contact, {
  visible: (row) => `${isCreator(row)} or ${linked(row, onVisibleCustomer)}`,
  own: (row) => `(${linked(row, onOwnCustomer)} or ${isCreator(row)} and not ${linked(row, () => 'true')})`,
});

/** A link exists as long as both of its sides do. */
access(CustomerContact, {
  exists: (row) =>
    `${referenceIsVisible(row, 'contact', 'unscoped')} and ${referenceIsVisible(row, 'customer', 'unscoped')}`,
  visible: onVisibleCustomer,
  own: onOwnCustomer,
});
