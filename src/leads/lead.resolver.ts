import { Arg, Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { all, counted } from '../model/fields.js';
import { Id, Input, Reason, Version } from '../graphql/arguments.js';
import { addField, childList, rootFields } from '../graphql/fields.js';
import { groupsOf } from '../graphql/groups.js';
import { restoration } from '../graphql/restoration.js';
import { answer, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { customers } from '../customers/customer.inputs.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Lead, LeadStatus } from './lead.entity.js';
import { LeadConvertInput, LeadInput, leads as leadList } from './lead.inputs.js';
import * as conversion from './conversion.service.js';
import * as leads from './lead.service.js';
import { matches } from './match.sql.js';
import { rules, scoreOf } from './score.sql.js';
import { leadActions } from './lead.policy.js';

const Queries = rootFields(
  leadList,
  { one: 'lead', many: 'leads' },
  {
    one: 'One lead; null if there is none with this id that the caller may see.',
    many: 'Leads that the caller may see.',
  },
);
const OfCampaign = childList(Campaign, 'leads', leadList, 'Leads that came from the campaign.', 'campaign');
const GeneratedByCampaign = addField(
  Campaign,
  'leadsGenerated',
  () => Int,
  { description: 'How many leads came from the campaign, as far as the caller may see them.' },
  {
    kind: 'sql',
    sql: (campaign) => campaign.aggregate(Lead, 'campaign', all, counted),
  },
);
const MatchesOfLead = childList(
  Lead,
  'matches',
  customers,
  'Customers that the lead may already be: same name, phone, e-mail or domain. Only what the caller may see of them counts.',
  matches,
);

/** One field per rule of the score, so that the sum can be explained. */
class LeadScore {}
for (const { name, description } of rules)
  Field(() => Int, { description: `Points: ${description}` })(LeadScore.prototype, name);
ObjectType('LeadScore', { description: 'The points of a lead, rule by rule; together they are its score.' })(LeadScore);

const Score = addField(
  Lead,
  'score',
  () => Int,
  { description: 'How promising it is, 0 to 100: the sum of the points in `scoring`.' },
  { kind: 'sql', sql: scoreOf },
);
const Scoring = addField(
  Lead,
  'scoring',
  () => LeadScore,
  { nullable: true, description: 'Where the score comes from.' },
  {
    kind: 'embed',
    present: () => 'true',
    fields: (lead) => Object.fromEntries(rules.map(({ name, points }) => [name, points(lead)])),
  },
);

const record: Record<string, [() => unknown, string]> = { lead: [() => Lead, 'The lead after the change.'] };
const LeadCreatePayload = payload('LeadCreatePayload', record);
const LeadUpdatePayload = payload('LeadUpdatePayload', record);
const LeadChangeStatusPayload = payload('LeadChangeStatusPayload', record);
const LeadConvertPayload = payload('LeadConvertPayload', {
  ...record,
  customer: [() => Customer, 'The customer; null if there is none.'],
  contact: [() => Contact, 'The contact, new or there already; null if none was asked for.'],
  opportunity: [() => Opportunity, 'The new opportunity; null if none was asked for.'],
});
const LeadUndoConversionPayload = payload('LeadUndoConversionPayload', record);
const LeadDeletePayload = deletePayload(Lead);

@Resolver()
class Mutations {
  @Mutation(() => LeadCreatePayload, {
    nullable: true,
    description: 'Creates a lead. Fails with REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  leadCreate(@Ctx() ctx: Context, @Input(() => LeadInput, 'What to store.') input: LeadInput): Promise<object> {
    return answer(ctx, async () => ({ lead: await leads.create(ctx, input) }));
  }

  @Mutation(() => LeadUpdatePayload, {
    nullable: true,
    description:
      'Changes fields of a lead, not its state. Fails with NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  leadUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => LeadInput) input: LeadInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ lead: await leads.update(ctx, id, input, version) }));
  }

  @Mutation(() => LeadChangeStatusPayload, {
    nullable: true,
    description:
      'Moves a lead to another state; CONVERTED is reached by `leadConvert` only. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, TOO_LONG.',
  })
  leadChangeStatus(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('status', () => LeadStatus, { description: 'The new state.' }) status: LeadStatus,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ lead: await leads.changeStatus(ctx, id, status, reason, version) }));
  }

  @Mutation(() => LeadConvertPayload, {
    nullable: true,
    description:
      'Turns a lead into a customer, a contact and an opportunity, or the parts asked for: all or nothing, and once only. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, NAME_TAKEN, REQUIRED, UNKNOWN_REFERENCE, INVALID, TOO_LONG, OUT_OF_RANGE.',
  })
  leadConvert(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => LeadConvertInput, 'What it is to become.') input: LeadConvertInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ ...(await conversion.convert(ctx, id, input, version)) }));
  }

  @Mutation(() => LeadUndoConversionPayload, {
    nullable: true,
    description:
      'Takes a conversion back while nothing was built on it: what it made is hidden, what was there before stays, and the lead stands where it stood. BUILT_UPON says what was built. Fails with NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, BUILT_UPON, TOO_LONG.',
  })
  leadUndoConversion(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Reason() reason?: string | null,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ lead: await conversion.undo(ctx, id, reason, version) }));
  }

  @Mutation(() => LeadDeletePayload, {
    nullable: true,
    description: 'Hides a lead. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  leadDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await leads.remove(ctx, id, version) }));
  }
}

const LeadRestoration = restoration(leadList, leads.restore, ['INVALID']);

export const leadResolvers = [
  Queries,
  ...groupsOf(leadList, 'leads'),
  OfCampaign,
  GeneratedByCampaign,
  MatchesOfLead,
  Score,
  Scoring,
  Mutations,
  LeadRestoration,
  ...permissionFields(leadActions),
];
