import type { Scope } from '../model/fields.js';
import { resolvedJson } from '../read/relative-day.js';
import { namesInUse } from '../read/schema-names.js';
import { SavedView } from './saved-view.entity.js';

/** SQL: what a view uses that the schema does not have as it had when that was saved, of the parts of the view that begin so. */
export function outdated(view: Scope, ...parts: readonly string[]): string {
  const known = view.words('views', namesInUse);
  const within = parts.map((part) => `u.used like '${part}%'`).join(' or ');
  return `array(select split_part(u.used, ' ', 1) from unnest(${view.col('uses')}) u(used) where (${within}) and (${known} -> split_part(u.used, ' ', 2)) is null)`;
}

/** SQL: a part of the view with the days that its relative ones are today; null where it uses what the schema does not have any more. */
export const resolved = (view: Scope, part: 'filter' | 'orderBy'): string =>
  `case when cardinality(${outdated(view, part)}) = 0 then ${resolvedJson(view.col(part), view.today())} end`;

/**
 * SQL condition on a view: the caller opens its list with it. That is the one that they have chosen themselves, else the
 * default of the first of their roles that has one; of those that they see.
 */
export function isDefault(view: Scope): string {
  const own = view.rows(SavedView);
  const chosen = `(select ${own.row.col('id')} from saved_view_default d join ${own.from} on ${own.row.col('id')} = d.view_id where d.tenant_id = ${view.tenant()} and d.user_id = ${view.me()} and d.kind = ${view.col('kind')} and ${own.where})`;
  const ofRole = view.rows(SavedView);
  const given = `(select ${ofRole.row.col('id')} from ${ofRole.from} join unnest(${view.roles()}) with ordinality r(role, place) on r.role = any(${ofRole.row.col('defaultFor')}) where ${ofRole.where} and ${ofRole.row.col('kind')} = ${view.col('kind')} order by r.place limit 1)`;
  return `(${view.col('id')} = coalesce(${chosen}, ${given})) is true`;
}

/** SQL condition on a view: the caller saved it, or got it. */
export const isMine = (view: Scope): string => `(${view.col('owner')} = ${view.me()})`;
