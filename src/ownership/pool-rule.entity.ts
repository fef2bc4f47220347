import { Flag, OneOf, SomeOf, Text, Texts, To, Whole, Wholes } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { CompanySize, CustomerKind, CustomerStatus, CustomerTier } from '../customers/customer.entity.js';
import { LeadSource, LeadStatus } from '../leads/lead.entity.js';
import { heldRegistry } from '../pools/held.entity.js';
import { Pool, type PoolKind } from '../pools/pool.entity.js';

export const PoolRuleTrigger = enumeration(
  'PoolRuleTrigger',
  'From which day on the days of a pool rule are counted, in the time zone of the tenant; never from before its owner got the record.',
  {
    NO_FOLLOW_UP:
      'From the last follow-up: the latest completed activity with the record that is no note, whoever did it, on the day on which it began, and no later than it was recorded as completed. Without one, from the day on which its owner got it.',
    NO_OPEN_OPPORTUNITY:
      'From the day on which its last opportunity was closed; no day while one is open. Without any, from the day on which its owner got it.',
    NOTHING_WON:
      'From the day on which its owner got it; no day if an opportunity with the customer was won on that day or later.',
    HELD: 'From the day on which its owner got it, whatever they do.',
    CONTRACT_ENDED:
      'From the last day of the contract that ends last, of those that were ever in force; of contracts ended before their term, the signed ones count, with the last day that was agreed. No day if there are none, or if one in force has no last day.',
  },
);
export type PoolRuleTrigger = keyof typeof PoolRuleTrigger;

/** The triggers of rules for leads: the others go by records that leads do not have. */
export const leadTriggers: readonly PoolRuleTrigger[] = ['NO_FOLLOW_UP', 'HELD'];

export const PoolRuleExemption = enumeration('PoolRuleExemption', 'What keeps a customer from a pool rule.', {
  OPEN_OPPORTUNITY: 'An opportunity with it is open.',
  CONTRACT_IN_FORCE:
    'A contract with it is in force: the rule takes it on the day after the last day of its contracts in force and expired ones at the earliest, and never while one in force has no last day.',
  MONEY_OUTSTANDING: 'A contract with it that came into force is not paid in full, whether that is due or not.',
});
export type PoolRuleExemption = keyof typeof PoolRuleExemption;

/** Most days of a rule, and of a reminder before. */
export const maxDays = 3_650;

@Table({
  description:
    'A rule by which customers or leads that somebody looks after go back into a pool. Of several rules the one with the earliest day takes a record; of those with the same day the first by position.',
  indexes: [['pool'], ['createdAt']],
})
export class PoolRule extends Editable {
  @To(() => Pool, {
    input: true,
    filter: true,
    belongs: true,
    description: 'The pool that it puts records into: of customers or of leads, and so is the rule.',
  })
  pool!: Pool;

  @Text({ input: true, max: 100, sorted: true, order: true, description: 'What it is called.' })
  name!: string;

  @Whole({
    input: true,
    order: true,
    range: [0, 10_000],
    default: 0,
    description: 'Place among the rules, the smallest first.',
  })
  position!: number;

  @Flag({ input: true, filter: true, default: true, description: 'False if it takes nothing for now.' })
  enabled!: boolean;

  @OneOf(PoolRuleTrigger, {
    input: true,
    filter: true,
    description: 'From when on its days are counted. Rules for leads go by NO_FOLLOW_UP or HELD.',
  })
  trigger!: PoolRuleTrigger;

  @Whole({
    input: true,
    range: [1, maxDays],
    description: 'How many days after that a record goes to the pool, 1 to 3650.',
  })
  days!: number;

  @SomeOf(PoolRuleExemption, { description: 'What keeps customers from it.' })
  exemptions!: PoolRuleExemption[];

  @SomeOf(CustomerTier, { description: 'Only customers of these tiers; all where there is none.' })
  tiers!: CustomerTier[];

  @SomeOf(CustomerStatus, { description: 'Only customers in these states; all where there is none.' })
  customerStatuses!: CustomerStatus[];

  @SomeOf(CustomerKind, { description: 'Only customers of these kinds; all where there is none.' })
  customerKinds!: CustomerKind[];

  @SomeOf(CompanySize, { description: 'Only companies of these sizes; all where there is none.' })
  sizes!: CompanySize[];

  @Texts({ description: 'Only customers that came from one of these, exactly so; all where there is none.' })
  sources!: string[];

  @Texts({ description: 'Only customers in one of these regions, exactly so; all where there is none.' })
  regions!: string[];

  @Texts({ description: 'Only customers of one of these industries, exactly so; all where there is none.' })
  industries!: string[];

  @SomeOf(LeadStatus, { description: 'Only leads in these states; all where there is none.' })
  leadStatuses!: LeadStatus[];

  @SomeOf(LeadSource, { description: 'Only leads that came in these ways; all where there is none.' })
  leadSources!: LeadSource[];

  @Wholes({
    description: 'How many days before a record goes to the pool it is said that it will, the most days first.',
  })
  reminderDays!: number[];
}
heldRegistry.rule = PoolRule;

/** The lists of a rule, one of whose values a record must have, by the property that has it: for each kind of record. */
export const valuesOf = {
  CUSTOMER: {
    tiers: 'tier',
    customerStatuses: 'status',
    customerKinds: 'kind',
    sizes: 'size',
    sources: 'source',
    regions: 'region',
    industries: 'industry',
  },
  LEAD: { leadStatuses: 'status', leadSources: 'source' },
} as const satisfies Record<PoolKind, Partial<Record<keyof PoolRule, string>>>;

/** What of a rule says which records it takes and spares, by the records that it is about; each is a list. */
export const listsOfCustomers = ['exemptions', ...namesOf(valuesOf.CUSTOMER)] as const;
export const listsOfLeads = namesOf(valuesOf.LEAD);

function namesOf<T extends object>(table: T): Array<keyof T & string> {
  return Object.keys(table) as Array<keyof T & string>;
}
