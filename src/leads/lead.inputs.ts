import { Field, ID, InputType, Int } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { MoneyInput } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { among, contains, containsWords, fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { list } from '../read/list.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { isWithin } from '../departments/department.sql.js';
import { User } from '../identity/user.entity.js';
import type { Held } from '../pools/held.entity.js';
import { heldFilter } from '../pools/held.inputs.js';
import { Lead, LeadSource, LeadStatus } from './lead.entity.js';
import { scoreAtLeast, scoreAtMost, scoreOf } from './score.sql.js';
import './lead.policy.js';

@InputType({
  description:
    'Conditions on leads; all given ones hold. Texts match as "contains", ignoring case, and only what the caller may see.',
})
export class LeadFilter extends heldFilter('LeadColumnFilter', Lead) {
  @Where(
    containsWords('name', 'company', 'contactPerson', 'phone', 'email'),
    () => String,
    'Each of its words is contained in name, company, contact person, phone or e-mail.',
  )
  search?: string;

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(contains('company'), () => String, 'Contained in the company.')
  company?: string;

  @Where(among('status'), () => [LeadStatus], 'In one of these states.')
  status?: string[];

  @Where(among('source'), () => [LeadSource], 'Come in one of these ways.')
  source?: string[];

  @Where(refersTo('campaign', Campaign), () => [ID], 'From one of these campaigns.')
  campaign?: string[];

  @Where(
    refersTo('owner', User),
    () => [ID],
    'Followed by one of these users, by id, number or login; `ME` is the caller.',
  )
  owner?: string[];

  @Where(
    isWithin('ownerDepartment'),
    () => [ID],
    'Followed by somebody in one of these departments or below them; `MY_DEPARTMENT` is where the caller works.',
  )
  ownerDepartment?: string[];

  @Where(refersTo('customer', Customer), () => [ID], 'Converted into one of these customers.')
  customer?: string[];

  @Where(scoreAtLeast, () => Int, 'Score of at least this.')
  scoreMin?: number;

  @Where(scoreAtMost, () => Int, 'Score of at most this.')
  scoreMax?: number;

  @Where(fromDay('createdAt'), () => Day, 'Created on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Created on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const leads = list(Lead, {
  filter: LeadFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    name: 'Name of the lead.',
    company: 'Company of the lead.',
    score: { description: 'Score of the lead.', sql: scoreOf, cast: 'int', nullable: false },
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
});

@InputType({
  description:
    'What to store of a lead. Fields left out stay unchanged; null clears a field. The state is changed by `leadChangeStatus` and `leadConvert`.',
})
export class LeadInput extends inputFrom(
  'LeadMembers',
  Lead,
  written<Lead, 'owner' | Exclude<keyof Lead, keyof Held | 'status'>>(Lead),
  'Fields of a lead that are written as they are.',
) {}

@InputType({ description: 'What a lead is to become.' })
export class LeadConvertInput {
  @Field(() => Boolean, {
    nullable: true,
    description:
      'True makes a customer of it, named as the company, or as the lead where that is not known. Without effect if `customer` names one.',
  })
  createCustomer?: boolean | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The customer that it turned out to be: the contact and the opportunity are made there. `Lead.matches` offers some.',
  })
  customer?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True makes a contact of the person, at the customer if there is one; who is a contact of that customer already (same phone or e-mail, or, where the lead has neither, same name) is taken as that contact.',
  })
  createContact?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What the opportunity is about; without it no opportunity is made, and neither `amount` nor `expectedCloseOn` is taken. An opportunity needs a customer.',
  })
  opportunityName?: string | null;

  @Field(() => MoneyInput, { nullable: true, description: 'Expected amount of the opportunity, from 0.' })
  amount?: MoneyInput | null;

  @Field(() => Day, { nullable: true, description: 'Day on which the opportunity is expected to close.' })
  expectedCloseOn?: string | null;
}
