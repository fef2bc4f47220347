import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { isPagePart, readSpec } from './declared.js';

/** What the schema takes of a list, and what it shows of its records. */
export interface ListTypes {
  filter: GraphQLInputType;
  orderBy: GraphQLInputType;
  /** name of the type of the records */
  record: string;
  /** names of the fields that can be columns */
  columns: ReadonlySet<string>;
}

const types = new Map<string, ListTypes>();
/** Every name that filters, orders and columns of these lists can use, as the schema has it: see `used`. */
let names: Readonly<Record<string, true>> = {};

export const typesOfList = (list: string): ListTypes => types.get(list)!;
export const namesInUse = (): Readonly<Record<string, true>> => names;

/** How the schema has what is used of it: fields of inputs with their types, values of enumerations, fields of records. */
export const used = {
  field: (type: string, { name, type: of }: { name: string; type: GraphQLInputType }): string =>
    `${type}.${name}:${String(of)}`,
  value: (type: string, value: string): string => `${type}.${value}`,
  column: (record: string, field: string): string => `${record}.${field}`,
};

/** A field of a record that is one value, or one object, and takes no argument that must be given. */
const isColumn = (field: GraphQLField<unknown, unknown>): boolean => {
  if (field.args.some(isRequiredArgument) || readSpec(field)?.kind === 'permission') return false;
  const named = getNamedType(field.type);
  const isList = isListType(getNullableType(field.type));
  return isLeafType(named) || (isObjectType(named) && !isList && !isPagePart(named));
};

/** Finds out what can be saved of lists, by the names of their root fields. To be called when the schema is made. */
export function attachLists(schema: GraphQLSchema, lists: readonly string[]): void {
  const queries = schema.getQueryType()!.getFields();
  const known: Record<string, true> = {};
  for (const list of lists) {
    const field = queries[list]!;
    const typeOf = (name: string): GraphQLInputType => field.args.find((arg) => arg.name === name)!.type;
    const connection = getNamedType(field.type) as GraphQLObjectType;
    const record = getNamedType(connection.getFields()['nodes']!.type) as GraphQLObjectType;
    const columns = Object.values(record.getFields())
      .filter(isColumn)
      .map(({ name }) => name);
    types.set(list, {
      filter: typeOf('filter'),
      orderBy: typeOf('orderBy'),
      record: record.name,
      columns: new Set(columns),
    });
    for (const name of columns) known[used.column(record.name, name)] = true;
    addNames(typeOf('filter'), known);
    addNames(typeOf('orderBy'), known);
  }
  names = known;
}

function addNames(type: GraphQLInputType, known: Record<string, true>): void {
  const named = getNamedType(type);
  if (isEnumType(named)) for (const { name } of named.getValues()) known[used.value(named.name, name)] = true;
  if (!isInputObjectType(named)) return;
  for (const field of Object.values(named.getFields())) {
    const name = used.field(named.name, field);
    if (known[name]) continue;
    known[name] = true;
    addNames(field.type, known);
  }
}
