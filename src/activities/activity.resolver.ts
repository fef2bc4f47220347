import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Activity } from './activity.entity.js';
import { activities as activityList, ActivityInput } from './activity.inputs.js';
import * as activities from './activity.service.js';
import './activity.timeline.js';
import './carried.service.js';
import { activityActions } from './activity.policy.js';

const Queries = rootFields(
  activityList,
  { one: 'activity', many: 'activities' },
  {
    one: 'One activity; null if there is none with this id that the caller may see.',
    many: 'Activities that the caller may see.',
  },
);
const OfCustomer = childList(Customer, 'activities', activityList, 'Activities with the customer.', 'customer');
const OfLead = childList(
  Lead,
  'activities',
  activityList,
  'Activities with the lead; when it is converted, they are with its customer and contact as well.',
  'lead',
);
const OfContact = childList(Contact, 'activities', activityList, 'Activities with the person.', 'contact');
const OfOpportunity = childList(
  Opportunity,
  'activities',
  activityList,
  'Activities about the opportunity.',
  'opportunity',
);

const record: Record<string, [() => unknown, string]> = {
  activity: [() => Activity, 'The activity after the change.'],
};
const ActivityCreatePayload = payload('ActivityCreatePayload', record);
const ActivityUpdatePayload = payload('ActivityUpdatePayload', record);
const ActivityCompletePayload = payload('ActivityCompletePayload', record);
const ActivityCancelPayload = payload('ActivityCancelPayload', record);
const ActivityDeletePayload = deletePayload(Activity);

@Resolver()
class Mutations {
  @Mutation(() => ActivityCreatePayload, {
    nullable: true,
    description:
      'Creates an activity; it needs a subject or a content. Fails with REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  activityCreate(
    @Ctx() ctx: Context,
    @Input(() => ActivityInput, 'What to store.') input: ActivityInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ activity: await activities.create(ctx, input) }));
  }

  @Mutation(() => ActivityUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of an activity. Fails with NOT_FOUND, VERSION_CONFLICT, TRANSITION_NOT_ALLOWED, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, DATES_REVERSED, UNKNOWN_REFERENCE.',
  })
  activityUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => ActivityInput) input: ActivityInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ activity: await activities.update(ctx, id, input, version) }));
  }

  @Mutation(() => ActivityCompletePayload, {
    nullable: true,
    description:
      'Records that an activity has taken place: the last contact with its customer and person is then no earlier than its start. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  activityComplete(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('outcome', () => String, { nullable: true, description: 'What came of it, at most 500 characters.' })
    outcome?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ activity: await activities.complete(ctx, id, outcome, version) }));
  }

  @Mutation(() => ActivityCancelPayload, {
    nullable: true,
    description:
      'Calls a planned activity off. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  activityCancel(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ activity: await activities.cancel(ctx, id, reason, version) }));
  }

  @Mutation(() => ActivityDeletePayload, {
    nullable: true,
    description: 'Hides an activity. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  activityDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await activities.remove(ctx, id, version) }));
  }
}

const ActivityRestoration = restoration(activityList, activities.restore, ['INVALID']);

export const activityResolvers = [
  Queries,
  ...groupsOf(activityList, 'activities'),
  OfCustomer,
  OfLead,
  OfContact,
  OfOpportunity,
  Mutations,
  ActivityRestoration,
  ...permissionFields(activityActions),
];
