import { getNamedType, isObjectType, type FieldNode, type GraphQLObjectType } from 'graphql';
import { guarded } from './leaf.js';
import { listOf, type ListSpec } from './list.js';
import { checkPageArgs, page, pageRows, type Owner, type Page, type PageArgs } from './page.js';
import { sumsSelect } from './sums.js';
import { answeredByCode, json, select, type Columns, type Field, type Parts } from './parts.js';

/** A page in a statement: where its rows come from, and what must be known of them. */
interface PageSql {
  page: Page;
  /** rows of the page under the page's alias, and the clauses that put them in display order */
  rows: string;
  rest: string;
  /** the same as a named part of the statement, where several parts of the selection read it; else empty */
  shared: string;
  /** name of that part */
  name: string;
  /** one row more was read, to see whether there are more */
  oneMore: boolean;
}

/** Number of a row within its page, counted in the order in which the rows were read. */
const place = '"#"';

/** A connection as SQL: a page of a list, all of it or the rows that belong to one parent. */
export function connectionSql(
  compiler: Parts,
  parent: GraphQLObjectType,
  field: Field,
  nodes: readonly FieldNode[],
  listName: string,
  owner?: Owner,
): string {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw answeredByCode(parent, field);
  const { args, value } = compiler.selection.args(field, nodes[0]!);
  value.is((now) => {
    checkPageArgs(now as PageArgs);
    return true;
  });
  const built = page(compiler.query, listOf(listName), args as PageArgs, value, `${parent.name}.${field.name}`, owner);
  const fields = compiler.selection.below(type, nodes);
  const source = sourceOf(compiler, type, fields, built);
  const columns = compiler.columns(type, fields, (field, inner) =>
    connectionField(compiler, type, field, inner, source, { list: listOf(listName), node: owner?.node }),
  );
  return `(${source.shared}${json(select(columns))})`;
}

function connectionField(
  compiler: Parts,
  type: GraphQLObjectType,
  field: Field,
  nodes: readonly FieldNode[],
  source: PageSql,
  { list, node }: { list: ListSpec; node: string | undefined },
): string {
  const { page: one, rows, rest } = source;
  const target = getNamedType(field.type);
  if (field.name === 'totalCount') return one.count();
  if (!isObjectType(target)) throw answeredByCode(type, field);
  if (field.name === 'nodes' && node !== undefined)
    return `array(select ${relationField(compiler, list, node, nodes, one)} from ${rows}${rest})`;
  if (field.name === 'nodes') return `array(${json(compiler.rowSelect(target, nodes, one.row, rows, rest))})`;
  if (field.name === 'edges')
    return `array(${json(select(edgeColumns(compiler, target, nodes, one, list, node), ` from ${rows}${rest}`))})`;
  if (field.name === 'sums') return compiler.listed(field.type, target, nodes, { select: sumsSelect(list, one) });
  if (field.name === 'pageInfo') return compiler.object(target, nodes, (field) => pageInfoField(target, field, source));
  throw answeredByCode(type, field);
}

/** A field of the record that stands for a relation, as a field of the edge; `name` is what the record calls it. */
function relationField(
  compiler: Parts,
  { entity }: ListSpec,
  name: string,
  nodes: readonly FieldNode[],
  one: Page,
): string {
  const record = compiler.selection.schema.getType(entity.name) as GraphQLObjectType;
  return compiler.rowField(record, record.getFields()[name] as Field, nodes, one.row);
}

/** The record at the other end of a relation is one that the caller sees, or the executor says that it is not. */
const guardedAs = (field: Field, expression: string): string =>
  isObjectType(getNamedType(field.type)) ? guarded(field.type, expression, 'json') : expression;

function edgeColumns(
  compiler: Parts,
  edge: GraphQLObjectType,
  nodes: readonly FieldNode[],
  one: Page,
  list: ListSpec,
  relation: string | undefined,
): Columns {
  return compiler.columns(edge, compiler.selection.below(edge, nodes), (field, inner) => {
    const target = getNamedType(field.type);
    if (field.name === 'cursor') return one.cursor();
    if (relation !== undefined && field.name === 'link' && isObjectType(target))
      return `(${json(compiler.rowSelect(target, inner, one.row))})`;
    if (relation !== undefined)
      return guardedAs(field, relationField(compiler, list, field.name === 'node' ? relation : field.name, inner, one));
    if (field.name === 'node' && isObjectType(target)) return `(${json(compiler.rowSelect(target, inner, one.row))})`;
    throw answeredByCode(edge, field);
  });
}

function pageInfoField(type: GraphQLObjectType, field: Field, { page: one, name, oneMore }: PageSql): string {
  const { alias } = one.row;
  const more = (): string => (one.farMore ? 'true' : `(select count(*) > ${one.size()} from ${name})`);
  const cursorAt = (end: 'first' | 'last'): string => {
    const within = oneMore ? ` where ${place} <= ${one.size()}` : '';
    return `(select ${one.cursor()} from ${name} ${alias}${within} order by ${place} ${end === 'first' ? 'asc' : 'desc'} limit 1)`;
  };
  if (field.name === 'hasNextPage') return one.backward ? String(one.nearMore) : more();
  if (field.name === 'hasPreviousPage') return one.backward ? more() : String(one.nearMore);
  if (field.name === 'startCursor') return cursorAt(one.backward ? 'last' : 'first');
  if (field.name === 'endCursor') return cursorAt(one.backward ? 'first' : 'last');
  throw answeredByCode(type, field);
}

/** The rows of the page: read in place where one part of the selection needs them, read once and shared where several do. */
function sourceOf(
  compiler: Parts,
  type: GraphQLObjectType,
  fields: ReadonlyMap<string, FieldNode[]>,
  one: Page,
): PageSql {
  const names = [...fields.values()].map(([node]) => node!.name.value);
  const asksFarEnd = asksWhetherMore(compiler, type, fields, one);
  const consumers = names.filter((name) => name === 'nodes' || name === 'edges' || name === 'pageInfo').length;
  const { alias } = one.row;
  const name = `page_${alias}`;
  if (consumers === 0) return { page: one, rows: '', rest: '', shared: '', name, oneMore: false };
  const core = pageRows(one, asksFarEnd ? one.limit() : one.size());
  if (consumers === 1 && !names.includes('pageInfo') && !one.backward)
    return { page: one, rows: `(${core}) ${alias}`, rest: '', shared: '', name, oneMore: false };
  const within = asksFarEnd ? ` where ${place} <= ${one.size()}` : '';
  return {
    page: one,
    rows: `${name} ${alias}`,
    rest: `${within} order by ${place} ${one.backward ? 'desc' : 'asc'}`,
    shared: `with ${name} as materialized (select ${alias}.*, row_number() over () as ${place} from (${core}) ${alias}) `,
    name,
    oneMore: asksFarEnd,
  };
}

/** Whether the selection asks if rows lie beyond the far end of the page, which takes reading one row more. */
function asksWhetherMore(
  compiler: Parts,
  type: GraphQLObjectType,
  fields: ReadonlyMap<string, FieldNode[]>,
  one: Page,
): boolean {
  if (one.farMore) return false;
  const wanted = one.backward ? 'hasPreviousPage' : 'hasNextPage';
  for (const nodes of fields.values()) {
    if (nodes[0]!.name.value !== 'pageInfo') continue;
    const info = getNamedType(type.getFields()['pageInfo']!.type);
    if (
      isObjectType(info) &&
      [...compiler.selection.below(info, nodes).values()].some(([node]) => node!.name.value === wanted)
    )
      return true;
  }
  return false;
}
