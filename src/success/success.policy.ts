import { actions, States, toState, restore } from '../model/actions.js';
import { access, eitherOf } from '../read/access.js';
import { isWorkedOnWithinReach, waysToWork } from '../identity/reach.sql.js';
import { Customer } from '../customers/customer.entity.js';
import { belongsToCustomer, onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { HealthScore } from './health-score.entity.js';
import { SuccessTask, SuccessTaskStatus } from './success-task.entity.js';
import { UsageEvent } from './usage-event.entity.js';

/** Scores and usage are seen by whoever sees the customer, and go with it. */
for (const entity of [HealthScore, UsageEvent]) access(entity, belongsToCustomer);

/** A task is visible to whoever reaches the one who is to do it, and to whoever may see its customer. */
access(SuccessTask, {
  visible: (row) => eitherOf(isWorkedOnWithinReach(row, 'assignee', row.rights.asked), onVisibleCustomer(row)),
  found: (row, seen) => [...waysToWork(row, 'assignee', row.rights.asked), seen('customer')],
  own: onOwnCustomer,
});

export const healthActions = actions(Customer, { calculateHealth: {} });

/** Where a task may go from where; what is done or cancelled stays so. */
export const taskStates = new States<SuccessTaskStatus>('SuccessTaskStatus', 'status', {
  PENDING: ['IN_PROGRESS', 'DONE', 'CANCELLED'],
  IN_PROGRESS: ['PENDING', 'DONE', 'CANCELLED'],
  DONE: [],
  CANCELLED: [],
});

export const taskActions = actions(SuccessTask, {
  update: {},
  assign: { gives: 'assignee' },
  changeStatus: toState(taskStates, SuccessTaskStatus),
  delete: {},
  restore,
});
