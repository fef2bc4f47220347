import { Field, ID, InputType, Int } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { inputFrom, written } from '../model/inputs.js';
import { amountOf, MoneyInput } from '../model/money.js';
import { Day, Decimal } from '../model/scalars.js';
import {
  among,
  atLeast,
  atMost,
  contains,
  equals,
  foundIn,
  fromDay,
  isOneOf,
  untilDay,
  Where,
} from '../read/filter.js';
import { hasNamed, refersTo } from '../read/references.js';
import { list } from '../read/list.js';
import { isWithin } from '../departments/department.sql.js';
import { User } from '../identity/user.entity.js';
import type { Held } from '../pools/held.entity.js';
import { heldFilter } from '../pools/held.inputs.js';
import { Customer, CustomerStatus, CustomerTier } from './customer.entity.js';
import { isOn } from './customer.sql.js';
import { CustomerTag } from './tag.entity.js';
import './customer.policy.js';

/** Fields that customers are searched in, by the columns behind them. */
const searchFields = {
  NAME: 'name',
  ACCOUNT_NO: 'accountNo',
  CODE: 'code',
  CONTACT_PERSON: 'contactPerson',
  PHONE: 'phone',
  EMAIL: 'email',
  TAX_NO: 'taxNo',
  LICENSE_NO: 'licenseNo',
};

const CustomerSearchField = enumeration('CustomerSearchField', 'Where customers are searched.', {
  NAME: 'In the name.',
  ACCOUNT_NO: 'In the account number.',
  CODE: 'In the customer code.',
  CONTACT_PERSON: 'In the name of the person to ask for.',
  PHONE: 'In the main phone.',
  EMAIL: 'In the main e-mail.',
  TAX_NO: 'In the tax number.',
  LICENSE_NO: 'In the licence number.',
});

@InputType({
  description:
    'Conditions on customers; all given ones hold. Texts match as "contains", ignoring case, and only what the caller may see.',
})
export class CustomerFilter extends heldFilter('CustomerColumnFilter', Customer) {
  @Where(isOneOf, () => [ID], 'One of these, by opaque id or integer number.')
  ids?: string[];

  @Where(
    foundIn(searchFields, 'searchIn'),
    () => String,
    'Each of its words is contained in one of the fields that `searchIn` names.',
  )
  search?: string;

  @Where(
    (_, value) => (value.is((chosen) => Array.isArray(chosen) && chosen.length === 0) ? 'false' : 'true'),
    () => [CustomerSearchField],
    'Where `search` looks. If left out, in all the fields of the enumeration.',
  )
  searchIn?: string[];

  @Where(contains('name'), () => String, 'Contained in the name.')
  name?: string;

  @Where(equals('accountNo'), () => String, 'Exactly this account number.')
  accountNo?: string;

  @Where(equals('code'), () => String, 'Exactly this customer code.')
  code?: string;

  @Where(among('status'), () => [CustomerStatus], 'One of these states.')
  status?: string[];

  @Where(
    refersTo('owner', User),
    () => [ID],
    'Looked after by one of these users, by id, number or login; `ME` is the caller.',
  )
  owner?: string[];

  @Where(
    isWithin('ownerDepartment'),
    () => [ID],
    'Looked after by somebody in one of these departments or below them; `MY_DEPARTMENT` is where the caller works.',
  )
  ownerDepartment?: string[];

  @Where(hasNamed(CustomerTag, isOn, 'name'), () => [String], 'Has one of these tags.')
  tag?: string[];

  @Where(atLeast('healthScore', 'numeric'), () => Decimal, 'Health score of at least this.')
  healthScoreMin?: string;

  @Where(atMost('healthScore', 'numeric'), () => Decimal, 'Health score of at most this.')
  healthScoreMax?: string;

  @Where(fromDay('createdAt'), () => Day, 'Created on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Created on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const customers = list(Customer, {
  filter: CustomerFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    status: 'State of the customer, alphabetically.',
    tier: {
      description: 'Tier of the customer, bronze being the smallest.',
      ranks: Object.keys(CustomerTier),
    },
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  restorable: true,
  sums: {
    creditLimit: { description: 'Credit limits.', summand: (customer) => amountOf(customer, 'creditLimit') },
  },
});

@InputType({ description: 'What to store of a customer. Fields left out stay unchanged; null clears a field.' })
export class CustomerInput extends inputFrom(
  'CustomerMembers',
  Customer,
  written<Customer, 'owner' | Exclude<keyof Customer, keyof Held | 'creditLimit' | 'status'>>(Customer),
  'Fields of a customer that are written as they are.',
) {
  @Field(() => MoneyInput, { nullable: true, description: 'Credit limit, from 0, in the currency of the customer.' })
  creditLimit?: MoneyInput | null;

  @Field(() => CustomerStatus, {
    nullable: true,
    description:
      'State; a new customer is POTENTIAL unless another is given. A change goes into `statusChanges`. `customerChangeStatus` takes a reason with it.',
  })
  status?: CustomerStatus;
}

@InputType({ description: 'A change to one of many customers.' })
export class CustomerEdit {
  @Field(() => ID, { description: 'Opaque id or integer number.' })
  id!: string;

  @Field(() => CustomerInput, { description: 'The change.' })
  input!: CustomerInput;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version the change was made from; refused with VERSION_CONFLICT if it is no longer the present one.',
  })
  version?: number | null;
}
