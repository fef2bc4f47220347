import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isDay } from '../core/clock.js';

/**
 * The scalars of the graph. Values leave the database in their wire form (text), so serialising passes them on;
 * parsing checks and normalises what callers send.
 */
function textScalar(
  name: string,
  description: string,
  parse: (value: string) => string | undefined,
  acceptsNumbers = false,
): GraphQLScalarType<string, string> {
  const read = (value: unknown): string => {
    const text =
      typeof value === 'string'
        ? value
        : acceptsNumbers && typeof value === 'number' && Number.isFinite(value)
          ? plainNumber(value)
          : undefined;
    const parsed = text === undefined ? undefined : parse(text.trim());
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
      if (acceptsNumbers && (node.kind === Kind.INT || node.kind === Kind.FLOAT)) return read(node.value);
      throw new GraphQLError(`${name} must be written as a string.`, { nodes: node });
    },
  });
}

const plainNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(0) : String(value);

/** The instant in UTC with milliseconds, or undefined if the text names none. */
export function parseInstant(text: string): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i.exec(text);
  if (!match || !isDay(match[1]!)) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** A decimal number with at most 16 digits before and 4 after the point, without exponent. */
export function parseDecimal(text: string): string | undefined {
  return /^-?\d{1,16}(\.\d{1,4})?$/.test(text) ? text : undefined;
}

export const DateTime = textScalar(
  'DateTime',
  'An instant in UTC as ISO 8601 with milliseconds, e.g. `2026-03-01T08:30:00.000Z`. Input may carry any zone offset.',
  parseInstant,
);
export const Day = textScalar('Date', 'A calendar day as `YYYY-MM-DD`, without time or zone.', (text) =>
  isDay(text) ? text : undefined,
);
export const Decimal = textScalar(
  'Decimal',
  'An exact decimal number as text, e.g. `"1000000.00"`. Input may also be a JSON number.',
  parseDecimal,
  true,
);

/** A number with at most two decimals, or undefined if the value is none. */
function parsePercent(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^-?\d{1,9}(\.\d{1,2})?$/.test(text.trim()) ? Number(text) : undefined;
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
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return readPercent(node.value);
    throw new GraphQLError('Percent must be written as a number.', { nodes: node });
  },
});
