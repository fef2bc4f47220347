import type { Statement } from '../core/database.js';
import type { EntityModel } from '../model/model.js';

// Rows as they were: each change of a record whose versions are kept writes the version that it ends, in the statement that
// makes the change. See docs/decisions/038-as-of.md.

/**
 * The part of a statement that keeps the rows `t` of a table for which the condition holds, before they are changed; their rows must be
 * locked already. What was changed in the same transaction before is no version, since nobody has seen it.
 */
export const keeping = ({ name, table }: EntityModel, where: string): string =>
  `insert into record_version (tenant_id, record, valid_until, valid_from, record_type, data)
    select t.tenant_id, t.id, now(), t.updated_at, '${name}', case when t.deleted_at is null then jsonb_strip_nulls(to_jsonb(t)) end
    from "${table}" t where t.tenant_id = $1 and ${where} and t.updated_at < now()::timestamptz(3)
    on conflict (tenant_id, record, valid_until) do nothing`;

/** The same by a statement of its own, where they are kept; the condition may use the first two values. */
export const plainVersions = (model: EntityModel, where: string, values: readonly unknown[]): Statement[] =>
  model.kept ? [{ text: keeping(model, where), values: values.slice(0, 2) }] : [];

/** A statement that changes rows of a table, with what keeps them as they were where that is kept. */
export function withVersions(model: EntityModel, where: string, statement: string): string {
  if (!model.kept) return statement;
  const kept = `with kept as (${keeping(model, where)} returning record)`;
  return statement.startsWith('with ') ? statement.replace('with ', `${kept}, `) : `${kept} ${statement}`;
}

/**
 * What an update sets `updated_at` to. The present version begins there, so that it never goes back: of two changes that
 * wait for each other, the one that began earlier can come later.
 */
export const changedAt = ({ kept }: EntityModel, row: string): string =>
  `updated_at = ${kept ? `greatest(now(), ${row}updated_at)` : 'now()'}`;
