import { Ctx, Field, ID, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { childList, rootField, rootFields } from '../graphql/fields.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { customers } from '../customers/customer.inputs.js';
import { leads } from '../leads/lead.inputs.js';
import { Day } from '../model/scalars.js';
import { Pool, PoolKind } from '../pools/pool.entity.js';
import { PoolRule } from './pool-rule.entity.js';
import { PoolRuleInput, poolRules as ruleList, recyclingRuns } from './pool-rule.inputs.js';
import { poolRuleActions } from './pool-rule.policy.js';
import * as rules from './pool-rule.service.js';
import { maxReasons, preview, wouldTake } from './preview.sql.js';

const Queries = rootFields(
  ruleList,
  { one: 'poolRule', many: 'poolRules' },
  {
    one: 'One pool rule; null if there is none with this id.',
    many: 'The pool rules of the tenant, the first by position first.',
  },
);
const OfPool = childList(Pool, 'rules', ruleList, 'The rules that put records into the pool.', 'pool');
const RunQueries = rootFields(
  recyclingRuns,
  { one: 'recyclingRun', many: 'recyclingRuns' },
  {
    one: 'One piece of work on the days of pool rules, with its progress; null if there is none with this id.',
    many: 'Work on the days of pool rules, newest first: what computes them anew after a change of rules, and what takes records when their day has come.',
  },
);

@ObjectType({ description: 'Why a rule would take a record.' })
class PoolRuleReason {
  @Field(() => String, { description: 'Opaque id of the customer or lead.' })
  recordId!: string;

  @Field(() => String, { description: 'What the customer or lead is called.' })
  name!: string;

  @Field(() => Day, { description: 'The day from which on the days of the rule are counted: see its trigger.' })
  since!: string;

  @Field(() => Day, { description: 'The day on which the rule takes it: today or earlier.' })
  dueOn!: string;
}

@ObjectType({
  description: 'What a rule would take today if it were the only one, whether it is enabled or not.',
})
class PoolRulePreview {
  @Field(() => PoolKind, { description: 'Of which records the rule is.' })
  kind!: string;

  @Field(() => Int, { description: 'How many records it would take.' })
  total!: number;

  @Field(() => [PoolRuleReason], {
    description: `Why it would take each of them: of the first ${maxReasons}, the earliest day first.`,
  })
  reasons!: PoolRuleReason[];
}

const Preview = rootField(
  'poolRulePreview',
  () => PoolRulePreview,
  {
    description:
      'What a pool rule would take today, one that is stored or one that is described; null if there is no such rule, or no such pool. Only for those who administer the tenant: fails with FORBIDDEN.',
  },
  { kind: 'report', of: preview },
  {
    id: [() => ID, 'A stored rule, by opaque id or integer number.', 'optional'],
    input: [() => PoolRuleInput, 'A rule as it could be stored; counts where no `id` is given.', 'optional'],
  },
);
const TakenCustomers = childList(
  PoolRulePreview,
  'customers',
  customers,
  'The customers that the rule would take; none for a rule for leads.',
  wouldTake('CUSTOMER'),
  'kind',
);
const TakenLeads = childList(
  PoolRulePreview,
  'leads',
  leads,
  'The leads that the rule would take; none for a rule for customers.',
  wouldTake('LEAD'),
  'kind',
);

const record: Record<string, [() => unknown, string]> = { poolRule: [() => PoolRule, 'The rule after the change.'] };
const PoolRuleCreatePayload = payload('PoolRuleCreatePayload', record);
const PoolRuleUpdatePayload = payload('PoolRuleUpdatePayload', record);
const PoolRuleDeletePayload = deletePayload(PoolRule);

@Resolver()
class Mutations {
  @Mutation(() => PoolRuleCreatePayload, {
    nullable: true,
    description:
      'Makes a pool rule. On which day it takes which records is computed in the background: `recyclingRuns` shows how far that is. Only for those who administer the tenant. Fails with FORBIDDEN, REQUIRED, UNKNOWN_REFERENCE, INVALID, OUT_OF_RANGE, TOO_LONG.',
  })
  poolRuleCreate(
    @Ctx() ctx: Context,
    @Input(() => PoolRuleInput, 'What to store.') input: PoolRuleInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ poolRule: await rules.create(ctx, input) }));
  }

  @Mutation(() => PoolRuleUpdatePayload, {
    nullable: true,
    description:
      'Changes a pool rule; the days of records follow in the background, as with `poolRuleCreate`. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, REQUIRED, UNKNOWN_REFERENCE, INVALID, OUT_OF_RANGE, TOO_LONG.',
  })
  poolRuleUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => PoolRuleInput) input: PoolRuleInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ poolRule: await rules.update(ctx, id, input, version) }));
  }

  @Mutation(() => PoolRuleDeletePayload, {
    nullable: true,
    description:
      'Deletes a pool rule; the days of records follow in the background. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, VERSION_CONFLICT.',
  })
  poolRuleDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await rules.remove(ctx, id, version) }));
  }
}

export const poolRuleResolvers = [
  Queries,
  OfPool,
  RunQueries,
  Preview,
  TakenCustomers,
  TakenLeads,
  Mutations,
  ...permissionFields(poolRuleActions),
];
