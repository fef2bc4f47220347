import { getNamedType, isEnumType, type GraphQLEnumType, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { Locale } from '../src/core/errors.js';
import { fieldLabel, flagLabel, valueLabel, type Label } from '../src/core/labels.js';
import type { Column } from './engine/files/xlsx.js';
import type { Exported } from './exported.js';

/** A column of a file, as the graph knows the field at its path. */
export interface ExportColumn {
  path: string;
  label: Label;
  type?: Column['type'];
  /** what a value is called, where values have names */
  nameOf?: (value: unknown, locale: Locale) => string;
}

/** Objects that are called as the field is in which they stand, by the field of theirs that says what they are. */
const calledAsTheirField: Readonly<Record<string, string>> = { Money: 'amount', User: 'name' };

const typeOf: Readonly<Record<string, Column['type']>> = {
  Date: 'day',
  DateTime: 'instant',
  Decimal: 'number',
  Int: 'number',
  Percent: 'number',
};

function columnAt(schema: GraphQLSchema, record: string, path: string): ExportColumn {
  let type = schema.getType(record) as GraphQLObjectType;
  let [owner, called] = [record, ''];
  for (const name of path.split('.')) {
    if (calledAsTheirField[type.name] !== name) [owner, called] = [type.name, name];
    const next = getNamedType(type.getFields()[name]!.type);
    if ('getFields' in next) {
      type = next as GraphQLObjectType;
      continue;
    }
    const label = fieldLabel(called, owner)!;
    const form = type.name === 'Money' && name === 'amount' ? 'amount' : typeOf[next.name];
    return { path, label, ...(form && { type: form }), ...named(next as GraphQLEnumType) };
  }
  throw new Error(`${path} of ${record} is no value.`);
}

function named(type: GraphQLEnumType): Pick<ExportColumn, 'nameOf'> {
  if (isEnumType(type)) return { nameOf: (value, locale) => valueLabel(type.name, String(value))![locale] };
  return (type as { name: string }).name === 'Boolean'
    ? { nameOf: (value, locale) => flagLabel(value === true)[locale] }
    : {};
}

/** The columns of a list: those that it names, and then what else its records have `exported` by their decorators. */
export function exportColumns(schema: GraphQLSchema, { type, columns }: Exported): ExportColumn[] {
  const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields());
  const more = fields.filter(({ extensions }) => extensions['exported']).map(({ name }) => name);
  return [...new Set([...columns, ...more])].map((path) => columnAt(schema, type, path));
}

interface Tree {
  [field: string]: Tree;
}

const written = (tree: Tree): string =>
  Object.entries(tree)
    .map(([field, below]) => (Object.keys(below).length > 0 ? `${field} { ${written(below)} }` : field))
    .join(' ');

/** The selection of the graph that reads the fields at these paths. */
export function selectionOf(paths: readonly string[]): string {
  const tree: Tree = {};
  for (const path of paths) path.split('.').reduce((below, field) => (below[field] ??= {}), tree);
  return written(tree);
}
