import { Property } from '@mikro-orm/decorators/legacy';
import { At, OnDay, OneOf, Text, Whole } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { RunStatus } from '../model/run-status.js';

export const RecyclingRunKind = enumeration('RecyclingRunKind', 'What is done with the customers and leads.', {
  COMPUTE:
    'Works out anew on which day which rule takes each of them, since rules, pools or the time zone of the tenant were changed.',
  RECYCLE: 'Takes those whose day has come into the pools, and says of others that theirs is near.',
});
export type RecyclingRunKind = keyof typeof RecyclingRunKind;

/** Its progress is stored with each step, in the same transaction, so that it can be taken up by any process. */
@Table({
  description: 'Work on the days on which pool rules take customers and leads: it goes over all of them, step by step.',
  uniqueWhere: {
    recycling_run_computing: [[], "kind = 'COMPUTE' and status = 'RUNNING'"],
    recycling_run_of_day: [['day'], "kind = 'RECYCLE'"],
  },
  indexes: [['createdAt']],
  audited: false,
})
export class RecyclingRun extends Owned {
  @OneOf(RecyclingRunKind, { filter: true, description: 'What is done.' })
  kind!: RecyclingRunKind;

  @OneOf(RunStatus, { filter: true, description: 'Where it stands.', default: 'RUNNING' })
  status!: RunStatus;

  @OnDay({
    nullable: true,
    filter: true,
    description: 'Of RECYCLE, the day: records of that day and of earlier ones are taken; null for COMPUTE.',
  })
  day?: string | null;

  @Whole({ description: 'How many customers and leads there were to go over when it began.' })
  total!: number;

  @Whole({ description: 'How many it has gone over.', default: 0 })
  done!: number;

  @Whole({ description: 'How many it has taken into pools.', default: 0 })
  recycled!: number;

  @Whole({ description: 'How many reminders it has published.', default: 0 })
  reminded!: number;

  @At({ description: 'When it last went on.', default: 'now()' })
  updatedAt!: string;

  @At({ nullable: true, description: 'When it was finished; null while it is not.' })
  finishedAt?: string | null;

  @Text({ hidden: true, max: 20, description: 'The part that it is at.', default: 'CUSTOMER' })
  part!: string;

  /** the record that it looked at last in that part */
  @Property({ type: 'uuid', nullable: true })
  lastRecord?: string | null;

  @At({ hidden: true, nullable: true, description: 'Until when the process that takes it further has it to itself.' })
  heldUntil?: string | null;
}
