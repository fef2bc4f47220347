import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { dayIn, instantOf, instantText, isDay, parseMoment } from '../core/clock.js';
import { decimalText } from '../core/decimal.js';

/**
 * The scalars of the graph. Values leave the database in their wire form (text), so serialising passes them on;
 * parsing checks and normalises what callers send.
 */
function textScalar(
  name: string,
  description: string,
  parse: (value: string) => string | undefined,
  parseNumber?: (value: number) => string | undefined,
): GraphQLScalarType<string, string> {
  const read = (value: unknown): string => {
    const parsed =
      typeof value === 'string'
        ? parse(value.trim())
        : typeof value === 'number' && Number.isFinite(value)
          ? parseNumber?.(value)
          : undefined;
    if (parsed === undefined)
      throw new GraphQLError(`${name} cannot represent ${JSON.stringify(value)?.slice(0, 60)}.`);
    return parsed;
  };
  return new GraphQLScalarType({
    name,
    description,
    serialize: (value) => String(value),
    parseValue: read,
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING) return read(node.value);
      // the digits of a literal are known, so that a number with many of them stays exact
      if (parseNumber && (node.kind === Kind.INT || node.kind === Kind.FLOAT))
        return parse(node.value) ?? read(Number(node.value));
      throw new GraphQLError(`${name} must be written as a string.`, { nodes: node });
    },
  });
}

/** An instant in UTC with milliseconds, or, where the text names no zone, the time as it is without one; undefined if it is neither. */
function parseInstant(text: string): string | undefined {
  const moment = parseMoment(text);
  if (!moment) return undefined;
  return 'instant' in moment ? instantText(moment.instant) : new Date(moment.local).toISOString().slice(0, -1);
}

/** A day, or the instant in UTC that the text names; undefined if it is neither. Of a time without a zone it is the day. */
function parseDay(text: string): string | undefined {
  if (isDay(text)) return text;
  const parsed = parseInstant(text);
  const day = parsed?.slice(0, 10);
  return parsed?.endsWith('Z') ? parsed : day !== undefined && isDay(day) ? day : undefined;
}

/** What the scalar `DateTime` has read, as an instant: a time without a zone is one on the clocks of `zone`. Undefined outside the years 1 to 9999. */
export const instantIn = (parsed: string, zone: string): string | undefined =>
  parsed.endsWith('Z') ? parsed : instantText(instantOf(zone, Date.parse(`${parsed}Z`)));

/** What the scalar `Date` has read, as a day: that of an instant is the one in `zone`. Undefined outside the years 1 to 9999. */
export function dayOfParsed(parsed: string, zone: string): string | undefined {
  if (!parsed.endsWith('Z')) return parsed;
  const day = dayIn(zone, new Date(parsed));
  return isDay(day) ? day : undefined;
}

/** The day that a text means in a time zone: a day, an instant or a time without a zone; undefined if it is none of them. */
export function dayMeant(text: string, zone: string): string | undefined {
  const parsed = parseDay(text.trim());
  return parsed === undefined ? undefined : dayOfParsed(parsed, zone);
}

/** A decimal number with at most 16 digits before and 4 after the point, without exponent. */
export function parseDecimal(text: string): string | undefined {
  return /^-?\d{1,16}(\.\d{1,4})?$/.test(text) ? text : undefined;
}

/** How many decimals amounts and rates have: JSON numbers are off from such a number by noise. */
const decimals = 2;

/** Both leave to `zoned.ts` what depends on the time zone of the tenant, since a scalar is read before it is known. */
export const DateTime = textScalar(
  'DateTime',
  'An instant in UTC as ISO 8601 with milliseconds, e.g. `2026-03-01T08:30:00.000Z`, of the years 1 to 9999. Input may carry any zone offset; without one it is a time in the time zone of the tenant.',
  parseInstant,
);
export const Day = textScalar(
  'Date',
  'A calendar day as `YYYY-MM-DD`, without time or zone, of the years 1 to 9999. Input may be an instant (see `DateTime`): then it is the day of the instant in the time zone of the tenant.',
  parseDay,
);
export const Decimal = textScalar(
  'Decimal',
  'An exact decimal number as text, e.g. `"1000000.00"`. Input may also be a JSON number: what differs from a number with two decimals by the last bits of a double alone, e.g. `59.699999999999996`, is that number. What cannot be kept exactly is refused.',
  parseDecimal,
  (value) => parseDecimal(decimalText(value, decimals)),
);

/** A number with at most two decimals, or undefined if the value is none. */
function parsePercent(value: unknown): number | undefined {
  const text = typeof value === 'number' && Number.isFinite(value) ? decimalText(value, decimals) : value;
  return typeof text === 'string' && /^-?\d{1,9}(\.\d{1,2}0*)?$/.test(text.trim()) ? Number(text) : undefined;
}

const readPercent = (value: unknown): number => {
  const parsed = parsePercent(value);
  if (parsed === undefined) throw new GraphQLError(`Percent cannot represent ${JSON.stringify(value)?.slice(0, 60)}.`);
  return parsed;
};

/** The one unit of rates, shares and likelihoods. */
export const Percent = new GraphQLScalarType<number, number>({
  name: 'Percent',
  description:
    'A rate, share or likelihood in percent, as a JSON number with at most two decimals: `12.5` is 12.5 %, one eighth of the whole.',
  serialize: Number,
  parseValue: readPercent,
  parseLiteral: (node) => {
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return readPercent(Number(node.value));
    throw new GraphQLError('Percent must be written as a number.', { nodes: node });
  },
});
