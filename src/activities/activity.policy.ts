import { actions, inState, States, restore } from '../model/actions.js';
import { exists, type Scope } from '../model/fields.js';
import { access, eitherOf } from '../read/access.js';
import { ownedKinds, type RightUse } from '../core/rights.js';
import { hasEntered, isWorkedOnWithinReach, waysToWork } from '../identity/reach.sql.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { onOwnLead, onVisibleLead } from '../leads/lead.policy.js';
import { Activity, type ActivityStatus } from './activity.entity.js';
import { Contact } from '../contacts/contact.entity.js';

/** What is with a lead alone is worked on as leads are, everything else as customers are. */
function isWorkedOn(row: Scope, use: RightUse | 'own'): string {
  const customers = isWorkedOnWithinReach(row, 'staff', use);
  const leads = isWorkedOnWithinReach(row, 'staff', use, 'lead');
  if (customers === leads) return customers;
  const withLead = `(${row.col('lead')} is not null and ${row.col('customer')} is null)`;
  return `case when ${withLead} then ${leads} else ${customers} end`;
}

const isInvolved = (row: Scope, use: RightUse | 'own'): string => eitherOf(isWorkedOn(row, use), hasEntered(row));

/** A condition on what has no customer. */
const withoutCustomer = (row: Scope, condition: string): string => `${row.col('customer')} is null and ${condition}`;

const withVisibleContact = (row: Scope): string =>
  withoutCustomer(
    row,
    exists(row, Contact, (contact) => `${contact.col('id')} = ${row.col('contact')}`),
  );

/** An activity is visible to whoever reaches the one who does it, to whoever entered it, and to whoever may see its customer; without a customer, its lead or its contact. */
access(Activity, {
  visible: (row) =>
    eitherOf(
      isInvolved(row, row.rights.asked),
      onVisibleCustomer(row),
      withoutCustomer(row, onVisibleLead(row)),
      withVisibleContact(row),
    ),
  found: (row, seen) => [
    ...ownedKinds.flatMap((kind) => waysToWork(row, 'staff', row.rights.asked, kind)),
    hasEntered(row),
    seen('customer'),
    seen('lead'),
    withoutCustomer(row, `${row.col('contact')} is not null`),
  ],
  own: (row) => `(${eitherOf(isInvolved(row, 'own'), onOwnCustomer(row), withoutCustomer(row, onOwnLead(row)))})`,
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
