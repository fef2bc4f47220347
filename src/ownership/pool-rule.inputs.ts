import { Field, InputType, Int } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { equals, containsWords, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { CompanySize, CustomerKind, CustomerStatus, CustomerTier } from '../customers/customer.entity.js';
import { LeadSource, LeadStatus } from '../leads/lead.entity.js';
import { PoolRule, PoolRuleExemption } from './pool-rule.entity.js';
import { RecyclingRun } from './recycling-run.entity.js';
import './pool-rule.policy.js';

@InputType({ description: 'Conditions on pool rules; all given ones hold.' })
export class PoolRuleFilter extends filterFrom('PoolRuleColumnFilter', PoolRule) {
  @Where(containsWords('name'), () => String, 'Each of its words is contained in the name.')
  search?: string;

  @Where(equals('name'), () => String, 'Exactly this name.')
  name?: string;
}

export const poolRules = list(PoolRule, {
  filter: PoolRuleFilter,
  order: { createdAt: 'When it was made.', number: 'The integer `number`.' },
  defaultOrder: [['POSITION', 'ASC']],
});

@InputType({ description: 'Conditions on work on the days of pool rules; all given ones hold.' })
export class RecyclingRunFilter extends filterFrom('RecyclingRunColumnFilter', RecyclingRun) {}

export const recyclingRuns = list(RecyclingRun, {
  filter: RecyclingRunFilter,
  order: { createdAt: 'When it began.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({
  description:
    'What to store of a pool rule. Fields left out stay unchanged, and are as at creation where nothing was said; of lists, null is the empty one. `pool`, `name`, `trigger` and `days` are required at creation. Conditions and exemptions for customers are refused in rules for leads, and the other way round.',
})
export class PoolRuleInput extends inputFrom(
  'PoolRuleMembers',
  PoolRule,
  written<PoolRule, 'pool' | 'name' | 'position' | 'enabled' | 'trigger' | 'days'>(PoolRule),
  'Fields of a pool rule that are written as they are.',
) {
  @Field(() => [PoolRuleExemption], { nullable: true, description: 'What keeps customers from it.' })
  exemptions?: PoolRuleExemption[] | null;

  @Field(() => [CustomerTier], {
    nullable: true,
    description: 'Only customers of these tiers; all where there is none.',
  })
  tiers?: CustomerTier[] | null;

  @Field(() => [CustomerStatus], {
    nullable: true,
    description: 'Only customers in these states; all where there is none.',
  })
  customerStatuses?: CustomerStatus[] | null;

  @Field(() => [CustomerKind], {
    nullable: true,
    description: 'Only customers of these kinds; all where there is none.',
  })
  customerKinds?: CustomerKind[] | null;

  @Field(() => [CompanySize], {
    nullable: true,
    description: 'Only companies of these sizes; all where there is none.',
  })
  sizes?: CompanySize[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only customers that came from one of these, exactly so; all where there is none. At most 100.',
  })
  sources?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only customers in one of these regions, exactly so; all where there is none. At most 100.',
  })
  regions?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only customers of one of these industries, exactly so; all where there is none. At most 100.',
  })
  industries?: string[] | null;

  @Field(() => [LeadStatus], { nullable: true, description: 'Only leads in these states; all where there is none.' })
  leadStatuses?: LeadStatus[] | null;

  @Field(() => [LeadSource], {
    nullable: true,
    description: 'Only leads that came in these ways; all where there is none.',
  })
  leadSources?: LeadSource[] | null;

  @Field(() => [Int], {
    nullable: true,
    description:
      'How many days before a record goes to the pool it is said that it will, each from 1 to 3650; at most 10.',
  })
  reminderDays?: number[] | null;
}
