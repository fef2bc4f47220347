import { openBroker, type Broker } from '../../broker/broker.js';
import { brokerRelay } from '../../broker/publisher.js';
import type { Config } from '../../config.js';
import type { Database } from '../../core/database.js';
import { idempotencyGuard } from '../../write/idempotency.js';
import { startRelays } from '../../events/relays.js';
import { doubling } from '../../events/webhook.attempt.js';
import { webhookRelay, type WebhookCounters } from '../../events/webhook.delivery.js';
import { allowNetworks } from '../../events/webhook.service.js';
import { networks } from '../../events/webhook.target.js';

/** How the delivery of events stands in this process. */
export interface Delivery {
  /** undefined where no broker is configured */
  broker: { state: () => 'up' | 'down'; lag: () => number; counters: Broker['counters'] } | undefined;
  webhooks: { lag: () => number; counters: WebhookCounters };
  stop: () => Promise<void>;
}

/** Starts the delivery of events to webhooks, and to the broker where one is configured. */
export function startDelivery(database: Database, config: Config): Delivery {
  const broker = config.NATS_URL
    ? openBroker(database, {
        url: config.NATS_URL,
        feedDays: config.CRM_FEED_DAYS,
        idempotent: idempotencyGuard(config.CRM_FEED_DAYS * 24),
        up: () => relays.checkAll(),
      })
    : undefined;
  const closing = new AbortController();
  const webhooks: WebhookCounters = { delivered: 0, failed: 0, dead: 0, lost: 0 };
  allowNetworks(config.CRM_WEBHOOK_NETWORKS);
  const rules = {
    timeout: config.CRM_WEBHOOK_TIMEOUT_MS,
    backoff: doubling(config.CRM_WEBHOOK_RETRY_MS),
    giveUp: config.CRM_WEBHOOK_GIVE_UP_SECONDS * 1000,
    allowed: networks(config.CRM_WEBHOOK_NETWORKS),
    closing: closing.signal,
  };
  const relays = startRelays(
    database,
    [...(broker ? [broker.relay] : []), webhookRelay(database, rules, webhooks)],
    config.CRM_ROUND_SECONDS * 1_000,
  );
  return {
    broker: broker && {
      state: broker.state,
      lag: () => relays.lagOf((name) => name === brokerRelay),
      counters: broker.counters,
    },
    webhooks: { lag: () => relays.lagOf((name) => name !== brokerRelay), counters: webhooks },
    stop: async () => {
      closing.abort();
      await relays.stop();
      await broker?.stop();
    },
  };
}
