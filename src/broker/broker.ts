import type { Database } from '../core/database.js';
import type { IdempotencyGuard } from '../write/idempotency.js';
import { consumedTypes, handling } from '../events/consumed.service.js';
import type { RelayKind } from '../events/relays.js';
import { connectBroker } from './connection.js';
import { consumers } from './consumers.js';
import { newBrokerCounters, type BrokerCounters } from './counters.js';
import { publisher } from './publisher.js';

export interface Broker {
  /** the reader that publishes each tenant's events */
  relay: RelayKind;
  state: () => 'up' | 'down';
  counters: BrokerCounters;
  stop: () => Promise<void>;
}

/** Publishes to NATS JetStream and consumes from it, whenever it can be reached. `once` keeps messages from having their effect twice; `up` is called when it can be reached again. */
export function openBroker(
  database: Database,
  options: { url: string; feedDays: number; idempotent: IdempotencyGuard; up: () => void },
): Broker {
  const counters = newBrokerCounters();
  const consuming = consumers(handling(database, options.idempotent), counters);
  const connection = connectBroker({
    url: options.url,
    feedDays: options.feedDays,
    subjects: consumedTypes,
    up: (stream, places) => {
      consuming.begin(stream, places);
      options.up();
    },
  });
  return {
    relay: publisher(database, connection, counters),
    state: () => (connection.stream() ? 'up' : 'down'),
    counters,
    stop: async () => {
      await Promise.all([consuming.stop(), connection.close()]);
    },
  };
}
