import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
} from 'graphql';
import { DomainError, type Issue } from '../core/errors.js';
import { argumentsBeyond, beyondBounds } from './bounds.js';
import { DateTime, Day, dayOfParsed, instantIn } from './scalars.js';

/**
 * Days and instants among what callers send. An instant sent for a day means the day in the tenant's time zone; a time
 * without a zone is one on the tenant's clocks. The scalars are read before the tenant is known, and leave both as they
 * are; here they become days and instants, where arguments are taken in a tenant's name.
 */
type InZone = (value: unknown, zone: string, path: readonly string[], issues: Issue[]) => unknown;

function scalar(read: (parsed: string, zone: string) => string | undefined): InZone {
  return (value, zone, path, issues) => {
    const settled = typeof value === 'string' ? read(value, zone) : value;
    if (settled === undefined) issues.push({ code: 'INVALID', field: [...path] });
    return settled;
  };
}

const known = new WeakMap<GraphQLNamedType, InZone | null>([
  [Day, scalar(dayOfParsed)],
  [DateTime, scalar(instantIn)],
]);

/** What makes the values of a type independent of a zone; null where there is neither day nor instant in them. */
function ofType(type: GraphQLInputType): InZone | null {
  const named = getNamedType(type);
  if (!known.has(named)) {
    // an input that contains itself is asked for again while it is looked through
    known.set(named, (value, ...more) => known.get(named)?.(value, ...more) ?? value);
    known.set(named, isInputObjectType(named) ? ofFields(Object.values(named.getFields())) : null);
  }
  const one = known.get(named) ?? null;
  return one && isListType(getNullableType(type)) ? each(one) : one;
}

const each =
  (one: InZone): InZone =>
  (value, zone, path, issues) => {
    if (!Array.isArray(value)) return one(value, zone, path, issues);
    const settled = value.map((item, index): unknown => one(item, zone, [...path, String(index)], issues));
    return settled.every((item, index) => item === value[index]) ? value : settled;
  };

/** An object with such fields, which stays the same object where nothing in it depends on the zone. */
function ofFields(fields: ReadonlyArray<{ name: string; type: GraphQLInputType }>): InZone | null {
  const parts = fields.flatMap(({ name, type }) => {
    const part = ofType(type);
    return part ? [[name, part] as const] : [];
  });
  if (parts.length === 0) return null;
  return (value, zone, path, issues) => {
    if (value === null || typeof value !== 'object') return value;
    let settled = value as Record<string, unknown>;
    for (const [name, part] of parts) {
      const before = settled[name];
      if (before === null || before === undefined) continue;
      const after = part(before, zone, [...path, name], issues);
      if (after !== before) settled = { ...settled, [name]: after };
    }
    return settled;
  };
}

const ofArguments = new WeakMap<readonly GraphQLArgument[], InZone | null>();

function settling(args: readonly GraphQLArgument[]): InZone | null {
  if (!ofArguments.has(args)) ofArguments.set(args, ofFields(args));
  return ofArguments.get(args)!;
}

/**
 * The coerced arguments of a field, as they are meant in a time zone. Refuses TOO_LONG and OUT_OF_RANGE what is larger than
 * its purpose asks for, INVALID what lies outside the years 1 to 9999 there.
 */
export function inZone<T extends object>({ args }: { args: readonly GraphQLArgument[] }, given: T, zone: string): T {
  const issues = argumentsBeyond(args, given);
  const settled = settling(args)?.(given, zone, [], issues) ?? given;
  if (issues.length > 0) throw new DomainError(issues);
  return settled as T;
}

/** What is wrong within a coerced value as `inZone` says it; paths begin at the value. */
export function wrongInZone(type: GraphQLInputType, value: unknown, zone: string): Issue[] {
  const issues = beyondBounds(type, value);
  if (value !== null && value !== undefined) ofType(type)?.(value, zone, [], issues);
  return issues;
}
