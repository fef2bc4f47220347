import { Field, ID, InputType, Int } from 'type-graphql';
import { amountOf, MoneyInput } from '../model/money.js';
import type { Editable } from '../model/entity.js';
import { inputFrom, written } from '../model/inputs.js';
import { Day, Decimal } from '../model/scalars.js';
import { among, atLeast, atMost, containsWords, equals, isTrue, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Contract, ContractKind, ContractStatus } from './contract.entity.js';
import { creditBalance, endsWithin, isOverdue, isReceivable, outstanding, paid } from './contract.sql.js';
import './contract.policy.js';

@InputType({
  description: 'Conditions on contracts; all given ones hold. Amounts match only where the caller may see them.',
})
export class ContractFilter extends filterFrom('ContractColumnFilter', Contract) {
  @Where(containsWords('name', 'code'), () => String, 'Each of its words is contained in title or number.')
  search?: string;

  @Where(equals('code'), () => String, 'Exactly this contract number.')
  code?: string;

  @Where(refersTo('customer', Customer), () => [ID], 'With one of these customers.')
  customer?: string[];

  @Where(refersTo('opportunity', Opportunity), () => [ID], 'From one of these opportunities.')
  opportunity?: string[];

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

  @Where(endsWithin, () => Int, 'In force and ending within this many days from today, in the time zone of the tenant.')
  expiringWithin?: number;

  @Where(
    isTrue((row) => `(${isReceivable(row)})`),
    () => Boolean,
    'In force or expired and not paid in full, or all others; none of those whose amounts are hidden from the caller.',
  )
  receivable?: boolean;

  @Where(
    isTrue(isOverdue),
    () => Boolean,
    'Due before today and not paid in full, or all others; none of those whose amounts are hidden from the caller.',
  )
  overdue?: boolean;

  @Where(atLeast('dueOn', 'date'), () => Day, 'Due on this day or later.')
  dueFrom?: string;

  @Where(atMost('dueOn', 'date'), () => Day, 'Due on this day or earlier.')
  dueUntil?: string;
}

export const contracts = list(Contract, {
  filter: ContractFilter,
  order: {
    createdAt: 'When it was created.',
    updatedAt: 'When it was last changed.',
    number: 'The integer `number`.',
    code: 'Contract number, as people see it.',
    name: 'Title of the contract.',
    amount: { description: 'Amount of the contract.', by: 'agreedAmount' },
    startsOn: 'The first day of its term.',
    endsOn: 'The last day of its term.',
    dueOn: 'The day by which it is to be paid.',
  },
  defaultOrder: [['CREATED_AT', 'DESC']],
  sums: {
    amount: {
      description: 'Amounts agreed for the present terms.',
      summand: (contract) => amountOf(contract, 'agreedAmount'),
    },
    paidAmount: {
      description: 'What was received, refunds taken away.',
      summand: (contract) => ({ shown: paid(contract), seen: contract.unmasked('amount') }),
    },
    outstandingAmount: { description: 'What is not paid of all terms.', summand: outstanding },
    creditBalance: { description: 'What was received beyond all terms.', summand: creditBalance },
  },
  restorable: true,
});

@InputType({
  description:
    'What to store of a contract. Fields left out stay unchanged; null clears a field. The state is changed by `contractSign`, `contractRenew` and `contractChangeStatus`.',
})
export class ContractInput extends inputFrom(
  'ContractMembers',
  Contract,
  written<Contract, Exclude<keyof Contract, keyof Editable | 'amount' | 'status'>>(Contract),
  'Fields of a contract that are written as they are.',
) {
  @Field(() => MoneyInput, { nullable: true, description: 'Amount agreed for the present term, from 0.' })
  amount?: MoneyInput | null;

  @Field(() => ContractStatus, {
    nullable: true,
    description:
      'State at creation; a contract is a DRAFT unless another is given. An update moves the contract there as `contractChangeStatus` does.',
  })
  status?: ContractStatus | null;
}
