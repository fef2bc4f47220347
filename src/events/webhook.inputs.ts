import { Field, ID, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { among, containsWords, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Webhook, WebhookDelivery, WebhookDeliveryStatus, WebhookStatus } from './webhook.entity.js';
import './webhook.policy.js';

@InputType({ description: 'Conditions on webhooks; all given ones hold.' })
export class WebhookFilter extends filterFrom('WebhookColumnFilter', Webhook) {
  @Where(containsWords('url', 'description'), () => String, 'Each of its words is contained in address or description.')
  search?: string;

  @Where(among('status'), () => [WebhookStatus], 'In one of these states.')
  status?: string[];
}

export const webhooks = list(Webhook, {
  filter: WebhookFilter,
  order: { createdAt: 'When it was created.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'Conditions on deliveries; all given ones hold.' })
export class WebhookDeliveryFilter extends filterFrom('WebhookDeliveryColumnFilter', WebhookDelivery) {
  @Where(refersTo('webhook', Webhook), () => [ID], 'To one of these webhooks.')
  webhook?: string[];

  @Where(among('status'), () => [WebhookDeliveryStatus], 'In one of these states.')
  status?: string[];
}

export const webhookDeliveries = list(WebhookDelivery, {
  filter: WebhookDeliveryFilter,
  order: {
    createdAt: 'When it first failed, or began to wait.',
    number: 'The integer `number`.',
    nextAttemptAt: 'When it is tried again.',
  },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({
  description:
    'What to store of a webhook. Fields left out stay unchanged; null clears a field. `url` is required at creation.',
})
export class WebhookInput extends inputFrom(
  'WebhookMembers',
  Webhook,
  [...written(Webhook), 'url', 'description'],
  'Fields of a webhook that are written as they are.',
) {
  @Field(() => [String], {
    nullable: true,
    description:
      'Types of events that are delivered: `crm.customer.created`, or `crm.customer.*` for all of a kind; at most 100. `/asyncapi` lists them; another one is refused as UNKNOWN_EVENT_TYPE. Null or none for all.',
  })
  types?: string[] | null;
}
