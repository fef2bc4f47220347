import { Activity } from '../activities/activity.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { modelOf, type EntityClass } from '../model/model.js';
import type { Held } from '../pools/held.entity.js';
import type { HeldRecords } from '../pools/held.service.js';
import { SuccessTask } from '../success/success-task.entity.js';
import type { Change, Stored } from '../write/command.js';
import { recordsWhere } from '../write/many.js';

/** Something planned, and the property that says who is to do it. */
interface Task {
  entity: EntityClass;
  by: 'staff' | 'assignee';
  record: object;
}

/** What those have planned with records who look after them, or did last, and have not done. */
export class OpenTasks {
  constructor(private readonly tasks: ReadonlyMap<string, readonly Task[]>) {}

  /** What was planned with a record is for its new owner to do. */
  hand(change: Change, id: string, owner: string): void {
    for (const { entity, by, record } of this.tasks.get(id) ?? [])
      // as it was before: what the database refuses is tried again
      change.update(entity, { ...record } as never, { [by]: owner } as never);
  }
}

/** Looks up and locks what owners have planned with records; leads have no tasks. */
export async function openTasks<E extends Held>(
  change: Change,
  { entity, history, of }: HeldRecords<E>,
  records: ReadonlyArray<Stored<E>>,
): Promise<OpenTasks> {
  const tasks = new Map<string, Task[]>();
  if ((entity as EntityClass) !== Customer || records.length === 0) return new OpenTasks(tasks);
  const held = records as unknown as ReadonlyArray<Stored<Held>>;
  const { table, fields } = modelOf(history);
  const column = fields.get(of)!.column;
  const former = new Map(held.flatMap(({ id, owner }) => (owner ? [[id, owner] as const] : [])));
  const last = await change.query(
    `select distinct on (h."${column}") h."${column}", h.from_owner_id from "${table}" h where h.tenant_id = $1 and h."${column}" = any($2::uuid[]) and h.from_owner_id is not null order by h."${column}", h.created_at desc, h.number desc`,
    [change.ctx.tenant.id, held.flatMap(({ id, owner }) => (owner ? [] : [id]))],
  );
  for (const [id, owner] of last) former.set(id!, owner!);
  const add = (customer: unknown, doer: unknown, task: Task): void => {
    const id = String(customer);
    if (doer && doer === former.get(id)) tasks.set(id, [...(tasks.get(id) ?? []), task]);
  };
  const ids = [...former.keys()];
  const ofCustomers = 't.customer_id = any($2::uuid[])';
  const planned = `${ofCustomers} and t.status = 'PLANNED' and t.staff_id is not null`;
  for (const record of await recordsWhere(change, Activity, planned, [ids]))
    add(record.customer, record.staff, { entity: Activity, by: 'staff', record });
  const open = `${ofCustomers} and t.status in ('PENDING', 'IN_PROGRESS') and t.assignee_id is not null`;
  for (const record of await recordsWhere(change, SuccessTask, open, [ids]))
    add(record.customer, record.assignee, { entity: SuccessTask, by: 'assignee', record });
  return new OpenTasks(tasks);
}
