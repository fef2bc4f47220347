/** How often each duration or size up to a bound occurred, in Prometheus' sense. */
export interface Distribution {
  /** upper bounds in ascending order */
  bounds: readonly number[];
  /** how many values were at most the bound at the same place, and above the one before; one more for those above all */
  counts: readonly number[];
  sum: number;
}

type Labels = Record<string, string>;

/** What becomes of the values of a gauge in several processes: one of these, or each with the label `worker`. */
export type Across = 'sum' | 'max' | 'min' | 'each';

type Value = number | Array<[labels: Labels, value: number]>;

/** A metric in Prometheus form: one value, or one for each set of labels. Gauges say what becomes of them across processes; all others are added up. */
export type Metric =
  | [name: string, type: 'counter', help: string, value: Value]
  | [name: string, type: 'gauge', help: string, value: Value, across: Across]
  | [name: string, type: 'histogram', help: string, value: Array<[labels: Labels, value: Distribution]>];

/** Metrics in the text format of Prometheus, version 0.0.4. */
export const exposition = (metrics: readonly Metric[]): string => metrics.map(text).join('');

function text([name, type, help, value]: Metric): string {
  const lines =
    typeof value === 'number'
      ? [sample(name, {}, value)]
      : value.flatMap(([labels, each]) =>
          typeof each === 'number' ? [sample(name, labels, each)] : buckets(name, labels, each),
        );
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function buckets(name: string, labels: Labels, { bounds, counts, sum }: Distribution): string[] {
  let upTo = 0;
  const lines = counts.map((count, place) => {
    upTo += count;
    return sample(`${name}_bucket`, { ...labels, le: String(bounds[place] ?? '+Inf') }, upTo);
  });
  return [...lines, sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, upTo)];
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, said]) => `${label}="${escaped(said)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${value}\n`;
}

const escaped = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
