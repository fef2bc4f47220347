import { Field, InputType } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { CustomerStatus, CustomerTier } from '../customers/customer.entity.js';
import { LeadStatus } from '../leads/lead.entity.js';
import { HoldingLimit } from './holding-limit.entity.js';
import './holding-limit.policy.js';

@InputType({ description: 'Conditions on holding limits; all given ones hold.' })
export class HoldingLimitFilter extends filterFrom('HoldingLimitColumnFilter', HoldingLimit) {}

export const holdingLimits = list(HoldingLimit, {
  filter: HoldingLimitFilter,
  order: {
    createdAt: 'When it was set.',
    number: 'The integer `number`.',
    max: 'How many at once.',
  },
  defaultOrder: [['CREATED_AT', 'ASC']],
  restorable: true,
});

@InputType({ description: 'What to store of a holding limit. Fields left out stay unchanged.' })
export class HoldingLimitInput extends inputFrom(
  'HoldingLimitValues',
  HoldingLimit,
  written<HoldingLimit, 'kind' | 'user' | 'department'>(HoldingLimit),
  'Fields of a holding limit that are written as they are.',
) {
  @Field(() => [CustomerTier], { nullable: true, description: 'Customers of these tiers do not count.' })
  uncountedTiers?: CustomerTier[] | null;

  @Field(() => [CustomerStatus], { nullable: true, description: 'Customers in these states do not count.' })
  uncountedStatuses?: CustomerStatus[] | null;

  @Field(() => [LeadStatus], { nullable: true, description: 'Leads in these states do not count.' })
  uncountedLeadStatuses?: LeadStatus[] | null;
}
