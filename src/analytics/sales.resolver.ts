import { Field, Int, ObjectType } from 'type-graphql';
import { Day, Decimal } from '../model/scalars.js';
import { childList, rootField } from '../graphql/fields.js';
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

  @Field(() => Decimal, { nullable: true, description: `Sum of their expected amounts; ${hidden}.` })
  amount?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: `Sum of their expected amounts times the weights of their stages, each cut to whole cents; ${hidden}.`,
  })
  weightedAmount?: string | null;
}

@ObjectType({ description: 'How opportunities passed through one open stage.' })
class FunnelStage {
  @Field(() => OpportunityStage, { description: 'The stage.' })
  stage!: string;

  @Field(() => Int, { description: 'How many opportunities were ever there.' })
  entered!: number;

  @Field(() => Int, { description: 'How many of these are won by now.' })
  won!: number;

  @Field(() => Int, { description: 'How many of these are lost by now.' })
  lost!: number;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Won ones among those of these that are closed, in percent with two decimals; null if none is.',
  })
  winRate?: string | null;

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

  @Field(() => Decimal, {
    nullable: true,
    description: 'Won ones among those that were closed, in percent with two decimals; null if none was.',
  })
  winRate?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: `Mean amount of those that were won; null if none was, and ${hidden}.`,
  })
  averageWonAmount?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Mean time from creation to winning, in days with one decimal; null if none was won.',
  })
  averageDaysToWin?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: `Open opportunities times rate times mean amount over mean time: what is won in a day if it goes on so; null if it cannot be said, and ${hidden}.`,
  })
  amountPerDay?: string | null;
}

const range = (what: string): Record<string, [() => unknown, string, 'optional']> => ({
  from: [() => Day, `First day on which opportunities were ${what}, in the time zone of the tenant.`, 'optional'],
  until: [() => Day, `Last day on which opportunities were ${what}.`, 'optional'],
});

const Forecast = rootField(
  'forecast',
  () => [ForecastMonth],
  {
    description:
      'Open opportunities by the month in which they are expected to close, the earliest first, those without one last.',
  },
  { kind: 'report', of: forecast },
);
const OpportunitiesOfMonth = childList(
  ForecastMonth,
  'opportunities',
  opportunities,
  'The opportunities behind the values.',
  closesIn,
  'month',
);
const Funnel = rootField(
  'funnel',
  () => [FunnelStage],
  { description: 'How opportunities went through the open stages, by their history.' },
  { kind: 'report', of: funnel },
  range('created'),
);
const OpportunitiesThere = childList(
  FunnelStage,
  'opportunities',
  opportunities,
  'The opportunities that were ever there; `filter` takes the same range as `createdFrom` and `createdUntil`.',
  wasAt,
  'stage',
);
const Velocity = rootField(
  'salesVelocity',
  () => SalesVelocity,
  { description: 'Sales velocity: how fast opportunities are turned into revenue.' },
  { kind: 'report', of: velocity },
  range('closed'),
);

export const salesResolvers = [Forecast, OpportunitiesOfMonth, Funnel, OpportunitiesThere, Velocity];
