import { localText, offsetAt } from '../../src/core/clock.js';

export { dayIn, isDay } from '../../src/core/clock.js';

/** An instant (ISO 8601) as a file shows it: what the tenant's clocks show, with their offset; anything else as it is. */
export const shownIn = (timeZone: string, value: unknown): unknown =>
  typeof value === 'string' ? localText(timeZone, Date.parse(value)) : value;

/** A date of a sheet that shows what the tenant's clocks show: sheets know no time zones. */
export function sheetTime(timeZone: string, instant: string): Date {
  const at = Date.parse(instant);
  return new Date(at + offsetAt(timeZone, at));
}
