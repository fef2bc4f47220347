import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { DateTime } from '../model/scalars.js';
import { oneOf } from '../graphql/changes.js';
import { subscription } from '../graphql/topics.js';
import { Activity, Priority } from '../activities/activity.entity.js';
import { activities } from '../activities/activity.inputs.js';
import { SuccessTask } from './success-task.entity.js';
import { successTasks } from './success-task.inputs.js';

const DueKind = enumeration('DueKind', 'What can fall due.', {
  SUCCESS_TASK: 'A success task, at its `dueAt`.',
  ACTIVITY: 'A planned activity, at its `startsAt`.',
});

@ObjectType({
  description:
    'A task or a planned activity fell due. Published once for each instant of falling due: again only if it is put off.',
})
class TaskDueEvent {
  @Field(() => String, { description: 'Opaque id of the event; the same however often it is delivered.' })
  id!: string;

  @Field(() => String, {
    description: 'Place of the event in the feed of changes; hand it to `after` to go on behind it.',
  })
  cursor!: string;

  @Field(() => DueKind, { description: 'What fell due.' })
  kind!: string;

  @Field(() => DateTime, { description: 'When it fell due.' })
  dueAt!: string;

  @Field(() => SuccessTask, {
    nullable: true,
    description:
      'The task as it is now; null if it is an activity that fell due, or if the task is deleted or hidden from the subscriber meanwhile.',
  })
  successTask?: string | null;

  @Field(() => Activity, {
    nullable: true,
    description:
      'The activity as it is now; null if it is a task that fell due, or if the activity is deleted or hidden from the subscriber meanwhile.',
  })
  activity?: string | null;

  @Field(() => String, { description: 'Opaque id of the record.' })
  recordId!: string;

  @Field(() => DateTime, {
    description: 'When the server noticed: as a rule within a second of `dueAt`, later where no server was running.',
  })
  at!: string;
}

@InputType({ description: 'Conditions on tasks and activities that fall due; all given ones hold.' })
class TaskDueFilter {
  @Field(() => [ID], {
    nullable: true,
    description: 'To be done by one of these users, by id, number or login; `ME` is the caller.',
  })
  assignee?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'For one of these customers.' })
  customer?: string[] | null;

  @Field(() => [Priority], { nullable: true, description: 'Of one of these priorities.' })
  priority?: string[] | null;
}

const kinds: Record<string, keyof typeof DueKind> = {
  'crm.successTask.due': 'SUCCESS_TASK',
  'crm.activity.due': 'ACTIVITY',
};

const TaskDue = subscription(
  'taskDue',
  () => TaskDueEvent,
  'Success tasks and planned activities of the tenant as they fall due; only those that the subscriber may see at that moment.',
  {
    lists: [successTasks, activities],
    recordOf: ({ type }) => kinds[type] && (kinds[type] === 'ACTIVITY' ? Activity : SuccessTask),
    wants: ({ type }, args) => oneOf(args['kinds'], kinds[type]),
    // who does an activity is its `staff`
    filterOf: ({ filter }, record) =>
      (filter as object | null | undefined) &&
      Object.fromEntries(
        Object.entries(filter as object).map(([field, value]) => [
          record === Activity && field === 'assignee' ? 'staff' : field,
          value,
        ]),
      ),
    shows: ({ id, seq, type, subject, data, at }) => ({
      id,
      cursor: String(seq),
      kind: kinds[type],
      dueAt: data['dueAt'],
      successTask: kinds[type] === 'SUCCESS_TASK' ? subject : null,
      activity: kinds[type] === 'ACTIVITY' ? subject : null,
      recordId: subject,
      at,
    }),
  },
  {
    kinds: [() => [DueKind], 'Only when one of these fell due.'],
    filter: [() => TaskDueFilter, 'Only tasks and activities that meet all of these conditions when they are sent.'],
  },
);

export const dueResolvers = [TaskDue];
