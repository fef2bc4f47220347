import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { isStorable } from '../../../src/core/utf8.js';
import { DomainError } from '../../../src/core/errors.js';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { type Problem, problemsOf, refuse, Refused } from '../errors.js';
import type { Target } from '../plan/plan.js';
import { itemType } from '../plan/targets.js';
import type { Call } from '../types.js';
import { itemWireName, wireName } from './field-names.js';

type Bag = Record<string, unknown>;

/** The variables that a request fills. Throws Refused with every field that is missing or cannot be converted. */
export function variablesOf(targets: readonly Target[], call: Call): Bag {
  const variables: Bag = {};
  const problems: Problem[] = [];
  for (const one of targets) fill(one, valueIn(call, one), variables, call, one.wire, problems);
  if (problems.length > 0) throw new Refused(problems);
  return variables;
}

function valueIn({ request }: Call, { source, wire }: Target): unknown {
  switch (source) {
    case 'path':
      return request.params[wire];
    case 'query':
      return sent(request.query[wire]);
    case 'headers':
      return sent([request.headers[wire] ?? []].flat().filter((text) => text.trim() !== ''));
    case 'body':
      return own(request.body, wire);
  }
}

/** A parameter without a value counts as not sent. */
const sent = (values: string[] | undefined): string[] | undefined => (values && values.length > 0 ? values : undefined);

const own = (value: unknown, name: string): unknown =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? (value as Bag)[name] : undefined;

function fill(one: Target, given: unknown, into: Bag, call: Call, name: string, problems: Problem[]): void {
  const value = given === undefined ? assumed(one, call) : given;
  if (value === undefined) {
    if (one.required) missing(name, problems);
    return;
  }
  try {
    const converted = one.fields ? nested(one, value, call, name, problems) : converting(one, value, call);
    if (one.required && (converted ?? null) === null) missing(name, problems);
    else if (converted !== undefined) put(into, converted === null ? (one.partOf ?? one.path) : one.path, converted);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    problems.push(
      ...problemsOf(error).map((problem) =>
        problem.code === 'FORBIDDEN' ? problem : { ...problem, field: problem.field ?? name },
      ),
    );
  }
}

/** Reported once per field, however many places it fills. */
function missing(field: string, problems: Problem[]): void {
  if (!problems.some((problem) => problem.code === 'REQUIRED' && problem.field === field))
    problems.push({ code: 'REQUIRED', field });
}

const assumed = ({ unset }: Target, call: Call): unknown =>
  typeof unset === 'function' ? (unset as (call: Call) => unknown)(call) : unset;

function nested(one: Target, value: unknown, call: Call, name: string, problems: Problem[]): unknown {
  if (value === null) return null;
  const { fields, type } = one;
  const item = (part: unknown, place: string): Bag => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) throw refuse('INVALID', [place]);
    const into: Bag = {};
    for (const field of fields!) fill(field, own(part, field.wire), into, call, `${place}.${field.wire}`, problems);
    return into;
  };
  if (!isListType(getNullableType(type))) return item(value, name);
  if (!Array.isArray(value)) throw refuse('INVALID', [name]);
  checkCount(one, value, name);
  return value.map((part, index) => item(part, `${name}.${index}`));
}

const checkCount = ({ maxItems }: Target, items: readonly unknown[], name: string): void => {
  if (maxItems !== undefined && items.length > maxItems)
    throw refuse('OUT_OF_RANGE', [name], { min: 1, max: maxItems });
};

/** The items of a batch as they were sent. Throws Refused if there are none or too many. */
export function itemsSent(list: Target, call: Call): unknown[] {
  const sent = own(call.request.body, list.wire);
  if (sent === undefined || sent === null || (Array.isArray(sent) && sent.length === 0))
    throw new Refused([{ code: 'REQUIRED', field: list.wire }]);
  if (!Array.isArray(sent)) throw new Refused([{ code: 'INVALID', field: list.wire }]);
  checkCount(list, sent, list.wire);
  return sent;
}

/** One item of a batch as the operation takes it. Throws Refused with everything that is wrong with it, fields named from the item on. */
export function itemValue(client: InProcessClient, list: Target, item: unknown, call: Call): unknown {
  const type = itemType(list.type, list.wire);
  const problems: Problem[] = [];
  const holder: Bag = {};
  const target: Target = { ...list, path: ['item'], type, wire: '' };
  if (list.fields && (item === null || typeof item !== 'object' || Array.isArray(item)))
    throw new Refused([{ code: 'INVALID' }]);
  if (list.fields) {
    const value: Bag = (holder['item'] = requiredInputs(list.fields, type));
    for (const field of list.fields) fill(field, own(item, field.wire), value, call, field.wire, problems);
  } else fill(target, item, holder, call, '', problems);
  if (problems.length === 0) {
    const coerced: unknown = coerceInputValue(holder['item'], type, (path, invalid, error) => {
      const { code, field } = mistake(path, invalid, error);
      problems.push({ code, field: itemWireName(list, field) });
    });
    if (problems.length === 0)
      for (const { field = [], ...issue } of client.wrongIn(type, coerced, call.ctx))
        problems.push({ ...issue, field: itemWireName(list, field) });
  }
  if (problems.length > 0)
    throw new Refused(problems.map((problem) => ({ ...problem, field: problem.field || list.wire })));
  return holder['item'];
}

/** What GraphQL finds wrong with a value, and where: of an object that lacks a field, in that field. */
function mistake(
  path: ReadonlyArray<string | number>,
  invalid: unknown,
  { message }: Error,
): { code: 'REQUIRED' | 'INVALID'; field: string[] } {
  const field = path.map(String);
  const missing = /^Field "(\w+)" of required type .* was not provided/.exec(message)?.[1];
  if (missing) return { code: 'REQUIRED', field: [...field, missing] };
  return { code: invalid === null ? 'REQUIRED' : 'INVALID', field };
}

/** An item with the inputs in it that it must have, so that what is missing in them is reported, not they. */
function requiredInputs(fields: readonly Target[], type: GraphQLInputType): Bag {
  const inputs = isInputObjectType(getNullableType(type))
    ? (getNullableType(type) as GraphQLInputObjectType).getFields()
    : {};
  const names = fields.filter(({ path }) => path.length > 1).map(({ path }) => path[0]!);
  return Object.fromEntries(names.filter((name) => isNonNullType(inputs[name]?.type)).map((name) => [name, {}]));
}

function converting({ source, converter, type }: Target, value: unknown, call: Call): unknown {
  const isText = source !== 'body';
  if (isListType(getNullableType(type))) {
    const items =
      isText || typeof value === 'string'
        ? [value]
            .flat()
            .flatMap((text) => String(text).split(','))
            .map((text) => text.trim())
            .filter(Boolean)
        : value;
    if (!Array.isArray(items)) return items;
    const values = items
      .flatMap((item) => converter.every?.(item, call) ?? [converter.in(item, call)])
      .map((item) => coerced(item, type));
    return values.length === 0 && items.length > 0 ? undefined : values;
  }
  return coerced(converter.in(isText && Array.isArray(value) ? value.at(-1) : value, call), type);
}

/** Text as the number or boolean that the schema expects; everything else unchanged, to be checked by GraphQL. */
function coerced(value: unknown, type: GraphQLInputType): unknown {
  if (typeof value !== 'string') return value;
  if (!isStorable(value)) throw refuse('INVALID');
  const { name } = getNamedType(type);
  if (name === 'Int' || name === 'Float') return /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  if (name === 'Boolean')
    return (
      ({ true: true, '1': true, false: false, '0': false } as Record<string, boolean>)[value.toLowerCase()] ?? value
    );
  return value;
}

/** Puts a value at a path, creating the objects along it. */
export function put(into: Bag, path: string[], value: unknown): void {
  let at = into;
  for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Bag;
  at[path.at(-1)!] = value;
}

/** Has GraphQL check the variables before the operation runs; throws Refused naming the fields as the client knows them. */
export function checkVariables(
  client: InProcessClient,
  variables: Bag,
  types: ReadonlyMap<string, GraphQLInputType>,
  targets: readonly Target[],
  { ctx }: Call,
): void {
  const problems: Problem[] = [];
  const wrong = (code: 'REQUIRED' | 'INVALID', name: string, path: readonly string[]): void =>
    void problems.push({ code, field: wireName(targets, [name, ...path]) });
  for (const [name, type] of types) {
    const value = variables[name];
    if (value === undefined) {
      if (isNonNullType(type)) wrong('REQUIRED', name, []);
      continue;
    }
    const before = problems.length;
    const coerced: unknown = coerceInputValue(value, type, (path, invalid, error) => {
      const { code, field } = mistake(path, invalid, error);
      wrong(code, name, field);
    });
    if (problems.length === before)
      for (const { field = [], ...issue } of client.wrongIn(type, coerced, ctx))
        problems.push({ ...issue, field: wireName(targets, [name, ...field]) });
  }
  if (problems.length > 0) throw new Refused(problems);
}
