import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/** The position of an outbox relay in a tenant's feed, and which process holds its lease (see `relays.ts`). */
@Entity({ tableName: 'feed_reader' })
export class OutboxRelay {
  @OfTenant()
  tenant!: object;

  /** `broker`, or the id of a webhook */
  @PrimaryKey({ type: 'text' })
  name!: string;

  /** the last event that needs no more work */
  @Property({ type: 'bigint', default: 0 })
  seq!: string;

  /** the process that holds the lease, and until when */
  @Property({ type: 'text', nullable: true })
  holder?: string | null;

  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  heldUntil?: string | null;

  /** nothing is tried before; null if there is no reason to wait */
  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  restUntil?: string | null;

  /** when there is something to do even if nothing new happens */
  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  wakeAt?: string | null;

  /** how many attempts have failed since one succeeded */
  @Property({ type: 'integer', default: 0 })
  failures!: number;

  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  failingSince?: string | null;

  @Property({ type: 'text', nullable: true })
  lastError?: string | null;

  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  lastSuccessAt?: string | null;

  /** true while it is paused by hand */
  @Property({ type: 'boolean', default: false })
  paused!: boolean;
}
