import { Router } from 'express';
import type { Context, Channel } from '../core/context.js';
import { messageOf, refuse } from '../core/errors.js';
import { rememberedWrites } from '../core/prepared.js';
import { keptPerConnection } from '../database/batch.js';
import type { Pool } from '../database/pool.js';
import { asRefusal } from '../graphql/errors.js';
import type { Engine } from '../read/engine.js';
import type { Delivery } from './jobs/delivery.js';
import { version } from '../version.js';
import type { FastPath } from './graphql/fast-path.js';
import { jobCounts } from './jobs/for-each-tenant.js';
import { callerOf, type Caller } from './request.js';

/** A metric in Prometheus form: one value, or one for each set of labels. */
export type Metric = [
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: number | Array<[labels: Record<string, string>, value: number]>,
];

/**
 * `GET /metrics/server`: metrics of this process for Prometheus, across all tenants. Only for platform administrators
 * and for service tokens with the scope `crm:admin`.
 */
export function metricsRouter({
  identify,
  sources,
}: {
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  sources: ReadonlyArray<() => Metric[]>;
}): Router {
  const router = Router({ strict: true });
  router.get('/metrics/server', async (request, response) => {
    try {
      const { roles, rights } = await identify(callerOf(request.headers), 'graphql');
      if (!rights.administer || !roles.some((role) => role === 'platform_admin' || role === 'service'))
        throw refuse('FORBIDDEN');
      response.type('text/plain; version=0.0.4').send(
        sources
          .flatMap((metrics) => metrics())
          .map(text)
          .join(''),
      );
    } catch (error) {
      const refusal = asRefusal(error);
      response
        .status(refusal.status)
        .json({ errors: [{ message: messageOf(refusal.issues[0]!, 'en'), extensions: { code: refusal.code } }] });
    }
  });
  return router;
}

const text = ([name, type, help, value]: Metric): string => {
  const lines =
    typeof value === 'number'
      ? [`${name} ${value}`]
      : value.map(
          ([labels, each]) =>
            `${name}{${Object.entries(labels)
              .map(([label, said]) => `${label}="${said.replace(/["\\\n]/g, '_')}"`)
              .join()}} ${each}`,
        );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join('')}`;
};

/** Memory of the process. */
export const processMetrics = (): Metric[] => [
  [
    'crm_build_info',
    'gauge',
    'Always 1; the labels say which version of the server runs on which Node.',
    [[{ version, node: process.version }, 1]],
  ],
  ['process_resident_memory_bytes', 'gauge', 'Memory that the process holds.', process.memoryUsage.rss()],
  ['nodejs_heap_size_used_bytes', 'gauge', 'Memory of it that JavaScript uses.', process.memoryUsage().heapUsed],
];

/** What the server does by itself. */
export function jobMetrics(): Metric[] {
  const counts = jobCounts();
  return [
    [
      'crm_job_failures_total',
      'counter',
      'How often a job has failed, for a tenant or as a whole.',
      counts.map(({ job, failures }) => [{ job }, failures]),
    ],
    [
      'crm_job_waiting',
      'gauge',
      'For how many tenants a job is left alone for a while, since it has failed for them.',
      counts.map(({ job, waiting }) => [{ job }, waiting]),
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
    ],
    ['crm_cache_entries_limit', 'gauge', 'How much of it at most.', remembered.map(({ labels, max }) => [labels, max])],
    [
      'crm_database_connections',
      'gauge',
      'Connections to the database, and requests that wait for one.',
      [
        [{ state: 'open' }, open],
        [{ state: 'idle' }, idle],
        [{ state: 'waiting' }, waiting],
      ],
    ],
    [
      'crm_database_prepared_statements',
      'gauge',
      'Statements that each connection has prepared.',
      prepared.map((count, index) => [{ connection: String(index + 1) }, count]),
    ],
    ['crm_database_prepared_statements_limit', 'gauge', 'How many a connection prepares at most.', keptPerConnection],
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
    ['crm_broker_up', 'gauge', 'Whether the broker can be used.', broker.state() === 'up' ? 1 : 0],
    [
      'crm_broker_lag_events',
      'gauge',
      'Events of all tenants that the broker does not have yet, as of the last look.',
      broker.lag(),
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
