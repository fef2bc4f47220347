import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, jetstreamManager, type JetStreamClient } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { log } from '../core/log.js';
import { declareConsumer, declareStreams } from './streams.js';

/** A line to the broker that holds by itself: it comes back whenever the broker does. */
export interface BrokerConnection {
  /** undefined while the broker cannot be used */
  stream: () => JetStreamClient | undefined;
  /** something went wrong on it: streams and consumers are declared again */
  suspect: () => void;
  close: () => Promise<void>;
}

interface BrokerConnectionOptions {
  url: string;
  feedDays: number;
  /** subjects that are consumed */
  subjects: readonly string[];
  /** called each time the broker can be used again, with where each subject is consumed */
  up: (stream: JetStreamClient, places: Array<{ stream: string; consumer: string }>) => void;
}

/** How long the broker is left alone after a failed attempt, in milliseconds. */
const retryMs = 1_000;

/** Connects in the background, declares streams and consumers, and does both again after each interruption. */
export function connectBroker(options: BrokerConnectionOptions): BrokerConnection {
  const closing = new AbortController();
  let connection: NatsConnection | undefined;
  let usable: JetStreamClient | undefined;
  let reported: string | undefined;

  const report = (state: 'up' | 'down', error?: unknown): void => {
    if (state === reported || closing.signal.aborted) return;
    reported = state;
    if (state === 'up') log.info({ event: 'broker.up' }, 'the broker is available');
    else
      log.warn(
        { event: 'broker.down', error: String(error ?? 'the connection was lost') },
        'the broker is not available; events wait in the outbox',
      );
  };

  const prepare = async (nats: NatsConnection): Promise<void> => {
    const manager = await jetstreamManager(nats);
    await declareStreams(manager, options);
    const places = [];
    for (const subject of options.subjects) places.push(await declareConsumer(manager, subject, options));
    usable = jetstream(nats);
    report('up');
    options.up(usable, places);
  };

  const prepareUntilDone = async (nats: NatsConnection): Promise<void> => {
    while (!closing.signal.aborted && !nats.isClosed()) {
      try {
        return await prepare(nats);
      } catch (error) {
        report('down', error);
        await pauseBeforeRetry(closing.signal);
      }
    }
  };

  const hold = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        const { servers, ...credentials } = addressOf(options.url);
        const nats = await connect({
          servers,
          ...credentials,
          name: 'crm-graph',
          maxReconnectAttempts: -1,
          reconnectTimeWait: retryMs,
          pingInterval: 5_000,
          maxPingOut: 2,
        });
        connection = nats;
        if (closing.signal.aborted) return await nats.close();
        void prepareUntilDone(nats);
        for await (const { type } of nats.status()) {
          if (type === 'disconnect') {
            usable = undefined;
            report('down');
          } else if (type === 'reconnect') void prepareUntilDone(nats);
        }
      } catch (error) {
        report('down', error);
      }
      usable = undefined;
      await pauseBeforeRetry(closing.signal);
    }
  };
  const holding = hold();

  return {
    stream: () => usable,
    suspect: () => {
      if (!connection || !usable) return;
      usable = undefined;
      void prepareUntilDone(connection);
    },
    close: async () => {
      closing.abort();
      usable = undefined;
      await connection?.close().catch(() => {});
      await holding;
    },
  };
}

const pauseBeforeRetry = (signal: AbortSignal): Promise<void> => pause(retryMs, undefined, { signal }).catch(() => {});

/** The address may contain a user and password, or a token. */
function addressOf(text: string): { servers: string; user?: string; pass?: string; token?: string; tls?: object } {
  const url = new URL(text);
  const user = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  return {
    servers: url.host,
    ...(user && pass && { user, pass }),
    ...(user && !pass && { token: user }),
    ...(url.protocol === 'tls:' && { tls: {} }),
  };
}
