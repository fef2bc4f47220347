import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import { entityNamed } from '../model/model.js';
import { readSpec } from '../read/declared.js';
import { defaultPageSize } from '../read/list.js';
import { weights } from './weights.js';

export type Variables = Readonly<Record<string, unknown>>;
/** A number that may depend on the variables of a request. */
export type Amount = number | ((variables: Variables) => number);

/** A field of an operation with what it costs. */
export interface Part {
  /** key in the answer */
  readonly key: string;
  /** points for the field itself, once for each object that it is asked of */
  readonly weight: Amount;
  /** how many objects there are below it at most, where it is a page or another list */
  readonly size?: Amount;
  /** the size is that of the page which the list is part of, and was counted there */
  readonly ofPage?: boolean;
  readonly below: readonly Part[];
}

/** What every object of a list costs beside what is asked of it. */
export const rowWeight = 0.5;

/**
 * Points of fields that no measurement is needed for, by kind. One point is about 10 µs of PostgreSQL's time. `computed`
 * is for fields that are to be measured and have not been yet: much, so that nobody forgets.
 */
export const weightsByKind = {
  /** a column of a record, or a value of an object that has been worked out */
  leaf: 0.1,
  /** an object that has been worked out, or an amount */
  object: 0.3,
  /** another record that the record names */
  reference: 1,
  permission: 2,
  caller: 1,
  mutation: 500,
  subscription: 10,
  computed: 1_000,
} as const;

export type FieldKind = keyof typeof weightsByKind;

/** The kind of a field that decides what it costs where it has no measured weight. */
export function kindOf(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
): FieldKind {
  if (type === schema.getMutationType()) return 'mutation';
  if (type === schema.getSubscriptionType()) return 'subscription';
  const spec = readSpec(field);
  if (spec?.kind === 'permission') return spec.refusal ? 'computed' : spec.kind;
  if (spec?.kind === 'caller') return spec.kind;
  if (spec?.kind === 'embed' && spec.light) return 'object';
  if (spec || type === schema.getQueryType() || isPage(field)) return 'computed';
  const target = getNamedType(field.type);
  if (isLeafType(target)) return 'leaf';
  if (/(Connection|Edge)$/.test(type.name)) return 'object';
  return entityNamed(target.name) ? 'reference' : 'object';
}

/** Whether a field has pages: how many rows of it are read is the caller's choice. */
export const isPage = (field: GraphQLField<unknown, unknown>): boolean =>
  field.args.some(({ name }) => name === 'first') && isObjectType(getNamedType(field.type));

/** What a list costs where it has to look at all of its rows, because it is filtered or ordered. */
const scanned = ['filter', 'orderBy'];

/** How many objects a list has that has no pages, while nobody has counted. */
const defaultLength = 10;

/** The page, or the change of many records, that a field is part of: the name of its weight, and how many objects it has. */
export interface Within {
  readonly name: string;
  readonly size: Amount;
}

/** What is below a field is part of, if it is a page or a change of many records. */
export function withinOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  node: FieldNode,
  type: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
): Within | undefined {
  const { size } = partOf(schema, operation, node, type, field, [], undefined);
  return size === undefined || isListType(getNullableType(field.type))
    ? undefined
    : { name: weightName(type, field, undefined), size };
}

/** One field of an operation; `below` are those selected of it. */
export function partOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  node: FieldNode,
  type: GraphQLCompositeType,
  field: GraphQLField<unknown, unknown>,
  below: readonly Part[],
  within: Within | undefined,
): Part {
  const key = node.alias?.value ?? node.name.value;
  const name = weightName(type, field, within?.name);
  const own = weights[name] ?? weightsByKind[kindOf(schema, type, field)];
  const value = (argument: string): ValueNode | undefined =>
    node.arguments?.find((one) => one.name.value === argument)?.value;
  const scan = weights[`${name}.scan`];
  const given = scanned.flatMap((argument) => value(argument) ?? []);
  const weight: Amount =
    scan === undefined || given.length === 0
      ? own
      : (variables) => own + (given.some((one) => isGiven(operation, one, variables)) ? scan : 0);
  if (isPage(field)) return { key, weight, size: pageSize(operation, field, value), below };
  if (!isListType(getNullableType(field.type)) || !isCompositeType(getNamedType(field.type))) {
    const bulk = type === schema.getMutationType() ? bulkSize(operation, field, value) : undefined;
    return bulk === undefined
      ? { key, weight, below }
      : { key, weight: product(product(weight, itemShare), bulk), size: bulk, below };
  }
  if (within && field.name !== 'sums') return { key, weight, size: within.size, ofPage: true, below };
  return { key, weight, size: weights[`${name}.items`] ?? defaultLength, ofPage: true, below };
}

/** What an item of a bulk weighs of what a single change does: it is one of at most 5,000, in statements for all of them. */
const itemShare = 0.1;

/** The name of a field's weight; what is asked of a page is named after the field whose page it is, and reports after their queries. */
export const weightName = (type: { name: string }, field: { name: string }, page: string | undefined): string =>
  `${page ?? (type.name === 'ReportSet' ? 'Query' : type.name)}.${field.name}`;

/** How many rows a page can have. */
function pageSize(
  operation: OperationDefinitionNode,
  field: GraphQLField<unknown, unknown>,
  value: (argument: string) => ValueNode | undefined,
): Amount {
  const unset = field.args.find(({ name }) => name === 'first')?.defaultValue;
  const fallback = typeof unset === 'number' ? unset : defaultPageSize;
  const [first, last] = [integer(operation, value('first')), integer(operation, value('last'))];
  if (typeof first !== 'function' && typeof last !== 'function') return Math.max(0, last ?? first ?? fallback);
  const at = (amount: typeof first, variables: Variables): number | undefined =>
    typeof amount === 'function' ? amount(variables) : amount;
  return (variables) => Math.max(0, at(last, variables) ?? at(first, variables) ?? fallback);
}

type Integer = number | undefined | ((variables: Variables) => number | undefined);

function integer(operation: OperationDefinitionNode, value: ValueNode | undefined): Integer {
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const unset = integer(operation, defaultOf(operation, value.name.value));
  return (variables) => {
    const found = variables[value.name.value];
    if (found === undefined) return typeof unset === 'number' ? unset : undefined;
    return typeof found === 'number' ? found : undefined;
  };
}

const defaultOf = ({ variableDefinitions = [] }: OperationDefinitionNode, name: string): ValueNode | undefined =>
  variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;

function isGiven(operation: OperationDefinitionNode, value: ValueNode, variables: Variables): boolean {
  if (value.kind !== Kind.VARIABLE)
    return value.kind !== Kind.NULL && !(value.kind === Kind.OBJECT && value.fields.length === 0);
  const found = variables[value.name.value];
  if (found !== undefined) return found !== null;
  const unset = defaultOf(operation, value.name.value);
  return unset !== undefined && isGiven(operation, unset, {});
}

/** How many records a change of many is about: the length of the longest list that it is given. */
function bulkSize(
  operation: OperationDefinitionNode,
  field: GraphQLField<unknown, unknown>,
  value: (argument: string) => ValueNode | undefined,
): Amount | undefined {
  const lists = field.args.filter(({ type }) => isListType(getNullableType(type)));
  if (lists.length === 0) return undefined;
  return (variables) => Math.max(1, ...lists.map(({ name }) => lengthOf(operation, value(name), variables)));
}

function lengthOf(operation: OperationDefinitionNode, value: ValueNode | undefined, variables: Variables): number {
  if (value?.kind === Kind.LIST) return value.values.length;
  if (value?.kind !== Kind.VARIABLE) return 1;
  const found = variables[value.name.value];
  if (found === undefined) return lengthOf(operation, defaultOf(operation, value.name.value), {});
  return Array.isArray(found) ? found.length : 1;
}

const at = (amount: Amount, variables: Variables): number => (typeof amount === 'number' ? amount : amount(variables));

const product =
  (one: Amount, other: Amount): Amount =>
  (variables) =>
    at(one, variables) * at(other, variables);

/** Maximum number of rows of the pages of an operation, nested pages multiplied. */
export function rowsOf(parts: readonly Part[], variables: Variables): number {
  let sum = 0;
  for (const { size, ofPage, below } of parts) {
    const inner = rowsOf(below, variables);
    sum += size === undefined || ofPage ? inner : at(size, variables) * (1 + inner);
  }
  return sum;
}

/** What an operation can cost at most, in points. */
export function requestedCost(parts: readonly Part[], variables: Variables): number {
  let sum = 0;
  for (const { weight, size, ofPage, below } of parts) {
    const inner = requestedCost(below, variables);
    sum += at(weight, variables) + (ofPage ? at(size!, variables) * (rowWeight + inner) : inner);
  }
  return sum;
}

/** What an operation did cost, by what its answer holds. */
export function actualCost(parts: readonly Part[], variables: Variables, answer: unknown): number {
  if (Array.isArray(answer))
    return (answer as unknown[]).reduce<number>((sum, one) => sum + rowWeight + actualCost(parts, variables, one), 0);
  if (typeof answer !== 'object' || answer === null) return 0;
  let sum = 0;
  for (const { key, weight, below } of parts) {
    const found = (answer as Record<string, unknown>)[key];
    if (found === undefined) continue;
    sum += at(weight, variables) + (below.length > 0 ? actualCost(below, variables, found) : 0);
  }
  return sum;
}

/** Costs are given in whole points. */
export const wholePoints = (cost: number): number => Math.ceil(cost - 1e-6);

export const fieldsOf = (type: unknown): Readonly<Record<string, GraphQLField<unknown, unknown>>> =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
