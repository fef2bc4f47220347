import { Router } from 'express';
import type { Context, Channel } from '../core/context.js';
import type { Deprecation } from '../core/deprecation.js';
import { messageOf, refuse } from '../core/errors.js';
import { rememberedWrites } from '../core/prepared.js';
import { keptPerConnection } from '../database/batch.js';
import type { Pool } from '../database/pool.js';
import type { Replicas } from '../database/replicas.js';
import { asRefusal } from '../graphql/errors.js';
import type { Engine } from '../read/engine.js';
import type { Delivery } from './jobs/delivery.js';
import { version } from '../version.js';
import { exposition, type Metric } from './prometheus.js';
import type { FastPath } from './graphql/fast-path.js';
import type { TrustedDocuments } from './graphql/trusted.js';
import { jobCounts } from './jobs/for-each-tenant.js';
import { callerOf, type Caller } from './request.js';

/**
 * `GET /metrics/server`: metrics of this server, with all of its processes, for Prometheus, across all tenants. Only for platform administrators
 * and for service tokens with the scope `crm:admin`.
 */
export function metricsRouter({
  identify,
  collect,
}: {
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  collect: () => Promise<Metric[]>;
}): Router {
  const router = Router({ strict: true });
  router.get('/metrics/server', async (request, response) => {
    try {
      const { roles, rights } = await identify(callerOf(request.headers), 'graphql');
      if (!rights.administer || !roles.some((role) => role === 'platform_admin' || role === 'service'))
        throw refuse('FORBIDDEN');
      response.type('text/plain; version=0.0.4').send(exposition(await collect()));
    } catch (error) {
      const refusal = asRefusal(error);
      response
        .status(refusal.status)
        .json({ errors: [{ message: messageOf(refusal.issues[0]!, 'en'), extensions: { code: refusal.code } }] });
    }
  });
  return router;
}

/** Operations that are not among the trusted documents. */
export const trustedMetrics = ({ untrusted, reportOnly }: TrustedDocuments): Metric[] => [
  [
    'crm_operations_not_trusted_total',
    'counter',
    'Requests for operations that are not in the manifest, by what became of them.',
    [[{ outcome: reportOnly ? 'reported' : 'refused' }, untrusted]],
  ],
];

/** The REST rows that are deprecated, with the labels of their requests. */
export function deprecationMetrics(deprecated: readonly Deprecation[]): Metric[] {
  const times = (timeOf: (deprecation: Deprecation) => number | undefined): Array<[Record<string, string>, number]> =>
    deprecated.flatMap((deprecation): Array<[Record<string, string>, number]> => {
      const { dialect, row } = deprecation;
      const time = timeOf(deprecation);
      return time === undefined ? [] : [[{ channel: dialect, operation: row! }, time]];
    });
  return [
    [
      'crm_deprecation_timestamp_seconds',
      'gauge',
      'From when on a REST row is deprecated, in seconds since 1970.',
      times(({ since }) => since),
      'max',
    ],
    [
      'crm_sunset_timestamp_seconds',
      'gauge',
      'From when on a deprecated REST row may answer no more, in seconds since 1970.',
      times(({ until }) => until),
      'max',
    ],
  ];
}

/** Memory and processor time of the process. */
export const processMetrics = (): Metric[] => [
  [
    'crm_build_info',
    'gauge',
    'Always 1; the labels say which version of the server runs on which Node.',
    [[{ version, node: process.version }, 1]],
    'max',
  ],
  ['process_resident_memory_bytes', 'gauge', 'Memory that the process holds.', process.memoryUsage.rss(), 'each'],
  [
    'nodejs_heap_size_used_bytes',
    'gauge',
    'Memory of it that JavaScript uses.',
    process.memoryUsage().heapUsed,
    'each',
  ],
  [
    'process_cpu_seconds_total',
    'counter',
    'Seconds of processor time that the process has used.',
    (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  ],
  [
    'process_start_time_seconds',
    'gauge',
    'When the process started, in seconds since 1970.',
    performance.timeOrigin / 1_000,
    'each',
  ],
];

/** What the server does by itself. */
export function jobMetrics(): Metric[] {
  const counts = jobCounts();
  return [
    [
      'crm_job_failures_total',
      'counter',
      'How often a job has failed, for a tenant or as a whole.',
      counts.map(({ job, failures }) => [{ name: job }, failures]),
    ],
    [
      'crm_job_waiting',
      'gauge',
      'For how many tenants a job is left alone for a while, since it has failed for them.',
      counts.map(({ job, waiting }) => [{ name: job }, waiting]),
      'sum',
    ],
  ];
}

/** Executors, caches and database connections. */
export function readMetrics(engine: Engine, fastPath: FastPath, pool: Pool): Metric[] {
  const { compiled, plain, sizes } = engine.metrics();
  const remembered = Object.entries({
    document: fastPath.sizes(),
    query: sizes.queries,
    mutation: sizes.mutations,
    write: rememberedWrites(),
  }).flatMap(([of, kept]) =>
    Object.entries(kept).map(([what, [now, max]]) => ({ labels: { cache: of, kind: what }, now, max })),
  );
  const { open, idle, waiting, prepared } = pool.statistics();
  return [
    ['crm_operations_compiled_total', 'counter', 'Operations that were answered by a compiled statement.', compiled],
    [
      'crm_operations_plain_total',
      'counter',
      'Operations that were left to the plain executor, by reason.',
      Object.entries(plain).map(([reason, count]) => [{ reason }, count]),
    ],
    [
      'crm_cache_entries',
      'gauge',
      'What is remembered of operations.',
      remembered.map(({ labels, now }) => [labels, now]),
      'sum',
    ],
    [
      'crm_cache_entries_limit',
      'gauge',
      'How much of it at most.',
      remembered.map(({ labels, max }) => [labels, max]),
      'sum',
    ],
    [
      'crm_database_connections',
      'gauge',
      'Connections to the database, and requests that wait for one.',
      [
        [{ state: 'open' }, open],
        [{ state: 'idle' }, idle],
        [{ state: 'waiting' }, waiting],
      ],
      'sum',
    ],
    [
      'crm_database_prepared_statements',
      'gauge',
      'Statements that each connection has prepared.',
      prepared.map((count, index) => [{ connection: String(index + 1) }, count]),
      'each',
    ],
    [
      'crm_database_prepared_statements_limit',
      'gauge',
      'How many a connection prepares at most.',
      keptPerConnection,
      'max',
    ],
  ];
}

/** Who answers reads where there are read replicas. */
export function replicaMetrics(of: Replicas): Metric[] {
  const { replicas, primary } = of.statistics();
  return [
    [
      'crm_replica_reads_total',
      'counter',
      'Reads that a replica has answered, and those that the database itself had to: nothing was known of the tenant yet, no replica was up or all had just lacked something of the tenant, the one that was asked lacked something, or failed.',
      [
        ...replicas.map(({ name, reads }): [Record<string, string>, number] => [{ by: name, reason: '' }, reads]),
        ...primary.map(([reason, reads]): [Record<string, string>, number] => [{ by: 'primary', reason }, reads]),
      ],
    ],
    [
      'crm_replica_up',
      'gauge',
      'Whether a replica is asked, as of the last look.',
      replicas.map(({ name, state }) => [{ replica: name }, state === 'up' ? 1 : 0]),
      'min',
    ],
    [
      'crm_replica_lag_bytes',
      'gauge',
      'Bytes of the write-ahead log that a replica lacked at the last look.',
      replicas.map(({ name, lag }) => [{ replica: name }, lag]),
      'max',
    ],
  ];
}

/** Delivery to webhooks and to the broker. */
export function deliveryMetrics({ broker, webhooks }: Delivery): Metric[] {
  return [
    [
      'crm_webhook_lag_events',
      'gauge',
      'Events that webhooks of all tenants have not been tried with yet, as of the last look.',
      webhooks.lag(),
      'max',
    ],
    ['crm_webhook_delivered_total', 'counter', 'Events that were delivered to a webhook.', webhooks.counters.delivered],
    ['crm_webhook_failures_total', 'counter', 'Attempts that failed.', webhooks.counters.failed],
    ['crm_webhook_dead_total', 'counter', 'Deliveries that were given up.', webhooks.counters.dead],
    [
      'crm_webhook_lost_events_total',
      'counter',
      'Events that were no longer kept when they could have been delivered to a webhook.',
      webhooks.counters.lost,
    ],
    ...(broker ? brokerMetrics(broker) : []),
  ];
}

function brokerMetrics(broker: NonNullable<Delivery['broker']>): Metric[] {
  const { counters } = broker;
  return [
    ['crm_broker_up', 'gauge', 'Whether the broker can be used.', broker.state() === 'up' ? 1 : 0, 'min'],
    [
      'crm_broker_lag_events',
      'gauge',
      'Events of all tenants that the broker does not have yet, as of the last look.',
      broker.lag(),
      'max',
    ],
    ['crm_broker_published_total', 'counter', 'Events that the broker has acknowledged.', counters.published],
    ['crm_broker_publish_failures_total', 'counter', 'Attempts to publish that failed.', counters.failed],
    [
      'crm_broker_lost_events_total',
      'counter',
      'Events that were no longer kept when the broker came back.',
      counters.lost,
    ],
    ['crm_broker_consumed_total', 'counter', 'Messages of other systems that were handled.', counters.consumed],
    [
      'crm_broker_repeated_total',
      'counter',
      'Messages that arrived again though they had been handled.',
      counters.repeated,
    ],
    ['crm_broker_dead_letters_total', 'counter', 'Messages that went to the dead-letter subject.', counters.dead],
  ];
}
