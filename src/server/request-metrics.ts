import type { RequestStats } from '../core/context.js';
import type { Observed } from './observed.js';
import type { Distribution, Metric } from './prometheus.js';

/** Upper bounds of the durations that requests are counted by, in seconds. */
const bounds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/**
 * How many names of operations have counts of their own: clients choose them, so what comes later counts as `other`.
 */
const maxNames = 200;

/** Requests of one operation of the graph, or of one REST row. */
interface Counted {
  labels: { channel: string; operation: string };
  statuses: number[];
  codes: Map<string, number>;
  counts: number[];
  sum: number;
  /** when the last one came to its end, in milliseconds since 1970 */
  last: number;
}

/** Counts requests, their errors and their durations by operation of the graph and by REST row. */
export class RequestMetrics {
  private readonly counted = new Map<string, Map<string, Counted>>();
  private names = 0;

  /** Counts an answer that was sent to its end or broken off. */
  answered(observed: Observed, path: string, status: number): void {
    const { ctx, channel, row, codes, since } = observed;
    const seconds = (performance.now() - since) / 1_000;
    if (channel) this.count(channel, row ?? 'none', status, codes, seconds);
    else {
      const section = sectionOf(path);
      this.count(section, section === 'graphql' ? this.operationOf(ctx?.stats) : 'all', status, codes, seconds);
    }
  }

  /** Counts an operation over a socket. */
  overSocket(stats: RequestStats, seconds: number): void {
    this.count('socket', this.operationOf(stats), 200, stats.codes ?? new Set(), seconds);
  }

  /** The name of an operation that was found valid, within the limit. */
  private operationOf(stats: RequestStats | undefined): string {
    const name = stats?.operation;
    if (name === undefined) return 'anonymous';
    if (this.counted.get('graphql')?.has(name) || this.counted.get('socket')?.has(name)) return name;
    if (this.names >= maxNames) return 'other';
    this.names += 1;
    return name;
  }

  private count(channel: string, operation: string, status: number, codes: ReadonlySet<string>, seconds: number): void {
    const counted = this.of(channel, operation);
    const hundreds = Math.min(5, Math.floor(status / 100));
    counted.statuses[hundreds]! += 1;
    counted.sum += seconds;
    counted.last = Date.now();
    const place = bounds.findIndex((bound) => seconds <= bound);
    counted.counts[place < 0 ? bounds.length : place]! += 1;
    for (const code of codes) counted.codes.set(code, (counted.codes.get(code) ?? 0) + 1);
    if (codes.size === 0 && status >= 400)
      counted.codes.set(`HTTP_${status}`, (counted.codes.get(`HTTP_${status}`) ?? 0) + 1);
  }

  private of(channel: string, operation: string): Counted {
    let operations = this.counted.get(channel);
    if (!operations) this.counted.set(channel, (operations = new Map()));
    let counted = operations.get(operation);
    if (!counted)
      operations.set(
        operation,
        (counted = {
          labels: { channel, operation },
          statuses: Array.from({ length: 6 }, () => 0),
          codes: new Map(),
          counts: Array.from({ length: bounds.length + 1 }, () => 0),
          sum: 0,
          last: 0,
        }),
      );
    return counted;
  }

  /** Requests, errors and durations since the start. */
  metrics(): Metric[] {
    const all = [...this.counted.values()].flatMap((operations) => [...operations.values()]);
    return [
      [
        'crm_requests_total',
        'counter',
        'Requests that were answered, by channel, operation of the graph or REST row, and class of the HTTP status.',
        all.flatMap(({ labels, statuses }) =>
          statuses.flatMap((count, hundreds): Array<[Record<string, string>, number]> =>
            count > 0 ? [[{ ...labels, status: `${hundreds}xx` }, count]] : [],
          ),
        ),
      ],
      [
        'crm_request_errors_total',
        'counter',
        'Requests that were answered with an error, by its code; one that has several counts for each.',
        all.flatMap(({ labels, codes }) =>
          [...codes].map(([code, count]): [Record<string, string>, number] => [{ ...labels, code }, count]),
        ),
      ],
      [
        'crm_request_duration_seconds',
        'histogram',
        'Seconds from the head of a request to the end of its answer.',
        all.map(({ labels, counts, sum }): [Record<string, string>, Distribution] => [labels, { bounds, counts, sum }]),
      ],
      [
        'crm_request_last_timestamp_seconds',
        'gauge',
        'When the last of these requests was answered, in seconds since 1970.',
        all.map(({ labels, last }): [Record<string, string>, number] => [labels, Math.floor(last / 1_000)]),
        'max',
      ],
    ];
  }
}

/** What is neither the graph nor a REST row, by how its paths begin. */
const sections = [
  { begins: '/export/', name: 'export' },
  { begins: '/api/v1/crm/export/', name: 'export' },
  { begins: '/api/v1/events', name: 'events' },
  { begins: '/api/v1/files', name: 'files' },
  { begins: '/health', name: 'probe' },
  { begins: '/livez', name: 'probe' },
  { begins: '/readyz', name: 'probe' },
  { begins: '/startupz', name: 'probe' },
  { begins: '/api/v1/crm/health', name: 'probe' },
  { begins: '/metrics', name: 'metrics' },
] as const;

/** What a path that is no REST row's is for. */
export const sectionOf = (path: string): string =>
  path === '/graphql' || path.startsWith('/graphql?')
    ? 'graphql'
    : (sections.find(({ begins }) => path.startsWith(begins))?.name ?? 'other');
