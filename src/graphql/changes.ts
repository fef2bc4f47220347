import { Field, ObjectType } from 'type-graphql';
import type { DomainEvent } from '../feed/bus.js';
import { enumeration } from '../model/enumeration.js';
import type { EntityClass } from '../model/model.js';
import { DateTime } from '../model/scalars.js';
import { changedFieldsOf } from '../feed/event-types.js';
import { storedFieldsOf } from '../read/filter.js';
import type { ListSpec } from '../read/list.js';
import { subscription } from './topics.js';
import { uncapitalized } from '../core/names.js';

const ChangeKind = enumeration('ChangeKind', 'What happened to a record.', {
  CREATED: 'The record was created.',
  UPDATED: 'Fields of it were changed.',
  DELETED: 'The record was deleted.',
  RESTORED: 'The record was brought back.',
});

const kindOf = ({ type }: DomainEvent): keyof typeof ChangeKind => {
  const kind = type.split('.')[2]!.toUpperCase();
  return kind in ChangeKind ? (kind as keyof typeof ChangeKind) : 'UPDATED';
};

/** The values of the enumeration of stored fields that an event says were changed. */
export const changedIn = ({ data }: DomainEvent, entity: EntityClass): string[] =>
  changedFieldsOf(entity, (data['changed'] ?? []) as string[]).filter((field) => field !== 'DELETED_AT');

/** Whether a list of wanted values, if there is one, has one of those. */
export const oneOf = (wanted: unknown, ...found: readonly unknown[]): boolean =>
  wanted === undefined || wanted === null || found.some((value) => (wanted as unknown[]).includes(value));

/** Description of the argument that filters by the record of an event. */
export const filterArgument = 'Only events of records that meet all of these conditions when they are sent.';

/** Makes the subscription `<record>Changed` over the records of a list: every committed change of those that the subscriber may see. */
export function changesOf(list: ListSpec): new () => object {
  const { entity } = list;
  const stored = storedFieldsOf(entity);
  const record = uncapitalized(entity.name);
  class Event {}
  const field = (name: string, type: () => unknown, options: { nullable?: boolean; description: string }): void =>
    Field(type as () => typeof String, options)(Event.prototype, name);
  field('id', () => String, { description: 'Opaque id of the event; the same however often it is delivered.' });
  field('cursor', () => String, {
    description: 'Place of the event in the feed of changes; hand it to `after` to go on behind it.',
  });
  field('kind', () => ChangeKind, { description: 'What happened.' });
  field(record, () => entity, {
    nullable: true,
    description: 'The record as it is now; null if it is deleted or hidden from the subscriber meanwhile.',
  });
  field('recordId', () => String, { description: 'Opaque id of the record.' });
  field('changed', () => [stored], {
    description: 'The stored fields that were changed; empty for a new record.',
  });
  field('at', () => DateTime, { description: 'When it happened.' });
  ObjectType(`${entity.name}Event`, {
    description: `A ${entity.name} was created, changed, deleted or restored. Sent after the change was committed.`,
  })(Event);

  return subscription(
    `${record}Changed`,
    () => Event,
    `Changes of records of the kind ${entity.name} in the tenant, through whatever channel; only of those that the subscriber may see at that moment.`,
    {
      lists: [list],
      recordOf: ({ type }) => (type.startsWith(`crm.${record}.`) ? entity : undefined),
      wants: (event, { kinds, changed }) => oneOf(kinds, kindOf(event)) && oneOf(changed, ...changedIn(event, entity)),
      filterOf: ({ filter }) => filter as object | undefined,
      shows: (event) => ({
        id: event.id,
        cursor: String(event.seq),
        kind: kindOf(event),
        [record]: event.subject,
        recordId: event.subject,
        changed: changedIn(event, entity),
        at: event.at,
      }),
    },
    {
      kinds: [() => [ChangeKind], 'Only when one of these happened.'],
      changed: [() => [stored], 'Only when one of these fields was changed.'],
      filter: [() => list.filter, filterArgument],
    },
  );
}
