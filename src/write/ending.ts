import { dayIn } from '../core/clock.js';
import { modelOf, type EntityClass } from '../model/model.js';
import type { Change, Stored } from './command.js';
import type { DueCondition } from './due.js';

/** Records that are over from the day after their last one, and have a state that says so, which has to be written. */
export interface EndedRecords {
  entity: EntityClass;
  /** SQL condition on their columns (of `t`) under which they are not over yet */
  open: string;
  /** property with the last day */
  endsOn: string;
}

/** Most records that are found at once. */
export const maxEnded = 500;

/** The condition on rows `t` of the tenant `$1` that they ended before the day `$2`, untouched for so many seconds. */
export function endedCondition({ entity, open, endsOn }: EndedRecords, untouchedFor: number): DueCondition {
  const { table, fields } = modelOf(entity);
  const { column } = fields.get(endsOn)!;
  return {
    table,
    column,
    condition: `t.tenant_id = $1 and t.${column} < $2::date and t.deleted_at is null and ${open} and t.updated_at <= now() - make_interval(secs => ${untouchedFor})`,
  };
}

/** The first of those that have ended, locked; those that another transaction has in hand are left to it. */
export async function endedOnes<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  records: EndedRecords,
  untouchedFor: number,
): Promise<Array<Stored<E>>> {
  const { tenant } = change.ctx;
  const { table, column, condition } = endedCondition(records, untouchedFor);
  const rows = await change.query(
    `select t.id from "${table}" t where ${condition} order by t.${column}, t.id limit ${maxEnded} for no key update of t skip locked`,
    [tenant.id, dayIn(tenant.timeZone)],
  );
  const found: Array<Stored<E>> = [];
  for (const [id] of rows) {
    const record = await change.find(entity, { id: id! });
    if (record) found.push(record);
  }
  return found;
}
