import { command } from './command.js';
import { dayIn } from '../core/clock.js';
import type { Context, TenantInfo } from '../core/context.js';
import type { Database } from '../core/database.js';
import { insteadOf, modelOf, wireForm, type EntityClass, type EntityModel } from '../model/model.js';

/** Records that fall due at an instant. Their column `toldDueAt` is the instant for which that has been published. */
export interface DueRecordKind {
  entity: EntityClass;
  /** field with the instant at which they fall due */
  at: string;
  /** SQL condition on their columns under which they are still to be done */
  open: string;
  /** kind of record in the event's type: `crm.<kind>.due` */
  kind: string;
}

/** Maximum number published in one transaction. */
const batchSize = 200;

/** SQL condition on rows `t` of a table in the tenant `$1`, `$2` being today there, and the column that an index has them by. */
export interface DueCondition {
  table: string;
  column: string;
  condition: string;
}

/** The condition on rows `t` that what they belong to is not deleted: they are gone with it. Begins with `and`; empty where they belong to nothing. */
export const belongsToNoDeleted = (model: EntityModel, row = 't'): string =>
  model.parents
    .map((parent) => ({ column: parent.column, instead: insteadOf(model, parent), ...modelOf(parent.refersTo!) }))
    .filter(({ soft }) => soft)
    .map(({ column, instead, table }) => {
      const only = instead ? ` and ${row}."${instead.column}" is null` : '';
      return ` and not exists (select 1 from "${table}" p where p.tenant_id = $1 and p.id = ${row}."${column}"${only} and p.deleted_at is not null)`;
    })
    .join('');

/** The condition that a record has fallen due and has not been published. */
export function dueCondition({ entity, at, open }: DueRecordKind): DueCondition {
  const model = modelOf(entity);
  const instant = model.fields.get(at)!.column;
  return {
    table: model.table,
    column: instant,
    condition: `t.tenant_id = $1 and t.${instant} <= now() and t.told_due_at is distinct from t.${instant} and t.deleted_at is null and ${open}${belongsToNoDeleted(model)}`,
  };
}

/** For each of the conditions, whether there are such records in a tenant: one statement, whose name names them all. */
export async function anyDue(
  database: Database,
  { id, timeZone }: TenantInfo,
  name: string,
  conditions: readonly DueCondition[],
): Promise<boolean[]> {
  // the first by its index: `exists` would scan everything, since the planner cannot know that usually there is none
  const any = conditions.map(
    ({ table, column, condition }) =>
      `coalesce((select true from "${table}" t where ${condition} order by t.${column} limit 1), false)`,
  );
  const [row] = await database.read(id, {
    name,
    text: `select ${any.join(', ')} where $2::date is not null`,
    values: [id, dayIn(timeZone)],
  });
  return row!.map((value) => value === 't');
}

/**
 * Publishes `crm.<kind>.due` for records of the tenant that have fallen due and have not been published, whether just
 * now or while no server ran; once for each due instant, however many processes do so. Returns how many.
 */
export async function publishDue(ctx: Context, records: DueRecordKind): Promise<number> {
  const { table, column: instant, condition } = dueCondition(records);
  for (let published = 0; ;) {
    const found = await command(ctx, `${records.kind}.due`, async (change) => {
      // what another process has in hand is left to it
      const rows = await change.query(
        `select t.id, ${wireForm(`t.${instant}`, 'timestamptz')} from "${table}" t where ${condition} order by t.${instant}, t.id limit ${batchSize} for no key update of t skip locked`,
        [ctx.tenant.id],
      );
      if (rows.length === 0) return 0;
      await change.query(
        `update "${table}" set told_due_at = ${instant} where tenant_id = $1 and id = any($2::uuid[])`,
        [ctx.tenant.id, rows.map(([id]) => id)],
      );
      for (const [id, dueAt] of rows) change.announce(records.entity, 'due', id!, { dueAt });
      return rows.length;
    });
    published += found;
    if (found < batchSize) return published;
  }
}
