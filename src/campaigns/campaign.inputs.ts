import { Field, ID, InputType } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { amountOf, MoneyInput } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { among, atLeast, atMost, contains, containsWords, equals, fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { User } from '../identity/user.entity.js';
import { Campaign, CampaignKind, CampaignStatus } from './campaign.entity.js';
import './campaign.policy.js';

@InputType({ description: 'Conditions on campaigns; all given ones hold.' })
export class CampaignFilter extends filterFrom('CampaignColumnFilter', Campaign) {
  @Where(
    containsWords('name', 'code', 'targetAudience'),
    () => String,
    'Each of its words is contained in name, number or target audience.',
  )
  search?: string;

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(equals('code'), () => String, 'Exactly this campaign number.')
  code?: string;

  @Where(among('kind'), () => [CampaignKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(among('status'), () => [CampaignStatus], 'In one of these states.')
  status?: string[];

  @Where(refersTo('owner', User), () => [ID], 'Run by one of these users, by id, number or login; `ME` is the caller.')
  owner?: string[];

  @Where(atLeast('startsOn', 'date'), () => Day, 'Starts on this day or later.')
  startsFrom?: string;

  @Where(atMost('startsOn', 'date'), () => Day, 'Starts on this day or earlier.')
  startsUntil?: string;

  @Where(fromDay('createdAt'), () => Day, 'Created on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Created on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const campaigns = list(Campaign, {
  filter: CampaignFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    name: 'Name of the campaign.',
    startsOn: 'First day of the campaign.',
    endsOn: 'Last day of the campaign.',
    budget: { description: 'Budget of the campaign.', by: 'plannedBudget' },
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
  sums: {
    budget: { description: 'Budgets.', summand: (campaign) => amountOf(campaign, 'plannedBudget') },
    actualCost: {
      description: 'What the campaigns cost so far.',
      summand: (campaign) => amountOf(campaign, 'spentAmount'),
    },
    revenue: { description: 'Revenue that they brought.', summand: (campaign) => amountOf(campaign, 'earnedAmount') },
  },
});

@InputType({
  description:
    'What to store of a campaign. Fields left out stay unchanged; null clears a field. The state is changed by `campaignChangeStatus`.',
})
export class CampaignInput extends inputFrom(
  'CampaignMembers',
  Campaign,
  written<Campaign, Exclude<keyof Campaign, keyof Editable | 'budget' | 'actualCost' | 'revenue' | 'status'>>(Campaign),
  'Fields of a campaign that are written as they are.',
) {
  @Field(() => MoneyInput, { nullable: true, description: 'Budget, from 0.' })
  budget?: MoneyInput | null;

  @Field(() => MoneyInput, { nullable: true, description: 'What it cost so far, from 0.' })
  actualCost?: MoneyInput | null;
}

@InputType({
  description:
    'Results of a campaign as totals up to now; they replace the previous ones. Fields left out stay unchanged; null clears a field.',
})
export class CampaignMetricsInput extends inputFrom(
  'CampaignMetricMembers',
  Campaign,
  ['impressions', 'clicks', 'conversions'],
  'Counts of a campaign.',
) {
  @Field(() => MoneyInput, { nullable: true, description: 'Revenue it brought, from 0.' })
  revenue?: MoneyInput | null;

  @Field(() => MoneyInput, { nullable: true, description: 'What it cost so far, from 0.' })
  actualCost?: MoneyInput | null;
}
