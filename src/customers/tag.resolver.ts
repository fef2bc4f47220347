import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from './customer.entity.js';
import { CustomerTag } from './tag.entity.js';
import { CustomerTagInput, customerTags } from './tag.inputs.js';
import * as tags from './tag.service.js';
import { tagActions } from './customer.policy.js';

const Queries = rootFields(
  customerTags,
  { one: 'customerTag', many: 'customerTags' },
  {
    one: 'One tag; null if there is none that the caller may see.',
    many: 'Tags of the customers that the caller may see.',
  },
);
const OfCustomer = childList(Customer, 'tags', customerTags, 'Tags of the customer, the oldest first.', 'customer');

const CustomerTagCreatePayload = payload('CustomerTagCreatePayload', {
  customerTag: [() => CustomerTag, 'The new tag.'],
});
const CustomerTagDeletePayload = payload('CustomerTagDeletePayload', {
  deletedId: [() => ID, 'Id of the removed tag.'],
});

@Resolver()
class Mutations {
  @Mutation(() => CustomerTagCreatePayload, {
    nullable: true,
    description:
      'Sets a tag on a customer. Fails with REQUIRED, INVALID, NAME_TAKEN, UNKNOWN_REFERENCE, TOO_LONG, OUT_OF_RANGE.',
  })
  customerTagCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerTagInput, 'What to store.') input: CustomerTagInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerTag: await tags.create(ctx, input) }));
  }

  @Mutation(() => CustomerTagDeletePayload, {
    nullable: true,
    description: 'Removes a tag for good. Fails with NOT_FOUND.',
  })
  customerTagDelete(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('customer', () => ID, { nullable: true, description: 'Refuse any tag but one of this customer.' })
    customer?: string | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await tags.remove(ctx, id, customer) }));
  }
}

export const tagResolvers = [Queries, OfCustomer, Mutations, ...permissionFields(tagActions)];
