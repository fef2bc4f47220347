import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Int } from 'type-graphql';
import { At, OneOf, Text, Texts, To, Whole } from '../model/columns.js';
import { Editable, OfTenant, Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Computed, counted, type Scope } from '../model/fields.js';
import { wireForm } from '../model/model.js';
import { DateTime } from '../model/scalars.js';

export const WebhookStatus = enumeration('WebhookStatus', 'Whether events are delivered to a webhook.', {
  ENABLED: 'Events are delivered.',
  DISABLED: 'No events are delivered; they wait as long as the feed keeps them.',
});
export type WebhookStatus = keyof typeof WebhookStatus;

export const WebhookCircuit = enumeration(
  'WebhookCircuit',
  'Whether a webhook is being tried, judged by its latest attempts.',
  {
    CLOSED: 'Deliveries are tried as they come.',
    OPEN: 'Too many attempts in a row have failed: nothing is tried for a while.',
    HALF_OPEN: 'The pause is over: one delivery is tried, and decides.',
  },
);

export const WebhookDeliveryStatus = enumeration(
  'WebhookDeliveryStatus',
  'Where a delivery stands that did not succeed at once.',
  {
    WAITING: 'Will be tried again, or waits for an earlier one of the same record.',
    DEAD: 'Was tried for as long as we do, and is not tried any more unless somebody asks for it.',
  },
);

/** How many attempts in a row must fail until nothing is tried for a while. */
export const circuitBreaksAfter = 5;

const relay = (webhook: Scope, expression: string): string =>
  `(select ${expression} from feed_reader r where r.tenant_id = ${webhook.tenant()} and r.name = ${webhook.col('id')}::text)`;
const instant = (column: string): string => wireForm(column, 'timestamptz(3)');
const count = (webhook: Scope, status: string): string =>
  webhook.aggregate(WebhookDelivery, 'webhook', (delivery) => `${delivery.col('status')} = '${status}'`, counted);

@Table({
  description:
    'An address of another system that events are delivered to over HTTP, signed as Standard Webhooks asks for.',
  indexes: [['createdAt']],
})
export class Webhook extends Editable {
  @Text({
    max: 2000,
    description:
      'Where events are posted to: an `https` address that is reachable from outside, without user or password.',
  })
  url!: string;

  @Text({ max: 500, nullable: true, description: 'What it is for, free text.' })
  description?: string | null;

  @Texts({
    description:
      'Types of events that are delivered, as `crm.customer.created` or `crm.customer.*`; all where there is none.',
  })
  types!: string[];

  @OneOf(WebhookStatus, { description: 'Whether events are delivered.', default: 'ENABLED' })
  status!: WebhookStatus;

  @Text({ max: 500, nullable: true, description: 'Why it is disabled; null while it is not.' })
  disabledReason?: string | null;

  @Computed(() => String, {
    description: 'Place in the feed up to which events were delivered, do not match, or are among its deliveries.',
    sql: (webhook) => `coalesce(${relay(webhook, 'r.seq::text')}, '0')`,
  })
  cursor!: string;

  @Computed(() => Int, {
    description: 'How many attempts have failed since one succeeded.',
    sql: (webhook) => `coalesce(${relay(webhook, 'r.failures')}, 0)`,
  })
  failures!: number;

  @Computed(() => WebhookCircuit, {
    description: 'Whether it is being tried.',
    sql: (webhook) =>
      `coalesce(${relay(webhook, `case when r.failures < ${circuitBreaksAfter} then 'CLOSED' when r.rest_until > now() then 'OPEN' else 'HALF_OPEN' end`)}, 'CLOSED')`,
  })
  circuit!: string;

  @Computed(() => DateTime, {
    nullable: true,
    description: 'Since when every attempt has failed; null if the latest one succeeded.',
    sql: (webhook) => relay(webhook, instant('r.failing_since')),
  })
  failingSince?: string | null;

  @Computed(() => DateTime, {
    nullable: true,
    description: 'When an event was last delivered; null if none ever was.',
    sql: (webhook) => relay(webhook, instant('r.last_success_at')),
  })
  lastSuccessAt?: string | null;

  @Computed(() => String, {
    nullable: true,
    description: 'What went wrong with the latest attempt that failed; null if none ever did.',
    sql: (webhook) => relay(webhook, 'r.last_error'),
  })
  lastError?: string | null;

  @Computed(() => Int, {
    description: 'How many deliveries wait to be tried again, or for an earlier one of their record.',
    sql: (webhook) => count(webhook, 'WAITING'),
  })
  waitingCount!: number;

  @Computed(() => Int, {
    description: 'How many deliveries are not tried any more.',
    sql: (webhook) => count(webhook, 'DEAD'),
  })
  deadCount!: number;
}

@Table({
  description: 'An event that could not be delivered to a webhook at once. Successful deliveries are not kept.',
  unique: [['webhook', 'seq']],
  indexes: [['webhook', 'status', 'subject', 'seq'], ['createdAt']],
  audited: false,
})
export class WebhookDelivery extends Owned {
  @To(() => Webhook, { description: 'The webhook to deliver to.' })
  webhook!: Webhook;

  @Property({ type: 'bigint' })
  seq!: string;

  @Text({ max: 100, description: 'Id of the event, which is the `webhook-id` of each attempt.' })
  event!: string;

  @Text({ max: 200, description: 'What happened, e.g. `crm.customer.created`.' })
  type!: string;

  @Text({ hidden: true, max: 100, description: 'Id of the record that it is about.' })
  subject!: string;

  /** what is posted, byte for byte */
  @Property({ type: 'text' })
  body!: string;

  @OneOf(WebhookDeliveryStatus, { description: 'Where it stands.', default: 'WAITING' })
  status!: string;

  @Whole({ description: 'How often it was tried.', default: 0 })
  attempts!: number;

  @At({ nullable: true, description: 'When it was first tried; null if it has not been.' })
  firstAttemptAt?: string | null;

  @At({ nullable: true, description: 'When it is tried again; null if it waits for an earlier one, or is dead.' })
  nextAttemptAt?: string | null;

  @Text({ max: 500, nullable: true, description: 'What went wrong with the latest attempt.' })
  lastError?: string | null;

  @Computed(() => String, {
    nullable: true,
    description: 'Place of the event in the feed; null if it was delivered while this was read.',
    sql: (delivery) => `${delivery.col('seq')}::text`,
  })
  cursor?: string | null;

  @Computed(() => String, {
    nullable: true,
    description: 'Opaque id of the record that it is about; null if it was delivered while this was read.',
    sql: (delivery) => delivery.col('subject'),
  })
  recordId?: string | null;
}

/** What deliveries are signed with. Not part of the record, so that no secret gets into the audit log. */
@Entity({ tableName: 'webhook_secret' })
export class WebhookSecret {
  @OfTenant()
  tenant!: object;

  @PrimaryKey({ type: 'uuid' })
  webhookId!: string;

  @PrimaryKey({ type: 'uuid' })
  id!: string;

  /** `whsec_` and the key in base64 */
  @Property({ type: 'text' })
  secret!: string;

  /** until when it signs beside a newer one; null for the newest */
  @Property({ type: 'string', columnType: 'timestamptz(3)', nullable: true })
  expiresAt?: string | null;
}
