import { Field, ID, InputType } from 'type-graphql';
import { MoneyInput } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { fromDay, untilDay, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { Contract } from './contract.entity.js';
import { ContractRenewal } from './renewal.entity.js';
import './contract.policy.js';

@InputType({ description: 'Conditions on renewals; all given ones hold.' })
export class ContractRenewalFilter extends filterFrom('ContractRenewalColumnFilter', ContractRenewal) {
  @Where(refersTo('contract', Contract), () => [ID], 'Of one of these contracts.')
  contract?: string[];

  @Where(fromDay('createdAt'), () => Day, 'Renewed on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Renewed on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const contractRenewals = list(ContractRenewal, {
  filter: ContractRenewalFilter,
  order: { createdAt: 'When it was renewed.', number: 'The integer `number`.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'The term that a renewal opens.' })
export class ContractRenewInput {
  @Field(() => Day, { description: 'Last day of the new term, after that of the present one.' })
  endsOn!: string;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'Amount agreed for the new term, from 0. If left out, the amount of the present one.',
  })
  amount?: MoneyInput | null;

  @Field(() => Day, {
    nullable: true,
    description: 'Day by which the new term is to be paid in full. If left out, none is agreed.',
  })
  dueOn?: string | null;

  @Field(() => String, { nullable: true, description: 'Terms of the renewal, at most 2000 characters.' })
  terms?: string | null;
}
