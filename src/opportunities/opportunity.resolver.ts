import { Arg, Ctx, Int, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { all, counted } from '../model/fields.js';
import { amountOf, MoneySum, sumOfRows } from '../model/money.js';
import { Id, Input, Reason, sumsIn, Version } from '../graphql/arguments.js';
import { changesOf } from '../graphql/changes.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { restoration } from '../graphql/restoration.js';
import { answer, answerBulk, bulkPayload, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity, OpportunityStage } from './opportunity.entity.js';
import {
  opportunities as opportunityList,
  OpportunityCorrectInput,
  OpportunityInput,
  OpportunityLoseInput,
  OpportunityWinInput,
  stageChanges,
} from './opportunity.inputs.js';
import * as opportunities from './opportunity.service.js';
import { isOpen, isOfCustomer, isWon } from './opportunity.sql.js';
import './opportunity.timeline.js';
import { opportunityActions } from './opportunity.policy.js';

const Queries = rootFields(
  opportunityList,
  { one: 'opportunity', many: 'opportunities' },
  {
    one: 'One opportunity; null if there is none with this id that the caller may see.',
    many: 'Opportunities that the caller may see.',
  },
);
const ChangeQueries = rootFields(
  stageChanges,
  { one: 'stageChange', many: 'stageChanges' },
  {
    one: 'One move of an opportunity; null if there is none that the caller may see.',
    many: 'Moves of the opportunities that the caller may see, newest first.',
  },
);

const OfCustomer = childList(
  Customer,
  'opportunities',
  opportunityList,
  'Opportunities with the customer.',
  'customer',
);
const OfCampaign = childList(
  Campaign,
  'opportunities',
  opportunityList,
  'Opportunities that came from the campaign.',
  'campaign',
);
const ChangesOfOpportunity = childList(
  Opportunity,
  'stageChanges',
  stageChanges,
  'How the opportunity moved, newest first.',
  'opportunity',
);
const ChangesOfCustomer = childList(
  Customer,
  'stageChanges',
  stageChanges,
  "How the customer's opportunities moved, newest first.",
  { knownVisible: 'opportunity', where: isOfCustomer },
);

const OpenCount = addField(
  Customer,
  'openOpportunityCount',
  () => Int,
  { description: 'How many open opportunities there are with the customer.' },
  { kind: 'sql', sql: (customer) => customer.aggregate(Opportunity, 'customer', isOpen, counted) },
);
const OpenAmount = addField(
  Customer,
  'openOpportunityAmount',
  () => MoneySum,
  {
    nullable: true,
    description:
      'Sum of the expected amounts of the open opportunities that the caller may see; null if hidden from the caller.',
  },
  {
    kind: 'embed',
    ...sumOfRows(Opportunity, 'customer', (opportunity) => amountOf(opportunity, 'expectedAmount'), isOpen),
  },
  sumsIn,
);
const WonAmount = addField(
  Customer,
  'wonOpportunityAmount',
  () => MoneySum,
  {
    nullable: true,
    description: 'Sum of the amounts of the won opportunities that the caller may see; null if hidden from the caller.',
  },
  {
    kind: 'embed',
    ...sumOfRows(Opportunity, 'customer', (opportunity) => amountOf(opportunity, 'wonAmount'), isWon),
  },
  sumsIn,
);

const CreatedByCampaign = addField(
  Campaign,
  'opportunitiesCreated',
  () => Int,
  { description: 'How many opportunities came from the campaign, as far as the caller may see them.' },
  { kind: 'sql', sql: (campaign) => campaign.aggregate(Opportunity, 'campaign', all, counted) },
);
const ClosedByCampaign = addField(
  Campaign,
  'salesClosed',
  () => Int,
  { description: 'How many of its opportunities were won, as far as the caller may see them.' },
  { kind: 'sql', sql: (campaign) => campaign.aggregate(Opportunity, 'campaign', isWon, counted) },
);

const record: Record<string, [() => unknown, string]> = {
  opportunity: [() => Opportunity, 'The opportunity after the change.'],
};
const OpportunityCreatePayload = payload('OpportunityCreatePayload', record);
const OpportunitiesCreatePayload = bulkPayload('OpportunitiesCreatePayload', ['opportunity', () => Opportunity]);
const OpportunityUpdatePayload = payload('OpportunityUpdatePayload', record);
const OpportunityChangeStagePayload = payload('OpportunityChangeStagePayload', record);
const OpportunityCorrectPayload = payload('OpportunityCorrectPayload', record);
const OpportunityWinPayload = payload('OpportunityWinPayload', record);
const OpportunityLosePayload = payload('OpportunityLosePayload', record);
const OpportunityDeletePayload = deletePayload(Opportunity);

@Resolver()
class Mutations {
  @Mutation(() => OpportunityCreatePayload, {
    nullable: true,
    description: 'Creates an opportunity. Fails with REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_REFERENCE.',
  })
  opportunityCreate(
    @Ctx() ctx: Context,
    @Input(() => OpportunityInput, 'What to store.') input: OpportunityInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ opportunity: await opportunities.create(ctx, input) }));
  }

  @Mutation(() => OpportunitiesCreatePayload, {
    nullable: true,
    description:
      'Creates many opportunities, at most 5000: what is refused is reported in its result, the rest is kept. Items are refused as by `opportunityCreate`. Fails with OUT_OF_RANGE.',
  })
  opportunitiesCreate(
    @Ctx() ctx: Context,
    @Arg('inputs', () => [OpportunityInput], { description: 'What to store.' }) inputs: OpportunityInput[],
  ): Promise<object> {
    return answerBulk(ctx, () => opportunities.createMany(ctx, inputs), 'opportunity');
  }

  @Mutation(() => OpportunityUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of an opportunity. Fails with NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, UNKNOWN_REFERENCE, CURRENCY_FIXED.',
  })
  opportunityUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => OpportunityInput) input: OpportunityInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ opportunity: await opportunities.update(ctx, id, input, version) }));
  }

  @Mutation(() => OpportunityChangeStagePayload, {
    nullable: true,
    description:
      'Moves an opportunity to another stage; its likelihood follows. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  opportunityChangeStage(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('stage', () => OpportunityStage, { description: 'The new stage.' }) stage: OpportunityStage,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({
      opportunity: await opportunities.changeStage(ctx, id, stage, reason, version),
    }));
  }

  @Mutation(() => OpportunityWinPayload, {
    nullable: true,
    description:
      'Wins an opportunity. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, INVALID, OUT_OF_RANGE, TOO_LONG, CURRENCY_FIXED.',
  })
  opportunityWin(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => OpportunityWinInput, 'With what it is won.', {}) input: OpportunityWinInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ opportunity: await opportunities.win(ctx, id, input, version) }));
  }

  @Mutation(() => OpportunityLosePayload, {
    nullable: true,
    description:
      'Loses an opportunity. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, INVALID, TOO_LONG.',
  })
  opportunityLose(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => OpportunityLoseInput, 'With what it is lost.', {}) input: OpportunityLoseInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ opportunity: await opportunities.lose(ctx, id, input, version) }));
  }

  @Mutation(() => OpportunityCorrectPayload, {
    nullable: true,
    description:
      'Corrects the amount that an opportunity was won with, or the day on which it was closed, and nothing else of it. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, INVALID, OUT_OF_RANGE, TOO_LONG, CURRENCY_FIXED.',
  })
  opportunityCorrect(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => OpportunityCorrectInput, 'What is right.') input: OpportunityCorrectInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ opportunity: await opportunities.correct(ctx, id, input, version) }));
  }

  @Mutation(() => OpportunityDeletePayload, {
    nullable: true,
    description: 'Hides an opportunity. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  opportunityDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await opportunities.remove(ctx, id, version) }));
  }
}

const OpportunityRestoration = restoration(opportunityList, opportunities.restore, ['INVALID', 'IN_USE']);

export const opportunityResolvers = [
  changesOf(opportunityList),
  Queries,
  ...groupsOf(opportunityList, 'opportunities'),
  ChangeQueries,
  OfCustomer,
  OfCampaign,
  ChangesOfOpportunity,
  ChangesOfCustomer,
  OpenCount,
  OpenAmount,
  WonAmount,
  CreatedByCampaign,
  ClosedByCampaign,
  Mutations,
  OpportunityRestoration,
  ...permissionFields(opportunityActions),
];
