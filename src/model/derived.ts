import { columnsOf, type Mask } from './columns.js';
import type { Scope } from './fields.js';
import { entityNamed, type EntityClass } from './model.js';

/**
 * What becomes of a fact for a caller from whom a value is hidden that it follows from:
 * `null` it is null, `not matched` no condition on it holds, neither it nor its opposite, `left out` the event, entry or
 * row that reveals it is not there, `public` it everybody is shown it, on purpose.
 */
type Treatment = 'null' | 'not matched' | 'left out' | 'public';

interface DerivedFact {
  /** columns with a mask that it follows from, as `Entity.property` */
  from: readonly string[];
  treatment: Treatment;
  why: string;
}

const debts = ['Contract.agreedAmount', 'ContractRenewal.oldAmount', 'Payment.paidAmount'] as const;
const received = ['Payment.paidAmount'] as const;
const phones = [
  'Customer.phone',
  'Contact.phone',
  'Contact.mobile',
  'Contact.fax',
  'Lead.phone',
  'User.phone',
] as const;
const emails = ['Customer.email', 'Contact.email', 'Lead.email', 'User.email'] as const;

const computed = 'It is worked out from amounts, so it is shown to those who see the amounts.';
const neutral = 'A filter by what is hidden would reveal it, one value after another.';

/**
 * Every fact that follows from values which have a mask: a value that a caller may not see cannot be worked out from what
 * they see, except where this table says so. Code asks it by the fact's name (`unlessHidden`), and
 * `test/rights/` changes hidden values and compares all answers. Not listed one by one: a value itself (its mask), orders
 * and filters by it (it counts as no value where it is hidden), and sums (null where there are rows and the amounts of
 * none are shown).
 */
export const derivedFacts = {
  'Contract.overdue': {
    from: debts,
    treatment: 'null',
    why: `${computed} The filter by it matches none of the others.`,
  },
  'ContractTerm.overdue': { from: debts, treatment: 'null', why: computed },
  'ContractFilter.receivable': {
    from: debts,
    treatment: 'not matched',
    why: `${neutral} So do counts: \`receivables\` counts contracts of which the caller sees the amounts.`,
  },
  'crm.contract.overdue': {
    from: debts,
    treatment: 'left out',
    why: 'The event, and the entry in the history of the contract, are there when something is not paid.',
  },
  'Campaign.returnOnInvestment': {
    from: ['Campaign.earnedAmount', 'Campaign.plannedBudget'],
    treatment: 'null',
    why: computed,
  },
  'Customer.receivable': { from: debts, treatment: 'null', why: computed },
  'ValueAnalysis.revenueTrend': { from: received, treatment: 'null', why: computed },
  'ValueAnalysis.rank': { from: received, treatment: 'null', why: computed },
  'ValueAnalysis.duePaymentCount': {
    from: debts,
    treatment: 'null',
    why: 'Which term a payment is for depends on how much was paid before.',
  },
  'ValueAnalysis.paymentPunctuality': {
    from: debts,
    treatment: 'null',
    why: 'Which term a payment is for depends on how much was paid before.',
  },
  'ValueAnalysis.estimatedGrowth': {
    from: ['Opportunity.expectedAmount', ...received],
    treatment: 'null',
    why: computed,
  },
  'Lead.matches': {
    from: [...phones, ...emails],
    treatment: 'not matched',
    why: 'Phones and e-mails are compared only where the caller sees both sides.',
  },
  'HealthScore and Customer.healthScore': {
    from: debts,
    treatment: 'public',
    why: 'A rating between 0 and 100 of how the customer is doing is for all who work with the customer. A quarter of it is whether payments come in time and which share of what was agreed is late; it has no amount in it. It is worked out once a day or when asked for, not with every payment.',
  },
  'Customer.recycleOn and Customer.recycleRule': {
    from: debts,
    treatment: 'public',
    why: 'Whoever looks after a customer has to know when which rule takes it away. Where a rule leaves out customers with money outstanding, that it takes one says that nothing is, and no amount.',
  },
  'Lead.score': {
    from: ['Lead.phone', 'Lead.email'],
    treatment: 'public',
    why: 'It counts whether there is a phone and an e-mail, which their masked forms show anyway.',
  },
  'masked form of a phone or an e-mail': {
    from: [...phones, ...emails],
    treatment: 'public',
    why: 'The first three and the last four digits, or the first sign and the domain, let people recognise what they know. Filters and searches find what the masked form shows.',
  },
  'version, updatedAt, updatedBy, ETag': {
    from: ['Customer.creditLimit'],
    treatment: 'public',
    why: 'They show that a record was changed, so that nobody overwrites a change unseen; not what was changed.',
  },
  'names of changed fields in history and events': {
    from: ['Customer.creditLimit', 'Contact.wechat'],
    treatment: 'public',
    why: 'Who changed which field when is for all who see the record, as is the number of changes; the values before and after are masked as in the record.',
  },
  'number and days of payments': {
    from: received,
    treatment: 'public',
    why: 'That something was paid, when and how, is no amount; due days are none either.',
  },
  'whether a value that is written is the stored one': {
    from: ['Customer.phone', 'Customer.creditLimit'],
    treatment: 'public',
    why: 'A write of the value that is stored is no change: the version stays. Whoever may write a field that they do not see learns that one guess was right, or has overwritten the value, in the history under their name.',
  },
  'OVERPAYMENT, REFUND_TOO_LARGE, CURRENCY_FIXED': {
    from: debts,
    treatment: 'public',
    why: 'Whoever enters a payment or changes a currency has to know why it is refused.',
  },
} as const satisfies Record<string, DerivedFact>;

export type Fact = keyof typeof derivedFacts;

/** The masks of what a fact follows from. */
const masksOf = (fact: Fact): Set<Mask> =>
  new Set(
    derivedFacts[fact].from.map((place) => {
      const [entity, property] = place.split('.') as [string, string];
      return columnsOf(entityNamed(entity)!).get(property)!.mask!;
    }),
  );

/** The masks of a field of the graph, named `Type.field`, that is null where what it follows from is hidden; none for any other field. */
export const masksOfField = (field: string): Mask[] =>
  field in derivedFacts && derivedFacts[field as Fact].treatment === 'null' ? [...masksOf(field as Fact)] : [];

/** SQL condition: the caller sees in this row whatever the fact follows from; `true` or `false` where it is so in every row. */
export function isDisclosed(row: Scope, fact: Fact): string {
  const conditions = [...masksOf(fact)].map((mask) => row.unmasked(mask));
  if (conditions.includes('false')) return 'false';
  return conditions.filter((condition) => condition !== 'true').join(' and ') || 'true';
}

/** As `isDisclosed`, of the record of that entity with that id (SQL). */
export function isDisclosedOf(row: Scope, fact: Fact, entity: EntityClass, id: string): string {
  const reaches = [...masksOf(fact)].map((mask) => row.reach(mask));
  if (reaches.includes('none')) return 'false';
  return reaches.includes('own') ? row.owns(entity, id) : 'true';
}

/** The events that are left out for those from whom something is hidden, by their type; entries of the history are named after them. */
export const hiddenEvents = Object.keys(derivedFacts).filter((fact): fact is Fact & `crm.${string}` =>
  fact.startsWith('crm.'),
);

/** The expression for a fact about a row; null where it is hidden from the caller. */
export function unlessHidden(row: Scope, fact: Fact, sql: string): string {
  const disclosed = isDisclosed(row, fact);
  return disclosed === 'true' ? sql : disclosed === 'false' ? 'null' : `case when ${disclosed} then ${sql} end`;
}
