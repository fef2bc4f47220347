import { isDay } from '../core/clock.js';

/** What PostgreSQL's own text of a value looks like, by the type it is cast to. */
const forms: Record<string, (text: string, type: string) => boolean> = {
  int: (text) => /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31,
  bigint: (text) => /^-?\d{1,18}$/.test(text),
  numeric: (text, type) => {
    const [, precision = '30', scale = '10'] = /\((\d+),\s*(\d+)\)/.exec(type) ?? [];
    const [, whole] = /^-?(\d+)(?:\.\d+)?$/.exec(text) ?? [];
    return (
      whole !== undefined && text.length < 60 && whole.replace(/^0+/, '').length < Number(precision) - Number(scale) + 1
    );
  },
  date: isDay,
  timestamptz: (text) =>
    /^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?\+00$/.test(text) && isDay(text.slice(0, 10)),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  boolean: (text) => /^(true|false|t|f)$/.test(text),
  text: (text) => !text.includes('\0'),
};

/** True if PostgreSQL gives such a text for a value of the type and will surely take it back. */
export function canCast(text: string, type: string): boolean {
  return forms[/^\w+/.exec(type)![0]]?.(text, type) ?? false;
}
