import { Field, Int, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { Money } from '../model/fields.js';
import { MoneySum } from '../model/money.js';
import { Day, Percent } from '../model/scalars.js';
import { filterOf } from '../graphql/arguments.js';
import { childList, type ArgumentSpec } from '../graphql/fields.js';
import { liveReport } from '../graphql/reports.js';
import { CustomerTier } from '../customers/customer.entity.js';
import { AsOfMoment, asOfOf, asOfReport } from '../read/as-of.js';
import { OpportunityStage } from '../opportunities/opportunity.entity.js';
import { opportunities } from '../opportunities/opportunity.inputs.js';
import { overview, trend } from './overview.sql.js';
import { customers } from '../customers/customer.inputs.js';
import { activities } from '../activities/activity.inputs.js';
import { isAt, pipeline } from './pipeline.sql.js';
import { CalendarPeriod } from '../model/periods.js';
import { loyalty, segments } from './segments.sql.js';

const hidden = 'null if hidden from the caller';

@ObjectType({
  description:
    'Key numbers of the customers and opportunities that the caller may see. With a range, won and lost opportunities are those closed in it, the others what there was at its end.',
})
class Overview {
  @Field(() => Int, { description: 'How many customers there are.' })
  totalCustomers!: number;

  @Field(() => Int, { description: 'Customers created in the range; without one, in this month.' })
  newCustomers!: number;

  @Field(() => Int, { description: 'Customers in state ACTIVE.' })
  activeCustomers!: number;

  @Field(() => Int, { description: 'Open, won and lost opportunities together.' })
  totalOpportunities!: number;

  @Field(() => Int, { description: 'Opportunities neither won nor lost: `opportunities(filter: {open: true})`.' })
  openOpportunities!: number;

  @Field(() => Int, { description: 'Won opportunities: `opportunities(filter: {stage: CLOSED_WON})`.' })
  wonOpportunities!: number;

  @Field(() => Int, { description: 'Lost opportunities: `opportunities(filter: {stage: CLOSED_LOST})`.' })
  lostOpportunities!: number;

  @Field(() => Percent, { description: 'Won opportunities per opportunity; 0 without opportunities.' })
  conversionRate!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the amounts of the won opportunities, in the currency of the tenant; ${hidden}.`,
  })
  totalRevenue?: MoneySum | null;

  @Field(() => Money, {
    nullable: true,
    description: `Mean amount of the opportunities won in the currency of the tenant, cut to whole cents; 0 without any, ${hidden}.`,
  })
  averageWonAmount?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: `Cost per new customer of the campaigns that began in the range and are in the currency of the tenant; null without new customers, ${hidden}.`,
  })
  customerAcquisitionCost?: Money | null;

  @Field(() => Money, {
    nullable: true,
    description: `Total revenue in the currency of the tenant per customer; null without customers, ${hidden}.`,
  })
  revenuePerCustomer?: Money | null;
}

const TrendMetric = enumeration('TrendMetric', 'What a trend is of.', {
  CUSTOMERS: 'How many customers there were at the end of each period.',
  OPPORTUNITIES: 'How many opportunities were created in each period.',
  REVENUE: 'Sum of the amounts of the opportunities won in each period.',
  ACTIVITIES: 'How many activities there were in each period.',
});

@ObjectType({ description: 'A value for one period.' })
class TrendPoint {
  @Field(() => Day, { description: 'First day of the period, in the time zone of the tenant.' })
  startsOn!: string;

  @Field(() => Int, {
    description:
      'How many customers, opportunities or activities there were; for revenue, how many opportunities were won.',
  })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Revenue of the period, in the currency of the tenant; null for every other metric, and ${hidden}.`,
  })
  amount?: MoneySum | null;
}

const SegmentDimension = enumeration('SegmentDimension', 'What customers are divided by.', {
  INDUSTRY: 'Industry.',
  REGION: 'Sales region.',
  SIZE: 'Size of the company.',
  TIER: 'Tier.',
});

@ObjectType({ description: 'Customers that have something in common.' })
class Segment {
  @Field(() => String, {
    nullable: true,
    description:
      'What they have in common; null for those without it, and for those beyond the fifty largest segments.',
  })
  name?: string | null;

  @Field(() => Int, { description: 'How many they are.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the amounts of the opportunities won with the customers, in the currency of the tenant; ${hidden}.`,
  })
  revenue?: MoneySum | null;

  @Field(() => Percent, { description: 'Share of all customers, whole; all segments together are 100.' })
  share!: number;
}

@ObjectType({ description: 'How loyal the customers of a tier are.' })
class LoyaltyLevel {
  @Field(() => CustomerTier, { description: 'The tier of these customers.' })
  tier!: string;

  @Field(() => Int, { description: 'How many customers it has.' })
  count!: number;

  @Field(() => Int, { description: 'How many customers of the tier stayed: ACTIVE or INACTIVE.' })
  kept!: number;

  @Field(() => Int, { description: 'How many customers of the tier are LOST.' })
  lost!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the amounts of the opportunities won with customers of the tier, in the currency of the tenant; ${hidden}.`,
  })
  revenue?: MoneySum | null;

  @Field(() => Percent, {
    nullable: true,
    description: 'Customers that stayed, whole, of those that stayed or were lost; null if there are neither.',
  })
  retentionRate?: number | null;
}

@ObjectType({ description: 'How loyal customers are.' })
class Loyalty {
  @Field(() => [LoyaltyLevel], { description: 'All tiers, the highest first.' })
  levels!: LoyaltyLevel[];

  @Field(() => CustomerTier, {
    nullable: true,
    description: 'Tier with the lowest rate of retention, the lower one of equals; null if nothing can be said.',
  })
  weakestTier?: string | null;

  @Field(() => String, { nullable: true, description: 'What should be done, in Chinese; null if nothing can be said.' })
  recommendation?: string | null;
}

@ObjectType({ description: 'The opportunities at one stage.' })
class PipelineStage {
  @Field(() => OpportunityStage, { description: 'The stage that was reached.' })
  stage!: string;

  @Field(() => Percent, {
    description: 'How likely opportunities at the stage are to be won, which is what the forecast weighs them with.',
  })
  weight!: number;

  @Field(() => Int, { description: 'How many opportunities there are.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts, in the currency of the tenant; ${hidden}.`,
  })
  amount?: MoneySum | null;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts times the weight, each cut to whole cents, in the currency of the tenant; ${hidden}.`,
  })
  weightedAmount?: MoneySum | null;
}

@ObjectType({ description: 'Opportunities by stage, and what is to be expected of them.' })
class Pipeline {
  @Field(() => [PipelineStage], { description: 'The stages in their order, those without opportunities included.' })
  stages!: PipelineStage[];

  @Field(() => AsOfMoment, {
    nullable: true,
    description: 'The moment in the past that was asked for, and how well it is known; null where none was.',
  })
  asOf?: AsOfMoment | null;

  @Field(() => Int, { description: 'How many opportunities there are in all.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts, in the currency of the tenant; ${hidden}.`,
  })
  amount?: MoneySum | null;

  @Field(() => MoneySum, {
    nullable: true,
    description: `The forecast: sum of the weighted amounts of the stages, in the currency of the tenant; ${hidden}.`,
  })
  weightedAmount?: MoneySum | null;
}

const range: Record<string, ArgumentSpec> = {
  period: [
    () => CalendarPeriod,
    'The present week, month, quarter or year so far; passed over if `from` is given.',
    'optional',
  ],
  from: [() => Day, 'First day, in the time zone of the tenant.', 'optional'],
  until: [() => Day, 'Last day, in the time zone of the tenant.', 'optional'],
};

const OverviewFields = liveReport(
  'analyticsOverview',
  () => Overview,
  { description: 'Customers, opportunities and revenue at a glance.' },
  { kind: 'report', of: overview },
  {
    ...range,
    customers: filterOf(customers, 'customers'),
    opportunities: filterOf(opportunities, 'opportunities'),
  },
);
const TrendFields = liveReport(
  'analyticsTrend',
  () => [TrendPoint],
  { description: 'A value over time, at most 400 periods, including empty ones.' },
  { kind: 'report', of: trend },
  {
    metric: [() => TrendMetric, 'What to show.'],
    period: [() => CalendarPeriod, 'Length of the periods.', { default: 'MONTH' }],
    from: [
      () => Day,
      'First day, in the time zone of the tenant. If left out, the first day of the sixth last period.',
      'optional',
    ],
    until: [() => Day, 'Last day, in the time zone of the tenant. If left out, today.', 'optional'],
    customers: [() => customers.filter, 'For CUSTOMERS: only customers that meet all of these conditions.', 'optional'],
    opportunities: [
      () => opportunities.filter,
      'For OPPORTUNITIES and REVENUE: only opportunities that meet all of these conditions.',
      'optional',
    ],
    activities: [
      () => activities.filter,
      'For ACTIVITIES: only activities that meet all of these conditions.',
      'optional',
    ],
  },
);
const SegmentsFields = liveReport(
  'analyticsSegments',
  () => [Segment],
  { description: 'Customers by something they have in common, the largest segment first.' },
  { kind: 'report', of: segments },
  { by: [() => SegmentDimension, 'What to divide them by.'], filter: filterOf(customers, 'customers') },
);
const LoyaltyFields = liveReport(
  'analyticsLoyalty',
  () => Loyalty,
  { description: 'How many customers of each tier stayed, and what they brought.' },
  { kind: 'report', of: loyalty },
  { filter: filterOf(customers, 'customers') },
);
const PipelineFields = liveReport(
  'pipeline',
  () => Pipeline,
  {
    description:
      'The pipeline as a board, with the forecast: opportunities by stage with counts, sums and the opportunities themselves.',
  },
  { kind: 'report', of: pipeline },
  {
    openOnly: [() => Boolean, 'True for stages and opportunities that are neither won nor lost.', { default: false }],
    filter: filterOf(opportunities, 'opportunities', 'the lists of the stages'),
    asOf: asOfOf('The opportunities, in the lists of the stages as well,'),
  },
);
const OpportunitiesOfStage = childList(
  PipelineStage,
  'opportunities',
  opportunities,
  'The opportunities at the stage, of those that the pipeline is of.',
  isAt,
  'stage',
  asOfReport,
);

export const analyticsResolvers = [
  ...OverviewFields,
  ...TrendFields,
  ...SegmentsFields,
  ...LoyaltyFields,
  ...PipelineFields,
  OpportunitiesOfStage,
];
