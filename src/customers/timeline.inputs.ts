import { InputType } from 'type-graphql';
import { Day } from '../model/scalars.js';
import { among, fromDay, untilDay, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { expressionTerm, list } from '../read/list.js';
import { TimelineEntry, TimelineKind } from './timeline.entity.js';
import { recordAndKind } from './timeline.sql.js';

@InputType({ description: 'Conditions on what happened; all given ones hold.' })
export class TimelineFilter extends filterFrom('TimelineEntryColumnFilter', TimelineEntry) {
  @Where(among('kind'), () => [TimelineKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(fromDay('at'), () => Day, 'On this day or later, in the time zone of the tenant.')
  from?: string;

  @Where(untilDay('at'), () => Day, 'On this day or earlier, in the time zone of the tenant.')
  until?: string;
}

export const timeline = list(TimelineEntry, {
  filter: TimelineFilter,
  order: {
    at: { description: 'When it happened.', sql: (row) => row.col('at'), cast: 'timestamptz(3)', nullable: false },
  },
  defaultOrder: [['AT', 'DESC']],
  // a record may be there twice: created and signed
  tie: expressionTerm('', recordAndKind, 'text', false),
});
