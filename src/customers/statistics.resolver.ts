import { filterOf } from '../graphql/arguments.js';
import { rootField } from '../graphql/fields.js';
import { deletedArgument } from '../read/list.js';
import { customers } from './customer.inputs.js';
import { CustomerBreakdown } from './statistics.inputs.js';
import { breakdown } from './statistics.sql.js';

const StatisticsField = rootField(
  'customerStatistics',
  () => CustomerBreakdown,
  { description: 'How many customers the caller may see, by state, kind, tier and size.' },
  { kind: 'report', of: breakdown },
  { deleted: [() => Boolean, deletedArgument, 'optional'], filter: filterOf(customers, 'customers') },
);

export const statisticsResolvers = [StatisticsField];
