import type { Metric } from '../prometheus.js';

/** What the first process says to a worker. */
export type ToWorker =
  /** end; `isReplaced` says that another worker has taken its place */
  | { kind: 'stop'; isReplaced: boolean }
  /** say what you count */
  | { kind: 'count'; id: number }
  /** what all count, as you have asked */
  | { kind: 'collected'; id: number; metrics: Metric[] };

/** What a worker says to the first process. */
export type FromWorker =
  /** what do all count */
  | { kind: 'collect'; id: number }
  /** what it counts; without `id` for the last time */
  | { kind: 'counted'; id?: number; metrics: Metric[] };
