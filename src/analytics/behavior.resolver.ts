import { Field, Int, ObjectType } from 'type-graphql';
import { LookBack, Trend } from '../model/periods.js';
import { Decimal, Percent } from '../model/scalars.js';
import { addField } from '../graphql/fields.js';
import { ActivityKind } from '../activities/activity.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { behaviorOf } from './behavior.sql.js';

@ObjectType({ description: 'How often a feature was used.' })
class FeatureUse {
  @Field(() => String, { description: 'Name of the feature, as the product reports it.' })
  feature!: string;

  @Field(() => Int, { description: 'How often it was used.' })
  count!: number;

  @Field(() => Percent, { description: 'Share of the feature in all uses of features.' })
  share!: number;
}

@ObjectType({
  description: 'How a customer uses our product and our service within a period, with the facts behind each value.',
})
class BehaviorAnalysis {
  @Field(() => Int, { description: 'How often people of the customer logged in.' })
  loginCount!: number;

  @Field(() => Decimal, { description: 'Logins per day of the period, with two decimals.' })
  loginsPerDay!: string;

  @Field(() => Trend, {
    description:
      'Logins against those of the period of the same length before: UP or DOWN if they differ by 10 % or more.',
  })
  loginTrend!: string;

  @Field(() => [Int], {
    description:
      'Up to three hours of the day (0 to 23, in the time zone of the tenant) with most logins, the busiest first.',
  })
  peakHours!: number[];

  @Field(() => [FeatureUse], { description: 'The five features used most, the most used first.' })
  features!: FeatureUse[];

  @Field(() => Int, { description: 'How many different features were used.' })
  featureCount!: number;

  @Field(() => Percent, {
    description: 'Features used, of all features that any customer used in the period; 0 if none was.',
  })
  featureAdoption!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Mean length of a session in minutes, with two decimals; null without sessions.',
  })
  sessionMinutes?: string | null;

  @Field(() => Int, { description: 'Cases reported.' })
  caseCount!: number;

  @Field(() => Decimal, { description: 'Cases reported per month of 30 days, with two decimals.' })
  casesPerMonth!: string;

  @Field(() => Trend, {
    description:
      'Mean satisfaction with cases closed in the period against the period before: UP or DOWN if they differ by 0.1 or more.',
  })
  satisfactionTrend!: string;

  @Field(() => Int, { description: 'Completed activities other than notes.' })
  contactCount!: number;

  @Field(() => ActivityKind, {
    nullable: true,
    description: 'The kind of activity there was most of; null without activities.',
  })
  preferredChannel?: string | null;

  @Field(() => Decimal, {
    description:
      'Engagement, 0 to 100 with one decimal: 40 for a login on each of 20 days in 30, 30 for using all features, 30 for 3 contacts in 30 days; less in proportion.',
  })
  engagement!: string;

  @Field(() => [String], { description: 'What stands out, in Chinese.' })
  insights!: string[];
}

const OfCustomer = addField(
  Customer,
  'behaviorAnalysis',
  () => BehaviorAnalysis,
  { description: 'How the customer uses our product and our service, as far as the caller may see its records.' },
  { kind: 'embed', present: () => 'true', fields: behaviorOf },
  {
    period: [() => LookBack, 'How far back from now.', { default: 'THREE_MONTHS' }],
  },
);

export const behaviorResolvers = [OfCustomer];
