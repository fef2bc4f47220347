/** A day that depends on when it is asked for, in the form in which it is stored. */
export class RelativeDay {
  constructor(readonly text: string) {}
}

const units = 'WEEK|MONTH|QUARTER|YEAR';
const written = new RegExp(`^(?:(TODAY)([+-]\\d{1,5})?([DWMQY])?|((?:START|END)_OF_(?:${units}))([+-]\\d{1,5})?)$`);

/** How many of each unit lie within a hundred years: as far as a relative day goes. */
const furthest: Readonly<Record<string, number>> = { D: 36_500, W: 5_200, M: 1_200, Q: 400, Y: 100 };

/** The relative day that a text means, or undefined. `TODAY+30D` is `TODAY+30`, and what adds nothing is left out. */
export function relativeDay(text: string): RelativeDay | undefined {
  const [, today, days = '', unit = '', edge, steps = ''] = written.exec(text.trim().toUpperCase()) ?? [];
  const base = today ?? edge;
  if (!base || (unit !== '' && days === '')) return undefined;
  const count = Number(days || steps || '0');
  const counted = today ? unit || 'D' : base.split('_OF_')[1]![0]!;
  if (Math.abs(count) > furthest[counted]!) return undefined;
  const shift = count === 0 ? '' : `${count > 0 ? '+' : '-'}${Math.abs(count)}${unit === 'D' ? '' : unit}`;
  return new RelativeDay(base + shift);
}

/** A stored value as JSON, with a tab before and behind each relative day: no tab stands in JSON otherwise. */
export function storedJson(value: unknown): string {
  if (value instanceof RelativeDay) return `\t${JSON.stringify(value.text)}\t`;
  if (Array.isArray(value)) return `[${value.map(storedJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}:${storedJson(inner)}`)
    .join(',')}}`;
}

/** SQL: a stored value as JSON without the tabs. */
export const shownJson = (stored: string): string => `replace(${stored}, chr(9), '')`;

/**
 * SQL: a stored value as JSON with the days that its relative ones are, by an expression for today. A count is of days
 * behind `TODAY` alone, else of what it starts or ends; the end is the day before the next start.
 */
export function resolvedJson(stored: string, today: string): string {
  const unit = `coalesce(left(f.form[2], 1), f.form[4], 'D')`;
  const isEnd = `(f.form[1] = 'END')::int`;
  const steps = `(coalesce(f.form[3], '0')::int + ${isEnd})`;
  const months = `${steps} * case ${unit} when 'M' then 1 when 'Q' then 3 when 'Y' then 12 else 0 end`;
  const days = `${steps} * case ${unit} when 'D' then 1 when 'W' then 7 else 0 end - ${isEnd}`;
  const start = `date_trunc(coalesce(lower(f.form[2]), 'day'), ${today}::timestamp)`;
  const day = `to_char(${start} + make_interval(months => ${months}, days => ${days}), 'YYYY-MM-DD')`;
  const form = `regexp_match(p.part, '^"(TODAY|START|END)(?:_OF_(${units}))?([+-][0-9]+)?([WMQY])?"$')`;
  return `(select string_agg(case when p.place % 2 = 1 then p.part else (select '"' || ${day} || '"' from (select ${form} as form) f) end, '' order by p.place) from unnest(string_to_array(${stored}, chr(9))) with ordinality p(part, place))`;
}
