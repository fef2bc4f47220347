import { At, OneOf, Text, Whole } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { RunStatus } from '../model/run-status.js';

/** Its progress is stored with each chunk, in the same transaction, so that it can be taken up by any process. */
@Table({
  description: 'A calculation of the health of all customers.',
  uniqueWhere: { health_run_running: [[], "status = 'RUNNING'"] },
  indexes: [['createdAt']],
})
export class HealthRun extends Editable {
  @OneOf(RunStatus, { description: 'Where it stands.', default: 'RUNNING' })
  status!: RunStatus;

  @Whole({ description: 'How many customers there were when it began.' })
  total!: number;

  @Whole({ description: 'How many customers it has scored.', default: 0 })
  scored!: number;

  @Whole({ description: 'How many success tasks it has created.', default: 0 })
  tasksCreated!: number;

  @Text({ hidden: true, max: 36, nullable: true, description: 'Id of the customer scored last.' })
  lastCustomer?: string | null;

  @At({ nullable: true, description: 'When it was finished; null while it is not.' })
  finishedAt?: string | null;
}
