import { Field, Int, ObjectType } from 'type-graphql';
import { Money } from '../model/fields.js';
import { MoneySum } from '../model/money.js';
import { Day, Decimal, Percent } from '../model/scalars.js';
import { filterOf } from '../graphql/arguments.js';
import { childList, type ArgumentSpec } from '../graphql/fields.js';
import { liveReport } from '../graphql/reports.js';
import { asOfOf, asOfReport } from '../read/as-of.js';
import { OpportunityStage } from '../opportunities/opportunity.entity.js';
import { opportunities } from '../opportunities/opportunity.inputs.js';
import { closesIn, forecast, funnel, velocity, wasAt } from './sales.sql.js';

const hidden = 'null if hidden from the caller';

@ObjectType({ description: 'Open opportunities that are expected to close in one month.' })
class ForecastMonth {
  @Field(() => String, {
    description:
      'The month, e.g. `2026-03`; empty for opportunities without a day of expected close. Months that have passed hold opportunities that are late.',
  })
  month!: string;

  @Field(() => Int, { description: 'How many opportunities there are.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts, in the currency of the tenant; ${hidden}.`,
  })
  amount?: MoneySum | null;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts times the weights of the stages, each cut to whole cents, in the currency of the tenant; ${hidden}.`,
  })
  weightedAmount?: MoneySum | null;
}

@ObjectType({ description: 'How opportunities passed through one open stage.' })
class FunnelStage {
  @Field(() => OpportunityStage, { description: 'The stage that was reached.' })
  stage!: string;

  @Field(() => Int, { description: 'How many opportunities were ever at the stage.' })
  entered!: number;

  @Field(() => Int, { description: 'How many of the opportunities that were ever at the stage are won by now.' })
  won!: number;

  @Field(() => Int, { description: 'How many of the opportunities that were ever at the stage are lost by now.' })
  lost!: number;

  @Field(() => Percent, {
    nullable: true,
    description:
      'Won opportunities of those won or lost, among all that were ever at the stage; null if none is closed.',
  })
  winRate?: number | null;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'Mean time that opportunities stayed there before they moved on, in days with one decimal; null if none moved on.',
  })
  averageDays?: string | null;
}

@ObjectType({ description: 'Sales velocity: how fast opportunities are turned into revenue.' })
class SalesVelocity {
  @Field(() => Int, { description: 'How many opportunities are open now.' })
  openCount!: number;

  @Field(() => Int, { description: 'How many opportunities were won in the range.' })
  wonCount!: number;

  @Field(() => Int, { description: 'How many opportunities were lost in the range.' })
  lostCount!: number;

  @Field(() => Percent, {
    nullable: true,
    description: 'Won opportunities of those won or lost in the range; null if none was closed.',
  })
  winRate?: number | null;

  @Field(() => Money, {
    nullable: true,
    description: `Mean amount of the opportunities won in the range in the currency of the tenant; null if none was, and ${hidden}.`,
  })
  averageWonAmount?: Money | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Mean time from creation to winning, in days with one decimal; null if none was won.',
  })
  averageDaysToWin?: string | null;

  @Field(() => Money, {
    nullable: true,
    description: `What is won in a day if it goes on so: open opportunities in the currency of the tenant, times \`winRate\`, times \`averageWonAmount\`, over \`averageDaysToWin\`; null if it cannot be said, and ${hidden}.`,
  })
  amountPerDay?: Money | null;
}

const range = (what: string): Record<string, ArgumentSpec> => ({
  from: [() => Day, `First day on which opportunities were ${what}, in the time zone of the tenant.`, 'optional'],
  until: [() => Day, `Last day on which opportunities were ${what}.`, 'optional'],
});

const ForecastFields = liveReport(
  'forecast',
  () => [ForecastMonth],
  {
    description:
      'Open opportunities by the month in which they are expected to close, the earliest first, those without one last.',
  },
  { kind: 'report', of: forecast },
  {
    filter: filterOf(opportunities, 'opportunities', 'the lists of the months'),
    asOf: asOfOf('The opportunities, in the lists of the months as well,'),
  },
);
const OpportunitiesOfMonth = childList(
  ForecastMonth,
  'opportunities',
  opportunities,
  'The opportunities behind the values.',
  closesIn,
  'month',
  asOfReport,
);
const FunnelFields = liveReport(
  'funnel',
  () => [FunnelStage],
  { description: 'How opportunities went through the open stages, by their history.' },
  { kind: 'report', of: funnel },
  { ...range('created'), filter: filterOf(opportunities, 'opportunities', 'the lists of the stages') },
);
const OpportunitiesThere = childList(
  FunnelStage,
  'opportunities',
  opportunities,
  'The opportunities that were ever there, of those that the funnel is of.',
  wasAt,
  'stage',
);
const VelocityFields = liveReport(
  'salesVelocity',
  () => SalesVelocity,
  { description: 'Sales velocity: how fast opportunities are turned into revenue.' },
  { kind: 'report', of: velocity },
  { ...range('closed'), filter: filterOf(opportunities, 'opportunities') },
);

export const salesResolvers = [
  ...ForecastFields,
  OpportunitiesOfMonth,
  ...FunnelFields,
  OpportunitiesThere,
  ...VelocityFields,
];
