import { Field, Int, ObjectType } from 'type-graphql';
import { CompanySize, CustomerKind, CustomerStatus, CustomerTier } from './customer.entity.js';

/** Makes a type that says how many customers have one value: the value under the name of its field, and the count. */
export function countOf(
  name: string,
  field: string,
  values: Record<string, string>,
  options: { description: string; nullable?: boolean },
): new () => object {
  class Counted {}
  Field(() => values as never, {
    nullable: options.nullable ?? false,
    description: options.nullable ? 'The value; null for none.' : 'The value.',
  })(Counted.prototype, field);
  Field(() => Int, { description: 'How many customers.' })(Counted.prototype, 'count');
  Object.defineProperty(Counted, 'name', { value: name });
  ObjectType(name, { description: options.description })(Counted);
  return Counted;
}

const StatusCount = countOf('CustomerStatusCount', 'status', CustomerStatus, {
  description: 'How many customers are in one state.',
});
const KindCount = countOf('CustomerKindCount', 'kind', CustomerKind, {
  description: 'How many customers are of one kind.',
});
const TierCount = countOf('CustomerTierCount', 'tier', CustomerTier, {
  description: 'How many customers are of one tier.',
});
const SizeCount = countOf('CompanySizeCount', 'size', CompanySize, {
  description: 'How many customers are of one size.',
  nullable: true,
});

@ObjectType({
  description: 'How many customers there are, in all and by value; values that do not occur are left out.',
})
export class CustomerBreakdown {
  @Field(() => Int, { description: 'In all.' })
  totalCount!: number;

  @Field(() => [StatusCount], { description: 'By state.' })
  byStatus!: object[];

  @Field(() => [KindCount], { description: 'How many customers there are of each kind.' })
  byKind!: object[];

  @Field(() => [TierCount], { description: 'How many customers there are of each tier.' })
  byTier!: object[];

  @Field(() => [SizeCount], { description: 'By size of the company.' })
  bySize!: object[];
}
