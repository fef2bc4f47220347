import {
  getNamedType,
  getNullableType,
  isListType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { Context } from '../core/context.js';
import type { Row as Answer, Statement } from '../core/database.js';
import { noArguments, type Arguments, type Embedded, type Listed, type ReadSpec, type Scope } from '../model/fields.js';
import { wireForm } from '../model/model.js';
import { ask, readSpec } from './declared.js';
import { leaf } from './leaf.js';
import { origin, sharing } from './parts.js';
import { refusalColumn } from './permissions.js';
import { Query, type RowScope } from './query.js';
import { checkReferences } from './references.js';

/** A row as the plain executor reads it: every column that the graph shows, the light objects, and what the caller may do. */
export type Row = Record<string, unknown> & { id: string; __typename: string; __cursor?: string };

/** Part of every row: cheap enough to be fetched whether asked for or not. */
export const light = (spec: ReadSpec): boolean => spec.kind === 'embed' && spec.light === true;

/** A query with the rights of the caller. */
export const plainQuery = (ctx: Context): Query => new Query(ctx.rights);

/** The statement of a query that is complete. */
export function statementOf(ctx: Context, query: Query, text: string): Statement {
  const { text: complete, sources } = query.complete(text);
  return { text: complete, values: sources.map((source) => source({ ctx, variables: {} })), purpose: query.purpose };
}

/** What a query finds. Refuses UNKNOWN_REFERENCE where a filter in it names what is not there. */
export async function askFor(ctx: Context, query: Query, text: string): Promise<Answer[]> {
  await checkReferences(ctx, query, (check) => ask(ctx, statementOf(ctx, query, check)));
  return ask(ctx, statementOf(ctx, query, text));
}

/** The select list of a row: every column that the graph shows, in wire form and masked, and the light objects. */
export function rowColumns(schema: GraphQLSchema, row: RowScope): string {
  const type = schema.getType(row.model.name) as GraphQLObjectType;
  const list = [`'${type.name}' as "__typename"`];
  if (row.asOf !== undefined) list.push(`(${row.asOf})::text as "__asOf"`);
  for (const field of Object.values(type.getFields())) {
    const spec = readSpec(field);
    const column = row.model.fields.get(field.name);
    if (spec && light(spec))
      list.push(`${embedJson(field.type, spec as Embedded & ReadSpec, row, noArguments)} as "${field.name}"`);
    else if (spec?.kind === 'permission' && !spec.refusal) list.push(`${refusalColumn(row, spec)} as "${field.name}"`);
    else if (spec?.kind === 'any')
      list.push(`json_build_object('type', ${spec.type(row)}, 'id', ${spec.id(row)}) as "${field.name}"`);
    else if (!spec && column)
      list.push(
        `${column.refersTo ? row.col(field.name) : wireForm(row.shown(field.name), column.sqlType)} as "${field.name}"`,
      );
  }
  return list.join(', ');
}

export function embedJson(type: GraphQLOutputType, spec: Embedded, row: Scope, args: Arguments): string {
  const fields = (getNamedType(type) as GraphQLObjectType).getFields();
  const entries = Object.entries(spec.fields(row, args)).map(
    ([name, part]) => `'${name}', ${fieldJson(fields[name]!.type, part, row, args)}`,
  );
  return `(${sharing(spec.shared?.(row, args), `select json_build_object(${entries.join(', ')})${origin(spec, row, args)}`)})`;
}

export function fieldJson(
  type: GraphQLOutputType,
  part: string | Embedded | Listed,
  row: Scope,
  args: Arguments,
): string {
  if (typeof part === 'string') return leaf(type, part);
  if (!('select' in part)) return embedJson(type, part, row, args);
  return isListType(getNullableType(type))
    ? `(select coalesce(json_agg(row_to_json(l)), '[]') from (${part.select}) l)`
    : `(select row_to_json(l) from (${part.select}) l)`;
}
