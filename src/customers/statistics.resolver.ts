import { filterOf } from '../graphql/arguments.js';
import { liveReport } from '../graphql/reports.js';
import { deletedArgument } from '../read/list.js';
import { customers } from './customer.inputs.js';
import { CustomerBreakdown } from './statistics.inputs.js';
import { breakdown } from './statistics.sql.js';

export const statisticsResolvers = liveReport(
  'customerStatistics',
  () => CustomerBreakdown,
  { description: 'How many customers the caller may see, by state, kind, tier and size.' },
  { kind: 'report', of: breakdown },
  { deleted: [() => Boolean, deletedArgument, 'optional'], filter: filterOf(customers, 'customers') },
);
