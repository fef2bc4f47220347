import { actions, inState, States, restore } from '../model/actions.js';
import { exists, type Scope } from '../model/fields.js';
import { access, eitherOf } from '../read/access.js';
import type { RightUse } from '../core/rights.js';
import { isWorkedOnWithinReach } from '../identity/reach.sql.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Activity, type ActivityStatus } from './activity.entity.js';
import { Contact } from '../contacts/contact.entity.js';

const isInvolved = (row: Scope, use: RightUse | 'own'): string =>
  eitherOf(isWorkedOnWithinReach(row, 'staff', use), `${row.col('createdBy')} = ${row.me()}`);
const withVisibleContact = (row: Scope): string =>
  `${row.col('customer')} is null and ${exists(row, Contact, (contact) => `${contact.col('id')} = ${row.col('contact')}`)}`;

/** An activity is visible to whoever reaches the one who does it, to whoever entered it, and to whoever may see its customer; without a customer, its contact. */
access(Activity, {
  visible: (row) => eitherOf(isInvolved(row, row.rights.asked), onVisibleCustomer(row), withVisibleContact(row)),
  own: (row) => `(${eitherOf(isInvolved(row, 'own'), onOwnCustomer(row))})`,
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
