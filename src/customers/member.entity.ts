import { OnDay, OneOf, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

export const MemberAccess = enumeration('MemberAccess', 'What a collaborator may do with a customer.', {
  READ: 'See it and all that belongs to it, as its owner does.',
  WRITE: 'Change them as well.',
});
export type MemberAccess = keyof typeof MemberAccess;

/** Collaborators are removed for good. */
@Table({
  description: 'Somebody who works on a customer that another one owns.',
  unique: [['customer', 'user']],
  indexes: [['user']],
  orders: ['createdAt', 'until'],
})
export class CustomerMember extends Owned {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @To(() => User, { description: 'The collaborator.' })
  user!: User;

  @OneOf(MemberAccess, { description: 'What they may do with it.', default: 'READ' })
  access!: MemberAccess;

  @OnDay({
    nullable: true,
    description: 'Last day on which they may, in the time zone of the tenant; null if it does not end.',
  })
  until?: string | null;

  @To(() => User, { nullable: true, description: 'Who made them one; null if the server did.' })
  addedBy?: User | null;
}
