import { Entity } from '@mikro-orm/decorators/legacy';
import { At, Exact, OnDay, OneOf, Text, To } from '../model/columns.js';
import { Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { NgramRow } from '../model/ngram-index.js';
import { User } from '../identity/user.entity.js';
import { Held } from '../pools/held.entity.js';

export const CustomerKind = enumeration('CustomerKind', 'What kind of customer it is.', {
  ENTERPRISE: 'A company.',
  GOVERNMENT: 'An authority or another public body.',
  INDIVIDUAL: 'A private person.',
  NONPROFIT: 'A non-profit organisation.',
  EDUCATION: 'A school, university or research institute.',
});
export type CustomerKind = keyof typeof CustomerKind;

export const CustomerStatus = enumeration('CustomerStatus', 'Where the customer stands in its life with us.', {
  POTENTIAL: 'Not yet a customer: nothing has been signed.',
  ACTIVE: 'A customer with whom we do business.',
  INACTIVE: 'A customer with whom business is paused.',
  LOST: 'A former customer.',
});
export type CustomerStatus = keyof typeof CustomerStatus;

export const CustomerTier = enumeration('CustomerTier', 'How much the customer matters, from lowest to highest.', {
  BRONZE: 'Ordinary.',
  SILVER: 'Important.',
  GOLD: 'Very important.',
  PLATINUM: 'Strategic.',
});
export type CustomerTier = keyof typeof CustomerTier;

export const CompanySize = enumeration('CompanySize', 'How large a company is, in four classes.', {
  MICRO: 'Micro (微型).',
  SMALL: 'Small (小型).',
  MEDIUM: 'Medium (中型).',
  LARGE: 'Large (大型).',
});
export type CompanySize = keyof typeof CompanySize;

@Table({
  description: 'A company, authority or person we sell to.',
  kept: true,
  unique: [['accountNo'], ['code']],
  uniqueActive: [['nameKey']],
  indexesWhere: {
    customer_deleted: [['id'], 'deleted_at is not null'],
    customer_pooled: [['pool', 'createdAt', 'number'], 'pool_id is not null'],
  },
  indexes: [
    ['owner'],
    ['ownerDepartment'],
    ['createdAt', 'number'],
    ['status', 'name'],
    ['name', 'number'],
    ['recycleOn'],
  ],
  orders: [
    'updatedAt',
    'status',
    'industry',
    'region',
    'healthScore',
    'lastContactAt',
    'pooledAt',
    'heldSince',
    'recycleOn',
    ['tier', Object.keys(CustomerTier)],
  ],
})
export class Customer extends Held {
  @Text({
    exported: true,
    order: true,
    max: 32,
    searched: true,
    description: 'Account number, e.g. `ACC001`; given by the server, unique in the tenant.',
  })
  accountNo!: string;

  @Text({
    exported: true,
    max: 32,
    searched: true,
    description: 'Customer code, e.g. `CUST-20260301-0001`; given by the server, unique in the tenant.',
  })
  code!: string;

  @Text({
    exported: true,
    order: true,
    input: true,
    max: 200,
    searched: true,
    sorted: true,
    alike: true,
    description: 'Name; unique among the customers of the tenant that are not deleted, in whatever writing.',
  })
  name!: string;

  @OneOf(CustomerKind, {
    filter: true,
    input: true,
    description: 'What kind of customer it is.',
    default: 'ENTERPRISE',
  })
  kind!: CustomerKind;

  @OneOf(CustomerStatus, { description: 'Where it stands in its life with us.', default: 'POTENTIAL' })
  status!: CustomerStatus;

  @OneOf(CustomerTier, { filter: true, input: true, description: 'How much it matters.', default: 'BRONZE' })
  tier!: CustomerTier;

  @Text({
    exported: true,
    order: true,
    filter: 'several',
    input: true,
    max: 100,
    nullable: true,
    sorted: true,
    description: 'Industry, free text.',
  })
  industry?: string | null;

  @Text({
    exported: true,
    order: true,
    filter: 'several',
    input: true,
    max: 100,
    nullable: true,
    sorted: true,
    description: 'Sales region, free text, e.g. 华北.',
  })
  region?: string | null;

  @OneOf(CompanySize, { filter: true, input: true, nullable: true, description: 'Size of the company.' })
  size?: CompanySize | null;

  @Text({ input: true, max: 50, nullable: true, description: 'Size of the company in words, where it was given so.' })
  scale?: string | null;

  @Text({
    hideable: true,
    exported: true,
    input: true,
    max: 500,
    nullable: true,
    description: 'Address where business is done.',
  })
  address?: string | null;

  @Text({ hideable: true, input: true, max: 500, nullable: true, description: 'Address of registration.' })
  registeredAddress?: string | null;

  @Text({ hideable: true, input: true, max: 200, nullable: true, description: 'Home page.' })
  website?: string | null;

  @Text({ hideable: true, input: true, max: 5000, nullable: true, description: 'What the customer does, free text.' })
  description?: string | null;

  @Text({ hideable: true, input: true, max: 5000, nullable: true, description: 'Remarks for colleagues.' })
  remarks?: string | null;

  @Text({
    exported: true,
    input: true,
    max: 50,
    nullable: true,
    description: 'Where the customer came from, free text.',
  })
  source?: string | null;

  @Text({
    hideable: true,
    exported: true,
    input: true,
    max: 100,
    searched: true,
    nullable: true,
    description: 'Name of the person to ask for, as text; the contacts proper are `contacts`.',
  })
  contactPerson?: string | null;

  @Text({
    hideable: true,
    exported: true,
    input: true,
    max: 50,
    searched: true,
    nullable: true,
    mask: 'phone',
    description: 'Main phone. Masked as 138****8000 for callers who may not see contact data.',
  })
  phone?: string | null;

  @Text({
    hideable: true,
    exported: true,
    input: true,
    max: 254,
    searched: true,
    nullable: true,
    mask: 'email',
    format: 'email',
    description: 'Main e-mail. Masked as a***@example.com for callers who may not see contact data.',
  })
  email?: string | null;

  @Text({
    hideable: true,
    exported: true,
    input: true,
    max: 100,
    searched: true,
    nullable: true,
    description: 'Tax identification number.',
  })
  taxNo?: string | null;

  @Text({
    hideable: true,
    input: true,
    max: 100,
    searched: true,
    nullable: true,
    description: 'Business licence number.',
  })
  licenseNo?: string | null;

  @Text({ input: true, max: 50, nullable: true, description: 'Registered capital, as text with its unit.' })
  registeredCapital?: string | null;

  @Text({ hideable: true, input: true, max: 50, nullable: true, description: 'Who represents the company by law.' })
  legalRepresentative?: string | null;

  @Text({ input: true, max: 5000, nullable: true, description: 'Scope of business as registered.' })
  businessScope?: string | null;

  @OnDay({ input: true, nullable: true, description: 'Day of establishment.' })
  establishedOn?: string | null;

  @Text({ input: true, max: 100, nullable: true, description: 'Bank that keeps the account.' })
  bankName?: string | null;

  @Text({
    hideable: true,
    input: true,
    max: 100,
    nullable: true,
    mask: 'contact',
    description: 'Bank account; null for callers who may not see contact data.',
  })
  bankAccount?: string | null;

  @Text({ input: true, max: 20, nullable: true, description: 'Credit rating, as text, e.g. AAA.' })
  creditRating?: string | null;

  @Text({ input: true, max: 200, nullable: true, description: 'Agreed terms of payment, free text.' })
  paymentTerms?: string | null;

  @Text({ input: true, max: 5000, nullable: true, description: 'What the customer requires in particular, free text.' })
  specialRequirements?: string | null;

  @Exact({ hidden: true, nullable: true, mask: 'amount', range: [0, 9_999_999_999_999], description: 'Credit limit.' })
  creditLimit?: string | null;

  @Text({
    input: true,
    max: 3,
    format: 'currency',
    description:
      'ISO 4217 code of the currency in which sums over the records of the customer are given, and its credit limit.',
    default: 'CNY',
  })
  currency!: string;

  @To(() => User, { input: true, nullable: true, description: 'Who looks after the customer; null if nobody does.' })
  override owner?: User | null;

  @Exact({
    exported: true,
    order: true,
    precision: 4,
    scale: 1,
    default: 75,
    description: 'Health of the relation, 0 to 100 with one decimal; 75.0 until it is first computed.',
  })
  healthScore!: string;

  @At({
    exported: true,
    order: true,
    input: true,
    nullable: true,
    description: 'Last contact with anybody there.',
  })
  lastContactAt?: string | null;
}

/** What customers are found by. */
@Entity({ tableName: 'customer_gram' })
export class CustomerNgram extends NgramRow {}
