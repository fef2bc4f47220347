import { Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { enumeration } from '../model/enumeration.js';
import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { intervalOf, LookBack, Trend } from '../model/look-back.js';
import { Day, Decimal } from '../model/scalars.js';
import { Id } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { Customer } from '../customers/customer.entity.js';
import { HealthRun } from './health-run.entity.js';
import { HealthScore, RiskLevel } from './health-score.entity.js';
import { healthRuns, healthScores } from './health.inputs.js';
import * as health from './health.service.js';

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
    id: (customer) => {
      const { from, where, row: score } = customer.rows(HealthScore);
      return `(select ${score.col('id')} from ${from} where ${where} and ${score.col('customer')} = ${customer.col('id')} order by ${score.col('scoredOn')} desc limit 1)`;
    },
  },
);

const Stability = enumeration('Stability', 'How much a figure moves.', {
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

  @Field(() => Decimal, {
    description:
      'Last score against the first, as a fraction with four decimals: `0.1000` is ten percent up; 0 with fewer than two scores.',
  })
  changeRate!: string;

  @Field(() => Stability, { description: 'How much the scores move around their mean.' })
  stability!: string;
}

function trend(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
  const length = args('period').bind(
    'interval',
    (value) => intervalOf[(value as LookBack | null | undefined) ?? 'SIX_MONTHS'],
  );
  const { from, where, row: score } = customer.rows(HealthScore);
  const scores = `from ${from} where ${where} and ${score.col('customer')} = ${customer.col('id')} and ${score.col('scoredOn')} > ((now() at time zone ${customer.zone()}) - ${length})::date`;
  const [overall, day] = [score.col('overall'), score.col('scoredOn')];
  const first = `(array_agg(${overall} order by ${day}))[1]`;
  const last = `(array_agg(${overall} order by ${day} desc))[1]`;
  const change = `coalesce((${last} - ${first}) / nullif(${first}, 0), 0)`;
  return {
    points: {
      select: `select ${day}::text as "scoredOn", ${overall}::text as overall, ${score.col('riskLevel')} as "riskLevel" ${scores} order by ${day}`,
    },
    direction: `(select case when ${change} >= 0.05 then 'UP' when ${change} <= -0.05 then 'DOWN' else 'STABLE' end ${scores})`,
    changeRate: `(select round(${change}, 4)::text ${scores})`,
    stability: `(select case when coalesce(stddev_pop(${overall}), 0) < 5 then 'STABLE' when stddev_pop(${overall}) < 10 then 'FLUCTUATING' else 'VOLATILE' end ${scores})`,
  };
}

const TrendOfCustomer = addField(
  Customer,
  'healthTrend',
  () => HealthTrend,
  { description: 'How the health of the customer developed.' },
  { kind: 'embed', present: () => 'true', fields: trend },
  {
    period: [() => LookBack, 'How far back from now; SIX_MONTHS unless told.'],
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

export const healthResolvers = [Queries, RunQueries, OfCustomer, Latest, TrendOfCustomer, Mutations];
