import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metric } from './prometheus.js';

/** Over how many milliseconds delays of the event loop are put together. */
const windowMs = 15_000;

const percentiles = [50, 99, 100] as const;

/** Watches how long the event loop keeps what is due waiting. Returns its metrics, and what stops watching. */
export function watchEventLoop(): { metrics: () => Metric[]; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const secondsNow = (): number[] =>
    percentiles.map((percentile) => (delay.count > 0 ? delay.percentile(percentile) / 1e9 : 0));
  let last: number[] | undefined;
  delay.enable();
  const timer = setInterval(() => {
    last = secondsNow();
    delay.reset();
  }, windowMs).unref();
  return {
    metrics: () => {
      const { idle, active } = performance.eventLoopUtilization();
      const seconds = last ?? secondsNow();
      return [
        [
          'nodejs_eventloop_lag_seconds',
          'gauge',
          'How long the event loop kept a timer of 10 ms waiting, that time included, within the last 15 seconds.',
          percentiles.map((percentile, place) => [{ percentile: String(percentile) }, seconds[place]!]),
          'each',
        ],
        [
          'nodejs_eventloop_active_seconds_total',
          'counter',
          'Seconds that the event loop was at work.',
          active / 1_000,
        ],
        ['nodejs_eventloop_idle_seconds_total', 'counter', 'Seconds that the event loop waited.', idle / 1_000],
      ];
    },
    stop: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
