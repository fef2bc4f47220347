import { joinTimeline } from '../customers/timeline.sql.js';
import { Case } from './case.entity.js';

joinTimeline({
  entity: Case,
  kind: 'CASE_OPENED',
  customer: (one) => one.col('customer'),
  at: (one) => one.col('createdAt'),
  title: (one) => one.col('subject'),
  by: (one) => one.col('createdBy'),
});

joinTimeline({
  entity: Case,
  kind: 'CASE_RESOLVED',
  customer: (one) => one.col('customer'),
  at: (one) => one.col('resolvedAt'),
  title: (one) => one.col('subject'),
  by: (one) => one.col('assignee'),
  where: (one) => `${one.col('resolvedAt')} is not null`,
});
