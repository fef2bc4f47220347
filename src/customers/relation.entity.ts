import { OneOf, Text, To } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

export const RelationKind = enumeration('RelationKind', 'What one customer is to another.', {
  PARENT: 'Owns the other customer.',
  SUBSIDIARY: 'Is owned by the other customer.',
  PARTNER: 'Works together with the other customer.',
  SUPPLIER: 'Delivers to the other customer.',
  COMPETITOR: 'Competes with the other customer.',
  OTHER: 'Something else; see the remarks.',
});
export type RelationKind = keyof typeof RelationKind;

/** Relations are removed for good. */
@Table({
  description: 'What one customer (`from`) is to another (`to`).',
  unique: [['from', 'to', 'kind']],
  indexes: [['to']],
  orders: ['createdAt', 'kind'],
})
export class CustomerRelation extends Owned {
  @To(() => Customer, {
    belongs: true,
    description: 'The customer that is something to the other one; null if deleted.',
  })
  from!: Customer;

  @To(() => Customer, { belongs: true, description: 'The customer that it is something to; null if deleted.' })
  to!: Customer;

  @OneOf(RelationKind, { description: 'What `from` is to `to`, e.g. PARENT: `from` owns `to`.' })
  kind!: RelationKind;

  @Text({ max: 1000, nullable: true, description: 'Remarks on the relation, free text.' })
  remarks?: string | null;

  @To(() => User, { nullable: true, description: 'Who entered it; null if the server did.' })
  addedBy?: User | null;
}
