import type { Context } from '../core/context.js';
import { type DueCondition, dueCondition, publishDue, type DueRecordKind } from '../write/due.js';
import { Activity } from '../activities/activity.entity.js';
import { SuccessTask } from './success-task.entity.js';
import './success.events.js';

/** What falls due in a tenant. */
const dated: readonly DueRecordKind[] = [
  { entity: SuccessTask, at: 'dueAt', open: `t.status in ('PENDING', 'IN_PROGRESS')`, kind: 'successTask' },
  { entity: Activity, at: 'startsAt', open: `t.status = 'PLANNED'`, kind: 'activity' },
];

/** The event that something has fallen due and has not been published. */
export const dueConditions = (): DueCondition[] => dated.map(dueCondition);

/** Publishes everything that has fallen due in the tenant and has not been published; returns how much. */
export async function publishWhatIsDue(ctx: Context): Promise<number> {
  let published = 0;
  for (const records of dated) published += await publishDue(ctx, records);
  return published;
}
