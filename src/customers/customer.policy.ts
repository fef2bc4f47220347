import type { RightUse } from '../core/rights.js';
import { actions, restore } from '../model/actions.js';
import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access, isFoundByAny, type Access, type Way } from '../read/access.js';
import { waysWithinReach } from '../identity/reach.sql.js';
import { andFree, isHiddenInPool } from '../pools/pool.sql.js';
import { User } from '../identity/user.entity.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import { Customer } from './customer.entity.js';
import { OwnerChange, StatusChange } from './history.entity.js';
import { CustomerMember } from './member.entity.js';
import { CustomerRelation } from './relation.entity.js';
import { CustomerTag } from './tag.entity.js';

/** Customers that the caller works on as a collaborator at this time, and may change as one where that is asked for. */
const isMember = (row: Scope, use: RightUse | 'own'): Way => ({
  property: 'id',
  among: `select customer_id from customer_member where tenant_id = ${row.tenant()} and user_id = ${row.me()} and (until is null or until >= ${row.today()})${use === 'write' ? ` and access = 'WRITE'` : ''}`,
});

/** Customers within a reach of the caller, or that they are a collaborator of. */
function waysToReach(row: Scope, use: RightUse | 'own'): Way[] {
  const within = waysWithinReach(row, 'customer', use);
  return within.includes('true') ? within : [...within, isMember(row, use)];
}

const isReached = (row: Scope, use: RightUse | 'own'): string => {
  const reached = isFoundByAny(row, waysToReach(row, use));
  return reached === 'true' ? reached : `(${reached})`;
};

/** The same, and those that nobody owns for whoever reaches some. */
const waysToSee = (row: Scope): Way[] => andFree(row, 'customer', waysToReach(row, row.rights.asked));

const isOwn = (row: Scope): string => isReached(row, 'own');

/**
 * Who sees some customers only sees those that nobody owns as well, in pools only where they work with the pool; contact data
 * and amounts are unmasked of those that are somebody's within reach.
 */
access(Customer, {
  visible: (row) => isFoundByAny(row, waysToSee(row)),
  found: waysToSee,
  own: isOwn,
  hides: (row, property) => (isReached(row, 'see') === 'true' ? 'false' : isHiddenInPool(row, property)),
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
  exists(row, Customer, (customer) => `${customer.col('id')} = ${row.col('customer')} and ${isOwn(customer)}`);

/** Rights on what hangs on a customer and is nothing without it: it is seen by whoever sees the customer, and goes with it. */
export const belongsToCustomer: Access = { visible: onVisibleCustomer, shows: ['customer'], own: onOwnCustomer };

for (const entity of [StatusChange, OwnerChange, CreditAssessment, CustomerTag, CustomerMember])
  access(entity, belongsToCustomer);

/** A relation is visible to whoever sees both sides. */
access(CustomerRelation, {
  visible: (row) => `${referenceIsVisible(row, 'from')} and ${referenceIsVisible(row, 'to')}`,
  shows: ['from', 'to'],
});

export const relationActions = actions(CustomerRelation, { delete: {} });
export const memberActions = actions(CustomerMember, { update: {}, delete: {} });
export const tagActions = actions(CustomerTag, { delete: {} });
