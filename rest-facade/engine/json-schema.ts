import { isDeepStrictEqual } from 'node:util';

/** A schema as OpenAPI 3.1 writes it: JSON Schema 2020-12, of which only these keywords are used. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxLength?: number;
  default?: unknown;
  examples?: unknown[];
}

/** Schemas of values that are known already, found by identity inside of a sample. */
export type Known = ReadonlyMap<unknown, JsonSchema>;

const day = /^\d{4}-\d{2}-\d{2}$/;

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** The schema that a sample shows; without a sample, one that allows anything. */
export function schemaOf(sample: unknown, known: Known = new Map()): JsonSchema {
  if (sample === undefined) return {};
  if (sample === null) return { type: 'null' };
  const found = known.get(sample);
  if (found) return found;
  if (Array.isArray(sample))
    return sample.length === 0
      ? { type: 'array', items: {} }
      : { type: 'array', items: sample.map((item) => schemaOf(item, known)).reduce(merged) };
  if (typeof sample === 'object')
    return objectOf(
      Object.entries(sample)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, schemaOf(value, known)]),
    );
  if (typeof sample === 'number') return { type: Number.isInteger(sample) ? 'integer' : 'number' };
  if (typeof sample !== 'string') return { type: typeof sample };
  return {
    type: 'string',
    ...(day.test(sample) && { format: 'date' }),
    ...(instant.test(sample) && { format: 'date-time' }),
  };
}

/** An object that always has these fields. */
export function objectOf(
  fields: ReadonlyArray<readonly [string, JsonSchema]>,
  required = fields.map(([name]) => name),
): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields),
    ...(required.length > 0 && { required: [...required] }),
  };
}

/** What allows both. Objects become one object; what only one of them has may be absent. */
export function merged(a: JsonSchema, b: JsonSchema): JsonSchema {
  if (isAnything(b) || isDeepStrictEqual(withoutText(a), withoutText(b))) return a;
  if (isAnything(a)) return b;
  if (isDeepStrictEqual(withoutText(nullable(a)), withoutText(nullable(b)))) return nullable(a);
  if (a.enum && b.enum && isDeepStrictEqual(a.type, b.type))
    return { ...a, enum: [...new Set([...a.enum, ...b.enum])] };
  if (a.type === 'object' && b.type === 'object') return mergedObjects(a, b);
  if (a.type === 'array' && b.type === 'array') return { ...a, ...b, items: merged(a.items ?? {}, b.items ?? {}) };
  if (b.type === 'null') return nullable(a);
  if (a.type === 'null') return nullable(b);
  if (isNumber(a) && isNumber(b) && !a.enum && !b.enum) return { ...a, type: 'number' };
  if (isDeepStrictEqual(a.type, b.type) && !a.enum && !b.enum && a.type === 'string') return { type: 'string' };
  const choices = [...(a.anyOf ?? [a]), ...(b.anyOf ?? [b])];
  const isFirst = (one: JsonSchema, index: number): boolean =>
    choices.findIndex((other) => isDeepStrictEqual(withoutText(one), withoutText(other))) === index;
  return { anyOf: choices.filter(isFirst) };
}

/** What it allows, whatever it is called. */
const withoutText = ({ description: _, ...schema }: JsonSchema): JsonSchema => schema;

const isAnything = (schema: JsonSchema): boolean => Object.keys(schema).length === 0;

const isNumber = ({ type }: JsonSchema): boolean => type === 'integer' || type === 'number';

function mergedObjects(a: JsonSchema, b: JsonSchema): JsonSchema {
  const { properties: ofA = {} } = a;
  const { properties: ofB = {} } = b;
  const fields = [...new Set([...Object.keys(ofA), ...Object.keys(ofB)])].map(
    (name) => [name, ofA[name] && ofB[name] ? merged(ofA[name], ofB[name]) : (ofA[name] ?? ofB[name])!] as const,
  );
  const required = (a.required ?? []).filter((name) => b.required?.includes(name));
  const values = fields.map(([, schema]) => schema);
  // names that differ from sample to sample are not names of fields but keys
  const isMap =
    required.length === 0 && fields.length > 1 && values.every((schema) => isDeepStrictEqual(schema, values[0]));
  if (isMap || a.additionalProperties || b.additionalProperties)
    return {
      type: 'object',
      additionalProperties: values[0] ?? a.additionalProperties ?? b.additionalProperties ?? {},
    };
  return objectOf(fields, required);
}

/** The same or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  if (schema.type === 'null') return schema;
  if (schema.$ref) return { anyOf: [schema, { type: 'null' }] };
  if (schema.anyOf)
    return schema.anyOf.some(({ type }) => type === 'null')
      ? schema
      : { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  if (!schema.type) return schema.enum ? { ...schema, enum: [...schema.enum, null] } : schema;
  const types = [schema.type].flat();
  if (types.includes('null')) return schema;
  return { ...schema, type: [...types, 'null'], ...(schema.enum && { enum: [...schema.enum, null] }) };
}

/** The same without null. */
export function present(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.type)) return schema;
  const types = schema.type.filter((type) => type !== 'null');
  return {
    ...schema,
    type: types.length === 1 ? types[0]! : types,
    ...(schema.enum && { enum: schema.enum.filter((value) => value !== null) }),
  };
}

/** A document or schema of OpenAPI 3.1 in the form of 3.0, which writes `nullable`, beside a type, where 3.1 has the type null. */
export function inVersion30(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inVersion30);
  if (value === null || typeof value !== 'object') return value;
  const { type, anyOf, ...rest } = value as JsonSchema;
  const others = Object.fromEntries(
    Object.entries(rest).map(([name, each]) => [name, name === 'example' ? each : inVersion30(each)]),
  );
  if (Array.isArray(anyOf)) return choice30(anyOf, others);
  if (type === 'null') return { ...others, type: 'string', nullable: true, enum: [null] };
  if (!Array.isArray(type) || !type.includes('null'))
    return { ...(type !== undefined && { type: inVersion30(type) }), ...others };
  return { type: type.find((one) => one !== 'null'), nullable: true, ...others };
}

function choice30(anyOf: JsonSchema[], others: object): object {
  const choices = anyOf.filter(({ type }) => type !== 'null').map(inVersion30) as JsonSchema[];
  if (choices.length === anyOf.length) return { ...others, anyOf: choices };
  const orNull = choices.map((choice) =>
    choice.$ref
      ? { type: 'object', nullable: true, allOf: [choice] }
      : { ...choice, nullable: true, ...(choice.enum && { enum: [...choice.enum, null] }) },
  );
  return orNull.length === 1 ? { ...others, ...orNull[0] } : { ...others, anyOf: orNull };
}
