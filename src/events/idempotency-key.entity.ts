import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/**
 * The answer to a request with an idempotency key, written in the transaction of the change (see
 * `write/idempotency.ts`).
 */
@Entity({ tableName: 'idempotency_key' })
@Index({ properties: ['tenant', 'expiresAt'] as never, name: 'idempotency_key_by_expires_at' })
export class IdempotencyKey {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'text' })
  key!: string;

  /** digest of channel and user */
  @Property({ type: 'text' })
  sender!: string;

  /** digest of operation and values */
  @Property({ type: 'text' })
  content!: string;

  /** HTTP status of the answer; 0 only inside the transaction that claims the key */
  @Property({ type: 'integer', default: 0 })
  status!: number;

  /** body of the answer, byte for byte */
  @Property({ type: 'text', default: '' })
  answer!: string;

  /** entity tag of the record that the answer shows */
  @Property({ type: 'text', nullable: true })
  etag?: string | null;

  @Property({ type: 'string', columnType: 'timestamptz(3)', defaultRaw: 'now()' })
  at!: string;

  @Property({ type: 'string', columnType: 'timestamptz(3)' })
  expiresAt!: string;
}
