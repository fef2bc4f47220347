import { Activity } from '../activities/activity.entity.js';
import { insteadOf, modelOf, type EntityClass } from '../model/model.js';
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

/** What can be planned with records: who is to do it, and a condition on the row `t` that it is not done. */
const plans: ReadonlyArray<{ entity: EntityClass; by: Task['by']; open: string }> = [
  { entity: Activity, by: 'staff', open: "t.status = 'PLANNED'" },
  { entity: SuccessTask, by: 'assignee', open: "t.status in ('PENDING', 'IN_PROGRESS')" },
];

/** Looks up and locks what owners have planned with records. */
export async function openTasks<E extends Held>(
  change: Change,
  { history, of }: HeldRecords<E>,
  records: ReadonlyArray<Stored<E>>,
): Promise<OpenTasks> {
  const tasks = new Map<string, Task[]>();
  if (records.length === 0) return new OpenTasks(tasks);
  const held = records as unknown as ReadonlyArray<Stored<Held>>;
  const { table, fields } = modelOf(history);
  const column = fields.get(of)!.column;
  const former = new Map(held.flatMap(({ id, owner }) => (owner ? [[id, owner] as const] : [])));
  const last = await change.query(
    `select distinct on (h."${column}") h."${column}", h.from_owner_id from "${table}" h where h.tenant_id = $1 and h."${column}" = any($2::uuid[]) and h.from_owner_id is not null order by h."${column}", h.created_at desc, h.number desc`,
    [change.ctx.tenant.id, held.flatMap(({ id, owner }) => (owner ? [] : [id]))],
  );
  for (const [id, owner] of last) former.set(id!, owner!);
  for (const { entity, by, open } of plans) {
    const model = modelOf(entity);
    const reference = model.fields.get(of);
    if (!reference) continue;
    const instead = insteadOf(model, reference);
    const belongs = `t."${reference.column}" = any($2::uuid[])${instead ? ` and t."${instead.column}" is null` : ''}`;
    const planned = `${belongs} and ${open} and t."${model.fields.get(by)!.column}" is not null`;
    for (const record of await recordsWhere(change, entity, planned, [[...former.keys()]])) {
      const { [of]: id, [by]: doer } = record as Record<string, string>;
      if (doer === former.get(id!)) tasks.set(id!, [...(tasks.get(id!) ?? []), { entity, by, record }]);
    }
  }
  return new OpenTasks(tasks);
}
