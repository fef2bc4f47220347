import { Field, Int, ObjectType } from 'type-graphql';
import { countOf, CustomerBreakdown } from '../customers/statistics.inputs.js';
import { TenantRelationType } from './tenant-link.entity.js';

const RelationTypeCount = countOf('TenantRelationTypeCount', 'relationType', TenantRelationType, {
  description: 'How many customers are linked in one way.',
});

@ObjectType({
  description:
    'How many customers of other tenants are linked to this one, in all and by value; values that do not occur are left out.',
})
export class LinkedCustomerBreakdown extends CustomerBreakdown {
  @Field(() => [RelationTypeCount], {
    description: 'By the way in which they are linked; a customer linked in two ways counts twice.',
  })
  byRelationType!: object[];

  @Field(() => Int, { description: 'Customers with a link that has begun and not ended.' })
  withActiveLink!: number;

  @Field(() => Int, { description: 'Customers with a link that has not begun or has ended.' })
  withInactiveLink!: number;
}
