import { Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from './customer.entity.js';
import { CustomerMember } from './member.entity.js';
import { CustomerMemberChange, CustomerMemberInput, customerMembers } from './member.inputs.js';
import * as members from './member.service.js';
import { memberActions } from './customer.policy.js';

const Queries = rootFields(
  customerMembers,
  { one: 'customerMember', many: 'customerMembers' },
  {
    one: 'One collaborator; null if there is none that the caller may see.',
    many: 'Collaborators of the customers that the caller may see.',
  },
);
const OfCustomer = childList(
  Customer,
  'members',
  customerMembers,
  'Collaborators of the customer, the oldest first, those whose last day has passed as well.',
  'customer',
);

const member: Record<string, [() => unknown, string]> = {
  customerMember: [() => CustomerMember, 'The collaborator; null if nothing was changed.'],
};
const CustomerMemberCreatePayload = payload('CustomerMemberCreatePayload', member);
const CustomerMemberUpdatePayload = payload('CustomerMemberUpdatePayload', member);
const CustomerMemberDeletePayload = payload('CustomerMemberDeletePayload', {
  deletedId: [() => ID, 'Id of the collaborator that was removed.'],
});

@Resolver()
class Mutations {
  @Mutation(() => CustomerMemberCreatePayload, {
    nullable: true,
    description:
      'Makes a user a collaborator of a customer, who sees what its owner sees of it, and with WRITE changes it as well. For those who may change the customer by their own reach; collaborators let nobody else in. Fails with FORBIDDEN, REQUIRED, UNKNOWN_REFERENCE, ALREADY_LINKED, INVALID.',
  })
  customerMemberCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerMemberInput, 'What to store.') input: CustomerMemberInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerMember: await members.create(ctx, input) }));
  }

  @Mutation(() => CustomerMemberUpdatePayload, {
    nullable: true,
    description:
      'Changes what a collaborator may do with a customer and until when. Fails with FORBIDDEN, NOT_FOUND, REQUIRED, INVALID.',
  })
  customerMemberUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CustomerMemberChange) input: CustomerMemberChange,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerMember: await members.update(ctx, id, input) }));
  }

  @Mutation(() => CustomerMemberDeletePayload, {
    nullable: true,
    description: 'Removes a collaborator from a customer. Fails with FORBIDDEN, NOT_FOUND.',
  })
  customerMemberDelete(@Ctx() ctx: Context, @Id() id: string): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await members.remove(ctx, id) }));
  }
}

export const memberResolvers = [Queries, OfCustomer, Mutations, ...permissionFields(memberActions)];
