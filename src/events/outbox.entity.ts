import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OfTenant } from '../model/entity.js';

/** The last sequence number of each tenant's feed; raised as the last step of every write, so it follows commit order. */
@Entity({ tableName: 'feed_head' })
export class FeedHead {
  @OfTenant()
  tenant!: object;

  @Property({ type: 'bigint', default: 0 })
  seq!: string;

  /** what the tenant has that consequences of changes follow from: `src/write/premises.ts` */
  @Property({ type: 'array', columnType: 'text[]', defaultRaw: "'{}'" })
  premises!: string[];
}

/** Events in the order of their commits, gapless per tenant; written in the transaction of the change. */
@Entity({ tableName: 'outbox' })
export class OutboxEvent {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'bigint' })
  seq!: string;

  @Property({ type: 'uuid' })
  id!: string;

  /** e.g. `crm.customer.created` */
  @Property({ type: 'text' })
  type!: string;

  /** id of the record it is about */
  @Property({ type: 'text' })
  subject!: string;

  @Property({ type: 'text' })
  traceId!: string;

  @Property({ type: 'string', columnType: 'timestamptz(3)', defaultRaw: 'now()' })
  at!: string;

  @Property({ type: 'json', columnType: 'jsonb' })
  data!: object;
}

/** Counters behind the human numbers (`ACC001`, `CUST-20260301-0001`): one row per tenant and series. */
@Entity({ tableName: 'series' })
export class Series {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'text' })
  name!: string;

  @Property({ type: 'integer', default: 0 })
  last!: number;
}
