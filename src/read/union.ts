import type { Scope } from '../model/fields.js';
import { declareWithoutTable, type EntityClass, type EntityModel } from '../model/model.js';

/** Rows of one entity as rows of a union: each column of the union as an expression; columns left out are null. */
export interface UnionPart {
  entity: EntityClass;
  /** a further entity that is joined to the row, e.g. the parent that knows the customer */
  via?: { entity: EntityClass; on: (row: Scope, other: Scope) => string };
  columns: Record<string, (row: Scope, other: Scope) => string>;
  where?: (row: Scope, other: Scope) => string;
}

const unions = new Map<EntityClass, UnionPart[]>();

/** Declares a class whose rows are those of other entities, as many as join in with `joinUnion`. It is listed like an entity. */
export function union(entity: EntityClass): void {
  declareWithoutTable(entity);
  unions.set(entity, []);
}

/** Adds an entity's visible rows to a union; called by the capability that owns them. */
export function joinUnion(entity: EntityClass, part: UnionPart): void {
  unions.get(entity)!.push(part);
}

export const isUnion = (entity: EntityClass): boolean => unions.has(entity);

type RowsOf = (entity: EntityClass) => { from: string; where: string; row: Scope };

/** The union as a subselect; `rowsOf` says which rows of each entity belong. */
export function unionSelect(model: EntityModel, rowsOf: RowsOf): string {
  const parts = unions.get(model.type) ?? [];
  return `(${parts.map((part) => partSelect(model, part, rowsOf)).join(' union all ')})`;
}

function partSelect(model: EntityModel, part: UnionPart, rowsOf: RowsOf): string {
  const { from, where, row } = rowsOf(part.entity);
  const via = part.via && rowsOf(part.via.entity);
  const other = via?.row ?? row;
  const columns = [...model.fields.values()].map(
    ({ property, column, sqlType }) => `(${part.columns[property]?.(row, other) ?? 'null'})::${sqlType} as "${column}"`,
  );
  const join = via ? ` join ${via.from} on ${via.where} and ${part.via!.on(row, other)}` : '';
  return `select ${columns.join(', ')} from ${from}${join} where ${where}${part.where ? ` and ${part.where(row, other)}` : ''}`;
}
