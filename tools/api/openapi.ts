import type { Breaking } from './change.js';

/** A schema as the documents of the dialects write it, in OpenAPI 3.0 or 3.1. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxLength?: number;
  default?: unknown;
}

type Content = Record<string, { schema: Schema }>;

interface Operation {
  parameters: Array<{ name: string; in: string; required: boolean; schema: Schema }>;
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { content?: Content; headers?: Record<string, unknown> }>;
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Words of a schema that say nothing about which values it allows. */
const silent = ['description', 'default', 'examples', 'example', '$ref'];
const known = [
  'type',
  'nullable',
  'enum',
  'format',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'allOf',
  'minimum',
  'maximum',
  'maxItems',
  'maxLength',
];

/** Bounds of what may be sent. */
const bounds = [
  ['minimum', 'smallest value', 1],
  ['maximum', 'largest value', -1],
  ['maxItems', 'number of items', -1],
  ['maxLength', 'number of characters', -1],
] as const;

type Direction = 'sent' | 'answered';

/**
 * What of a document's changes may break a client that was written for the earlier one. What a client could send must
 * still be accepted and read; what it is answered must be what it could expect. A new value of an enumeration in an
 * answer is no such change, as in the graph: the documents ask clients to expect it. Throws for a schema with a word that these
 * rules do not know.
 */
export function breakingOpenApi(before: OpenApi, after: OpenApi): Breaking[] {
  const found: Breaking[] = [];
  for (const [path, operations] of Object.entries(before.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const place = `${method.toUpperCase()} ${path}`;
      const present = after.paths[path]?.[method];
      const changes = present ? new Comparison(before, after).operation(operation, present) : ['is gone'];
      found.push(...[...new Set(changes)].map((change) => ({ place, change })));
    }
  }
  return found;
}

class Comparison {
  private readonly found: string[] = [];

  constructor(
    private readonly before: OpenApi,
    private readonly after: OpenApi,
    /** pairs of named schemas that are being compared or have been */
    private readonly compared = new Set<string>(),
  ) {}

  operation(before: Operation, after: Operation): string[] {
    this.parameters(before, after);
    this.body(before, after);
    this.responses(before, after);
    return this.found;
  }

  private parameters(before: Operation, after: Operation): void {
    const named = ({ in: place, name }: { in: string; name: string }): string => `${place} parameter ${name}`;
    const present = new Map(after.parameters.map((parameter) => [named(parameter), parameter]));
    for (const parameter of before.parameters) {
      const name = named(parameter);
      const now = present.get(name);
      present.delete(name);
      if (!now) {
        this.found.push(`${name} is gone`);
        continue;
      }
      if (now.required && !parameter.required) this.found.push(`${name} has become required`);
      if (JSON.stringify(parameter.schema.default) !== JSON.stringify(now.schema.default))
        this.found.push(`${name} has another default`);
      this.schemas(parameter.schema, now.schema, 'sent', name);
    }
    for (const [name, { required }] of present) if (required) this.found.push(`${name} is new and required`);
  }

  private body(before: Operation, after: Operation): void {
    if (!before.requestBody) {
      if (after.requestBody?.required) this.found.push('a body is required');
      return;
    }
    if (!after.requestBody) {
      this.found.push('the body is no longer read');
      return;
    }
    if (after.requestBody.required && !before.requestBody.required) this.found.push('the body has become required');
    this.contents(before.requestBody.content, after.requestBody.content, 'sent', 'body');
  }

  private responses(before: Operation, after: Operation): void {
    for (const [status, response] of Object.entries(before.responses)) {
      const now = after.responses[status];
      const name = `answer ${status}`;
      if (!now) {
        if (/^[23]/.test(status)) this.found.push(`${name} is gone`);
        continue;
      }
      for (const header of Object.keys(response.headers ?? {}))
        if (!now.headers?.[header]) this.found.push(`${name}: header ${header} is gone`);
      this.contents(response.content ?? {}, now.content ?? {}, 'answered', name);
    }
  }

  private contents(before: Content, after: Content, direction: Direction, name: string): void {
    for (const [type, { schema }] of Object.entries(before)) {
      const now = after[type];
      if (now) this.schemas(schema, now.schema, direction, name);
      else this.found.push(`${name}: ${type} is gone`);
    }
  }

  /** What a client sends was allowed before and must be allowed now; what it is answered is allowed now and must have been allowed before. */
  private schemas(before: Schema, after: Schema, direction: Direction, path: string): void {
    if (before.$ref && after.$ref) {
      const pair = `${direction} ${before.$ref} ${after.$ref}`;
      if (this.compared.has(pair)) return;
      this.compared.add(pair);
    }
    const [old, present] = [resolved(before, this.before), resolved(after, this.after)];
    if (old.anyOf || present.anyOf) this.choices(alternatives(old), alternatives(present), direction, path);
    else this.plain(old, present, direction, path);
  }

  /** Each alternative of the narrower side must fit one of the wider side. */
  private choices(before: Schema[], after: Schema[], direction: Direction, path: string): void {
    const [narrow, wide] = direction === 'sent' ? [before, after] : [after, before];
    for (const one of narrow) {
      const misfits = wide.map((other) => {
        const comparison = new Comparison(this.before, this.after, new Set(this.compared));
        comparison.schemas(direction === 'sent' ? one : other, direction === 'sent' ? other : one, direction, path);
        return comparison.found;
      });
      if (misfits.some((found) => found.length === 0)) continue;
      const closest = misfits.toSorted((a, b) => a.length - b.length)[0];
      if (narrow.length === wide.length && closest) this.found.push(...closest);
      else
        this.found.push(
          direction === 'sent' ? `${path}: an alternative is no longer accepted` : `${path}: an alternative is new`,
        );
    }
  }

  private plain(before: Schema, after: Schema, direction: Direction, path: string): void {
    const [narrow, wide] = direction === 'sent' ? [before, after] : [after, before];
    if (!fitsTypes(narrow, wide)) {
      this.found.push(`${path}: the type was ${typeText(before)} and is ${typeText(after)}`);
      return;
    }
    if (wide.format !== undefined && narrow.format !== wide.format)
      this.found.push(`${path}: the format was ${before.format ?? 'none'} and is ${after.format ?? 'none'}`);
    this.values(before, after, direction, path);
    this.members(before, after, direction, path);
  }

  private values(before: Schema, after: Schema, direction: Direction, path: string): void {
    const added = (after.enum ?? []).length > 0 && !before.enum;
    const lost = (before.enum ?? []).filter((value) => after.enum && !after.enum.includes(value) && value !== null);
    if (direction === 'answered') {
      if (before.enum && !after.enum) this.found.push(`${path}: any value instead of an enumeration`);
      return;
    }
    if (added) this.found.push(`${path}: an enumeration instead of any value`);
    if (lost.length > 0)
      this.found.push(`${path}: ${lost.map((value) => JSON.stringify(value)).join(', ')} is no longer accepted`);
    for (const [word, name, sign] of bounds) {
      const [was, is] = [before[word], after[word]];
      if (is !== undefined && (was === undefined || sign * (is - was) > 0))
        this.found.push(`${path}: the ${name} was ${was ?? 'not limited'} and is ${is}`);
    }
  }

  private members(before: Schema, after: Schema, direction: Direction, path: string): void {
    for (const [name, schema] of Object.entries(before.properties ?? {})) {
      const now = after.properties?.[name] ?? after.additionalProperties;
      if (now) this.schemas(schema, now, direction, `${path}.${name}`);
      else this.found.push(`${path}.${name} is gone`);
    }
    const [narrow, wide] = direction === 'sent' ? [before, after] : [after, before];
    for (const name of wide.required ?? []) {
      if (narrow.required?.includes(name) || (direction === 'answered' && !after.properties?.[name])) continue;
      this.found.push(direction === 'sent' ? `${path}.${name} is required` : `${path}.${name} may be absent`);
    }
    if (before.items && after.items) this.schemas(before.items, after.items, direction, `${path}[]`);
    if (before.additionalProperties && after.additionalProperties)
      this.schemas(before.additionalProperties, after.additionalProperties, direction, `${path}.*`);
    else if (before.additionalProperties) this.found.push(`${path} has fixed names`);
  }
}

/** A schema without reference; a single `allOf` is how OpenAPI 3.0 writes a reference that may be null. */
function resolved(schema: Schema, document: OpenApi): Schema {
  const strange = Object.keys(schema).filter((word) => !known.includes(word) && !silent.includes(word));
  if (strange.length > 0)
    throw new Error(`The rules for changes of OpenAPI documents do not know ${strange.join(', ')}.`);
  if (schema.$ref) return resolved(document.components.schemas[schema.$ref.split('/').at(-1)!]!, document);
  const [only, ...more] = schema.allOf ?? [];
  if (more.length > 0) throw new Error('The rules for changes of OpenAPI documents know allOf with one schema only.');
  return only ? { ...resolved(only, document), ...(schema.nullable && { nullable: true }) } : schema;
}

const alternatives = (schema: Schema): Schema[] =>
  schema.anyOf ? [...schema.anyOf, ...(schema.nullable ? [{ type: 'null' }] : [])] : [schema];

/** The types that a schema allows; undefined for any. */
function typesOf({ type, nullable }: Schema): Set<string> | undefined {
  return type === undefined ? undefined : new Set([...[type].flat(), ...(nullable ? ['null'] : [])]);
}

function fitsTypes(narrow: Schema, wide: Schema): boolean {
  const [few, many] = [typesOf(narrow), typesOf(wide)];
  if (!many) return true;
  return few !== undefined && [...few].every((type) => many.has(type) || (type === 'integer' && many.has('number')));
}

const typeText = (schema: Schema): string => [...(typesOf(schema) ?? ['any'])].join(' or ');
