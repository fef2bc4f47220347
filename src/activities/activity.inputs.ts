import { Field, ID, InputType } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { Day } from '../model/scalars.js';
import {
  among,
  atLeast,
  atMost,
  contains,
  containsWords,
  equals,
  fromDay,
  isTrue,
  untilDay,
  Where,
} from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import {
  isOverdue,
  Activity,
  ActivityKind,
  ActivityStatus,
  Direction,
  Importance,
  Priority,
  Sentiment,
} from './activity.entity.js';
import './activity.policy.js';

@InputType({ description: 'Conditions on activities; all given ones hold.' })
export class ActivityFilter extends filterFrom('ActivityColumnFilter', Activity) {
  @Where(
    containsWords('subject', 'content', 'outcome', 'nextAction'),
    () => String,
    'Each of its words is contained in subject, content, outcome or next action.',
  )
  search?: string;

  @Where(contains('subject'), () => String, 'Contained in the subject.')
  subject?: string;

  @Where(refersTo('customer', Customer), () => [ID], 'With one of these customers.')
  customer?: string[];

  @Where(refersTo('lead', Lead), () => [ID], 'With one of these leads.')
  lead?: string[];

  @Where(refersTo('contact', Contact), () => [ID], 'With one of these people.')
  contact?: string[];

  @Where(refersTo('opportunity', Opportunity), () => [ID], 'About one of these opportunities.')
  opportunity?: string[];

  @Where(refersTo('staff', User), () => [ID], 'Done by one of these users, by id, number or login; `ME` is the caller.')
  staff?: string[];

  @Where(among('kind'), () => [ActivityKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(equals('kindLabel'), () => String, 'Of exactly this kind in the words of the client that wrote it.')
  kindLabel?: string;

  @Where(among('status'), () => [ActivityStatus], 'In one of these states.')
  status?: string[];

  @Where(among('direction'), () => [Direction], 'In one of these directions.')
  direction?: string[];

  @Where(among('sentiment'), () => [Sentiment], 'In one of these moods.')
  sentiment?: string[];

  @Where(among('importance'), () => [Importance], 'Of one of these importances.')
  importance?: string[];

  @Where(among('priority'), () => [Priority], 'Of one of these priorities.')
  priority?: string[];

  @Where(isTrue(isOverdue), () => Boolean, 'To begin before now and still planned, or all others.')
  overdue?: boolean;

  @Where(fromDay('startsAt'), () => Day, 'Begins on this day or later, in the time zone of the tenant.')
  startsFrom?: string;

  @Where(untilDay('startsAt'), () => Day, 'Begins on this day or earlier, in the time zone of the tenant.')
  startsUntil?: string;

  @Where(atLeast('nextActionOn', 'date'), () => Day, 'Next action due on this day or later.')
  nextActionFrom?: string;

  @Where(atMost('nextActionOn', 'date'), () => Day, 'Next action due on this day or earlier.')
  nextActionUntil?: string;

  @Where(fromDay('createdAt'), () => Day, 'Entered on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Entered on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const activities = list(Activity, {
  filter: ActivityFilter,
  order: {
    createdAt: 'When it was entered.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    startsAt: 'When it begins.',
    subject: 'Subject of the activity.',
    nextActionOn: 'The day its next action is due.',
    priority: {
      description: 'Priority of the activity, the lowest being the smallest.',
      ranks: Object.keys(Priority),
    },
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
});

@InputType({
  description:
    'What to store of an activity. Fields left out stay unchanged; null clears a field. Without a customer, that of the opportunity is taken, or what the lead has become. An activity with a lead is with no other customer than that, and with no contact or opportunity before the lead is converted.',
})
export class ActivityInput extends inputFrom(
  'ActivityMembers',
  Activity,
  written<Activity, Exclude<keyof Activity, keyof Editable | 'status' | 'amount'>>(Activity),
  'Fields of an activity that are written as they are.',
) {
  @Field(() => ActivityStatus, {
    nullable: true,
    description:
      'State at creation; an activity is PLANNED unless another is given. An update moves the activity there as `activityComplete` and `activityCancel` do, and is refused where they are.',
  })
  status?: ActivityStatus | null;
}
