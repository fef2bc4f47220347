import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { kin } from '../core/entity.js';

/** Who changed what, written in the transaction of the change. The server's role may add and read, never change or delete. */
@Entity({ tableName: 'audit_entry' })
@Index({ properties: ['tenant', 'record', 'at'] as never, name: 'audit_entry_by_record' })
@Index({ properties: ['tenant', 'at'] as never, name: 'audit_entry_by_at' })
export class AuditEntry {
  @ManyToOne({ entity: () => kin.tenant as never, primary: true, joinColumn: 'tenant_id', deleteRule: 'no action', updateRule: 'no action' })
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'integer', generated: 'identity' })
  number!: number;

  @Property({ type: 'string', columnType: 'timestamptz(3)', defaultRaw: 'now()' })
  at!: string;

  /** the acting user's id; null for the server itself */
  @Property({ type: 'uuid', nullable: true })
  actor?: string | null;

  @Property({ type: 'text' })
  actorLogin!: string;

  /** the face that was used */
  @Property({ type: 'text' })
  face!: string;

  @Property({ type: 'text' })
  requestId!: string;

  /** the business act, e.g. `opportunity.advance` */
  @Property({ type: 'text' })
  act!: string;

  /** graph type of the record */
  @Property({ type: 'text' })
  recordType!: string;

  @Property({ type: 'uuid' })
  record!: string;

  /** `{member: [before, after]}` of each member that changed */
  @Property({ type: 'json', columnType: 'jsonb' })
  changes!: object;
}
