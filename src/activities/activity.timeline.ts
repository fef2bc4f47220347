import { joinTimeline } from '../customers/timeline.sql.js';
import { Activity } from './activity.entity.js';

joinTimeline({
  entity: Activity,
  kind: 'ACTIVITY',
  customer: (activity) => activity.col('customer'),
  at: (activity) =>
    `coalesce(${activity.col('startsAt')}, ${activity.col('completedAt')}, ${activity.col('createdAt')})`,
  title: (activity) => `coalesce(${activity.col('subject')}, left(${activity.col('content')}, 200))`,
  by: (activity) => activity.col('staff'),
  where: (activity) => `${activity.col('status')} = 'COMPLETED'`,
});
