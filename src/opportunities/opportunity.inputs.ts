import { Field, ID, InputType } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { amountOf, MoneyInput } from '../model/money.js';
import { Day, Decimal, Percent } from '../model/scalars.js';
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
  untilDay,
  Where,
} from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
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
export class OpportunityFilter extends filterFrom('OpportunityColumnFilter', Opportunity) {
  @Where(isOneOf, () => [ID], 'One of these, by opaque id or integer number.')
  ids?: string[];

  @Where(found, () => String, 'Each of its words is contained in name or number.')
  search?: string;

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(equals('code'), () => String, 'Exactly this opportunity number.')
  code?: string;

  @Where(refersTo('customer', Customer), () => [ID], 'With one of these customers.')
  customer?: string[];

  @Where(
    refersTo('owner', User),
    () => [ID],
    'Worked on by one of these users, by id, number or login; `ME` is the caller.',
  )
  owner?: string[];

  @Where(refersTo('campaign', Campaign), () => [ID], 'From one of these campaigns.')
  campaign?: string[];

  @Where(among('stage'), () => [OpportunityStage], 'At one of these stages.')
  stage?: string[];

  @Where(isTrue((row) => `(${isOpen(row)})`), () => Boolean, 'Open ones, or those won or lost.')
  open?: boolean;

  @Where(equals('probability'), () => Percent, 'Exactly this likely.')
  probability?: number;

  @Where(atLeast('expectedAmount', 'numeric'), () => Decimal, 'Expected amount of at least this.')
  amountMin?: string;

  @Where(atMost('expectedAmount', 'numeric'), () => Decimal, 'Expected amount of at most this.')
  amountMax?: string;

  @Where(atLeast('expectedCloseOn', 'date'), () => Day, 'Expected to close on this day or later.')
  closeFrom?: string;

  @Where(atMost('expectedCloseOn', 'date'), () => Day, 'Expected to close on this day or earlier.')
  closeUntil?: string;

  @Where(fromDay('closedAt'), () => Day, 'Won or lost on this day or later, in the time zone of the tenant.')
  closedFrom?: string;

  @Where(untilDay('closedAt'), () => Day, 'Won or lost on this day or earlier, in the time zone of the tenant.')
  closedUntil?: string;

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
    number: 'The integer `number`.',
    name: 'Name of the opportunity.',
    stage: {
      description: 'Stage of the opportunity, in the order of the pipeline.',
      ranks: Object.keys(OpportunityStage),
    },
    probability: 'Likelihood of the opportunity.',
    amount: { description: 'Expected amount of the opportunity.', by: 'expectedAmount' },
    expectedCloseOn: 'The day it is expected to close.',
    closedAt: 'When it was won or lost.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  sums: {
    amount: { description: 'Expected amounts.', summand: (opportunity) => amountOf(opportunity, 'expectedAmount') },
    wonAmount: {
      description: 'Amounts that opportunities were won with.',
      summand: (opportunity) => amountOf(opportunity, 'wonAmount'),
    },
  },
  restorable: true,
});

@InputType({ description: 'Conditions on moves; all given ones hold.' })
export class StageChangeFilter extends filterFrom('StageChangeColumnFilter', StageChange) {
  @Where(refersTo('opportunity', Opportunity), () => [ID], 'Of one of these opportunities.')
  opportunity?: string[];

  @Where(among('toStage'), () => [OpportunityStage], 'To one of these stages.')
  toStage?: string[];
}

export const stageChanges = list(StageChange, {
  filter: StageChangeFilter,
  order: { createdAt: 'When the opportunity was moved.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'What to store of an opportunity. Fields left out stay unchanged; null clears a field.' })
export class OpportunityInput extends inputFrom(
  'OpportunityMembers',
  Opportunity,
  written<Opportunity, Exclude<keyof Opportunity, keyof Editable | 'stage' | 'amount' | 'actualAmount' | 'closedOn'>>(
    Opportunity,
  ),
  'Fields of an opportunity that are written as they are.',
) {
  @Field(() => MoneyInput, { nullable: true, description: 'Expected amount, from 0.' })
  amount?: MoneyInput | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description:
      'Amount that the opportunity was won with, from 0: of a won one, or together with CLOSED_WON. If left out when it is won, the expected amount.',
  })
  actualAmount?: MoneyInput | null;

  @Field(() => Day, {
    nullable: true,
    description:
      'Day on which the opportunity was won or lost, together with a closing stage; not after today, in the time zone of the tenant. If left out, today.',
  })
  closedOn?: string | null;

  @Field(() => OpportunityStage, {
    nullable: true,
    description:
      'Stage at creation; an opportunity is at PROSPECTING unless another is given. An update moves the opportunity there as `opportunityChangeStage` does, and is refused where that is.',
  })
  stage?: OpportunityStage | null;
}

@InputType({ description: 'What an opportunity is closed with.' })
export class OpportunityLoseInput {
  @Field(() => Day, {
    nullable: true,
    description: 'Day on which it was closed, not after today, in the time zone of the tenant. If left out, today.',
  })
  closedOn?: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was won or lost, at most 500 characters.' })
  reason?: string | null;
}

@InputType({ description: 'What an opportunity is won with.' })
export class OpportunityWinInput extends OpportunityLoseInput {
  @Field(() => MoneyInput, {
    nullable: true,
    description: 'Amount that the opportunity was won with, from 0. If left out, the expected amount.',
  })
  amount?: MoneyInput | null;
}

@InputType({ description: 'What was wrong about a closed opportunity. Fields left out stay as they are.' })
export class OpportunityCorrectInput {
  @Field(() => MoneyInput, { nullable: true, description: 'Amount that the opportunity was won with, from 0.' })
  amount?: MoneyInput | null;

  @Field(() => Day, {
    nullable: true,
    description: 'Day on which the opportunity was won or lost, not after today, in the time zone of the tenant.',
  })
  closedOn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why the opportunity is corrected, at most 500 characters; kept in its history.',
  })
  reason?: string | null;
}
