import { Field, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import type { DomainEvent } from '../core/bus.js';
import type { Context } from '../core/context.js';
import { enumeration } from '../core/enumeration.js';
import type { EntityClass } from '../core/model.js';
import { DateTime } from '../core/scalars.js';
import { eventsFor } from './topics.js';

const ChangeAct = enumeration('ChangeAct', 'What happened to a record.', {
  CREATED: 'It was created.',
  UPDATED: 'Members of it were changed.',
  DELETED: 'It was deleted.',
  RESTORED: 'It was brought back.',
});

const actOf = ({ type }: DomainEvent): keyof typeof ChangeAct => {
  const act = type.split('.')[2]!.toUpperCase();
  return act in ChangeAct ? (act as keyof typeof ChangeAct) : 'UPDATED';
};

/** Makes the subscription `<record>Changed`: every committed change of the records that the subscriber may see. */
export function changesOf(entity: EntityClass): new () => object {
  const record = `${entity.name[0]!.toLowerCase()}${entity.name.slice(1)}`;
  class Event {}
  const field = (name: string, type: () => unknown, options: { nullable?: boolean; description: string }): void => Field(type as () => typeof String, options)(Event.prototype, name);
  field('id', () => String, { description: 'Opaque id of the event; the same however often it is delivered.' });
  field('cursor', () => String, { description: 'Place of the event in the feed `changes`.' });
  field('act', () => ChangeAct, { description: 'What happened.' });
  field(record, () => entity, { nullable: true, description: 'The record as it is now; null if it is deleted or hidden from the subscriber meanwhile.' });
  field('recordId', () => String, { description: 'Opaque id of the record.' });
  field('changed', () => [String], { description: 'Names of the members that were changed; empty for a new record.' });
  field('at', () => DateTime, { description: 'When.' });
  ObjectType(`${entity.name}Event`, { description: `A ${entity.name} was created, changed, deleted or restored. Sent after the change was committed.` })(Event);

  class Changes {}
  const name = `${record}Changed`;
  const value = (event: DomainEvent): object => ({ id: event.id, cursor: String(event.seq), act: actOf(event), [record]: event.subject, recordId: event.subject, changed: event.data['changed'] ?? [], at: event.at });
  const descriptor: PropertyDescriptor = { value, configurable: true, writable: true };
  Object.defineProperty(Changes.prototype, name, descriptor);
  const matches = ({ type }: DomainEvent): boolean => type.startsWith(`crm.${record}.`);
  Subscription(() => Event, {
    subscribe: ({ context }: { context: Context }) => eventsFor(context, { record: entity.name, matches }),
    description: `Changes of records of the kind ${entity.name} in the tenant, through whatever face; only of those that the subscriber may see.`,
  })(Changes.prototype, name, descriptor);
  Root()(Changes.prototype, name, 0);
  Resolver()(Changes);
  return Changes;
}
