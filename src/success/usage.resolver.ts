import { Arg, Ctx, Int, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { Customer } from '../customers/customer.entity.js';
import { UsageEventInput, usageEvents } from './usage.inputs.js';
import * as usage from './usage.service.js';

const Queries = rootFields(
  usageEvents,
  { one: 'usageEvent', many: 'usageEvents' },
  {
    one: 'One usage event; null if there is none with this id that the caller may see.',
    many: 'Usage events of the customers that the caller may see, newest first.',
  },
);
const OfCustomer = childList(
  Customer,
  'usageEvents',
  usageEvents,
  'What people at the customer did with our product, newest first.',
  'customer',
);

const UsageEventsCreatePayload = payload('UsageEventsCreatePayload', {
  count: [() => Int, 'How many events were stored.'],
});

@Resolver()
class Mutations {
  @Mutation(() => UsageEventsCreatePayload, {
    nullable: true,
    description:
      'Stores up to 1,000 usage events, all or none. Fails with OUT_OF_RANGE, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  usageEventsCreate(
    @Ctx() ctx: Context,
    @Arg('inputs', () => [UsageEventInput], { description: 'What to store, 1 to 1,000 events.' })
    inputs: UsageEventInput[],
  ): Promise<object> {
    return answer(ctx, async () => ({ count: await usage.create(ctx, inputs) }));
  }
}

export const usageResolvers = [Queries, OfCustomer, Mutations];
