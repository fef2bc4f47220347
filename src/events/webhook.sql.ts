import type { Scope } from '../model/fields.js';

/** SQL condition: a delivery to the webhook with that id. */
export const isOfWebhook = (delivery: Scope, webhook: string): string => `${delivery.col('webhook')} = ${webhook}`;
