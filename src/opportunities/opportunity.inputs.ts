import { Field, ID, InputType, Int } from 'type-graphql';
import { inputFrom } from '../model/inputs.js';
import { Day, Decimal } from '../model/scalars.js';
import {
  among,
  atLeast,
  atMost,
  contains,
  equals,
  found,
  fromDay,
  isOneOf,
  isTrue,
  refersTo,
  refersToNamed,
  untilDay,
  Where,
} from '../read/filter.js';
import { list } from '../read/list.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Opportunity, OpportunityStage, StageChange } from './opportunity.entity.js';
import { isOpen } from './opportunity.sql.js';
import './opportunity.policy.js';

@InputType({
  description: 'Conditions on opportunities; all given ones hold. Amounts match only where the caller may see them.',
})
export class OpportunityFilter {
  @Where(isOneOf, () => [ID], 'One of these, by opaque id or integer number.')
  ids?: string[];

  @Where(found, () => String, 'Contained in name or number.')
  search?: string;

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(equals('code'), () => String, 'Exactly this opportunity number.')
  code?: string;

  @Where(refersTo('customer', Customer), () => ID, 'With this customer.')
  customer?: string;

  @Where(refersTo('owner', User), () => ID, 'Worked on by this user; null for nobody.')
  owner?: string;

  @Where(
    refersToNamed('owner', User, 'login'),
    () => String,
    'Worked on by the user with this id, integer number or login.',
  )
  ownedBy?: string;

  @Where(refersTo('campaign', Campaign), () => ID, 'From this campaign; null for none.')
  campaign?: string;

  @Where(among('stage'), () => [OpportunityStage], 'At one of these stages.')
  stage?: string[];

  @Where(isTrue((row) => `(${isOpen(row)})`), () => Boolean, 'Open ones, or those won or lost.')
  open?: boolean;

  @Where(equals('probability'), () => Int, 'Exactly this likely, in percent.')
  probability?: number;

  @Where(atLeast('expectedAmount', 'numeric'), () => Decimal, 'Expected amount of at least this.')
  amountMin?: string;

  @Where(atMost('expectedAmount', 'numeric'), () => Decimal, 'Expected amount of at most this.')
  amountMax?: string;

  @Where(atLeast('expectedCloseOn', 'date'), () => Day, 'Expected to close on this day or later.')
  closeFrom?: string;

  @Where(atMost('expectedCloseOn', 'date'), () => Day, 'Expected to close on this day or earlier.')
  closeUntil?: string;

  @Where(fromDay('createdAt'), () => Day, 'Created on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Created on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const opportunities = list(Opportunity, {
  filter: OpportunityFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'Its integer number.',
    name: 'Its name.',
    stage: { description: 'Its stage, in the order of the pipeline.', ranks: Object.keys(OpportunityStage) },
    probability: 'Its likelihood.',
    amount: { description: 'Its expected amount.', by: 'expectedAmount', cast: 'numeric' },
    expectedCloseOn: 'The day it is expected to close.',
    closedAt: 'When it was won or lost.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'Conditions on moves; all given ones hold.' })
export class StageChangeFilter {
  @Where(refersTo('opportunity', Opportunity), () => ID, 'Of this opportunity.')
  opportunity?: string;

  @Where(among('toStage'), () => [OpportunityStage], 'To one of these stages.')
  toStage?: string[];
}

export const stageChanges = list(StageChange, {
  filter: StageChangeFilter,
  order: { createdAt: 'When the opportunity was moved.', number: 'Its integer number.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'What to store of an opportunity. Fields left out stay unchanged; null clears a field.' })
export class OpportunityInput extends inputFrom(
  'OpportunityMembers',
  Opportunity,
  ['name', 'description', 'customer', 'owner', 'campaign', 'probability', 'currency', 'expectedCloseOn'],
  'Fields of an opportunity that are written as they are.',
) {
  @Field(() => Decimal, { nullable: true, description: 'Expected amount, from 0.' })
  amount?: string | null;

  @Field(() => OpportunityStage, {
    nullable: true,
    description:
      'Stage at creation, PROSPECTING by default. An update moves the opportunity there as `opportunityAdvance` does, and is refused where that is.',
  })
  stage?: OpportunityStage | null;
}
