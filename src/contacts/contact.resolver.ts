import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input, Version } from '../graphql/arguments.js';
import { addField, relationList, rootFields } from '../graphql/fields.js';
import { restoration } from '../graphql/restoration.js';
import { answer, answerBulk, bulkPayload, deletePayload, payload } from '../graphql/payload.js';
import { permissionFields } from '../graphql/permissions.js';
import { Customer } from '../customers/customer.entity.js';
import { CustomerInput } from '../customers/customer.inputs.js';
import { Contact, CustomerContact } from './contact.entity.js';
import {
  ContactInput,
  contacts as contactList,
  CustomerContactInput,
  customerContacts,
  CustomerOnboardInput,
} from './contact.inputs.js';
import * as contacts from './contact.service.js';
import { linkOf, primaryContact } from './contact.sql.js';
import { contactActions, linkActions } from './contact.policy.js';

const ContactQueries = rootFields(
  contactList,
  { one: 'contact', many: 'contacts' },
  {
    one: 'One contact; null if there is none with this id that the caller may see.',
    many: 'Contacts that the caller may see.',
  },
);
const LinkQueries = rootFields(
  customerContacts,
  { one: 'customerContact', many: 'customerContacts' },
  {
    one: 'One link between a contact and a customer; null if there is none that the caller may see.',
    many: 'Links between contacts and customers that the caller may see.',
  },
);

const properties = ['position', 'role', 'primary', 'remarks'];
const ContactsOfCustomer = relationList(
  Customer,
  'contacts',
  customerContacts,
  'People at the customer, the primary contact first; the edges say what they are there.',
  { name: 'ContactOfCustomer', by: 'customer', node: 'contact', to: () => Contact, properties },
);
const CustomersOfContact = relationList(
  Contact,
  'customers',
  customerContacts,
  'Customers that the person is at; the edges say as what.',
  { name: 'CustomerOfContact', by: 'contact', node: 'customer', to: () => Customer, properties },
);

const LinkOfContact = addField(
  Contact,
  'link',
  () => CustomerContact,
  {
    nullable: true,
    description: 'The link to this customer; without the argument the first link the person was given.',
  },
  {
    kind: 'one',
    id: linkOf,
  },
  { customer: [() => ID, 'Opaque id or integer number of the customer.', 'optional'] },
);

const PrimaryContact = addField(
  Customer,
  'primaryContact',
  () => Contact,
  { nullable: true, description: 'The primary contact of the customer; null if none was chosen.' },
  {
    kind: 'one',
    id: primaryContact,
    isVisible: true,
  },
);

const contactRecord: Record<string, [() => unknown, string]> = {
  contact: [() => Contact, 'The contact after the change.'],
};
const linkRecord: Record<string, [() => unknown, string]> = {
  customerContact: [() => CustomerContact, 'The link after the change.'],
};
const ContactCreatePayload = payload('ContactCreatePayload', contactRecord);
const ContactUpdatePayload = payload('ContactUpdatePayload', contactRecord);
const ContactDeletePayload = deletePayload(Contact);
const CustomerOnboardPayload = payload('CustomerOnboardPayload', { customer: [() => Customer, 'The new customer.'] });
const ContactsCreatePayload = bulkPayload('ContactsCreatePayload', ['contact', () => Contact]);
const CustomersOnboardPayload = bulkPayload('CustomersOnboardPayload', ['customer', () => Customer]);
const CustomerContactCreatePayload = payload('CustomerContactCreatePayload', linkRecord);
const CustomerContactUpdatePayload = payload('CustomerContactUpdatePayload', linkRecord);
const CustomerContactSetPrimaryPayload = payload('CustomerContactSetPrimaryPayload', linkRecord);
const CustomerUnlinkContactsPayload = bulkPayload('CustomerUnlinkContactsPayload');
const ContactUnlinkCustomersPayload = bulkPayload('ContactUnlinkCustomersPayload');
const CustomerContactDeletePayload = deletePayload(CustomerContact);

@Resolver()
class ContactMutations {
  @Mutation(() => ContactCreatePayload, {
    nullable: true,
    description:
      'Creates a contact, linked to a customer where one is named. Fails with REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  contactCreate(
    @Ctx() ctx: Context,
    @Input(() => ContactInput, 'What to store.') input: ContactInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ contact: await contacts.create(ctx, input) }));
  }

  @Mutation(() => ContactsCreatePayload, {
    nullable: true,
    description:
      'Creates many contacts, at most 5000: what is refused is reported in its result, the rest is kept. Items are refused as by `contactCreate`. Fails with OUT_OF_RANGE.',
  })
  contactsCreate(
    @Ctx() ctx: Context,
    @Arg('inputs', () => [ContactInput], { description: 'What to store.' }) inputs: ContactInput[],
  ): Promise<object> {
    return answerBulk(ctx, () => contacts.createMany(ctx, inputs), 'contact');
  }

  @Mutation(() => ContactUpdatePayload, {
    nullable: true,
    description:
      'Changes a contact and its link to one customer. Fails with NOT_FOUND, VERSION_CONFLICT, REQUIRED, INVALID, TOO_LONG, UNKNOWN_REFERENCE.',
  })
  contactUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => ContactInput) input: ContactInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ contact: await contacts.update(ctx, id, input, version) }));
  }

  @Mutation(() => ContactDeletePayload, {
    nullable: true,
    description: 'Hides a contact, with its links. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  contactDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await contacts.remove(ctx, id, version) }));
  }

  @Mutation(() => CustomerOnboardPayload, {
    nullable: true,
    description:
      'Creates a customer together with its first contacts, all or nothing; fields of contacts are named `contacts.0.email`. Fails with REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, NAME_TAKEN, UNKNOWN_REFERENCE.',
  })
  customerOnboard(
    @Ctx() ctx: Context,
    @Input(() => CustomerInput, 'The customer.') input: CustomerInput,
    @Arg('contacts', () => [ContactInput], {
      nullable: true,
      description: 'Contacts of the new customer; at most one may be primary.',
    })
    people?: ContactInput[] | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customer: await contacts.onboard(ctx, input, people ?? []) }));
  }

  @Mutation(() => CustomersOnboardPayload, {
    nullable: true,
    description:
      'Creates many customers with their contacts, at most 5000: what is refused is reported in its result, the rest is kept. Items are refused as by `customerOnboard`. Fails with OUT_OF_RANGE.',
  })
  customersOnboard(
    @Ctx() ctx: Context,
    @Arg('inputs', () => [CustomerOnboardInput], { description: 'The customers.' }) inputs: CustomerOnboardInput[],
  ): Promise<object> {
    return answerBulk(ctx, () => contacts.onboardMany(ctx, inputs), 'customer');
  }

  @Mutation(() => CustomerContactCreatePayload, {
    nullable: true,
    description: 'Links a contact to a customer. Fails with REQUIRED, UNKNOWN_REFERENCE, ALREADY_LINKED, TOO_LONG.',
  })
  customerContactCreate(
    @Ctx() ctx: Context,
    @Input(() => CustomerContactInput, 'The link.') input: CustomerContactInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerContact: await contacts.link(ctx, input) }));
  }

  @Mutation(() => CustomerContactUpdatePayload, {
    nullable: true,
    description:
      'Changes role, position, primary mark or remarks of a link; its customer and contact stay. Fails with NOT_FOUND, VERSION_CONFLICT, INVALID, UNKNOWN_REFERENCE, TOO_LONG.',
  })
  customerContactUpdate(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => CustomerContactInput) input: CustomerContactInput,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerContact: await contacts.updateLink(ctx, id, input, version) }));
  }

  @Mutation(() => CustomerContactSetPrimaryPayload, {
    nullable: true,
    description: 'Makes a link the one primary contact of its customer. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  customerContactSetPrimary(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Version() version?: number | null,
  ): Promise<object> {
    return answer(ctx, async () => ({ customerContact: await contacts.setPrimary(ctx, id, version) }));
  }

  @Mutation(() => CustomerUnlinkContactsPayload, {
    nullable: true,
    description:
      'Removes the links of several contacts, at most 5000, with one customer for good. Those without one are refused with NOT_FOUND. Fails with OUT_OF_RANGE.',
  })
  customerUnlinkContacts(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('contacts', () => [ID], { description: 'Opaque ids or integer numbers of the contacts.' }) people: string[],
  ): Promise<object> {
    return answerBulk(ctx, () => contacts.unlinkContacts(ctx, id, people));
  }

  @Mutation(() => ContactUnlinkCustomersPayload, {
    nullable: true,
    description:
      'Removes the links of one contact with several customers, at most 5000, for good. Those without one are refused with NOT_FOUND. Fails with OUT_OF_RANGE.',
  })
  contactUnlinkCustomers(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Arg('customers', () => [ID], { description: 'Opaque ids or integer numbers of the customers.' })
    customers: string[],
  ): Promise<object> {
    return answerBulk(ctx, () => contacts.unlinkCustomers(ctx, id, customers));
  }

  @Mutation(() => CustomerContactDeletePayload, {
    nullable: true,
    description: 'Removes a link for good. Fails with NOT_FOUND, VERSION_CONFLICT.',
  })
  customerContactDelete(@Ctx() ctx: Context, @Id() id: string, @Version() version?: number | null): Promise<object> {
    return answer(ctx, async () => ({ deletedId: await contacts.unlink(ctx, id, version) }));
  }
}

const ContactRestoration = restoration(contactList, contacts.restore);

export const contactResolvers = [
  ContactQueries,
  LinkQueries,
  ContactsOfCustomer,
  CustomersOfContact,
  LinkOfContact,
  PrimaryContact,
  ContactMutations,
  ContactRestoration,
  ...permissionFields(contactActions),
  ...permissionFields(linkActions),
];
