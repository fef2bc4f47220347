import { openBroker, type Broker } from '../broker/broker.js';
import { brokerReader } from '../broker/publisher.js';
import type { Config } from '../config.js';
import type { Database } from '../core/database.js';
import { guard } from '../core/once.js';
import { startReaders } from '../events/readers.js';

/** How the delivery of events stands in this process. */
export interface Delivery {
  /** undefined where no broker is configured */
  broker: { state: () => 'up' | 'down'; lag: () => number; figures: Broker['figures'] } | undefined;
  stop: () => Promise<void>;
}

/** Begins to tell everybody of events who is to be told: the broker, where one is configured. */
export function startDelivery(database: Database, config: Config): Delivery {
  const broker = config.NATS_URL ? openBroker(database, { url: config.NATS_URL, feedDays: config.CRM_FEED_DAYS, once: guard(config.CRM_FEED_DAYS * 24), up: () => readers.lookAtAll() }) : undefined;
  const readers = startReaders(database, broker ? [broker.reader] : []);
  return {
    broker: broker && { state: broker.state, lag: () => readers.behind(brokerReader), figures: broker.figures },
    stop: async () => {
      await readers.stop();
      await broker?.stop();
    },
  };
}
