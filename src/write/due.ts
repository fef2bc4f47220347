import { command } from './command.js';
import type { Context } from '../core/context.js';
import type { Database } from '../core/database.js';
import { modelOf, wireForm, type EntityClass } from '../model/model.js';

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

function dueCondition({ entity, at, open }: DueRecordKind): { table: string; instant: string; condition: string } {
  const { table, fields } = modelOf(entity);
  const instant = fields.get(at)!.column;
  return {
    table,
    instant,
    condition: `t.tenant_id = $1 and t.${instant} <= now() and t.told_due_at is distinct from t.${instant} and t.deleted_at is null and ${open}`,
  };
}

/** Whether records of these kinds have fallen due in a tenant and have not been published. */
export async function isDue(database: Database, tenantId: string, kinds: readonly DueRecordKind[]): Promise<boolean> {
  // the first by its instant: `exists` would scan everything, since the planner cannot know that usually there is none
  const any = kinds
    .map(dueCondition)
    .map(
      ({ table, instant, condition }) =>
        `coalesce((select true from "${table}" t where ${condition} order by t.${instant} limit 1), false)`,
    );
  const [row] = await database.read(tenantId, {
    name: `due-${kinds.map(({ kind }) => kind).join('-')}`,
    text: `select ${any.join(' or ')}`,
    values: [tenantId],
  });
  return row![0] === 't';
}

/**
 * Publishes `crm.<kind>.due` for records of the tenant that have fallen due and have not been published, whether just
 * now or while no server ran; once for each due instant, however many processes do so. Returns how many.
 */
export async function publishDue(ctx: Context, records: DueRecordKind): Promise<number> {
  const { table, instant, condition } = dueCondition(records);
  for (let published = 0; ;) {
    const found = await command(ctx, `${records.kind}.due`, async (change) => {
      // what another process has in hand is left to it
      const rows = await change.query(
        `with d as (select t.id from "${table}" t where ${condition} order by t.${instant}, t.id limit ${batchSize} for no key update skip locked)
          update "${table}" t set told_due_at = t.${instant} from d where t.tenant_id = $1 and t.id = d.id returning t.id, ${wireForm(`t.${instant}`, 'timestamptz')}`,
        [ctx.tenant.id],
      );
      for (const [id, dueAt] of rows.toSorted((a, b) => (a[1]! < b[1]! ? -1 : 1)))
        change.announce(`${records.kind}.due`, id!, { dueAt });
      return rows.length;
    });
    published += found;
    if (found < batchSize) return published;
  }
}
