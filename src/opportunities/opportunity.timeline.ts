import { joinTimeline } from '../customers/timeline.sql.js';
import { StageChange, Opportunity } from './opportunity.entity.js';

joinTimeline({
  entity: StageChange,
  kind: 'STAGE_CHANGE',
  via: {
    entity: Opportunity,
    on: (change, opportunity) => `${opportunity.col('id')} = ${change.col('opportunity')}`,
  },
  customer: (_change, opportunity) => opportunity.col('customer'),
  at: (change) => change.col('createdAt'),
  title: (_change, opportunity) => opportunity.col('name'),
  by: (change) => change.col('changedBy'),
});
