import { Field, ID, InputType } from 'type-graphql';
import { Day, Decimal } from '../model/scalars.js';
import { fromDay, refersTo, untilDay, Where } from '../read/filter.js';
import { list } from '../read/list.js';
import { Contract } from './contract.entity.js';
import { ContractRenewal } from './renewal.entity.js';
import './contract.policy.js';

@InputType({ description: 'Conditions on renewals; all given ones hold.' })
export class ContractRenewalFilter {
  @Where(refersTo('contract', Contract), () => ID, 'Of this contract.')
  contract?: string;

  @Where(fromDay('createdAt'), () => Day, 'Renewed on this day or later, in the time zone of the tenant.')
  createdFrom?: string;

  @Where(untilDay('createdAt'), () => Day, 'Renewed on this day or earlier, in the time zone of the tenant.')
  createdUntil?: string;
}

export const contractRenewals = list(ContractRenewal, {
  filter: ContractRenewalFilter,
  order: { createdAt: 'When it was renewed.', number: 'Its integer number.' },
  defaultOrder: [['CREATED_AT', 'DESC']],
});

@InputType({ description: 'The terms of a renewal. `endsOn` is required.' })
export class ContractRenewInput {
  @Field(() => Day, { nullable: true, description: 'New last day of the term; after the old one.' })
  endsOn?: string | null;

  @Field(() => Decimal, { nullable: true, description: 'Amount from now on, from 0; by default stays as it is.' })
  amount?: string | null;

  @Field(() => String, { nullable: true, description: 'Terms of the renewal, at most 2000 characters.' })
  terms?: string | null;
}
