import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLScalarType,
} from 'graphql';
import { DomainError, type Issue } from '../core/errors.js';
import { beyondBounds } from '../model/bounds.js';
import { Day, dayOfParsed } from '../model/scalars.js';
import { maxDepth } from './filter.js';
import { used } from './schema-names.js';
import { relativeDay, storedJson } from './relative-day.js';

/** A value as it is stored, null for none, and the names of the schema in it: where in it, and how the schema has it, with a blank between. */
export interface Described {
  json: string | null;
  uses: string[];
}

/**
 * Checks a text against a type of the schema: JSON as a variable of that type would take it, whose days may be relative.
 * Returns it in one form: fields in the order of the schema, without those that are null, a list where one is meant, defaults
 * filled in, and instants as the days in the time zone that they are. Refuses INVALID, TOO_LONG, OUT_OF_RANGE with the path inside.
 */
export function described(text: string, type: GraphQLInputType, root: string, zone: string): Described {
  const reading = new Reading(zone);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new DomainError([{ code: 'INVALID', field: [root], params: { reason: 'NOT_JSON' } }]);
  }
  const value = reading.read(given, type, [root], [root]);
  const beyond = beyondBounds(type, value).map((issue) => ({ ...issue, field: [root, ...(issue.field ?? [])] }));
  const issues = [...reading.issues, ...beyond];
  if (issues.length > 0) throw new DomainError(issues);
  return {
    json: value === undefined ? null : storedJson(value),
    uses: [...reading.uses].map(([place, name]) => `${place} ${name}`),
  };
}

/** How many mistakes are reported at once. */
const maxIssues = 20;

class Reading {
  readonly issues: Issue[] = [];
  /** by its place, without the places in lists, how the schema has what is used there */
  readonly uses = new Map<string, string>();

  constructor(private readonly zone: string) {}

  /** The value as it is stored; undefined where it is none. `names` is the path without places in lists. */
  read(value: unknown, type: GraphQLInputType, path: readonly string[], names: readonly string[]): unknown {
    if (value === null || value === undefined)
      return isNonNullType(type) ? this.refused(path, 'NOT_OF_TYPE', { type: String(type) }) : undefined;
    const of = getNullableType(type);
    if (isListType(of)) {
      const list: unknown[] = Array.isArray(value) ? value : [value];
      return list.map((item, index) => this.read(item, of.ofType, [...path, String(index)], names));
    }
    if (isInputObjectType(of)) return this.object(value, of, path, names);
    if (isEnumType(of)) {
      if (typeof value !== 'string' || !of.getValue(value)) return this.refused(path, 'NOT_OF_TYPE', { type: of.name });
      this.uses.set([...names, value].join('.'), used.value(of.name, value));
      return value;
    }
    return this.scalar(value, of, path);
  }

  private object(
    value: unknown,
    type: GraphQLInputObjectType,
    path: readonly string[],
    names: readonly string[],
  ): unknown {
    if (typeof value !== 'object' || Array.isArray(value))
      return this.refused(path, 'NOT_OF_TYPE', { type: type.name });
    if (names.length > maxDepth + 1) return this.refused(path, 'TOO_DEEP', { max: maxDepth });
    const fields = type.getFields();
    const given = new Map(Object.entries(value as object));
    for (const name of given.keys()) if (!Object.hasOwn(fields, name)) this.refused([...path, name], 'UNKNOWN_NAME');
    const read: Record<string, unknown> = {};
    for (const field of Object.values(fields)) {
      const inner: unknown = given.get(field.name) ?? field.defaultValue;
      const place = [...names, field.name];
      const found = this.read(inner, field.type, [...path, field.name], place);
      if (inner === undefined || inner === null) continue;
      read[field.name] = found;
      this.uses.set(place.join('.'), used.field(type.name, field));
    }
    if (type.isOneOf && Object.keys(read).length !== 1) this.refused(path, 'NOT_OF_TYPE', { type: type.name });
    return read;
  }

  private scalar(value: unknown, type: GraphQLScalarType, path: readonly string[]): unknown {
    try {
      if (type.name !== Day.name) return type.parseValue(value);
      const relative = typeof value === 'string' ? relativeDay(value) : undefined;
      const day = relative ?? dayOfParsed(Day.parseValue(value), this.zone);
      if (day !== undefined) return day;
    } catch {
      // said below
    }
    return this.refused(path, 'NOT_OF_TYPE', { type: type.name });
  }

  private refused(path: readonly string[], reason: string, params: Record<string, string | number> = {}): undefined {
    if (this.issues.length < maxIssues)
      this.issues.push({ code: 'INVALID', field: [...path], params: { reason, ...params } });
    return undefined;
  }
}
