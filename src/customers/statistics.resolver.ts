import { rootField } from '../graphql/fields.js';
import { deletedArgument } from '../read/list.js';
import { CustomerBreakdown } from './statistics.inputs.js';
import { breakdown } from './statistics.sql.js';

const StatisticsField = rootField(
  'customerStatistics',
  () => CustomerBreakdown,
  { description: 'How many customers the caller may see, by state, kind, tier and size.' },
  { kind: 'report', of: breakdown },
  { deleted: [() => Boolean, deletedArgument, 'optional'] },
);

export const statisticsResolvers = [StatisticsField];
