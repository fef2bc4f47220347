import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/**
 * A record as it was from one change to the next, for what is asked as of a day: written by the change that ended it
 * (`src/write/versions.ts`). The row of the record itself is its present version, and no version. The server's role may
 * add and read, never change or delete.
 */
@Entity({ tableName: 'record_version' })
@Index({ properties: ['tenant', 'recordType', 'validUntil'] as never, name: 'record_version_by_end' })
@Index({
  properties: ['tenant', 'record'] as never,
  name: 'record_version_deleted',
  where: 'data is null',
})
export class RecordVersion {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  record!: string;

  /** the change that ended it: the beginning of its transaction, as audit entries and events have it */
  @PrimaryKey({ type: 'string', columnType: 'timestamptz(3)' })
  validUntil!: string;

  @Property({ type: 'string', columnType: 'timestamptz(3)' })
  validFrom!: string;

  /** graph type of the record */
  @Property({ type: 'text' })
  recordType!: string;

  /** worked out later from the audit log and the history of stages, not written by the change */
  @Property({ type: 'boolean', default: false })
  reconstructed!: boolean;

  /** the row, by its columns, those without a value left out; null while the record was deleted */
  @Property({ type: 'json', columnType: 'jsonb', nullable: true })
  data?: object | null;
}
