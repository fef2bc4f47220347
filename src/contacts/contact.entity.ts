import { Entity } from '@mikro-orm/decorators/legacy';
import { At, Flag, OnDay, OneOf, Text, To } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { NgramRow } from '../model/ngram-index.js';
import { Customer } from '../customers/customer.entity.js';

export const Influence = enumeration('Influence', 'How much a person weighs in decisions of the customer.', {
  LOW: 'Little.',
  MEDIUM: 'Some.',
  HIGH: 'Much.',
});
export type Influence = keyof typeof Influence;

@Table({
  description: 'A person at one or more customers.',
  indexesWhere: { contact_deleted: [['id'], 'deleted_at is not null'] },
  indexes: [['name', 'number']],
  orders: ['createdAt', 'updatedAt'],
})
export class Contact extends Editable {
  @Text({ input: true, max: 100, searched: true, sorted: true, description: 'Name of the person.' })
  name!: string;

  @Text({ input: true, max: 100, searched: true, nullable: true, description: 'Department in which the person works.' })
  department?: string | null;

  @Text({
    input: true,
    max: 50,
    searched: true,
    nullable: true,
    mask: 'phone',
    description: 'Phone. Masked as 138****8000 for callers who may not see contact data.',
  })
  phone?: string | null;

  @Text({
    input: true,
    max: 50,
    searched: true,
    nullable: true,
    mask: 'phone',
    description: 'Mobile phone. Masked as `phone` is.',
  })
  mobile?: string | null;

  @Text({
    input: true,
    max: 254,
    searched: true,
    nullable: true,
    mask: 'email',
    format: 'email',
    description: 'E-mail. Masked as a***@example.com for callers who may not see contact data.',
  })
  email?: string | null;

  @Text({
    input: true,
    max: 100,
    nullable: true,
    mask: 'contact',
    description: 'WeChat name; null for callers who may not see contact data.',
  })
  wechat?: string | null;

  @Text({ input: true, max: 50, nullable: true, mask: 'phone', description: 'Fax. Masked as `phone` is.' })
  fax?: string | null;

  @Text({
    input: true,
    max: 500,
    nullable: true,
    mask: 'contact',
    description: 'Postal address; null for callers who may not see contact data.',
  })
  address?: string | null;

  @OnDay({
    input: true,
    nullable: true,
    mask: 'contact',
    description: 'Birthday; null for callers who may not see contact data.',
  })
  birthday?: string | null;

  @Text({ input: true, max: 1000, nullable: true, description: 'What the person likes, free text.' })
  preferences?: string | null;

  @Text({ input: true, max: 50, nullable: true, description: 'Preferred channel, free text.' })
  contactPreference?: string | null;

  @Flag({ input: true, description: 'True if the person decides.', default: false })
  decisionMaker!: boolean;

  @OneOf(Influence, { input: true, description: 'How much the person weighs in decisions.', default: 'LOW' })
  influence!: Influence;

  @At({ input: true, nullable: true, description: 'Last contact with the person.' })
  lastContactAt?: string | null;
}

/** Links are removed for good, with the record of either side only hidden. */
@Table({
  description: 'A person at a customer: in which role, in which position, and whether as the primary contact.',
  unique: [['customer', 'contact']],
  links: ['contact', 'customer'],
  indexes: [['contact']],
  uniqueWhere: { customer_contact_primary: [['customer'], '"primary"'] },
  orders: ['createdAt', 'primary'],
})
export class CustomerContact extends Editable {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @To(() => Contact, { belongs: true, description: 'The person; null if deleted.' })
  contact!: Contact;

  @Text({ max: 50, nullable: true, description: 'Role in our business with the customer, free text.' })
  role?: string | null;

  @Text({ max: 100, nullable: true, description: 'Job title at the customer.' })
  position?: string | null;

  @Flag({ description: 'True for the one primary contact of the customer.', default: false })
  primary!: boolean;

  @Text({ max: 1000, nullable: true, description: 'Remarks on the relation.' })
  remarks?: string | null;
}

/** What contacts are found by. */
@Entity({ tableName: 'contact_gram' })
export class ContactNgram extends NgramRow {}
