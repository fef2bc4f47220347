import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { restricts } from './access.js';

/** The condition on rows that none of the records that they refer to as what they belong to is deleted; empty if there are none. */
export const parentsExist = (row: Scope): string =>
  row.model.parents
    .filter(({ property }) => property !== row.knownVisible)
    .flatMap((parent) => undeleted(row, parent.refersTo!, row.col(parent.property)))
    .filter(restricts)
    .join(' and ');

/**
 * Conditions that the record with an id is not deleted, nor any that it belongs to; `through` are the rows that lead
 * there. What is deleted is little and has an index, so that looking for it takes next to no time.
 */
function undeleted(
  of: Scope,
  entity: EntityClass,
  id: string,
  through: { from: string[]; where: string[] } = { from: [], where: [] },
): string[] {
  const { from, where, row } = of.unscoped(entity, true);
  const path = { from: [...through.from, from], where: [...through.where, where, `${row.col('id')} = ${id}`] };
  const deleted = [...path.where, `${row.alias}.deleted_at is not null`].join(' and ');
  return [
    ...(row.model.soft ? [`not exists (select 1 from ${path.from.join(', ')} where ${deleted})`] : []),
    ...row.model.parents.flatMap((parent) => undeleted(of, parent.refersTo!, row.col(parent.property), path)),
  ];
}
