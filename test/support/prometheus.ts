/** One sample of a metric. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Family {
  type: string;
  help: string;
  samples: Sample[];
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?|NaN|[+-]Inf)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/**
 * Reads the text format of Prometheus, version 0.0.4, and throws where it is not followed: a metric has its help and its
 * type before its samples and all of them together, no sample comes twice, and buckets add up.
 */
export function parseMetrics(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current = '';
  let help: string | undefined;
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  for (const each of text.slice(0, -1).split('\n')) {
    const [, kind, of, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(each) ?? [];
    if (kind === 'HELP') {
      if (families.has(of!)) throw new Error(`${of} comes twice.`);
      [current, help] = [of!, rest];
    } else if (kind === 'TYPE') {
      if (of !== current || help === undefined) throw new Error(`${of} has no help.`);
      if (!['counter', 'gauge', 'histogram'].includes(rest!)) throw new Error(`${of} is of no type: ${rest}`);
      families.set(of, { type: rest!, help, samples: [] });
      help = undefined;
    } else {
      const family = families.get(current);
      const sample = sampleOf(each);
      const names =
        family?.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => current + end) : [current];
      if (!family || !names.includes(sample.name)) throw new Error(`${each} does not belong to ${current}.`);
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) throw new Error(`${each} comes twice.`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkBuckets(name, samples);
  return families;
}

function sampleOf(text: string): Sample {
  const [, name, inside = '', value] = line.exec(text) ?? [];
  if (!name) throw new Error(`This is no sample: ${text}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < inside.length) {
    const [, key, said] = label.exec(inside) ?? [];
    if (!key || key in labels) throw new Error(`These are no labels: ${text}`);
    labels[key] = said!;
  }
  return { name, labels, value: Number(value) };
}

function checkBuckets(name: string, samples: readonly Sample[]): void {
  const byLabels = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    byLabels.set(key, [...(byLabels.get(key) ?? []), sample]);
  }
  for (const [labels, group] of byLabels) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const rising = buckets.every(({ value }, place) => place === 0 || value >= buckets[place - 1]!.value);
    if (!rising || buckets.at(-1)?.labels['le'] !== '+Inf' || buckets.at(-1)!.value !== count)
      throw new Error(`The buckets of ${name} ${labels} do not add up.`);
  }
}
