import { At, OnDay, OneOf, Text, To, Whole, type ClockRow } from '../model/columns.js';
import { Computed } from '../model/fields.js';
import { Editable, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';

export const ActivityKind = enumeration('ActivityKind', 'What kind of contact it is.', {
  CALL: 'By phone.',
  MEETING: 'A meeting, on site or online.',
  EMAIL: 'By e-mail.',
  CHAT: 'By chat: WeChat, online chat.',
  NOTE: 'A note for colleagues.',
  VISIT: 'A visit to the customer.',
});
export type ActivityKind = keyof typeof ActivityKind;

export const ActivityStatus = enumeration('ActivityStatus', 'Whether an activity has taken place.', {
  PLANNED: 'Still to come.',
  COMPLETED: 'Has taken place.',
  CANCELLED: 'Will not take place.',
});
export type ActivityStatus = keyof typeof ActivityStatus;

export const Direction = enumeration('Direction', 'Who turned to whom.', {
  IN: 'The customer turned to us.',
  OUT: 'We turned to them.',
});
export type Direction = keyof typeof Direction;

export const Sentiment = enumeration('Sentiment', 'In which mood they were.', {
  NEGATIVE: 'Displeased.',
  NEUTRAL: 'Neither pleased nor displeased.',
  POSITIVE: 'Pleased.',
});
export type Sentiment = keyof typeof Sentiment;

export const Importance = enumeration('Importance', 'How much it matters.', {
  LOW: 'Little.',
  MEDIUM: 'Ordinary.',
  HIGH: 'Much.',
});
export type Importance = keyof typeof Importance;

export const Priority = enumeration('Priority', 'How soon something should be done.', {
  LOW: 'When there is time.',
  MEDIUM: 'In the ordinary course.',
  HIGH: 'Before ordinary work.',
  URGENT: 'At once.',
});
export type Priority = keyof typeof Priority;

/** SQL condition: to begin before now, and still planned. */
export const isOverdue = (activity: ClockRow): string =>
  `(${activity.col('status')} = 'PLANNED' and coalesce(${activity.col('startsAt')} < now(), false))`;

@Table({
  description: 'A call, meeting, mail, chat, visit or note: planned, completed or cancelled.',
  indexesWhere: {
    activity_deleted: [['id'], 'deleted_at is not null'],
    activity_due: [['startsAt'], "status = 'PLANNED' and told_due_at is distinct from starts_at"],
    activity_by_lead: [['lead', 'startsAt'], 'lead_id is not null'],
    activity_with_person: [['contact'], 'customer_id is null and contact_id is not null'],
  },
  indexes: [
    ['customer', 'startsAt'],
    ['contact'],
    ['opportunity', 'createdAt'],
    ['staff', 'startsAt'],
    ['startsAt'],
    ['createdBy'],
  ],
  orders: ['createdAt', 'updatedAt', 'startsAt', 'subject', 'nextActionOn', ['priority', Object.keys(Priority)]],
})
export class Activity extends Editable {
  @OneOf(ActivityKind, { input: true, description: 'What kind of contact it is.', default: 'CALL' })
  kind!: ActivityKind;

  @Text({
    input: true,
    max: 50,
    nullable: true,
    description: 'The kind in the words of the client that wrote it, where its words are free.',
  })
  kindLabel?: string | null;

  @OneOf(ActivityStatus, { description: 'Whether it has taken place.', default: 'PLANNED' })
  status!: ActivityStatus;

  @To(() => Customer, {
    input: true,
    belongs: true,
    nullable: true,
    description: 'With whom; null if with no customer, or if it is deleted or hidden from the caller.',
  })
  customer?: Customer | null;

  @To(() => Lead, {
    input: true,
    belongs: { unless: 'customer' },
    nullable: true,
    description: 'With which lead; null if with none, or if it is deleted or hidden from the caller.',
  })
  lead?: Lead | null;

  @To(() => Contact, { input: true, nullable: true, description: 'With which person.' })
  contact?: Contact | null;

  @To(() => Opportunity, { input: true, nullable: true, description: 'The opportunity it is about.' })
  opportunity?: Opportunity | null;

  @To(() => User, {
    input: true,
    nullable: true,
    description: 'Who of us does it: whoever entered it, unless somebody else was named.',
  })
  staff?: User | null;

  @Text({ input: true, max: 200, nullable: true, sorted: true, description: 'What it is about, in one line.' })
  subject?: string | null;

  @Text({ input: true, max: 20_000, nullable: true, description: 'What was said or is to be said, free text.' })
  content?: string | null;

  @Text({ input: true, max: 500, nullable: true, description: 'Where it takes place.' })
  location?: string | null;

  @At({ input: true, nullable: true, description: 'When it begins or began.' })
  startsAt?: string | null;

  @Computed(() => Boolean, {
    description: 'True if it was to begin before now and is neither completed nor cancelled.',
    sql: isOverdue,
  })
  overdue!: boolean;

  @At({ nullable: true, hidden: true, description: 'The due instant that has been published.' })
  toldDueAt?: string | null;

  @At({ input: true, nullable: true, description: 'When it ends or ended.' })
  endsAt?: string | null;

  @Whole({
    input: true,
    nullable: true,
    range: [0, 525_600],
    description: 'How long, in minutes; follows from start and end unless it was given.',
  })
  durationMinutes?: number | null;

  @OneOf(Direction, { input: true, nullable: true, description: 'Who turned to whom.' })
  direction?: Direction | null;

  @OneOf(Sentiment, { input: true, nullable: true, description: 'In which mood they were.' })
  sentiment?: Sentiment | null;

  @OneOf(Importance, { input: true, description: 'How much it matters.', default: 'MEDIUM' })
  importance!: Importance;

  @OneOf(Priority, { input: true, description: 'How soon it should be done.', default: 'MEDIUM' })
  priority!: Priority;

  @Text({ input: true, max: 500, nullable: true, description: 'What came of it.' })
  outcome?: string | null;

  @Text({ input: true, max: 500, nullable: true, description: 'What is to be done next.' })
  nextAction?: string | null;

  @OnDay({ input: true, nullable: true, description: 'Day by which the next action is due.' })
  nextActionOn?: string | null;

  @At({ nullable: true, description: 'When it was recorded as completed; null while it is not.' })
  completedAt?: string | null;
}
