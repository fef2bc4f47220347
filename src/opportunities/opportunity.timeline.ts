import { joinTimeline } from '../customers/timeline.inputs.js';
import { StageChange } from './opportunity.entity.js';

joinTimeline({
  entity: StageChange,
  kind: 'STAGE_CHANGE',
  via: { entity: 'Opportunity', on: (change, deal) => `${deal.col('id')} = ${change.col('opportunity')}` },
  customer: (_change, deal) => deal.col('customer'),
  at: (change) => change.col('createdAt'),
  title: (_change, deal) => deal.col('name'),
  by: (change) => change.col('changedBy'),
});
