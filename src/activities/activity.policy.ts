import { actions, inState, States, restore } from '../model/actions.js';
import { exists, type Scope } from '../model/fields.js';
import { access } from '../read/access.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Activity, type ActivityStatus } from './activity.entity.js';
import { Contact } from '../contacts/contact.entity.js';

const isInvolved = (row: Scope): string => `${row.col('staff')} = ${row.me()} or ${row.col('createdBy')} = ${row.me()}`;
const withVisibleContact = (row: Scope): string =>
  `${row.col('customer')} is null and ${exists(row, Contact, (contact) => `${contact.col('id')} = ${row.col('contact')}`)}`;

/** An activity is visible to whoever does or entered it and to whoever may see its customer; without a customer, its contact. */
access(Activity, {
  visible: (row) => `${isInvolved(row)} or ${onVisibleCustomer(row)} or ${withVisibleContact(row)}`,
  own: (row) => `(${isInvolved(row)} or ${onOwnCustomer(row)})`,
});

/** Where an activity may go from where: what was cancelled can be planned again, what has taken place has. */
export const activityStates = new States<ActivityStatus>('ActivityStatus', 'status', {
  PLANNED: ['COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: ['PLANNED'],
});

export const activityActions = actions(Activity, {
  update: {},
  assign: { gives: 'staff' },
  complete: inState(activityStates, (from) => activityStates.refusal(from, 'COMPLETED')),
  cancel: inState(activityStates, (from) => activityStates.refusal(from, 'CANCELLED')),
  delete: {},
  restore,
});
