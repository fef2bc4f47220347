import { Field, ID, InputType } from 'type-graphql';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { contains, equals, found, hasSome, isTrue, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { CustomerInput } from '../customers/customer.inputs.js';
import { Contact, CustomerContact } from './contact.entity.js';
import { ofContact } from './contact.sql.js';
import './contact.policy.js';

@InputType({
  description:
    'Conditions on contacts; all given ones hold. Texts match as "contains", ignoring case, and only what the caller may see.',
})
export class ContactFilter extends filterFrom('ContactColumnFilter', Contact) {
  @Where(found, () => String, 'Each of its words is contained in name, phones, e-mail or department.')
  search?: string;

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(contains('phone', 'mobile'), () => String, 'Contained in phone or mobile phone.')
  phone?: string;

  @Where(contains('email'), () => String, 'Contained in the e-mail.')
  email?: string;

  @Where(
    hasSome(CustomerContact, ofContact, contains('position')),
    () => String,
    'Contained in the job title at any of the customers.',
  )
  position?: string;

  @Where(
    hasSome(CustomerContact, ofContact, refersTo('customer', Customer)),
    () => [ID],
    'Linked to one of these customers.',
  )
  customer?: string[];
}

export const contacts = list(Contact, {
  filter: ContactFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    name: 'Name of the person.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
});

@InputType({ description: 'Conditions on links between contacts and customers; all given ones hold.' })
export class CustomerContactFilter extends filterFrom('CustomerContactColumnFilter', CustomerContact) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(refersTo('contact', Contact), () => [ID], 'Of one of these people.')
  contact?: string[];

  @Where(isTrue((row) => row.col('primary')), () => Boolean, 'Primary ones, or those that are not.')
  primary?: boolean;

  @Where(contains('role'), () => String, 'Contained in the role.')
  role?: string;

  @Where(equals('position'), () => String, 'Exactly this job title.')
  position?: string;
}

export const customerContacts = list(CustomerContact, {
  filter: CustomerContactFilter,
  order: {
    createdAt: 'When it was created.',
    number: 'The integer `number`.',
    primary: 'Whether it is the primary one.',
  },
  defaultOrder: [
    ['PRIMARY', 'DESC'],
    ['NUMBER', 'ASC'],
  ],
});

const linkFields = ['role', 'position', 'primary', 'remarks'] as const;

@InputType({
  description:
    'What to store of a link between a contact and a customer. Fields left out stay unchanged; null clears a field.',
})
export class CustomerContactInput extends inputFrom(
  'CustomerContactMembers',
  CustomerContact,
  [...written(CustomerContact), 'customer', 'contact', ...linkFields],
  'Fields of a link.',
) {}

@InputType({ description: 'What to store of a contact. Fields left out stay unchanged; null clears a field.' })
export class ContactInput extends inputFrom(
  'ContactMembers',
  Contact,
  written<Contact, Exclude<keyof Contact, keyof Editable | 'customer'>>(Contact),
  'Fields of a contact that are written as they are.',
) {
  @Field(() => ID, {
    nullable: true,
    description:
      'Customer to link to; on update the link that `position`, `role`, `primary` and `remarks` are meant for; if left out there, the first one.',
  })
  customer?: string | null;

  @Field(() => String, { nullable: true, description: 'Job title at the customer.' })
  position?: string | null;

  @Field(() => String, { nullable: true, description: 'Role in our business with the customer.' })
  role?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True makes it the one primary contact of the customer.' })
  primary?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Remarks on the relation.' })
  remarks?: string | null;
}

@InputType({ description: 'A customer with its first contacts.' })
export class CustomerOnboardInput {
  @Field(() => CustomerInput, { description: 'What to store of the new customer.' })
  customer!: CustomerInput;

  @Field(() => [ContactInput], {
    nullable: true,
    description: 'Contacts of the new customer; at most one may be primary.',
  })
  contacts?: ContactInput[] | null;
}
