import { Field, ID, InputType, Int } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { Day } from '../model/scalars.js';
import {
  among,
  atLeast,
  contains,
  containsWords,
  equals,
  fromDay,
  isOneOf,
  isTrue,
  untilDay,
  Where,
} from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Priority } from '../activities/activity.entity.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Case, CaseComment, CaseKind, CaseStatus } from './case.entity.js';
import { hasMissedTarget, isUnresolved, isResponded } from './case.sql.js';
import './case.policy.js';

@InputType({ description: 'Conditions on cases; all given ones hold.' })
export class CaseFilter extends filterFrom('CaseColumnFilter', Case) {
  @Where(isOneOf, () => [ID], 'One of these, by opaque id or integer number.')
  ids?: string[];

  @Where(
    containsWords('subject', 'description', 'code', 'resolution'),
    () => String,
    'Each of its words is contained in subject, description, number or resolution.',
  )
  search?: string;

  @Where(contains('subject'), () => String, 'Contained in the subject.')
  subject?: string;

  @Where(equals('code'), () => String, 'Exactly this case number.')
  code?: string;

  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(refersTo('contact', Contact), () => [ID], 'Reported by one of these people.')
  contact?: string[];

  @Where(
    refersTo('assignee', User),
    () => [ID],
    'Worked on by one of these users, by id, number or login; `ME` is the caller.',
  )
  assignee?: string[];

  @Where(among('kind'), () => [CaseKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(among('priority'), () => [Priority], 'Of one of these priorities.')
  priority?: string[];

  @Where(among('status'), () => [CaseStatus], 'In one of these states.')
  status?: string[];

  @Where(isTrue(isUnresolved), () => Boolean, 'Unresolved ones, or resolved and closed ones.')
  open?: boolean;

  @Where(isTrue(hasMissedTarget), () => Boolean, 'True: cases that missed a target; false: those that have not so far.')
  slaMissed?: boolean;

  @Where(atLeast('satisfaction', 'int'), () => Int, 'Satisfaction of at least this.')
  satisfactionMin?: number;

  @Where(fromDay('createdAt'), () => Day, 'Reported on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Reported on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;

  @Where(isTrue(isResponded), () => Boolean, 'Cases that were responded to, or those that were not.')
  responded?: boolean;

  @Where(fromDay('respondedAt'), () => Day, 'First responded to on this day or later, in the time zone of the tenant.')
  respondedFrom?: string;

  @Where(
    untilDay('respondedAt'),
    () => Day,
    'First responded to on this day or earlier, in the time zone of the tenant.',
  )
  respondedUntil?: string;
}

export const cases = list(Case, {
  filter: CaseFilter,
  order: {
    createdAt: 'When it was reported.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    code: 'Case number, as people see it.',
    subject: 'Subject of the case.',
    priority: {
      description: 'Priority of the case, the lowest being the smallest.',
      ranks: Object.keys(Priority),
    },
    respondedAt: 'When it was first responded to.',
    resolvedAt: 'When it was resolved.',
    closedAt: 'When it was closed.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
});

@InputType({ description: 'Conditions on comments; all given ones hold.' })
export class CaseCommentFilter extends filterFrom('CaseCommentColumnFilter', CaseComment) {
  @Where(refersTo('case', Case), () => [ID], 'On one of these cases.')
  case?: string[];

  @Where(containsWords('content'), () => String, 'Each of its words is contained in the comment.')
  search?: string;
}

export const caseComments = list(CaseComment, {
  filter: CaseCommentFilter,
  order: { createdAt: 'When it was said.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'ASC']],
});

@InputType({ description: 'What to store of a case. Fields left out stay unchanged; null clears a field.' })
export class CaseInput extends inputFrom(
  'CaseMembers',
  Case,
  written<Case, Exclude<keyof Case, keyof Editable | 'status'>>(Case),
  'Fields of a case that are written as they are.',
) {
  @Field(() => CaseStatus, {
    nullable: true,
    description:
      'State at creation; a case is NEW unless another is given. An update moves the case there as `caseChangeStatus` does, and is refused where that is.',
  })
  status?: CaseStatus | null;
}

@InputType({
  description:
    'What the customer says of our work on a case, each from 1 (bad) to 5 (good). Fields left out stay unchanged.',
})
export class CaseRatingInput {
  @Field(() => Int, { nullable: true, description: 'How satisfied they are on the whole.' })
  satisfaction?: number | null;

  @Field(() => Int, { nullable: true, description: 'How fast we were.' })
  responseTime?: number | null;

  @Field(() => Int, { nullable: true, description: 'How good the solution was.' })
  solutionQuality?: number | null;

  @Field(() => Int, { nullable: true, description: 'How well we talked with them.' })
  communication?: number | null;

  @Field(() => Int, { nullable: true, description: 'How well we knew our trade.' })
  professionalism?: number | null;
}

@InputType({ description: 'With what a case is closed.' })
export class CaseCloseInput extends CaseRatingInput {
  @Field(() => String, { nullable: true, description: 'How it was solved; stays as it is if left out.' })
  resolution?: string | null;
}

@InputType({ description: 'A remark on a case.' })
export class CaseCommentInput extends inputFrom(
  'CaseCommentFields',
  CaseComment,
  [...written(CaseComment), 'case', 'content'],
  'Fields of a remark that are written as they are.',
  { required: ['case', 'content'] },
) {}
