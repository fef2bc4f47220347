import { At, Flag, OneOf, Text, To } from '../model/columns.js';
import { Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Contact } from '../contacts/contact.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Held } from '../pools/held.entity.js';

export const LeadStatus = enumeration('LeadStatus', 'Where a lead stands.', {
  NEW: 'Nobody has looked at it yet.',
  QUALIFIED: 'Worth following.',
  UNQUALIFIED: 'Not worth following.',
  CONVERTED: 'Has become a customer, a contact or an opportunity.',
});
export type LeadStatus = keyof typeof LeadStatus;

export const LeadSource = enumeration('LeadSource', 'How a lead came to us.', {
  WEBSITE: 'Through our website.',
  REFERRAL: 'Somebody recommended us.',
  EVENT: 'At an event.',
  COLD_CALL: 'We called without being asked.',
  OTHER: 'In another way, or not known.',
});
export type LeadSource = keyof typeof LeadSource;

@Table({
  description: 'Somebody who may become a customer.',
  indexesWhere: {
    lead_deleted: [['id'], 'deleted_at is not null'],
    lead_pooled: [['pool', 'createdAt', 'number'], 'pool_id is not null'],
  },
  indexes: [['status', 'createdAt'], ['owner'], ['ownerDepartment'], ['campaign'], ['name', 'number'], ['recycleOn']],
  orders: ['createdAt', 'updatedAt', 'company', 'pooledAt', 'heldSince', 'recycleOn'],
})
export class Lead extends Held {
  @Text({ input: true, max: 200, sorted: true, description: 'What the lead is called.' })
  name!: string;

  @Text({ input: true, max: 200, nullable: true, sorted: true, description: 'Company that the person works for.' })
  company?: string | null;

  @Text({ hideable: true, input: true, max: 100, nullable: true, description: 'Person to talk to.' })
  contactPerson?: string | null;

  @Text({
    hideable: true,
    input: true,
    max: 50,
    nullable: true,
    mask: 'phone',
    description: 'Phone. Masked as 138****8000 for callers who may not see contact data.',
  })
  phone?: string | null;

  @Text({
    hideable: true,
    input: true,
    max: 254,
    nullable: true,
    mask: 'email',
    format: 'email',
    description: 'E-mail. Masked as a***@example.com for callers who may not see contact data.',
  })
  email?: string | null;

  @OneOf(LeadSource, { input: true, description: 'How it came to us.', default: 'OTHER' })
  source!: LeadSource;

  @OneOf(LeadStatus, { description: 'Where it stands.', default: 'NEW' })
  status!: LeadStatus;

  @Text({ max: 500, nullable: true, description: 'Why it stands there, as far as it was said.' })
  statusReason?: string | null;

  @Text({ hideable: true, input: true, max: 5000, nullable: true, description: 'Details, free text.' })
  description?: string | null;

  @To(() => Campaign, { input: true, nullable: true, description: 'The campaign it came from; null if from none.' })
  campaign?: Campaign | null;

  @To(() => User, { input: true, nullable: true, description: 'Who follows it; null if nobody does.' })
  override owner?: User | null;

  @To(() => Customer, {
    nullable: true,
    description:
      'The customer it became or was found to be; null before, and if that is deleted or hidden from the caller.',
  })
  customer?: Customer | null;

  @To(() => Contact, { nullable: true, description: 'The contact it became; null if it became none.' })
  contact?: Contact | null;

  @To(() => Opportunity, { nullable: true, description: 'The opportunity it became; null if it became none.' })
  opportunity?: Opportunity | null;

  @At({ nullable: true, description: 'When it was converted; null before.' })
  convertedAt?: string | null;

  @OneOf(LeadStatus, { nullable: true, hidden: true, description: 'Where it stood before it was converted.' })
  convertedFrom?: LeadStatus | null;

  @Flag({ hidden: true, default: false, description: 'True if its conversion made the customer.' })
  madeCustomer!: boolean;

  @Flag({ hidden: true, default: false, description: 'True if its conversion made the contact.' })
  madeContact!: boolean;
}
