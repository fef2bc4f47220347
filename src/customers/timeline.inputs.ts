import { InputType } from 'type-graphql';
import { Day } from '../model/scalars.js';
import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { among, fromDay, untilDay, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { joinUnion, union } from '../read/union.js';
import { TimelineEntry, TimelineKind } from './timeline.entity.js';

union(TimelineEntry);

/** What a capability says of its records to have them in the timeline. `other` is the record joined by `via`. */
interface TimelinePart {
  entity: EntityClass;
  kind: TimelineKind;
  via?: { entity: EntityClass; on: (row: Scope, other: Scope) => string };
  customer: (row: Scope, other: Scope) => string;
  at: (row: Scope, other: Scope) => string;
  title: (row: Scope, other: Scope) => string;
  /** id of the user who did it */
  by?: (row: Scope, other: Scope) => string;
  where?: (row: Scope, other: Scope) => string;
}

/** Puts the visible records of an entity into the timeline of their customers. */
export function joinTimeline({ entity, kind, via, where, ...columns }: TimelinePart): void {
  joinUnion(TimelineEntry, {
    entity,
    ...(via && { via }),
    ...(where && { where }),
    columns: {
      ...columns,
      kind: () => `'${kind}'`,
      recordType: () => `'${entity.name}'`,
      recordId: (row) => row.col('id'),
    },
  });
}

@InputType({ description: 'Conditions on what happened; all given ones hold.' })
export class TimelineFilter {
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
  tie: {
    description: '',
    sql: (row) => `(${row.col('recordId')}::text || ${row.col('kind')}) collate "C"`,
    cast: 'text',
    nullable: false,
  },
});
