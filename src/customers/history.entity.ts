import { Text, To, OneOf } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { User } from '../identity/user.entity.js';
import { Customer, CustomerStatus } from './customer.entity.js';

/** History: written with each change of state, never changed. */
@Table({ description: "One change of a customer's state.", indexes: [['customer'], ['createdAt']], audited: false })
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

/** History: written with each change of owner, never changed. */
@Table({
  description: 'One change of who looks after a customer.',
  indexes: [['customer'], ['createdAt']],
  audited: false,
})
export class OwnerChange extends Owned {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @To(() => User, { nullable: true, description: 'Who looked after it before; null for nobody.' })
  fromOwner?: User | null;

  @To(() => User, { nullable: true, description: 'Who looks after it since; null for nobody.' })
  toOwner?: User | null;

  @To(() => User, { nullable: true, description: 'Who changed it; null if the server did.' })
  changedBy?: User | null;
}
