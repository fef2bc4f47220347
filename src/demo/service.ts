import type { ActivityKind, Priority } from '../activities/activity.entity.js';
import type { CaseStatus } from '../cases/case.entity.js';
import { aDay, dayOf, instant } from './calendar.js';
import type { Random } from './random.js';
import type { Row, Write } from './generator.js';
import * as words from './sample-texts.js';

/** Default number of activities of each customer: all but the last have taken place. */
export const defaultActivities = 3;
/** How many customers have turned to us with something. */
const reporting = 0.4;

/** A customer as far as it matters for what was done for it. */
export interface Served {
  index: number;
  /** how many activities it has */
  activities: number;
  customerId: string;
  contactId: string;
  opportunityId: string;
  opportunityName: string;
  author: string;
  /** another user than the author */
  colleague: string;
  /** since when it is known, when somebody last talked with it, and when the story ends */
  began: number;
  contacted: number;
  end: number;
  id: Record<'activity' | 'case' | 'comment', (index: number) => string>;
  write: Write;
  record: (id: string, createdAt: number, updatedAt?: number, version?: number) => Row;
  caseNumber: () => string;
}

/** Generates the activities of a customer and the case it reported, if any. */
export function generateService(served: Served, random: Random): void {
  for (let n = 0; n < served.activities; n += 1) activity(served, random, n);
  if (random.chance(reporting)) reported(served, random);
}

/** The first is the last contact, the last is still to come; one in between was earlier. */
function activity(served: Served, random: Random, n: number): void {
  const { began, contacted, end } = served;
  const planned = n === served.activities - 1;
  const kind = random.weighted<ActivityKind>({ CALL: 5, MEETING: 3, EMAIL: 2, CHAT: 3, VISIT: 3, NOTE: 1 });
  const starts = planned
    ? end + random.between(0.1, 20) * aDay
    : n === 0
      ? contacted
      : began + random.next() * (contacted - began);
  const minutes = random.pick([10, 15, 30, 45, 60, 90]);
  const created = planned ? began + random.between(0.9, 1) * (end - began) : starts;
  const talk = random.pick(words.talks);
  served.write('activity', {
    ...served.record(served.id.activity(served.index * served.activities + n), created, created, planned ? 1 : 2),
    kind,
    status: planned ? 'PLANNED' : 'COMPLETED',
    customer_id: served.customerId,
    contact_id: served.contactId,
    opportunity_id: random.chance(0.5) ? served.opportunityId : null,
    staff_id: served.author,
    subject: `${talk.subject}：${served.opportunityName}`,
    content: planned ? null : talk.content,
    location: kind === 'VISIT' || kind === 'MEETING' ? random.pick(words.places) : null,
    starts_at: instant(starts),
    ends_at: instant(starts + minutes * 60_000),
    duration_minutes: minutes,
    direction: random.weighted({ OUT: 7, IN: 3 }),
    sentiment: planned ? null : random.weighted({ POSITIVE: 4, NEUTRAL: 5, NEGATIVE: 1 }),
    importance: random.weighted({ LOW: 2, MEDIUM: 6, HIGH: 2 }),
    priority: random.weighted<Priority>({ LOW: 2, MEDIUM: 6, HIGH: 2, URGENT: 1 }),
    outcome: planned ? null : talk.outcome,
    next_action: planned ? null : random.pick(words.nextActions),
    next_action_on: planned ? null : dayOf(starts + random.whole(3, 21) * aDay),
    completed_at: planned ? null : instant(starts),
  });
}

function reported(served: Served, random: Random): void {
  const { began, end } = served;
  const at = began + random.between(0.1, 0.95) * (end - began);
  const matter = random.pick(words.matters);
  const status = random.weighted<CaseStatus>({ NEW: 1, IN_PROGRESS: 2, RESOLVED: 2, CLOSED: 6 });
  const left = end - at;
  const responded = status === 'NEW' ? null : at + Math.min(random.between(0.1, 10) * 3_600_000, 0.3 * left);
  const resolved =
    status === 'RESOLVED' || status === 'CLOSED'
      ? responded! + Math.min(random.between(0.5, 60) * 3_600_000, 0.3 * left)
      : null;
  const closed = status === 'CLOSED' ? resolved! + Math.min(random.between(1, 48) * 3_600_000, 0.3 * left) : null;
  const score = closed === null ? null : Number(random.weighted({ 5: 5, 4: 4, 3: 2, 2: 1 }));
  const part = (): number | null => (score === null ? null : Math.min(5, Math.max(1, score + random.whole(-1, 1))));
  const id = served.id.case(served.index);
  served.write('service_case', {
    ...served.record(
      id,
      at,
      closed ?? resolved ?? responded ?? at,
      [responded, resolved, closed].filter((moment) => moment !== null).length + 1,
    ),
    code: served.caseNumber(),
    customer_id: served.customerId,
    contact_id: served.contactId,
    assignee_id: responded === null ? null : served.colleague,
    subject: matter.subject,
    description: matter.description,
    kind: matter.kind,
    priority: random.weighted<Priority>({ LOW: 2, MEDIUM: 6, HIGH: 3, URGENT: 1 }),
    status,
    resolution: resolved === null ? null : matter.resolution,
    responded_at: responded === null ? null : instant(responded),
    resolved_at: resolved === null ? null : instant(resolved),
    closed_at: closed === null ? null : instant(closed),
    satisfaction: score,
    response_time_rating: part(),
    solution_quality_rating: part(),
    communication_rating: part(),
    professionalism_rating: part(),
  });
  const remarks = responded === null ? [] : resolved === null ? [words.receipt] : [words.receipt, matter.resolution];
  for (const [n, content] of remarks.entries()) {
    const { tenant_id } = served.record(id, at);
    served.write('case_comment', {
      tenant_id: tenant_id!,
      id: served.id.comment(served.index * 2 + n),
      created_at: instant(n === 0 ? responded! : resolved!),
      case_id: id,
      content,
      author_id: served.colleague,
    });
  }
}
