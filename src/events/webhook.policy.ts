import { access } from '../read/access.js';
import { Webhook, WebhookDelivery } from './webhook.entity.js';

/** Webhooks are for administrators of the tenant: their events are not masked. */
for (const entity of [Webhook, WebhookDelivery]) access(entity, { only: 'administer' });
