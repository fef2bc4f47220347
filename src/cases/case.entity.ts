import { Int, ObjectType, Field } from 'type-graphql';
import { At, OneOf, Text, To, Whole } from '../model/columns.js';
import { Editable, Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Computed, embedded, type Scope } from '../model/fields.js';
import { wireForm } from '../model/model.js';
import { DateTime } from '../model/scalars.js';
import { Priority } from '../activities/activity.entity.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';

export const CaseKind = enumeration('CaseKind', 'What a customer turns to us with.', {
  QUESTION: 'A question.',
  COMPLAINT: 'A complaint.',
  SUGGESTION: 'A suggestion.',
  ISSUE: 'A fault.',
});
export type CaseKind = keyof typeof CaseKind;

export const CaseStatus = enumeration('CaseStatus', 'Where a case stands.', {
  NEW: 'Reported, nobody has taken it up.',
  IN_PROGRESS: 'Being worked on.',
  RESOLVED: 'Solved, not yet confirmed.',
  CLOSED: 'Done with.',
});
export type CaseStatus = keyof typeof CaseStatus;

/** The parts of a customer's judgement, by the column each is stored in. */
export const ratings = {
  responseTime: 'responseTimeRating',
  solutionQuality: 'solutionQualityRating',
  communication: 'communicationRating',
  professionalism: 'professionalismRating',
} as const;

@ObjectType({ description: 'How the customer judged single parts of our work, each from 1 (bad) to 5 (good).' })
export class CaseRating {
  @Field(() => Int, { nullable: true, description: 'How fast we were.' })
  responseTime?: number | null;

  @Field(() => Int, { nullable: true, description: 'How good the solution was.' })
  solutionQuality?: number | null;

  @Field(() => Int, { nullable: true, description: 'How well we talked with them.' })
  communication?: number | null;

  @Field(() => Int, { nullable: true, description: 'How well we knew our trade.' })
  professionalism?: number | null;
}

/** Within how many hours of being reported a case must be responded to and resolved. */
export const targets: Record<Priority, { respond: number; resolve: number }> = {
  URGENT: { respond: 1, resolve: 4 },
  HIGH: { respond: 4, resolve: 24 },
  MEDIUM: { respond: 8, resolve: 72 },
  LOW: { respond: 24, resolve: 120 },
};

/** The instant by which a case must be responded to or resolved, as SQL. */
export function due(row: Scope, step: 'respond' | 'resolve'): string {
  const hours = Object.entries(targets).map(([priority, target]) => `when '${priority}' then ${target[step]}`);
  return `(${row.col('createdAt')} + make_interval(hours => case ${row.col('priority')} ${hours.join(' ')} end))`;
}

/** Missed as soon as a target has passed, met once the case is resolved in time; undecided (null) in between. As SQL. */
export function met(row: Scope): string {
  const late = (['respond', 'resolve'] as const).map(
    (step) => `coalesce(${row.col(step === 'respond' ? 'respondedAt' : 'resolvedAt')}, now()) > ${due(row, step)}`,
  );
  return `(case when ${late.join(' or ')} then false when ${row.col('resolvedAt')} is not null then true end)`;
}

const minutes = (from: string, until: string): string => `(extract(epoch from ${until} - ${from}) / 60)::int`;
const given = (row: Scope): string =>
  Object.values(ratings)
    .map((column) => `${row.col(column)} is not null`)
    .join(' or ');

@Table({
  description: 'A question, complaint, suggestion or fault that a customer turned to us with.',
  table: 'service_case',
  unique: [['code']],
  indexesWhere: { service_case_deleted: [['id'], 'deleted_at is not null'] },
  indexes: [['customer', 'createdAt'], ['contact'], ['assignee', 'status'], ['status', 'createdAt'], ['createdBy']],
  orders: [
    'createdAt',
    'updatedAt',
    'subject',
    'respondedAt',
    'resolvedAt',
    'closedAt',
    ['priority', Object.keys(Priority)],
  ],
})
export class Case extends Editable {
  @Text({ max: 32, description: 'Case number, e.g. `CAS001`; given by the server, unique in the tenant.' })
  code!: string;

  @To(() => Customer, {
    input: true,
    belongs: true,
    description: 'Whose case it is; null if the customer is deleted or hidden from the caller.',
  })
  customer!: Customer;

  @To(() => Contact, { input: true, nullable: true, description: 'Who at the customer reported it.' })
  contact?: Contact | null;

  @To(() => User, { input: true, nullable: true, description: 'Who of us works on it; null if nobody does.' })
  assignee?: User | null;

  @Text({ input: true, max: 200, sorted: true, description: 'What it is about, in one line.' })
  subject!: string;

  @Text({ input: true, max: 10_000, nullable: true, description: 'What was reported, free text.' })
  description?: string | null;

  @OneOf(CaseKind, { input: true, description: 'The kind of request.', default: 'QUESTION' })
  kind!: CaseKind;

  @OneOf(Priority, { input: true, description: 'How soon it must be dealt with; sets the targets.', default: 'MEDIUM' })
  priority!: Priority;

  @OneOf(CaseStatus, { description: 'Where it stands.', default: 'NEW' })
  status!: CaseStatus;

  @Text({ input: true, max: 5000, nullable: true, description: 'How it was solved.' })
  resolution?: string | null;

  @At({
    nullable: true,
    description: 'When it was first responded to: taken up, or commented on by somebody else than who entered it.',
  })
  respondedAt?: string | null;

  @At({ nullable: true, description: 'When it was resolved; null while it is not.' })
  resolvedAt?: string | null;

  @At({ nullable: true, description: 'When it was closed; null while it is not.' })
  closedAt?: string | null;

  @Whole({
    nullable: true,
    range: [1, 5],
    description: 'How satisfied the customer was, from 1 (not at all) to 5 (entirely).',
  })
  satisfaction?: number | null;

  @Whole({ hidden: true, shownIn: 'rating', nullable: true, range: [1, 5], description: 'How fast we were.' })
  responseTimeRating?: number | null;

  @Whole({ hidden: true, shownIn: 'rating', nullable: true, range: [1, 5], description: 'How good the solution was.' })
  solutionQualityRating?: number | null;

  @Whole({
    hidden: true,
    shownIn: 'rating',
    nullable: true,
    range: [1, 5],
    description: 'How well we talked with them.',
  })
  communicationRating?: number | null;

  @Whole({ hidden: true, shownIn: 'rating', nullable: true, range: [1, 5], description: 'How well we knew our trade.' })
  professionalismRating?: number | null;

  @embedded(() => CaseRating, 'How the customer judged the parts of our work; null if they judged none.', {
    kind: 'embed',
    light: true,
    fields: (row) => Object.fromEntries(Object.entries(ratings).map(([part, column]) => [part, row.col(column)])),
    present: given,
  })
  rating?: CaseRating | null;

  @Computed(() => DateTime, {
    description: 'By when it must be responded to, as its priority demands.',
    sql: (row) => wireForm(due(row, 'respond'), 'timestamptz'),
  })
  respondBy!: string;

  @Computed(() => DateTime, {
    description: 'By when it must be resolved, as its priority demands.',
    sql: (row) => wireForm(due(row, 'resolve'), 'timestamptz'),
  })
  resolveBy!: string;

  @Computed(() => Boolean, {
    nullable: true,
    description: 'Whether both targets were met; false as soon as one was missed, null while that is open.',
    sql: met,
  })
  slaMet?: boolean | null;

  @Computed(() => Int, {
    nullable: true,
    description: 'Minutes from being reported to being resolved; null while it is not.',
    sql: (row) => minutes(row.col('createdAt'), row.col('resolvedAt')),
  })
  resolutionMinutes?: number | null;

  @Computed(() => Int, {
    nullable: true,
    description: 'Minutes from the first response to being resolved; null while it is not.',
    sql: (row) => minutes(row.col('respondedAt'), row.col('resolvedAt')),
  })
  workMinutes?: number | null;
}

/** History: written once, never changed. */
@Table({ description: 'A remark on a case.', indexes: [['case', 'createdAt']], orders: ['createdAt'] })
export class CaseComment extends Owned {
  @To(() => Case, { belongs: true, description: 'The case; null if it is deleted or hidden from the caller.' })
  case!: Case;

  @Text({ max: 10_000, description: 'What was said.' })
  content!: string;

  @To(() => User, { nullable: true, description: 'Who said it; null if the server did.' })
  author?: User | null;
}
