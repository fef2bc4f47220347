import { Flag, OneOf, SomeOf, Text, To, Whole } from '../model/columns.js';
import { Editable, Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';

export const PoolKind = enumeration('PoolKind', 'Of which records a pool is.', {
  CUSTOMER: 'Of customers.',
  LEAD: 'Of leads.',
});
export type PoolKind = keyof typeof PoolKind;

export const PoolRole = enumeration('PoolRole', 'What somebody may do in a pool.', {
  MEMBER: 'Sees what is in it, and picks from it within its limits.',
  ADMIN: 'Sees and changes what is in it, assigns from it, and picks without limits.',
});
export type PoolRole = keyof typeof PoolRole;

export const PoolHiddenField = enumeration(
  'PoolHiddenField',
  'What of a record a pool can hide until somebody picks it.',
  {
    CONTACT_PERSON: 'The name of the person to ask for.',
    PHONE: 'The main phone.',
    EMAIL: 'The main e-mail.',
    ADDRESS: 'The address where business is done.',
    REGISTERED_ADDRESS: 'The address of registration.',
    WEBSITE: 'The home page.',
    TAX_NO: 'The tax identification number.',
    LICENSE_NO: 'The business licence number.',
    LEGAL_REPRESENTATIVE: 'Who represents the company by law.',
    BANK_ACCOUNT: 'The bank account.',
    REMARKS: 'Remarks for colleagues.',
    DESCRIPTION: 'What it does, or details of the lead.',
  },
);
export type PoolHiddenField = keyof typeof PoolHiddenField;

@Table({
  description: 'A pool of customers or of leads that nobody looks after, from which its members pick.',
  uniqueActive: [['kind', 'nameKey']],
})
export class Pool extends Editable {
  @OneOf(PoolKind, { filter: true, input: true, description: 'Of which records it is; never changes.' })
  kind!: PoolKind;

  @Text({
    input: true,
    max: 100,
    order: true,
    sorted: true,
    alike: true,
    description: 'Name; unique among the pools of its kind that are not deleted, in whatever writing.',
  })
  name!: string;

  @Whole({
    input: true,
    order: true,
    range: [0, 10_000],
    default: 0,
    description: 'Place among the pools, the smallest first.',
  })
  position!: number;

  @Flag({
    filter: true,
    input: true,
    default: true,
    description: 'False if nobody picks from it any more, and nothing is put into it.',
  })
  enabled!: boolean;

  @Whole({
    input: true,
    range: [0, 10_000],
    nullable: true,
    description:
      'How many records a member may pick from it on one day in the time zone of the tenant; null for as many as they like.',
  })
  dailyPickLimit?: number | null;

  @Whole({
    input: true,
    range: [0, 10_000],
    nullable: true,
    default: 0,
    description:
      'Of how many of its records a member may be shown on one day, in the time zone of the tenant, what it hides (`customersReveal`, `leadsReveal`); 0 for none, null for as many as they like.',
  })
  dailyViewLimit?: number | null;

  @Whole({
    input: true,
    range: [0, 3_650],
    default: 0,
    description: 'For how many days a member cannot pick what they looked after before; 0 for none.',
  })
  formerOwnerDays!: number;

  @Whole({
    input: true,
    range: [0, 8_760],
    default: 0,
    description: 'For how many hours nobody can pick what has come into it; 0 for none.',
  })
  restHours!: number;

  @SomeOf(PoolHiddenField, {
    description:
      'What of its records only its administrators see, and those who see everything, until one is picked; its members are shown it for a day with `customersReveal` and `leadsReveal`.',
  })
  hidesUntilPicked!: PoolHiddenField[];
}

@Table({
  description: 'Somebody who works with a pool: a user, or all who work in a department or in one below it.',
  unique: [
    ['pool', 'user'],
    ['pool', 'department'],
  ],
  indexes: [['user'], ['department']],
})
export class PoolMember extends Owned {
  @To(() => Pool, { belongs: true, description: 'The pool; null if it is deleted.' })
  pool!: Pool;

  @To(() => User, { nullable: true, description: 'The user; null where it is a department.' })
  user?: User | null;

  @To(() => Department, { nullable: true, description: 'The department; null where it is a user.' })
  department?: Department | null;

  @OneOf(PoolRole, { filter: true, description: 'What they may do in it.', default: 'MEMBER' })
  role!: PoolRole;
}
