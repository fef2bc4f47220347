import { actions, restore } from '../model/actions.js';
import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access, type Access } from '../read/access.js';
import { isFree, isFreeToChange } from '../pools/pool.sql.js';
import { User } from '../identity/user.entity.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import { Customer } from './customer.entity.js';
import { OwnerChange, StatusChange } from './history.entity.js';
import { CustomerRelation } from './relation.entity.js';
import { CustomerTag } from './tag.entity.js';

const isOwner = (row: Scope): string => `${row.col('owner')} = ${row.me()}`;

/** The caller may change the customer, where they may change only some of those that they see: what lies in a pool is picked first. */
const mayBeChanged = (row: Scope): string => `${isOwner(row)} or ${isFreeToChange(row)}`;

/**
 * Sales see their own customers and those that nobody owns, in pools only where they work with the pool; contact data and
 * amounts of their own are unmasked.
 */
access(Customer, {
  visible: (row) => `${isOwner(row)} or ${isFree(row)}`,
  changeable: mayBeChanged,
  own: isOwner,
});

export const customerActions = actions(Customer, {
  update: {},
  assign: { gives: 'owner' },
  changeStatus: {},
  delete: {},
  restore,
});

/** Colleagues are visible to all; one's own contact data is one's own. */
access(User, { own: (row) => `${row.col('id')} = ${row.me()}` });

/** The row hangs on a customer that the caller may see. */
export const onVisibleCustomer = (row: Scope): string => referenceIsVisible(row, 'customer');

/** The row hangs on a customer that is the caller's own. */
export const onOwnCustomer = (row: Scope): string =>
  exists(row, Customer, (customer) => `${customer.col('id')} = ${row.col('customer')} and ${isOwner(customer)}`);

/** Rights on what hangs on a customer and is nothing without it: it is seen by whoever sees the customer, and goes with it. */
export const belongsToCustomer: Access = {
  visible: onVisibleCustomer,
  changeable: (row) =>
    exists(
      row,
      Customer,
      (customer) => `${customer.col('id')} = ${row.col('customer')} and (${mayBeChanged(customer)})`,
      'unscoped',
    ),
  own: onOwnCustomer,
};

for (const entity of [StatusChange, OwnerChange, CreditAssessment, CustomerTag]) access(entity, belongsToCustomer);

/** A relation is visible to whoever sees both sides. */
access(CustomerRelation, {
  visible: (row) => `${referenceIsVisible(row, 'from')} and ${referenceIsVisible(row, 'to')}`,
});

export const relationActions = actions(CustomerRelation, { delete: {} });
export const tagActions = actions(CustomerTag, { delete: {} });
