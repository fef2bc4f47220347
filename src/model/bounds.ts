import {
  getNamedType,
  getNullableType,
  GraphQLID,
  GraphQLString,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import type { Issue } from '../core/errors.js';

/** How many characters a text may have that a caller sends, by what it is for. Texts of columns have bounds of their own below. */
export const textBounds = {
  /** what names a record */
  id: 100,
  /** what is looked for: its cost grows with its length */
  sought: 200,
  /** a place in a list, made by the server from the values of a row */
  cursor: 8_000,
  /** an address, with what it asks for */
  address: 8_000,
  /** a code of three letters, with room for what is wrong about it */
  currency: 20,
  /** what is stored, or goes with a change: as much as the largest column takes */
  stored: 20_000,
} as const;

/** How many items a list may have that a caller sends. */
export const maxItems = 5_000;

type Part = GraphQLArgument | GraphQLInputField;
type Check = (value: unknown, path: readonly string[], issues: Issue[]) => void;

const bounds = new WeakMap<Part, number>();

/** Sets the bound of every text among arguments and inputs. To be called when the schema is made. */
export function attachBounds(schema: GraphQLSchema): void {
  const changes = schema.getMutationType();
  const written = inputsOf(Object.values(changes?.getFields() ?? {}).flatMap(({ args }) => args));
  for (const type of Object.values(schema.getTypeMap())) {
    const inputs = isInputObjectType(type)
      ? Object.values(type.getFields())
      : isObjectType(type)
        ? Object.values(type.getFields()).flatMap(({ args }) => args)
        : [];
    for (const part of inputs) {
      const isSought = isInputObjectType(type) ? type.name.endsWith('Filter') || !written.has(type) : type !== changes;
      const bound = boundOf(part, isSought);
      if (bound !== undefined) bounds.set(part, bound);
    }
  }
}

/** The inputs that arguments take, and those within them. */
function inputsOf(parts: readonly Part[], found = new Set<GraphQLNamedType>()): ReadonlySet<GraphQLNamedType> {
  for (const { type } of parts) {
    const input = getNamedType(type);
    if (!isInputObjectType(input) || found.has(input)) continue;
    found.add(input);
    inputsOf(Object.values(input.getFields()), found);
  }
  return found;
}

/** How many characters a text may have that is sent for an argument or a field of an input; undefined for what is no text. */
export const maxLengthOf = (part: Part): number | undefined => bounds.get(part);

/** The bound of a text by its name and type, and by whether something is looked for with it; undefined for what is no text. */
function boundOf({ name, type }: Part, isSought: boolean): number | undefined {
  const named = getNamedType(type);
  if (named === GraphQLID) return textBounds.id;
  if (named !== GraphQLString) return undefined;
  if (name === 'after' || name === 'before') return textBounds.cursor;
  if (name === 'path') return textBounds.address;
  if (name === 'currency') return textBounds.currency;
  return isSought ? textBounds.sought : textBounds.stored;
}

/** What lies beyond its bound among the coerced arguments of a field: TOO_LONG and OUT_OF_RANGE. */
export function argumentsBeyond(args: readonly GraphQLArgument[], given: object): Issue[] {
  const issues: Issue[] = [];
  checkOf(args)?.(given, [], issues);
  return issues;
}

const ofArguments = new WeakMap<readonly GraphQLArgument[], Check | null>();

function checkOf(args: readonly GraphQLArgument[]): Check | null {
  if (!ofArguments.has(args)) ofArguments.set(args, ofParts(args));
  return ofArguments.get(args)!;
}

function ofParts(parts: readonly Part[]): Check | null {
  const checks = parts.flatMap((part) => {
    const check = ofPart(part);
    return check ? [[part.name, check] as const] : [];
  });
  if (checks.length === 0) return null;
  return (value, path, issues) => {
    if (value === null || typeof value !== 'object') return;
    for (const [name, check] of checks) {
      const inner = (value as Record<string, unknown>)[name];
      if (inner !== undefined && inner !== null) check(inner, [...path, name], issues);
    }
  };
}

function ofPart(part: Part): Check | null {
  const bound = bounds.get(part);
  const one = bound === undefined ? ofInput(getNamedType(part.type)) : ofText(bound);
  return isListType(getNullableType(part.type)) ? ofList(part.type, one) : one;
}

const known = new WeakMap<GraphQLNamedType, Check | null>();

function ofInput(type: GraphQLNamedType): Check | null {
  if (!isInputObjectType(type)) return null;
  if (!known.has(type)) {
    // an input that contains itself is asked for again while it is looked through
    known.set(type, (...given) => known.get(type)?.(...given));
    known.set(type, ofParts(Object.values(type.getFields())));
  }
  return known.get(type)!;
}

const ofText =
  (max: number): Check =>
  (value, path, issues) => {
    if (typeof value === 'string' && value.length > max && [...value].length > max)
      issues.push({ code: 'TOO_LONG', field: [...path], params: { max } });
  };

const ofList =
  (type: GraphQLInputType, one: Check | null): Check =>
  (value, path, issues) => {
    if (!Array.isArray(value)) return one?.(value, path, issues);
    if (value.length > maxItems)
      return void issues.push({
        code: 'OUT_OF_RANGE',
        field: [...path],
        params: { min: isNonNullType(type) ? 1 : 0, max: maxItems },
      });
    if (one) value.forEach((item, index) => one(item, [...path, String(index)], issues));
  };

/** What lies beyond its bound within a coerced value of that type; paths begin at the value. */
export function beyondBounds(type: GraphQLInputType, value: unknown): Issue[] {
  const issues: Issue[] = [];
  const one = ofInput(getNamedType(type));
  if (value !== null && value !== undefined)
    (isListType(getNullableType(type)) ? ofList(type, one) : one)?.(value, [], issues);
  return issues;
}
