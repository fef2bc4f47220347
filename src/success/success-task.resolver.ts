import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Decimal } from '../model/scalars.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import { SuccessTask, SuccessTaskStatus } from './success-task.entity.js';
import { SuccessTaskInput, successTasks } from './success-task.inputs.js';
import * as tasks from './success-task.service.js';
import { taskActions } from './success.policy.js';

const Queries = rootFields(
  successTasks,
  { one: 'successTask', many: 'successTasks' },
  {
    one: 'One success task; null if there is none with this id that the caller may see.',
    many: 'Success tasks that the caller may see, newest first.',
  },
);
const OfCustomer = childList(
  Customer,
  'successTasks',
  successTasks,
  'What is to be done so that the customer stays and prospers.',
  'customer',
);

const record: Record<string, [() => unknown, string]> = {
  successTask: [() => SuccessTask, 'The task after the change.'],
};
const SuccessTaskCreatePayload = payload('SuccessTaskCreatePayload', record);
const SuccessTaskUpdatePayload = payload('SuccessTaskUpdatePayload', record);
const SuccessTaskChangeStatusPayload = payload('SuccessTaskChangeStatusPayload', record);
const SuccessTaskDeletePayload = deletePayload(SuccessTask);

@Resolver()
class Mutations {
  @Mutation(() => SuccessTaskCreatePayload, {
    nullable: true,
    description: 'Creates a success task. Fails with REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  successTaskCreate(
    @Ctx() ctx: Context,
    @Input(() => SuccessTaskInput, 'What to store.') input: SuccessTaskInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ successTask: await tasks.create(ctx, input) }));
  }

  @Mutation(() => SuccessTaskUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a success task, not its state. Fails with NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  successTaskUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => SuccessTaskInput) input: SuccessTaskInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ successTask: await tasks.update(ctx, id, input, version) }));
  }

  @Mutation(() => SuccessTaskChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a success task to another state. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG, OUT_OF_RANGE.',
  })
  successTaskChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => SuccessTaskStatus, { description: 'The new state.' }) status: SuccessTaskStatus,
    @Arg('result', () => String, { nullable: true, description: 'What came of it.' }) result?: string | null,
    @Arg('effectiveness', () => Decimal, { nullable: true, description: 'How much it helped, 0.0 to 5.0.' })
    effectiveness?: string | null,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({
      successTask: await tasks.changeStatus(
        ctx,
        id,
        status,
        { result: result ?? null, effectiveness: effectiveness ?? null, reason: reason ?? null },
        version,
      ),
    }));
  }

  @Mutation(() => SuccessTaskDeletePayload, {
    nullable: true,
    description: 'Hides a success task. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  successTaskDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await tasks.remove(ctx, id, version) }));
  }
}

const SuccessTaskRestoration = restoration(successTasks, tasks.restore, ['ALREADY_EXISTS']);

export const successTaskResolvers = [
  Queries,
  OfCustomer,
  Mutations,
  SuccessTaskRestoration,
  ...permissionFields(taskActions),
];
