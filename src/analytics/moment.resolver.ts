import { rootField } from '../graphql/fields.js';
import { AsOf, asOfIn, AsOfMoment, momentOf } from '../read/as-of.js';

const Moment = rootField(
  'asOfMoment',
  () => AsOfMoment,
  {
    description:
      'A moment in the past, and how well it is known: what else of an operation is asked `asOf` the same moment, be it a record, a list, groups or a report, is known so well. Fails with INVALID for a moment that has not come.',
  },
  { kind: 'report', of: (tenant, args) => momentOf(tenant, asOfIn(args('asOf'))) },
  { asOf: [() => AsOf, 'The moment. INVALID for one that has not come.'] },
);

export const momentResolvers = [Moment];
