import { access } from '../read/query.js';
import { Webhook, WebhookDelivery } from './webhook.entity.js';

/** Webhooks are for those who administer the tenant: what they are told is masked for nobody. */
for (const entity of [Webhook, WebhookDelivery]) access(entity, { only: 'administer' });
