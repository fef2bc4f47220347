import type { Across, Distribution, Metric } from '../prometheus.js';

/** The metrics of one process, and what it is called in the label `worker`. */
export interface Report {
  worker: string;
  metrics: readonly Metric[];
}

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number | Distribution];

const added = (a: Distribution, b: Distribution): Distribution => ({
  bounds: a.bounds,
  counts: a.counts.map((count, place) => count + b.counts[place]!),
  sum: a.sum + b.sum,
});

const together = (a: Sample[1], b: Sample[1], across: Across): Sample[1] => {
  if (typeof a === 'object' && typeof b === 'object') return added(a, b);
  const [x, y] = [Number(a), Number(b)];
  // one that takes the place of another is there beside it for a moment
  if (across === 'each') return y;
  if (across === 'max') return Math.max(x, y);
  return across === 'min' ? Math.min(x, y) : x + y;
};

/** The metrics of several processes as those of one server. */
export function combined(reports: readonly Report[]): Metric[] {
  const all = new Map<string, { metric: Metric; samples: Map<string, Sample> }>();
  for (const { worker, metrics } of reports)
    for (const metric of metrics) {
      const [name, , , value, across = 'sum'] = metric;
      let one = all.get(name);
      if (!one) all.set(name, (one = { metric, samples: new Map() }));
      for (const [given, each] of typeof value === 'number' ? [[{}, value] as Sample] : (value as Sample[])) {
        const labels = across === 'each' ? { ...given, worker } : given;
        const key = JSON.stringify(Object.entries(labels).sort());
        const known = one.samples.get(key);
        one.samples.set(key, [labels, known ? together(known[1], each, across) : each]);
      }
    }
  return [...all.values()].map(({ metric: [name, type, help, , ...across], samples }) => {
    const values = [...samples.values()];
    const isPlain = values.length === 1 && Object.keys(values[0]![0]).length === 0 && type !== 'histogram';
    return [name, type, help, isPlain ? values[0]![1] : values, ...across] as Metric;
  });
}

/** What of a process's metrics goes on counting when it has ended: a sum that became less would be taken for a new beginning. */
export const lasting = (metrics: readonly Metric[]): Metric[] => metrics.filter(([, type]) => type !== 'gauge');
