import { Exact, OnDay, Text, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { type Money, MoneyOf } from '../model/fields.js';
import { User } from '../identity/user.entity.js';
import { Contract } from './contract.entity.js';

/** History: written with each renewal, never changed. */
@Table({
  description: 'One renewal of a contract: what its term and amount were, and what they became.',
  indexes: [['contract']],
  indexesWhere: { contract_renewal_due: [['fromDueOn'], 'checked_due_on is distinct from from_due_on'] },
  audited: false,
  orders: ['createdAt'],
})
export class ContractRenewal extends Owned {
  @To(() => Contract, { belongs: true, description: 'The contract; null if it is deleted or hidden from the caller.' })
  contract!: Contract;

  @OnDay({ nullable: true, description: 'Last day of its term before; null if it had none.' })
  fromEndsOn?: string | null;

  @OnDay({ description: 'Last day of its term after.' })
  toEndsOn!: string;

  @OnDay({
    nullable: true,
    description: 'Day by which the term before was to be paid in full; null if none was agreed.',
  })
  fromDueOn?: string | null;

  @OnDay({
    hidden: true,
    nullable: true,
    description: 'The due day for which it has been looked whether the term before is overdue.',
  })
  checkedDueOn?: string | null;

  @OnDay({ nullable: true, description: 'Day by which the term after is to be paid in full; null if none was agreed.' })
  toDueOn?: string | null;

  @Exact({ hidden: true, nullable: true, mask: 'amount', description: 'Amount before.' })
  oldAmount?: string | null;

  @Exact({ hidden: true, nullable: true, mask: 'amount', description: 'Amount after.' })
  newAmount?: string | null;

  @MoneyOf('oldAmount', { description: 'Amount before; null if there was none or if hidden from the caller.' })
  fromAmount?: Money | null;

  @MoneyOf('newAmount', { description: 'Amount after; null if there was none or if hidden from the caller.' })
  toAmount?: Money | null;

  @Text({ hidden: true, max: 3, format: 'currency', description: 'Currency of the amounts.', default: 'CNY' })
  currency!: string;

  @Text({ max: 2000, nullable: true, description: 'Terms of the renewal.' })
  terms?: string | null;

  @To(() => User, { nullable: true, description: 'Who renewed it; null if the server did.' })
  renewedBy?: User | null;
}
