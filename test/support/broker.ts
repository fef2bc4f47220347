import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ownDatabase, type OwnDatabase } from './database.js';
import { send, testSecret, token } from './http.js';
import { startNats, type Nats } from './nats.js';
import { startListening, type Started } from './server.js';
import { sqlIn, type Data } from './tenant.js';

/** A database and a broker of a test file's own, and servers on both. */
export interface BrokerWorld {
  database: OwnDatabase;
  nats: Nats;
  /** a further server */
  server: (env?: Record<string, string>) => Promise<Started>;
  /** a client of the broker; it comes back after each kill */
  client: () => Promise<Client>;
  stop: () => Promise<void>;
}

export interface Client {
  nats: NatsConnection;
  stream: JetStreamClient;
  manager: JetStreamManager;
  /** Every message of that stream under that subject, oldest first. */
  messages: (stream: string, subject: string) => Promise<Stored[]>;
}

export interface Stored {
  subject: string;
  sequence: number;
  text: string;
  headers: Record<string, string>;
}

export async function brokerWorld(): Promise<BrokerWorld> {
  const [database, nats] = await Promise.all([ownDatabase(), startNats()]);
  const servers: Started[] = [];
  const clients: NatsConnection[] = [];
  return {
    database,
    nats,
    server: async (env = {}) => {
      const started = await startListening({
        CRM_DATABASE_URL: database.serverUrl,
        CRM_DATABASE_OWNER_URL: database.ownerUrl,
        AUTH_JWT_SECRET: testSecret(),
        NATS_URL: nats.url,
        ...env,
      });
      servers.push(started);
      return started;
    },
    client: async () => {
      const client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
      clients.push(client);
      return clientOf(client);
    },
    stop: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all(servers.map((server) => server.kill()));
      await Promise.all([database.stop(), nats.stop()]);
    },
  };
}

async function clientOf(nats: NatsConnection): Promise<Client> {
  const manager = await jetstreamManager(nats);
  const stream = jetstream(nats);
  return {
    nats,
    stream,
    manager,
    messages: async (name, subject) => {
      const { name: consumer, num_pending: pending } = await manager.consumers.add(name, {
        filter_subject: subject,
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.All,
      });
      const found: Stored[] = [];
      if (pending === 0) return found;
      for await (const message of await (
        await stream.consumers.get(name, consumer)
      ).fetch({ max_messages: pending, expires: 5_000 })) {
        found.push({
          subject: message.subject,
          sequence: message.seq,
          text: message.string(),
          headers: Object.fromEntries(
            [...(message.headers?.keys() ?? [])].map((key) => [key.toLowerCase(), message.headers!.get(key)]),
          ),
        });
      }
      return found;
    },
  };
}

/** Somebody who administers a tenant of that server. */
export interface Administrator {
  code: string;
  graph: (query: string, variables?: object) => Promise<Data>;
  sql: (text: string, values?: unknown[]) => Promise<Data[]>;
}

export async function administrator(
  { database }: BrokerWorld,
  address: () => string,
  code: string,
): Promise<Administrator> {
  const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: code })}`;
  return {
    code,
    graph: async (query, variables) => {
      const { body } = await send('POST', `${address()}/graphql`, { authorization }, { query, variables });
      if (body.errors) throw new Error(JSON.stringify(body));
      return body.data;
    },
    sql: (text, values) => sqlIn(database.ownerUrl, code, text, values),
  };
}
