import cluster from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';
import type { Metric } from '../prometheus.js';
import type { FromWorker, ToWorker } from './messages.js';

/** What a process that is one of several workers has of the first one, which started it. */
export interface OneOfSeveral {
  /** the metrics of all workers together */
  collect: () => Promise<Metric[]>;
  /** has this one's metrics sent whenever they are asked for */
  counts: (metrics: () => Metric[]) => void;
  /** calls that once when the worker is to end: when the first process says so, or by a signal */
  onStop: (stop: (isReplaced: boolean) => void) => void;
  /** sends the metrics for the last time */
  leave: () => Promise<void>;
}

/** For how long the first process is waited for, in milliseconds. */
const timeoutMs = 5_000;

/** This process as one of several workers; undefined where it is the only one. */
export function asWorker(): OneOfSeveral | undefined {
  if (!cluster.isWorker) return undefined;
  const post = (message: FromWorker): Promise<void> =>
    new Promise((resolve) => {
      if (process.connected) process.send!(message, undefined, undefined, () => resolve());
      else resolve();
    });
  const asked = new Map<number, (metrics: Metric[]) => void>();
  let count = 0;
  let own = (): Metric[] => [];
  let stop: ((isReplaced: boolean) => void) | undefined;
  let stopping: { isReplaced: boolean } | undefined;
  const end = (isReplaced: boolean): void => {
    if (stopping) return;
    stopping = { isReplaced };
    stop?.(isReplaced);
  };
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') end(message.isReplaced);
    else if (message.kind === 'count') void post({ kind: 'counted', id: message.id, metrics: own() });
    else if (message.kind === 'collected') asked.get(message.id)?.(message.metrics);
  });
  // a terminal interrupts all processes at once; the first one says when to end
  process.on('SIGINT', () => {});
  process.on('SIGUSR2', () => {});
  process.on('SIGTERM', () => end(true));
  return {
    collect: async () => {
      const id = (count += 1);
      const answered = new Promise<Metric[]>((resolve) => void asked.set(id, resolve));
      await post({ kind: 'collect', id });
      try {
        return await Promise.race([answered, wait(timeoutMs, undefined, { ref: false }).then(own)]);
      } finally {
        asked.delete(id);
      }
    },
    counts: (metrics) => void (own = metrics),
    onStop: (then) => {
      stop = then;
      if (stopping) then(stopping.isReplaced);
    },
    leave: () => post({ kind: 'counted', metrics: own() }),
  };
}
