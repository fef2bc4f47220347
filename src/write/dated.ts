import { dayIn } from '../core/clock.js';
import { modelOf, type EntityClass } from '../model/model.js';
import type { Change, Stored } from './command.js';
import { belongsToNoDeleted, type DueCondition } from './due.js';

/** Records whose state follows a day of theirs: from that day on, or from the day after it, it has to be written. */
export interface DatedRecords {
  entity: EntityClass;
  /** SQL condition on their columns (of `t`) under which it has not been written yet */
  open: string;
  /** property with the day */
  day: string;
  from: 'that day' | 'the day after';
}

/** Most records that are found at once. */
export const maxDated = 500;

/** The condition on rows `t` of the tenant `$1` that their day has come, today being `$2`, and that they are untouched for so many seconds. */
export function datedCondition({ entity, open, day, from }: DatedRecords, untouchedFor: number): DueCondition {
  const model = modelOf(entity);
  const { column } = model.fields.get(day)!;
  const hasCome = from === 'that day' ? '<=' : '<';
  return {
    table: model.table,
    column,
    condition: `t.tenant_id = $1 and t.${column} ${hasCome} $2::date and t.deleted_at is null and ${open} and t.updated_at <= now() - make_interval(secs => ${untouchedFor})${belongsToNoDeleted(model)}`,
  };
}

/** The first of those whose day has come, locked; those that another transaction has in hand are left to it, and those that the caller may not change to others. */
export async function datedOnes<E extends object>(
  change: Change,
  entity: EntityClass<E>,
  records: DatedRecords,
  untouchedFor: number,
): Promise<Array<Stored<E>>> {
  const { tenant } = change.ctx;
  const { table, column, condition } = datedCondition(records, untouchedFor);
  const rows = await change.query(
    `select t.id from "${table}" t where ${condition} order by t.${column}, t.id limit ${maxDated} for no key update of t skip locked`,
    [tenant.id, dayIn(tenant.timeZone)],
  );
  const found: Array<Stored<E>> = [];
  for (const [id] of rows) {
    const record = await change.find(entity, { id: id! }, { skip: true });
    if (record) found.push(record);
  }
  return found;
}
