import { Property } from '@mikro-orm/decorators/legacy';
import { Exact, OnDay, OneOf, Texts, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { Computed } from '../model/fields.js';
import { Percent } from '../model/scalars.js';
import { enumeration } from '../model/enumeration.js';
import { Customer } from '../customers/customer.entity.js';

export const RiskLevel = enumeration('RiskLevel', 'How likely a customer is to leave, by its overall score.', {
  LOW: 'Score of 80 or more.',
  MEDIUM: 'Score from 60 to less than 80.',
  HIGH: 'Score from 40 to less than 60.',
  VERY_HIGH: 'Score of less than 40.',
});
export type RiskLevel = keyof typeof RiskLevel;

const part = { precision: 4, scale: 1, range: [0, 100] } as const;

/** One row for each customer and day; a later calculation of the day replaces the earlier one, of which it keeps the overall score. */
@Table({
  description: 'How healthy the relation to a customer was on a day, and why.',
  unique: [['customer', 'scoredOn']],
  indexes: [['createdAt']],
  orders: ['scoredOn', 'overall'],
})
export class HealthScore extends Owned {
  @To(() => Customer, {
    belongs: true,
    description: 'Whose score it is; null if the customer is deleted or hidden from the caller.',
  })
  customer!: Customer;

  @OnDay({ description: 'The day of the score, in the time zone of the tenant.' })
  scoredOn!: string;

  @Exact({
    compared: true,
    ...part,
    description:
      'Overall score, 0.0 to 100.0: 0.30 satisfaction + 0.25 activity + 0.25 financial + 0.20 contract, rounded to one decimal.',
  })
  overall!: string;

  @Exact({
    ...part,
    description:
      'Satisfaction, 0.0 to 100.0: mean of the cases judged in the past year (1 is 0, 5 is 100); 75.0 if none was.',
  })
  satisfaction!: string;

  @Exact({
    ...part,
    description:
      'Activity, 0.0 to 100.0: 60 % how recent the last contact is, 40 % how many contacts there were in 90 days; 75.0 without any contact.',
  })
  activity!: string;

  @Exact({
    ...part,
    description:
      'Financial part, 0.0 to 100.0: half the share of payments received by the day on which the term that they were for was due, half the share of the amounts of all terms that is not overdue; 75.0 if nothing was ever due.',
  })
  financial!: string;

  @Exact({
    ...part,
    description:
      'Contract part, 0.0 to 100.0: how long contracts in force still run, and how often they were renewed; 75.0 if there never was one.',
  })
  contract!: string;

  @OneOf(RiskLevel, { description: 'How likely the customer is to leave, in words.' })
  riskLevel!: RiskLevel;

  @Computed(() => Percent, {
    description: 'How likely the customer is to leave: what the overall score lacks to 100.',
    sql: (row) => `100 - ${row.col('overall')}`,
  })
  churnProbability!: number;

  @Texts({ description: 'What speaks for the relation: the facts behind the parts, in Chinese.' })
  positiveFactors!: string[];

  @Texts({ description: 'What speaks against it: the facts behind the parts, in Chinese.' })
  negativeFactors!: string[];

  @Texts({ description: 'What should be done, in Chinese.' })
  recommendations!: string[];

  /** since when the overall scores of the day before the present one were the latest, each other than the one before it */
  @Property({ type: 'array', columnType: 'timestamptz[]', defaultRaw: "'{}'" })
  earlierFrom!: string[];

  @Property({ type: 'array', columnType: 'numeric[]', defaultRaw: "'{}'" })
  earlierOverall!: string[];
}
