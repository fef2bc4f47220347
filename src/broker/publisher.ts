import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { JetStreamClient } from '@nats-io/jetstream';
import { eventsAfter, type DomainEvent } from '../feed/bus.js';
import type { Database } from '../core/database.js';
import type { TenantInfo } from '../core/context.js';
import { log } from '../core/log.js';
import { given, inSpan, SpanKind } from '../core/tracing.js';
import { cloudEvent } from '../events/feed.service.js';
import type { RelayKind } from '../events/relays.js';
import type { Lease } from '../events/lease.js';
import { findTenant } from '../tenants/tenant.service.js';
import type { BrokerConnection } from './connection.js';
import type { BrokerCounters } from './counters.js';
import { subjectOf } from './streams.js';

/** Name of the reader that publishes. */
export const brokerRelay = 'broker';
/** Maximum number of unacknowledged events. */
const batchSize = 100;
/** How long the broker may take to acknowledge, in milliseconds. */
const publishTimeoutMs = 5_000;
/** How long a tenant's events are left alone after the broker refused them: doubled with each failure, up to a minute. */
const restAfter = (failures: number): number => Math.min(500 * 2 ** failures, 60_000);

/** Publishes every tenant's outbox in the order of the commits; an event counts as published once the broker has acknowledged it. */
export function publisher(database: Database, connection: BrokerConnection, counters: BrokerCounters): RelayKind {
  return {
    matches: (name) => name === brokerRelay,
    tenantDefault: brokerRelay,
    maxLeases: 4,
    isReady: () => connection.stream() !== undefined,
    relay: async (lease) => {
      const tenant = await findTenant(database, lease.tenantId, false);
      if (!tenant) return lease.release();
      try {
        await publishNew(lease, tenant, connection, counters);
      } catch (error) {
        if (!(error instanceof NotPublished)) throw error;
        counters.failed += 1;
        lease.failed(error.message);
        connection.suspect();
        return lease.release({ rest: restAfter(lease.failures) });
      }
      return lease.release();
    },
  };
}

class NotPublished extends Error {}

async function publishNew(
  lease: Lease,
  tenant: TenantInfo,
  connection: BrokerConnection,
  counters: BrokerCounters,
): Promise<void> {
  for (;;) {
    const events = await eventsAfter(lease.database, tenant.id, lease.seq, batchSize);
    const [first] = events;
    const last = events.at(-1);
    if (!first || !last) return;
    if (first.seq > lease.seq + 1) {
      counters.lost += first.seq - lease.seq - 1;
      log.error(
        { event: 'broker.eventsLost', tenant: tenant.code, from: lease.seq + 1, until: first.seq - 1 },
        'events expired before the broker was available again; they were not published',
      );
    }
    const broker = connection.stream();
    if (!broker) throw new NotPublished('The connection was lost.');
    await publish(broker, tenant, events);
    counters.published += events.length;
    lease.succeeded();
    await lease.advanceTo(last.seq);
  }
}

/**
 * One connection keeps the order, so the events go out together. If some are not acknowledged all are sent again, and
 * the broker drops those that it has by their ids.
 */
const publish = (broker: JetStreamClient, tenant: TenantInfo, events: readonly DomainEvent[]): Promise<void> =>
  inSpan(
    'publish events',
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation.type': 'send',
        'messaging.batch.message_count': events.length,
        'crm.tenant': tenant.code,
      },
      from: {},
    },
    () => publishAll(broker, tenant, events),
  );

async function publishAll(broker: JetStreamClient, tenant: TenantInfo, events: readonly DomainEvent[]): Promise<void> {
  const answers = await Promise.allSettled(
    events.map((event) =>
      broker.publish(subjectOf(tenant.code, event.type), JSON.stringify(cloudEvent({ tenant }, event)), {
        msgID: event.id,
        headers: cloudEventHeaders(),
        timeout: publishTimeoutMs,
      }),
    ),
  );
  const refusal = answers.find((answer) => answer.status === 'rejected');
  if (refusal) throw new NotPublished(String((refusal.reason as Error).message ?? refusal.reason));
}

function cloudEventHeaders(): MsgHdrs {
  const found = headers();
  const all: Record<string, string> = { 'Content-Type': 'application/cloudevents+json; charset=utf-8' };
  for (const [name, value] of Object.entries(given(all))) found.set(name, value);
  return found;
}
