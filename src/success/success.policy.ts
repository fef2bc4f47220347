import { access } from '../read/query.js';
import { belongsToCustomer, onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { HealthScore } from './health-score.entity.js';
import { SuccessTask } from './success-task.entity.js';
import { UsageEvent } from './usage-event.entity.js';

/** Scores and usage are seen by whoever sees the customer, and go with it. */
for (const entity of [HealthScore, UsageEvent]) access(entity, belongsToCustomer);

/** A task is visible to whoever is to do it and to whoever may see its customer. */
access(SuccessTask, {
  visible: (row) => `${row.col('assignee')} = ${row.me()} or ${onVisibleCustomer(row)}`,
  own: onOwnCustomer,
});
