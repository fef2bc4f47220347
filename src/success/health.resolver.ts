import { Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { enumeration } from '../model/enumeration.js';
import { LookBack, Trend } from '../model/periods.js';
import { Day, Decimal, Percent } from '../model/scalars.js';
import { Id } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import { HealthRun } from './health-run.entity.js';
import { HealthScore, RiskLevel } from './health-score.entity.js';
import { healthRuns, healthScores } from './health.inputs.js';
import * as health from './health.service.js';
import { healthTrend, latestScore } from './health.sql.js';
import { healthActions } from './success.policy.js';

const Queries = rootFields(
  healthScores,
  { one: 'healthScore', many: 'healthScores' },
  {
    one: 'One health score; null if there is none with this id that the caller may see.',
    many: 'Health scores of the customers that the caller may see, newest first.',
  },
);
const RunQueries = rootFields(
  healthRuns,
  { one: 'healthRun', many: 'healthRuns' },
  {
    one: 'One calculation of the health of all customers, with its progress; null if there is none with this id.',
    many: 'Calculations of the health of all customers, newest first.',
  },
);
const OfCustomer = childList(
  Customer,
  'healthScores',
  healthScores,
  'How healthy the relation was, newest first.',
  'customer',
);

const Latest = addField(
  Customer,
  'latestHealthScore',
  () => HealthScore,
  { nullable: true, description: 'The latest health score with its parts and reasons; null if none was computed yet.' },
  {
    kind: 'one',
    id: latestScore,
    isVisible: true,
  },
);

const Stability = enumeration('Stability', 'How much a value moves from month to month.', {
  STABLE: 'Standard deviation below 5 points.',
  FLUCTUATING: 'Standard deviation from 5 to less than 10 points.',
  VOLATILE: 'Standard deviation of 10 points or more.',
});

@ObjectType({ description: 'The health score of one day.' })
class HealthPoint {
  @Field(() => Day, { description: 'The day.' })
  scoredOn!: string;

  @Field(() => Decimal, { description: 'Overall score, 0.0 to 100.0.' })
  overall!: string;

  @Field(() => RiskLevel, { description: 'How likely the customer was to leave.' })
  riskLevel!: string;
}

@ObjectType({ description: 'How the health of a customer developed.' })
class HealthTrend {
  @Field(() => [HealthPoint], { description: 'The scores of the period, the earliest first.' })
  points!: HealthPoint[];

  @Field(() => Trend, { description: 'UP or DOWN if the last score differs from the first by 5 % or more.' })
  direction!: string;

  @Field(() => Percent, {
    description:
      'By how much the last score differs from the first: 10 is ten percent up; 0 with fewer than two scores.',
  })
  changeRate!: number;

  @Field(() => Stability, { description: 'How much the scores move around their mean.' })
  stability!: string;
}

const TrendOfCustomer = addField(
  Customer,
  'healthTrend',
  () => HealthTrend,
  { description: 'How the health of the customer developed.' },
  { kind: 'embed', present: () => 'true', fields: healthTrend },
  {
    period: [() => LookBack, 'How far back from now.', { default: 'SIX_MONTHS' }],
  },
);

const CustomerCalculateHealthPayload = payload('CustomerCalculateHealthPayload', {
  customer: [() => Customer, 'The customer with the new score.'],
  healthScore: [() => HealthScore, 'The new score.'],
});
const HealthRunStartPayload = payload('HealthRunStartPayload', {
  healthRun: [() => HealthRun, 'The calculation as it began, or as it went on.'],
});

@Resolver()
class Mutations {
  @Mutation(() => CustomerCalculateHealthPayload, {
    nullable: true,
    description:
      'Computes the health of a customer for today and stores it; a falling score or a contract about to end gives a success task. Fails with NOT_FOUND.',
  })
  customerCalculateHealth(@Ctx() ctx: Context, @Id() id: string): Promise<object> {
    return answer(ctx, () => health.calculate(ctx, id));
  }

  @Mutation(() => HealthRunStartPayload, {
    nullable: true,
    description:
      'Computes the health of all customers in the background; goes on where an interrupted calculation was. For those who may change all records. Fails with IN_USE.',
  })
  healthRunStart(@Ctx() ctx: Context): Promise<object> {
    return answer(ctx, async () => {
      const healthRun = await health.start(ctx);
      health.drive(ctx, healthRun);
      return { healthRun };
    });
  }
}

export const healthResolvers = [
  Queries,
  RunQueries,
  OfCustomer,
  Latest,
  TrendOfCustomer,
  Mutations,
  ...permissionFields(healthActions),
];
