import { isDeepStrictEqual } from 'node:util';
import { decimalText, shifted } from '../../src/core/decimal.js';
import { refuse } from '../../src/core/errors.js';
import type { Call, Converter, Derived, Leaf, Nested, Shape, Computed } from './types.js';

/** A path with a converter of its own. */
export const as = (
  path: string,
  converter: Converter,
  options: Pick<Leaf, 'unset' | 'required' | 'also' | 'where'> = {},
): Leaf => ({ kind: 'leaf', path, converter, ...options });

/** A path whose field must be sent. */
export const required = (path: string, converter?: Converter): Leaf => ({
  kind: 'leaf',
  path,
  required: true,
  ...(converter && { converter }),
});

/** A value that fills two places of the request, e.g. a filter and the argument of a field. */
export const both = (path: string, also: string): Leaf => ({ kind: 'leaf', path, also });

/** An object below a path; of a list, its first item. */
export const object = (path: string, shape: Shape): Nested => ({ kind: 'object', path, shape });

export const each = (path: string, shape: Shape, options: Pick<Nested, 'required' | 'maxItems'> = {}): Nested => ({
  kind: 'list',
  path,
  shape,
  ...options,
});

/** The same fields, each below a path. */
export const below = (path: string, shape: Shape): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [
      name,
      typeof field === 'string'
        ? `${path}.${field}`
        : 'path' in field
          ? { ...field, path: `${path}.${field.path}` }
          : field,
    ]),
  );

export const computed = (value: (call: Call) => unknown): Computed => ({ kind: 'computed', value });

export const constant = (value: unknown): Computed => ({ ...computed(() => value), wire: { enum: [value] } });

export const derived = (from: Readonly<Record<string, string>>, out: Derived['out']): Derived => ({
  kind: 'derived',
  from,
  out,
});

/** Some fields of a shape: what a body accepts is often part of what the answer shows. */
export const pick = (shape: Shape, ...names: string[]): Shape =>
  Object.fromEntries(
    names.map((name) => {
      if (!Object.hasOwn(shape, name)) throw new Error(`The shape has no field ${name}.`);
      return [name, shape[name]!];
    }),
  );

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Whether two wire values are the same to a client: `1` and `"1"` are. */
export const sameOnTheWire = (a: unknown, b: unknown): boolean =>
  isScalar(a) && isScalar(b) ? String(a) === String(b) : isDeepStrictEqual(a, b);

/** Thrown by a converter for a wire value that means nothing. The engine adds the field's name. */
export const wrong = (): Error => refuse('INVALID');

/** Values as they are. */
export const identity: Converter = { out: (value) => value, in: (value) => value };

/** A converter of phone numbers: spreadsheets and careless clients send them as whole numbers, which are taken as their digits. */
export const phoneAs = (converter: Converter): Converter => ({
  ...converter,
  in: (value, call) => converter.in(Number.isSafeInteger(value) && Number(value) > 0 ? String(value) : value, call),
});

/**
 * A dialect's codes for the values of an enumeration, one line for each code: `[1, 'ACTIVE', 'POTENTIAL']`. Several
 * values may share a code; written, the code means the first of them. A later line may repeat values under a synonym
 * that is accepted but never shown.
 */
export function codes(...lines: ReadonlyArray<readonly [code: string | number, ...values: string[]]>): Converter {
  const codeOf = new Map<string, string | number>();
  for (const [code, ...values] of lines) for (const value of values) if (!codeOf.has(value)) codeOf.set(value, code);
  const valuesOf = (sent: unknown): string[] => {
    const line = typeof sent === 'object' ? undefined : lines.find(([code]) => String(code) === String(sent));
    if (!line) throw wrong();
    return line.slice(1) as string[];
  };
  return {
    out: (value) => (value === null ? null : (codeOf.get(String(value)) ?? null)),
    in: (value) => (value === null || value === '' ? null : valuesOf(value)[0]),
    every: valuesOf,
    wire: {
      type: typeof lines[0]![0] === 'number' ? 'integer' : 'string',
      enum: [...new Set(lines.map(([code]) => code))],
    },
  };
}

/** Exact decimals of the graph as whole hundredths: `"1234.50"` ↔ 123450; further decimals are cut off. A number that is off from a whole one by float noise alone is that one. */
export const hundredths: Converter = {
  wire: { type: 'integer' },
  out(value) {
    if (value === null) return null;
    const [whole, fraction = ''] = String(value).split('.');
    return Number(`${whole}${fraction.padEnd(2, '0').slice(0, 2)}`);
  },
  in(value) {
    if (value === null || value === '') return null;
    const text = typeof value === 'number' && Number.isFinite(value) ? decimalText(value, 0) : String(value);
    if (!/^-?\d{1,18}$/.test(text)) throw wrong();
    const digits = text.replace('-', '').padStart(3, '0');
    return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  },
};

/** Exact decimals of the graph as JSON numbers. */
export const decimalNumber: Converter = {
  wire: { type: 'number' },
  out: (value) => (value === null ? null : Number(value)),
  in: (value) => (value === '' ? null : value),
};

/** Percent of the graph as fractions: 12.34 ↔ 0.1234. */
export const fraction: Converter = {
  wire: { type: 'number' },
  out: (value) => (value === null ? null : Number((Number(value) / 100).toFixed(4))),
  in(value) {
    if (value === null || value === '') return null;
    const text = typeof value === 'number' && Number.isFinite(value) ? decimalText(value, 4) : String(value).trim();
    if (!/^-?\d{1,9}(\.\d{1,9})?$/.test(text)) throw wrong();
    return shifted(text, 2);
  },
};

/** A value that the row itself gives, among the parameters of its path: no client sends it. */
export const fixedAs = (path: string, value: unknown): Leaf => as(path, identity, { unset: value });
