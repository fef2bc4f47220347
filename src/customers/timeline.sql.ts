import { type TimelineKind } from './timeline.entity.js';
import type { EntityClass } from '../model/model.js';
import type { Scope } from '../model/fields.js';
import { joinUnion, union } from '../read/union.js';
import { TimelineEntry } from './timeline.entity.js';

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

/** The record and what happened with it, as one text. */
export const recordAndKind = (row: Scope): string => `(${row.col('recordId')}::text || ${row.col('kind')}) collate "C"`;
