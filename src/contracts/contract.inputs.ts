import { Field, ID, InputType, Int } from 'type-graphql';
import { inputFrom } from '../core/inputs.js';
import { Day, Decimal } from '../core/scalars.js';
import { among, atLeast, atMost, contains, equals, refersTo, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Contract, ContractKind, ContractStatus } from './contract.entity.js';
import './contract.policy.js';

@InputType({ description: 'Conditions on contracts; all given ones hold. Amounts match only where the caller may see them.' })
export class ContractFilter {
  @Where(contains('name', 'code'), () => String, 'Contained in title or number.')
  search?: string;

  @Where(equals('code'), () => String, 'Exactly this contract number.')
  code?: string;

  @Where(refersTo('customer', Customer), () => ID, 'With this customer.')
  customer?: string;

  @Where(refersTo('opportunity', Opportunity), () => ID, 'From this deal; null for none.')
  opportunity?: string;

  @Where(among('status'), () => [ContractStatus], 'In one of these states.')
  status?: string[];

  @Where(among('kind'), () => [ContractKind], 'Of one of these kinds.')
  kind?: string[];

  @Where(atLeast('agreedAmount', 'numeric'), () => Decimal, 'Amount of at least this.')
  amountMin?: string;

  @Where(atMost('agreedAmount', 'numeric'), () => Decimal, 'Amount of at most this.')
  amountMax?: string;

  @Where(atLeast('endsOn', 'date'), () => Day, 'Ends on this day or later.')
  endsFrom?: string;

  @Where(atMost('endsOn', 'date'), () => Day, 'Ends on this day or earlier.')
  endsUntil?: string;

  @Where(
    (row, value) => {
      const today = `(now() at time zone ${row.zone()})::date`;
      return `${row.col('status')} = 'IN_FORCE' and ${row.col('endsOn')} between ${today} and ${today} + ${value.bind('int')}`;
    },
    () => Int,
    'In force and ending within this many days from today, in the time zone of the tenant.',
  )
  expiringWithin?: number;
}

export const contracts = list(Contract, {
  filter: ContractFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'Its integer number.',
    code: 'Its contract number.',
    name: 'Its title.',
    amount: { description: 'Its amount.', by: 'agreedAmount', cast: 'numeric' },
    startsOn: 'The first day of its term.',
    endsOn: 'The last day of its term.',
  },
  usual: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'What to store of a contract. Members left out stay as they are; null clears. The state is changed by `contractChangeStatus`.' })
export class ContractInput extends inputFrom(
  'ContractMembers',
  Contract,
  ['code', 'name', 'customer', 'opportunity', 'kind', 'currency', 'startsOn', 'endsOn', 'signedOn', 'renewal', 'noticeDays', 'paymentTerms', 'serviceLevel', 'fileUrl'],
  'Members of a contract that are written as they are.',
) {
  @Field(() => Decimal, { nullable: true, description: 'Amount agreed, from 0.' })
  amount?: string | null;

  @Field(() => ContractStatus, { nullable: true, description: 'State at creation, DRAFT unless told; an update leaves it alone.' })
  status?: ContractStatus | null;
}
