import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import {
  type Arguments,
  noArguments,
  parentCondition,
  type ParentCondition,
  type Embedded,
  type Listed,
  type ReadSpec,
} from '../model/fields.js';
import { asOfIn, rowsAsOf } from './as-of.js';
import { entityNamed, wireForm } from '../model/model.js';
import { connectionSql } from './connection.js';
import { entityOf, isPagePart, nodeModels, readSpec } from './declared.js';
import { keyCondition, namesNothing, namesNumber } from './filter.js';
import { guarded, leaf, leafType } from './leaf.js';
import { asksForDeleted } from './list.js';
import {
  answeredByCode,
  json,
  origin,
  select,
  sharing,
  type Columns,
  type Field,
  type FieldSql,
  type Parts,
} from './parts.js';
import { permissionSql } from './permissions.js';
import type { Query, RowScope } from './query.js';
import { NotCompilable, repeated, type Selection } from './selection.js';

/**
 * Turns selections into SQL, from the same declarations as the plain executor. Objects are rows turned into JSON where
 * they are selected, so that keys come in the order of the selection and without white space.
 */
export class Compiler implements Parts {
  constructor(
    readonly selection: Selection,
    readonly query: Query,
  ) {}

  /** The whole operation: one row with one column, the JSON of `data`. */
  operation(root: GraphQLObjectType): string {
    const fields = this.selection.fields(root, [this.selection.operation.selectionSet]);
    return json(select(this.columns(root, fields, (field, nodes) => this.rootField(root, field, nodes))));
  }

  /** A selection on one record, whose id comes with the request: one row with one column, its JSON or null. */
  record(type: GraphQLObjectType, nodes: readonly FieldNode[]): string {
    const id = this.query.bind((env) => env.id, 'uuid');
    return `select ${this.reference(type, nodes, id)}`;
  }

  private rootField(root: GraphQLObjectType, field: Field, nodes: readonly FieldNode[]): string {
    const spec = readSpec(field);
    const target = getNamedType(field.type);
    if (!spec) throw answeredByCode(root, field);
    if (spec.kind === 'root' && spec.shape === 'many') return connectionSql(this, root, field, nodes, spec.list);
    if (spec.kind === 'root' && isObjectType(target)) return this.byKey(target, field, nodes);
    if (spec.kind === 'report' && isObjectType(target)) return this.report(target, field, nodes, spec);
    if (spec.kind === 'caller' && isObjectType(target)) return this.caller(target, nodes, spec);
    if (spec.kind === 'node') return this.anyRecord(field, nodes);
    throw answeredByCode(root, field);
  }

  /** One record by its argument `id`. */
  private byKey(target: GraphQLObjectType, field: Field, nodes: readonly FieldNode[]): string {
    const { value } = this.selection.args(field, nodes[0]!);
    const asOf = asOfIn(value.field('asOf'));
    const { from, where, row } =
      asOf === undefined
        ? this.query.rows(entityOf(target), value.field('deleted').is(asksForDeleted))
        : rowsAsOf(this.query, entityOf(target), asOf);
    return guarded(
      field.type,
      `(${json(this.rowSelect(target, nodes, row, from, ` where ${where} and ${keyCondition(row, value.field('id'))}`))})`,
      'json',
    );
  }

  /** Any record by its opaque id: the first of the tables in which there is one. */
  private anyRecord(field: Field, nodes: readonly FieldNode[]): string {
    const { value } = this.selection.args(field, nodes[0]!);
    const id = value.field('id');
    if (id.is(namesNothing)) return 'null::json';
    if (id.is(namesNumber)) throw new NotCompilable('node was asked for a number');
    const parameter = id.bind('uuid');
    const found = nodeModels(this.selection.schema).map(({ name }) =>
      this.reference(this.selection.schema.getType(name) as GraphQLObjectType, nodes, parameter),
    );
    return guarded(field.type, `coalesce(${found.join(', ')})`, 'json');
  }

  /** Aggregates over the rows of the tenant. */
  private report(
    target: GraphQLObjectType,
    field: Field,
    nodes: readonly FieldNode[],
    spec: ReadSpec & { kind: 'report' },
  ): string {
    this.query.purpose = 'report';
    const { from, where, row } = this.query.ownTenant();
    const args: Arguments = (name) => this.selection.args(field, nodes[0]!).value.field(name);
    return `(select ${this.part(field.type, target, nodes, spec.of(row, args), row, args)} from ${from} where ${where})`;
  }

  private part(
    type: GraphQLOutputType,
    target: GraphQLObjectType,
    nodes: readonly FieldNode[],
    part: Embedded | Listed,
    row: RowScope,
    args: Arguments,
  ): string {
    return 'select' in part
      ? this.listed(type, target, nodes, part, args)
      : this.embedded(type, target, nodes, part, row, args);
  }

  /** What is known of the caller without asking the database. */
  private caller(target: GraphQLObjectType, nodes: readonly FieldNode[], spec: ReadSpec & { kind: 'caller' }): string {
    return this.object(target, nodes, (field, inner) => {
      const named = getNamedType(field.type);
      const isJson = isObjectType(named) && !entityNamed(named.name);
      const cast = isJson ? 'json' : entityNamed(named.name) ? 'uuid' : leafType(field.type);
      if (!cast) throw answeredByCode(target, field);
      const known = this.query.bind(({ ctx }) => {
        const value = spec.of(ctx)[field.name];
        return isJson ? JSON.stringify(value) : value;
      }, cast);
      return this.value(field, inner, known);
    });
  }

  /** A select of a row's fields; without `from` the row is one of an outer select. */
  rowSelect(type: GraphQLObjectType, nodes: readonly FieldNode[], row: RowScope, from = '', rest = ''): string {
    const { columns, joins } = row.selecting(() =>
      this.columns(type, this.selection.below(type, nodes), (field, inner) => this.rowField(type, field, inner, row)),
    );
    const sources = [...(from === '' ? [] : [from]), ...joins].join(' cross join ');
    return select(columns, `${sources && ` from ${sources}`}${rest}`);
  }

  rowField(type: GraphQLObjectType, field: Field, nodes: readonly FieldNode[], row: RowScope): string {
    const spec = readSpec(field);
    const column = row.model.fields.get(field.name);
    if (spec) return this.specified(type, field, nodes, row, spec);
    if (!column || isPagePart(type)) throw answeredByCode(type, field);
    if (column.refersTo) return this.referred(field, nodes, row, column.nullable);
    if (!leafType(field.type)) throw answeredByCode(type, field);
    const cast = leafType(field.type)!;
    const shown =
      cast === 'numeric' ? leaf(field.type, row.shown(field.name)) : wireForm(row.shown(field.name), column.sqlType);
    return column.nullable ? guarded(field.type, shown, cast === 'numeric' ? cast : 'text') : shown;
  }

  private specified(
    type: GraphQLObjectType,
    field: Field,
    nodes: readonly FieldNode[],
    row: RowScope,
    spec: ReadSpec,
  ): string {
    const target = getNamedType(field.type);
    const args: Arguments = (name) => this.selection.args(field, nodes[0]!).value.field(name);
    if (spec.kind === 'sql') return this.value(field, nodes, spec.sql(row, args));
    if (spec.kind === 'many')
      return connectionSql(this, type, field, nodes, spec.list, {
        by: (child) => parentCondition(spec.by, child, row.col('id'), noArguments, row.seen),
        knownVisible: knownVisible(spec.by, row),
        ...(typeof spec.by === 'string' && { parent: row, property: spec.by }),
        node: spec.node,
      });
    if (spec.kind === 'embed' && isObjectType(target)) return this.embedded(field.type, target, nodes, spec, row, args);
    if (spec.kind === 'listed' && isObjectType(target))
      return this.listed(field.type, target, nodes, spec.of(row, args), args);
    if (spec.kind === 'one' && isObjectType(target))
      return guarded(field.type, this.reference(target, nodes, spec.id(row, args), spec.isVisible), 'json');
    if (spec.kind === 'single' && isObjectType(target))
      return guarded(field.type, this.single(target, nodes, spec, row), 'json');
    if (spec.kind === 'permission') return permissionSql(this, field, nodes, row, spec);
    if (spec.kind === 'any') return guarded(field.type, this.named(nodes, spec.type(row), spec.id(row)), 'json');
    throw answeredByCode(type, field);
  }

  private embedded(
    type: GraphQLOutputType,
    target: GraphQLObjectType,
    nodes: readonly FieldNode[],
    spec: Embedded,
    row: RowScope,
    args: Arguments,
  ): string {
    const fields = spec.fields(row, args);
    const columns = this.columns(target, this.selection.below(target, nodes), (field, inner) => {
      const name = fields[field.name];
      const inside = getNamedType(field.type);
      if (name === undefined) throw answeredByCode(target, field);
      if (typeof name === 'string')
        return spec.whole && leafType(field.type) ? leaf(field.type, name) : this.value(field, inner, name);
      if (!isObjectType(inside)) throw answeredByCode(target, field);
      return this.part(field.type, inside, inner, name, row, args);
    });
    return guarded(
      type,
      `(${sharing(spec.shared?.(row, args), json(select(columns, origin(spec, row, args))))})`,
      'json',
    );
  }

  /** Objects that are no records, from the columns of a select. */
  listed(
    type: GraphQLOutputType,
    target: GraphQLObjectType,
    nodes: readonly FieldNode[],
    { select: rowsOf }: Listed,
    args?: Arguments,
  ): string {
    const from = this.query.alias();
    const columns = this.columns(target, this.selection.below(target, nodes), (field, inner) => {
      const spec = readSpec(field);
      if (spec?.kind === 'many')
        return connectionSql(this, target, field, inner, spec.list, {
          by: (child) => parentCondition(spec.by, child, `${from}."${spec.key!}"`, args),
          asOf: args && spec.asOf?.(`${from}."${spec.key!}"`, args),
        });
      return this.value(field, inner, `${from}."${field.name}"`);
    });
    const rows = json(select(columns, ` from (${rowsOf}) ${from}`));
    return isListType(getNullableType(type)) ? `array(${rows})` : guarded(type, `(${rows})`, 'json');
  }

  /** A record of the type that an expression names. */
  private named(nodes: readonly FieldNode[], type: string, id: string): string {
    const { schema } = this.selection;
    const choices = nodeModels(schema).map(
      ({ name }) => `when '${name}' then ${this.reference(schema.getType(name) as GraphQLObjectType, nodes, id)}`,
    );
    return `case ${type} ${choices.join(' ')} end`;
  }

  /** An object that is no record, or a list of such objects, from an expression that gives it as JSON. */
  private jsonValue(
    type: GraphQLOutputType,
    target: GraphQLObjectType,
    nodes: readonly FieldNode[],
    expression: string,
  ): string {
    const from = this.query.alias();
    const isList = isListType(getNullableType(type));
    const columns = this.columns(target, this.selection.below(target, nodes), (field, inner) =>
      this.value(field, inner, within(`${from}.value`, field)),
    );
    const source = isList ? `json_array_elements(${expression})` : `(select ${expression} as value)`;
    const rows = json(
      select(columns, ` from ${source} ${from}(value)${isList ? '' : ` where ${from}.value is not null`}`),
    );
    return isList ? `array(${rows})` : guarded(type, `(${rows})`, 'json');
  }

  /** An expression as a leaf, for an entity's type as the id of the record to show, for another object as its JSON. */
  private value(field: Field, nodes: readonly FieldNode[], expression: string): string {
    const target = getNamedType(field.type);
    if (isObjectType(target) && entityNamed(target.name))
      return guarded(field.type, this.reference(target, nodes, expression), 'json');
    if (isObjectType(target)) return this.jsonValue(field.type, target, nodes, expression);
    if (isInterfaceType(target))
      return guarded(
        field.type,
        this.named(nodes, `((${expression}) ->> 'type')`, `((${expression}) ->> 'id')::uuid`),
        'json',
      );
    const cast = leafType(field.type);
    if (!cast) throw new NotCompilable(`the type of ${field.name} is not known to the compiler`);
    return guarded(field.type, leaf(field.type, expression), cast);
  }

  /** The record that a column refers to. If it is one that the caller sees in any case, that is not asked again; if only its id is asked for, it is not even looked for. */
  private referred(field: Field, nodes: readonly FieldNode[], row: RowScope, nullable: boolean): string {
    const target = getNamedType(field.type);
    const id = row.col(field.name);
    if (!isObjectType(target) || !row.sees(field.name)) return this.value(field, nodes, id);
    const fields = this.selection.below(target, nodes);
    if ([...fields.values()].some(([node]) => node!.name.value !== 'id' && node!.name.value !== '__typename'))
      return guarded(field.type, this.reference(target, nodes, id, true), 'json');
    return guarded(
      field.type,
      `(${json(
        select(
          this.columns(target, fields, () => id),
          nullable ? ` where ${id} is not null` : '',
        ),
      )})`,
      'json',
    );
  }

  /** Another record by an expression for its id; null if it is hidden or gone, which is not asked where it is known that it `isVisible`. */
  reference(target: GraphQLObjectType, nodes: readonly FieldNode[], id: string, isVisible = false): string {
    const entity = entityOf(target);
    const { from, where, row } = isVisible ? this.query.visibleRows(entity) : this.query.rows(entity);
    return `(${json(this.rowSelect(target, nodes, row, from, ` where ${where} and ${row.alias}.id = ${id}`))})`;
  }

  /** The only record that refers to the row and meets a condition. */
  private single(
    target: GraphQLObjectType,
    nodes: readonly FieldNode[],
    spec: ReadSpec & { kind: 'single' },
    parent: RowScope,
  ): string {
    const { from, where, row } = this.query.rows(entityOf(target), false, knownVisible(spec.by, parent));
    return `(${json(this.rowSelect(target, nodes, row, from, ` where ${where} and ${row.col(spec.by)} = ${parent.col('id')} and ${spec.where(row)}`))})`;
  }

  /** An object made of expressions. */
  object(target: GraphQLObjectType, nodes: readonly FieldNode[], sql: FieldSql): string {
    return `(${json(select(this.columns(target, this.selection.below(target, nodes), sql)))})`;
  }

  /** A select list: each selected field under its response key, in the order of the selection; what is asked for twice under different keys is worked out once. */
  columns(type: GraphQLObjectType, fields: ReadonlyMap<string, FieldNode[]>, sql: FieldSql): Columns {
    const list: string[] = [];
    const same = repeated(fields);
    for (const [key, nodes] of fields) {
      if (same.has(key)) continue;
      const name = nodes[0]!.name.value;
      const field = type.getFields()[name];
      if (name === '__typename') list.push(`'${type.name}' as "${key}"`);
      else if (field) list.push(`${sql(field as Field, nodes)} as "${key}"`);
      else throw new NotCompilable('it asks for the schema');
    }
    const columns = { list: list.join(', ') };
    if (same.size === 0) return columns;
    return {
      ...columns,
      shown: [...fields.keys()].map((key) => `"#once"."${same.get(key) ?? key}" as "${key}"`).join(', '),
    };
  }
}

/** A field of an object in JSON, as an expression that `value` takes. */
function within(object: string, { name, type }: Field): string {
  const cast = leafType(type);
  if (!cast?.endsWith('[]')) return `${object} ->${cast ? '>' : ''} '${name}'`;
  const list = `${object} -> '${name}'`;
  return `case when json_typeof(${list}) = 'array' then array(select json_array_elements_text(${list})) end`;
}

/** The reference of a child row whose record the caller is known to see, because it is the parent or because of how it belongs to it. */
const knownVisible = (by: ParentCondition, parent: RowScope): string | undefined =>
  typeof by === 'string' ? (parent.seen ? by : undefined) : typeof by === 'function' ? undefined : by.knownVisible;
