import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { At, Text } from '../model/columns.js';
import { OfTenant, type Node } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { AnyRecord, Computed, embedded } from '../model/fields.js';
import { User } from '../identity/user.entity.js';

export const AuditChannel = enumeration('AuditChannel', 'Through which channel something was done.', {
  GRAPHQL: 'The graph.',
  ERP: 'The REST dialect `erp`.',
  CELL: 'The REST dialect `cell`.',
  LIFECYCLE: 'The REST dialect `lifecycle`.',
  PLATFORM: 'The REST dialect `platform`.',
  SYSTEM: 'The server itself did it: a job, or an event of another system.',
});

@ObjectType({
  description:
    'A field of a record before and after a change. Numbers, days and instants are texts in the form in which the graph shows them, flags `true` or `false`, states the names that the graph has for them, other records their opaque ids.',
})
export class FieldChange {
  @Field(() => String, { description: 'Name of the field in the graph.' })
  field!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Value of the field before; null if it had none, masked or null where the caller may not see the field.',
  })
  before?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Value of the field after; null if it has none since, masked or null where the caller may not see the field.',
  })
  after?: string | null;
}

/** Who changed what, written in the transaction of the change. The server's role may add and read, never change or delete. No `Node`: an entry is reached through the audit log or through its record. */
@Entity({ tableName: 'audit_entry' })
@Index({ properties: ['tenant', 'recordId', 'at'] as never, name: 'audit_entry_by_record' })
@Index({ properties: ['tenant', 'at', 'number'] as never, name: 'audit_entry_in_order_of_at' })
@Index({ properties: ['tenant', 'number'] as never, name: 'audit_entry_in_order_of_number' })
@ObjectType('AuditEntry', {
  description:
    'One change of one record: who made it, when, through which channel, and what it was. Never changed and never deleted.',
})
export class AuditEntry {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  id!: string;

  @Property({ type: 'integer', generated: 'identity' })
  @Field(() => Int, { description: 'Counts up; unique among entries, not without gaps.' })
  number!: number;

  @At({ description: 'When: the beginning of the transaction that made the change.', default: 'now()' })
  at!: string;

  /** the acting user's id; null for the server itself */
  @Property({ type: 'uuid', fieldName: 'actor', nullable: true })
  actorId?: string | null;

  @embedded(() => User, 'Who did it.', { kind: 'one', id: (entry) => entry.col('actorId') })
  actor?: User | null;

  @Text({ max: 200, description: 'Login of whoever did it, as it was then; `system` for the server itself.' })
  actorLogin!: string;

  @Property({ type: 'text', fieldName: 'face' })
  channelName!: string;

  @Computed(() => AuditChannel, {
    description: 'Through which channel it was done.',
    sql: (entry) => `upper(${entry.col('channelName')})`,
  })
  channel!: keyof typeof AuditChannel;

  @Text({
    max: 200,
    description: 'Id of the request that did it: what the caller sent as `X-Request-ID`, or one made for the request.',
  })
  requestId!: string;

  @Property({ type: 'text', fieldName: 'act' })
  @Field(() => String, { description: 'The business operation, e.g. `opportunity.changeStage`.' })
  operation!: string;

  @Text({ max: 500, nullable: true, description: 'Why, as far as it was said.' })
  reason?: string | null;

  @Text({ max: 60, description: 'Graph type of the record.' })
  recordType!: string;

  @Property({ type: 'uuid', fieldName: 'record' })
  @Field(() => String, { description: 'Opaque id of the record.' })
  recordId!: string;

  @AnyRecord({
    description: 'The record as it is now; null if it is deleted or hidden from the caller.',
    type: (entry) => entry.col('recordType'),
    id: (entry) => entry.col('recordId'),
  })
  record?: Node | null;

  /** `{property: [before, after]}` of each changed field */
  @Property({ type: 'json', columnType: 'jsonb', fieldName: 'changes' })
  stored!: object;
}
