import { Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from './customer.entity.js';
import { CustomerRelation } from './relation.entity.js';
import { CustomerRelationInput, customerRelations } from './relation.inputs.js';
import * as relations from './relation.service.js';
import { onEitherSide } from './relation.sql.js';
import { relationActions } from './customer.policy.js';

const Queries = rootFields(
  customerRelations,
  { one: 'customerRelation', many: 'customerRelations' },
  {
    one: 'One relation between customers; null if there is none that the caller may see.',
    many: 'Relations between customers that the caller may see.',
  },
);
const OfCustomer = childList(
  Customer,
  'relations',
  customerRelations,
  'Relations with other customers that the caller may see, whichever side the customer is on.',
  onEitherSide,
);

const CustomerRelationCreatePayload = payload('CustomerRelationCreatePayload', {
  customerRelation: [() => CustomerRelation, 'The new relation.'],
});
const CustomerRelationDeletePayload = payload('CustomerRelationDeletePayload', {
  deletedId: [() => ID, 'Id of the removed relation.'],
});

@Resolver()
class Mutations {
  @Mutation(() => CustomerRelationCreatePayload, {
    nullable: true,
    description:
      'Enters what one customer is to another. Fails with REQUIRED, INVALID, ALREADY_LINKED, UNKNOWN_REFERENCE, TOO_LONG.',
  })
  customerRelationCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerRelationInput, 'The relation.') input: CustomerRelationInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerRelation: await relations.relate(ctx, input) }));
  }

  @Mutation(() => CustomerRelationDeletePayload, {
    nullable: true,
    description: 'Removes a relation for good. Fails with NOT_FOUND.',
  })
  customerRelationDelete(@Ctx() ctx: Context, @Id() id: string): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await relations.remove(ctx, id) }));
  }
}

export const relationResolvers = [Queries, OfCustomer, Mutations, ...permissionFields(relationActions)];
