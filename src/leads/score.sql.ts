import type { Scope } from '../model/fields.js';
import type { Condition } from '../read/filter.js';
import type { LeadSource } from './lead.entity.js';

/** What a lead gets points for, how many, and how that is said in SQL. */
export interface ScoreRule {
  name: string;
  description: string;
  points: (lead: Scope) => string;
}

/** Points for how the lead came to us. */
export const sourcePoints: Record<LeadSource, number> = {
  REFERRAL: 30,
  WEBSITE: 20,
  EVENT: 15,
  COLD_CALL: 5,
  OTHER: 0,
};

const ifGiven =
  (property: string, points: number) =>
  (lead: Scope): string =>
    `(case when ${lead.shown(property)} is not null then ${points} else 0 end)`;
const bySource = (lead: Scope): string =>
  `(case ${lead.col('source')} ${Object.entries(sourcePoints)
    .map(([source, points]) => `when '${source}' then ${points}`)
    .join(' ')} else 0 end)`;

/** The rules of the score; together at most 100 points. */
export const rules: readonly ScoreRule[] = [
  { name: 'company', description: '20 if the company is known.', points: ifGiven('company', 20) },
  { name: 'contactPerson', description: '10 if there is a person to talk to.', points: ifGiven('contactPerson', 10) },
  { name: 'phone', description: '20 if there is a phone.', points: ifGiven('phone', 20) },
  { name: 'email', description: '15 if there is an e-mail.', points: ifGiven('email', 15) },
  {
    name: 'source',
    description: 'For how it came: referral 30, website 20, event 15, cold call 5, else 0.',
    points: bySource,
  },
  { name: 'campaign', description: '5 if it came from a campaign.', points: ifGiven('campaign', 5) },
];

/** The score of a lead as SQL: the sum of the rules' points. */
export const scoreOf = (lead: Scope): string => `(${rules.map(({ points }) => points(lead)).join(' + ')})`;

export const scoreAtLeast: Condition = (lead, value) => `${scoreOf(lead)} >= ${value.bind('int')}`;
export const scoreAtMost: Condition = (lead, value) => `${scoreOf(lead)} <= ${value.bind('int')}`;
