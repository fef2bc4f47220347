import type { FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType } from 'graphql';
import type { Arguments, Embedded, Listed, Scope } from '../model/fields.js';
import type { Query, RowScope } from './query.js';
import { NotCompilable, type Selection } from './selection.js';

export type Field = GraphQLField<unknown, unknown>;

/** Gives a selected field of an object as SQL; what answers it depends on where the object comes from. */
export type FieldSql = (field: Field, nodes: readonly FieldNode[]) => string;

/** What the compilers of parts of a selection need from the compiler. */
export interface Parts {
  readonly selection: Selection;
  readonly query: Query;
  /** a select of a row's fields; without `from` the row is one of an outer select */
  rowSelect(type: GraphQLObjectType, nodes: readonly FieldNode[], row: RowScope, from?: string, rest?: string): string;
  /** a field of a row */
  rowField(type: GraphQLObjectType, field: Field, nodes: readonly FieldNode[], row: RowScope): string;
  /** objects that are no records, from the columns of a select */
  listed(type: GraphQLOutputType, target: GraphQLObjectType, nodes: readonly FieldNode[], listed: Listed): string;
  /** an object made of expressions */
  object(type: GraphQLObjectType, nodes: readonly FieldNode[], sql: FieldSql): string;
  /** a select list: each field under its response key, in the order of the selection */
  columns(type: GraphQLObjectType, fields: ReadonlyMap<string, FieldNode[]>, sql: FieldSql): Columns;
}

/** A select list in which what is selected several times is worked out once; `shown` then names everything that is shown. */
export interface Columns {
  readonly list: string;
  readonly shown?: string;
}

/** A select of columns; `rest` is what follows them. It is kept as a whole, so that PostgreSQL does not work out again what is shown twice. */
export const select = ({ list, shown }: Columns, rest = ''): string =>
  shown === undefined ? `select ${list}${rest}` : `select ${shown} from (select ${list}${rest} offset 0) "#once"`;

/** A select whose rows are turned into JSON objects. Their name must not be one that GraphQL allows: a column under an alias of that name would be meant instead. */
export const json = (select: string): string => `select row_to_json("#row") from (${select}) "#row"`;

/** Named selects before a select that reads them. */
export function sharing(selects: Record<string, string> | undefined, select: string): string {
  const named = Object.entries(selects ?? {}).map(([name, text]) => `${name} as materialized (${text})`);
  return named.length > 0 ? `with ${named.join(', ')} ${select}` : select;
}

/** The source of an object's fields, and the condition under which there is an object. */
export function origin(spec: Embedded, row: Scope, args: Arguments): string {
  const expression = spec.sharedValue?.(row, args);
  const present = spec.present(row, args);
  const from =
    expression === undefined
      ? ''
      : ` from ${isSelect(expression) ? `${expression} shared(value)` : `(select ${expression} as value${isColumn.test(expression) ? '' : ' offset 0'}) shared`}`;
  return `${from}${present === 'true' ? '' : ` where ${present}`}`;
}

/** A column (or null, where it is masked) may be read as often as it is named; PostgreSQL would work out anything else as often, if it were not kept from it by an offset. */
const isColumn = /^(\w+\."\w+"|null::[\w(),]+)$/;

/** Whether an expression is a select in parentheses, and nothing else. */
function isSelect(expression: string): boolean {
  if (!expression.startsWith('(select ')) return false;
  let depth = 0;
  for (const [sign] of expression.matchAll(/'[^']*'|"[^"]*"|[()]/g)) {
    if (depth === -1) return false;
    if (sign === '(') depth += 1;
    if (sign === ')') depth = depth === 1 ? -1 : depth - 1;
  }
  return expression.endsWith(')');
}

export const answeredByCode = (type: GraphQLObjectType, field: { name: string }): NotCompilable =>
  new NotCompilable(`${type.name}.${field.name} is answered by code`);
