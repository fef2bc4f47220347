/** The present instant; the only place that asks the machine for it, so that a day's arithmetic is testable. */
export const now = (): Date => new Date();

const minute = 60_000;
const aDay = 86_400_000;

/** The instants that can be stored: the years 1 to 9999 in UTC. */
const earliest = Date.parse('0001-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** An instant (in milliseconds) as ISO 8601 in UTC; undefined outside the years 1 to 9999. */
export const instantText = (at: number): string | undefined =>
  at >= earliest && at <= latest ? new Date(at).toISOString() : undefined;

/** The calendar day (`YYYY-MM-DD`) of an instant in an IANA time zone. */
export function dayIn(timeZone: string, instant: Date = now()): string {
  const at = instant.getTime();
  return new Date(at + offsetAt(timeZone, at)).toISOString().slice(0, 10);
}

/** True if the text is a real calendar day of the years 1 to 9999, of the form `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => isOfCalendar(text) && !text.startsWith('0000');

/** True if there is such a day in the calendar, which has a year 0 as well. */
function isOfCalendar(text: string): boolean {
  if (!/^\d{4}-(0[1-9]|1[0-2])-\d{2}$/.test(text)) return false;
  const day = Number(text.slice(8));
  return day >= 1 && day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

/** Days of a month of the Gregorian calendar, which repeats itself every 400 years. */
const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

/** A date and time as callers write it, in milliseconds: an instant where they say the zone, else what a clock shows. */
export type Moment = { instant: number } | { local: number };

const written =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)? ?(?:(Z)|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?$/i;

/**
 * Reads `2026-03-01T08:30:00.000Z`, the same with an offset such as `+08:00` instead of `Z`, or with neither; a blank may
 * stand for the `T`. Undefined for everything else.
 */
export function parseMoment(text: string): Moment | undefined {
  const [, day, hour, minutes, seconds = '0', fraction = '', utc, sign, offsetHours = '0', offsetMinutes = '0'] =
    written.exec(text) ?? [];
  if (!day || !isOfCalendar(day) || (hour === '24' && Number(minutes) + Number(seconds) + Number(fraction) > 0))
    return undefined;
  const local =
    Date.parse(`${day}T00:00:00Z`) +
    (Number(hour) * 60 + Number(minutes)) * minute +
    Number(seconds) * 1000 +
    Number(fraction.padEnd(3, '0').slice(0, 3));
  if (!utc && !sign) return { local };
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * minute;
  return { instant: sign === '-' ? local + offset : local - offset };
}

const calendars = new Map<string, Intl.DateTimeFormat>();

function calendarOf(timeZone: string): Intl.DateTimeFormat {
  let calendar = calendars.get(timeZone);
  if (!calendar) {
    const numeric = 'numeric';
    calendar = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    calendars.set(timeZone, calendar);
  }
  return calendar;
}

/** True if this program knows the clocks of the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return calendarOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** How far the clocks of a time zone are ahead of UTC at an instant, in milliseconds. */
function clockOffset(timeZone: string, at: number): number {
  // near the ends of the years 1 to 9999 the local year may lie outside of them; the clocks are as two days further in
  const asked = Math.min(Math.max(at, earliest + 2 * aDay), latest - 2 * aDay);
  const shown = Object.fromEntries(
    calendarOf(timeZone)
      .formatToParts(asked)
      .map(({ type, value }) => [type, value]),
  ) as Record<Intl.DateTimeFormatPartTypes, string>;
  const two = (text: string): string => text.padStart(2, '0');
  const day = `${shown.year.padStart(4, '0')}-${two(shown.month)}-${two(shown.day)}`;
  const time = `${two(shown.hour)}:${two(shown.minute)}:${two(shown.second)}`;
  return Date.parse(`${day}T${time}Z`) - Math.floor(asked / 1000) * 1000;
}

/** By time zone and day, the offset of the whole day; undefined on days on which the clocks were changed. */
const offsets = new Map<string, Map<number, number | undefined>>();
const maxDays = 20_000;

/** How far the clocks of an IANA time zone are ahead of UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, at: number): number {
  let ofZone = offsets.get(timeZone);
  if (!ofZone) offsets.set(timeZone, (ofZone = new Map()));
  const day = Math.floor(at / aDay);
  if (!ofZone.has(day)) {
    if (ofZone.size >= maxDays) ofZone.clear();
    const [first, last] = [clockOffset(timeZone, day * aDay), clockOffset(timeZone, (day + 1) * aDay - 1)];
    ofZone.set(day, first === last ? first : undefined);
  }
  return ofZone.get(day) ?? clockOffset(timeZone, at);
}

/**
 * The instant at which the clocks of a time zone show a time, both in milliseconds. Of a time that they show twice it is
 * the first; a time that they skip counts on from before the skip (RFC 5545, 3.3.5).
 */
export function instantOf(timeZone: string, local: number): number {
  const [before, after] = [offsetAt(timeZone, local - aDay), offsetAt(timeZone, local + aDay)];
  const found = [before, after].map((offset) => local - offset).filter((at) => at + offsetAt(timeZone, at) === local);
  return found.length > 0 ? Math.min(...found) : local - before;
}

/**
 * An instant as the clocks of a time zone show it, with how far they are ahead of UTC, e.g. `2026-03-01T16:30:00.000+08:00`.
 * In UTC where the local year lies outside the years 1 to 9999.
 */
export function localText(timeZone: string, at: number): string {
  // offsets are written in minutes; those of times before standard time have seconds as well
  const minutes = Math.trunc(offsetAt(timeZone, at) / minute);
  const local = instantText(at + minutes * minute);
  if (local === undefined) return new Date(at).toISOString();
  const two = (number: number): string => String(number).padStart(2, '0');
  const ahead = Math.abs(minutes);
  return `${local.slice(0, -1)}${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

/** The first instant that can be stored: years before 1 are written in another form. */
const firstInstant = Date.parse('0001-01-01T00:00:00Z');

/** The instant at which a calendar day begins in a time zone; of the first day of all, the first of its instants that can be stored. */
export const beginningOf = (day: string, timeZone: string): Date =>
  new Date(Math.max(firstInstant, instantOf(timeZone, Date.parse(`${day}T00:00:00Z`))));
