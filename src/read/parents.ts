import type { Scope } from '../model/fields.js';
import { insteadOf, type FieldModel } from '../model/model.js';
import { restricts } from './access.js';

/** The condition on rows that none of the records that they refer to as what they belong to is deleted; empty if there are none. */
export const parentsExist = (row: Scope): string =>
  row.model.parents
    .filter(({ property }) => property !== row.knownVisible)
    .flatMap((parent) => undeleted(row, row, parent))
    .filter(restricts)
    .join(' and ');

/**
 * Conditions that the record is not deleted that a row belongs to by a reference, nor any that it belongs to in turn;
 * `through` are the rows that lead to that row. What is deleted is little and has an index, so that looking for it takes next to no time.
 */
function undeleted(
  of: Scope,
  child: Scope,
  parent: FieldModel,
  through: { from: string[]; where: string[] } = { from: [], where: [] },
): string[] {
  const { from, where, row } = of.unscoped(parent.refersTo!, true);
  const path = {
    from: [...through.from, from],
    where: [...through.where, where, `${row.col('id')} = ${child.col(parent.property)}`, ...belongingBy(child, parent)],
  };
  const deleted = [...path.where, `${row.alias}.deleted_at is not null`].join(' and ');
  return [
    ...(row.model.soft ? [`not exists (select 1 from ${path.from.join(', ')} where ${deleted})`] : []),
    ...row.model.parents.flatMap((next) => undeleted(of, row, next, path)),
  ];
}

/** The condition on a row that it belongs to what that reference names, where it may belong to something else instead. */
export function belongingBy(row: Scope, parent: FieldModel): string[] {
  const instead = insteadOf(row.model, parent);
  return instead ? [`${row.col(instead.property)} is null`] : [];
}
