import { Text, To, OneOf } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { User } from '../identity/user.entity.js';
import { OwnerHistory } from '../pools/held.entity.js';
import { Customer, CustomerStatus } from './customer.entity.js';

/** History: written with each change of state, never changed. */
@Table({
  description: "One change of a customer's state.",
  indexes: [['customer']],
  audited: false,
  orders: ['createdAt'],
})
export class StatusChange extends Owned {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @OneOf(CustomerStatus, { description: 'The state before.' })
  fromStatus!: CustomerStatus;

  @OneOf(CustomerStatus, { description: 'The state after.' })
  toStatus!: CustomerStatus;

  @Text({ max: 500, nullable: true, description: 'Why, as far as it was said.' })
  reason?: string | null;

  @To(() => User, { nullable: true, description: 'Who changed it; null if the server did.' })
  changedBy?: User | null;
}

@Table({
  description: 'One change of who looks after a customer, or of its pool.',
  indexes: [['customer']],
  indexesWhere: { owner_change_pick: [['toOwner', 'createdAt'], "kind = 'PICK'"] },
  audited: false,
  orders: ['createdAt'],
})
export class OwnerChange extends OwnerHistory {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;
}
